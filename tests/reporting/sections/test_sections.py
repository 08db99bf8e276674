"""Each section for a country with information in all sections, and for one without any."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from assessed_examples import example
from assessed_in_full import in_full
from lxml import html

from sdmxmig.reporting.sections import compose
from sdmxmig.reporting.sections.blocks import ReportTable
from sdmxmig.reporting.sections.indicators import build_feasibility_cell
from sdmxmig.reporting.sections.scores import find_module
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.evidence import ExplainedNumber, ModuleScore
from sdmxmig.statistics.model.indicator_results import Feasibility, SubjectAnswer

OF_QUESTIONS = ("dissemination", "institutions", "integration", "quality", "sources")


def view(name: str, assessment: Assessment | None = None) -> dict[str, Any]:
    return dict(VIEWS[name](assessment or in_full(), Wording("en")))


def texts(table: ReportTable) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def nothing_known() -> Assessment:
    known = in_full()
    scores = [replace(score, answer="", practice=type(score.practice)()) for score in known.scores]
    return replace(known, scores=tuple(scores), about={}, evidence=(), contradictions=(), series=())


def test_item_without_answer_is_listed_only_in_the_annex() -> None:
    described = ["Asylum register?", "described, not rated", "Kept by the migration service."]
    assert described in [cells[:3] for cells in texts(view("answers")["answers"])]
    assert described not in texts(view("sources")["table"])


@pytest.mark.parametrize("name", OF_QUESTIONS)
def test_section_leaves_out_unanswered_questions(name: str) -> None:
    section = view(name, nothing_known())
    assert not section.get("table")


def test_unanswered_modules_name_results_that_answers_add() -> None:
    assert view("institutions", nothing_known())["table"] is None
    section = view("unanswered", nothing_known())
    rows = texts(section["table"])
    assert [row[0] for row in rows if row[2].startswith("Mandate, resources")] == ["Governance and law"]
    scores = nothing_known().scores
    of_country = {label: asked for label, asked, _ in rows if "indicators" not in label}
    assert of_country["Governance and law"] == "4"
    assert sum(map(int, of_country.values())) == len(scores)
    assert section["heading"].endswith(f": {len(scores)}")


@pytest.mark.parametrize("name", ["fictional", "georgia"])
def test_answered_modules_are_not_listed_as_unanswered(name: str) -> None:
    assert view("unanswered", example(name)) == {}


@pytest.mark.parametrize(("practice", "quoted"), [(Text.of(en="By a decree."), ""), (Text(), "“By decree”, page 4")])
def test_described_question_is_not_shown_as_unanswered(practice: Text, quoted: str) -> None:
    known = in_full()
    first = known.indicators[0]
    described = {
        item: replace(first.answers["L01"], item=item, answer="", practice=practice, quoted=quoted)
        for item in ("L01", "L06")
    }
    indicator = replace(first, declared="", answers=described, feasibility=Feasibility())
    assessment = replace(
        known,
        scores=tuple(replace(score, answer="", practice=practice, quoted=quoted) for score in known.scores),
        indicators=(indicator, *known.indicators[1:]),
        labels={**known.labels, "CL_BENCH_ITEM.L06": Text.of(en="Feasibility")},
    )
    assert not view("unanswered", assessment)
    annex = view("answers", assessment)
    shown = [row for name in ("answers", "indicators") for row in texts(annex[name]) if row[1:]]
    assert [row[1] for row in shown] == ["described, not rated"] * (len(assessment.scores) + 2)
    assert {row[1] for row in texts(view("evidence", assessment)["table"])} == {"described, not rated"}
    assert build_feasibility_cell(indicator, assessment, Wording("en")).text == "described, not rated"


def test_definitions_are_grouped_by_document_with_effects() -> None:
    section = view("definitions")
    documents = [row.cells[0].text for row in section["table"].rows if row.kind == "group"]
    assert len(documents) == len(set(documents))
    assert section["effects"] == ["By birth and by citizenship: 2 (Residence rule (B01); One rule for all (B07))"]
    assert section["no_effects"] == ["no second figure: 0 (Rule applied to emigration (B06))"]


@pytest.mark.parametrize(("evidence", "is_provisional"), [("PUBLIC", True), ("CONFIRMED", False)])
def test_unconfirmed_definition_rating_is_provisional(evidence: str, is_provisional: bool) -> None:
    known = in_full()
    words = Text.of(en="As the law says.")
    items = [replace(score.item, recommendation=words) for score in known.scores]
    scores = [replace(score, item=item, evidence=evidence) for score, item in zip(known.scores, items, strict=True)]
    section = view("definitions", replace(known, scores=tuple(scores)))
    notes = {row.cells[0].text: row.cells[1].note for row in section["table"].rows if len(row.cells) > 1}
    assert set(notes) == {"Residence rule", "Rule applied to emigration", "One rule for all"}
    assert set(notes.values()) == {""}
    status = ("The comparisons with the reference texts are provisional: not confirmed by the office.",)
    assert section["table"].notes == (status if is_provisional else ())


def test_ratings_column_requires_mostly_rated_definitions() -> None:
    known = in_full()
    words = Text.of(en="As the law says.")
    scores = [
        replace(score, item=replace(score.item, recommendation=words), practice=words, question=words)
        for score in known.scores
    ]
    rated = [replace(score, evidence="PUBLIC") for score in scores if score.item.scale == "ALIGN"]
    described = [replace(score, answer="") for score in rated]
    tables = {
        n: view("definitions", replace(known, scores=(*rated[:n], *described[n:])))["table"] for n in (0, 1, len(rated))
    }
    heads = {n: [column.label for column in table.columns] for n, table in tables.items()}
    assert "Alignment" not in heads[1]
    assert "Alignment" in heads[len(rated)]
    notes = {n: [row.cells[-2].note for row in table.rows if len(row.cells) > 1][:2] for n, table in tables.items()}
    question = "Question to the office: As the law says."
    assert notes[0] == [question] * 2
    assert notes[1] == ["Aligned; provisional: not confirmed by the office", question]
    assert notes[len(rated)] == ["", ""]
    again = [row.cells[-1].text for row in tables[0].rows if len(row.cells) > 1]
    assert again[:2] == ["As the law says.", "The same text as for B01."]


def test_declared_and_computed_feasibility_are_shown() -> None:
    core = view("indicators")["tiers"][0]["matrix"]
    cells = {row.cells[0].text: row.cells[-1] for row in core.rows[1:]}
    assert (cells["Immigration rate"].text, cells["Immigration rate"].note) == (
        "Produced now",
        "sdmxmig estimate: feasible within one year. sources that carry it: 1",
    )
    assert "Share of the foreign-born" not in cells
    topics = next(row.cells[3] for row in core.rows if row.cells[0].text == "Immigration rate")
    assert (topics.text, topics.note) == ("Age, sex", "breakdowns of the values: sex; further: duration of stay")
    assert texts(view("indicators")["challenges"]) == [["Share of the foreign-born", "yes", "1", "2", "8"]]


def test_quality_lists_findings_issues_and_unknown_shares() -> None:
    section = view("quality")
    assert section["heading"] == "Automatic checks ask the office to explain 2 of the national figures"
    assert texts(section["issues"]) == [["Break in series", "breaks without a flag: 1"]]
    assert "Over-coverage by unregistered emigration" in section["untested"]
    assert section["unknown"].endswith(", 120 of 12,000 (1.0%)")
    few = [replace(share, unknown=Decimal(1), share=Decimal("0.0001")) for share in in_full().unknown_shares]
    assert view("quality", replace(in_full(), unknown_shares=tuple(few)))["unknown"] == ""
    reason = "Reason given: A census corrected the population."
    listed = [[cell.text for cell in row.cells] for row in section["findings"].rows]
    assert listed == [["Immigration, 2022: 250 after 100.", reason], ["Immigration, 2023: 90 after 250.", reason]]


@pytest.mark.parametrize(
    ("on_flow", "practice", "years"),
    [
        (False, "Of 250 immigrants in 2022, 180 were refugees.", ["2023"]),
        (False, "Emigration fell from 1,250 in 2022.", ["2022", "2023"]),
        (True, "Immigration was 250 in 2022.", ["2022", "2023"]),
    ],
)
def test_figure_that_a_cited_comment_on_its_rule_explains_is_not_asked_about(
    on_flow: bool, practice: str, years: list[str]
) -> None:
    comment = SubjectAnswer("O01", practice=Text.of(en=practice), sources=("G45",), evidence="REPORTED")
    subject = "DF_POP" if on_flow else next(rule.rule for rule in in_full().rules if rule.figures)
    assessment = replace(in_full(), about={subject: (comment,)})
    section = view("quality", assessment)
    assert [row.cells[0].text.split()[1].rstrip(":") for row in section["findings"].rows] == years
    assert section["heading"].startswith(f"Automatic checks ask the office to explain {len(years)} of")


def test_contradictions_are_listed_with_answers_and_cells() -> None:
    section = view("evidence")
    assert texts(section["contradictions"]) == [
        ["By country of previous residence", "not applicable", "the data show it: 1"],
        ["Availability", "Some topics", "years: 2"],
    ]
    notes = [[cell.note for cell in row.cells] for row in section["contradictions"].rows]
    assert notes[0] == ["D03", "", "migration.xlsx › Table 1 › C14"]
    assert notes[1][0] == "L01 · Immigration rate"


def test_score_requires_and_states_enough_answers() -> None:
    value = ExplainedNumber(Decimal("0.5"))
    few = ModuleScore("A", 6, answered=2, not_applicable=1, unknown=3, gaps=1, partial=0, score=value)
    half = replace(few, unknown=2, asked=5)
    cells = [find_module(score, Wording("en")) for score in (few, half)]
    assert [(cell.text, cell.note, cell.is_absent) for cell in cells] == [
        ("too few answers", "2 of 5 rated", True),
        ("50.0%", "2 of 4 rated", False),
    ]


def test_scores_are_printed_only_after_sign_off() -> None:
    section = view("scores", replace(in_full(), signed_off="Office"))
    assert texts(section["modules"]) == [
        ["Governance and law", "4", "2", "0", "2", "0", "1", "75.0%"],
        ["Data integration", "1", "0", "0", "1", "0", "0", "not rated"],
    ]
    assert section["formulas"] == ["Score of a module = points given / points possible."]
    draft = view("scores", replace(in_full(), signed_off=""))
    assert (texts(draft["modules"])[0][-1], draft["formulas"]) == ("1", [])


def test_annex_lists_questions_by_module_and_source() -> None:
    section = view("confirm")
    assert [(row.cells[0].text, row.cells[0].note) for row in section["table"].rows] == [
        ("Contradictions", ""),
        ("the data show it: 1", "D03"),
        ("years: 2", "IMM_RATE L01"),
        ("Governance and law", ""),
        ("Does the policy name data?", "A18"),
        ("Border records", ""),
        ("Which department?", "H06 S01"),
    ]
    annexes = html.document_fromstring(compose(in_full(), document="annexes").html)
    assert "Does the policy name data?" in annexes.get_element_by_id("confirm").text_content()


def test_annex_shortens_thousands_of_values_and_links_to_all() -> None:
    known = in_full()
    first = known.indicators[0]
    years = [str(year) for year in range(1780, 2023)]
    values = tuple(replace(first.values[0], period=year) for year in years for _ in range(3))
    women = [replace(value, codes=(("SEX", "F"),)) for value in values]
    old_women = [replace(value, codes=(("SEX", "F"), ("AGE", "Y_GE65"))) for value in values]
    many = replace(first, values=values, group_rates=(), parts=(*women, *old_women))
    section = view("values", replace(known, indicators=(many,)))
    assert texts(section["table"])[1][1] == "2022"
    assert len(section["table"].rows) == 4
    assert "2,187" in section["heading"]
    assert "assessment.json" in section["table"].notes[0]


def test_cells_and_sentences_are_never_empty() -> None:
    for assessment in (in_full(), nothing_known()):
        page = html.document_fromstring(compose(assessment).html)
        for element in page.xpath("//section//p | //section//h2 | //section//h3 | //section//th | //section//caption"):
            assert element.text_content().strip(), html.tostring(element)
        assert "None" not in page.text_content().replace("None of these counts as a strength", "")


def test_identical_evidence_of_two_groups_is_merged() -> None:
    known = in_full()
    shown = next(one for one in known.evidence if one.item == "D01")
    twice = replace(known, evidence=(shown, replace(shown, keys=("FC",))), contradictions=())
    view: Any = VIEWS["evidence"](twice, Wording("en"))
    assert len(view["table"].rows) == 1
