"""``sdmxmig map`` on regions that offices compose differently: one question for a line, and one answer."""

from __future__ import annotations

import pytest
from markdown_workbooks import workbook
from proposed import WORDS, codes, proposed
from shipped import CATALOGUE
from test_map_period_statuses import tried

from sdmxmig.conversion.recognition.country_wordings import strip_of_which
from sdmxmig.conversion.suggestion.answers import check_decision
from sdmxmig.conversion.suggestion.questions import AS_IT_IS, LEAVE_OUT, Question
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.workspace.proposals import propose

pytestmark = pytest.mark.sampled(4)

NAMES = ("Germany", "India", "Kenya")


def table(*labels: str, codes: tuple[str, ...] = ()) -> str:
    """A table with these labels in its rows, and perhaps codes before them."""
    lead = [f"{code} | " for code in codes] or [""] * len(labels)
    rows = [
        f"| {code}{label} | {10 + at} | {20 + at} |" for at, (code, label) in enumerate(zip(lead, labels, strict=True))
    ]
    head = "| Code | Nationality | 2021 | 2022 |" if codes else "| Nationality | 2021 | 2022 |"
    return "\n".join(["## Sheet T", "| Population by nationality | | |", "", head, *rows, ""])


def about_labels(text: str, decisions: dict[tuple[str, str, str], str] | None = None) -> list[Question]:
    parts = ("codes C_CITIZEN", "regions C_CITIZEN")
    return [question for question in tried(text, decisions).open if question.part in parts]


def codes_of(text: str, decisions: dict[tuple[str, str, str], str] | None = None) -> dict[str, str]:
    blocks = tried(text, decisions).proposal.mapping.blocks
    return {
        label: code for block in blocks for component_map in block.components for label, code in component_map.codes
    }


VARYING = {
    "continents": ("Europe", "Asia", "Oceania"),
    "between countries": ("Germany", "Europe", "India", "Asia"),
    "parts of continents": ("Eastern Africa", "Western Africa", "Southern Africa", "Kenya"),
    "parts of Europe": ("Northern Europe", "Southern Europe", "Western Europe", "Eastern Europe"),
    "arabic": ("أوروبا", "آسيا", "أوقيانوسيا", "الهند"),
    "chinese": ("欧洲", "亚洲", "大洋洲", "印度"),
    "beside what all compose alike": ("Africa", "Europe", "Asia", "Americas"),
}


@pytest.mark.parametrize("labels", VARYING.values(), ids=VARYING)
def test_regions_of_varying_composition_are_asked_about_once(labels: tuple[str, ...]) -> None:
    (question,) = about_labels(table(*labels))
    assert question.part == "regions C_CITIZEN"
    named = question.label.split("; ")
    assert len(named) >= 2
    assert set(named) < {*labels, ""} or set(named) == {*labels}
    assert not set(named) & codes_of(table(*labels)).keys()


@pytest.mark.parametrize("labels", VARYING.values(), ids=VARYING)
def test_one_answer_confirms_all_regions_as_m49(labels: tuple[str, ...]) -> None:
    (question,) = about_labels(table(*labels))
    decisions = {("T", question.part, question.label): AS_IT_IS}
    assert about_labels(table(*labels), decisions) == []
    codes = codes_of(table(*labels), decisions)
    assert all(codes[name].isdecimal() for name in question.label.split("; "))


def test_one_answer_leaves_out_all_regions() -> None:
    text = table("Germany", "Europe", "Asia")
    (question,) = about_labels(text)
    decisions = {("*", question.part, question.label): LEAVE_OUT}
    assert about_labels(text, decisions) == []
    (block,) = tried(text, decisions).proposal.mapping.blocks
    assert {skip.match: skip.reason for skip in block.skip_rows} == dict.fromkeys(
        ("Europe", "Asia"), "left out as answered"
    )


def test_region_may_still_have_an_answer_of_its_own() -> None:
    text = table("Germany", "Europe", "Asia")
    own = {("T", "codes C_CITIZEN", "Europe"): "150"}
    (question,) = about_labels(text, own)
    assert question.label == "Europe; Asia"
    assert codes_of(text, own)["Europe"] == "150"
    assert about_labels(text, {**own, ("T", "codes C_CITIZEN", "Asia"): LEAVE_OUT}) == []


