"""``sdmxmig map`` asks for the decision if a label names only the kind of protection."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from case_tables import cases_from
from proposed import codes, proposed, tried

from sdmxmig.conversion.suggestion.questions import Question


def asked(label: str, answer: str = "DECIDED") -> list[str]:
    """The components about which a label is asked, once a person said what it counts."""
    text = f"""
## Sheet A
| Asylum decisions by country of citizenship | | | | |
| Country of citizenship | Decisions | {label} | Rejections | Applications |
| Fiji | 100 | 30 | 70 | 120 |
| Tonga | 50 | 20 | 30 | 60 |
| Samoa | 20 | 15 | 5 | 30 |
"""
    decisions = {("A", "codes PROT_ITEM", label): answer} if answer else {}
    proposal = proposed(text, "DF_PROTECTION", decisions=decisions).open
    return [
        question.part.partition(" ")[2]
        for question in proposal
        if question.part.startswith("codes ") and question.label == label
    ]


KINDS = [
    "Subsidiary protection",
    "subsidiärer Schutz",
    "Protection subsidiaire",
    "Protección subsidiaria",
    "Protezione sussidiaria",
    "Proteção subsidiária",
    "Subsidiære beskyttelse",
    "Humanitarian status",
    "Humanitarian protection",
    "Temporary protection",
    "Refugee status",
]


@pytest.mark.parametrize("label", KINDS)
def test_decision_on_a_kind_of_protection_is_asked(label: str) -> None:
    assert "DECISION_ACTION" in asked(label)


@cases_from("conversion/cases/labels_with_a_decision_or_count_raise_no_question_on_it.csv")
def test_labels_with_a_decision_raise_no_question(label: str) -> None:
    assert "DECISION_ACTION" not in asked(label, "")


@pytest.mark.parametrize("label", KINDS[:3])
@pytest.mark.parametrize("item", ["STOCK", "APPLIED"])
def test_protected_residents_have_no_decision(label: str, item: str) -> None:
    assert "DECISION_ACTION" not in asked(label, item)


@pytest.mark.parametrize("write", [str.upper, str.lower, str.capitalize])
def test_codes_in_small_and_capital_letters_are_recognised(write: Callable[[str], str]) -> None:
    labels = [write(code) for code in ("PENDING", "WITHDRAWN", "APPLIED_FIRST")]
    rows = "".join(f"| {label} | {at} |\n" for at, label in enumerate(labels, 200))
    proposal = proposed(f"## Sheet A\n| Item | 2021 |\n{rows}", "DF_PROTECTION")
    read = {label: codes(proposal, "PROT_ITEM").get(label, label) for label in labels}
    assert [*read.values()] == ["PENDING", "WITHDRAWN", "APPLIED_FIRST"]
    assert not [each for each in proposal.open if each.part == "codes PROT_ITEM"]


@pytest.mark.parametrize(
    ("head", "status", "refusal"),
    [
        ("Decision", "Refugee status", "Rejected"),
        ("Decision", "Convention refugee", "Rejected"),
        ("Décision", "Statut de réfugié", "Rejetée"),
        ("Decisión", "Estatuto de refugiado", "Denegada"),
    ],
)
def test_status_below_decision_is_asked_and_becomes_a_decision(head: str, status: str, refusal: str) -> None:
    text = f"""
