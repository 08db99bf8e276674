"""Campaign: a table that an office has changed is read right, or the change is named; no figure moves in silence.

A table of immigrants by citizenship, year and sex is damaged as offices damage tables between two editions, and
converted and validated by the mapping of the undamaged one. Every figure is different, so that one in a wrong cell of
the cube is known. An outcome is ``refused`` (the mapping says which text is not there), ``named`` (a finding that the
undamaged table does not have), ``right`` (what was read is right, and nothing needs to be said), or ``silent``.

    python -m benchmarks.planted_damage 2000
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sdmxmig.catalogue import Catalogue, load
from sdmxmig.conversion import Conversion, convert
from sdmxmig.errors import SdmxmigError
from sdmxmig.frames import CellColumns
from sdmxmig.mapping import load as load_mapping
from sdmxmig.model.tables import Table
from sdmxmig.validation import validate

Cells = list[list[str]]
COUNTRIES = {"Armenia": "AM", "Brazil": "BR", "India": "IN", "Turkey": "TR", "Ukraine": "UA", "Viet Nam": "VN"}
YEARS = ("2020", "2021", "2022")
SEXES = {"Men": "M", "Women": "F"}
FIXED = {
    "FREQ": "A",
    "REF_AREA": "GE",
    "DIRECTION": "I",
    "BIRTH_STATUS": "_T",
    "CTZ_STATUS": "FC",
    "AGE": "_T",
    "C_BIRTH": "_T",
    "C_RESIDENCE": "_T",
    "RES_RULE": "R12",
    "DUR_BASIS": "INT",
    "UNIT_MEASURE": "PS",
    "UNIT_MULT": "0",
}
LAYOUTS = ("crossed", "long")


@dataclass(frozen=True, slots=True)
class Case:
    """One damage to a table of one layout, with the seed of its details; `numbers` are stored as such or as text."""

    layout: str
    damage: str
    seed: int
    numbers: bool


def figures(rng: random.Random) -> dict[tuple[str, str, str], str]:
    """A different figure for every country, year and sex, with one decimal."""
    keys = [(country, year, sex) for country in COUNTRIES for year in YEARS for sex in SEXES]
    return {
        key: f"{value / 10:.1f}" for key, value in zip(keys, rng.sample(range(10_001, 99_999), len(keys)), strict=True)
    }


def table_of(layout: str, values: dict[tuple[str, str, str], str]) -> Cells:
    """The cells of a table: years and sexes in the heads, or one figure a row."""
    if layout == "long":
        rows = [[country, year, sex, value] for (country, year, sex), value in values.items()]
        return [["Immigrants"], [], ["Country", "Year", "Sex", "Persons"], *rows]
    heads = [["Country", *(year for year in YEARS for _ in SEXES)], ["", *(sex for _ in YEARS for sex in SEXES)]]
    rows = [[c, *(values[c, year, sex] for year in YEARS for sex in SEXES)] for c in COUNTRIES]
    return [["Immigrants"], [], *heads, *rows]


def mapping_of(layout: str) -> str:
    """The mapping of the undamaged table."""
    fixed = "\n".join(f'{name} = "{code}"' for name, code in FIXED.items())
    sources = ("column Year", "column Sex") if layout == "long" else ("header 1", "header 2")
    rows = 'columns = ["Persons"]' if layout == "long" else ""
    return f"""
