"""Codes that a list lacks, of age groups and currencies, are offered and added to the list of the workspace."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest
from console import Console
from proposed import WORDS
from shipped import CATALOGUE

from sdmxmig import catalogue
from sdmxmig.catalogue.ages import AGE_LIST
from sdmxmig.cli.map import write_declarations
from sdmxmig.conversion.suggestion.title_values import ask_for_unit
from sdmxmig.sdmx.model.tables import TextFormat
from sdmxmig.workspace.proposals import propose
from sdmxmig.workspace.tasks.first_tables import save_new_codes
from sdmxmig.workspace.tasks.proposing import UNIT_LIST, Material, add_currencies, read_material


@pytest.mark.parametrize(
    ("title", "head", "labels", "added"),
    [
        (
            "Ausländische Bevölkerung am 31.12.2023",
            "Alter",
            ("0 bis unter 13 Jahre", "13 bis unter 33 Jahre", "33 Jahre und älter"),
            {"Y0T12": "0–12 лет", "Y13T32": "13–32 года", "Y_GE33": "33 года и старше"},
        ),
        (
            "Иностранное население на 1 января 2024 года",
            "Возраст",
            ("0-6 лет", "7-61 год", "62 года и старше"),
            {"Y0T6": "0–6 лет", "Y7T61": "7–61 лет"},
        ),
        (
            "Population étrangère au 1er janvier 2024",
            "Groupe d’âges",
            ("Moins de 12 ans", "12-26 ans", "27 ans et plus"),
            {"Y0T11": "0–11 лет", "Y12T26": "12–26 лет", "Y_GE27": "27 лет и старше"},
        ),
    ],
)
def test_age_groups_of_the_table_extend_the_list(
    tmp_path: Path, title: str, head: str, labels: tuple[str, ...], added: dict[str, str]
) -> None:
    table = tmp_path / "ages.csv"
    table.write_text(f"{title};\n{head};2024\n" + "".join(f"{label};10\n" for label in labels))
    material = read_material(table, None)
    tried = propose(material.tables, "DF_POP", material.catalogue, material.recogniser, area="SN")
    mapping = tried.proposal.mapping
    (ages,) = (each.codes for block in mapping.blocks for each in block.components if each.component == "AGE")
    assert dict(ages).keys() == {*labels}
    save_new_codes(tmp_path, mapping, tried.flow)
    shipped, own = (catalogue.load(folder).item_scheme(AGE_LIST) for folder in (None, tmp_path))
    assert {item.id: item.name.in_language("ru") for item in own if item.id not in shipped} == added


@pytest.mark.parametrize(
    ("area", "title", "currency"),
    [
        ("MA", "Transferts des Marocains de l’étranger, en millions de dirhams", "MAD"),
        ("PL", "Przekazy pieniężne pracowników, w mln złotych", "PLN"),
        ("CO", "Remesas de trabajadores, millones de pesos", "COP"),
        ("KZ", "Денежные переводы, млн тенге", "KZT"),
    ],
)
def test_currency_of_the_country_is_offered_first_for_money(area: str, title: str, currency: str) -> None:
    known = Material(tables=(), written=TextFormat(), catalogue=CATALOGUE, recogniser=WORDS)
    units = add_currencies(known, area).catalogue.item_scheme(UNIT_LIST)
    assert ask_for_unit((), units, [title], WORDS).others[0].code == currency
    assert currency not in CATALOGUE.item_scheme(UNIT_LIST)


@pytest.mark.parametrize(("unit", "code"), [("1", "MAD"), ("Local currency", "CUR_LCU"), ("USD", "USD")])
def test_money_becomes_data_of_an_own_dataflow(tmp_path: Path, console: Console, unit: str, code: str) -> None:
    table, home = tmp_path / "money.csv", tmp_path / "home"
    table.write_text("Remittances in million dirhams;\nCountry;2023\nFrance;120.5\nItaly;80.5\n")
    console.run("start", table, home, "--area", "MA", typed=f"0\n{unit}\ny\n")
    (data,) = (home / "out" / "data").glob("*.csv")
    rows = list(csv.DictReader(data.read_text().splitlines()))
    assert {(row["UNIT_MEASURE"], row["UNIT_MULT"]) for row in rows} == {(code, "6")}


@pytest.mark.parametrize(
    "heads", ["2023;2024;Change, %", "2023년;2024년p);전년대비 증감률(%)", "2023;2024 (p);Évolution (%)"]
)
def test_years_with_marks_or_beside_rates_are_no_characteristic(tmp_path: Path, heads: str) -> None:
    table = tmp_path / "status.csv"
    table.write_text(
        f"Residents by status of stay;;;\nStatus of stay;{heads}\nStudy (D-2);10;12;20\nWork (E-9);40;50;25\n"
    )
    declared = write_declarations(read_material(table, None), "DF_STATUS", "", "KR")
    structure = tomllib.loads(declared["structures/dsd/DSD_STATUS.toml"].decode())
    assert {each["id"] for each in structure["dimension"]} == {"FREQ", "REF_AREA", "STATUS_OF_STAY"}
