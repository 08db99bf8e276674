"""Groups of countries that are sums of the rows below them are proposed for omission, since no figure is lost."""

from __future__ import annotations

import pytest
from proposed import asked, proposed, tried

from sdmxmig.conversion.suggestion.questions import ADD_UP, LEAVE_OUT

FIGURES = (347, 1289, 806, 455, 962, 238)


def build_table(title: str, head: str, rows: list[tuple[str, tuple[int, ...]]]) -> str:
    lines = "".join(f"| {label} | {' | '.join(map(str, figures))} |\n" for label, figures in rows)
    return f"## Sheet S\n| {title} |\n| {head} | 2021 | 2022 | 2023 |\n{lines}"


def count(number: int) -> tuple[int, ...]:
    return tuple(FIGURES[(number + at) % len(FIGURES)] + 7 * number for at in range(3))


def add_up(*rows: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*rows, strict=True)))


def list_proposals(text: str, flow: str = "DF_IMM") -> dict[str, str]:
    questions = (each for each in asked(proposed(text, flow)) if each.component in ("C_CITIZEN", "C_RESIDENCE"))
    return {each.label: each.chosen.code if each.has_proposal else "" for each in questions}


EU = add_up(count(1), count(2))
AFRICA = add_up(count(3), count(4))
LANGUAGES = [
    (
        "Immigrants by citizenship",
        "Citizenship",
        "Total; EU-27; France; Italy; Rest of Africa; Kenya; Ghana; Other countries",
    ),
    (
        "Doseljeno stanovništvo prema državljanstvu",
        "Državljanstvo",
        "Ukupno; Zemlje EU-a; Francuska; Italija; Ostale afričke zemlje; Kenija; Gana; Ostale zemlje",
    ),
    (
        "Inmigrantes por país de nacionalidad",
        "País de nacionalidad",
        "Total; UE-27; Francia; Italia; Resto de África; Kenia; Ghana; Otros países",
    ),
    (
        "Immigranten naar nationaliteit",
        "Nationaliteit",
        "Totaal; EU-27; Frankrijk; Italië; Overig Afrika; Kenia; Ghana; Andere landen",
    ),
]


@pytest.mark.parametrize(("title", "head", "labels"), LANGUAGES)
def test_groups_summing_rows_below_are_proposed_for_omission(title: str, head: str, labels: str) -> None:
    listed = [add_up(EU, AFRICA, count(5)), EU, count(1), count(2), AFRICA, count(3), count(4), count(5)]
    names = labels.split("; ")
    proposals = list_proposals(build_table(title, head, list(zip(names, listed, strict=True))))
    groups = {name: code for label, code in proposals.items() for name in label.split("; ")}
    assert groups.get(names[1]) == LEAVE_OUT
    assert groups.get(names[4]) == LEAVE_OUT
    assert groups.get(names[7], "_O") == "_O"


@pytest.mark.parametrize(("title", "head", "labels"), LANGUAGES)
def test_groups_that_differ_from_the_rows_below_are_asked_about(title: str, head: str, labels: str) -> None:
    eu, africa = add_up(EU, (4, 0, 9)), add_up(AFRICA, (0, 1, 2))
    listed = [add_up(eu, africa, count(5)), eu, count(1), count(2), africa, count(3), count(4), count(5)]
    proposals = list_proposals(build_table(title, head, list(zip(labels.split("; "), listed, strict=True))))
    assert LEAVE_OUT not in proposals.values()


@pytest.mark.parametrize(
    ("labels", "listed"),
    [
        ("EU-27; Rest of Africa; Rest of Asia", (EU, AFRICA, count(5))),
        ("EU countries; Other European countries; Third countries", (add_up(EU, AFRICA), EU, AFRICA)),
        ("All of them; France; Italy; Kenya; Ghana", (add_up(EU, AFRICA), *map(count, range(1, 5)))),
        ("Foreign ones; France; Italy; Kenya", (add_up(EU, count(3)), *map(count, range(1, 4)))),
        ("Franconia; France; Italy; Kenya; Ghana", ((5, 0, 0), (3, 0, 0), (2, 0, 0), count(3), count(4))),
        ("Franconia; France; Italy; Kenya; Ghana", ((5, 7, 6), (3, 4, 2), (2, 3, 4), count(3), count(4))),
    ],
    ids=["groups alone", "groups in groups alone", "all countries", "all foreigners", "one small sum", "small sums"],
)
def test_sums_that_may_be_totals_or_chance_are_asked_about(labels: str, listed: tuple[tuple[int, ...], ...]) -> None:
    text = build_table("Immigrants by citizenship", "Citizenship", list(zip(labels.split("; "), listed, strict=True)))
    assert LEAVE_OUT not in list_proposals(text).values()


