"""Receivers' demands, checked before sending, by kind.

Files in `structures/agencies/` use registered kinds:

@DEMANDS.add("FILE-NAME") def file_name(parameters: Declared, outgoing: Outgoing) -> Iterable[Violation]: ...

If nothing is yielded, the demand is met. This module has the demands on formats and content: structure, dataflows,
length of texts, sender.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sdmxmig.catalogue.agencies import Agency, Demand
from sdmxmig.primitives.errors import DeclarationError, check_known, write_count
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.patterns import ExpressionError, Pattern
from sdmxmig.primitives.patterns import pattern as expression
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.plugins import Kind
from sdmxmig.primitives.text import fill_message, shorten_text
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import DATA, METADATA, STRUCTURES, Outgoing

MAX_NAMED = 20
"""Maximum number of faults named for one demand; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Violation:
    file: str
    what: str


KindOfDemand = Callable[[Declared, Outgoing], Iterable[Violation]]
DEMANDS: Kind[KindOfDemand] = Kind("sdmxmig.transmission.demands")


@dataclass(frozen=True, slots=True)
class Refusal:
    demand: Demand
    misses: tuple[Violation, ...]
    count: int

    def sentences(self) -> tuple[str, ...]:
        named = tuple(f"{miss.file}: {miss.what}" if miss.file else miss.what for miss in self.misses)
        return (*named, f"and {self.count - len(named):,} more") if self.count > len(named) else named


def check_demands(agency: Agency, outgoing: Outgoing) -> tuple[Refusal, ...]:
    """Check all demands of a receiver; raise `DeclarationError` for unknown kinds and parameters."""
    refused = []
    for demand in agency.demands:
        check_known("kind of demand", demand.kind, tuple(DEMANDS), demand.place)
        place = demand.place or Place(demand.id)
        with Declared(demand.parameters, Place(place.file, key=f"{place.key or demand.id}.parameters")) as parameters:
            misses = tuple(DEMANDS[demand.kind](parameters, outgoing))
        if misses:
            refused.append(Refusal(demand, misses[:MAX_NAMED], count=len(misses)))
    return tuple(refused)


@DEMANDS.add("STRUCTURE-OF")
def check_structure_agency(parameters: Declared, outgoing: Outgoing) -> Iterable[Violation]:
    """Data follow a dataflow of one of these ``agencies``: the receiver's own."""
    agencies = parameters.strings("agencies", None)
    for message in outgoing.of(DATA):
        for dataset in message.datasets:
            ref = dataset.flow.dataflow.ref
            if ref.agency not in agencies:
                yield Violation(message.name, f"its data follow {ref.short}, which no structure map translates")


@DEMANDS.add("ONE-FLOW")
def check_single_dataflow(_: Declared, outgoing: Outgoing) -> Iterable[Violation]:
    """A data file contains one dataflow; no parameters."""
    for message in outgoing.of(DATA):
        flows = sorted({dataset.flow.dataflow.ref.short for dataset in message.datasets})
        if len(flows) != 1:
            yield Violation(message.name, f"it holds {', '.join(flows) or 'no dataflow'}")


@DEMANDS.add("TEXT-LENGTH")
def check_text_length(parameters: Declared, outgoing: Outgoing) -> Iterable[Violation]:
    """Texts of attributes without a codelist have at most ``most`` characters."""
    most = parameters.integer("most")
    for message in outgoing.of(DATA):
        for dataset in message.datasets:
            for name, text in list_long_texts(dataset, most):
                yield Violation(message.name, f"{name} has {len(text):,} characters: “{shorten_text(text)}”")


def list_long_texts(dataset: Dataset, most: int) -> Iterator[tuple[str, str]]:
    names = {attribute.id for attribute in dataset.flow.structure.attributes() if not attribute.is_coded}
    for name in sorted(names):
        if len(dataset.attributes.get(name, "")) > most:
            yield name, dataset.attributes[name]
        for frame in (dataset.observations, dataset.series, *dataset.partial.values()):
            if name in frame.columns:
                yield from ((name, text) for text in list_texts(frame.get_column(name)) if len(text) > most)


