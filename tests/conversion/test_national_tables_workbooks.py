"""Published workbooks, each by its mapping file: all figures, none twice, each with its cell.

Beside each mapping (``tests/conversion/mappings/``) stand ten values that were read by eye (``*.values.csv``). Totals
of rows and columns are compared with those of another reader of the files, python-calamine.
"""

from __future__ import annotations

import csv
import io
import math
from collections import defaultdict
from dataclasses import KW_ONLY, dataclass

import national_tables
import pytest
from national_tables import MAPPINGS, TABLES, valued
from python_calamine import CalamineWorkbook

from sdmxmig.conversion.convert import Conversion
from sdmxmig.primitives.places import format_cell

pytestmark = pytest.mark.skipif(not TABLES.is_dir(), reason="the shared tables are not here")


@dataclass(frozen=True)
class Known:
    observations: int
    missing: int = 0
    _: KW_ONLY
    skipped: int = 0
    equal: int = 0
    mapping: str = ""
    file: str = ""


STORED_OTHERWISE = "MIG-0-105"
"""The rule that speaks of figures which store other digits than they show; they are read all the same."""
REPEATED = "MIG-0-113"
"""The rule that speaks of figures which a table gives twice."""
FILES = {
    "ar/movilidad_interprovincial.xlsx": Known(552),
    "au/ABS_NOM_32180ds0002_2017-18.xls": Known(5031, missing=3),
    "de/destatis_wanderungen_2018.xlsx": Known(4212, missing=432, skipped=9660),
    "de/destatis_wanderungen_2018_departures.xlsx": Known(
        4212, missing=440, skipped=9660, file="de/destatis_wanderungen_2018.xlsx"
    ),
    "eurostat_xlsx/gini_de.xls": Known(736, missing=151),
    "ge/demography_region11_ka.xlsx": Known(588),
    "ge/population_Abasha_en.xlsx": Known(87),
    "kr/DT_1B26003_annual.xlsx": Known(14_739, missing=3392),
    "mx/matriz_movilidad_laboral_2015.xlsx": Known(953),
    "ods/koenigstein_oecd.ods": Known(442, missing=2, skipped=13),
    "uk/UKVI_immigration_enforcement_2023Q3.xlsx": Known(4641, missing=52),
    "un/UN_MigrantStockTotal_2019.xlsx": Known(5460, missing=48, skipped=399, equal=84),
    "un/UN_MigrantStockTotal_2019_biff.xls": Known(
        5460, missing=48, skipped=399, equal=84, mapping="un/UN_MigrantStockTotal_2019.toml"
    ),
    "us/apprehended_table34d_5.xls": Known(1830, missing=69, skipped=10),
    "us/immigration_table02.xls": Known(2299, missing=241),
    "us/lpr_comp_ImmSupTable1DFY06.xls": Known(12_320, missing=1611),
    "us/us_1940_2000_flows.xls": Known(288),
    "wb/WB_migrant_stock_es.xls": Known(2409, skipped=560),
}


def mapping_of(path: str) -> str:
    return FILES[path].mapping or f"{path.rpartition('.')[0]}.toml"


def converted(path: str) -> Conversion:
    return national_tables.converted(FILES[path].file or path, mapping_of(path))


@pytest.mark.parametrize("path", FILES)
def test_ten_values_checked_by_eye_have_the_right_cells(path: str) -> None:
    found = valued(converted(path))
    by_cell = {(row["sheet"], format_cell(row["row"], row["column"])): row for row in found.iter_rows(named=True)}
    text = (MAPPINGS / mapping_of(path)).with_suffix(".values.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 10
    for row in rows:
        one = by_cell[row.pop("sheet"), row.pop("cell")]
        assert {name: one[name] or "" for name in row} == row


@pytest.mark.parametrize("path", FILES)
def test_each_figure_is_used_once_or_skipped_with_a_reason(path: str) -> None:
    result, known = converted(path), FILES[path]
    observations = result.dataset.observations
    expected = {STORED_OTHERWISE, REPEATED} if known.equal else {STORED_OTHERWISE}
    # Fines in millions beside counts; thousands for which the structure of the table has no multiplier.
    expected |= {"MIG-0-114"} if "UKVI" in path or "Abasha" in path else set()
    assert {finding.rule for finding in result.findings.items} <= expected
    assert sum(one.unread for one in result.coverage) == 0
    read = [one for one in result.coverage if one.used]  # other sheets are left out as a whole
    assert sum(times for one in read for _, times in one.skipped) == known.skipped
    assert observations.height == known.observations
    assert sum(one.used for one in result.coverage) == known.observations + known.equal
    assert observations["OBS_VALUE"].null_count() == known.missing
    assert not observations.select(result.dataset.flow.structure.key).is_duplicated().any()


def figure(raw: object) -> float:
    """A number, also one that is stored as text; 0 for any other text."""
    try:
        return float(str(raw))
    except ValueError:
        return 0


@pytest.mark.parametrize("path", FILES)
def test_row_and_column_totals_equal_those_of_another_reader(path: str) -> None:
    book = CalamineWorkbook.from_path(TABLES / (FILES[path].file or path))
    sheets: dict[str, list[list[object]]] = {}
    ours: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    theirs: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    cells = valued(converted(path)).select("sheet", "row", "column", "OBS_VALUE")
    for sheet, row, column, value in cells.iter_rows():
        rows = sheets.setdefault(sheet, []) or book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        sheets[sheet] = rows
        raw = rows[row - 1][column - 1]
        for line in ((sheet, "row", row), (sheet, "column", column)):
            ours[line].append(float(value or 0))
            theirs[line].append(figure(raw))
    assert {line: math.fsum(found) for line, found in ours.items()} == pytest.approx(
        {line: math.fsum(found) for line, found in theirs.items()}, rel=1e-12
    )


def test_both_editions_of_a_workbook_yield_equal_figures() -> None:
    editions = ("un/UN_MigrantStockTotal_2019.xlsx", "un/UN_MigrantStockTotal_2019_biff.xls")
    one, other = (converted(path).dataset for path in editions)
    assert one.observations.equals(other.observations)
