"""Page one of a country states no more than is known, whether much or little is known."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from assessed_examples import example
from case_tables import cases_from, listed
from shipped import CATALOGUE
from small_country import assessed, dataset

from sdmxmig.catalogue.folders import read_code_words
from sdmxmig.reporting.sections.blocks import CitedSentence
from sdmxmig.reporting.sections.consistency import describe_comparability
from sdmxmig.reporting.sections.key_figures import choose_leading_figures
from sdmxmig.reporting.sections.plain_words import ABSENT, DETAIL, GAP, index_plain_sentences
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.calculations.gaps import EarlierAssessment, EarlierGap, classify_progress
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.evidence import QualityIssue


def page(known: Assessment, name: str = "summary") -> dict[str, Any]:
    return dict(VIEWS[name](known, Wording("en")))


def test_each_figure_cites_the_sources_of_its_own_value() -> None:
    def cited(year: str, value: str, source: str, **codes: str) -> dict[str, str]:
        return {"TIME_PERIOD": year, "OBS_VALUE": value, "SOURCE_DETAIL": f"Office [{source}]", **codes}

    known = assessed(
        "[sources]\n" + "".join(f'S{n} = "Office"\n' for n in range(1, 10)),
        dataset(
            "DF_POP",
            cited("2020", "900", "S1"),
            cited("2024", "1000", "S2"),
            cited("2024", "80", "S3", BIRTH_STATUS="FB"),
            cited("2024", "70", "S4", CTZ_STATUS="FC"),
        ),
        dataset(
            "DF_IMM",
            cited("2022", "30", "S5"),
            cited("2024", "40", "S6"),
            *(cited("2024", n, "S7", CTZ_STATUS="FC", C_CITIZEN=c) for c, n in (("AM", "9"), ("AZ", "8"), ("TR", "7"))),
            cited("2022", "5", "S8", CTZ_STATUS="FC", C_CITIZEN="TR"),
        ),
        dataset("DF_EMI", cited("2022", "20", "S5"), cited("2024", "10", "S9")),
    )
    assert {figure.label: figure.sources for figure in page(known)["figures"]} == {
        "Foreign-born": ("S2", "S3"),
        "Net migration": ("S6", "S9"),
        "Population": ("S2",),
    }
    assert ("S7",) in [one.sources for one in page(known)["countries"]]


def test_newer_estimate_by_country_precedes_older_total() -> None:
    rows = [
        {"TIME_PERIOD": "2020", "OBS_VALUE": "70", "BIRTH_STATUS": "FB"},
        {"TIME_PERIOD": "2024", "OBS_VALUE": "90", "BIRTH_STATUS": "FB", "C_BIRTH": "AM"},
    ]
    shown = page(assessed("", dataset("DF_UNDESA_IMS", *rows)))
    assert shown["heading"] == "90 people born in Armenia in 2024, estimated by the United Nations."
    rows[0]["COMMENT_OBS"] = "With refugees."
    (figure,) = page(assessed("", dataset("DF_UNDESA_IMS", *rows)))["figures"]
    assert (figure.label, figure.value) == ("Born in Armenia", "90")
    assert "all countries: 70 in 2020, estimated by the United Nations; with refugees" in figure.note


def test_native_born_estimate_does_not_count_as_migrants() -> None:
    rows = [
        {"TIME_PERIOD": "2020", "OBS_VALUE": "70", "BIRTH_STATUS": "FB"},
        {"TIME_PERIOD": "2024", "OBS_VALUE": "900", "BIRTH_STATUS": "NB", "C_BIRTH": "GE"},
    ]
    heading = page(assessed("", dataset("DF_UNDESA_IMS", *rows)))["heading"]
    assert heading == "70 international migrants in 2020, estimated by the United Nations."


YEARS = {"2019": [], "2018": ["70"]}
"""The year of the count in the heading, and the figures below it if there is an estimate of 2020."""


def test_un_estimate_replaces_missing_national_count() -> None:
    estimate = dataset(
        "DF_UNDESA_IMS",
        {"TIME_PERIOD": "2015", "OBS_VALUE": "60", "BIRTH_STATUS": "FB"},
        {
            "TIME_PERIOD": "2020",
            "OBS_VALUE": "70",
            "BIRTH_STATUS": "FB",
            "COMMENT_OBS": "Foreign citizens and refugees.",
        },
    )
    shown = page(assessed("", estimate))
    assert shown["heading"] == "70 international migrants in 2020, estimated by the United Nations."
    (figure,) = shown["figures"]
    assert (figure.label, figure.value) == ("International migrants", "70")
    assert figure.note == "2020, estimated by the United Nations; foreign citizens and refugees"
    counts = {year: dataset("DF_POP", {"TIME_PERIOD": year, "OBS_VALUE": "55", "BIRTH_STATUS": "FB"}) for year in YEARS}
    page_by_year = {year: page(assessed("", estimate, count)) for year, count in counts.items()}
    assert {year: [one.value for one in shown["figures"]] for year, shown in page_by_year.items()} == YEARS
    headings = [shown["heading"].partition("; ")[2] for shown in page_by_year.values()]
    assert headings == ["", "70 international migrants in 2020, estimated by the United Nations."]


@pytest.mark.parametrize(("flow", "said"), [("DF_IMM", "Immigration was 80"), ("DF_EMI", "Emigration was 80")])
def test_single_flow_is_the_headline_of_page_1(flow: str, said: str) -> None:
    moves = dataset(flow, {"TIME_PERIOD": "2021", "OBS_VALUE": "74"}, {"TIME_PERIOD": "2022", "OBS_VALUE": "80"})
    assert page(assessed("", moves))["heading"] == f"{said} in 2022."


def test_headline_without_figures_names_the_main_gap() -> None:
    heading = "The number of foreign citizens is not published regularly."
    assert page(assessed('[items.C02]\nanswer = "2"\n'))["heading"] == heading


def test_gaps_and_steps_of_page_1_correspond() -> None:
    answers = {"A03": "N", "B07": "1", "C01": "2", "C02": "2", "D16": "1", "K04": "P"}
    known = assessed("".join(f'[items.{item}]\nanswer = "{answer}"\n' for item, answer in answers.items()))
    shown = page(known)
    assert len(shown["steps"]) == 3
    assert all(gap.subject in step.subject.split(", ") for gap, step in zip(shown["gaps"], shown["steps"], strict=True))
    assert all("proposed" in point.note for point in shown["steps"])


STEPS = """[sources]
S1 = "Office"
[items.C01]
evidence = "NOT_VERIFIED"
question.en = "Is a yearly count published?"
[comments.DF_POP.O01]
practice.en = "About 900 permits were valid in 2026."
sources = ["S1"]
[comments.REBASE_SERIES.O01]
practice.en = "Revise the yearly population."
sources = ["S1"]
"""


def test_steps_are_ordered_by_gain_and_then_by_evidence() -> None:
    evidence = {
        "ACCOUNTS": "PUBLIC",
        "COVERAGE_STUDY": "REPORTED",
        "RULE_FLOWS": "PUBLIC",
        "REBASE_SERIES": "PUBLIC",
        "FLOWS_TOTAL": "REPORTED",
    }
    comments = "".join(
        f'[comments.{action}.O01]\npractice.en = "{action}"\nsources = ["S1"]\nevidence = "{of}"\n'
        for action, of in evidence.items()
    )
    known = assessed(f'[sources]\nS1 = "Office"\n{comments}')
    assert [step.text for step in page(known)["steps"]] == ["REBASE_SERIES", "COVERAGE_STUDY", "FLOWS_TOTAL"]
    assert list(known.about)[-2:] == ["RULE_FLOWS", "ACCOUNTS"]


def test_steps_that_cite_a_source_replace_questions() -> None:
    shown = page(assessed(STEPS))
    assert [(step.text, step.sources) for step in shown["steps"]] == [("Revise the yearly population.", ("S1",))]
    assert [fact.sentence for fact in shown["residents"]] == ["About 900 permits were valid in 2026."]
    assert shown["steps_note"] == "No further step was found in the sources of this report."
    assert not shown["questions"]
    unsourced = page(assessed(STEPS.replace('sources = ["S1"]', "")))
    assert (unsourced["steps"], unsourced["residents"]) == ([], [])
    assert "Is a yearly count published?" in unsourced["questions"]


def comparability(assessment: Assessment) -> list[CitedSentence]:
    return describe_comparability(assessment, Wording("en"))


SIX, TWELVE = "six months, close to the first option", "12 months, close to the second option"


@pytest.mark.parametrize(
    ("rule", "evidence", "verdict"),
    [
        pytest.param("[R183_183]", "REPORTED", "183 days before and 183 days after the move", id="183 days"),
        pytest.param("[R6]", "PUBLIC", SIX, id="six months"),
        pytest.param("[R6]", "CONFIRMED", SIX, id="confirmed"),
        pytest.param("[R12]", "PUBLIC", TWELVE, id="12 months"),
        pytest.param("", "PUBLIC", "", id="no rule is named"),
        pytest.param("[OTH]", "PUBLIC", "", id="rule without a verdict"),
        pytest.param("[R6]", "NOT_VERIFIED", "", id="no evidence"),
    ],
)
def test_residence_rule_is_named_only_if_a_source_states_one(rule: str, evidence: str, verdict: str) -> None:
    practice = f'evidence = "{evidence}"\npractice.en = "Immigrants stay. {rule}"\nsources = ["S1"]\n'
    shown = comparability(assessed(f'[sources]\nS1 = "Office"\n[items.B05]\n{practice}'))
    begun = f"Residence rule of immigration: {verdict}"
    assert [(one.sentence.startswith(begun), one.sources) for one in shown] == ([(True, ("S1",))] if verdict else [])
    assert all(("provisional" in one.sentence) == (evidence != "CONFIRMED") for one in shown)


def test_data_rule_is_rated_if_the_profile_names_no_rule() -> None:
    flow = dataset("DF_IMM", {"TIME_PERIOD": "2024", "OBS_VALUE": "80"}, RES_RULE="R12")
    (shown,) = comparability(assessed("", flow))
    assert shown.sentence.startswith(f"Residence rule of immigration: {TWELVE}")


def test_every_rated_rule_agrees_with_its_un_option() -> None:
    (rules,) = (scheme for ref, scheme in CATALOGUE.artefacts.items() if ref.id == "CL_RES_RULE")
    option = {
        rule.id: note.text.in_language("en") for rule in rules for note in rule.annotations if note.type == "OPTION"
    }
    for code, verdict in read_code_words("report", "comparable").items():
        assert "close to" not in verdict or code in option


@pytest.mark.parametrize(
    ("day", "residents", "net", "said"),
    [
        (
            "D0101",
            "1000 990 980 950",
            "-5 -10 -30",
            "fell by 5.0% from 2021 (1,000) to 2024 (950); net migration accounts for 90%",
        ),
        (
            "D1231",
            "1000 1010 1020 1100",
            "9 5 10 11",
            "grew by 10% from 2021 (1,000) to 2024 (1,100); net migration accounts for 26%",
        ),
        ("D0101", "1000 990 980 950", "5 10 30", "fell by 5.0% from 2021 (1,000) to 2024 (950); net migration was +45"),
        (
            "D0101",
            "900 1000 990 980 950",
            "- -5 -10 -20",
            "fell by 5.0% from 2021 (1,000) to 2024 (950); net migration accounts for 70%",
        ),
        ("D0701", "1000 990 980 950", "-5 -10 -30", "Net migration was −30 in 2023."),
        ("D0101", "1000 - 980 950", "-5 -10 -30", "Net migration was −30 in 2023."),
    ],
)
def test_heading_states_the_part_of_net_migration_in_growth(day: str, residents: str, net: str, said: str) -> None:
    def yearly(values: str, last: int, **codes: str) -> list[dict[str, str]]:
        pairs = zip(range(last, 0, -1), reversed(values.split()), strict=False)
        return [{"TIME_PERIOD": str(year), "OBS_VALUE": value, **codes} for year, value in pairs if value != "-"]

    moves = yearly(net, 2024 if day == "D1231" else 2023, ACC_ITEM="NET_MIG", UNIT_MEASURE="PS")
    counts = dataset("DF_POP", *yearly(residents, 2024), REF_DATE=day)
    assert said in page(assessed("", counts, dataset("DF_ACCOUNT", *moves)))["heading"]


@pytest.mark.parametrize(
    ("net", "said"),
    [
        ("50 20", "Net migration fell by 60% from 2023 to 2024."),
        ("50 70", "Net migration rose by 40% from 2023 to 2024."),
        ("50 51", "Net migration was +51 in 2024."),
        ("50 -20", "Net migration was −20 in 2024."),
        ("10 50", "Net migration was +50 in 2024."),
    ],
)
def test_explained_change_of_net_migration_leads_page_one(net: str, said: str) -> None:
    moves = [
        {"TIME_PERIOD": year, "OBS_VALUE": value, "ACC_ITEM": "NET_MIG", "UNIT_MEASURE": "PS"}
        for year, value in zip(("2023", "2024"), net.split(), strict=True)
    ]
    cause = (
        '[sources]\nS1 = "A"\n[comments.DF_ACCOUNT.O01]\nevidence = "PUBLIC"\npractice.en = "War."\nsources = ["S1"]\n'
    )
    assert page(assessed(cause, dataset("DF_ACCOUNT", *moves)))["heading"] == said
    assert page(assessed("", dataset("DF_ACCOUNT", *moves)))["heading"].startswith("Net migration was")


def test_inferred_figure_neither_leads_nor_is_a_key_figure() -> None:
    moves = [
        {"TIME_PERIOD": year, "OBS_VALUE": value, "ACC_ITEM": "NET_MIG", "UNIT_MEASURE": "PS", "OBS_STATUS": status}
        for year, value, status in (("2022", "-90", "A"), ("2023", "-80", "A"), ("2024", "-30", "I"))
    ]
    known = assessed("", dataset("DF_ACCOUNT", *moves))
    assert page(known)["heading"].startswith("Net migration was −80 in 2023")
    assert page(known, "production")["heading"] == "Net migration was −80 in 2023, after −90 in 2022"


@pytest.mark.parametrize(("status", "own", "foreign"), [("A", "−1,800", "+41,800"), ("I", "−2,000", "+42,000")])
def test_net_migration_of_citizens_and_foreigners_is_stated_if_known(status: str, own: str, foreign: str) -> None:
    def flow(name: str, whole: str, own: str) -> Dataset:
        rows = [
            {"TIME_PERIOD": "2024", "OBS_VALUE": whole},
            {"TIME_PERIOD": "2024", "OBS_VALUE": own, "CTZ_STATUS": "NC", "OBS_STATUS": status},
        ]
        return dataset(name, *rows)

    (said,) = page(assessed("", flow("DF_IMM", "70000", "20300"), flow("DF_EMI", "30000", "22111")))["size"]
    assert f"of Georgia was about {own}, that of foreign citizens about {foreign}." in said.sentence


def test_quality_names_how_an_estimate_was_made_and_a_revision() -> None:
    shown = page(example("moldova"))
    assert shown["heading"].endswith("to 2023 (2,492,300; estimate); net migration accounts for 90% of the change.")
    assert shown["size"][0].sentence == (
        "Net migration was −63,600 in 2022; −59,600 in 2023 (provisional); −32,100 in 2024 (inferred by this report)."
    )
    revised, read = [finding.sentence for finding in shown["quality"]]
    assert revised.startswith("Net migration, 2022: ")
    assert "−43,000" in revised
    assert read.startswith("Net migration, 2024: the press quotes the office that the population fell by 42,000")


def test_indicator_without_some_topics_counts_as_published() -> None:
    known = assessed('[indicators.IMM_RATE.L01]\nanswer = "3"\n[indicators.IMM_RATE.L02]\nanswer = "SOME"\n')
    assert [(gap.subject, "not all published" in gap.text) for gap in page(known)["gaps"]] == [("IMMIGRATION", True)]
    produced = assessed('[indicators.MIG_SHARE.L01]\nanswer = "3"\n[indicators.MIG_SHARE.L02]\nanswer = "SOME"\n')
    (gap,) = page(produced)["gaps"]
    assert "not published regularly" not in gap.text


def test_common_gap_of_both_flows_is_listed_once() -> None:
    lacking = "".join(
        f'[indicators.{indicator}.L01]\nanswer = "3"\n[indicators.{indicator}.L02]\nanswer = "SOME"\n'
        for indicator in ("IMM_RATE", "EMI_RATE")
    )
    known = assessed('[items.A03]\nanswer = "N"\n[items.K02]\nanswer = "P"\n' + lacking)
    assert {point.subject for point in page(known)["gaps"]} == {"IMMIGRATION, EMIGRATION", "A03", "K02"}


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [("N", "The statistics law does not cover migration"), ("P", "The statistics law does not fully cover migration")],
)
def test_whole_gap_is_not_worded_as_partial(answer: str, sentence: str) -> None:
    (gap,) = page(assessed(f'[items.A01]\nanswer = "{answer}"\n'))["gaps"]
    assert gap.text == sentence


@pytest.mark.parametrize("others", ["Y", ""])
def test_partly_completed_step_names_the_open_part(others: str) -> None:
    permits = "".join(f'[items.{item}]\nanswer = "{others}"\n' for item in ("A07", "A08") if others)
    (part,) = page(assessed(permits + '[items.A09]\nanswer = "N"\n'))["steps"]
    assert "foreign ministry" in part.text


def test_different_gaps_of_both_flows_are_listed_separately() -> None:
    detail = '[indicators.IMM_RATE.L01]\nanswer = "3"\n[indicators.IMM_RATE.L02]\nanswer = "SOME"\n'
    known = assessed(detail + '[indicators.EMI_RATE.L01]\nanswer = "1"\n[items.D06]\nanswer = "1"\n')
    assert {point.subject for point in page(known)["gaps"]} == {"EMIGRATION", "IMMIGRATION"}


def test_plain_sentences_have_known_subjects_and_six_languages() -> None:
    differences = {difference.id for difference in CATALOGUE.study.differences}
    subjects = {*CATALOGUE.items, *CATALOGUE.indicators, *differences}
    for (kind, subject), sentence in index_plain_sentences().items():
        assert set(subject.split()) <= subjects, subject
        assert all((kind, part) in index_plain_sentences() for part in subject.split()), "two are said alone elsewhere"
        assert kind in (GAP, ABSENT, DETAIL)
        assert kind != ABSENT or (GAP, subject) in index_plain_sentences()
        assert [language for language, _ in sentence.text] == ["en", "fr", "es", "ar", "ru", "zh"]
        assert not re.search(r"[A-L]\d\d|\bPart [AB]\b|\btopics?\b|\btexts?\b", sentence.text.in_language("en"))
        assert not any(words.endswith((".", "。")) for _, words in sentence.text)


BY_CITIZENSHIP, METADATA = EarlierGap(("C02",), Text.of(en="By citizenship")), EarlierGap(("K04",), Text.of(en="Meta"))
BY_GROUP = EarlierGap(("C01", "C02"), Text.of(en="By group"))


def since_2024(*gaps: EarlierGap, known: frozenset[str] | None = None) -> EarlierAssessment:
    return EarlierAssessment("GE", "2024-05-01", answers=2, gaps=gaps, known=known)


def test_changes_since_earlier_assessment_are_counted() -> None:
    before = since_2024(BY_CITIZENSHIP, METADATA)
    now = assessed('[items.C01]\nanswer = "2"\n[items.C02]\nanswer = "3"\n')
    change = classify_progress(before, now)
    assert [gap.subject for gap in change.closed] == ["C02"]
    assert [gap.subject for gap in change.lost] == ["K04"], "of what nothing is known any more nothing is closed"
    assert [gap.subject for gap in change.opened] == ["RESIDENTS_BY_GROUP"]
    assert "1 May 2024" in page(replace(now, progress=change))["progress"]
    assert page(now)["progress"] == ""


@pytest.mark.parametrize(
    ("answers", "closed", "lost"),
    [
        ({"C01": "3", "C02": "3"}, 1, 0),
        ({"C01": "3"}, 0, 1),
        ({}, 0, 1),
        ({"C01": "3", "C02": "2"}, 0, 0),
        ({"C02": "2"}, 0, 0),
    ],
)
def test_gap_of_several_questions_is_closed_by_all_answers(answers: dict[str, str], closed: int, lost: int) -> None:
    now = assessed("".join(f'[items.{item}]\nanswer = "{answer}"\n' for item, answer in answers.items()))
    change = classify_progress(since_2024(BY_GROUP), now)
    assert (len(change.closed), len(change.lost)) == (closed, lost), "one gap counts one, however many ask for it"


def test_gap_with_unknown_earlier_answer_is_not_new() -> None:
    now = assessed('[items.A03]\nanswer = "N"\n[items.K02]\nanswer = "P"\n')
    change = classify_progress(since_2024(known=frozenset({"A03"})), now)
    assert [gap.subject for gap in change.opened] == ["A03"]
    assert [gap.subject for gap in change.learned] == ["K02"]
    silent = classify_progress(since_2024(), now)
    assert (len(silent.opened), silent.learned) == (2, ()), "where the file does not say what was known"


def test_gap_is_not_closed_by_topics_that_became_unknown() -> None:
    before = since_2024(EarlierGap(("IMM_RATE",), Text.of(en="Immigration")), known=frozenset({"IMM_RATE.L02"}))
    produced = '[indicators.IMM_RATE.L01]\nanswer = "3"\n'
    assert len(classify_progress(before, assessed(produced)).lost) == 1
    with_topics = assessed(produced + '[indicators.IMM_RATE.L02]\nanswer = "ALL"\n')
    assert len(classify_progress(before, with_topics).closed) == 1


@pytest.mark.parametrize(("state", "closed"), [("not found", 1), ("not testable", 0), ("declared", 0)])
def test_untested_difference_is_not_closed(state: str, closed: int) -> None:
    difference = CATALOGUE.study.differences[0]
    now = replace(assessed(""), quality=(QualityIssue(difference.issue, state),))
    before = since_2024(EarlierGap((difference.id,), difference.name))
    change = classify_progress(before, now, CATALOGUE.study.differences)
    assert (len(change.closed), len(change.lost)) == (closed, 1 - closed)


def test_contact_and_citation_are_declared_or_generated() -> None:
    known = assessed('[items.A03]\nanswer = "Y"\n')
    ((_, citation),) = page(known, "office")["imprint"]
    assert "draft" in citation
    assert known.year in citation
    told = replace(known, contact=Text.of(en="migration@example.org"), citation=Text.of(en="Office (2026)."))
    assert page(told, "office")["imprint"] == [("Contact", "migration@example.org"), ("Cite as", "Office (2026).")]


def test_page_1_states_change_of_flows_without_break() -> None:
    flows = [
        dataset("DF_IMM", {"TIME_PERIOD": "2022", "OBS_VALUE": "40"}, {"TIME_PERIOD": "2023", "OBS_VALUE": "30"}),
        dataset(
            "DF_EMI",
            {"TIME_PERIOD": "2022", "OBS_VALUE": "10"},
            {"TIME_PERIOD": "2023", "OBS_VALUE": "20", "OBS_STATUS": "B"},
        ),
    ]
    (change,) = page(assessed("", *flows))["changes"]
    assert change.sentence == "Immigration fell by 25.0% from 2022 to 2023."


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("76", "Immigration rose by 90.0% from 2022 to 2023."),
        ("80", "Immigration rose by 100.0% from 2022 to 2023."),
        ("180", "Immigration rose from 40 in 2022 to 180 in 2023."),
    ],
)
def test_more_than_doubled_flow_is_stated_in_figures(value: str, said: str) -> None:
    flow = dataset("DF_IMM", {"TIME_PERIOD": "2022", "OBS_VALUE": "40"}, {"TIME_PERIOD": "2023", "OBS_VALUE": value})
    assert [change.sentence for change in page(assessed("", flow))["changes"]] == [said]


@pytest.mark.parametrize(
    ("newest", "labels"),
    [
        ({"DF_ACCOUNT": "2023"}, ["Net migration"]),
        ({"DF_IMM": "2024"}, ["Immigration"]),
        ({"DF_EMI": "2024"}, ["Emigration"]),
        ({"DF_IMM": "2024", "DF_EMI": "2024"}, ["Net migration", "Emigration", "Immigration"]),
        ({"DF_ACCOUNT": "2024", "DF_IMM": "2024"}, ["Net migration", "Immigration"]),
        ({}, ["Net migration", "Emigration", "Immigration"]),
    ],
)
def test_flows_older_than_the_newest_are_not_on_page_one(newest: dict[str, str], labels: list[str]) -> None:
    flows = {
        flow: dataset(
            flow,
            *({"TIME_PERIOD": year, "OBS_VALUE": "90", "UNIT_MEASURE": "PS"} | codes for year in ("2019", "2020")),
            *(
                {"TIME_PERIOD": year, "OBS_VALUE": "70", "UNIT_MEASURE": "PS"} | codes
                for year in [newest.get(flow)]
                if year
            ),
        )
        for flow, codes in {"DF_IMM": {}, "DF_EMI": {}, "DF_ACCOUNT": {"ACC_ITEM": "NET_MIG"}}.items()
    }
    known = assessed("", *flows.values())
    assert [figure.label for figure in choose_leading_figures(known, Wording("en"))] == labels
    changes = " ".join(change.sentence for change in page(known)["changes"])
    assert ("from 2019 to 2020" in changes) is False


def test_method_in_remarks_on_all_data_is_not_on_page_one() -> None:
    def limits(remark: str) -> str:
        flows = (
            dataset(flow, {"TIME_PERIOD": "2024", "OBS_VALUE": "30"}, COMMENT_DSET=remark)
            for flow in ("DF_IMM", "DF_EMI")
        )
        return str(page(assessed("", *flows))["limits"])

    assert limits("Without the islands.") == "Without the islands."
    assert limits(f"Records; {'entries that follow another entry; ' * 9}end.") == ""


def counted(year: str, value: str, **row: str) -> dict[str, str]:
    return {"TIME_PERIOD": year, "OBS_VALUE": value, **row}


@pytest.mark.parametrize(
    ("source", "name", "sign"),
    [
        ("Office, page [S1]", "break", "Figures before and after these years are not comparable"),
        (
            "Office, new page [S2]",
            "break between publications",
            "The source changes in these years",
        ),
    ],
)
def test_break_is_named_by_its_publications_everywhere(source: str, name: str, sign: str) -> None:
    first, last = {"SOURCE_DETAIL": "Office, page [S1]"}, {"SOURCE_DETAIL": source, "OBS_STATUS": "B"}
    of_citizens = [counted("2022", "70", CTZ_STATUS="FC", **first), counted("2023", "90", CTZ_STATUS="FC", **last)]
    reason = "The census of 2023 begins a new series."
    everybody = [counted("2022", "700", **first), counted("2023", "720", COMMENT_OBS=reason, **last)]
    known = assessed("", dataset("DF_POP", *everybody, *of_citizens))
    (figure,) = [figure for figure in page(known)["figures"] if figure.value == "90"]
    assert figure.note.endswith(f"{name}: not comparable with the earlier figures in this report")
    production = page(known, "production")
    assert [row.cells[0].note for row in production["migrants"][0].rows] == ["", name]
    assert {f"The line begins in 2023: {name}.", reason} <= {*production["population"].notes}
    (issue,) = [issue.cells[1].text for issue in page(known, "quality")["issues"].rows]
    assert issue.startswith(sign)


def test_coverage_answer_on_page_1_is_not_repeated() -> None:
    answer = 'answer = "Y"\nevidence = "REPORTED"\npractice.en = "The census left out 7%."\nsources = ["S1"]'
    known = assessed(f'[sources]\nS1 = "Office"\n[items.J01]\n{answer}')
    assert [one.sentence for one in page(known)["quality"]] == ["The census left out 7%."]
    assert page(known, "quality")["table"] is None


def test_cause_of_a_change_is_printed_only_with_its_source() -> None:
    said = '[comments.DF_IMM.O01]\npractice.en = "Fewer students came."\n'
    flow = dataset("DF_IMM", {"TIME_PERIOD": "2022", "OBS_VALUE": "40"}, {"TIME_PERIOD": "2023", "OBS_VALUE": "30"})
    cited = f'[sources]\nS1 = "Office, release of 2024"\n{said}sources = ["S1"]\nevidence = "PUBLIC"\n'
    assert len(page(assessed(said, flow))["changes"]) == 1
    _, cause = page(assessed(cited, flow))["changes"]
    assert (cause.sentence, cause.sources) == ("Fewer students came.", ("S1",))
    remark = (
        "Short stays are left out [S2]. The figures include 20 citizens of Ukraine in 2023 [S1], but no students [S2]."
    )
    noted = dataset(
        "DF_IMM",
        {"TIME_PERIOD": "2022", "OBS_VALUE": "40"},
        {"TIME_PERIOD": "2023", "OBS_VALUE": "30"},
        COMMENT_DSET=remark,
    )
    _, named = page(assessed('[sources]\nS1 = "Office, page"\nS2 = "Office, method"\n', noted))["changes"]
    assert named.sentence == "The figures include 20 citizens of Ukraine in 2023, but no students."
    assert named.sources == ("S1", "S2")
    *_, removed = page(example("sweden"))["changes"]
    assert "removed from the register" in removed.sentence
    assert removed.sources == ("S59",)


@cases_from(
    "reporting/sections/cases/flows_of_different_publications_are_compared_only_with_both_cited_before_after_named.csv",
    named=listed,
)
@pytest.mark.parametrize("name", ["DF_IMM", "DF_EMI"])
def test_compared_flows_cite_both_publications(name: str, before: str, after: str, named: tuple[str, ...]) -> None:
    flow = dataset(
        name,
        {"TIME_PERIOD": "2022", "OBS_VALUE": "40", "SOURCE_DETAIL": before},
        {"TIME_PERIOD": "2023", "OBS_VALUE": "30", "SOURCE_DETAIL": after},
    )
    keys = '[sources]\nS1 = "Office, release of 2023"\nS2 = "Office, release of 2024"\n'
    (change,) = page(assessed(keys, flow))["changes"]
    assert change.sources == named


@pytest.mark.parametrize(("before", "said"), [("A [S1]", ", 50 more than in 2020"), ("B [S2]", "")])
def test_population_change_is_stated_within_one_publication(before: str, said: str) -> None:
    population = dataset(
        "DF_POP",
        {"TIME_PERIOD": "2020", "OBS_VALUE": "900", "SOURCE_DETAIL": before},
        {"TIME_PERIOD": "2021", "OBS_VALUE": "950", "SOURCE_DETAIL": "A [S1]"},
        REF_DATE="D0101",
    )
    figure = page(assessed("", population), "production")["population"]
    assert figure.title == f"The population was 950 (1 January 2021){said}"


@pytest.mark.parametrize(("day", "said"), [("D0101", "on 1 January 2024"), ("D0701", "of that year")])
@pytest.mark.parametrize(("yearly", "status"), [("1100", "E"), ("1100", "F"), ("900", "A"), ("1002", "E")])
def test_recent_census_precedes_contradicted_yearly_figures(day: str, said: str, yearly: str, status: str) -> None:
    census = {"TIME_PERIOD": "2024", "OBS_VALUE": "1000", "FREQ": "A10", "POP_BASE": "RES"}
    population = dataset("DF_POP", {"TIME_PERIOD": "2024", "OBS_VALUE": yearly, "OBS_STATUS": status}, REF_DATE=day)
    flows = (dataset(flow, {"TIME_PERIOD": "2024", "OBS_VALUE": "30"}) for flow in ("DF_IMM", "DF_EMI"))
    known = assessed("", population, dataset("DF_POP_TOPIC", census), *flows)
    shown, figure = page(known), page(known, "production")["population"]
    is_apart = yearly != "1002"
    residents = [figure for figure in shown["figures"] if figure.value in ("1,000", f"{Decimal(yearly):,}")]
    assert [figure.label.split(",")[0] for figure in residents] == ["Residents counted" if is_apart else "Population"]
    assert (residents[0].value == "1,000") == is_apart
    assert (said in shown["heading"]) == is_apart
    named = "The yearly population figure was" if is_apart else "The population was"
    assert figure.title.startswith(f"{named} {Decimal(yearly):,} (1 ")
    assert any("1,000 (2024)" in note for note in figure.notes)


@pytest.mark.parametrize(("day", "nearest"), [("8 April", "1 January 2024"), ("14 November", "1 January 2025")])
def test_census_is_compared_with_the_nearest_yearly_figure(day: str, nearest: str) -> None:
    census = {"TIME_PERIOD": "2024", "OBS_VALUE": "1000", "FREQ": "A10", "POP_BASE": "RES", "COMMENT_OBS": day}
    yearly = ({"TIME_PERIOD": year, "OBS_VALUE": "1200", "OBS_STATUS": "E"} for year in ("2023", "2024", "2025"))
    known = assessed("", dataset("DF_POP", *yearly, REF_DATE="D0101"), dataset("DF_POP_TOPIC", census))
    assert f"1,200 ({nearest}, estimate); the census" in page(known, "production")["population"].title


GROUPS_OF_TEN = {("FB", "_T"): "4", ("_T", "FC"): "3", ("FB", "NC"): "2", ("NB", "NC"): "5"}
"""Of ten residents: 5 native-born citizens, 2 foreign-born citizens, 1 native-born and 2 foreign-born foreigners."""


def residents_by_group(year: str, *codes: tuple[str, str], **values: str) -> list[dict[str, str]]:
    known = {codes_of_group: GROUPS_OF_TEN[codes_of_group] for codes_of_group in codes}
    return [
        {"TIME_PERIOD": year, "OBS_VALUE": "10"},
        *(
            {"TIME_PERIOD": year, "OBS_VALUE": value, "BIRTH_STATUS": birth, "CTZ_STATUS": citizenship}
            for (birth, citizenship), value in known.items()
        ),
        *({"TIME_PERIOD": year, "OBS_VALUE": value, "BIRTH_STATUS": code} for code, value in values.items()),
    ]


@pytest.mark.parametrize(
    ("codes", "values", "is_shown"),
    [
        ((("FB", "_T"), ("_T", "FC"), ("FB", "NC")), {}, True),
        ((("FB", "_T"), ("_T", "FC"), ("NB", "NC")), {}, True),
        ((("FB", "_T"), ("FB", "NC"), ("NB", "NC")), {}, True),
        ((("FB", "_T"), ("_T", "FC")), {}, False),
        ((("FB", "_T"), ("FB", "NC")), {}, False),
        ((("FB", "_T"), ("_T", "FC"), ("FB", "NC")), {"_U": "1"}, False),
    ],
)
def test_four_groups_are_shown_if_derivable_from_totals(
    codes: tuple[tuple[str, str], ...], values: dict[str, str], *, is_shown: bool
) -> None:
    known = assessed("", dataset("DF_POP", *residents_by_group("2011", *codes, **values), REF_DATE="D0101"))
    figure = page(known, "production")["groups"]
    assert (figure is not None) is is_shown
    if is_shown:
        assert [cell.text for cell in figure.data.rows[0].cells] == ["2011", "5", "2", "1", "2"]
        assert figure.title == "Residents by birth and citizenship, 2011"
        assert any("(2011)" in note for note in figure.notes)


@pytest.mark.parametrize(("young", "is_asked"), [("43", True), ("20", False)])
def test_unusual_share_of_children_is_queried(young: str, *, is_asked: bool) -> None:
    emigrants = ({"OBS_VALUE": "100"}, {"OBS_VALUE": young, "AGE": "Y0T14"}, {"OBS_VALUE": "40", "AGE": "Y15T64"})
    known = assessed("", dataset("DF_EMI", *({"TIME_PERIOD": "2024", **row} for row in emigrants)))
    asked = page(known, "confirm")
    words = " ".join(cell.text for row in asked["table"].rows for cell in row.cells) if asked else ""
    assert (f"{young} (43.0%)" in words) is is_asked


@pytest.mark.parametrize("rated", [["A18"], ["A01", "A18"]])
def test_single_rated_answer_makes_no_table(rated: list[str]) -> None:
    answer = 'answer = "Y"\nevidence = "PUBLIC"\npractice.en = "So."\nsources = ["S1"]'
    known = assessed("\n".join(['[sources]\nS1 = "Office"', *(f"[items.{item}]\n{answer}" for item in rated)]))
    assert bool(page(known, "institutions")["table"]) == (len(rated) > 1)
    assert str(page(known, "answers")["heading"]).startswith(f"Rated questions about the country: {len(rated)} of ")


def test_tables_by_year_list_missing_years_once() -> None:
    def rows(*years: str, **codes: str) -> list[dict[str, str]]:
        return [{"TIME_PERIOD": year, "OBS_VALUE": "30", **codes} for year in years]

    citizens, women = {"CTZ_STATUS": "NC"}, {"SEX": "F"}
    flows = dataset("DF_IMM", *rows("1990", "2000", "2018", "2020", "2023"), *rows("2018", "2019", "2022", **citizens))
    residents = [*rows("2018", "2020", CTZ_STATUS="FC"), *rows("2018", "2021", **women)]
    shown = page(assessed("", flows, dataset("DF_POP", *residents)), "production")
    (moves,), (migrants,) = shown["moves"], shown["migrants"]
    years = {"flows": "2001–2017, 2019, 2021–2022", "moves": "2020–2021", "migrants": "2019", "parts": "2019–2020"}
    tables = {"flows": shown["flows"], "moves": moves, "migrants": migrants, "parts": shown["parts"]}
    said = {name: [note for note in table.notes if "no figures were found" in note] for name, table in tables.items()}
    assert {name: len(notes) for name, notes in said.items()} == dict.fromkeys(years, 1)
    assert all(of_table in said[name][0] for name, of_table in years.items())
    assert "Between 2000 and 2023" in said["flows"][0]  # those from 1990 to 2000 are not listed


def test_groups_of_migrants_state_the_share_of_women() -> None:
    rows = ({"OBS_VALUE": "100"}, {"OBS_VALUE": "51", "SEX": "F"})
    of_migrants = [{"TIME_PERIOD": "2024", "BIRTH_STATUS": "FB", **row} for row in rows]
    of_citizens = [{"TIME_PERIOD": "2024", "CTZ_STATUS": "NC", **row} for row in rows]
    everybody = {"TIME_PERIOD": "2024", "OBS_VALUE": "300"}
    known = assessed("", dataset("DF_POP", *of_migrants), dataset("DF_IMM", everybody, *of_citizens))
    shown = page(known, "production")
    (migrants,), (moves,) = shown["migrants"], shown["moves"]
    assert (migrants.rows[0].cells[1].text, migrants.rows[0].cells[1].note) == ("100", "women: 51.0%")
    assert [column.label for column in moves.columns] == ["Year", "Immigration"]
    assert moves.rows[0].cells[1].text == "100 (33.3%)"


def test_table_of_one_group_names_group_and_shares() -> None:
    own = {"TIME_PERIOD": "2023", "CTZ_STATUS": "NC", "OBS_VALUE": "60"}
    said = {"TIME_PERIOD": "2024", "CTZ_STATUS": "NC", "OBS_STATUS": "O", "COMMENT_OBS": "48.2% of all immigrants"}
    everybody = {"TIME_PERIOD": "2023", "OBS_VALUE": "300"}
    (table,) = page(assessed("", dataset("DF_IMM", everybody, own, said)), "production")["moves"]
    assert table.caption == "Immigration and emigration: citizens of Georgia, persons"
    cells = [(row.cells[0].text, row.cells[1].text) for row in table.rows]
    assert cells == [("2023", "60 (20.0%)"), ("2024", "48.2% of all immigrants")]


def test_page_1_states_missing_flows() -> None:
    everybody = [{"TIME_PERIOD": year, "OBS_VALUE": "300"} for year in ("2023", "2024")]
    assert not page(assessed("", dataset("DF_IMM", *everybody)))["no_flows"]
    residents = dataset("DF_POP", {"TIME_PERIOD": "2024", "OBS_VALUE": "3000"})
    assert page(assessed("", residents))["no_flows"]
