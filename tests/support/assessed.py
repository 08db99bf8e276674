"""A small assessment made by hand, with figures of Georgia, for the tests of the report and its outputs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sdmxmig.catalogue.benchmarking import BenchmarkItem, Scale
from sdmxmig.catalogue.indicators import Indicator
from sdmxmig.primitives.places import Place
from sdmxmig.reporting.sections import compose, write
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.assessment import Account, AccountTerm, Assessment, Gap, GapReason, Point, Score, Series
from sdmxmig.statistics.model.indicator_results import IndicatorResult, IndicatorValue

ATTACK = "Emigrants are counted <script>alert('practice')</script> at the border."

# year, population on 1 January, births, deaths, immigration, emigration, population at the end (persons)
YEARS = [
    ("2021", 3728600, 45946, 59906, 74008, 99974, 3688600),
    ("2022", 3688600, 42319, 49118, 179778, 125269, 3736400),
    ("2023", 3736400, 40214, 42756, 205857, 245064, 3694600),
    ("2024", 3694600, 39483, 43971, None, None, 3704500),
]


def report(assessment: Assessment, *, output: str = "html", **choices: Any) -> bytes:
    return write(compose(assessment, **choices), output)


def account(
    year: str, start: int, births: int, deaths: int, coming: int | None, going: int | None, end: int
) -> Account:
    """The account of one year as `assess` gives it."""
    known = coming is not None and going is not None
    computed = Decimal(start + births - deaths + (coming or 0) - (going or 0)) if known else None

    def term(item: str, sign: int, value: int | None, unit: int = 1) -> AccountTerm:
        return AccountTerm(item, sign, value=None if value is None else Decimal(value), unit=Decimal(unit))

    return Account(
        identity="A01",
        area="GE",
        period=year,
        terms=(
            term("POP_BEG", 1, start, 100),
            term("LBIRTH", 1, births),
            term("DEATH", -1, deaths),
            term("FLW_IMM", 1, coming),
            term("FLW_EMI", -1, going),
            term("ADJ", 1, None),
        ),
        published_end=Decimal(end),
        end_unit=Decimal(100),
        computed_end=computed,
        residual=None if computed is None else Decimal(end) - computed,
        tolerance=Decimal(100),
        outcome="ROUNDING" if known else "NOT_TESTABLE",
        missing=() if known else ("FLW_IMM", "FLW_EMI"),
        population=(("BIRTH_STATUS", "_T"), ("CTZ_STATUS", "_T"), ("SEX", "_T"), ("AGE", "_T")),
    )


def scale(scale_id: str, name: str = "", **answers: tuple[str, str]) -> Scale:
    """An answer scale: the word and the points of each answer; codes that are numbers follow an underscore."""
    coded = {code.lstrip("_"): answer for code, answer in answers.items()}
    return Scale(
        scale_id,
        tuple((code, Text.of(en=word)) for code, (word, _) in coded.items()),
        points=tuple((code, Decimal(points) if points else None) for code, (_, points) in coded.items()),
        name=Text.of(en=name) if name else Text(),
    )


SCALES = (
    scale("ALIGN", _3=("Aligned", "3"), _2=("Minor deviation", "2"), _1=("Major deviation", "1"), _0=("Absent", "0")),
    scale("AVAIL", _4=("Published", "4"), _3=("Some topics", "3"), _1=("Not compiled", "1"), _0=("No source", "0")),
    scale("YNP", "Yes, partly, no", Y=("Yes", "1"), P=("Partly", "0.5"), N=("No", "0"), NA=("Not applicable", "")),
)


def score(item: str, name: str, scale: str, answer: str, **more: object) -> Score:
    """One answered item; `more` has recommendation, practice, sources, status, question."""
    given = {key: str(value) for key, value in more.items() if key != "sources"}
    return Score(
        BenchmarkItem(
            item,
            item[0],
            name=Text.of(en=name),
            recommendation=Text.of(en=given.get("recommendation", "")),
            scale=scale,
            action=Text.of(en=f"Do what closes {item}."),
            status=given.get("status", "candidate"),
            source=given.get("source", ""),
        ),
        answer,
        label=next((one.label(answer) for one in SCALES if one.id == scale), Text()),
        points=None,
        practice=Text.of(en=given.get("practice", "")),
        sources=tuple(more.get("sources", ())),  # type: ignore[arg-type]
        evidence="REPORTED" if answer else "",
        question=Text.of(en=given["question"]) if "question" in given else Text(),
    )


SCORES = (
    score(
        "A03", "Inter-agency working group", "YNP", "Y", practice="A commission with a secretariat.", sources=("G2",)
    ),
    score("A04", "Working group met", "YNP", ""),
    score(
        "B01",
        "Residence rule",
        "ALIGN",
        "3",
        recommendation="Most of the last 12 months, or at least 12 months.",
        status="verified",
        source="UN expert group, June 2020",
        practice="At least 183 days of 12 months.",
        sources=("G45",),
    ),
    score("B06", "Rule applied to emigration", "ALIGN", "2", practice=ATTACK, sources=("G45",)),
    score("B07", "One rule for all", "ALIGN", "1", practice="183 days for flows, 12 months in the census."),
    score("B12", "Recording of stateless persons", "ALIGN", ""),
    score("D01", "Immigration, total", "AVAIL", "4", practice="Published each April.", sources=("G2",)),
    score("D03", "By country of previous residence", "AVAIL", "NA"),
)


def indicator(indicator_id: str, order: int, name: str, tier: str, **more: str) -> Indicator:
    """An indicator of the framework, at its place in the policy area."""
    return Indicator(
        id=indicator_id,
        order=order,
        un_number=more.get("un_number", ""),
        un_number_status="verified" if "un_number" in more else "",
        name=Text.of(en=name),
        part="A",
        tier=tier,
        policy_area="PA1",
        measure="flow",
        unit=more.get("unit", "PER_1000_POP"),
        calculation=more.get("calculation", ""),
        primary_topics=("AGE", "SEX"),
        secondary_topics=("DUR_STAY",),
        status=more.get("status", "candidate"),
    )


RATE = "1\u00a0000 × DF_IMM / ((DF_POP + DF_POP) / 2)"
CELL = Place("migration.xlsx", "Table 1", cell="C14")
INDICATORS = (
    IndicatorResult(
        indicator("IMM_RATE", 3, "Immigration rate", "core", calculation="rate"),
        "3",
        practice=Text.of(en="Published as a number, not as a rate."),
        values=tuple(
            IndicatorValue(
                "_T",
                Text.of(en="Total"),
                period=year,
                value=Decimal(value),
                unit="PER_1000_POP",
                formula=RATE,
                terms=(("inflow", key),),
                status="",
                places=(CELL,),
            )
            for year, value, key in (("2022", "48.4231", "A.GE.I"), ("2023", "55.4052", "A.GE.I"))
        ),
        missing=(("FB", "DF_IMM by birth status is not in the data."),),
        sources=("G2",),
    ),
    IndicatorResult(
        indicator(
            "MIG_SHARE", 1, "Share of the foreign-born", "core", status="verified", unit="PT", un_number="MI 1.1"
        ),
        "",
        practice=Text(),
        values=(),
        missing=(),
    ),
    IndicatorResult(
        indicator("RETURN_SHARE", 10, "Return migrants", "additional"), "0", practice=Text(), values=(), missing=()
    ),
)


def series(series_id: str, name: str, values: dict[str, int | None], breaks: tuple[str, ...] = ()) -> Series:
    """A series of persons by year."""
    points = tuple(
        Point(year, None if value is None else Decimal(value), status="B" if year in breaks else "A")
        for year, value in values.items()
    )
    return Series(series_id, Text.of(en=name), unit="PS", points=points, source="Geostat, as quoted by Civil.ge")


POPULATION = {year: start for year, start, *_ in YEARS} | {
    "2014": 4490500,
    "2015": None,
    "2016": 3728600,
    "2025": 3704500,
}
SERIES = (
    series("POP", "Resident population", dict(sorted(POPULATION.items())), ("2016",)),
    series("IMM", "Immigration", {year: coming for year, _, _, _, coming, _, _ in YEARS}),
    series("EMI", "Emigration", {year: going for year, _, _, _, _, going, _ in YEARS}),
    Series(
        "CNR",
        Text.of(en="Crude net migration rate"),
        unit="PER_1000_POP",
        points=(Point("2022", Decimal("14.682")), Point("2023", Decimal("-10.552")), Point("2024", None)),
    ),
)


ACCOUNT_ITEMS = {
    "POP_BEG": "Population at the beginning of the period",
    "LBIRTH": "Live births",
    "DEATH": "Deaths",
    "FLW_IMM": "Immigration",
    "FLW_EMI": "Emigration",
    "ADJ": "Other adjustments",
    "POP_END": "Population at the end of the period",
}


def georgia(signed_off: str = "") -> Assessment:
    """The assessment; without a signature it is a draft."""
    return Assessment(
        area="GE",
        country=Text.of(en="Georgia", ar="جورجيا"),
        office=Text.of(en="National Statistics Office of Georgia (Geostat)"),
        year="2024",
        signed_off=signed_off,
        scores=SCORES,
        indicators=INDICATORS,
        accounts=tuple(account(*year) for year in YEARS),
        series=SERIES,
        gaps=(
            Gap(
                "B07",
                Text.of(en="One rule for all groups"),
                action=Text.of(en="Use one rule."),
                reasons=(GapReason("B07", Text.of(en="Major")),),
                is_partial=True,
            ),
            Gap(
                "D05",
                Text.of(en="Flows by reason"),
                action=Text.of(en="Ask for the reason of the move."),
                reasons=(GapReason("D05", Text.of(en="No source")),),
            ),
        ),
        findings=(("error", 0), ("warning", 2), ("information", 1)),
        sources={
            "G2": "Geostat, as quoted by Civil.ge, 25 April 2025. https://civil.ge/archives/677760",
            "G10": "FactCheck.ge, table of populations.",
            "G45": "Geostat, as quoted by FactCheck.ge. https://factcheck.ge/en/story/41364",
        },
        provenance=(("sdmxmig", "0.1.0"), ("population.xlsx", "sha256:" + "0a1b" * 16)),
        labels={
            "CL_BENCH_ITEM.A": Text.of(en="Governance and law"),
            "CL_BENCH_ITEM.B": Text.of(en="Concepts and definitions"),
            "CL_BENCH_ITEM.D": Text.of(en="Flows"),
            "ACCOUNTS.A01": Text.of(en="Population account"),
            "AGE": Text.of(en="Age"),
            "DUR_STAY": Text.of(en="Duration of stay"),
            "SEX": Text.of(en="Sex"),
            "CL_SEX.F": Text.of(en="Women"),
            "CL_POLICY_AREA.PA1": Text.of(en="Measuring migration"),
            "CL_UNIT_MEASURE.PER_1000_POP": Text.of(en="Per 1,000 population"),
            **{f"CL_ACC_ITEM.{code}": Text.of(en=name) for code, name in ACCOUNT_ITEMS.items()},
        },
        scales=SCALES,
    )
