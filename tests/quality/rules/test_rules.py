"""Every declared rule on four small tables: kept, broken, at its edge, and not testable.

`tests/quality/rules/<rule>/{ok,bad,edge,na}.csv` are the tables (see `tests/support/reported.py`). `expected.csv` has
the outcome of each, and one row for each finding with its observed and expected value, its cells and its sentence.
Without findings, the sentence is the reason why the rule was not testable, if any. `left.csv` has the figures that a
mapping skips beside them, `previous.csv` those of earlier releases, `metadata.csv` reference metadata of the
dataflow, `factors.csv` the correction factors of reports.
"""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

import polars as pl
import pytest
from folders import ROOT
from reported import datasets, outside_data, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.catalogue import Catalogue
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.quality.rules import KINDS
from sdmxmig.quality.rules.words import is_worded
from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.artefacts import Details
from sdmxmig.sdmx.model.data import Flow, Vintage
from sdmxmig.sdmx.model.findings import Finding, Findings, Rule
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.statistics.demography.revisions import CorrectionFactor, OtherProviderData
from sdmxmig.workspace.tasks.data_folder import UNUSED_COLUMNS

HERE = Path(__file__).parent
CASES = ("ok", "bad", "edge", "na")
LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh")
PREPARED = "2024-07-01T12:00:00+00:00"
"""When the tables are prepared."""
RULES = [rule for rule in CATALOGUE.rules.values() if rule.kind in KINDS]


def table_of(rule: str, name: str) -> str:
    """A table of a rule; the test fails where it is missing."""
    path = HERE / rule / name
    if not path.is_file():
        needed = ", ".join(f"{case}.csv" for case in CASES)
        declared = CATALOGUE.rules[rule].place
        pytest.fail(
            f"{path.relative_to(ROOT)} is missing. Each rule needs {needed} and expected.csv. ({rule}: {declared})",
            pytrace=False,
        )
    return path.read_text(encoding="utf-8")


def expected(rule: str, case: str) -> list[tuple[str, ...]]:
    rows = csv.reader(io.StringIO(table_of(rule, "expected.csv")))
    return sorted(tuple(row[1:]) for row in rows if row[0] == case)


def left_out(rule: str, case: str, flow: str) -> pl.DataFrame | None:
    path = HERE / rule / "left.csv"
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))) if path.is_file() else ()
    cells = [
        ("data.xlsx", flow, int(row["row"]), 1, "skipped", row["reason"], "") for row in rows if row["case"] == case
    ]
    return pl.DataFrame(cells, schema=UNUSED_COLUMNS, orient="row") if cells else None


def releases(rule: str, case: str) -> list[Vintage]:
    """The releases before that of a case: the rows of each time of preparation (column `prepared`), oldest first."""
    path = HERE / rule / "previous.csv"
    if not path.is_file():
        return []
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    by_time: dict[str, list[str]] = {}
    for line in lines:
        its_case, prepared, row = line.split(",", 2)
        if its_case == case:
            by_time.setdefault(prepared, []).append(row)
    vintages = []
    for prepared, rows in by_time.items():
        table = "\n".join([header.split(",", 2)[2], *rows])
        of_flows = {dataset.flow.id: dataset for dataset in datasets(table, CATALOGUE.flows)}
        vintages.append(Vintage(datasets=of_flows, name="earlier.csv", prepared=prepared))
    return vintages


def described(rule: str, case: str, flow: Flow) -> dict[Ref, MetadataSet]:
    """The reference metadata of a case: its rows, each with an attribute and a value, as a set about the dataflow."""
    path = HERE / rule / "metadata.csv"
    reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))) if path.is_file() else ()
    rows = [row for row in reader if row["case"] == case]
    if not rows:
        return {}
    ref = Ref("MetadataSet", "GE1", id="GE_META", version="1.0.0")
    report = Report(
        (Target(flow.dataflow.ref.urn),), tuple(ReportedAttribute(r["attribute"], (r["value"],)) for r in rows)
    )
    (metadataflow,) = [name for name in CATALOGUE.artefacts if name.id == "MDF_MIGRATION"]
    validity = Details(rows[0].get("valid_from", ""), rows[0].get("valid_to", ""))
    place = Place("GE_META.toml")
    return {ref: MetadataSet(metadataflow, (report,), ref=ref, details=validity, place=place)}


def factors(rule: str, case: str) -> tuple[CorrectionFactor, ...]:
    """The factors by which reports of countries are corrected in a case: area, direction and factor in each row."""
    path = HERE / rule / "factors.csv"
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))) if path.is_file() else ()
    return tuple(
        CorrectionFactor(row["area"], row["direction"], factor=float(row["factor"]), source="a study")
        for row in rows
        if row["case"] == case
    )


def cells(flow: str, *places: Place | None) -> str:
    """The cells of several places, with the sheet before those of other flows."""
    named = [place for place in places if place]
    return " ".join(place.cell if place.sheet in ("", flow) else f"{place.sheet}!{place.cell}" for place in named)


