"""The assessment brings claims and evidence together; its numbers equal calculations made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from observed import dataset

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.accounting import parse_identities
from sdmxmig.catalogue.benchmarking import Answer, BenchmarkItem, Profile, Scale
from sdmxmig.catalogue.indicators import Indicator, TermSelection, Variant
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Finding, Findings
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.statistics.assessment import assess, headline
from sdmxmig.statistics.country import Country
from sdmxmig.statistics.model.assessment import Assessment

ACCOUNT = b"""
account = "DF_ACCOUNT"
[item]
POP_BEG = { flow = "DF_POP", at = "start" }
POP_END = { flow = "DF_POP", at = "end", next = "POP_BEG" }
LBIRTH.flow = "DF_BIRTHS"
DEATH.flow = "DF_DEATHS"
FLW_IMM.flow = "DF_IMM"
FLW_EMI.flow = "DF_EMI"
[[identity]]
id = "A01"
name.en = "Population account"
equation = "POP_END = POP_BEG + LBIRTH - DEATH + FLW_IMM - FLW_EMI"
population = { BIRTH_STATUS = "_T", CTZ_STATUS = "_T", AGE = "_T" }
status = "candidate"
source = "balancing equation"
"""
SCALES = {
    "YNP": (("Y", "1"), ("P", "0.5"), ("N", "0"), ("NA", ""), ("DK", "")),
    "AVAIL": (("4", "4"), ("3", "3"), ("2", "2"), ("1", "1"), ("0", "0"), ("NA", "")),
    "ALIGN": (("3", "3"), ("2", "2"), ("1", "1"), ("0", "0"), ("NA", "")),
}
LABELS = {"0": "No source", "N": "No", "P": "Partly", "1": "A source exists, not compiled"}
GAPS = {
    "YNP": (("N", "whole"), ("P", "partial")),
    "AVAIL": (("0", "whole"), ("1", "partial")),
    "ALIGN": (("0", "whole"), ("1", "partial")),
}
ACTIONS = (("0", Text.of(en="Find a source.", fr="Trouver une source.")), ("1", Text.of(en="Compile it.")))
TOTAL = TermSelection("DF_POP", ())


def scale(scale_id: str) -> Scale:
    codes = SCALES[scale_id]
    labelled = tuple((code, Text.of(en=LABELS.get(code, code))) for code, _ in codes)
    points = tuple((code, Decimal(points) if points else None) for code, points in codes)
    return Scale(
        scale_id,
        labelled,
        points=points,
        name=Text(),
        gaps=GAPS[scale_id],
        actions=ACTIONS if scale_id == "AVAIL" else (),
    )


def item(item_id: str, scale_id: str) -> BenchmarkItem:
    asked = Text.of(en=f"What is asked by {item_id}")
    return BenchmarkItem(
        item_id,
        item_id[0],
        name=Text.of(en=item_id),
        recommendation=asked,
        scale=scale_id,
        action=Text.of(en=f"Do {item_id}."),
    )


def indicator(indicator_id: str, tier: str, calculation: str = "", **terms: TermSelection) -> Indicator:
    name = Text.of(en=indicator_id)
    variants = (Variant("_T", Text.of(en="Total"), terms=terms),) if terms else ()
    return Indicator(
        id=indicator_id,
        name=name,
        part="A",
        tier=tier,
        policy_area="PA1",
        measure="flow",
        unit="PT",
        calculation=calculation,
        variants=variants,
    )


def four_groups() -> Indicator:
    """MI 1.1 a to e: shares of the foreign-born and of foreign citizens in the resident population."""
    codes = {
        "a": {"BIRTH_STATUS": "FB"},
        "b": {"CTZ_STATUS": "FC"},
        "c": {"BIRTH_STATUS": "FB", "CTZ_STATUS": "NC"},
        "d": {"BIRTH_STATUS": "NB", "CTZ_STATUS": "FC"},
        "e": {"BIRTH_STATUS": "FB", "CTZ_STATUS": "FC"},
    }
    variants = tuple(
        Variant(
            name,
            Text.of(en=name),
            terms={"numerator": TermSelection("DF_POP", tuple(own.items())), "denominator": TOTAL},
        )
        for name, own in codes.items()
    )
    name = Text.of(en="Foreign-born and foreign citizens")
    return Indicator(
        id="MIG_SHARE",
        name=name,
        part="A",
        tier="core",
        policy_area="PA1",
        measure="stock",
        unit="PT",
        calculation="share",
        variants=variants,
        status="verified",
        un_number="MI 1.1",
    )


def catalogue(
    indicators: Sequence[Indicator] = (), items: Sequence[BenchmarkItem] = (), identities: bytes = ACCOUNT
) -> Catalogue:
    modules = ItemScheme(
        Ref("Codelist", "SDMXMIG", id="CL_BENCH_ITEM", version="1.0"),
        Text(),
        items=(Item("A", Text.of(en="Governance and law")), *(Item(one.id, one.name, parent="A") for one in items)),
    )
    return Catalogue(
        artefacts={modules.ref: modules},
        flows={},
        rules={},
        identities=parse_identities("accounts.toml", identities),
        indicators={indicator.id: indicator for indicator in indicators},
        items={one.id: one for one in items},
        scales={name: scale(name) for name in SCALES},
        agencies={},
    )


def country(area: str = "GE") -> Country:
    return Country(area, name=Text.of(en="A country"), office=Text.of(en="Its office"))


def profile(answers: dict[str, str] | None = None, claims: dict[str, str] | None = None, area: str = "GE") -> Profile:
    return Profile(
        area,
        "2024",
        answers={
            name: Answer(name, code, sources=("G1",), evidence="REPORTED") for name, code in (answers or {}).items()
        },
        about={
            name: {"L01": Answer("L01", code, evidence="CONFIRMED", subject=name)}
            for name, code in (claims or {}).items()
        },
        sources={"G1": "A publication"},
    )


def assessed(
    datasets: Sequence[Dataset] = (), of: Catalogue | None = None, says: Profile | None = None, area: str = "GE"
) -> Assessment:
    return assess(
        country(area), of or catalogue(), datasets=datasets, findings=Findings(), profile=says or profile(area=area)
    )


def yearly(flow_id: str, values: dict[int, str], unit_mult: str = "0") -> Dataset:
    return dataset(
        flow_id, [{"year": str(year), "value": value} for year, value in values.items()], unit_mult=unit_mult
    )


GEORGIA = (
    # Population on 1 January in thousands; live births, deaths, immigrants and emigrants in persons.
    yearly("DF_POP", {2022: "3688.6", 2023: "3736.4", 2024: "3694.6"}, "3"),
    yearly("DF_BIRTHS", {2022: "42319", 2023: "40214"}),
    yearly("DF_DEATHS", {2022: "49118", 2023: "42756"}),
    yearly("DF_IMM", {2022: "179778", 2023: "205857"}),
    yearly("DF_EMI", {2022: "125269", 2023: "245064"}),
)
ASKED = [item("A01", "YNP"), item("A02", "YNP"), item("B01", "ALIGN"), item("B02", "ALIGN"), item("D01", "AVAIL")]


@pytest.mark.parametrize(
    ("item_id", "answer", "points", "is_gap"),
    [
        ("A01", "Y", 1, False),
        ("A01", "P", Decimal("0.5"), True),
        ("A01", "N", 0, True),
        ("A01", "NA", None, False),
        ("A01", "DK", None, False),
        ("A01", "", None, False),
        ("B01", "3", 3, False),
        ("B01", "2", 2, False),
        ("B01", "1", 1, True),
        ("B01", "0", 0, True),
        ("D01", "2", 2, False),
        ("D01", "1", 1, True),
    ],
)
def test_unknown_and_not_applicable_answers_are_neither_zero_nor_gap(
    item_id: str, answer: str, points: Decimal | None, is_gap: bool
) -> None:
    assessment = assessed(of=catalogue(items=ASKED), says=profile({item_id: answer}))
    score = next(score for score in assessment.scores if score.item.id == item_id)
    assert (score.points, score.is_gap) == (points, is_gap)
    assert [gap.subject for gap in assessment.gaps] == ([item_id] if is_gap else [])


@pytest.mark.parametrize("answer", ["0", "1"])
def test_definition_without_a_reference_text_makes_no_gap(answer: str) -> None:
    plain = replace(item("B01", "ALIGN"), recommendation=Text())
    assert assessed(of=catalogue(items=[plain]), says=profile({"B01": answer})).gaps == ()


def test_every_item_has_a_score_whether_it_is_answered_or_not() -> None:
    assessment = assessed(of=catalogue(items=ASKED), says=profile({"A02": "Y"}))
    assert [score.item.id for score in assessment.scores] == ["A01", "A02", "B01", "B02", "D01"]
    assert [score.sources for score in assessment.scores if score.answer] == [("G1",)]


def test_every_gap_names_its_remedy_and_extent() -> None:
    plain = BenchmarkItem("A03", "A", name=Text.of(en="A working group"), recommendation=Text(), scale="YNP")
    indicators = [
        indicator("EMI_STOCK_RATIO", "core"),
        indicator("IMM_RATE", "core"),
        indicator("RETURN_SHARE", "additional"),
    ]
    says = profile({"A01": "N", "A02": "P", "A03": "N"}, {"EMI_STOCK_RATIO": "0", "IMM_RATE": "1", "RETURN_SHARE": "0"})
    gaps = assessed(of=catalogue(indicators, [*ASKED, plain]), says=says).gaps
    assert [(gap.subject, str(gap.reasons[0].answer), gap.is_partial) for gap in gaps] == [
        ("A01", "No", False),
        ("A02", "Partly", True),
        ("A03", "No", False),
        ("EMI_STOCK_RATIO", "No source", False),
        ("IMM_RATE", "A source exists, not compiled", True),
    ]
    assert str(gaps[0].action) == "Do A01."
    assert str(gaps[0].statement) == "A01"
    assert str(gaps[2].action) == "A working group"
    assert [gap.action for gap in gaps[3:]] == [action for _, action in ACTIONS]


def rate(indicator_id: str = "IMM_RATE", tier: str = "core") -> Indicator:
    return indicator(indicator_id, tier, "rate", numerator=TermSelection("DF_IMM", ()), population=TOTAL)


def test_declared_without_a_source_but_in_the_data_counts_as_produced_and_makes_no_gap() -> None:
    assessment = assessed(GEORGIA, catalogue([rate()]), profile(claims={"IMM_RATE": "0"}))
    assert (assessment.indicators[0].is_produced, assessment.indicators[0].latest) == (True, "2023")
    assert assessment.gaps == ()


@pytest.mark.parametrize(("year", "is_produced"), [("2024", True), ("2026", True), ("2027", False)])
def test_an_indicator_whose_values_ended_years_ago_is_not_produced(year: str, is_produced: bool) -> None:
    of_year = replace(profile(), year=year)
    found = assessed(GEORGIA, catalogue([rate()]), of_year).indicators[0]
    assert (found.latest, found.is_produced) == ("2023", is_produced)


@pytest.mark.parametrize("claim", ["", "3"])
def test_values_of_a_proxy_do_not_show_that_the_indicator_is_produced(claim: str) -> None:
    says = profile(claims={"IMM_RATE": claim} if claim else {})
    found = assessed(GEORGIA, catalogue([replace(rate(), is_proxy=True)]), says).indicators[0]
    assert (found.is_shown, found.is_produced) == (True, bool(claim))


def test_declared_as_produced_but_not_in_the_data_is_only_not_shown() -> None:
    found = assessed((), catalogue([rate()]), profile(claims={"IMM_RATE": "3"})).indicators[0]
    assert (found.is_produced, found.is_shown) == (True, False)
    assert found.missing == (("_T", "no data for DF_IMM"), ("_T", "no data for DF_POP"))


def test_core_and_additional_indicators_are_counted_apart() -> None:
    indicators = [
        four_groups(),
        rate("IMM_RATE"),
        indicator("EMI_STOCK_RATIO", "core"),
        indicator("EMI_RATE", "core"),
        indicator("RETURN_SHARE", "additional"),
    ]
    says = profile(claims={"EMI_STOCK_RATIO": "1", "MIG_SHARE": "3", "RETURN_SHARE": "3"})
    assessment = assessed(GEORGIA, catalogue(indicators), says)
    core, additional = assessment.of("A", "core"), assessment.of("A", "additional")
    counted = headline(core)
    assert (counted.total, counted.produced, counted.shown, counted.unknown) == (4, 2, 1, 1)
    assert (headline(additional).total, headline(additional).produced) == (1, 1)
    assert counted.candidates == 4, "whatever their status, none names a passage of the published text"
    assert headline(assessment.of("B", "core")).total == 0


def test_an_unknown_calculation_or_term_is_named_with_the_nearest() -> None:
    place = Place("IMM_RATE.toml")
    wrong = [
        (immigration("raet", variants_of(numerator=TOTAL), place), "Did you mean “rate”?"),
        (immigration("rate", variants_of(nominator=TOTAL), place), "Did you mean “numerator”?"),
        (immigration("rate", variants_of(numerator=TOTAL), place), "lacks the term “population”"),
    ]
    for declared, said in wrong:
        with pytest.raises(DeclarationError, match=said) as caught:
            assessed(GEORGIA, catalogue([declared]))
        assert caught.value.place == place


def immigration(calculation: str, variants: tuple[Variant, ...], place: Place) -> Indicator:
    return Indicator(
        id="IMM_RATE",
        name=Text.of(en="Rate"),
        part="A",
        tier="core",
        policy_area="PA1",
        measure="flow",
        unit="PER_1000_POP",
        calculation=calculation,
        variants=variants,
        place=place,
    )


def variants_of(**terms: TermSelection) -> tuple[Variant, ...]:
    return (Variant("_T", Text.of(en="Total"), terms=terms),)


def test_the_profile_of_another_country_is_refused() -> None:
    with pytest.raises(DeclarationError, match="The profile is for “SE”, but the workspace is for “GE”"):
        assessed(says=profile(area="SE"))


def test_the_assessment_carries_all_that_a_report_shows() -> None:
    trouble = Finding(
        "MIG-1-003", "1", severity="warning", level=1, flow="DF_POP", message=Text.of(en="Trouble"), hint=Text()
    )
    made = (("sdmxmig", "0.1.0"),)
    found = assess(
        country(),
        catalogue(items=ASKED),
        datasets=GEORGIA,
        findings=Findings((trouble,)),
        profile=replace(profile(), year="2025"),
        provenance=made,
    )
    assert (str(found.country), str(found.office), found.year, found.is_draft) == (
        "A country",
        "Its office",
        "2025",
        True,
    )
    assert found.findings == (("error", 0), ("warning", 1), ("information", 0))
    assert (found.provenance, found.sources) == (made, {"G1": "A publication"})
    assert {key: str(name) for key, name in found.labels.items()} == {
        "ACCOUNTS.A01": "Population account",
        "CL_BENCH_ITEM.A": "Governance and law",
    }
