"""The example workspaces hold published figures only, each with its source, and their workbooks are made from them."""

from __future__ import annotations

import csv
import importlib
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import ModuleType

import openpyxl
import pytest
from folders import ROOT, SHARED
from shipped import CATALOGUE

from sdmxmig.conversion.convert import convert, merge
from sdmxmig.conversion.mapping import load as load_mapping
from sdmxmig.conversion.tables import read
from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Findings

EXAMPLES = ROOT / "examples"
FACTS = SHARED / "countries"
COUNTRIES = ("georgia", "moldova", "norway", "sweden", "chile", "colombia", "mexico", "peru")
NOTICES = {
    "georgia": "Demonstration workbook, not a Geostat publication",
    "moldova": "Demonstration workbook, not a publication of the National Bureau of Statistics",
    "norway": "Demonstration workbook, not a publication of Statistics Norway",
    "sweden": "Demonstration workbook, not a publication of Statistics Sweden",
    "chile": "Libro de demostración, no es una publicación del INE",
    "colombia": "Libro de demostración, no es una publicación del DANE",
    "mexico": "Libro de demostración, no es una publicación del INEGI",
    "peru": "Libro de demostración, no es una publicación del INEI",
}
# Tables that were read beside the collected facts.
READ_BESIDE = {"chile": {"CL36"}, "norway": {"N98", *(f"N{number}" for number in range(201, 209))}}
QUOTED = ("as quoted by", "citado por", "citada por", "transcrito en")  # how a text that is not the office's is cited
WITHOUT_DIFFERENCES = {"moldova", "colombia", "peru"}  # their collected facts mark no figure as a difference
FAULTS = EXAMPLES / "georgia-faults"
GEORGIA = EXAMPLES / "georgia"  # the same tables without planted faults
# Social media, and two copies of an encyclopaedia: nothing may rest on them.
REFUSED_SOURCES = {"G11", "G23", "G42"}
TO_BE_CONFIRMED = {
    item.id: {code for code, _ in CATALOGUE.scales[item.scale].shown_as}
    for item in (*CATALOGUE.items.values(), *CATALOGUE.questions.values())
    if item.scale
}
"""The levels of a question's scale that leave topics open."""

Row = dict[str, str]
Cells = dict[str, object]


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    """The script that makes the workbooks, loaded from the folder in which it stands."""
    sys.path.insert(0, str(EXAMPLES))
    try:
        yield importlib.import_module("workbooks")
    finally:
        sys.path.remove(str(EXAMPLES))


@cache
def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def layouts(country: str) -> list[dict[str, str]]:
    declared = tomllib.loads((EXAMPLES / country / "figures" / "workbooks.toml").read_text(encoding="utf-8"))
    return list(declared["sheet"])


def figures(country: str) -> list[Row]:
    names = sorted({layout["figures"] for layout in layouts(country)})
    folder = EXAMPLES / country / "figures"
    return [dict(row, file=name) for name in names for row in rows_of(folder / name)]


def sources(country: str) -> dict[str, str]:
    rows = rows_of(EXAMPLES / country / "figures" / "sources.csv")
    return {row["key"]: f"{row['citation']}. {row['address']}".rstrip() for row in rows}


@cache
def sheets(folder: Path) -> dict[tuple[str, str], Cells]:
    """The filled cells of every sheet below a workspace's ``tables``, by workbook and sheet."""
    found: dict[tuple[str, str], Cells] = {}
    for path in sorted((folder / "tables").glob("*.xlsx")):
        for sheet in openpyxl.load_workbook(path).worksheets:
            cells = {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row}
            found[path.name, sheet.title] = {name: value for name, value in cells.items() if value is not None}
    return found


def value(country: str, file: str, table: str, year: str, item: str, group: str = "") -> Decimal:
    """One figure of the CSV files."""
    key = (file, table, year, item, group)
    names = ("file", "table", "year", "item", "group")
    found = [row["value"] for row in figures(country) if tuple(row[name] for name in names) == key]
    assert len(found) == 1, key
    return Decimal(found[0])


