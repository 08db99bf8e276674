"""Declarations in codelists/ and structures/ are complete and consistent, with status and source."""

from __future__ import annotations

import csv
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from each import each
from folders import ROOT
from shipped import CATALOGUE

STATUSES = {"verified", "candidate", "national"}
LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
NC_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")  # SDMX NCNameIDType: concepts, components, agencies, structures
RESIDENCE = {"DSD_STOCK", "DSD_FLOW", "DSD_EVENT", "DSD_ACCOUNT", "DSD_STOCK_TOPIC", "DSD_FLOW_TOPIC"}
"""Structures whose data rest on one residence rule."""
SAID_BY_THE_DATA = {"FREQ", "REF_AREA", "DIRECTION", "EVENT", "ID_CRITERION", "REPORTED_BY"}
"""Dimensions of which a dataset has one code, which it says itself."""


def name_of(path: Path) -> str:
    return path.name.partition(".")[0]


def own_files(folder: str) -> list[Path]:
    """The declarations of this folder that are ours; those of others are named for dialects only."""
    paths = (ROOT / "structures" / folder).glob("*.toml")
    return [path for path in paths if 'agency = "SDMXMIG"' in path.read_text(encoding="utf-8")]


SCHEMES = sorted(path for path in (ROOT / "codelists").rglob("*.csv") if not path.name.startswith("H_"))
STRUCTURES = sorted(own_files("dsd"))
DATAFLOWS = sorted(own_files("dataflows"))
INDICATORS = sorted((ROOT / "structures" / "indicators").glob("*.toml"))
AGENCIES = sorted((ROOT / "structures" / "agencies").glob("*.toml"))


@cache
def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@cache
def declared(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@each("path", SCHEMES, ids=name_of)
def test_every_row_has_english_name_status_and_source(path: Path) -> None:
    for row in rows_of(path):
        assert row["name_en"].strip(), row["id"]
        assert row["status"] in STATUSES, row["id"]
        assert row["source"].strip(), row["id"]


@each("path", SCHEMES, ids=name_of)
def test_fields_have_no_stray_blanks_or_missing_columns(path: Path) -> None:
    for row in rows_of(path):
        assert None not in row
        for column, value in row.items():
            assert value is not None, (row["id"], column)
            assert value == value.strip(), (row["id"], column)


@each("path", STRUCTURES + DATAFLOWS + INDICATORS + AGENCIES, ids=name_of)
def test_declarations_match_file_names_and_have_six_languages(path: Path) -> None:
    record = declared(path)
    assert record["id"] == path.stem
    assert NC_NAME.fullmatch(record["id"])
    assert set(record["name"]) == set(LANGUAGES)
    assert all(text.strip() for text in record["name"].values())
    assert record["status"] in STATUSES
    assert record["source"].strip()


@each("path", STRUCTURES, ids=name_of)
def test_structures_require_status_multiplier_and_one_rule(path: Path) -> None:
    attributes = {record["id"]: record for record in declared(path)["attribute"]}
    wanted = {"OBS_STATUS", "UNIT_MULT"}
    if path.stem in {"DSD_ASSESS", "DSD_POLICY", "DSD_FINDING"}:  # answers and findings, not figures
        return
    if path.stem in RESIDENCE:
        wanted |= {"RES_RULE", "DUR_BASIS"}
        assert attributes["RES_RULE"]["attachment"] == attributes["DUR_BASIS"]["attachment"] == "series"
    assert wanted <= {name for name, attribute in attributes.items() if attribute["mandatory"]}


def test_dimensions_left_open_by_a_term_have_a_total() -> None:
    terms = {
        t
        for indicator in CATALOGUE.indicators.values()
        for variant in indicator.variants
        for t in variant.terms.values()
    }
    for term in terms:
        flow = CATALOGUE.flows[term.flow]
        open_ = [
            name
            for name in flow.structure.series_key
            if name not in {*dict(term.codes), *SAID_BY_THE_DATA, "TOPIC_CODE"}
        ]
        lists = {name: flow.codelist(name) for name in open_}
        assert [name for name, code_list in lists.items() if code_list is None or "_T" not in code_list] == [], term
