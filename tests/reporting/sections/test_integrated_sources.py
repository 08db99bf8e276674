"""The section on integrated sources: there where a workspace has results of them, with every number that they have."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from assessed import georgia

from sdmxmig.catalogue.folders import find_shipped_folder, read_code_words
from sdmxmig.primitives.errors import InputError
from sdmxmig.reporting.outputs import typed_json
from sdmxmig.reporting.sections.blocks import ReportTable
from sdmxmig.reporting.sections.page import fill_sections
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.integration import (
    ConflictRule,
    Correction,
    CoverageGroup,
    IntegrationRecord,
    Interval,
    Residual,
    SourceMatch,
    TargetDeviation,
    UsedSource,
)
from sdmxmig.workspace.tasks.assessing import read_integration_records


def share(value: str, low: str = "", high: str = "") -> Interval:
    return Interval(Decimal(value), low=Decimal(low) if low else None, high=Decimal(high) if high else None)


LINK = IntegrationRecord(
    "link",
    (
        UsedSource("register", (("r.csv", "ab" * 32),), records=110),
        UsedSource("border", (("b.csv", "cd" * 32),), records=90),
    ),
    methods=("DET", "PROB"),
    keys=("number and birth", "our own key"),
    matches=(
        SourceMatch("register", 110, persons=100, matched=80, doubles=10),
        SourceMatch(
            "border", 90, persons=90, matched=80, by_keys=70, by_probability=10,
            precision=share("0.99", "0.97", "1"), recall=share("0.95"), basis="clerical sample",
        ),
    ),
)  # fmt: skip
COVERAGE = IntegrationRecord(
    "coverage",
    (UsedSource("register", ()), UsedSource("survey", ())),
    methods=("MSE",),
    rule="R12",
    day="2022-01-01",
    groups=(
        CoverageGroup(
            (("CTZ_STATUS", "NC"),), registered=Decimal(800), over=share("0.05", "0", "0.1"),
            population=share("840", "800", "880"), method="Chapman",
        ),
        CoverageGroup(
            (("CTZ_STATUS", "FC"),), registered=Decimal(200), population=share("150", "120", "180"),
            hard=("over-coverage", "coverage"),
        ),
        CoverageGroup((("CTZ_STATUS", "_U"),), hard=("no estimate",), refused="One list says nothing."),
    ),
)  # fmt: skip
COMBINE = IntegrationRecord(
    "combine",
    (UsedSource("register", (), type="REG", version="2022-01-01", legal_basis="Act of 2020, article 7"),),
    methods=("CAL",),
    legal_basis="Act of 2018",
    conflicts=(ConflictRule("CTZ_STATUS", ("permits", "register"), differing=5, persons=50),),
    reached=(TargetDeviation("calibrated", ("residents",), error=Decimal("3.2E-9"), kind="weights"),),
)
DERIVE = IntegrationRecord(
    "derive",
    (UsedSource("border", ()),),
    methods=("PROB",),
    rule="R12_16",
    corrections=(Correction("movements", "REPEATED", count=150), Correction("movements", "REPEATED", count=6)),
    residuals=(Residual("2019", Decimal(-4), population=Decimal(2000)),),
)
ALL = (LINK, COVERAGE, COMBINE, DERIVE)


def known(*records: IntegrationRecord) -> Assessment:
    return replace(georgia(), integration=records)


def view(*records: IntegrationRecord, language: str = "en") -> dict[str, Any]:
    return dict(VIEWS["integrated"](known(*records), Wording(language)))


def cells(table: ReportTable) -> list[list[str]]:
    return [[" | ".join(filter(None, (cell.text, cell.note))) for cell in row.cells] for row in table.rows]


def test_section_is_left_out_without_results() -> None:
    assert view() == {}
    for records in ((), ALL):
        filled = fill_sections(known(*records), Wording("en"), [find_shipped_folder("templates")], only=["integrated"])
        assert [section.id for section in filled.sections] == ["integrated"] * bool(records)


def test_unjudged_links_have_no_error_rates() -> None:
    unjudged = replace(LINK, matches=LINK.matches[:1])
    table = view(unjudged)["matches"]
    assert [column.label for column in table.columns][-2:] == ["Links by keys", "Links by probability"]
    assert "unknown" in table.notes[0]
    assert [column.label for column in view(LINK)["matches"].columns][-2:] == ["Precision", "Recall"]


def test_each_source_has_one_row_for_all_runs() -> None:
    shown = view(*ALL)
    assert shown["heading"].startswith("80.0%")
    assert cells(shown["sources"]) == [
        ["register | REG; r.csv (SHA-256 abababababab)", "2022-01-01", "110", "Act of 2020, article 7"],
        ["border | b.csv (SHA-256 cdcdcdcdcdcd)", "not stated", "90", "not stated"],
        ["survey", "not stated", "not stated", "not stated"],
    ]
    assert "Act of 2018" in shown["sources"].notes[0]
    assert shown["keys"].endswith("number and birth; our own key.")
    assert cells(shown["matches"])[1] == [
        *("border", "90", "90", "88.9% | persons: 80", "70", "10"),
        *("99.0% | 97.0% to 100.0%", "95.0%"),
    ]
    assert cells(shown["matches"])[0][2] == "100 | duplicate records: 10"
    assert shown["lacking"] == ""


def test_estimates_have_their_intervals() -> None:
    shown = view(*ALL)
    assert cells(shown["groups"]) == [
        ["NC | Chapman", "800", "5.0% | 0.0% to 10.0%", "840", "800 to 880", "—"],
        ["FC", "200", "—", "150", "120 to 180", "high overcoverage, high undercoverage"],
        ["_U", "not stated", "—", "— | One list says nothing.", "—", "no estimate"],
    ]
    assert cells(shown["chart"].data) == [["NC", "105.0 (100.0 to 110.0)"], ["FC", "75.0 (60.0 to 90.0)"]]
    assert "FC: 75.0 (60.0 to 90.0)" in shown["chart"].description
    assert cells(shown["rules"]) == [["CTZ_STATUS", "permits; register | first source with a value", "5", "10.0%"]]
    assert cells(shown["reached"]) == [["calibrated | weights calibrated to totals", "residents", "3 · 10⁻⁹"]]
    assert cells(shown["corrections"]) == [["duplicate rows, counted once", "movements", "156"]]
    assert cells(shown["residuals"]) == [["2019", "−4", "2,000", "0.20%"]]


def test_missing_and_simulated_results_are_marked() -> None:
    shown = view(replace(LINK, is_simulated=True))
    assert shown["lacking"].startswith("Not included, because the workspace has no results: estimates of coverage")
    assert shown["notice"].startswith("Simulated records: the persons do not exist")
    assert not view(LINK)["notice"]
    assert "Simulated" in view(replace(COVERAGE, is_simulated=True))["chart"].source
    assert not any(view(LINK)[name] for name in ("chart", "groups", "rules", "reached", "corrections", "residuals"))


@pytest.mark.parametrize("language", ["fr", "es", "ar", "ru", "zh"])
def test_section_is_in_the_language_of_the_report(language: str) -> None:
    wording = Wording(language)
    every_kind = tuple(Correction("movements", kind, count=1) for kind in read_code_words("report", "correction"))
    records = (replace(LINK, is_simulated=True), COVERAGE, replace(DERIVE, corrections=every_kind))
    VIEWS["integrated"](known(*records), wording)
    VIEWS["integrated"](known(*ALL), wording)
    assert not wording.untranslated


def test_results_of_a_run_survive_and_damaged_ones_are_refused(tmp_path: Path) -> None:
    for record in ALL:
        assert typed_json.read_integration(typed_json.render_integration(record), "x.json") == record
    content = typed_json.render_integration(LINK)
    for spoilt in (
        b"{}",
        content.replace(b'"link"', b'"guess"'),
        content.replace(b'"records": 110', b'"records": "110"'),
    ):
        with pytest.raises(InputError, match=r"x\.json"):
            typed_json.read_integration(spoilt, "x.json")


def test_simulated_results_require_a_fictional_country(tmp_path: Path) -> None:
    for record in (DERIVE, replace(LINK, is_simulated=True)):
        (tmp_path / typed_json.name_integration_file(record.command)).write_bytes(typed_json.render_integration(record))
    paths = tuple(sorted(tmp_path.iterdir()))
    made_up: Any = SimpleNamespace(
        workspace=SimpleNamespace(integration=paths, country=SimpleNamespace(is_fictional=True))
    )
    assert [record.command for record in read_integration_records(made_up, "GE")] == ["link", "derive"]
    real: Any = SimpleNamespace(
        workspace=SimpleNamespace(integration=paths, country=SimpleNamespace(is_fictional=False))
    )
    with pytest.raises(InputError, match="simulated records"):
        read_integration_records(real, "GE")


@pytest.mark.parametrize(
    ("name", "area", "message"),
    [
        ("integration-derive.json", "SE", "This was made for SE"),
        ("integration-link.json", "GE", "This is the output of derive"),
    ],
)
def test_results_of_another_country_or_run_are_refused(tmp_path: Path, name: str, area: str, message: str) -> None:
    (tmp_path / name).write_bytes(typed_json.render_integration(replace(DERIVE, area=area)))
    session: Any = SimpleNamespace(
        workspace=SimpleNamespace(integration=(tmp_path / name,), country=SimpleNamespace(is_fictional=False))
    )
    with pytest.raises(InputError, match=message):
        read_integration_records(session, "GE")
