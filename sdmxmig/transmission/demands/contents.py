"""Demands on content: structure, dataflows, text length, sender."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.visible import shortened
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.outgoing import DATA
from sdmxmig.transmission.demands import DEMANDS, Inspection, Miss
from sdmxmig.transmission.demands.names import pattern_in


@DEMANDS.add("STRUCTURE-OF")
def structure_of(inspection: Inspection) -> Iterable[Miss]:
    """Data follow a dataflow of one of these ``agencies``: the receiver's own."""
    parameters = inspection.parameters
    agencies = parameters.strings("agencies", None)
    parameters.close()
    for message in inspection.outgoing.of(DATA):
        for dataset in message.datasets:
            ref = dataset.flow.dataflow.ref
            if ref.agency not in agencies:
                yield Miss(message.name, f"its data follow {ref.short}, which no structure map translates")


@DEMANDS.add("ONE-FLOW")
def one_flow(inspection: Inspection) -> Iterable[Miss]:
    """A data file holds one dataflow; no parameters."""
    inspection.parameters.close()
    for message in inspection.outgoing.of(DATA):
        flows = sorted({dataset.flow.dataflow.ref.short for dataset in message.datasets})
        if len(flows) != 1:
            yield Miss(message.name, f"it holds {', '.join(flows) or 'no dataflow'}")


@DEMANDS.add("TEXT-LENGTH")
def text_length(inspection: Inspection) -> Iterable[Miss]:
    """Texts of attributes without a codelist have at most ``most`` characters."""
    parameters = inspection.parameters
    most = parameters.integer("most")
    parameters.close()
    for message in inspection.outgoing.of(DATA):
        for dataset in message.datasets:
            for name, text in longer_texts(dataset, most):
                yield Miss(message.name, f"{name} has {len(text):,} signs: “{shortened(text)}”")


def longer_texts(dataset: Dataset, most: int) -> Iterator[tuple[str, str]]:
    names = {attribute.id for attribute in dataset.flow.structure.attributes() if not attribute.is_coded}
    for name in sorted(names):
        if len(dataset.attributes.get(name, "")) > most:
            yield name, dataset.attributes[name]
        for frame in (dataset.observations, dataset.series, *dataset.partial.values()):
            if name in frame.columns:
                yield from ((name, text) for text in texts_in(frame.get_column(name)) if len(text) > most)


def texts_in(column: pl.Series) -> list[str]:
    while isinstance(column.dtype, (pl.List, pl.Struct)):
        column = column.explode() if isinstance(column.dtype, pl.List) else column.struct.field("text")
    return column.drop_nulls().cast(pl.String).unique(maintain_order=True).to_list()


@DEMANDS.add("SENDER")
def sender(inspection: Inspection) -> Iterable[Miss]:
    """The sender id in headers matches a ``pattern``; ``{area}`` is the reporting country."""
    parameters, outgoing = inspection.parameters, inspection.outgoing
    fitting = pattern_in(parameters, "pattern", area=outgoing.area)
    parameters.close()
    name = outgoing.header.sender.id
    if not fitting.fullmatch(name):
        yield Miss("", f"the sender is {name}")