def years(country: str, file: str, table: str, item: str, group: str = "") -> list[str]:
    """The years for which the CSV files have a figure."""
    wanted = {"file": file, "table": table, "item": item, "group": group}
    return [row["year"] for row in figures(country) if wanted.items() <= row.items()]


# The workbooks are those which the script makes


@pytest.mark.sampled(3)
def test_committed_files_are_what_the_script_makes_byte_for_byte(script: ModuleType, tmp_path: Path) -> None:
    script.make(EXAMPLES, tmp_path)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    simulated = set(EXAMPLES.glob("fictional/tables/*.xlsx"))  # by another script
    workbooks = {path.relative_to(EXAMPLES) for path in {*EXAMPLES.glob("*/tables/*.xlsx")} - simulated}
    assert {path for path in made if path.suffix == ".xlsx"} == workbooks
    different = [str(path) for path in made if (EXAMPLES / path).read_bytes() != (tmp_path / path).read_bytes()]
    assert different == [], "run python examples/workbooks.py"


def test_workspace_with_faults_has_the_declarations_of_georgia() -> None:
    for path in [EXAMPLES / "georgia" / "country.toml", *(EXAMPLES / "georgia" / "mappings").glob("*.toml")]:
        assert (FAULTS / path.relative_to(EXAMPLES / "georgia")).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_source_figure_is_in_its_sheet(country: str) -> None:
    cells = sheets(EXAMPLES / country)
    for layout in layouts(country):
        shown = Counter(
            Decimal(re.sub(r"\s", "", str(text)))
            for text in cells[layout["workbook"], layout["name"]].values()
            if re.fullmatch(r"-?\d[\d\s]*(\.\d+)?", str(text))
        )
        wanted = Counter(
            Decimal(row["value"])
            for row in figures(country)
            if (row["file"], row["table"]) == (layout["figures"], layout["table"])
        )
        assert wanted
        assert wanted <= shown, layout["title"]


def test_one_sheet_of_georgia_stores_its_numbers_as_texts() -> None:
    table = sheets(EXAMPLES / "georgia")["migration.xlsx", "Table 1"]
    assert table["K8"] == "179\u00a0778"


# What the figures rest on


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_sheet_says_that_it_is_a_demonstration_and_names_its_sources(country: str) -> None:
    known, cells = sources(country), sheets(EXAMPLES / country)
    for layout in layouts(country):
        texts = cells[layout["workbook"], layout["name"]].values()
        keys = {
            key
            for row in figures(country)
            if (row["file"], row["table"]) == (layout["figures"], layout["table"])
            for key in row["source"].split(";")
        }
        assert NOTICES[country] in texts
        assert keys
        assert {f"[{key}] {known[key]}" for key in keys} <= set(texts)


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_figure_has_a_mark_and_sources_that_are_known_and_not_refused(country: str) -> None:
    known = sources(country)
    assert not REFUSED_SOURCES & set(known)
    for row in figures(country):
        keys = row["source"].split(";")
        assert set(keys) <= set(known), row
        assert row["mark"] in ("A", "B"), row
        if row["mark"] == "B":
            assert all(any(words in known[key] for words in QUOTED) for key in keys), row


def printed(number: str) -> str:
    """A number as the file of facts prints it: blanks between thousands, a minus sign.

    >>> printed("-10378.5")
    '−10 378.5'
    """
    return f"{Decimal(number):,}".replace(",", " ").replace("-", "−")


