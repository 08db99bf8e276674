"""Choice among tables of a workbook that give the same observations."""

from __future__ import annotations

from collections.abc import Container, Sequence

from sdmxmig.conversion.mapping.block_keys import find_only_codes
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.suggestion.draft import Draft
from sdmxmig.conversion.suggestion.periods import YEAR
from sdmxmig.conversion.suggestion.questions import SHEET, TITLE, Labels, Question, apply_decisions, ask
from sdmxmig.primitives.lazily import rapidfuzz
from sdmxmig.sdmx.model.data import Block, Flow

FIXED_PART = "fixed "
COUNTED = ("PS", "NUMBER", "CASE", "EVENT", "DOC", "STAY", "HH", "PS_DAY")
TIME = "TIME_PERIOD"
CLEAR_CONFIDENCE = 1.0


def resolve_competing_tables(tables: Sequence[Draft], flow: Flow) -> tuple[tuple[int, ...], tuple[Question, ...]]:
    """Choose among competing blocks and ask about the others.

    Titles closest to the dataflow win; on one sheet the choice is asked. Sheets of shares are left out.
    """
    about = plain(" ".join(str(text) for text in (flow.dataflow.name, flow.dataflow.description) if text))
    likeness = [rapidfuzz.fuzz.token_set_ratio(about, plain(" ".join(table.region.titles[:6]))) for table in tables]
    is_own = flow.dataflow.ref.is_draft  # an office's own dataflow may contain money or shares
    counted = [at for at, table in enumerate(tables) if is_own or counts_units(table.block)]
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
        if likeness[at] > likeness[chosen[clashing]] + CLEAR_CONFIDENCE:
            chosen[clashing] = at
    questions = [
        ask(
            table.region.name,
            "sheet",
            explain_choice(table, is_kept=at in chosen),
            label=table.region.titles[-1] if table.region.is_part and table.region.titles else "",
            others=list_named_dimensions(table, flow),
        )
        for at, table in enumerate(tables)
        if at not in chosen or at in doubtful
    ]
    return tuple(sorted(chosen)), tuple(questions)


def has_same_observations(first: Draft, second: Draft, flow: Flow) -> bool:
    """Check whether two blocks give the same observations; titles may distinguish those of one sheet."""
    if is_same_sheet(first, second):
        is_alike = signature(first.block) == signature(second.block)
        return is_alike and all(texts & second.labels[name] for name, texts in first.labels.items())
    if any(component_map.source.kind == SHEET for component_map in first.block.components):
        return False
    key = flow.structure.key
    is_alike = signature(first.block, key) == signature(second.block, key)
    is_alike = is_alike and collect_doubts(first, flow) == collect_doubts(second, flow)
    return is_alike and all(
        codes & list_given_codes(second)[name] for name, codes in list_given_codes(first).items() if name in key
    )


def collect_doubts(draft: Draft, flow: Flow) -> frozenset[tuple[str, str]]:
    """Return open questions about table-wide values of dimensions, except questions about sheet names."""
    parts = {TITLE, *(f"{FIXED_PART}{name}" for name in flow.structure.key)}
    questions = (
        q
        for q in apply_decisions(draft.questions, draft.basis.decisions)
        if q.is_open and q.part in parts and (q.part, q.label) != (TITLE, draft.region.name)
    )
    return frozenset((q.part, q.label or " ".join((q.chosen.code, *(c.code for c in q.others)))) for q in questions)


def list_given_codes(table: Draft) -> Labels:
    """Return the known codes of each component; for periods, the years."""
    codes = {component_map.component: dict(component_map.codes) for component_map in table.block.components}
    given = {}
    for name, texts in table.labels.items():
        years = frozenset(year for text in texts for year in YEAR.findall(text)) if name == TIME else frozenset[str]()
        given[name] = years or frozenset(codes.get(name, {}).get(text, text) for text in texts)
    return given


def list_named_dimensions(table: Draft, flow: Flow) -> tuple[Candidate, ...]:
    if table.region.is_part or not counts_units(table.block):
        return ()
    components = {component_map.component for component_map in table.block.components} | set(find_only_codes(flow))
    free = [name for name in flow.structure.key if name not in components and name not in ("FREQ", "REF_AREA")]
    return tuple(Candidate(name, 0.1, reason="given by the sheet names?") for name in free)


def signature(block: Block, among: Container[str] | None = None) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    read = frozenset(component_map.component for component_map in block.components)
    fixed = frozenset(block.fixed)
    if among is None:
        return read, fixed
    return frozenset(name for name in read if name in among), frozenset(pair for pair in fixed if pair[0] in among)


def is_same_sheet(first: Draft, second: Draft) -> bool:
    return first.region.table.sheet == second.region.table.sheet


def counts_units(block: Block) -> bool:
    return dict(block.fixed).get("UNIT_MEASURE", COUNTED[0]) in COUNTED


def explain_choice(table: Draft, *, is_kept: bool) -> str:
    if is_kept:
        return "another table in the sheet has the same labels, and the difference is not stated"
    if not counts_units(table.block):
        return "not proposed: it contains shares or rates; a mapping reads the counts behind them"
    return (
        f"not proposed: another {'table' if table.region.is_part else 'sheet'} appears to contain the same observations"
    )
