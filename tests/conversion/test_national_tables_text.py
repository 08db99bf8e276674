"""Published text tables, each by its mapping file: all figures, none twice, each with its cell.

Beside each mapping (``tests/conversion/mappings/``) stand ten values that were read by eye (``*.values.csv``). Totals
are compared with those of another reader of the files, the one of Python.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from dataclasses import KW_ONLY, dataclass

import national_tables
import pytest
from national_tables import MAPPINGS, TABLES, valued

from sdmxmig.conversion.convert import Conversion
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.places import format_cell

pytestmark = pytest.mark.skipif(not TABLES.is_dir(), reason="the shared tables are not here")


@dataclass(frozen=True)
class Known:
    observations: int
    codec: str = "utf-8-sig"
    _: KW_ONLY
    delimiter: str = ","
    thousands: str = ""
    missing: int = 0
    skipped: int = 0


FILES = {
    "ar/residencias_2018_T1.csv": Known(84),
    "ch/basel_6011.tsv": Known(10, delimiter="\t"),
    "ch/basel_6012.tsv": Known(12, delimiter="\t"),
    "is/MAN01001_internal_migration_females.csv": Known(98_496, delimiter=";"),
    "is/background_municipality_age.csv": Known(31_992, missing=13_617),
    "it/DCCV_TAXOCCU1_IStat_export.csv": Known(1_200),
    "jp/permanent_residence_2024_cp932.csv": Known(1_296, "cp932", thousands=",", skipped=10_540),
    "kz/internal_migration_2024.csv": Known(480, skipped=240),
    "misc/foreign_share_Japan.csv": Known(94, delimiter=";"),
    "misc/foreign_share_Switzerland.csv": Known(52, "cp1252", delimiter=";", thousands="."),
    "nz/ITM336402_visitor_arrivals_quarterly.csv": Known(39_168),
    "nz/ITM340204_departures_age_sex_area.csv": Known(60_000),
    "pacific/kiribati_population_structure.csv": Known(2_999),
    "uk/immigration_by_country_reason.csv": Known(160),
    "un/UN_ims_2020_origin.csv": Known(5_523, thousands=" ", missing=63, skipped=441),
    "unhcr/unhcr_popstats_2018.csv": Known(11_276, missing=4_212, skipped=44 + 212 + 7_301),
    "unhcr/unhcr_time_series_2000_2013_part.csv": Known(23_336, missing=659, skipped=134),
}
BY_HAND = (*FILES, "px/INE_27067.px")


def converted(path: str) -> Conversion:
    return national_tables.converted(path, f"{path.rpartition('.')[0]}.toml")


@pytest.mark.parametrize("path", BY_HAND)
def test_ten_values_checked_by_eye_have_the_right_cells(path: str) -> None:
    by_cell = {format_cell(row["row"], row["column"]): row for row in valued(converted(path)).iter_rows(named=True)}
    text = (MAPPINGS / path).with_suffix(".values.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 10
    for row in rows:
        found = by_cell[row.pop("cell")]
        assert {name: found[name] or "" for name in row} == row


@pytest.mark.parametrize("path", FILES)
def test_figures_of_a_text_file_are_used_once_or_skipped(path: str) -> None:
    result, known = converted(path), FILES[path]
    assert result.dataset.observations.height == known.observations
    assert result.dataset.observations["OBS_VALUE"].null_count() == known.missing
    assert [(finding.rule, str(finding.place)) for finding in result.findings.items] == []
    (coverage,) = result.coverage
    assert coverage.unread == 0
    assert sum(times for _, times in coverage.skipped) == known.skipped
    key = sorted({*result.dataset.flow.structure.key, "TIME_PERIOD"})
    assert not result.dataset.observations.select(key).is_duplicated().any()


@pytest.mark.parametrize("path", FILES)
def test_row_and_column_totals_equal_those_of_another_reader(path: str) -> None:
    known = FILES[path]
    text = (TABLES / path).read_bytes().decode(known.codec)
    cells = {
        (row, column): field
        for row, fields in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=known.delimiter), start=1)
        for column, field in enumerate(fields, start=1)
    }
    sums: dict[str, float] = defaultdict(float)
    theirs: dict[str, float] = defaultdict(float)
    for row, column, value in valued(converted(path)).select("row", "column", "OBS_VALUE").iter_rows():
        field = cells[row, column].replace(known.thousands or " ", "").replace(" ", "").replace(",", ".")
        figure = float(field) if re.fullmatch(r"-?\d+(\.\d+)?", field) else 0
        for line in (f"row {row}", f"column {column}"):
            sums[line] += float(value or 0)
            theirs[line] += figure
    assert sums == theirs


@pytest.mark.parametrize("path", BY_HAND)
def test_codes_equal_those_of_the_codelists(path: str) -> None:
    dataset = converted(path).dataset
    for component in dataset.flow.structure.key:
        codelist = dataset.flow.codelist(component)
        if codelist is not None:
            known = {item.id for item in codelist}
            assert set(dataset.observations[component].unique()) <= known, component


def test_px_cube_is_complete() -> None:
    result = converted("px/INE_27067.px")
    assert result.dataset.observations.height == 812
    data = (TABLES / "px/INE_27067.px").read_text(encoding="iso-8859-15").partition("DATA=")[2]
    figures = [float(one) for one in re.findall(r"-?\d+\.\d+", data)]
    values = result.dataset.observations["OBS_VALUE"].drop_nulls()
    assert values.len() == len(figures)
    assert values.cast(float).sum() == pytest.approx(sum(figures))


def test_list_of_codes_is_not_read_as_figures() -> None:
    path = TABLES / "pacific" / "vanuatu_residence_country_codes.csv"
    (table,) = read(path.name, path.read_bytes())
    assert (table.last_row, table.last_column) == (252, 3)
    assert ("encoding", "windows-1252") in table.detected
    assert not table.cells["text"].str.contains(r"^\d").any()
