"""Comments of the office are shown with their subject, and none is lost."""

from __future__ import annotations

from dataclasses import replace

from case_tables import text_from
from small_country import assessed

from sdmxmig.reporting.sections.blocks import ReportTable
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment

SAID = text_from("reporting/cases/office_said.toml")


def texts(table: ReportTable | None) -> list[list[tuple[str, str]]]:
    return [[(cell.text, cell.note) for cell in row.cells] for row in table.rows if row.kind != "group"]


def test_comment_is_shown_with_its_gap_and_action() -> None:
    known = assessed(SAID)
    gaps = texts(VIEWS["gaps"](known, Wording("fr"))["table"])  # type: ignore[arg-type]
    assert gaps[0][1][1] == "L’office\xa0: Un tableau annuel est prévu."
    actions = texts(VIEWS["roadmap"](known, Wording("en"))["table"])  # type: ignore[arg-type]
    assert actions[0][0][1].endswith("The office: We begin in spring.")


def test_comment_without_subject_in_the_report_is_listed() -> None:
    shown = VIEWS["office"](assessed(SAID), Wording("en"))
    assert texts(shown["comments"]) == [[("EMIGRANTS", ""), ("This remark stands alone.", "")]]  # type: ignore[arg-type]
    assert shown["thanks"] == "We thank the border police."
    assert texts(shown["abbreviations"]) == [[("LFS", ""), ("Labour force survey", "")]]  # type: ignore[arg-type]


def headings(assessment: Assessment) -> object:
    return VIEWS["office"](assessment, Wording("en"))["heading"]


def test_unsigned_report_is_marked_as_unreviewed() -> None:
    draft = assessed('[items.A02]\nanswer = "Y"\n')
    assert headings(draft) == "The office has not yet reviewed this report"
    assert headings(replace(draft, signed_off="Head of office, 2026-11-22")) == "The office has reviewed this report"