@pytest.mark.skipif(not FACTS.is_dir(), reason="the collected facts are not at hand")
@pytest.mark.parametrize("country", COUNTRIES)
def test_figures_are_those_of_the_collected_facts_and_none_is_a_difference(country: str) -> None:
    facts = "\n".join(path.read_text(encoding="utf-8") for path in sorted(FACTS.glob(f"{country}*.md")))
    differences = set(re.findall(r"([\d ]+\d) \(difference\)", facts))
    differences |= set(re.findall(r"others \(by difference[^)]*\) ([\d ]+\d)", facts))
    differences |= set(re.findall(r"others \(difference\) \| ([\d ]+\d)", facts))
    differences |= set(re.findall(r"others by difference ([\d ]+\d)", facts))
    beside = READ_BESIDE.get(country, set())
    shown = {printed(row["value"]) for row in figures(country) if not beside & set(row["source"].split(";"))}
    numbers = set(re.findall(r"(?<![\d.])−?\d{1,3}(?: \d{3})*(?:\.\d+)?(?![\d.]*\d)", facts))
    assert bool(differences) == (country not in WITHOUT_DIFFERENCES)
    assert shown <= numbers
    assert not shown & {text.strip() for text in differences}


@pytest.mark.parametrize("country", COUNTRIES)
def test_profile_cites_the_same_sources_and_is_not_signed_off(country: str) -> None:
    profile = tomllib.loads((EXAMPLES / country / "profile.toml").read_text(encoding="utf-8"))
    known = sources(country)
    about = [profile.get(table, {}) for table in ("indicators", "inventory", "products")]
    answers = [
        *profile["items"].values(),
        *(answer for table in about for one in table.values() for answer in one.values()),
    ]
    cited = {key for answer in answers for key in answer.get("sources", ())}
    assert profile["signed_off"] == ""
    assert profile["sources"] == known, "what the figures and the answers rest on is cited in full"
    assert cited <= set(known)
    for answer in answers:
        if answer["evidence"] == "NOT_VERIFIED":
            assert "answer" not in answer, answer
            assert answer["question"]["en"], answer
        else:
            assert answer["evidence"] in ("PUBLIC", "REPORTED", "INFERRED"), answer
            assert answer["practice"]["en"], answer
            assert answer["sources"], answer


@pytest.mark.parametrize("country", COUNTRIES)
def test_rating_stated_in_public_asks_only_to_confirm_topics(country: str) -> None:
    profile = tomllib.loads((EXAMPLES / country / "profile.toml").read_text(encoding="utf-8"))
    rated = {
        (subject, item): answer
        for subject, answers in [("", profile["items"]), *profile.get("indicators", {}).items()]
        for item, answer in answers.items()
        if "answer" in answer and answer["evidence"] == "PUBLIC"
    }
    asked = {
        key for key, answer in rated.items() if "question" in answer and answer["answer"] not in TO_BE_CONFIRMED[key[1]]
    }
    assert not asked


@pytest.mark.parametrize("country", COUNTRIES)
def test_definition_without_a_reference_text_is_not_rated(country: str) -> None:
    items = tomllib.loads((EXAMPLES / country / "profile.toml").read_text(encoding="utf-8"))["items"]
    definitions = {item.id: item for item in CATALOGUE.items.values() if item.scale == "ALIGN"}
    rated = {item for item, answer in items.items() if item in definitions and "answer" in answer}
    assert not {item for item in rated if not definitions[item].recommendation}


# What is said to close does close


def test_georgia_sexes_and_citizenships_add_up() -> None:
    for year in years("georgia", "vital.csv", table="Births", item="Live births", group="Boys"):
        births = [
            value("georgia", "vital.csv", table="Births", year=year, item="Live births", group=g)
            for g in ("Total", "Boys", "Girls")
        ]
        assert births[0] == births[1] + births[2], year
    for flow in ("Immigrants", "Emigrants"):
        sexes = [
            value("georgia", "migration.csv", table="4", year="2022", item=flow, group=g)
            for g in ("Both sexes", "Men", "Women")
        ]
        citizens = value("georgia", "migration.csv", table="2", year="2022", item=flow, group="Citizens of Georgia")
        assert sexes[0] == sexes[1] + sexes[2] == citizens
        assert value("georgia", "migration.csv", table="3", year="2022", item=flow, group="Georgia") == citizens
    groups = [
        value("georgia", "migration.csv", table="2", year="2020", item="Emigrants", group=group)
        for group in ("Citizens of Georgia", "Other citizens")
    ]
    assert sum(groups) == value("georgia", "migration.csv", table="1", year="2020", item="Emigrants")


