"""Parts of a mapping that SDMX maps cannot express."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sdmxmig.sdmx.model.data import Block, ComponentMap, Mapping, PeriodFormat, Values
from sdmxmig.sdmx.model.tables import AUTODETECT
from sdmxmig.sdmx.time_maps import sdmx_pattern


@dataclass(frozen=True, slots=True)
class UnmappedKey:
    """A key of a mapping file that SDMX maps cannot express, with a description."""

    key: str
    text: str


def beyond_maps(mapping: Mapping) -> Iterator[UnmappedKey]:
    if mapping.text != AUTODETECT:
        yield UnmappedKey("text", "how the text file is written")
    if mapping.also:
        yield UnmappedKey("also", f"items that also become observations of {', '.join(mapping.also)}")
    for number, ignored in enumerate(mapping.ignored, start=1):
        yield UnmappedKey(f"ignore[{number}]", f"cells that are left out: {ignored.reason}")
    for block in mapping.blocks:
        yield from of_block(block)
    for derived in mapping.derived:
        formula = " ".join(f"{'-' if sign < 0 else '+'} {term}" for sign, term in derived.terms).removeprefix("+ ")
        share = f" as a share of {derived.share_of}" if derived.share_of else ""
        yield UnmappedKey(derived.key, f"{derived.component} {derived.code} = {formula}{share}")
    for computed in mapping.computed:
        yield UnmappedKey(computed.key, f"an observation that is the sum of {len(computed.terms)} cells")


def of_block(block: Block) -> Iterator[UnmappedKey]:
    yield UnmappedKey(block.key, "where the block lies in the file")
    if block.required_texts:
        yield UnmappedKey(
            f"{block.key}.says", f"texts that must stand around the block: {', '.join(block.required_texts)}"
        )
    for key, title in (("skip_rows", "rows"), ("skip_columns", "columns")):
        reasons = dict.fromkeys(skip.reason for skip in getattr(block, key))
        if reasons:
            yield UnmappedKey(f"{block.key}.{key}", f"{title} that are left out: {', '.join(reasons)}")
    if block.sections:
        yield UnmappedKey(f"{block.key}.sections", "which rows are titles of those below")
    for component_map in block.components:
        yield from (UnmappedKey(f"{component_map.key}.{key}", text) for key, text in of_component(component_map))
    yield from (UnmappedKey(f"{block.key}.values.{key}", text) for key, text in of_values(block.values))
    if block.footnotes:
        yield UnmappedKey(f"{block.key}.footnotes", f"footnotes that become {block.footnotes.component}")
    for noted in block.notes:
        which, what = (
            ", ".join(f"{name} {value}" for name, value in pairs) for pairs in (noted.where, noted.attributes)
        )
        yield UnmappedKey(noted.key, f"figures with {which}: {what}")


def of_component(component_map: ComponentMap) -> Iterator[tuple[str, str]]:
    if component_map.carried:
        yield "carried", "an empty cell takes the text before it"
    if component_map.take and (component_map.codes or component_map.periods.patterns):
        yield "take", f"the part of a text that counts: {component_map.take}"
    if component_map.empty:
        yield "empty", f"an empty cell is {component_map.empty}"
    if component_map.areas:
        yield "areas", "names of countries in any language"
    if component_map.fold:
        yield "fold", "case, accents and punctuation make no difference"
    yield from of_periods(component_map.periods, coded=bool(component_map.codes))


def of_periods(period_format: PeriodFormat, *, coded: bool) -> Iterator[tuple[str, str]]:
    unmapped_patterns = [pattern for pattern in period_format.patterns if coded or not sdmx_pattern(pattern)]
    if unmapped_patterns:
        yield "pattern", f"periods that are written as {', '.join(unmapped_patterns)}"
    if any("MMM" in pattern for pattern in period_format.patterns):
        listed_months = f": {', '.join(name for name, _ in period_format.months)}" if period_format.months else ""
        yield "months", f"names of months in other languages than English{listed_months}"
    if any("YY" in pattern for pattern in period_format.patterns):
        yield "span", "what a span of years is"


def of_values(values: Values) -> Iterator[tuple[str, str]]:
    """How figures are written, which SDMX takes as numbers already."""
    if values.thousands or values.decimal != ".":
        yield "decimal", "the signs of decimals and thousands"
    if values.turned:
        yield "sign", "every figure with the other sign"
    if values.multiply:
        yield "multiply", f"every figure times {values.multiply}"
    if values.as_shown:
        yield "as_shown", "figures with the digits that are shown"
    if values.columns:
        yield "columns", "which columns hold values"
    if values.comments:
        yield "comments", f"comments on cells, which become {values.comments}"
    for key, signs in (("missing", values.missing), ("marks", values.marks)):
        for sign, attributes in signs:
            yield f"{key}.{sign}", " ".join(f"{name} {value}" for name, value in attributes)
    for text, number in values.numbers:
        yield f"numbers.{text}", f"is {number}"
