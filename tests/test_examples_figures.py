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
from pathlib import Path
from types import ModuleType

import openpyxl
import pytest
from shipped import CATALOGUE

from sdmxmig.conversion import convert, merge
from sdmxmig.mapping import load as load_mapping
from sdmxmig.model.data import Dataset
from sdmxmig.model.findings import Findings
from sdmxmig.tables import read
from sdmxmig.validation import validate

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
FACTS = ROOT.parent / "shared" / "data" / "countries"
COUNTRIES = ("georgia", "moldova", "sweden", "chile", "colombia", "mexico", "peru")
NOTICES = {
    "georgia": "Demonstration workbook, not a Geostat publication",
    "moldova": "Demonstration workbook, not a publication of the National Bureau of Statistics",
    "sweden": "Demonstration workbook, not a publication of Statistics Sweden",
    "chile": "Libro de demostración, no es una publicación del INE",
    "colombia": "Libro de demostración, no es una publicación del DANE",
    "mexico": "Libro de demostración, no es una publicación del INEGI",
    "peru": "Libro de demostración, no es una publicación del INEI",
}
QUOTED = ("as quoted by", "citado por", "citada por", "transcrito en")  # how a text that is not the office's is cited
WITHOUT_DIFFERENCES = {"moldova", "colombia", "peru"}  # their collected facts mark no figure as a difference
FAULTS = EXAMPLES / "georgia-faults"
# Social media, and two copies of an encyclopaedia: nothing may rest on them.
REFUSED_SOURCES = {"G11", "G23", "G42"}

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


def test_committed_files_are_what_the_script_makes_byte_for_byte(script: ModuleType, tmp_path: Path) -> None:
    script.make(EXAMPLES, tmp_path)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    workbooks = {path.relative_to(EXAMPLES) for path in EXAMPLES.glob("*/tables/*.xlsx")}
    assert {path for path in made if path.suffix == ".xlsx"} == workbooks
    different = [str(path) for path in made if (EXAMPLES / path).read_bytes() != (tmp_path / path).read_bytes()]
    assert different == [], "run python examples/workbooks.py"


def test_workspace_with_faults_has_the_declarations_of_georgia() -> None:
    for path in [EXAMPLES / "georgia" / "country.toml", *(EXAMPLES / "georgia" / "mappings").glob("*.toml")]:
        assert (FAULTS / path.relative_to(EXAMPLES / "georgia")).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_figure_stands_in_its_sheet(country: str) -> None:
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
    known = sources(country)
    for layout in layouts(country):
        texts = sheets(EXAMPLES / country)[layout["workbook"], layout["name"]].values()
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


@pytest.mark.parametrize("country", COUNTRIES)
def test_figures_are_those_of_the_collected_facts_and_none_is_a_difference(country: str) -> None:
    path = FACTS / f"{country}.md"
    if not path.exists():
        pytest.skip("the collected facts are not at hand")
    facts = path.read_text(encoding="utf-8")
    differences = set(re.findall(r"([\d ]+\d) \(difference\)", facts))
    differences |= set(re.findall(r"others \(by difference[^)]*\) ([\d ]+\d)", facts))
    differences |= set(re.findall(r"others \(difference\) \| ([\d ]+\d)", facts))
    differences |= set(re.findall(r"others by difference ([\d ]+\d)", facts))
    shown = {printed(row["value"]) for row in figures(country)}
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
        assert answer["practice"]["en"]
        if answer.get("answer"):
            assert answer["sources"], answer
            assert answer["mark"] in ("A", "B"), answer


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


def test_georgia_population_is_the_sum_of_sexes_up_to_rounding() -> None:
    item = "Population (thousand)"
    for year in years("georgia", "population.csv", table="2", item=item, group="Men"):
        sexes = [
            value("georgia", "population.csv", table="2", year=year, item=item, group=group)
            for group in ("Men", "Women")
        ]
        total = value("georgia", "population.csv", table="1", year=year, item="Population", group="Both sexes")
        assert value("georgia", "population.csv", table="2", year=year, item=item, group="Both sexes") == total
        assert abs(total - sum(sexes)) <= Decimal("0.1"), year


@pytest.mark.parametrize(
    ("year", "residual"),
    [
        ("2017", "-0.059"),
        ("2018", "0.069"),
        ("2019", "0.006"),
        ("2020", "-0.015"),
        ("2021", "-0.074"),
        ("2022", "0.090"),
        ("2023", "-0.051"),
        ("2024", "0.002"),
    ],
)
def test_georgia_account_closes_up_to_the_known_residual(year: str, residual: str) -> None:
    def population(when: str) -> Decimal:
        return value("georgia", "population.csv", table="1", year=when, item="Population", group="Both sexes")

    births = value("georgia", "vital.csv", table="Births", year=year, item="Live births", group="Total")
    deaths = value("georgia", "vital.csv", table="Deaths", year=year, item="Deaths")
    inward = value("georgia", "migration.csv", table="1", year=year, item="Immigrants")
    outward = value("georgia", "migration.csv", table="1", year=year, item="Emigrants")
    end = population(year) + (births - deaths + inward - outward) / 1000
    assert population(str(int(year) + 1)) - end == Decimal(residual)


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


def test_moldova_births_are_the_sum_of_boys_and_girls() -> None:
    for year in years("moldova", "vital.csv", table="Births", item="Live births", group="Boys"):
        births = [
            value("moldova", "vital.csv", table="Births", year=year, item="Live births", group=g)
            for g in ("Total", "Boys", "Girls")
        ]
        assert births[0] == births[1] + births[2], year


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


def test_georgia_census_of_2024_is_the_sum_of_citizens_and_foreign_residents() -> None:
    everybody, citizens, foreign = (
        value("georgia", "census.csv", table="census", year="2024", item="Residents", group=group)
        for group in ("All residents", "Citizens of Georgia", "Foreign residents")
    )
    assert everybody == citizens + foreign


def test_moldova_entries_are_the_sum_of_the_kinds_of_border() -> None:
    entries = [row for row in figures("moldova") if row["table"] == "border"]
    for country in {row["item"] for row in entries}:
        kinds = {row["group"]: Decimal(row["value"]) for row in entries if row["item"] == country}
        assert kinds.pop("Total") == sum(kinds.values()), country


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


def test_every_planted_fault_leads_to_the_listed_finding() -> None:
    found = {(item.rule, item.severity, str(item.place)) for item in findings_of(FAULTS).items}
    listed = {(row["rule"], row["severity"], row["reported_at"]) for row in rows_of(FAULTS / "faults.csv")}
    account_of_2023 = ("MIG-2-001", "error", "population.xlsx › Table 1 › I8")
    assert found == listed | {account_of_2023}
