"""From gaps to a roadmap: an action for each gap, in order, with months, as the country decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from assessed import georgia, indicator
from case_tables import cases_from, pairs
from hypothesis import given, settings
from hypothesis import strategies as st
from shipped import CATALOGUE
from stated import OF_THE_FRAMEWORK

from sdmxmig.catalogue.benchmarking import Answer, BenchmarkItem, Horizon, Profile, Proposal, RoadmapPlan, Scale
from sdmxmig.catalogue.study import read_plan
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme, Text
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.statistics.calculations.roadmap import adapt_proposals, build_roadmap
from sdmxmig.statistics.model.assessment import Action, Assessment, Gap, GapReason, Roadmap, Score
from sdmxmig.statistics.model.indicator_results import Feasibility, IndicatorResult

PLAN = CATALOGUE.plan
LANGUAGES = {"en", "fr", "es", "ar", "ru", "zh"}
YNP = Scale("YNP", (), points=(), silent=(("DK", "unknown"), ("NA", "not applicable")))


# What is shipped


def test_every_possible_gap_has_exactly_one_action() -> None:
    closed = [name for proposal in PLAN.proposals for name in (*proposal.closes, *proposal.unlocks)]
    assert len(closed) == len(set(closed))
    differences = {difference.id for difference in CATALOGUE.study.differences}
    asked = {*CATALOGUE.items, *OF_THE_FRAMEWORK, *differences}
    assert asked <= set(closed) <= {*asked, *CATALOGUE.indicators}


def test_actions_have_texts_in_six_languages() -> None:
    for proposal in PLAN.proposals:
        for text in (proposal.name, proposal.responsible, proposal.risk, *proposal.partners):
            assert {language for language, _ in text} == LANGUAGES, proposal.id
        assert str(proposal.output), proposal.id
        assert str(proposal.verification), proposal.id


def test_actions_do_not_depend_on_later_phases() -> None:
    phase = {proposal.id: proposal.phase for proposal in PLAN.proposals}
    late = [
        (proposal.id, name) for proposal in PLAN.proposals for name in proposal.after if phase[name] > proposal.phase
    ]
    assert late == []
    assert set(phase.values()) == {f"{number:02d}" for number in range(1, 11)}


def scheme(name: str, *items: Item, notes: tuple[Annotation, ...] = ()) -> ItemScheme:
    return ItemScheme(
        Ref("Codelist", "SDMXMIG", id=name, version="1.0"), Text.of(en=name), items=items, annotations=notes
    )


def coded(code: str, **notes: str) -> Item:
    return Item(
        code, Text.of(en=code), annotations=tuple(Annotation(name, Text.of(en=text)) for name, text in notes.items())
    )


USUAL = {
    "TYPE": "IT",
    "PHASE": "01",
    "MONTHS": "6",
    "COST": "1",
    "RESPONSIBLE": "NSO",
    "RISK": "STAFF",
    "CLOSES": "A01",
}


def declared(first: dict[str, str], second: dict[str, str]) -> RoadmapPlan:
    pace = (Annotation("PACE", Text.of(en="3")),)
    lists = {
        artefact.ref.id: artefact
        for artefact in (
            scheme("CL_ROADMAP_ACTION", coded("ONE", **USUAL | first), coded("TWO", **USUAL | second), notes=pace),
            scheme("CL_ORG_TYPE", coded("NSO")),
            scheme("CL_ROADMAP_RISK", coded("STAFF")),
            scheme("CL_SCALE_HORIZON", coded("SHORT", MONTHS="11", POINTS="3"), coded("LONG", POINTS="1")),
        )
    }
    scales = {
        name: Scale(name, tuple((code, Text()) for code in codes), points=tuple((code, Decimal(1)) for code in codes))
        for name, codes in {"ACTION_TYPE": ["IT"], "PHASE": ["01"], "COST": ["1"], "FEAS": ["F3"]}.items()
    }
    return read_plan(lists, scales, closable=["A01"], indicators=["IMM_RATE"])


def test_declared_plan_is_loaded() -> None:
    plan = declared({}, {"AFTER": "ONE", "UNLOCKS": "IMM_RATE", "DETAILS": "IMM_RATE"})
    assert [proposal.id for proposal in plan.proposals] == ["ONE", "TWO"]
    assert (plan.proposals[1].after, plan.proposals[1].unlocks, plan.proposals[1].months) == (
        ("ONE",),
        ("IMM_RATE",),
        6,
    )
    assert (plan.pace, [horizon.up_to for horizon in plan.horizons]) == (3, [11, None])


@cases_from("statistics/cases/plan_with_unknown_names_or_cycles_is_refused.csv", first=pairs, second=pairs)
def test_plan_with_unknown_names_or_cycles_is_refused(first: dict[str, str], second: dict[str, str], said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        declared(first, second)


# A small plan, whose order is computed by hand


def proposal(action_id: str, phase: str, months: int, closes: str, **more: str) -> Proposal:
    return Proposal(
        action_id,
        Text.of(en=f"Do {action_id}"),
        type=more.get("type", "METHOD"),
        phase=phase,
        cost=more.get("cost", "1"),
        months=months,
        closes=tuple(closes.split()),
        unlocks=tuple(more.get("unlocks", "").split()),
        details=tuple(more.get("details", "").split()),
        after=tuple(more.get("after", "").split()),
        responsible=Text.of(en="The office"),
        partners=(Text.of(en="The border"), Text.of(en="The register")),
    )


SMALL = RoadmapPlan(
    proposals=(
        proposal("GROUP", "01", 6, "A01"),
        proposal("AGREE", "01", 9, "A02", after="GROUP"),
        proposal("LAW", "01", 18, "A03"),
        proposal("BORDER", "03", 18, "H01", cost="2", after="AGREE LAW"),
        proposal("FLOWS", "05", 12, "D01", cost="2", unlocks="IMM_RATE EMI_RATE", after="BORDER"),
        proposal("STOCK", "04", 12, "C01", unlocks="MIG_SHARE", after="GROUP"),
        proposal("EXTRA", "07", 6, "G01", unlocks="RETURN_SHARE"),
        proposal("ORIGINS", "05", 12, "D02", details="IMM_RATE EMI_RATE", after="FLOWS"),
        proposal("CENSUS", "03", 48, "H02", cost="3", unlocks="EMI_STOCK_RATIO"),
    ),
    horizons=(
        Horizon(id="SHORT", up_to=11, points=Decimal(3)),
        Horizon(id="MEDIUM", up_to=36, points=Decimal(2)),
        Horizon(id="LONG", up_to=None, points=Decimal(1)),
    ),
    feasibility={"F4": Decimal(4), "F3": Decimal(3), "F2": Decimal(2), "F1": Decimal(1), "F0": Decimal(0)},
    costs={"1": Decimal(1), "2": Decimal(2), "3": Decimal(3)},
    pace=3,
)
ITEMS = ("A01", "A02", "A03", "C01", "D01", "D02", "G01", "H01", "H02")
FEASIBLE = {"IMM_RATE": "F3", "EMI_RATE": "F2"}
CORE = ("IMM_RATE", "EMI_RATE", "MIG_SHARE", "EMI_STOCK_RATIO")


def situation(
    gaps: str,
    known: Sequence[str] = ITEMS,
    feasible: Mapping[str, str] | None = None,
    *,
    plan: RoadmapPlan = SMALL,
    produced: str = "",
) -> Assessment:
    """An assessment with these gaps; items that are neither a gap nor known have no answer."""
    subjects = gaps.split()
    items = sorted({name for proposal in plan.proposals for name in proposal.closes})

    def score(name: str) -> Score:
        answer = "N" if name in subjects else "Y" if name in known else ""
        item = BenchmarkItem(name, name[0], name=Text.of(en=name), recommendation=Text(), scale="YNP")
        return Score(item, answer, label=Text(), points=None, practice=Text(), is_gap=name in subjects)

    return replace(
        georgia(),
        scores=tuple(score(name) for name in items),
        indicators=tuple(
            IndicatorResult(
                indicator(name, number, name, "core" if name in CORE or plan is not SMALL else "additional"),
                "3" if name in produced.split() else "0" if name in subjects else "",
                practice=Text(),
                values=(),
                missing=(),
                feasibility=Feasibility((feasible or {}).get(name, "")),
            )
            for number, name in enumerate(
                dict.fromkeys(name for proposal in plan.proposals for name in proposal.unlocks)
            )
        ),
        gaps=tuple(Gap(name, Text.of(en=name), action=Text(), reasons=(GapReason(name),)) for name in subjects),
        scales=(YNP,),
        year="2024",
    )


def says(**actions: Mapping[str, str]) -> Profile:
    """A profile that answers about actions; codes where a question has a scale, else words."""
    coded = ("R05", "R10", "R11", "R17")

    def answer(action_id: str, item: str, value: str) -> Answer:
        place = Place("profile.toml", key=f"actions.{action_id}.{item}")
        if item in coded:
            return Answer(
                item, value, practice=Text(), sources=("G1",), evidence="PUBLIC", subject=action_id, place=place
            )
        return Answer(
            item, "", practice=Text.of(en=value), sources=("G1",), evidence="PUBLIC", subject=action_id, place=place
        )

    about = {
        name: {item: answer(name, item, value) for item, value in action.items()} for name, action in actions.items()
    }
    return Profile("GE", "2024", answers={}, about=about, sources={"G1": "A plan"})


def planned(gaps: str, profile: Profile | None = None, **more: object) -> Roadmap:
    return build_roadmap(SMALL, situation(gaps, **more), profile or says())  # type: ignore[arg-type]


def ids(roadmap: Roadmap) -> list[str]:
    return [action.id for action in roadmap.actions]


def of(roadmap: Roadmap, action_id: str) -> Action:
    return next(action for action in roadmap.actions if action.id == action_id)


EVERYTHING = "A01 A02 A03 H01 D01 C01 G01 H02 IMM_RATE EMI_RATE MIG_SHARE EMI_STOCK_RATIO RETURN_SHARE"


def test_order_of_actions_equals_hand_calculation() -> None:
    found = planned(EVERYTHING, feasible=FEASIBLE)
    values = {action.id: action.priority.value for action in found.actions}
    # FLOWS: immigration F3 = 3, emigration F2 = 2, cost class 2: (3 + 2) / 2 = 2.5.
    # STOCK: feasibility not known, 12 months are MEDIUM = 2, cost class 1: 2 / 1 = 2.
    # CENSUS: 48 months are LONG = 1, cost class 3: 1 / 3. EXTRA unlocks no core indicator: 0.
    assert values["FLOWS"] == Decimal("2.5")
    assert values["STOCK"] == 2
    assert values["CENSUS"] == Decimal(1) / 3
    assert values["EXTRA"] == values["BORDER"] == values["GROUP"] == 0
    # In the order in which they begin. GROUP, AGREE, LAW and BORDER are as urgent as FLOWS, which needs them.
    assert ids(found) == ["GROUP", "LAW", "CENSUS", "EXTRA", "AGREE", "STOCK", "BORDER", "FLOWS"]
    assert of(found, "FLOWS").priority.points == (("IMM_RATE", "F3", Decimal(3)), ("EMI_RATE", "F2", Decimal(2)))
    assert of(found, "STOCK").priority.points == (("MIG_SHARE", "MEDIUM", Decimal(2)),)


@pytest.mark.parametrize(
    ("feasible", "points", "value"), [("F3", 3, "2.5"), ("F2", 2, "2"), ("F0", 0, "1"), ("FX", 0, "1"), ("", 2, "2")]
)
def test_unknown_feasibility_uses_length_of_action(feasible: str, points: int, value: str) -> None:
    flows = of(planned(EVERYTHING, feasible={"IMM_RATE": feasible, "EMI_RATE": "F2"}), "FLOWS").priority
    # Cost class 2; emigration F2 = 2. Without a feasibility the 12 months of the action count, which are MEDIUM.
    assert flows.points[0] == ("IMM_RATE", feasible or "MEDIUM", Decimal(points))
    assert flows.value == Decimal(value)


def test_months_of_actions_equal_hand_calculation() -> None:
    found = planned(EVERYTHING, feasible=FEASIBLE)
    # Three actions begin in the first quarter, the most urgent that need nothing. EXTRA needs nothing either.
    assert {action.id: (action.first, action.last) for action in found.actions} == {
        "GROUP": (1, 6),
        "AGREE": (7, 15),
        "LAW": (1, 18),
        "BORDER": (19, 36),
        "FLOWS": (37, 48),
        "STOCK": (7, 18),
        "CENSUS": (1, 48),
        "EXTRA": (4, 9),
    }
    assert found.start == "2025-01"
    assert {action.id: action.horizon for action in found.actions if action.id in ("GROUP", "LAW", "CENSUS")} == {
        "GROUP": "SHORT",
        "LAW": "MEDIUM",
        "CENSUS": "LONG",
    }


def test_roadmap_has_actions_for_gaps_and_their_needs() -> None:
    found = planned("IMM_RATE A01 A03", known=())
    assert ids(found) == ["GROUP", "LAW", "FLOWS"]
    # Whether BORDER and AGREE are done is not known: what they need stands before FLOWS in their place.
    assert set(of(found, "FLOWS").after) == {"GROUP", "LAW"}
    assert of(found, "FLOWS").closes == of(found, "FLOWS").unlocks == ("IMM_RATE",)


def test_indicator_without_topics_needs_actions_adding_topics() -> None:
    found = planned("IMM_RATE MIG_SHARE", feasible={"IMM_RATE": "F4"}, produced="IMM_RATE MIG_SHARE")
    # Topics of IMM_RATE: 12 months are MEDIUM = 2. Nothing else adds topics to MIG_SHARE: what makes it possible does.
    assert [(action.id, action.closes, action.priority.value) for action in found.actions] == [
        ("STOCK", ("MIG_SHARE",), Decimal(2)),
        ("ORIGINS", ("IMM_RATE",), Decimal(2)),
    ]


def test_indirect_requirements_are_not_repeated() -> None:
    found = planned(EVERYTHING)
    assert of(found, "BORDER").after == ("AGREE", "LAW")
    assert of(found, "FLOWS").after == ("BORDER",)


def test_unknown_requirement_is_listed_but_not_a_gap() -> None:
    found = planned("IMM_RATE", known=("A01", "A02"))
    assert ids(found) == ["FLOWS"]
    assert of(found, "FLOWS").unknown == ("H01",)


# What the country decides


def test_answers_of_the_country_precede_proposals() -> None:
    mine = {"R01": "Sign with the police", "R06": "Ministry", "R07": "Police", "R08": "2026-03", "R09": "2026-08"}
    action = of(planned("A02", says(AGREE={**mine, "R11": "3", "R17": "02", "R13": "Elections"})), "AGREE")
    assert [str(text) for text in (action.name, action.responsible, action.partners, action.risk)] == [
        *("Sign with the police", "Ministry", "Police", "Elections")
    ]
    # Month 1 is January 2025.
    assert (action.first, action.last, action.dated, action.horizon) == (15, 20, True, "SHORT")
    assert (action.cost, action.phase, action.sources) == ("3", "02", ("G1",))
    assert set(action.decided) == {*mine, "R11", "R17", "R13"}


@pytest.mark.parametrize(
    ("answers", "months"),
    [
        ({"R08": "2026"}, (13, 21)),
        ({"R09": "2026"}, (16, 24)),
        ({"R08": "2025-Q2", "R09": "2025-Q2"}, (4, 6)),
        ({"R08": "2024-10"}, (-2, 6)),
        ({"R10": "MEDIUM"}, (1, 12)),
        ({"R10": "LONG"}, (1, 37)),
    ],
)
def test_dates_and_length_stated_by_the_country_are_used(answers: dict[str, str], months: tuple[int, int]) -> None:
    action = of(planned("A02", says(AGREE=answers)), "AGREE")
    assert (action.first, action.last) == months


@cases_from("statistics/cases/dated_length_gives_urgency_if_feasibility_is_unknown.csv", points=int)
def test_dated_length_sets_urgency_if_feasibility_is_unknown(first: str, last: str, length: str, points: int) -> None:
    action = of(planned(EVERYTHING, says(STOCK={"R08": first, "R09": last}), feasible=FEASIBLE), "STOCK")
    assert (action.horizon, action.priority.points) == (length, (("MIG_SHARE", length, Decimal(points)),))


def test_rank_stated_by_the_country_precedes_priority() -> None:
    found = planned(EVERYTHING, says(EXTRA={"R16": "1"}, STOCK={"R16": "2"}), feasible=FEASIBLE)
    # STOCK needs GROUP, which therefore is as urgent.
    assert ids(found)[:2] == ["EXTRA", "GROUP"]
    assert [name for name in ids(found) if of(found, name).first == 7] == ["STOCK", "AGREE"]


def test_dependent_action_waits_for_all_requirements() -> None:
    found = planned("A01 A02 A03 H01 D01", says(BORDER={"R08": "2025-06", "R09": "2025-12"}))
    assert of(found, "FLOWS").first == of(found, "LAW").last + 1 == 19


def test_requirements_of_a_dated_action_are_scheduled_early() -> None:
    first = {"LAW": {"R16": "1"}, "CENSUS": {"R16": "2"}, "EXTRA": {"R16": "3"}}
    gaps = "A01 A02 A03 H02 G01"
    assert of(planned(gaps, says(**first)), "GROUP").first == 4  # three others begin in the first quarter
    dated = planned(gaps, says(**first, AGREE={"R08": "2025-09"}))
    assert (of(dated, "GROUP").first, of(dated, "AGREE").first, of(dated, "AGREE").early) == (1, 9, ())


def test_action_with_an_end_begins_after_its_requirements() -> None:
    # AGREE usually takes nine months, GROUP lasts until month 6.
    found = planned("A01 A02", says(AGREE={"R09": "2025-10"}))
    assert (of(found, "AGREE").first, of(found, "AGREE").last, of(found, "AGREE").early) == (7, 10, ())
    too_early = planned("A01 A02", says(AGREE={"R09": "2025-04"}))
    assert (of(too_early, "AGREE").last, of(too_early, "AGREE").early) == (4, ("GROUP",))


def test_planned_action_may_close_more_gaps_than_proposed() -> None:
    found = planned("A02 G01", says(AGREE={"R02": "G01 RETURN_SHARE"}))
    assert of(found, "AGREE").closes == ("A02", "G01")
    assert ids(found) == ["AGREE"]


def test_gap_is_left_open_by_an_explicit_decision() -> None:
    found = planned("A02 A03", says(AGREE={"R05": "NONE", "R01": "The police publishes by itself"}))
    assert ids(found) == ["LAW"]
    assert [(decision.id, str(decision.reason), decision.leaves) for decision in found.decisions] == [
        ("AGREE", "The police publishes by itself", ("A02",))
    ]
    assert found.decision("A02") == found.decisions[0]
    assert found.decision("A03") is None


def test_decision_may_name_the_gaps_left_open() -> None:
    found = planned("A02 A03 MIG_SHARE", says(LATER={"R05": "NONE", "R02": "A03, MIG_SHARE"}))
    assert ids(found) == ["AGREE"]
    assert found.decisions[0].leaves == ("A03", "MIG_SHARE")


def test_action_of_the_country_replaces_proposals() -> None:
    own = {"R01": "Use the new system", "R02": "A02 H01", "R05": "IT", "R11": "2", "R10": "SHORT", "R17": "03"}
    found = planned("A02 H01 D01", says(SYSTEM=own))
    assert ids(found) == ["SYSTEM", "FLOWS"]
    assert of(found, "SYSTEM").closes == ("A02", "H01")
    assert of(found, "SYSTEM").status == "national"
    assert of(found, "FLOWS").after == ("SYSTEM",)


def test_product_of_equal_name_does_not_decide_an_action() -> None:
    found = planned(
        "A02", says(SYSTEM={"P01": "Registers", "R01": "Use the new system", "R02": "A02"}, OTHER={"P01": "x"})
    )
    assert [(action.id, action.decided) for action in found.actions] == [("SYSTEM", ("R01", "R02"))]
    assert found.idle == ()


def test_country_action_without_known_gap_is_listed_separately() -> None:
    found = planned("A02", says(NEWS={"R01": "Write a newsletter", "R02": "G01"}))
    assert ids(found) == ["AGREE"]
    assert [(name, str(text)) for name, text in found.idle] == [("NEWS", "Write a newsletter")]


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        ({"X": {"R02": "A99"}}, "There is no “A99”"),
        ({"X": {"R02": "A01", "R04": "IMM_RAT"}}, "Did you mean “IMM_RATE”"),
        ({"GROUP": {"R12": "AGREEMENT"}}, "There is no “AGREEMENT”"),
        ({"GROUP": {"R08": "soon"}}, "“soon” is not a period"),
        ({"GROUP": {"R08": "2026", "R09": "2025"}}, "ends before it begins"),
        ({"GROUP": {"R16": "high"}}, "“high” is not a place in the order"),
    ],
)
def test_unreadable_answer_is_refused_with_its_place(actions: dict[str, dict[str, str]], said: str) -> None:
    with pytest.raises(DeclarationError, match=said) as caught:
        planned("A01", says(**actions))
    assert caught.value.place.key.startswith("actions.")


def test_circular_actions_are_refused() -> None:
    with pytest.raises(DeclarationError, match="depend on each other: GROUP, AGREE"):
        planned("A01 A02", says(GROUP={"R12": "AGREE"}))


# Whatever is missing


SUBJECTS = sorted({name for proposal in PLAN.proposals for name in (*proposal.closes, *proposal.unlocks)})
MONTHS = [f"{year}-{month:02}" for year in range(2023, 2034) for month in range(1, 13)]
CHOSEN = ["AGREE_BORDER", "BORDER_MATCHING", "FLOWS_TOTAL", "LEAD_AGENCY", "STAT_LAW", "MINE"]


@st.composite
def decisions(draw: st.DrawFn) -> dict[str, dict[str, str]]:
    """Possible decisions of a country on actions: dates, places, lengths and requirements."""
    said: dict[str, dict[str, str]] = {}
    for name in draw(st.sets(st.sampled_from(CHOSEN), max_size=4)):
        first, last = sorted(draw(st.tuples(st.sampled_from(MONTHS), st.sampled_from(MONTHS))))
        of_action = [
            {},
            {"R05": "NONE"},
            {"R08": first},
            {"R09": last},
            {"R08": first, "R09": last},
            {"R16": draw(st.sampled_from("123"))},
            {"R02": "A05 IMM_RATE", "R08": first},
            {"R10": "LONG"},
        ]
        said[name] = draw(st.sampled_from(of_action))
    return said


def all_needed(roadmap: Roadmap, action: Action) -> set[str]:
    direct = set(action.after)
    return direct.union(*(all_needed(roadmap, of(roadmap, name)) for name in direct))


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.sets(st.sampled_from(SUBJECTS), max_size=120), st.sets(st.sampled_from(SUBJECTS), max_size=40), decisions())
def test_every_gap_has_action_or_decision(gaps: set[str], known: set[str], decided: dict[str, dict[str, str]]) -> None:
    found = situation(" ".join(sorted(gaps)), sorted(known), plan=PLAN)
    plan = build_roadmap(PLAN, found, says(**decided))
    for name in gaps:
        assert bool(plan.closing(name)) != bool(plan.decision(name)), name
    actions = {action.id: action for action in plan.actions}
    assert len(actions) == len(plan.actions)
    for action in plan.actions:
        assert action.closes
        assert set(action.closes) <= gaps
        assert action.first <= action.last
        too_early = {name for name in all_needed(plan, action) if actions[name].last >= action.first}
        assert set(action.early) == too_early
        assert not too_early or action.dated
    # The list and the schedule have one order: what comes first begins first, and nothing stands before what it needs.
    assert [action.first for action in plan.actions] == sorted(action.first for action in plan.actions)
    place = {name: number for number, name in enumerate(actions)}
    assert all(
        place[name] < place[action.id] for action in plan.actions for name in action.after if name not in action.early
    )
    # No action of the country's own dates needs what is counted here: at most so many begin in a quarter.
    awaited = {name for action in plan.actions if action.dated for name in all_needed(plan, action)}
    quarters = Counter((a.first - 1) // 3 for a in plan.actions if not a.dated and a.id not in awaited)
    assert max(quarters.values(), default=0) <= PLAN.pace


@settings(max_examples=25, derandomize=True, deadline=None)
@given(st.sets(st.sampled_from(SUBJECTS), min_size=1, max_size=120))
def test_undated_roadmap_begins_with_the_most_urgent_action(gaps: set[str]) -> None:
    plan = build_roadmap(PLAN, situation(" ".join(sorted(gaps)), (), plan=PLAN), says())
    first, *others = plan.actions
    assert (first.first, first.after) == (1, ())
    actions = {action.id: action for action in plan.actions}
    needing = {action.id: {action.id} for action in plan.actions}
    for action in plan.actions:
        for name in all_needed(plan, action):
            needing[name].add(action.id)

    def urgency(action: Action) -> Decimal:
        return max(actions[name].priority.value for name in needing[action.id])

    assert all(urgency(first) >= urgency(action) for action in others if not action.after)


def test_produced_indicator_needs_an_action_that_adds_topics() -> None:
    by_age = replace(proposal("AGES", "05", 12, "D04", details="IMM_RATE"), topics=("SEX", "AGE"))
    by_country = replace(proposal("COUNTRIES", "05", 12, "D03", details="IMM_RATE"), topics=("C_RESIDENCE",))
    produced = next(result for result in situation("D02", produced="IMM_RATE").indicators if result.is_produced)
    without_countries = replace(produced, topics=(("SEX", True), ("AGE", True), ("C_RESIDENCE", False)))
    fits = adapt_proposals((by_age, by_country), {"IMM_RATE": without_countries})
    assert [(each.id, each.unlocks) for each in fits] == [("AGES", ()), ("COUNTRIES", ("IMM_RATE",))]
    nothing_seen = adapt_proposals((by_age, by_country), {"IMM_RATE": replace(produced, topics=())})
    assert [each.unlocks for each in nothing_seen] == [("IMM_RATE",), ("IMM_RATE",)]
