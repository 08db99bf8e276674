"""What the last protection of small cells withheld: its outcome, and the list that is for the office alone."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sdmxmig.application.protecting import LIST, REPORT
from sdmxmig.errors import InputError
from sdmxmig.intake.files import read_bytes
from sdmxmig.places import Place

if TYPE_CHECKING:
    from sdmxmig.application.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionReport:
    """What came of the last protection: its report, and every withheld figure with the interval that a reader knows.

    Data that were rounded have no withheld figures, but a base and how each dataset was rounded.
    """

    outcome: Mapping[str, Any]
    figures: tuple[Mapping[str, str], ...]
    files: tuple[str, ...]


def read_protection(session: Session) -> ProtectionReport | None:
    """What the last protection came to, None if there was none; raises `InputError` for a report that is none."""
    made = session.results.made("protected")
    path = session.path("protected") / REPORT
    if made is None or not path.is_file():
        return None
    try:
        outcome = json.loads(read_bytes(path))
        listed = session.path("protected") / LIST
        text = read_bytes(listed).decode("utf-8") if LIST in made.files and listed.is_file() else ""
    except ValueError as error:
        raise InputError("This is no report on protection.", Place(str(path)), "Run: sdmxmig protect") from error
    figures = tuple(csv.DictReader(io.StringIO(text, newline="")))
    return ProtectionReport(outcome=outcome, figures=figures, files=tuple(sorted(made.files)))
