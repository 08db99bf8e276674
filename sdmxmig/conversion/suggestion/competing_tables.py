"""Tables that would give the same observations, such as several measures in one layout."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.conversion.mapping.block_keys import only_codes
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.suggestion.periods import YEAR
from sdmxmig.conversion.suggestion.questions import Question, ask
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.primitives.lazily import rapidfuzz
from sdmxmig.sdmx.model.data import Block, Flow

COUNTED = ("PS", "NUMBER", "CASE", "EVENT", "DOC", "STAY", "HH", "PS_DAY")
TIME = "TIME_PERIOD"
SHEET = "sheet"
"""The name of a sheet as a source."""
CLEARLY = 1.0
Labels = Mapping[str, frozenset[str]]
"""The labels of each component that a table gives."""


@dataclass(frozen=True, slots=True, eq=False)
class CompetingTable:
    """A proposed block with its labels, and open points about all of its figures."""

    block: Block
    region: Region
    _: KW_ONLY
    labels: Labels
    doubts: frozenset[tuple[str, str]]


def resolve_competing_tables(
    tables: Sequence[CompetingTable], flow: Flow
) -> tuple[tuple[int, ...], tuple[Question, ...]]:
    """Choose among competing blocks and ask about the others.

    Titles closest to the dataflow win; on one sheet the choice is asked. Sheets of shares are left out.
    """
    about = plain(" ".join(str(text) for text in (flow.dataflow.name, flow.dataflow.description) if text))
    likeness = [rapidfuzz.fuzz.token_set_ratio(about, plain(" ".join(table.region.titles[:6]))) for table in tables]
    counted = [at for at, table in enumerate(tables) if is_counted(table.block)]
    chosen: list[int] = []
    doubtful: set[int] = set()
    for at in counted:
        clashing = next(
            (
                number
                for number, position in enumerate(chosen)
                if has_same_observations(tables[position], tables[at], flow)
            ),
            None,
        )
        if clashing is None:
            chosen.append(at)
            continue
        if is_same_sheet(tables[chosen[clashing]], tables[at]):
            doubtful |= {chosen[clashing], at}
        if likeness[at] > likeness[chosen[clashing]] + CLEARLY:
            chosen[clashing] = at
    questions = [
        ask(
            table.region.name,
            "sheet",
            explain_choice(table, is_kept=at in chosen),
            label=about_it(table),
            others=dimensions_by_names(table, flow),
        )
        for at, table in enumerate(tables)
        if at not in chosen or at in doubtful
    ]
    return tuple(sorted(chosen)), tuple(questions)


def has_same_observations(first: CompetingTable, second: CompetingTable, flow: Flow) -> bool:
    """Check whether two blocks give the same observations; titles may distinguish those of one sheet."""
    if is_same_sheet(first, second):
        is_alike = signature(first.block) == signature(second.block)
        return is_alike and all(texts & second.labels[name] for name, texts in first.labels.items())
    if any(component_map.source.kind == SHEET for component_map in first.block.components):
        return False
    key = flow.structure.key
    is_alike = signature(first.block, key) == signature(second.block, key) and first.doubts == second.doubts
    return is_alike and all(
        codes & codes_given(second)[name] for name, codes in codes_given(first).items() if name in key
    )


def codes_given(table: CompetingTable) -> Labels:
    """Return the known codes of each component; for periods their years."""
    codes = {component_map.component: dict(component_map.codes) for component_map in table.block.components}
    given = {}
    for name, texts in table.labels.items():
        years = frozenset(year for text in texts for year in YEAR.findall(text)) if name == TIME else frozenset[str]()
        given[name] = years or frozenset(codes.get(name, {}).get(text, text) for text in texts)
    return given


def dimensions_by_names(table: CompetingTable, flow: Flow) -> tuple[Candidate, ...]:
    if table.region.is_part or not is_counted(table.block):
        return ()
    components = {component_map.component for component_map in table.block.components} | set(only_codes(flow))
    free = [name for name in flow.structure.key if name not in components and name not in ("FREQ", "REF_AREA")]
    return tuple(Candidate(name, 0.1, reason="given by the sheet names?") for name in free)


def signature(block: Block, among: Container[str] | None = None) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    read = frozenset(component_map.component for component_map in block.components)
    fixed = frozenset(block.fixed)
    if among is None:
        return read, fixed
    return frozenset(name for name in read if name in among), frozenset(pair for pair in fixed if pair[0] in among)


def is_same_sheet(first: CompetingTable, second: CompetingTable) -> bool:
    return first.region.table.sheet == second.region.table.sheet


def is_counted(block: Block) -> bool:
    return dict(block.fixed).get("UNIT_MEASURE", COUNTED[0]) in COUNTED


def about_it(table: CompetingTable) -> str:
    return table.region.titles[-1] if table.region.is_part and table.region.titles else ""


def explain_choice(table: CompetingTable, *, is_kept: bool) -> str:
    if is_kept:
        return "another table in the sheet has the same labels, and the difference is not stated"
    if not is_counted(table.block):
        return "not proposed: it contains shares or rates; a mapping reads the counts behind them"
    return (
        f"not proposed: another {'table' if table.region.is_part else 'sheet'} appears to contain the same observations"
    )
