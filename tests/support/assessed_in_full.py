"""The small assessment made by hand with something in every section: sheets, scores, contradictions, a roadmap."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from assessed import CELL, georgia, indicator, scale, score

from sdmxmig.catalogue.indicators import Purpose, SdgIndicator
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.assessment import Action, AreaScore, Assessment, Priority, Roadmap
from sdmxmig.statistics.model.availability import Alignment, Effect, EffectFigure
from sdmxmig.statistics.model.evidence import (
    Contradiction,
    Evidence,
    ExplainedNumber,
    ModuleScore,
    QualityIssue,
    QueriedFigure,
    RuleCount,
    Statement,
    UnknownShare,
)
from sdmxmig.statistics.model.indicator_results import Challenge, Feasibility, SubjectAnswer, count_by_status

SENTENCES = {
    "said": Text.of(en="{what}: {n}", fr="{what} : {n}"),
    "module-score": Text.of(en="Score of a module = points given / points possible."),
}
MORE_SCORES = (
    score("A15", "Strategy includes migration", "YNP", "P", practice="It names migration.", sources=("G2",)),
    score("A18", "Migration policy asks for data", "YNP", "", question="Does the policy name data?"),
    score("D05", "Immigration by reason", "AVAIL", "0"),
    score("G01", "Country of birth recorded: census", "YNP", ""),
    score("G13", "Citizenship recorded: census", "YNP", "Y", practice="In both censuses.", sources=("G2",)),
    score("H01", "Population census", "YNP", "Y", practice="In 2014 and 2024.", sources=("G10",)),
    score("H06", "Border records", "YNP", "Y", practice="Source of the flows since 2012.", sources=("G45",)),
    score("H09", "Asylum register", "YNP", "", practice="Kept by the migration service."),
    score("I01", "Unique identifier across sources", "YNP", ""),
    score("J08", "Breaks in series flagged", "YNP", "N", practice="Not flagged in the series that were read."),
    score("K01", "Annual release", "YNP", "Y", practice="In late April.", sources=("G2",)),
    score("K04", "Metadata published", "YNP", "P"),
)
ABOUT = {
    "H06": (
        SubjectAnswer(
            "S01",
            practice=Text.of(en="Ministry of Internal Affairs"),
            sources=("G45",),
            question=Text.of(en="Which department?"),
        ),
        SubjectAnswer("S05", practice=Text.of(en="Sex and citizenship of each person. [SEX, C_CITIZEN, …]")),
        SubjectAnswer(
            "S08",
            "Y",
            label=Text.of(en="Yes"),
            practice=Text.of(en="Both are recorded."),
            sources=("G45",),
            evidence="REPORTED",
        ),
    ),
    "POPULATION_BASE": (SubjectAnswer("P01", practice=Text.of(en="Registers of three bodies.")),),
}
SHARE = Effect(
    kind="pair",
    period="2024",
    first=EffectFigure(name=Text.of(en="Foreign-born"), key="A.GE.FB", value=Decimal(80_000), places=(CELL,)),
    second=EffectFigure(name=Text.of(en="Foreign citizens"), key="A.GE.FC", value=Decimal(60_000), places=(CELL,)),
    difference=Decimal(-20_000),
    share=Decimal("-0.25"),
    sentence=Statement("said", (("what", (Text.of(en="By birth and by citizenship"),)),), numbers=(("n", Decimal(2)),)),
)


def statement(what: str, n: int) -> Statement:
    """A sentence with a word and a number in it."""
    return Statement("said", (("what", (Text.of(en=what),)),), numbers=(("n", Decimal(n)),))


def action(action_id: str, name: str, closes: tuple[str, ...], horizon: str = "SHORT") -> Action:
    """One action of the roadmap."""
    return Action(
        id=action_id,
        name=Text.of(en=name),
        type="METHOD",
        phase="02",
        horizon=horizon,
        cost="1",
        closes=closes,
        unlocks=(),
        after=(),
        first=1,
        last=6,
        priority=Priority((), Decimal(1), value=Decimal(0)),
        responsible=Text.of(en="Statistical office"),
    )


def in_full() -> Assessment:
    """The assessment of `assessed.georgia` and what the other sections show."""
    known = georgia()
    immigration = replace(
        known.indicators[0],
        topics=(("AGE", False), ("SEX", True)),
        answers={
            "L01": SubjectAnswer(
                "L01",
                "3",
                label=Text.of(en="Some topics"),
                practice=Text.of(en="As a number."),
                sources=("G2",),
                evidence="REPORTED",
            )
        },
        feasibility=Feasibility(
            "F4", "F3", least="F3", most="F3", difference=1, reasons=(statement("sources that carry it", 1),)
        ),
        indicator=replace(
            indicator("IMM_RATE", 3, "Immigration rate", "core", calculation="rate"),
            sdg=SdgIndicator(number="10.7.2"),
            purpose=Purpose(objectives=("GCM01",)),
        ),
    )
    results = (immigration, *known.indicators[1:])
    return replace(
        known,
        indicators=results,
        scores=tuple(sorted((*known.scores, *MORE_SCORES), key=lambda one: one.item.id)),
        evidence=(
            Evidence(
                "D01",
                "shown",
                flows=(("DF_IMM", Text.of(en="Immigration")),),
                found=(),
                first="2021",
                last="2023",
                said="shown",
            ),
            Evidence(
                "D03",
                "shown",
                flows=(("DF_IMM", Text.of(en="Immigration")),),
                found=(),
                first="2023",
                last="2023",
                said="shown",
                contradicts=True,
            ),
        ),
        contradictions=(
            Contradiction(
                "item",
                "_Z",
                item="D03",
                answer="NA",
                sentence=statement("the data show it", 1),
                evidence=("A.GE.I",),
                places=(CELL,),
            ),
            Contradiction("feasible", "IMM_RATE", item="L01", answer="3", sentence=statement("years", 2)),
        ),
        modules=(
            ModuleScore(
                "A",
                4,
                answered=2,
                not_applicable=0,
                unknown=2,
                gaps=0,
                partial=1,
                score=ExplainedNumber(Decimal("0.75"), "module-score", inputs=(("A03", "1"), ("A15", "0.5"))),
            ),
            ModuleScore(
                "I",
                1,
                answered=0,
                not_applicable=0,
                unknown=1,
                gaps=0,
                partial=0,
                score=ExplainedNumber(None, "module-score"),
            ),
        ),
        areas=(AreaScore("PA1", "A", tier="core", counts=count_by_status(results[:2])),),
        alignment=(
            Alignment(item="B01", group="RESIDENCE", effects=(SHARE,)),
            Alignment(item="B06", group="RESIDENCE", effects=(), untold=statement("no second figure", 0)),
            Alignment(item="B07", group="RESIDENCE", effects=(SHARE,)),
        ),
        unknown_shares=(
            UnknownShare(
                flow="DF_IMM",
                dimension="SEX",
                period="2023",
                unknown=Decimal(120),
                total=Decimal(12_000),
                share=Decimal("0.01"),
                places=(CELL,),
            ),
        ),
        quality=(
            QualityIssue("Q01", "not testable"),
            QualityIssue("Q05", "found", signs=(statement("breaks without a flag", 1),), rules=(("MIG-2-001", 1),)),
            QualityIssue("Q09", "not found"),
        ),
        tested=ExplainedNumber(Decimal("0.5"), "module-score", inputs=(("A01", "3"), ("A02", "0"))),
        challenges=(Challenge("MIG_SHARE", True, decisive=1, some=2, asked=8),),
        about=ABOUT,
        rules=(
            RuleCount(
                "MIG-2-101",
                "warning",
                findings=2,
                figures=tuple(
                    QueriedFigure(after, Text.of(en=f"Immigration, {year}: {after} after {before}."))
                    for year, before, after in (("2022", "100", "250"), ("2023", "250", "90"))
                ),
                reasons=("A census corrected the population.",),
            ),
        ),
        roadmap=Roadmap(
            "2025-01",
            (
                action("ONE_RULE", "Use one residence rule", ("B07",)),
                action("ASK_REASON", "Ask for the reason of the move", ("D05",), "LONG"),
            ),
        ),
        sentences=SENTENCES,
        scales=(
            *known.scales,
            scale("FEAS", F4=("Produced now", "4"), F3=("Feasible within one year", "3"), F0=("Not feasible", "0")),
        ),
        labels={
            **known.labels,
            "CL_BENCH_ITEM.G": Text.of(en="Migratory status in other statistics"),
            "CL_BENCH_ITEM.H": Text.of(en="Data sources"),
            "CL_BENCH_ITEM.I": Text.of(en="Data integration"),
            "CL_BENCH_ITEM.J": Text.of(en="Quality"),
            "CL_BENCH_ITEM.K": Text.of(en="Dissemination and exchange"),
            "CL_BENCH_ITEM.L01": Text.of(en="Availability"),
            "CL_BENCH_ITEM.D03": Text.of(en="By country of previous residence"),
            "CL_BENCH_ITEM.P01": Text.of(en="Sources"),
            "CL_BENCH_ITEM.S01": Text.of(en="Owner"),
            "CL_BENCH_ITEM.S05": Text.of(en="Variables"),
            "CL_BENCH_ITEM.S08": Text.of(en="Entry and exit"),
            "CL_EVIDENCE.REPORTED": Text.of(en="Reported by others"),
            "CL_DEF_GROUP.RESIDENCE": Text.of(en="Residence rule"),
            "CL_GCM_OBJECTIVE.GCM01": Text.of(en="Data for policies"),
            "CL_QUALITY_ISSUE.Q01": Text.of(en="Over-coverage by unregistered emigration"),
            "CL_QUALITY_ISSUE.Q05": Text.of(en="Break in series"),
            "CL_QUALITY_ISSUE.Q09": Text.of(en="Double records"),
        },
    )