def test_georgia_population_rounds_to_the_official_figure_except_the_revised_year() -> None:
    differences = {}
    for year in ("2017", "2018", "2019", "2020", "2021", "2022", "2023", "2024"):
        persons, thousands = (
            value("georgia", "population.csv", table=table, year=year, item="Population", group="Both sexes")
            for table in ("persons", "1")
        )
        differences[year] = thousands - (persons / 1000).quantize(Decimal("0.1"))
    # 3 726.4 − 3 718.2: the office raised its first value, the collection of Eurostat has it still.
    assert differences == dict.fromkeys(differences, Decimal(0)) | {"2017": Decimal("8.2")}


@pytest.mark.parametrize(
    ("year", "start", "end", "residual"),
    [
        # 3 726 400 + 53 293 − 47 822 + 83 239 − 85 451 = 3 729 659: the start is printed to 0.1 thousand.
        ("2017", 3_726_400, 3_729_633, -26),
        ("2018", 3_729_633, 3_723_464, 0),
        ("2019", 3_723_464, 3_716_858, 0),
        ("2020", 3_716_858, 3_728_573, 0),
        ("2021", 3_728_573, 3_688_647, 0),
        ("2022", 3_688_647, 3_736_357, 0),
        ("2023", 3_736_357, 3_694_608, 0),
        # 3 694 608 + 39 483 − 43 971 + 135 811 − 121 425 = 3 704 506: the end is printed to 0.1 thousand.
        ("2024", 3_694_608, 3_704_500, -6),
    ],
)
def test_georgia_account_closes_to_the_person_where_its_populations_are_in_persons(
    year: str, start: int, end: int, residual: int
) -> None:
    births = value("georgia", "vital.csv", table="Births", year=year, item="Live births", group="Total")
    deaths = value("georgia", "vital.csv", table="Deaths", year=year, item="Deaths")
    inward = value("georgia", "migration.csv", table="1", year=year, item="Immigrants")
    outward = value("georgia", "migration.csv", table="1", year=year, item="Emigrants")
    for when, number in ((year, start), (str(int(year) + 1), end)):
        table, unit = ("1", 1000) if when in ("2017", "2025") else ("persons", 1)
        printed_value = value(
            "georgia", "population.csv", table=table, year=when, item="Population", group="Both sexes"
        )
        assert printed_value * unit == number
    assert end - (start + births - deaths + inward - outward) == residual


@pytest.mark.parametrize(
    ("year", "residual"),
    [("2014", "-1.0"), ("2015", "0.3"), ("2016", "0.4"), ("2017", "-2.8"), ("2018", "0.2")],
)
def test_moldova_account_has_the_known_residuals(year: str, residual: str) -> None:
    def population(when: str) -> Decimal:
        return value("moldova", "population.csv", table="1", year=when, item="Final value")

    births, deaths = (
        value("moldova", "vital.csv", table="Earlier", year=year, item=item) for item in ("Live births", "Deaths")
    )
    inward, outward = (
        value("moldova", "migration.csv", table="1", year=year, item=item) for item in ("Immigrants", "Emigrants")
    )
    end = population(year) + births - deaths + inward - outward
    assert population(str(int(year) + 1)) - end == Decimal(residual)


