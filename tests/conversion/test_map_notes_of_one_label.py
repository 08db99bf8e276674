"""Notes about one label, and words that resemble exclusions, do not limit all figures."""

from __future__ import annotations

import pytest
from case_tables import cases_from, truth
from proposed import proposed, tried


def asked(note: str, labels: tuple[str, ...], title: str = "Immigrants by reason", where: str = "note") -> str:
    rows = "".join(f"| {label} | {10 + at} | {20 + at} |\n" for at, label in enumerate(labels))
    over = f"| {title} |\n" if where == "note" else f"| {note} |\n"
    under = f"\n| {note} |\n" if where == "note" else ""
    text = f"## Sheet S\n{over}| Reason | 2019 | 2020 |\n{rows}{under}"
    listed = [
        question
        for question in proposed(text, "DF_IMM_TOPIC", "KE").open
        if question.part.split()[0] in ("title", "fixed")
    ]
    return " ".join(f"{question.chosen.reason} {question.others}" for question in listed)


LABELS = ("Work", "Acquisitions sans formalité", "Family without permit", "Study", "All reasons")


@cases_from("conversion/cases/notes_of_one_label_are_not_asked_about.csv")
def test_notes_of_one_label_are_not_asked_about(note: str) -> None:
    questions = asked(note, LABELS)
    assert "leave out people" not in questions
    assert "cover this group only" not in questions


@cases_from("conversion/cases/notes_of_all_figures_are.csv")
def test_notes_of_all_figures_are_asked_about(note: str) -> None:
    questions = asked(note, LABELS)
    asked_about = ("leave out people", "cover this group only", "not recognised", "change who or what")
    assert any(each in questions for each in asked_about)


@cases_from("conversion/cases/notes_on_short_stays_are_asked_about.csv", is_asked=truth)
def test_notes_on_short_stays_are_asked_about(note: str, is_asked: bool) -> None:
    rows = "| Citizenship | 2019 | 2020 |\n| Total | 30 | 40 |\n"
    text = f"## Sheet S\n| Emigrants by citizenship |\n{rows}\n| {note} |\n"
    proposal = proposed(text, "DF_EMI", "KE")
    assert any(question.part == "title" and question.is_open for question in proposal.questions) == is_asked


@cases_from("conversion/cases/limits_behind_other_words_are_asked_about.csv", flow=str)
def test_limits_after_other_words_are_asked_about(flow: str, title: str, note: str) -> None:
    rows = "| Citizenship | 2019 | 2020 |\n| Kenya | 30 | 40 |\n| Uganda | 3 | 4 |\n"
    text = f"## Sheet S\n| {title} |\n{rows}\n| {note} |\n"
    asked_about = ("title", "fixed CTZ_STATUS", "fixed BIRTH_STATUS")
    assert any(question.part in asked_about and question.is_open for question in proposed(text, flow, "SI").questions)


@cases_from("conversion/cases/people_who_moved_on_a_day_may_be_a_stock.csv", is_asked=truth)
def test_people_who_moved_on_a_day_may_be_a_stock(title: str, is_asked: bool) -> None:
    text = f"## Sheet S\n| {title} |\n| Country of birth | 2019 | 2020 |\n| Kenya | 30 | 40 |\n| Uganda | 3 | 4 |\n"
    questions = [question for question in proposed(text, "DF_IMM", "PT").questions if question.part == "title"]
    assert any("what the dataset counts" in question.chosen.reason for question in questions) == is_asked


@cases_from("conversion/cases/ages_that_a_note_leaves_out.csv")
def test_age_excluded_by_a_note_is_not_proposed(note: str) -> None:
    rows = "| Citizenship | 2019 | 2020 |\n| Total | 30 | 40 |\n"
    questions = proposed(f"## Sheet S\n| Emigrants by citizenship |\n{rows}\n| {note} |\n", "DF_EMI", "DK").questions
    assert [question.chosen.code for question in questions if question.part == "fixed AGE"] == ["Y_GE18"]


def test_limit_can_be_stated_in_the_comment() -> None:
    note = "Figures cover persons who stayed for less than 12 months."
    text = (
        f"## Sheet S\n| Emigrants by citizenship |\n| Citizenship | 2019 | 2020 |\n| Total | 30 | 40 |\n\n| {note} |\n"
    )
    (question,) = (each for each in proposed(text, "DF_EMI", "KE").questions if each.part == "title")
    assert "state it" in [other.code for other in question.others]
    answered = proposed(text, "DF_EMI", "KE", {(question.sheet, "title", question.label): "state it"})
    assert dict(answered.mapping.blocks[0].fixed)["COMMENT_OBS"] == note


@cases_from("conversion/cases/other_countries_are_no_exclusion_in_azerbaijani.csv", is_asked=truth)
def test_azerbaijani_other_countries_do_not_mean_exclusion(title: str, is_asked: bool) -> None:
    questions = asked(title, LABELS, where="title")
    assert any(each in questions for each in ("leave out people", "change who or what")) == is_asked


def test_abbreviation_does_not_end_a_sentence() -> None:
    assert "“Incl immigrating women”" in asked("Incl. immigrating women.", LABELS)


def test_numbered_notes_below_a_table_are_not_read_as_rows() -> None:
    rows = "| Work | 1203 | 1100 |\n| Study (1) | 210 | 190 |\n| Family | 703 | 650 |\n"
    notes = "\n| Notes |\n| 1 | Includes trainees. |\n| 2 | Figures are final. |\n"
    text = f"## Sheet S\n| Immigrants by reason |\n| Reason | 2019 | 2020 |\n{rows}{notes}"
    proposal = proposed(text, "DF_IMM_TOPIC", "KE")
    assert proposal.regions[0].notes == ("Notes", "1 Includes trainees.", "2 Figures are final.")
    assert not any(question.label in ("Notes", "1", "2") for question in proposal.questions)


@pytest.mark.parametrize(
    ("area", "title", "note"),
    [
        ("NP", "श्रम स्वीकृति, देश अनुसार", "नोट: पुनः श्रम स्वीकृति अलग छ"),
        ("KH", "ប័ណ្ណការងារ តាមសញ្ជាតិ", "ចំណាំ៖ តែប័ណ្ណការងារថ្មីប៉ុណ្ណោះ"),
        ("ET", "ስደተኞች", "ማሳሰቢያ፦ የውጭ ስደተኞች ብቻ"),
        ("KE", "Work permits by citizenship", "Coverage: work permits of the capital, renewals set aside"),
    ],
)
def test_note_with_words_of_the_title_is_asked_about_or_listed(area: str, title: str, note: str) -> None:
    text = f"## Sheet S\n| {title} |\n| Country | 2019 |\n| India | 10 |\n| China | 11 |\n\n| {note} |\n"
    proposal = tried(text, "DF_PERMIT", area)
    assert note in proposal.notes or any(note in question.chosen.reason for question in proposal.open)
