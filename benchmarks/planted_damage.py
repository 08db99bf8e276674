"""Campaign: a table that an office has changed is read right, or the change is named; no figure moves in silence.

Each table is damaged as offices change tables between two editions, and converted and validated by the mapping of the
undamaged one. Every figure is followed from its cell to the key that it got. An outcome is ``refused`` (a message says
what is not there), ``named`` (a finding that the undamaged table does not have), ``right`` (every figure has the key of
its labels, and nothing needs to be said), ``without`` (the table has nothing that could be damaged so), or it tells
which figure moved or was lost in silence. Small tables of our own come first, then those that offices published, where
they are, with the mappings of the tests.

    python -m benchmarks.planted_damage 20 crossed
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from benchmarks.damaged_sheets import At, Body, Held, Sheet, sheets_of
from benchmarks.national_flows import FLOWS, MAPPINGS
from benchmarks.national_flows import TABLES as PUBLISHED
from benchmarks.office_tables import TABLES
from benchmarks.sheet_damages import DAMAGES, damaged
from sdmxmig.catalogue import Catalogue, load
from sdmxmig.conversion.convert import Conversion, convert
from sdmxmig.conversion.mapping import load as load_mapping
from sdmxmig.conversion.mapping.grid import folded, matches
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.data import Flow, TableMapping
from sdmxmig.sdmx.model.tables import Table

GOOD = ("refused", "named", "right", "without")


@dataclass(frozen=True, slots=True)
class Case:
    """One damage to one table, with the seed of its details."""

    table: str
    damage: str
    _: KW_ONLY
    seed: int

    @property
    def id(self) -> str:
        """A stable name."""
        return f"{self.table} {self.damage} {self.seed}"


@dataclass(frozen=True, slots=True)
class Told:
    """An observation of one figure: its components with the cells that told them."""

    components: Mapping[str, str | None]
    cells: Mapping[str, At]
    _: KW_ONLY
    value: str | None


def told_by(result: Conversion) -> dict[At, list[Told]]:
    """The observations by the cell of their figure; those of several figures are left out."""
    dataset = result.dataset
    measure = dataset.flow.structure.measure.id
    cells: dict[int, dict[str, At]] = defaultdict(dict)
    several = set()
    for number, component, _, sheet, row, column in dataset.origins.iter_rows():
        if component == measure and measure in cells[number]:
            several.add(number)
        cells[number][component] = (sheet, row, column)
    keys = [*dataset.flow.structure.key, measure]
    found: dict[At, list[Told]] = defaultdict(list)
    for number, values in enumerate(dataset.observations.select(keys).iter_rows()):
        if number not in several and measure in cells[number]:
            codes = dict(zip(keys[:-1], values[:-1], strict=True))
            own = {name: at for name, at in cells[number].items() if codes.get(name, "") is not None}  # no empty labels
            found[own[measure]].append(Told(codes, own, value=values[-1]))
    return found


def bodies_of(told: Mapping[At, Sequence[Told]]) -> dict[str, Body]:
    """What an undamaged conversion says of its sheets."""
    bodies: dict[str, Body] = defaultdict(Body)
    for (sheet, row, column), listed in told.items():
        body = bodies[sheet]
        body.values.add((row, column))
        for observation in listed:
            for name, (_, cell_row, cell_column) in observation.cells.items():
                if name in observation.components and cell_column == column and cell_row < row:
                    body.heads[cell_row, cell_column] = name
                elif name in observation.components and cell_row <= row:
                    body.labels[cell_row, cell_column] = name
    for body in bodies.values():
        figures = set(body.columns)
        body.heads |= {at: name for at, name in body.labels.items() if at[1] in figures}
        body.labels = {at: name for at, name in body.labels.items() if at[1] not in figures and at[0] >= body.rows[0]}
    return dict(bodies)


class Office:
    """A table, its mapping, and what they give undamaged."""

    def __init__(self, tables: Sequence[Table], mapping: TableMapping, flow: Flow, catalogue: Catalogue) -> None:
        self.mapping, self.flow, self.catalogue = mapping, flow, catalogue
        self.tables = [sheet.as_table() for sheet in sheets_of(tables)]
        result = self.converted(self.tables)
        self.told = told_by(result)
        self.before = self.said(result)
        self.bodies = bodies_of(self.told)
        self.meanings = dict(self.learnt())

    def learnt(self) -> Iterator[tuple[tuple[str, str], str | None]]:
        """What each text of a cell, and the name of each sheet, says of each component."""
        texts = {(table.sheet, row, column): text for table in self.tables for row, column, text in _texts(table)}
        for observation in (one for listed in self.told.values() for one in listed):
            for name, value in observation.components.items():
                at = observation.cells.get(name)
                yield (name, folded(texts[at]) if at else observation.cells[self.measure][0]), value

    @property
    def measure(self) -> str:
        """The component that holds the figures."""
        return self.flow.structure.measure.id

    def converted(self, tables: Iterable[Table]) -> Conversion:
        """The conversion of these sheets."""
        return convert(list(tables), self.mapping, self.flow, self.catalogue.rules)

    def said(self, found: Conversion) -> set[tuple[str, str, str]]:
        """What conversion and validation find, without places."""
        listed = [*found.findings.items, *validate(found.dataset, self.catalogue).items]
        return {(finding.rule, finding.component, finding.observed) for finding in listed}

    def outcome(self, case: Case) -> str:
        """What became of one damage."""
        sheets = damaged(self.tables, self.bodies, case.damage, case.seed)
        if sheets is None:
            return "without"
        try:
            found = self.converted(sheet.as_table() for sheet in sheets)
        except SdmxmigError:
            return "refused"
        wrong = next(self.wrong(sheets, told_by(found)), "")
        named = self.said(found) - self.before
        if case.damage == "unit_changed" and not wrong:
            wrong = "another unit than before"
        return "named" if named else wrong or "right"

    def wrong(self, sheets: Sequence[Sheet], now: Mapping[At, Sequence[Told]]) -> Iterator[str]:
        """Figures that moved into another cell of the cube, and those that got lost."""
        held = {(sheet.name, *at): cell for sheet in sheets for at, cell in sheet.cells.items()}
        for at, observation in ((at, one) for at, listed in now.items() for one in listed):
            cell = held[at]
            before = self.told.get(cell.old, ()) if cell.old else ()
            labels = [held[where] for name, where in observation.cells.items() if name in observation.components]
            if not before and not any(label.old is None or label.changed for label in labels):
                yield f"{at}: “{cell.text}”, which was no observation, is {dict(observation.components)}"
            elif before and not any(self.same((at, observation), other, held) for other in before):
                yield f"{at}: “{cell.text}” is {observation.value} {differences(observation, before[0])}"
        for at, cell in held.items():
            if cell.old in self.told and at not in now:
                yield f"{at}: “{cell.text}” is no observation any more"

    def same(self, found: tuple[At, Told], other: Told, held: Mapping[At, Held]) -> bool:
        """Whether an observation has the key that its labels tell, and its figure."""
        (at, one) = found
        for name, value in one.components.items():
            if value == other.components[name]:
                continue
            label = held[one.cells[name]] if name in one.cells else None
            text = folded(label.text) if label else at[0]
            told = label is None or label.changed or label.old is None
            if not told or value not in (text, self.meanings.get((name, text), text)):
                return False
        return one.value == other.value or (held[at].changed and same_number(one.value, other.value))


def differences(one: Told, other: Told) -> str:
    """In which components two observations differ."""
    names = [name for name in one.components if one.components[name] != other.components[name]]
    return ", ".join(f"{name} {one.components[name]} instead of {other.components[name]}" for name in names)


def _texts(table: Table) -> Iterator[tuple[int, int, str]]:
    yield from table.cells.select("row", "column", "text").iter_rows()


def same_number(one: str | None, other: str | None) -> bool:
    """Whether two texts are the same number."""
    try:
        return Decimal(one or "") == Decimal(other or "")
    except InvalidOperation:
        return one == other


class Campaign:
    """Damages the small tables of an office, and those that offices published, where they are."""

    def __init__(self, catalogue: Catalogue | None = None) -> None:
        self.catalogue = catalogue or load()
        self.flows = {**self.catalogue.flows, **FLOWS}
        self.own = {table.id: table for table in TABLES}
        self.published = dict(published()) if PUBLISHED.is_dir() else {}
        self.offices: dict[str, Office] = {}

    def outcome(self, case: Case) -> str:
        """What became of one damage."""
        return self.office(case.table).outcome(case)

    def office(self, name: str) -> Office:
        """A table with its mapping; of the published ones the last is kept."""
        if name not in self.offices:
            if name in self.own:
                tables, content = self.own[name].tables, self.own[name].mapping.encode()
            else:
                file, declared = self.published[name]
                tables, content = read(file.name, file.read_bytes()), declared.read_bytes()
            mapping = load_mapping("m.toml", content, self.flows)
            kept = {one: office for one, office in self.offices.items() if one in self.own}
            self.offices = kept | {name: Office(tables, mapping, self.flows[mapping.flow], self.catalogue)}
        return self.offices[name]


def published() -> Iterator[tuple[str, tuple[Path, Path]]]:
    """The published tables with the mappings that are kept for them, by name, the small ones first."""
    pairs = [
        (file, declared)
        for declared in sorted(MAPPINGS.rglob("*.toml"))
        for file in sorted((PUBLISHED / declared.parent.name).iterdir())
        if matches(file.name, tomllib.loads(declared.read_text(encoding="utf-8"))["file"])
    ]
    for file, declared in sorted(pairs, key=lambda pair: pair[0].stat().st_size):
        yield f"{declared.parent.name}/{declared.stem} {file.suffix}", (file, declared)


def cases(count: int, tables: Iterable[str]) -> Iterator[Case]:
    """Every damage to every table so many times, each time with other details."""
    return (Case(table, damage, seed=seed) for table in tables for damage in DAMAGES for seed in range(count))


def main(count: int, wanted: Sequence[str]) -> int:
    """Run a campaign and print the outcomes by damage; the exit code says whether anything was silent."""
    campaign = Campaign()
    counts: Counter[tuple[str, str]] = Counter()
    silent = []
    for case in cases(count, wanted or (*campaign.own, *campaign.published)):
        outcome = campaign.outcome(case)
        counts[case.damage, outcome if outcome in GOOD else "silent"] += 1
        silent += [] if outcome in GOOD else [f"{case.id}: {outcome}"]
    for damage in DAMAGES:
        told = {outcome: counts[damage, outcome] for outcome in (*GOOD, "silent")}
        sys.stdout.write(f"{damage:<22} " + "  ".join(f"{name} {number:>5}" for name, number in told.items()) + "\n")
    for line in silent[:60]:
        sys.stdout.write(f"silent: {line}\n")
    return 1 if silent else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20, sys.argv[2:]))
