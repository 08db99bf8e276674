"""The report links each gap to its actions, and each action to its gaps, with responsible office, date and order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from assessed import SCALES, SCORES, georgia, score
from lxml import etree, html
from shipped import CATALOGUE

from sdmxmig.catalogue.benchmarking import Answer, Profile
from sdmxmig.reporting.outputs import Page, typed_json
from sdmxmig.reporting.sections import compose
from sdmxmig.reporting.sections.roadmap import draw_timetables
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.calculations.roadmap import build_roadmap
from sdmxmig.statistics.model.assessment import Assessment, Gap, GapReason
from sdmxmig.statistics.model.evidence import DATES, Contradiction, Statement

GAPS = {"B07": "One rule", "D05": "Reasons", "D16": "Provisional flows", "MIG_SHARE": "Share of the foreign-born"}
SHOWN = ("ACTION_TYPE", "PHASE", "COST", "HORIZON", "FEAS")


def assessed(gaps: tuple[str, ...] = tuple(GAPS), prepared: str = "", **actions: dict[str, str]) -> Assessment:
    """The assessment of a country with these gaps and what it says of actions."""
    about = {
        name: {
            item: Answer(
                item,
                value if item == "R05" else "",
                practice=Text.of(en=value),
                sources=("G2",),
                evidence="REPORTED",
                subject=name,
            )
            for item, value in answers.items()
        }
        for name, answers in actions.items()
    }
    assessment = replace(
        georgia(),
        scores=(*SCORES, score("D05", "Reasons", "AVAIL", "0"), score("D16", "Provisional flows", "AVAIL", "1")),
        gaps=tuple(
            Gap(
                name,
                Text.of(en=GAPS[name]),
                action=Text.of(en=f"Close {name}."),
                reasons=(GapReason(name, Text.of(en="No")),),
            )
            for name in gaps
        ),
        scales=(*SCALES, *(CATALOGUE.scales[name] for name in SHOWN)),
        provenance=(("prepared", prepared),),
    )
    return replace(
        assessment,
        roadmap=build_roadmap(
            CATALOGUE.plan, assessment, Profile("GE", "2024", answers={}, about=about, sources={"G2": "A plan"})
        ),
    )


def by_id(page: etree._Element, name: str) -> etree._Element:
    element = page.find(f".//*[@id='{name}']")
    assert element is not None, name
    return element


def section(page: Page, name: str) -> etree._Element:
    return by_id(html.document_fromstring(page.html), name)


def text_of(element: etree._Element) -> str:
    return " ".join("".join(str(text) for text in element.itertext()).split())


def said(page: Page, name: str) -> str:
    return text_of(section(page, name))


def cells(table: etree._Element) -> list[list[str]]:
    return [[text_of(cell) for cell in row] for row in table.iter("tr") if len(row) > 1]


@pytest.fixture(scope="module")
def decided() -> Page:
    """A country that decides: one gap stays open, one action has its dates."""
    dated = {"R08": "2026-03", "R09": "2026-08", "R06": "The commission"}
    return compose(assessed(FLOWS_REASON={"R05": "NONE", "R01": "Another survey asks"}, RULE_FLOWS=dated))


@pytest.fixture(scope="module")
def proposed() -> Page:
    """A country that has decided nothing yet."""
    return compose(assessed())


def test_every_gap_links_to_its_action_and_back(proposed: Page) -> None:
    page = html.document_fromstring(proposed.html)
    table = by_id(page, "table-gaps")
    for name in GAPS:
        row = next(row for row in table.iter("tr") if row[0].get("id") == f"gap-{name}")
        (link,) = [link for link in row.iter("a") if link.get("href", "").startswith("#action-")]
        action = by_id(page, link.get("href", "")[1:]).getparent()
        assert f"#gap-{name}" in [link.get("href") for link in action.iter("a")]


def test_links_of_gaps_and_actions_resolve_uniquely(decided: Page) -> None:
    page = html.document_fromstring(decided.html)
    names = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(names) == len(set(names))
    for name in ("gaps", "roadmap"):
        targets = {link.get("href", "")[1:] for link in section(decided, name).iter("a")}
        assert targets <= set(names)


def test_table_of_actions_has_actor_date_and_cost(proposed: Page) -> None:
    assert "4 actions would close the 4 known gaps" in said(proposed, "roadmap")
    rows = cells(section(proposed, "table-roadmap"))
    by_name = {row[0].partition(" proposal")[0].partition(". ")[2]: row[1:] for row in rows[1:]}
    stock = by_name["Share of the foreign-born: Close MIG_SHARE"]
    assert stock[0] == "Share of the foreign-born"
    assert stock[1].startswith("National statistical office")
    assert stock[2:] == ["Jan 2025–Dec 2025 proposed months"]
    assert "The costs of the actions are not estimated yet." in said(proposed, "roadmap")
    assert rows[1][1] == "Share of the foreign-born"


def test_partial_action_is_named_by_its_open_part() -> None:
    shown = VIEWS["roadmap"](assessed(("D05", "MIG_SHARE")), Wording("en"))
    assert [row.cells[0].text for row in shown["table"].rows] == [
        "1. Share of the foreign-born: Close MIG_SHARE",
        "2. Close D05",
    ]
    assert shown["details"] is None


def test_proposals_begin_after_assessment_and_lateness_is_marked() -> None:
    late = {"RULE_FLOWS": {"R08": "2025-03", "R09": "2025-08"}}
    shown = VIEWS["roadmap"](assessed(prepared="2026-11-28T08:00:00Z", **late), Wording("en"))
    timing = {row.cells[0].anchor: (row.cells[3].text, row.cells[3].mark) for row in shown["table"].rows}
    assert timing.pop("action-RULE_FLOWS") == ("Mar 2025–Aug 2025", "overdue")
    assert {months.partition("–")[0] for months, _ in timing.values()} == {"Dec 2026"}
    (figure,) = shown["timetables"]
    drawn = {f"{row.cells[1].text}–{row.cells[2].text}" for row in figure.data.rows}
    assert drawn == {"Mar 2025–Aug 2025", *(months for months, _ in timing.values())}


def test_decision_of_the_country_replaces_its_action(decided: Page) -> None:
    gap = next(row for row in cells(section(decided, "table-gaps")) if row[0].startswith("Reasons"))
    assert gap[2] == "No action, by decision: Another survey asks [G2]"
    assert cells(section(decided, "table-no-action"))[1] == ["Another survey asks [G2]", "Reasons"]
    assert "FLOWS_REASON" not in decided.html


def test_dates_of_the_country_differ_from_proposed_dates(decided: Page) -> None:
    text = said(decided, "roadmap")
    assert "The country has decided on 1 action. The others are proposals." in text
    rows = cells(section(decided, "table-roadmap"))
    rule = next(row for row in rows if " decided " in row[0])
    assert rule[2].startswith("The commission")
    assert rule[3].startswith("Mar 2026–Aug 2026")
    assert all("proposed months" in row[3] for row in rows[1:] if row is not rule)
    assert any("proposed months; only after action " in row[3] for row in rows)


def test_schedule_names_dates_out_of_order_and_their_correction() -> None:
    early = assessed(RULE_FLOWS={"R08": "2025-02", "R12": "STOCK_GROUPS"})
    sentence = Statement("early", (("what", (Text.of(en="Two rules"),)),))
    contradiction = Contradiction(DATES, "RULE_FLOWS", item="R08", answer="2025-02", sentence=sentence)
    early = replace(early, contradictions=(contradiction,), sentences={"early": Text.of(en="{what} too early.")})
    (figure,) = draw_timetables(early, Wording("en"))
    assert "Two rules too early." in figure.notes
    assert "(R12)" in figure.notes[-1]
    table = VIEWS["roadmap"](early, Wording("en"))["table"]
    assert [row.cells[3].mark for row in table.rows if row.cells[0].anchor == "action-RULE_FLOWS"] == ["contradiction"]
    assert sum(row.cells[3].mark == "contradiction" for row in table.rows) == 1


def test_sections_without_gaps_or_actions_are_left_out() -> None:
    rated = assessed(())
    gaps = VIEWS["gaps"](rated, Wording("en"))
    assert (gaps["heading"], gaps["table"]) == ("No gap in the rated questions (7 of 10)", None)
    assert not VIEWS["roadmap"](rated, Wording("en"))
    unrated = replace(rated, scores=tuple(replace(score, answer="") for score in rated.scores))
    assert not VIEWS["gaps"](unrated, Wording("en"))


def test_written_roadmap_survives_a_round_trip() -> None:
    assessment = assessed(FLOWS_REASON={"R05": "NONE"}, RULE_FLOWS={"R16": "1"}, NEWS={"R01": "Write a newsletter"})
    assert assessment.roadmap.actions
    assert assessment.roadmap.decisions
    assert assessment.roadmap.idle
    assert typed_json.read(typed_json.render(assessment)) == assessment
