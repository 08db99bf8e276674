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
from sdmxmig.statistics.model.indicator_results import PRODUCED_RATINGS

EXAMPLES = ROOT / "examples"
FACTS = SHARED / "countries"
UN_TABLE = SHARED / "tables" / "un" / "UN_ims_2020_origin.csv"
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
READ_BESIDE = {"chile": {"CL36"}, "norway": {"N27", "N98", "N213", *(f"N{number}" for number in range(201, 209))}}
QUOTED = ("as quoted by", "citado por", "citada por", "en una copia", "transcritos en")  # how texts of others are cited
WITHOUT_DIFFERENCES = {"moldova", "colombia", "peru"}  # their collected facts mark no figure as a difference
FAULTS = EXAMPLES / "georgia-faults"
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


# The workbooks are those which the script makes


def test_committed_files_equal_the_output_of_the_script(script: ModuleType, tmp_path: Path) -> None:
    script.make(EXAMPLES, tmp_path)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    simulated = set(EXAMPLES.glob("fictional/tables/*.xlsx"))  # by another script
    workbooks = {path.relative_to(EXAMPLES) for path in {*EXAMPLES.glob("*/tables/*.xlsx")} - simulated}
    assert {path for path in made if path.suffix == ".xlsx"} == workbooks
    different = [str(path) for path in made if (EXAMPLES / path).read_bytes() != (tmp_path / path).read_bytes()]
    assert different == [], "run python examples/workbooks.py"


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_source_figure_is_in_its_sheet(country: str) -> None:
    cells = sheets(EXAMPLES / country)
    for layout in layouts(country):
        shown = Counter(
            Decimal(re.sub(r"[\s%]", "", str(text)))
            for text in cells[layout["workbook"], layout["name"]].values()
            if re.fullmatch(r"-?\d[\d\s]*(\.\d+)?%?", str(text))
        )
        wanted = Counter(
            Decimal(row["value"].rstrip("%"))
            for row in figures(country)
            if (row["file"], row["table"]) == (layout["figures"], layout["table"])
        )
        assert wanted
        assert wanted <= shown, layout["title"]


# What the figures rest on


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_sheet_is_marked_as_demonstration_with_sources(country: str) -> None:
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
def test_every_figure_has_a_mark_and_accepted_sources(country: str) -> None:
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


DERIVED = {"norway": {"32 536"}}
"""Emigration of 2022: its remark says that it is the difference of two published figures."""


@pytest.mark.skipif(not FACTS.is_dir(), reason="the collected facts are not at hand")
@pytest.mark.parametrize("country", COUNTRIES)
def test_figures_are_published_and_not_computed_by_difference(country: str) -> None:
    facts = "\n".join(path.read_text(encoding="utf-8") for path in sorted(FACTS.glob(f"{country}*.md")))
    differences = set(re.findall(r"([\d ]+\d) \(difference\)", facts))
    differences |= set(re.findall(r"others \(by difference[^)]*\) ([\d ]+\d)", facts))
    differences |= set(re.findall(r"others \(difference\) \| ([\d ]+\d)", facts))
    differences |= set(re.findall(r"others by difference ([\d ]+\d)", facts))
    beside = READ_BESIDE.get(country, set())
    shown = {
        printed(row["value"].rstrip("%")) for row in figures(country) if not beside & set(row["source"].split(";"))
    }
    read = facts + UN_TABLE.read_text(encoding="utf-8")
    numbers = set(re.findall(r"(?<![\d.])−?\d{1,3}(?: \d{3})*(?:\.\d+)?(?![\d.]*\d)", read))
    assert bool(differences) == (country not in WITHOUT_DIFFERENCES)
    assert shown <= numbers
    assert shown & {text.strip() for text in differences} == DERIVED.get(country, set())


@pytest.mark.parametrize("country", COUNTRIES)
def test_profile_cites_known_sources_and_is_not_signed_off(country: str) -> None:
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
def test_publicly_stated_rating_asks_only_to_confirm_topics(country: str) -> None:
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


@pytest.mark.parametrize("country", ["chile", "colombia", "mexico", "peru"])
def test_international_figures_do_not_prove_national_production(country: str) -> None:
    profile = tomllib.loads((EXAMPLES / country / "profile.toml").read_text(encoding="utf-8"))
    answers = {**profile["items"], **{name: questions["L01"] for name, questions in profile["indicators"].items()}}
    produced = {name: answer["sources"] for name, answer in answers.items() if answer.get("answer") in PRODUCED_RATINGS}
    assert [name for name, sources in produced.items() if all(source.startswith("U") for source in sources)] == []


# The planted faults


def test_faulty_workbooks_differ_only_in_the_listed_cells() -> None:
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


@pytest.mark.parametrize("country", COUNTRIES[1:])  # the clean run of Georgia is in test_line.py
def test_published_figures_cause_no_error(country: str) -> None:
    findings = findings_of(EXAMPLES / country)
    assert [str(item.place) for item in findings.items if item.severity == "error"] == []