@pytest.mark.parametrize(("title", "head", "labels"), LANGUAGES)
def test_rest_of_a_group_is_other_if_all_labels_add_up(title: str, head: str, labels: str) -> None:
    names, rest = labels.split("; "), count(5)
    within = add_up(AFRICA, rest)
    rows = [(names[0], add_up(EU, within)), (names[1], EU), (names[2], count(1)), (names[3], count(2))]
    rows += [(names[4], within), (names[5], count(3)), (names[6], count(4)), (names[7], rest)]
    assert list_proposals(build_table(title, head, rows)).get(names[7], "_O") == "_O"


@pytest.mark.parametrize("is_left_out", [True, False], ids=["left out", "wrong total"])
@pytest.mark.parametrize(("title", "head", "labels"), LANGUAGES)
def test_only_an_unexplained_total_is_asked_about(title: str, head: str, labels: str, *, is_left_out: bool) -> None:
    total, _, *names = labels.split("; ")
    rows = [
        (total, add_up(EU, count(3), count(5)) if is_left_out else EU),
        *zip(names[:2], (count(1), count(2)), strict=True),
    ]
    rows += [(names[3], count(3)), *([("Xyz", count(5))] if is_left_out else [])]
    decisions = {("S", "codes C_CITIZEN", "Xyz"): LEAVE_OUT} if is_left_out else {}
    questions = tried(build_table(title, head, rows), area="GE", decisions=decisions).open
    assert any(each.part == "totals" for each in questions) is not is_left_out


HEADED = [
    ("Immigrants by citizenship", "Citizenship", "Grand total; Total", "Arab countries; Africa; Europe"),
    ("المهاجرون حسب الجنسية", "الجنسية", "الإجمالي العام; الإجمالي", "الدول العربية; الدول الأفريقية; أوروبا"),
    ("Imigranci według obywatelstwa", "Obywatelstwo", "Ogółem; Razem grupa", "Państwa programu; Inne państwa; Europa"),
    ("Прибывшие по гражданству", "Гражданство", "Всего; Итого", "Арабские страны; Африка; Страны ЕС"),
]
COUNTRIES = {"Syria": "SY", "Sudan": "SD", "Nigeria": "NG", "Ghana": "GH", "Italy": "IT", "France": "FR"}


@pytest.mark.parametrize("layout", ["total first", "total last", "subtotals first", "subtotals last"])
@pytest.mark.parametrize(("title", "head", "totals", "groups"), HEADED)
def test_group_titles_are_left_out_with_subtotals(title: str, head: str, totals: str, groups: str, layout: str) -> None:
    total, subtotal = totals.split("; ")
    listed = [(name, count(at)) for at, name in enumerate(COUNTRIES)]
    whole = [(total, add_up(*map(count, range(6))))]
    rows = [*whole] if layout == "total first" else []
    for number, group in enumerate(groups.split("; ")):
        parts = listed[2 * number : 2 * number + 2]
        sums = [(subtotal, add_up(*(figures for _, figures in parts)))]
        rows += [(group, ()), *(sums if layout == "subtotals first" else []), *parts]
        rows += sums if layout == "subtotals last" else []
    text = build_table(title, head, rows if layout == "total first" else [*rows, *whole])
    accepted = {
        (each.sheet, each.part, each.label): each.chosen.code
        for each in proposed(text, "DF_IMM").open
        if each.has_proposal
    }
    mapped = tried(text, decisions=accepted)
    read = mapped.conversion.dataset.observations.filter(TIME_PERIOD="2021").select("C_CITIZEN", "OBS_VALUE")
    codes = {**COUNTRIES, total: "_T"}
    assert dict(read.iter_rows()) == {codes[label]: str(figures[0]) for label, figures in (*listed, *whole)}
    assert not [each for each in asked(mapped) if each.part.partition(" ")[0] in ("line", "codes", "rows", "rests")]


REMAINDERS = [
    ("Immigrants by citizenship", "Citizenship", "Total; Italy; Other Europe; Ghana; Other Africa; Other", "568; 577"),
    (
        "Inmigrantes por nacionalidad",
        "Nacionalidad",
        "Total; Italia; Resto de la UE; Ghana; Otros países de Asia; Otros países",
        "497; 490",
    ),
    (
        "Imigranci według obywatelstwa",
        "Obywatelstwo",
        "Ogółem; Włochy; Pozostałe kraje Europy; Ghana; Pozostałe kraje Ameryki; Pozostałe",
        "568; 636",
    ),
    (
        "移民数（按国籍）",
        "国籍",
        "总计; 意大利; 其他欧洲国家; 加纳; 其他非洲国家; 其他国家",
        "568; 577",
    ),
    ("Immigrants by citizenship", "Citizenship", "Total; Italy; Other Arab countries; Ghana; Other Nordic; Other", ""),
]


