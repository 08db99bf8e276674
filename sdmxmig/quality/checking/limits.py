"""Constraints of structure, flow, agreement and provider applied to data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from sdmxmig.quality.rules.constraints import Refusal, codes_phrase, named_in, range_phrase, refusals, shown, times_in
from sdmxmig.sdmx.formats.locating import MANY
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.structures import Constraint
from sdmxmig.sdmx.model.submission import Header

Disallowed = tuple[str, str, dict[str, str | None]]
PROVIDER = ("dataProviderSchemeAgencyId", "dataProviderSchemeId", "dataProviderID")


def not_allowed(block: Dataset) -> Iterator[Disallowed]:
    """Find values and combinations that constraints do not allow, each once.

    Ignores values not sent. Attributes of groups are checked with their dimensions.
    """
    for constraint in block.flow.constraints:
        names = [*named_in(constraint), *times_in(block.flow, constraint)]
        names = [name for name in dict.fromkeys(names) if name in block.flow.structure]
        for table in tables(block, names):
            for refusal in refusals(block.flow, table, constraint):
                yield from sentences(constraint, refusal, table)


def tables(block: Dataset, names: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The combinations of values of these components, of observations and of each set of dimensions with attributes."""
    structure, table = block.flow.structure, block.observations
    of_observations = [name for name in names if name in table.columns]
    series = [name for name in names if name not in of_observations and name in block.series.columns]
    if series and structure.series_key:
        key = list(structure.series_key)
        heads = block.series.select(*key, *series).unique(subset=key, keep="first")
        table = table.join(heads, on=key, how="left", nulls_equal=True)
    of_dataset = [name for name in names if name not in (*of_observations, *series) and name in block.attributes]
    table = table.with_columns(pl.lit(block.attributes[name]).alias(name) for name in of_dataset)
    if columns := [*of_observations, *series, *of_dataset]:
        yield table.select(columns).unique(maintain_order=True)
    for frame in block.partial.values():
        columns = [name for name in names if name in frame.columns]
        if set(columns) - set(structure.key):
            yield frame.select(columns).unique(maintain_order=True)


def sentences(constraint: Constraint, refusal: Refusal, table: pl.DataFrame) -> Iterator[Disallowed]:
    """Why a constraint refuses these rows of a table: a sentence for each combination of the components named."""
    names, constraint_name = list(refusal.components), f"the constraint {constraint.ref.short}"
    if not names:
        return
    reasons = {"region": "in no region of", "key": "no key of", "forbidden": "forbidden by"}
    wrong = table.filter(refusal.wrong).select(names).unique(maintain_order=True).head(MANY)
    for row in wrong.iter_rows(named=True):
        texts = {name: shown(value) for name, value in row.items()}
        places = {name: first_text(value) for name, value in row.items()}
        if refusal.selection is None:
            row_text = ", ".join(f"{name} = {text}" for name, text in texts.items())
            yield f"{row_text} is {reasons[refusal.part]} {constraint_name}.", names[-1], places
            continue
        selection, component = refusal.selection, refusal.selection.component
        period = "".join(f" in {text}" for name, text in texts.items() if name != component)
        if not (selection.members or selection.time_range):
            wish = "lacks, but must stand" if selection.include else f"is “{texts[component]}”, but must not stand"
            yield f"{component} {wish} by {constraint_name}.", component, places
            continue
        allowed = range_phrase(selection) or codes_phrase(selection)
        yield (
            f"“{texts[component]}” of {component}{period} is not allowed by {constraint_name}: {allowed}.",
            component,
            places,
        )


def first_text(value: object) -> str | None:
    first = value[0] if isinstance(value, list) and value else value
    text = first.get("text") if isinstance(first, dict) else first
    return text if isinstance(text, str) else None


def of_its_provider(block: Dataset, flows: Mapping[str, Flow], header: Header | None = None) -> Dataset:
    """Apply the constraints of the provider's agreement to a block of a dataflow.

    The provider is that of the dataset, else of the header.
    """
    if block.refers_to is not None:
        return block
    if PROVIDER[-1] in block.properties:
        agency, scheme, item = (block.properties.get(name, "") for name in PROVIDER)
    elif header is not None and header.provider is not None:
        agency, scheme, item = header.provider.agency, header.provider.id, header.provider.item
    else:
        return block
    agreed = {
        tuple(constraint.ref for constraint in flow.constraints): flow.constraints
        for flow in flows.values()
        if flow.provider is not None
        and flow.dataflow.ref == block.flow.dataflow.ref
        and flow.provider.item == item
        and agency in ("", flow.provider.agency)
        and scheme in ("", flow.provider.id)
    }
    if len(agreed) != 1:  # no agreement, or nobody can tell which
        return block
    return replace(block, flow=replace(block.flow, constraints=next(iter(agreed.values()))))