@pytest.mark.parametrize("label", ["Middle East", "Europe (excl. Russia)", "Asia without China", "Other Europe"])
def test_label_outside_m49_is_asked_apart_from_regions(label: str) -> None:
    text = table("Europe", "Asia", label, "India")
    asked = {question.part: question for question in about_labels(text)}
    assert asked["codes C_CITIZEN"].label == label
    regions = asked["regions C_CITIZEN"]
    assert label not in regions.label.split("; ")
    decisions = {("T", regions.part, regions.label): AS_IT_IS}
    assert [label.label for label in about_labels(text, decisions)] == [label]
    assert label not in codes_of(text, decisions)


CERTAIN = {
    "countries": table(*NAMES),
    "world and countries": table("World", *NAMES),
    "total and countries": table(*NAMES, "Total"),
    "countries named like regions": table("South Africa", "Central African Republic", "India"),
    "a country with a direction": table("North Macedonia", "South Sudan", "Timor-Leste"),
    "one composition": table("Africa", "Americas", "Total"),
    "numbers in the labels": table("150 Europe", "142 Asia", "002 Africa", "009 Oceania"),
    "numbers beside": table("Europe", "Asia", "Africa", "Oceania", codes=("150", "142", "002", "009")),
    "codes of countries": table("DE", "IN", "KE", "FR"),
    "stateless and unknown": table(*NAMES, "Stateless", "Unknown"),
}


@pytest.mark.parametrize("text", CERTAIN.values(), ids=CERTAIN)
def test_other_labels_beside_regions_raise_no_question(text: str) -> None:
    assert about_labels(text) == []


def test_wrong_m49_number_leaves_regions_uncertain() -> None:
    text = table("Europe", "Asia", "Africa", "Oceania", codes=("150", "142", "002", "010"))
    assert [question.part for question in about_labels(text)] == ["regions C_CITIZEN"]


def test_answer_on_regions_is_yes_or_leave_out() -> None:
    flow, place = CATALOGUE.flows["DF_POP"], Place("review.xlsx", "Confirm", cell="H2")
    check_decision("regions C_CITIZEN", AS_IT_IS, flow, place)
    with pytest.raises(InputError, match="is not one of the possible answers"):
        check_decision("regions C_CITIZEN", "150", flow, place)


@pytest.mark.parametrize(
    ("area", "label", "figure", "code"),
    [
        ("HR", "Republika Hrvatska", 14500, "_T"),
        ("AT", "Gesamtösterreich", 14500, "_T"),
        ("FR", "Territoire national", 14500, "_T"),
        ("GT", "Guatemala", 9100, ""),
        ("SE", "Hela landet", 14900, ""),
        ("UA", "Країна", 13900, ""),
    ],
)
def test_whole_country_among_regions_is_the_total_if_sums_show_it(
    area: str, label: str, figure: int, code: str
) -> None:
    rows = f"| {label} | {figure} |\n| North | 7811 |\n| South | 5622 |\n| East | 1067 |\n"
    proposal = proposed(
        f"## Sheet S\n| Immigration by region, 2022 |\n| Region | Persons |\n{rows}", "DF_IMM_TOPIC", area
    )
    assert codes(proposal, "REGION").get(label, "") == code
    assert ("codes REGION" in {question.part for question in proposal.open}) == (not code)


@pytest.mark.parametrize(
    ("area", "names"),
    [
        ("UA", ("м. Київ", "Вінницька область", "Волинська область")),
        ("IT", ("Città di Castello", "Provincia di Perugia", "Provincia di Terni")),
        ("ES", ("Ciudad Real", "Provincia de Toledo", "Provincia de Cuenca")),
        ("TR", ("İstanbul şehri", "Ankara ili", "İzmir ili")),
    ],
)
def test_regions_with_words_for_places_are_asked_about_once(area: str, names: tuple[str, ...]) -> None:
    figures = zip(names, (900, 1100, 1000), strict=True)
    rows = "".join(f"| {name} | {figure} |\n" for name, figure in figures)
    text = f"## Sheet S\n| Immigration by region, 2022 |\n| Region | Persons |\n| Total | 3000 |\n{rows}"
    proposal = proposed(text, "DF_IMM_TOPIC", area)
    about = [each for each in proposal.open if each.component == "REGION" and not each.part.startswith("line")]
    assert {each.part for each in about} <= {"regions REGION"}
    decisions = {(each.sheet, each.part, each.label): AS_IT_IS for each in about}
    (block,) = proposed(text, "DF_IMM_TOPIC", area, decisions=decisions).mapping.blocks
    assert not block.skip_rows


