"""Examples of rules (``structures/rule_examples.csv``), written by tests."""

from __future__ import annotations

import csv
import io
from dataclasses import KW_ONLY, dataclass
from functools import cache

from sdmxmig.catalogue.folders import shipped
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text

EXAMPLES_FILE = "rule_examples.csv"
LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
COLUMNS = ("rule", "table", "cells", "severity", "observed", "expected", *(f"said_{name}" for name in LANGUAGES))


@dataclass(frozen=True, slots=True)
class RuleExample:
    """A table that breaks a rule, and its first finding."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    _: KW_ONLY
    cells: str
    severity: str
    observed: str
    expected: str
    sentence: Text


@cache
def rule_examples() -> dict[str, RuleExample]:
    path = shipped("structures") / EXAMPLES_FILE
    reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        place = Place(path.name, line=1)
        raise DeclarationError("These are not the columns of examples of rules.", place, f"Write: {','.join(COLUMNS)}.")
    return {row["rule"]: example_of(row) for row in reader}


def example_of(row: dict[str, str]) -> RuleExample:
    """One example from its line."""
    columns, *rows = csv.reader(io.StringIO(row["table"], newline=""))
    return RuleExample(
        tuple(columns),
        tuple(tuple(cells) for cells in rows),
        cells=row["cells"],
        severity=row["severity"],
        observed=row["observed"],
        expected=row["expected"],
        sentence=Text.of(**{name: row[f"said_{name}"] for name in LANGUAGES if row[f"said_{name}"]}),
    )