@pytest.mark.parametrize(("title", "head", "labels", "codes"), REMAINDERS)
def test_remainders_keep_their_codes_or_are_added_up_as_other(title: str, head: str, labels: str, codes: str) -> None:
    names = labels.split("; ")
    rows = [(names[0], add_up(*map(count, range(5)))), *zip(names[1:], map(count, range(5)), strict=True)]
    text = build_table(title, head, rows)
    parts = ("sums C_CITIZEN", "rests C_CITIZEN")
    (question,) = [each for each in asked(proposed(text, "DF_IMM")) if each.part in parts]
    assert (question.label, question.chosen.code) == (
        "; ".join((names[2], names[4], *names[5 if not codes else 6 :])),
        codes or ADD_UP,
    )
    mapped = tried(text, decisions={(question.sheet, question.part, question.label): question.chosen.code})
    read = mapped.conversion.dataset.observations.filter(TIME_PERIOD="2021").select("C_CITIZEN", "OBS_VALUE")
    first, second = codes.split("; ") if codes else ("_O", "_O")
    expected = {first: count(1), second: count(3), "_O": count(4)} if codes else {"_O": add_up(*map(count, (1, 3, 4)))}
    assert {code: figure for code, figure in read.iter_rows() if code in expected} == {
        code: str(figures[0]) for code, figures in expected.items()
    }


GROUPED = [
    (
        "Zuzüge nach Staatsangehörigkeit",
        "Staatsangehörigkeit",
        "Insgesamt; Europa; Polen; Übriges Europa; Asien; Indien; Übriges Asien; Unbekannt",
    ),
    (
        "Vatandaşlığa göre göçle gelenler",
        "Vatandaşlık",
        "Toplam; Avrupa; Polonya; Diğer Avrupa ülkeleri; Asya; Hindistan; Diğer Asya ülkeleri; Bilinmeyen",
    ),
    (
        "Immigrants par nationalité",
        "Nationalité",
        "Total; Europe; Pologne; Autres pays d’Europe; Asie; Inde; Autres pays d’Asie; Non précisé",
    ),
]


@pytest.mark.parametrize(("title", "head", "labels"), GROUPED)
def test_remainders_below_group_titles_keep_their_codes(title: str, head: str, labels: str) -> None:
    names = labels.split("; ")
    figures = {1: (), 4: ()} | {at: count(number) for number, at in enumerate((2, 3, 5, 6, 7))}
    rows = [(names[0], add_up(*filter(None, figures.values()))), *((names[at], figures[at]) for at in range(1, 8))]
    text = build_table(title, head, rows)
    (question,) = [each for each in asked(proposed(text, "DF_IMM", "KZ")) if each.part.startswith(("rests", "line"))]
    assert (question.label, question.chosen.code) == ("; ".join((names[3], names[6])), "568; 490")


@pytest.mark.parametrize(
    ("title", "head", "labels"),
    [
        ("Immigrants par nationalité", "Nationalité", ("Total", "France", "Allemagne", "CEDEAO")),
        ("Immigrants by citizenship", "Citizenship", ("Total", "France", "Kenya", "EU-27")),
        (
            "Zuwanderung nach Staatsangehörigkeit",
            "Staatsangehörigkeit",
            ("Insgesamt", "Türkei", "Syrien", "EU-Staaten"),
        ),
        ("Иммигранты по гражданству", "Гражданство", ("Всего", "Китай", "Турция", "Страны СНГ")),
    ],
)
def test_named_group_that_completes_the_total_is_not_proposed_as_other_countries(
    title: str, head: str, labels: tuple[str, ...]
) -> None:
    total, first, second, group = labels
    figures = count(1), count(2), count(3)
    rows = [(total, add_up(*figures)), *zip((first, second, group), figures, strict=True)]
    assert list_proposals(build_table(title, head, rows)).get(group) == ""


@pytest.mark.parametrize(
    ("title", "head", "labels"),
    [
        ("Immigrants by citizenship", "Citizenship", ("Total", "EU-27", "France", "Italy", "Kenya")),
        ("Inmigrantes por nacionalidad", "Nacionalidad", ("Total", "UE-27", "Francia", "Italia", "Kenia")),
        ("Immigrati per cittadinanza", "Cittadinanza", ("Totale", "UE-27", "Francia", "Spagna", "Kenya")),
    ],
)
def test_reason_to_leave_out_a_group_names_the_rows_of_its_sum(title: str, head: str, labels: tuple[str, ...]) -> None:
    total, group, first, second, other = labels
    rows = [(total, add_up(EU, count(3))), (group, EU), (first, count(1)), (second, count(2)), (other, count(3))]
    (question,) = [each for each in asked(proposed(build_table(title, head, rows), "DF_IMM")) if each.label == group]
    assert question.chosen.code == LEAVE_OUT
    assert f"“{first}” to “{second}”" in question.chosen.reason