@pytest.mark.parametrize("label", ["Unknown", "Bilinmeyen", "Nieustalone", "Ignorado", "Non déclaré", "不明"])
def test_unknown_region_has_the_code_for_unknown(label: str) -> None:
    rows = f"| Total | 2500 |\n| Coast | 1100 |\n| Rift | 900 |\n| {label} | 500 |\n"
    text = f"## Sheet S\n| Immigration by region, 2022 |\n| Region | Persons |\n{rows}"
    (block,) = proposed(text, "DF_IMM_TOPIC", "KE").mapping.blocks
    (regions,) = [component for component in block.components if component.component == "REGION"]
    assert dict(regions.codes)[label] == "_U"


def test_two_totals_among_regions_are_asked_about_one_by_one() -> None:
    rows = "| Total nacional | 3000 |\n| Total urbano | 1500 |\n| Nakuru | 900 |\n| Turkana | 600 |\n"
    text = f"## Sheet S\n| Immigration by region, 2022 |\n| Region | Persons |\n{rows}"
    asked = [each.label for each in proposed(text, "DF_IMM_TOPIC", "ES").open if each.part == "codes REGION"]
    assert "Total urbano" in asked


NESTED = {
    "first": ("Hele landet 9", "Region A 5", "Norra 3", "Södra 2", "Region B 4", "Östra 1", "Västra 3"),
    "last": ("Norte 3", "Sur 2", "Región A 5", "Este 1", "Oeste 3", "Región B 4", "Todo el país 9"),
    "only part": ("Koko maa 9", "Lääni A 2", "Etelä 2", "Lääni B 7", "Itä 3", "Länsi 4"),
}


@pytest.mark.parametrize("rows", NESTED.values(), ids=NESTED)
def test_levels_of_regions_are_asked_about_below_the_country(rows: tuple[str, ...]) -> None:
    cells = "".join(f"| {row[:-2]} | {int(row[-1]) * 1100} | {int(row[-1]) * 1001} |\n" for row in rows)
    text = f"## Sheet S\n| Immigration by region, 2022 |\n| Region | Men | Women |\n{cells}"
    proposal = proposed(text, "DF_IMM_TOPIC", "SE")
    assert "_T" in codes(proposal, "REGION").values()
    (question,) = (each for each in proposal.questions if each.part == "regions REGION")
    assert question.chosen.code == AS_IT_IS


FIGURES = (2110, 930, 2270, 2480)
PARTS_OF_REGIONS = {
    "fr": ("Province", ("Aurélie", "dont villes de plus de 100 000 habitants", "Djimba", "Kassoua")),
    "de": ("Bezirk", ("Hochau", "davon Landeshauptstadt", "Unterweil", "Seebrunn")),
    "ru": ("Область", ("Горная", "из них город Лужки", "Степная", "Озёрная")),
    "es": ("Provincia", ("Alta Sierra", "de los cuales: capital", "Costa Verde", "Llano Grande")),
    "ar": ("المحافظة", ("الوادي الأخضر", "منها المدينة القديمة", "السهل الكبير", "الجبل الأبيض")),
}


@pytest.mark.parametrize(("head", "labels"), PARTS_OF_REGIONS.values(), ids=PARTS_OF_REGIONS)
def test_part_of_a_region_is_no_region_without_a_question(head: str, labels: tuple[str, ...]) -> None:
    figures = "\n".join(f"| {label} | {figure} |" for label, figure in zip(labels, FIGURES, strict=True))
    text = f"## Sheet T\n| Emigrants, 2023 |\n| {head} | Total |\n{figures}\n"
    decisions = {("*", "line column 1", ""): "REGION"}
    trial = propose(read("t.xlsx", workbook(text)), "DF_EMI_TOPIC", CATALOGUE, WORDS, area="KE", decisions=decisions)
    (question,) = (question for question in trial.open if question.part == "codes REGION")
    assert strip_of_which(question.label, WORDS.vocabulary) != question.label
    assert question.chosen.code == LEAVE_OUT
    assert question.label in {other.code for other in question.others}
    assert question.label not in {*trial.conversion.dataset.observations["REGION"]}
