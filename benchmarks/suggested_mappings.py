"""The number of observations that a proposed mapping gets right without edits, compared with hand-made mappings.

``python -m benchmarks.suggested_mappings`` proposes a mapping for each published table whose mapping in
``tests/conversion/mappings`` leads to our dataflows, and compares observations: a table is right if at least 95 % of
the hand-made mapping's observations are there, and none has another value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from functools import cache
from pathlib import Path

import polars as pl

from benchmarks.names import TABLES, recogniser
from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue import load as load_catalogue
from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.mapping.writing import write
from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.suggestion import FlowKnowledge, suggest
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.data import Flow

MAPPINGS = Path(__file__).parents[1] / "tests" / "conversion" / "mappings"
ENOUGH = 0.95


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result for a table: observations by hand, equal and contradicting ones, and open lines."""

    table: str
    flow: str
    _: KW_ONLY
    by_hand: int
    equal: int
    contradicting: int
    open: int
    refusal: str = ""

    @property
    def is_right(self) -> bool:
        return self.contradicting == 0 and self.by_hand > 0 and self.equal >= ENOUGH * self.by_hand


@cache
def shipped() -> Catalogue:
    return load_catalogue()


def compared(mapping: Path, known_words: Recogniser) -> Comparison | None:
    catalogue = shipped()
    try:
        hand = load(mapping.name, mapping.read_bytes(), catalogue.flows)
    except DeclarationError:
        return None
    folder = mapping.parent.relative_to(MAPPINGS)
    path = next((path for path in sorted((TABLES / folder).iterdir()) if path.stem == mapping.stem), None)
    if path is None:
        return None
    tables, flow = read(path.name, path.read_bytes()), catalogue.flows[hand.flow]
    areas = {dict(block.fixed).get("REF_AREA", "") for block in hand.blocks}
    proposal = suggest(tables, FlowKnowledge(flow, known_words), areas.pop() if len(areas) == 1 else "")
    expected = values(convert(tables, hand, flow, catalogue.rules).dataset.observations, flow)
    title, count = (folder / path.name).as_posix(), len(proposal.open)
    try:
        made = load("proposed.toml", write(proposal.mapping).encode(), catalogue.flows)
        found = values(convert(tables, made, flow, catalogue.rules).dataset.observations, flow)
    except DeclarationError as error:
        return Comparison(
            title, flow.id, by_hand=len(expected), equal=0, contradicting=0, open=count, refusal=str(error)
        )
    equal = sum(found.get(key) == value for key, value in expected.items())
    other = sum(key in found and found[key] != value for key, value in expected.items())
    return Comparison(title, flow.id, by_hand=len(expected), equal=equal, contradicting=other, open=count)


def values(observations: pl.DataFrame, flow: Flow) -> Mapping[tuple[str, ...], str]:
    columns = [*flow.structure.key, flow.structure.measure.id]
    return {tuple(row[:-1]): row[-1] for row in observations.select(columns).fill_null("").iter_rows()}


def comparisons() -> Iterator[Comparison]:
    """All tables that fit a dataflow of ours."""
    words = recogniser()
    for mapping in sorted(MAPPINGS.rglob("*.toml")):
        found = compared(mapping, words)
        if found:
            yield found


def main() -> None:
    listed = list(comparisons())
    for dataset in listed:
        told = (
            dataset.refusal[:60]
            or f"{dataset.equal} of {dataset.by_hand} equal, {dataset.contradicting} contradict, {dataset.open} open"
        )
        print(f"{'right ' if dataset.is_right else 'unsure'} {dataset.table:55} {dataset.flow:16} {told}")  # noqa: T201
    print(f"{sum(one.is_right for one in listed)} of {len(listed)} right without hand edits")  # noqa: T201


if __name__ == "__main__":
    main()
