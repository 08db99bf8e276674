"""Demands on names of files, artefacts, versions and agencies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sdmxmig.primitives.blanks import filled
from sdmxmig.primitives.errors import DeclarationError, counted
from sdmxmig.primitives.patterns import ExpressionError, Pattern
from sdmxmig.primitives.patterns import pattern as expression
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.outgoing import METADATA, STRUCTURES, Outgoing
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.transmission.demands import DEMANDS, Inspection, Miss

ID, VERSION = "id", "version"


@DEMANDS.add("FILE-NAME")
def file_name(inspection: Inspection) -> Iterable[Miss]:
    """File names of messages of the kind ``of`` match a ``pattern``."""
    parameters = inspection.parameters
    kind, fitting = parameters.text("of"), pattern_in(parameters, "pattern")
    parameters.close()
    for message in inspection.outgoing.of(kind):
        name = message.name.rpartition("/")[2]
        if not fitting.fullmatch(name):
            yield Miss(message.name, f"“{name}” is not such a name")


@DEMANDS.add("ARTEFACT-NAME")
def artefact_name(inspection: Inspection) -> Iterable[Miss]:
    """The ``part`` (``id`` or ``version``) of artefacts of some ``kinds``, or of all, matches a ``pattern``."""
    parameters = inspection.parameters
    part, kinds = parameters.text("part"), parameters.strings("kinds")
    fitting = pattern_in(parameters, "pattern")
    parameters.close()
    if part not in (ID, VERSION):
        raise DeclarationError(f"“{part}” is no part of a name.", parameters.at("part"), "Write id or version.")
    for file, ref in artefacts_in(inspection.outgoing):
        if kinds and ref.kind not in kinds:
            continue
        if not fitting.fullmatch(ref.id if part == ID else ref.version):
            yield Miss(file, f"{ref.kind} {ref.short}")


@DEMANDS.add("AGENCY-KNOWN")
def agency_known(inspection: Inspection) -> Iterable[Miss]:
    """The receiver knows the agencies of artefacts: ``agencies``, and those named by the office.

    An office names them in its ``country.toml``.
    """
    parameters = inspection.parameters
    known = {*parameters.strings("agencies"), *inspection.outgoing.known_agencies}
    parameters.close()
    missed: dict[tuple[str, str], int] = {}
    for file, ref in artefacts_in(inspection.outgoing):
        if ref.agency not in known:
            missed[file, ref.agency] = missed.get((file, ref.agency), 0) + 1
    for (file, agency), count in missed.items():
        yield Miss(file, f"{agency}, which owns {counted(count, 'artefact')}")


def artefacts_in(outgoing: Outgoing) -> Iterator[tuple[str, Ref]]:
    for message in outgoing.of(STRUCTURES):
        yield from ((message.name, artefact.ref) for artefact in message.artefacts)
    for message in outgoing.of(METADATA):
        yield from ((message.name, each.ref) for each in message.sets if each.ref is not None)


def pattern_in(parameters: Declared, key: str, **values: str) -> Pattern:
    written = parameters.text(key)
    try:
        return expression(filled(written, {name: re.escape(value) for name, value in values.items()}))
    except ExpressionError as error:
        raise DeclarationError(str(error), parameters.at(key), "Write a regular expression.") from None