def list_texts(column: pl.Series) -> list[str]:
    while isinstance(column.dtype, (pl.List, pl.Struct)):
        column = column.explode() if isinstance(column.dtype, pl.List) else column.struct.field("text")
    return column.drop_nulls().cast(pl.String).unique(maintain_order=True).to_list()


@DEMANDS.add("SENDER")
def check_sender(parameters: Declared, outgoing: Outgoing) -> Iterable[Violation]:
    """The sender id in headers matches a ``pattern``; ``{area}`` is the reporting country."""
    fitting = read_pattern(parameters, area=outgoing.area)
    name = outgoing.header.sender.id
    if not fitting.fullmatch(name):
        yield Violation("", f"the sender is {name}")


ID, VERSION = "id", "version"


@DEMANDS.add("FILE-NAME")
def check_file_name(parameters: Declared, outgoing: Outgoing) -> Iterable[Violation]:
    """File names of messages of the kind ``of`` match a ``pattern``."""
    kind, fitting = parameters.text("of"), read_pattern(parameters)
    for message in outgoing.of(kind):
        name = message.name.rpartition("/")[2]
        if not fitting.fullmatch(name):
            yield Violation(message.name, f"“{name}” is not such a name")


@DEMANDS.add("ARTEFACT-NAME")
def check_artefact_name(parameters: Declared, outgoing: Outgoing) -> Iterable[Violation]:
    """The ``part`` (``id`` or ``version``) of artefacts of some ``kinds``, or of all, matches a ``pattern``."""
    part, kinds = parameters.text("part"), parameters.strings("kinds")
    fitting = read_pattern(parameters)
    if part not in (ID, VERSION):
        raise DeclarationError(f"“{part}” is not part of a name.", parameters.at("part"), "Write id or version.")
    for file, ref in list_artefacts(outgoing):
        if kinds and ref.kind not in kinds:
            continue
        if not fitting.fullmatch(ref.id if part == ID else ref.version):
            yield Violation(file, f"{ref.kind} {ref.short}")


@DEMANDS.add("AGENCY-KNOWN")
def check_agency_is_known(parameters: Declared, outgoing: Outgoing) -> Iterable[Violation]:
    """The receiver knows the agencies of artefacts: ``agencies``, and those that the office lists.

    The office lists them in its ``country.toml``.
    """
    known = {*parameters.strings("agencies"), *outgoing.known_agencies}
    missed: dict[tuple[str, str], int] = {}
    for file, ref in list_artefacts(outgoing):
        if ref.agency not in known:
            missed[file, ref.agency] = missed.get((file, ref.agency), 0) + 1
    for (file, agency), count in missed.items():
        yield Violation(file, f"{agency}, which owns {write_count(count, 'artefact')}")


def list_artefacts(outgoing: Outgoing) -> Iterator[tuple[str, Ref]]:
    for message in outgoing.of(STRUCTURES):
        yield from ((message.name, artefact.ref) for artefact in message.artefacts)
    for message in outgoing.of(METADATA):
        yield from ((message.name, each.ref) for each in message.sets if each.ref is not None)


def read_pattern(parameters: Declared, **values: str) -> Pattern:
    written = parameters.text("pattern")
    try:
        return expression(fill_message(written, {name: re.escape(value) for name, value in values.items()}))
    except ExpressionError as error:
        raise DeclarationError(str(error), parameters.at("pattern"), "Write a regular expression.") from None


@DEMANDS.add("FORMAT")
def check_format(parameters: Declared, outgoing: Outgoing) -> Iterable[Violation]:
    """Messages of the kind ``of`` (``data``, ``structures``, ``metadata``) use one of ``formats``."""
    kind, formats = parameters.text("of"), parameters.strings("formats", None)
    for message in outgoing.of(kind):
        if message.format not in formats:
            yield Violation(message.name, f"it is in {message.format}")