GROUPS = {
    "Born in Sweden, all": ("Born in Sweden, Swedish citizens", "Born in Sweden, foreign citizens"),
    "Foreign-born, all": ("Foreign-born, Swedish citizens", "Foreign-born, foreign citizens"),
    "Swedish citizens, all": ("Born in Sweden, Swedish citizens", "Foreign-born, Swedish citizens"),
    "Foreign citizens, all": ("Born in Sweden, foreign citizens", "Foreign-born, foreign citizens"),
}


@pytest.mark.parametrize("year", ["2019", "2020", "2021", "2024"])
def test_sweden_four_groups_close_in_every_margin(year: str) -> None:
    def of(item: str, sex: str = "Both sexes") -> Decimal:
        return value("sweden", "population.csv", table="four groups", year=year, item=item, group=sex)

    four = sorted({part for parts in GROUPS.values() for part in parts})
    for sex in ("Both sexes", "Men", "Women"):
        total = value("sweden", "population.csv", table="totals", year=year, item="Population", group=sex)
        assert sum(of(part, sex) for part in four) == of("Whole population", sex) == total
    for item in (*four, "Whole population"):
        assert of(item) == of(item, "Men") + of(item, "Women")
    for margin, parts in GROUPS.items():
        assert of(margin) == sum(of(part) for part in parts)


@pytest.mark.parametrize("year", ["2021", "2022", "2024"])
def test_sweden_account_closes_exactly_with_its_adjustments(year: str) -> None:
    def of(item: str) -> Decimal:
        return value("sweden", "account.csv", table="account", year=year, item=item)

    assert of("Natural increase") == of("Live births") - of("Deaths")
    assert of("Net migration") == of("Immigrations") - of("Emigrations")
    change = of("Natural increase") + of("Net migration") + of("Adjustments")
    assert of("Population on 1 January") + change == of("Population on 31 December")
    for flow in ("Immigrations", "Emigrations"):
        assert of(flow) == value(
            "sweden", "migration.csv", table=flow.lower(), year=year, item="All", group="Both sexes"
        )


@pytest.mark.parametrize("flow", ["immigrations", "emigrations"])
def test_sweden_flows_are_the_sum_of_men_and_women(flow: str) -> None:
    for item in ("All", "Born in Sweden"):
        for year in years("sweden", "migration.csv", table=flow, item=item, group="Both sexes"):
            both, men, women = (
                value("sweden", "migration.csv", table=flow, year=year, item=item, group=sex)
                for sex in ("Both sexes", "Men", "Women")
            )
            assert both == men + women, (item, year)


@pytest.mark.parametrize("flow", ["immigrations", "emigrations"])
def test_sweden_countries_of_birth_are_the_sum_of_men_and_women_and_less_than_all(flow: str) -> None:
    for year in ("2021", "2022", "2023", "2024"):
        table = [row for row in figures("sweden") if (row["table"], row["year"]) == (f"{flow} by country", year)]
        countries = {row["item"] for row in table}
        assert len(countries) == 10, "the ten largest"
        for country in countries:
            sexes = {row["group"]: Decimal(row["value"]) for row in table if row["item"] == country}
            assert sexes["Both sexes"] == sexes["Men"] + sexes["Women"], (year, country)
        largest = sum(Decimal(row["value"]) for row in table if row["group"] == "Both sexes")
        assert largest < value("sweden", "migration.csv", table=flow, year=year, item="All", group="Both sexes")
        born_in_sweden = value(
            "sweden", "migration.csv", table=flow, year=year, item="Born in Sweden", group="Both sexes"
        )
        assert (
            value("sweden", "migration.csv", table=f"{flow} by country", year=year, item="Sweden", group="Both sexes")
            == born_in_sweden
        )


@pytest.mark.parametrize("year", ["2010", "2015"])
def test_sweden_citizens_and_foreign_citizens_are_all_residents(year: str) -> None:
    citizens, foreign = (
        value("sweden", "population.csv", table="parts", year=year, item="Citizenship", group=group)
        for group in ("Swedish citizens", "Foreign citizens")
    )
    assert citizens + foreign == value(
        "sweden", "population.csv", table="totals", year=year, item="Population", group="Both sexes"
    )


