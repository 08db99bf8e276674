"""The number of observations that a proposed mapping gets right without edits, compared with hand-made mappings.

A table is right if at least 95 % of the observations of its mapping in ``tests/conversion/mappings`` are there, and
none has another value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from functools import cache
from pathlib import Path

import polars as pl

from benchmarks.names import TABLES
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