def validated(rule: str, case: str, catalogue: Catalogue) -> Findings:
    table = table_of(rule, f"{case}.csv")
    dataset, *others = datasets(table, CATALOGUE.flows)
    catalogue = replace(catalogue, metadata=described(rule, case, dataset.flow))
    return validate(
        switched_on(dataset, rule),
        catalogue,
        others,
        unused_cells=left_out(rule, case, dataset.flow.id),
        prepared=PREPARED,
        previous=releases(rule, case),
        outside=OtherProviderData(outside_data(table, CATALOGUE.flows), factors(rule, case)),
    )


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_rule(rule: str, case: str) -> None:
    findings = validated(rule, case, AS_LISTED)
    (verdict,) = findings.verdicts
    seen = [
        (
            verdict.outcome,
            finding.severity,
            finding.component,
            cells(finding.flow, finding.place, *finding.others),
            finding.observed,
            finding.expected,
            cells(finding.flow, *finding.related),
            finding.sentence(),
        )
        for finding in findings.items
    ]
    found = sorted(seen or [(verdict.outcome, *[""] * 6, verdict.reason)])
    file = (HERE / rule / "expected.csv").relative_to(ROOT)
    assert found == expected(rule, case), f"The rows of case {case} in {file} differ from what {rule} finds."
    assert verdict.reason or verdict.outcome != "not testable"
    assert not verdict.reason or all(is_worded(verdict, language) for language in LANGUAGES)
    for finding in findings.items:
        for language, _ in finding.message:
            assert "{" not in finding.sentence(language)
            assert finding.remedy(language) or rule == "MIG-1-003"
        assert_difference_fits(AS_LISTED.rules[rule], finding)


ADDING_UP = ("SUM", "SUMS", "FITS", "BALANCES", "HOLDS", "MARGIN", "BOUNDS", "STATUS")
"""How the names of kinds end that add up, bound or balance."""


def as_number(text: str) -> Decimal | None:
    try:
        return Decimal(text.removeprefix("≤ ").removeprefix("≥ "))
    except InvalidOperation:
        return None


def assert_difference_fits(rule: Rule, finding: Finding) -> None:
    """A difference is what was observed less what was expected, in the unit of the cell."""
    observed, expected_figure = as_number(finding.observed), as_number(finding.expected)
    if not finding.difference:
        assert not finding.tolerance
        assert not rule.kind.endswith(ADDING_UP) or observed is None or expected_figure is None
        return
    difference, tolerance = Decimal(finding.difference), Decimal(finding.tolerance)
    if observed is not None and expected_figure is not None:
        assert abs(observed - expected_figure - difference) <= Decimal("0.001")  # quotients are told shortened
    assert abs(difference) > tolerance or finding.severity == "information"


@pytest.mark.sampled(4)
@pytest.mark.parametrize("rule", {rule.kind: rule for rule in RULES}.values(), ids=lambda rule: rule.kind)
def test_unknown_parameter_of_a_rule_is_refused(rule: Rule) -> None:
    wrong = replace(rule, parameters={**rule.parameters, "dimension": ["SEX"]})
    with pytest.raises(DeclarationError, match="“dimension” is not a valid key here") as refused:
        validated(rule.id, "ok", replace(AS_LISTED, rules={**AS_LISTED.rules, rule.id: wrong}))
    assert refused.value.place.key.endswith("parameters.dimension")


def test_rule_refuses_codes_of_unused_dimensions() -> None:
    rule = CATALOGUE.rules["MIG-1-110"]
    wrong = replace(rule, parameters={**rule.parameters, "required": {"CITIZEN": ["_O"]}})
    with pytest.raises(DeclarationError, match="“CITIZEN” is not a valid key here"):
        validated(rule.id, "ok", replace(AS_LISTED, rules={**AS_LISTED.rules, rule.id: wrong}))


def test_every_rule_has_a_known_kind() -> None:
    wrong = [
        f"{rule.place}: there is no kind “{rule.kind}” ({rule.id}). {did_you_mean(rule.kind, KINDS)}"
        for rule in CATALOGUE.rules.values()
        if rule.kind not in (*KINDS, "CONVERSION")
    ]
    assert not wrong, "\n".join(wrong)
    unused = set(KINDS) - {rule.kind for rule in CATALOGUE.rules.values()}
    assert not unused, "no rule has these kinds"


def test_every_rule_has_a_source_and_texts_in_equal_languages() -> None:
    for rule in RULES:
        languages = [{language for language, _ in text} for text in (rule.name, rule.message, rule.hint)]
        assert languages[0] == languages[1] == languages[2], f"{rule.place}: languages of name, message and hint differ"
        assert rule.source, f"{rule.place}: the source is missing"


def test_rules_named_by_dataflows_exist() -> None:
    missing = {rule for flow in CATALOGUE.flows.values() for rule in flow.dataflow.rules} - set(CATALOGUE.rules)
    assert not missing