def test_georgia_preliminary_count_is_the_sum_of_its_parts_and_no_part_stands_with_the_final_one() -> None:
    def of(group: str) -> Decimal:
        return value("georgia", "census.csv", table="preliminary", year="2024", item="Residents", group=group)

    assert of("All residents") == of("Men") + of("Women")
    assert of("All residents") == of("Citizens of Georgia, at least") + of("Foreign citizens, at most")
    final = [row for row in figures("georgia") if (row["table"], row["year"]) == ("census", "2024")]
    assert [(row["group"], row["value"]) for row in final] == [("All residents", "3929581")]


@pytest.mark.parametrize("country", ["georgia", "moldova"])
def test_stocks_of_the_united_nations_are_the_sum_of_men_and_women(country: str) -> None:
    rows = [row for row in figures(country) if row["table"] in ("stock", "abroad")]
    for item, year in {(row["item"], row["year"]) for row in rows}:
        sexes = {row["group"]: int(row["value"]) for row in rows if (row["item"], row["year"]) == (item, year)}
        assert sexes["Both sexes"] == sexes["Men"] + sexes["Women"], (item, year)


def test_moldova_net_migration_is_immigrants_less_emigrants_up_to_rounding() -> None:
    for year in ("2014", "2015", "2016", "2017", "2018", "2019", "2020"):
        inward, outward = (
            value("moldova", "migration.csv", table="1", year=year, item=item) for item in ("Immigrants", "Emigrants")
        )
        net = value("moldova", "migration.csv", table="2", year=year, item="Net migration, final value")
        assert abs(inward - outward - net) <= Decimal("0.1"), year


@pytest.mark.parametrize(
    ("year", "end", "residual"),
    [("2021", "2565.0", "-0.4"), ("2022", "2492.3", "0.1")],
)
def test_moldova_account_with_the_balances_alone(year: str, end: str, residual: str) -> None:
    """2 626.9 − 16.1 − 45.4 = 2 565.4 and 2 565.0 − 9.2 − 63.6 = 2 492.2 thousand."""
    natural, net = (
        value("moldova", "migration.csv", table="2", year=year, item=item)
        for item in ("Natural increase", "Net migration, final value")
    )
    start = value("moldova", "population.csv", table="1", year=year, item="Final value")
    assert Decimal(end) == value("moldova", "population.csv", table="1", year=str(int(year) + 1), item="Final value")
    assert Decimal(end) - (start + natural + net) == Decimal(residual)


def test_moldova_permits_are_permanent_and_provisional_ones() -> None:
    rows = [row for row in figures("moldova") if row["table"].startswith("permits")]
    for day in {row["year"] for row in rows}:
        kinds = {row["group"]: Decimal(row["value"]) for row in rows if row["year"] == day}
        assert kinds["Total"] == kinds["Permanent"] + kinds["Provisional"], day


@pytest.mark.parametrize(("day", "others"), [("2018-01-01", 0), ("2023-11-20", 51), ("2024-05-14", 0)])
def test_moldova_asylum_total_equals_its_parts_except_on_one_day(day: str, others: int) -> None:
    rows = {
        row["group"]: int(row["value"]) for row in figures("moldova") if (row["table"], row["year"]) == ("asylum", day)
    }
    assert rows.pop("All persons in the system") - sum(rows.values()) == others


def test_moldova_entries_are_the_sum_of_the_kinds_of_border() -> None:
    entries = [row for row in figures("moldova") if row["table"] == "border"]
    for country in {row["item"] for row in entries}:
        kinds = {row["group"]: Decimal(row["value"]) for row in entries if row["item"] == country}
        assert kinds.pop("Total") == sum(kinds.values()), country


# Norway: the printed parts add up, but where a note of the sheet says that they do not.


