"""Disclosure from released figures of records, judged by linear programming and our own sums.

The reader knows that a figure is the sum of its parts wherever that is true, that accounts close, that accounts agree
with flows and stocks, and that the population at the end of a year is that of the next beginning.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

import sdmxmig

NO_DIMENSIONS = {
    *("STRUCTURE", "STRUCTURE_ID", "ACTION", "OBS_VALUE", "OBS_STATUS", "CONF_STATUS", "COMMENT_OBS", "COMMENT_DSET"),
    *("SOURCE_DETAIL", "REV_STAGE", "DECIMALS", "UNIT_MULT", "SRC_TYPE", "INTEG_METHOD", "REF_DATE", "AGEDEF"),
    *("DUR_BASIS", "RES_RULE", "FREQ", "REF_AREA", "STOCK_METHOD", "DIRECTION"),
}
WHOLE = {"TIME_PERIOD", "UNIT_MEASURE", "ACC_ITEM", "TMP_ITEM", "INDICATOR", "IND_TERM"}
ITEMS = {"POP_BEG": 1, "LBIRTH": 1, "DEATH": -1, "FLW_IMM": 1, "FLW_EMI": -1, "ADJ": 1, "POP_END": -1}
JOINS = {"NC": 1, "FC": -1}
SAME = {"FLW_IMM": "DF_IMM", "FLW_EMI": "DF_EMI", "POP_BEG": "DF_POP"}
Cell = tuple[str, frozenset[tuple[str, str]]]
Sum = list[tuple[Cell, int]]


def cells_of(folder: Path) -> dict[Cell, str]:
    """The figures of all data in a folder, by dataflow and the codes that are no totals."""
    cells = {}
    for path in sorted(folder.glob("DF_*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                codes = {(name, code) for name, code in row.items() if name not in NO_DIMENSIONS}
                kept = frozenset((name, code) for name, code in codes if code not in {"", "_T", "_Z"})
                cells[path.stem, kept] = row["OBS_VALUE"]
    return cells


def sums(true: Mapping[Cell, float]) -> Iterator[Sum]:
    """All sums that hold in truth."""
    groups: dict[Cell, dict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    for flow, codes in true:
        for name, code in codes:
            if name not in WHOLE:
                groups[flow, codes - {(name, code)}][name].append((flow, codes))
    for whole, by_dimension in groups.items():
        for parts in by_dimension.values():
            if whole in true:
                yield [(whole, -1), *((part, 1) for part in parts)]
    for flow, codes in true:
        of = dict(codes)
        if flow == "DF_ACCOUNT":
            yield from of_account(true, of)
        if of.get("IND_TERM") == "DEN":
            names = {"COUNTERPART_AREA": "C_RESIDENCE"}
            left_out = {"IND_TERM", "INDICATOR", "UNIT_MEASURE"}
            same = frozenset((names.get(name, name), code) for name, code in codes if name not in left_out)
            yield [((flow, codes), 1), (("DF_IMM", same), -1)]


def of_account(true: Mapping[Cell, float], of: Mapping[str, str]) -> Iterator[Sum]:
    """The figure that equals an item of an account, and for final populations the account itself."""
    item, rest = of["ACC_ITEM"], {name: code for name, code in of.items() if name not in {"ACC_ITEM", "UNIT_MEASURE"}}
    own = ("DF_ACCOUNT", frozenset(of.items()))
    if item in SAME:
        yield [(own, 1), ((SAME[item], frozenset(rest.items())), -1)]
    if item == "POP_END":
        after = {**rest, "TIME_PERIOD": str(int(rest["TIME_PERIOD"]) + 1)}
        yield [(own, 1), (("DF_POP", frozenset(after.items())), -1)]
        yield [(own, 1), (("DF_ACCOUNT", frozenset({**of, **after, "ACC_ITEM": "POP_BEG"}.items())), -1)]
        terms = [(("DF_ACCOUNT", frozenset({**of, "ACC_ITEM": name}.items())), sign) for name, sign in ITEMS.items()]
        terms = [(cell, sign) for cell, sign in terms if cell in true]
        yield terms
        if of.get("CTZ_STATUS") in JOINS:  # who becomes a citizen, by birth, leaves the foreign citizens
            codes = {name: code for name, code in of.items() if name != "CTZ_STATUS"}
            gained = ("DF_ACCOUNT", frozenset({**codes, "ACC_ITEM": "CTZ_ACQ"}.items()))
            yield [*terms, (gained, JOINS[of["CTZ_STATUS"]])]


def told(true: Mapping[Cell, float], shown: Mapping[Cell, str], least: int) -> list[Cell]:
    """The small figures that a reader can place in an interval narrower than the threshold."""
    place = {cell: number for number, cell in enumerate(true)}
    usable = [
        terms
        for terms in sums(true)
        if all(cell in place for cell, _ in terms) and abs(sum(true[cell] * sign for cell, sign in terms)) < 1e-9
    ]
    rows = [number for number, terms in enumerate(usable) for _ in terms]
    columns = [place[cell] for terms in usable for cell, _ in terms]
    signs = [sign for terms in usable for _, sign in terms]
    matrix = csr_matrix((signs, (rows, columns)), shape=(len(usable), len(place)))
    bounds = [
        (true[cell], true[cell]) if shown[cell] else (None if ("ACC_ITEM", "ADJ") in cell[1] else 0, None)
        for cell in place
    ]
    narrow = []
    for cell in [cell for cell in place if is_small(cell, true[cell], least)]:
        aim = np.zeros(len(place))
        aim[place[cell]] = 1
        ends = [linprog(sign * aim, A_eq=matrix, b_eq=np.zeros(len(usable)), bounds=bounds) for sign in (1, -1)]
        assert {end.status for end in ends} <= {0, 3}
        low, high = (
            sign * end.fun if end.status == 0 else sign * -np.inf for sign, end in zip((1, -1), ends, strict=True)
        )
        if high - low < least:
            narrow.append(cell)
    return narrow


def is_small(cell: Cell, value: float, least: int) -> bool:
    return 0 < value < least and ("ACC_ITEM", "ADJ") not in cell[1]


@pytest.mark.parametrize(
    ("seed", "persons", "rule", "least"),
    [
        (2, 400, "R12_16", 3),
        pytest.param(3, 3000, "R12_16", 5, marks=pytest.mark.long),
        pytest.param(4, 1000, "R6", 3, marks=pytest.mark.long),
        pytest.param(5, 2000, "R12", 4, marks=pytest.mark.long),
    ],
)
def test_release_discloses_no_small_count(seed: int, persons: int, rule: str, least: int, tmp_path: Path) -> None:
    sdmxmig.simulate(tmp_path / "country", seed=seed, persons=persons, years=(2015, 2020))
    truth = tmp_path / "country" / "truth"
    asked = {name: truth / f"simulated_{name}.parquet" for name in ("movements", "persons", "citizenships")}
    days = {"first": "2015-01-01", "last": "2020-12-31", "years": [2018], "also": ["return", "temporary"]}
    sdmxmig.derive("XA", rule, **asked, **days).save(tmp_path / "true")  # type: ignore[arg-type]
    released = sdmxmig.derive("XA", rule, **asked, **days, threshold=least)  # type: ignore[arg-type]
    released.save(tmp_path / "released")
    assert "every confidential figure is protected" in released.notes[-1]
    true = {cell: float(value) for cell, value in cells_of(tmp_path / "true").items()}
    shown = cells_of(tmp_path / "released")
    assert shown.keys() == true.keys()
    assert [cell for cell in true if shown[cell] and float(shown[cell]) != true[cell]] == []
    assert sum(is_small(cell, value, least) for cell, value in true.items()) > 20
    assert told(true, shown, least) == []