id = "MAP"
flow = "DF_IMM"
file = "table.xlsx"
[[block]]
sheet = "*"
anchor = "Country"
header_rows = {1 if layout == "long" else 2}
[block.fixed]
{fixed}
[block.components.TIME_PERIOD]
from = "{sources[0]}"
pattern = "yyyy"
[block.components.SEX]
from = "{sources[1]}"
codes = {{ {", ".join(f'"{name}" = "{code}"' for name, code in SEXES.items())} }}
[block.components.C_CITIZEN]
from = "column 1"
codes = {{ {", ".join(f'"{name}" = "{code}"' for name, code in COUNTRIES.items())} }}
[block.values]
{rows}
"""


def body(cells: Cells) -> tuple[int, int]:
    """The first and the last row of figures, from 0."""
    return next(n for n, row in enumerate(cells) if row and row[0] in COUNTRIES), len(cells) - 1


def rows_above(cells: Cells, rng: random.Random) -> None:
    """Lines are put above the table."""
    cells[1:1] = [[rng.choice(["", "Revised edition", "in persons"])] for _ in range(rng.randint(1, 4))]


def row_inside(cells: Cells, rng: random.Random) -> None:
    """A line without figures is put between the rows."""
    cells.insert(rng.randint(*body(cells)), [rng.choice(["", "of which:"])])


def column_inserted(cells: Cells, rng: random.Random) -> None:
    """A column of other figures is put somewhere into the table, with a header or without."""
    first, _ = body(cells)
    heads = [n for n, row in enumerate(cells[:first]) if row and n > 1]
    at = rng.randint(1, len(cells[first]))
    name = rng.choice(["Change, %", "Note", "Persons 2", ""])
    for number in range(heads[0], len(cells)):
        text = name if number == heads[-1] else "" if number < first else str(rng.randint(100_000, 999_999))
        cells[number].insert(at, text)


def header_renamed(cells: Cells, rng: random.Random) -> None:
    """A header has another text."""
    first, _ = body(cells)
    filled = [(r, c) for r in range(2, first) for c, text in enumerate(cells[r]) if text]
    row, column = rng.choice(filled)
    text = cells[row][column]
    cells[row][column] = rng.choice([text + "x", text[:-1], "Total", text.upper() + "."])


def label_renamed(cells: Cells, rng: random.Random) -> None:
    """A label of a row has another text."""
    row = rng.randint(*body(cells))
    cells[row][0] = rng.choice([cells[row][0] + "n", "Other countries", cells[row][0][:-1]])


def footnote_added(cells: Cells, rng: random.Random) -> None:
    """A mark that the mapping does not know is glued to a figure, label or header."""
    row = rng.randint(body(cells)[0] - 1, body(cells)[1])
    column = rng.choice([c for c, text in enumerate(cells[row]) if text])
    cells[row][column] += rng.choice(["*", " 1)", "(b)", "³", "p"])
    cells.append([])
    cells.append(["Note: see the method."])


def decimal_changed(cells: Cells, rng: random.Random) -> None:  # noqa: ARG001 - one shape for all damages
    """All figures are written with the other decimal sign."""
    first, last = body(cells)
    for row in cells[first : last + 1]:
        row[1:] = [text.replace(".", ",") for text in row[1:]]


def country_added(cells: Cells, rng: random.Random) -> None:
    """A country comes in that the mapping does not list."""
    first, last = body(cells)
    row = list(cells[rng.randint(first, last)])
    row[0] = rng.choice(["Nigeria", "Georgia (country)", "Unknown"])
    row[-1] = str(rng.randint(100_000, 999_999))
    cells.insert(rng.randint(first, last + 1), row)


def figures_shifted(cells: Cells, rng: random.Random) -> None:  # noqa: ARG001 - one shape for all damages
    """The figures of all columns slip one row down beside their labels."""
    first, _ = body(cells)
    labels = 3 if len(cells[first]) == 4 else 1
    shifted = [row[labels:] for row in cells[first:]]
    cells.append([""] * labels)
    blank = [""] * len(shifted[0])
    for number, row in enumerate([blank, *shifted]):
        cells[first + number][labels:] = row


def columns_swapped(cells: Cells, rng: random.Random) -> None:
    """Two columns change places with their headers."""
    first, _ = body(cells)
    one, other = rng.sample(range(1, len(cells[first])), 2)
    for row in cells[2:]:
        if len(row) > max(one, other):
            row[one], row[other] = row[other], row[one]


DAMAGES: dict[str, Callable[[Cells, random.Random], None]] = {
    one.__name__: one
    for one in (
        *(rows_above, row_inside, column_inserted, header_renamed, label_renamed, footnote_added),
        *(decimal_changed, country_added, figures_shifted, columns_swapped),
    )
}


def as_table(cells: Cells, *, numbers: bool) -> Table:
    """The cells as a sheet."""
    columns = CellColumns()
    for row, line in enumerate(cells, start=1):
        for column, text in enumerate(line, start=1):
            if text:
                is_number = numbers and text.replace(".", "", 1).isdecimal()
                columns.add(row, column, text, kind="number" if is_number else "text")
    return Table("table.xlsx", "Table", columns.frame())


class Campaign:
    """Converts damaged tables by the mappings of the undamaged ones."""

    def __init__(self, catalogue: Catalogue | None = None) -> None:
        self.catalogue = catalogue or load()
        self.flow = self.catalogue.flows["DF_IMM"]
        self.mappings = {
            one: load_mapping("m.toml", mapping_of(one).encode(), {"DF_IMM": self.flow}) for one in LAYOUTS
        }

    def outcome(self, case: Case) -> str:
        """What became of one damage."""
        rng = random.Random(case.seed)  # noqa: S311 - a campaign that anyone can repeat
        values = figures(rng)
        cells = table_of(case.layout, values)
        before = self.said(self.converted(case, cells))
        DAMAGES[case.damage](cells, rng)
        try:
            found = self.converted(case, cells)
        except SdmxmigError:
            return "refused"
        if self.said(found) - before:
            return "named"
        known = {(COUNTRIES[c], year, SEXES[sex]): value for (c, year, sex), value in values.items()}
        rows = found.dataset.observations.select("C_CITIZEN", "TIME_PERIOD", "SEX", "OBS_VALUE").rows()
        return "right" if all(known.get((c, year, sex)) == value for c, year, sex, value in rows) else "silent"

    def converted(self, case: Case, cells: Cells) -> Conversion:
        """The conversion of one table."""
        table = as_table(cells, numbers=case.numbers)
        return convert([table], self.mappings[case.layout], self.flow, self.catalogue.rules)

    def said(self, found: Conversion) -> set[tuple[str, str, str]]:
        """What conversion and validation find, without places."""
        listed = [*found.findings.items, *validate(found.dataset, self.catalogue).items]
        return {(one.rule, one.component, one.observed) for one in listed}


def cases(count: int) -> Iterator[Case]:
    """The first cases: every damage to every layout in turn, each time with other details."""
    for number in range(count):
        damage = list(DAMAGES)[number % len(DAMAGES)]
        round_ = number // len(DAMAGES)
        yield Case(LAYOUTS[round_ % 2], damage, number, numbers=round_ // 2 % 2 == 0)


def main(count: int) -> int:
    """Run a campaign and print the outcomes by damage; the exit code says whether anything was silent."""
    campaign = Campaign()
    counts: Counter[tuple[str, str]] = Counter()
    silent = []
    for case in cases(count):
        outcome = campaign.outcome(case)
        counts[case.damage, outcome] += 1
        silent += [case] if outcome == "silent" else []
    for damage in DAMAGES:
        told = {outcome: counts[damage, outcome] for outcome in ("refused", "named", "right", "silent")}
        sys.stdout.write(f"{damage:<16} " + "  ".join(f"{name} {number:>5}" for name, number in told.items()) + "\n")
    for case in silent[:20]:
        sys.stdout.write(f"silent: {case}\n")
    return 1 if silent else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 400))