def norway(file: str, table: str, year: str, item: str, group: str = "") -> Decimal:
    """One figure of Norway."""
    return value("norway", file, table, year, item, group)


@pytest.mark.parametrize("year", ["2018", "2019", "2020", "2021", "2022", "2023", "2024"])
def test_norway_sexes_and_ages_are_all_of_their_own_source(year: str) -> None:
    def of(item: str, group: str) -> Decimal:
        return norway("population.csv", "sex and age", year, item, group)

    total = of("Sex", "Both sexes")
    assert of("Sex", "Men") + of("Sex", "Women") == total
    assert sum(of("Age, both sexes", group) for group in ("0–14", "15–64", "65 and over")) == total
    more = {"2018": 82, "2019": 50, "2020": 20, "2021": 22, "2022": 43, "2023": 35, "2024": 0}
    assert total - norway("population.csv", "totals", year, "Population", "Both sexes") == more[year]


def test_norway_birth_citizenship_and_parents_add_up() -> None:
    def of(year: str, item: str, group: str) -> Decimal:
        return norway("population.csv", "birth and citizenship", year, item, group)

    for year in ("2001", "2002", "2004", "2005"):
        total = norway("population.csv", "totals", year, "Population", "Both sexes")
        assert of(year, "Birth", "Born in Norway") + of(year, "Birth", "Born abroad") == total
        assert of(year, "Citizenship", "Norwegian citizens") + of(year, "Citizenship", "Foreign citizens") == total
    both = "Birth and citizenship"
    for year, born in (("2004", 1_666 + 12_225 + 9_470), ("2011", 1_711 + 23_494 + 8_008)):
        assert of(year, both, "Born in Norway, foreign citizens") == born
        assert of(year, "Citizenship", "Foreign citizens") == of(year, both, "Born abroad, foreign citizens") + born
    abroad = [of("2004", both, f"Born abroad, {citizens} citizens") for citizens in ("Norwegian", "foreign")]
    assert of("2004", "Birth", "Born abroad") == sum(abroad)
    parents = [row for row in figures("norway") if (row["table"], row["year"]) == ("parents", "2020")]
    for birth in ("Born in Norway", "Born abroad"):
        groups = [Decimal(row["value"]) for row in parents if row["item"] == birth]
        assert (len(groups), sum(groups)) == (3, of("2020", "Birth", birth))


@pytest.mark.parametrize("year", ["2005", "2011", "2018", "2020", "2024"])
def test_norway_citizens_and_foreign_citizens_are_all_migrants(year: str) -> None:
    net = []
    for citizens in ("Norwegian citizens", "Foreign citizens"):
        inward, outward = (
            norway("migration.csv", "citizenship", year, citizens, flow) for flow in ("Immigration", "Emigration")
        )
        assert norway("migration.csv", "net", year, citizens) == inward - outward
        net.append((inward, outward))
    for flow, parts in zip(("Immigration", "Emigration"), zip(*net, strict=True), strict=True):
        assert norway("migration.csv", "totals", year, flow) == sum(parts)


@pytest.mark.parametrize(
    ("table", "period", "correction"),
    [("account", "2023", 464), ("quarters", "2019-Q4", 334), ("quarters", "2020-Q4", 303)],
)
def test_norway_account_closes_exactly_with_its_correction_item(table: str, period: str, correction: int) -> None:
    def of(item: str) -> Decimal:
        return norway("account.csv", table, period, item)

    assert of("Correction item") == correction
    assert of("Net migration") == of("Immigration") - of("Emigration")
    change = of("Live births") - of("Deaths") + of("Net migration") + correction
    assert of("Population at the beginning") + change == of("Population at the end")


