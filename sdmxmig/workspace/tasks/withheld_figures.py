"""Results of the last protection."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.formulas import unshielded
from sdmxmig.primitives.places import Place
from sdmxmig.workspace.tasks.protecting import COLUMNS, LIST, REASONS, REPORT

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionReport:
    """The protection report and withheld figures with intervals."""

    outcome: Mapping[str, Any]
    figures: tuple[Mapping[str, str], ...]
    files: tuple[str, ...]


def read_protection(session: Session) -> ProtectionReport | None:
    made = session.results.made("protected")
    path = session.path("protected") / REPORT
    if made is None or not path.is_file():
        return None
    listed = session.path("protected") / LIST
    try:
        outcome = checked_outcome(json.loads(read_bytes(path)))
        text = read_bytes(listed).decode("utf-8") if LIST in made.files and listed.is_file() else ""
        figures = tuple(map(checked_figure, csv.DictReader(io.StringIO(text, newline=""))))
    except (ValueError, KeyError, TypeError, RecursionError, csv.Error) as error:
        raise InputError("This is no report on protection.", Place(str(path)), "Run: sdmxmig protect") from error
    return ProtectionReport(outcome=outcome, figures=figures, files=tuple(sorted(made.files)))


def checked_outcome(outcome: Mapping[str, Any]) -> Mapping[str, Any]:
    if "base" in outcome:
        is_whole = isinstance(outcome["base"], int)
    else:
        counts = (outcome["withheld"][reason] for reason in REASONS)
        is_whole = isinstance(outcome["outcome"], str) and all(isinstance(count, int) for count in counts)
    if not is_whole:
        raise TypeError
    return outcome


def checked_figure(row: Mapping[str, str]) -> Mapping[str, str]:
    figure = {name: unshielded(row[name]) for name in COLUMNS}
    if not all("=" in part for part in figure["figure"].split(", ")):
        raise ValueError
    return figure
