"""Accounts of the last study, by equation, term and year."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.made import compute_digest, read_record
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.reporting.outputs.accounts_tables import JSON
from sdmxmig.statistics.demography.accounts import NOT_TESTABLE
from sdmxmig.statistics.demography.closing import CLASSES
from sdmxmig.workspace.tasks.accounting import FOLDER
from sdmxmig.workspace.tasks.session import Session

Row = Mapping[str, str]
TestKey = tuple[str, str, str, str]
NUMBERS = frozenset(
    [
        "published",
        "computed",
        "residual",
        "allowed_by_rounding",
        "tolerance",
        "standard_error",
        "in_standard_errors",
        "value",
        "net_migration",
        "measured",
        "discrepancy",
        "chi_square",
        "degrees_of_freedom",
        "probability",
        "reported",
        "balanced",
        "moved",
    ]
)
COLUMNS = (
    [
        "class",
        "identity",
        "population",
        "period",
        "equation",
        "missing",
        "by_construction",
        "computed",
        "residual",
        "allowed_by_rounding",
        "tolerance",
        "standard_error",
        "in_standard_errors",
    ],
    ["side", "identity", "population", "period", "equation", "term", "factor", "value", "cell"],
    ["net_migration", "identity", "population", "period", "measured", "discrepancy"],
    ["chi_square", "group", "accounts", "degrees_of_freedom", "probability", "contradicts", "broken_by_fixed_figures"],
    ["moved", "item", "key", "reported", "standard_error", "balanced"],
)
LARGEST = 30
CELL = re.compile(r"(.+? › [A-Z]+[0-9]+)(?:, |$)")
"""A source cell of an observation in the table of terms."""


@dataclass(frozen=True, slots=True)
class TermLine:
    """A term of an equation: side, notation, factor, observations by year."""

    side: str
    term: str
    _: KW_ONLY
    factor: str
    observations: Mapping[str, Sequence[Row]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSheet:
    """An equation for a population: terms and tests, last year first."""

    identity: str
    equation: str
    population: str
    lines: tuple[TermLine, ...]
    tests: tuple[Row, ...]


class StoredAccounts:
    """The tables of the last study of accounts by name, and its tests with their terms."""

    def __init__(self, path: Path) -> None:
        try:
            study: dict[str, Any] = json.loads(read_bytes(path))
            self.by_identity: dict[str, list[Row]] = {}
            for row in filter(complete, study.get("accounts", [])):
                self.by_identity.setdefault(row["identity"], []).append(row)
            self.terms: dict[TestKey, list[Row]] = {}
            for row in filter(complete, study.get("terms", [])):
                self.terms.setdefault(build_key(row), []).append(row)
            self.counts: dict[str, int] = {name: int(study["classes"][name]) for name in CLASSES}
            self.residual_migration: list[Row] = list(filter(complete, study.get("residual_migration", [])))
            self.balance_tests: list[Row] = list(filter(complete, study.get("balance_tests", [])))
            self.balance: list[Row] = list(filter(complete, study.get("balance", [])))
        except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation):
            hint = "Write it again with: sdmxmig accounts"
            raise InputError("This is not a study of accounts.", Place(str(path)), hint) from None

    def counts_of(self, identity: str) -> dict[str, int]:
        classes = Counter(test["class"] for test in self.by_identity.get(identity, ()))
        return {name: classes[name] for name in CLASSES}

    def missing_of(self, identity: str) -> list[str]:
        return list(self.missing_in(self.by_identity.get(identity, ())))

    def page(
        self, identity: str, result_class: str = "", *, first: int = 0, most: int
    ) -> tuple[list[AccountSheet], int]:
        """Return a page of equations of an identity by part of the population, and their total number."""
        groups: dict[tuple[str, str], list[Row]] = {}
        for test in self.by_identity.get(identity, ()):
            groups.setdefault((test["equation"], test["population"]), []).append(test)
        chosen = [
            (equation, population, tests)
            for (equation, population), tests in groups.items()
            if not result_class or any(test["class"] == result_class for test in tests)
        ]
        chosen.sort(key=lambda group: (bool(group[1]), all(test["class"] == NOT_TESTABLE for test in group[2])))
        sheets = [
            self._sheet(identity, equation, population, tests=tests)
            for equation, population, tests in chosen[first : first + most]
        ]
        return sheets, len(chosen)

    def _sheet(self, identity: str, equation: str, population: str, *, tests: list[Row]) -> AccountSheet:
        tests = sorted(tests, key=lambda test: test["period"], reverse=True)
        lines: dict[tuple[str, str, str], dict[str, list[Row]]] = {}
        for test in tests:
            for row in self.terms.get(build_key(test), ()):
                line = lines.setdefault((row["side"], row["term"], row["factor"]), {})
                line.setdefault(test["period"], []).append(row)
        known = {term for _, term, _ in lines}
        for term in self.missing_in(tests):
            if term not in known and position(term, equation) < len(equation):
                lines[choose_side(term, equation), term, ""] = {}
        ordered = sorted(lines, key=lambda line: (line[0] != "left", position(line[1], equation)))
        return AccountSheet(
            identity=identity,
            equation=equation,
            population=population,
            lines=tuple(
                TermLine(side, term, factor=factor, observations=lines[side, term, factor])
                for side, term, factor in ordered
            ),
            tests=tuple(tests),
        )

    @staticmethod
    def missing_in(tests: Sequence[Row]) -> Iterator[str]:
        yield from dict.fromkeys(term for test in tests if test["missing"] for term in test["missing"].split("; "))


def complete(row: Row) -> bool:
    kind = next((kind for kind in COLUMNS if kind[0] in row), None)
    if kind is None:
        raise ValueError
    for name in kind:
        if not isinstance(row[name], str):
            raise TypeError
        if name in NUMBERS and row[name]:
            number = Decimal(row[name])
            if not number.is_finite() or number.adjusted() > LARGEST:
                raise ValueError
    return True


def build_key(row: Row) -> TestKey:
    return row["identity"], row["equation"], row["population"], row["period"]


def extract_item(term: str) -> str:
    return term.partition("[")[0]


def position(term: str, equation: str) -> int:
    """Return the position of a term in its equation; at the end if absent.

    >>> position("DEATH[AGE=Y0]", "POP_END = POP_BEG - DEATH")
    20
    """
    at = equation.find(extract_item(term))
    return at if at >= 0 else len(equation)


def choose_side(term: str, equation: str) -> str:
    sign = equation.find("=")
    return "left" if position(term, equation) < sign else "right"


def list_cells(row: Row) -> list[str]:
    return CELL.findall(row["cell"])


def stored_accounts_file(session: Session) -> Path:
    return session.out / FOLDER / JSON


def why_older(session: Session) -> list[str]:
    made = read_record(session.out / FOLDER).results.get(FOLDER)
    if made is None:
        return []
    data = session.results.made("data")
    reasons = session.results.older("data")
    if data is None or made.made_from.get("data") != compute_digest(data.files):
        reasons = ["data was changed", *reasons]
    return reasons