def test_norway_births_deaths_and_naturalisations_by_sex() -> None:
    for table, item, sexes in (("births", "Live births", ("Boys", "Girls")), ("deaths", "Deaths", ("Men", "Women"))):
        for year in years("norway", "vital.csv", table=table, item=item, group=sexes[0]):
            parts = [norway("vital.csv", table, year, item, sex) for sex in sexes]
            assert norway("vital.csv", table, year, item, "Total") == sum(parts), year
    groups = [Decimal(row["value"]) for row in figures("norway") if row["table"] == "2016"]
    # As printed: the four groups are one less than the total.
    assert (len(groups), norway("citizenship.csv", "acquisitions", "2016", "Acquisitions") - sum(groups)) == (4, 1)


# The planted faults


def test_faulty_workbooks_differ_from_those_of_georgia_in_the_listed_cells_alone() -> None:
    faults = {(row["workbook"], row["sheet"], row["cell"]): row["is"] for row in rows_of(FAULTS / "faults.csv")}
    assert len(faults) >= 8
    right, faulty = sheets(EXAMPLES / "georgia"), sheets(FAULTS)
    assert right.keys() == faulty.keys()
    changed = {
        (*sheet, cell): str(cells.get(cell))
        for sheet, cells in faulty.items()
        for cell in cells.keys() | right[sheet].keys()
        if cells.get(cell) != right[sheet].get(cell)
    }
    notices = {key: text for key, text in changed.items() if key[2] == "A4"}
    assert set(notices.values()) == {f"{NOTICES['georgia']}. Faults have been planted in it on purpose."}
    assert len(notices) == len(right)
    assert {key: text for key, text in changed.items() if key[2] != "A4"} == faults


def test_every_fault_is_listed_for_readers() -> None:
    page = (FAULTS / "README.md").read_text(encoding="utf-8")
    for row in rows_of(FAULTS / "faults.csv"):
        assert f"| {row['workbook']} | {row['sheet']} | {row['cell']} |" in page


# What the line says about the examples


@cache
def findings_of(workspace: Path) -> Findings:
    """Read, convert and validate the tables of a workspace."""
    catalogue = CATALOGUE
    tables = [
        table for path in sorted((workspace / "tables").glob("*.xlsx")) for table in read(path.name, path.read_bytes())
    ]
    converted: dict[str, list[Dataset]] = {}
    parts = []
    paths = sorted((workspace / "mappings").glob("*.toml"))
    mappings = [load_mapping(path.name, path.read_bytes(), catalogue.flows) for path in paths]
    for mapping in mappings:
        result = convert(
            tables, mapping, flow=catalogue.flow(mapping.flow), rules=catalogue.rules, other_mappings=mappings
        )
        converted.setdefault(mapping.flow, []).append(result.dataset)
        parts.append(result.findings)
    datasets = [merge(listed) for listed in converted.values()]
    for dataset in datasets:
        others = [other for other in datasets if other is not dataset]
        parts.append(validate(dataset, catalogue, others))
    return Findings.join(parts)


@pytest.mark.parametrize("country", COUNTRIES)
def test_published_figures_lead_to_no_error(country: str) -> None:
    findings = findings_of(EXAMPLES / country)
    assert [str(item.place) for item in findings.items if item.severity == "error"] == []


@pytest.mark.long  # the golden findings are those of the same workspace
def test_every_planted_fault_leads_to_the_listed_finding() -> None:
    real = {(item.rule, str(item.place)) for item in findings_of(GEORGIA).items}
    seen = {(item.rule, item.severity, str(item.place)) for item in findings_of(FAULTS).items}
    found = {(rule, severity, place) for rule, severity, place in seen if (rule, place) not in real}
    listed = {(row["rule"], row["severity"], row["reported_at"]) for row in rows_of(FAULTS / "faults.csv")}
    account_of_2023 = ("MIG-2-001", "error", "population.xlsx › Table 1 › B26")
    fraction_of_a_person = ("MIG-1-013", "warning", "migration.xlsx › Table 1 › C8")  # as MIG-1-012 says it too
    assert found == listed | {account_of_2023, fraction_of_a_person}
