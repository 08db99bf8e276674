"""The structure of a dataset, from the header or other references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.primitives.errors import InputError, UnknownStructure, did_you_mean
from sdmxmig.sdmx.formats.flows import ANY, find_flow
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.reading import MessageReading
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import StructureUse


def use_of(reading: MessageReading, attributes: Mapping[str, str], *, old: bool) -> StructureUse | None:
    structures = reading.header.structures if reading.header else ()
    structure_id = attributes.get("structureRef", "")
    if not structure_id or old:
        return structures[0] if len(structures) == 1 else None
    uses = {use.id: use for use in structures}
    if structure_id not in uses:
        only = structures[0] if len(structures) == 1 else None
        tell = reading.deviation if only else reading.wrong
        tell(f"The header has no structure “{structure_id}”.", did_you_mean(structure_id, uses))
        return only
    return uses[structure_id]


def followed(
    reading: MessageReading, use: StructureUse | None, candidates: Sequence[Ref | None]
) -> tuple[Flow, Ref | None]:
    """Find the flow of a dataset and its reference.

    Raises `InputError` if it is unknown, or if none is named and there are several flows.
    """
    flows, place = reading.flows, reading.place
    if use and use.ref:
        return find_flow(flows, use.ref, place), use.ref
    named_refs = [ref for ref in candidates if ref and ref.id]
    for ref in named_refs:
        try:
            return find_flow(flows, ref, place), ref
        except InputError:
            continue
    if named_refs:
        return find_flow(flows, named_refs[0], place), named_refs[0]
    if len(flows) == 1:
        return next(iter(flows.values())), None
    if ANY in flows:
        return flows[ANY], None
    hint = "Give the one dataflow that they follow."
    raise UnknownStructure("The data do not say which structure they follow.", place, hint)