## Sheet A
| Asylum decisions at first instance, 2022 and 2023 | | | |
| Citizenship | {head} | 2022 | 2023 |
| Somalia | {status} | 640 | 701 |
| Somalia | {refusal} | 233 | 198 |
| Eritrea | {status} | 890 | 1015 |
| Eritrea | {refusal} | 45 | 61 |
"""
    asked = [question for question in proposed(text, "DF_PROTECTION").open if question.label == status]
    assert [(question.part, question.others[0].code) for question in asked] == [("codes DECISION_ACTION", "GRANT")]
    answers = {("A", "codes DECISION_ACTION", status): "GRANT"}
    answered = proposed(text, "DF_PROTECTION", decisions=answers)
    assert codes(answered, "DECISION_ACTION") == {status: "GRANT", refusal: "REJECT"}
    assert "STOCK" not in codes(answered, "PROT_ITEM").values()


DECISIONS = [
    ("Granted | < | Rejected | Total", "Refugee status | Subsidiary protection | | "),
    ("Toekenning | < | Weigering | Totaal", "Vluchtelingenstatus | Subsidiaire bescherming | | "),
    ("Favorables | < | Desfavorables | Total", "Estatuto de refugiado | Protección subsidiaria | | "),
]


@pytest.mark.parametrize(("above", "below"), DECISIONS)
def test_status_below_a_decision_is_a_decision(above: str, below: str) -> None:
    rows = "".join(f"| {name} | 40 | 30 | 50 | 120 |\n" for name in ("Fiji", "Tonga", "Samoa"))
    text = f"## Sheet A\n| Asylum decisions, 2023 | | | | |\n| Citizenship | {above} |\n| | {below} |\n{rows}"
    proposal = proposed(text, "DF_PROTECTION")
    assert list(codes(proposal, "DECISION_ACTION").values()) == ["GRANT", "REJECT", "_T"]
    assert {"REFUGEE", "SUBS"} <= {*codes(proposal, "PROT_STATUS").values()}
    assert dict(proposal.mapping.blocks[0].fixed)["PROT_ITEM"] == "DECIDED"


DECISIONS = {
    "en": ("Asylum decisions", "Decision", "Refugee status; Subsidiary protection; Rejected; Withdrawn; Discontinued"),
    "fr": ("Décisions d'asile", "Décision", "Statut de réfugié; Protection subsidiaire; Rejet; Désistement; Clôture"),
    "es": (
        "Resoluciones de asilo",
        "Resolución",
        "Estatuto de refugiado; Protección subsidiaria; Denegada; Desistida; Archivada",
    ),
    "de": (
        "Entscheidungen über Asylanträge",
        "Entscheidung",
        "Flüchtlingseigenschaft; Subsidiärer Schutz; Abgelehnt; Zurückgezogen; Eingestellt",
    ),
    "ru": (
        "Решения по ходатайствам об убежище",
        "Решение",
        "Статус беженца; Дополнительная защита; Отказ; Отозвано; Прекращено",
    ),
}


@pytest.mark.parametrize("language", DECISIONS)
def test_statuses_beside_rejections_and_closed_cases_are_grants(language: str) -> None:
    title, head, listed = DECISIONS[language]
    labels = listed.split("; ")
    rows = "".join(f"| {label} | {10 + at} | {20 + at} |\n" for at, label in enumerate(labels))
    text = f"## Sheet S\n| {title} |\n| {head} | 2022 | 2023 |\n{rows}"
    questions = proposed(text, "DF_PROTECTION").open
    asked = [(question.part, question.label) for question in questions if question.part.startswith(("codes", "line"))]
    assert asked == [("codes DECISION_ACTION", label) for label in labels[:2]]
    proposal = proposed(text, "DF_PROTECTION", decisions={("S", *about): "GRANT" for about in asked})
    read = [codes(proposal, name) for name in ("PROT_ITEM", "DECISION_ACTION", "PROT_STATUS")]
    assert [tuple(line.get(label) for line in read) for label in labels] == [
        ("DECIDED", "GRANT", "REFUGEE"),
        ("DECIDED", "GRANT", "SUBS"),
        ("DECIDED", "REJECT", "_T"),
        ("WITHDRAWN", "_T", "_T"),
        ("CLOSED", "_T", "_T"),
    ]


@cases_from("conversion/cases/valid_permits_are_asked_only_for_unit_and_day.csv")
def test_valid_permits_are_asked_only_for_unit_and_day(title: str) -> None:
    rows = "| France | 100 | 110 |\n| India | 5 | 6 |\n| Kenya | 9 | 8 |\n"
    proposal = proposed(f"## Sheet S\n| {title} |\n| Country of citizenship | 2022 | 2023 |\n{rows}", "DF_PERMIT")
    assert dict(proposal.mapping.blocks[0].fixed).get("ADM_ITEM") == "PERMIT_VALID"
    assert {question.part for question in proposal.open} <= {"fixed UNIT_MEASURE", "fixed REF_DATE"}


@cases_from("conversion/cases/refusals_beside_statuses_alone_are_rejections.csv")
def test_refusals_beside_statuses_alone_are_rejections(title: str, head: str, labels: str) -> None:
    rows = "".join(f"| {label} | {10 + at} | {20 + at} |\n" for at, label in enumerate(labels.split("; ")))
    proposal = proposed(f"## Sheet S\n| {title} |\n| {head} | 2022 | 2023 |\n{rows}", "DF_PROTECTION")
    refused = labels.rsplit("; ", maxsplit=1)[-1]
    read = [codes(proposal, name).get(refused) for name in ("PROT_ITEM", "DECISION_ACTION", "PROT_STATUS")]
    assert read == ["DECIDED", "REJECT", "_T"]
    offered = {other.code for question in proposal.open for other in question.others if question.part[:5] == "codes"}
    assert offered <= {"DECIDED", "GRANT", "leave out"}


@cases_from("conversion/cases/decisions_on_asylum_by_kind.csv")
def test_label_may_name_a_decision_and_a_kind_of_protection(
    title: str, country: str, total: str, refugee: str, subsidiary: str, rejected: str, inadmissible: str
) -> None:
    heads = f"| {country} | {total} | {refugee} | {subsidiary} | {rejected} | {inadmissible} |\n"
    rows = "| Fiji | 100 | 30 | 10 | 50 | 10 |\n| Tonga | 50 | 20 | 5 | 20 | 5 |\n| Samoa | 20 | 15 | 1 | 3 | 1 |\n"
    proposal = tried(f"## Sheet S\n| {title} |\n{heads}{rows}", "DF_PROTECTION", "BE")
    labels = (total, refugee, subsidiary, rejected, inadmissible)
    read = {each.component: dict(each.codes) for each in proposal.proposal.mapping.blocks[0].components}
    assert [read["PROT_ITEM"][label] for label in labels] == ["DECIDED"] * 5
    assert [read["DECISION_ACTION"][label] for label in labels] == ["_T", "GRANT", "GRANT", "REJECT", "REJECT"]
    assert [read["PROT_STATUS"][label] for label in labels] == ["_T", "REFUGEE", "SUBS", "_T", "_T"]
    sums = [question.label for question in proposal.open if question.part.startswith("sums")]
    assert sums == [f"{rejected}; {inadmissible}"]


@pytest.mark.parametrize(
    "kinds", [("First applications", "Subsequent applications"), ("Neue Asylanträge", "Folgeanträge")]
)
def test_kinds_of_application_divide_decisions(kinds: tuple[str, str]) -> None:
    rows = "".join(f"| {kind} | 100 | 50 | 20 | 30 |\n" for kind in kinds)
    heads = "| Type of application | Total | Refugee status granted | Subsidiary protection granted | Rejected |\n"
    text = f"## Sheet S\n| Asylum decisions, 2022 |\n{heads}{rows}| Total | 200 | 100 | 40 | 60 |\n"
    proposal = proposed(text, "DF_PROTECTION", "BE")
    assert set(codes(proposal, "PROT_ITEM").values()) == {"DECIDED"}
    (line,) = [question for question in proposal.open if question.part.startswith("line")]
    assert "only Total" in {each.code for each in line.others}


def test_status_beside_decisions_is_proposed_as_a_decision() -> None:
    heads = "| Nationality | Recognition of refugee status | Refusal | Subsidiary protection | Dublin |\n"
    rows = "| Fiji | 30 | 9 | 10 | 50 |\n| Tonga | 20 | 8 | 5 | 20 |\n"
    text = f"## Sheet S\n| Asylum decisions, 2022 |\n{heads}{rows}"
    about = {each.label: each for each in proposed(text, "DF_PROTECTION", "BE").open if each.component == "PROT_ITEM"}
    assert {label: each.others[0].code for label, each in about.items()} == dict.fromkeys(
        ("Subsidiary protection", "Dublin"), "DECIDED"
    )


CLOSED_BESIDE_DECISIONS = [
    ("Solicitudes resueltas", "Total | Reconocidas | Rechazadas | Archivadas"),
    ("Décisions", "Total | Accords | Rejets | Clôtures"),
    ("Entscheidungen", "Insgesamt | Anerkennung | Ablehnung | Sonstige Verfahrenserledigung"),
    ("Claims decided", "Total | Granted | Refused | Withdrawn"),
    ("2023", "Ogółem | Pozytywne | Negatywne | Umorzenia"),
    ("Döntések", "összesen | pozitív | elutasítás | megszüntetés"),
]


def ask_about_total_beside_decisions(head: str, labels: str, total: int) -> Question:
    rows = f"| Fiji | {total} | 40 | 50 | 10 |\n| Tonga | 60 | 30 | 25 | 5 |\n"
    heads = f"| | {head} | | | |\n| Country of citizenship | {labels} |\n"
    proposal = proposed(f"## Sheet A\n| Asylum by citizenship | | | | |\n{heads}{rows}", "DF_PROTECTION")
    label = labels.partition(" | ")[0]
    (question,) = [each for each in proposal.open if each.part == "codes PROT_ITEM" and each.label == label]
    return question


@pytest.mark.parametrize(("head", "labels"), CLOSED_BESIDE_DECISIONS)
def test_total_with_closed_cases_is_proposed_for_omission(head: str, labels: str) -> None:
    question = ask_about_total_beside_decisions(head, labels, 100)
    assert (question.chosen.code, question.chosen.reason) == ("leave out", "it counts closed cases too")
    assert {each.code for each in question.others} == {"leave out"}


def test_total_above_the_sum_of_its_parts_may_be_all_decisions() -> None:
    question = ask_about_total_beside_decisions(*CLOSED_BESIDE_DECISIONS[1], 90)
    assert question.chosen.code == "leave out"
    assert {each.code for each in question.others} == {"DECIDED", "leave out"}


def test_total_beside_decisions_is_offered_as_each_item() -> None:
    question = ask_about_total_beside_decisions("2023", "Total | Granted | Refused | Applications", 100)
    assert {each.code for each in (question.chosen, *question.others)} == {"", "DECIDED", "APPLIED", "leave out"}
