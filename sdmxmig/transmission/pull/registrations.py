"""Registrations of releases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sdmxmig.sdmx.formats.sdmx_ml.dialects import SDMX_31
from sdmxmig.sdmx.formats.sdmx_ml.registry import write_registrations
from sdmxmig.sdmx.model.messages import Registration
from sdmxmig.sdmx.model.structures import Agreement
from sdmxmig.sdmx.model.submission import Party
from sdmxmig.transmission.pull.data import as_written
from sdmxmig.transmission.pull.holdings import Holdings, Release
from sdmxmig.transmission.pull.questions import RegistrationQuestion, is_among

MEDIA_TYPE = "application/vnd.sdmx.registry+xml;version=3.1.0"
WHOEVER = Party("ANY")
Entry = tuple[Release, Agreement]


def registrations(holdings: Holdings, question: RegistrationQuestion, base: str) -> bytes | None:
    """Return matching registrations, or None.

    Releases without agreement are not registered.
    """
    entries = [entry for entry in registered(holdings) if is_meant(holdings, entry, question)]
    if not entries:
        return None
    header = replace(holdings.header("REGISTRATIONS"), receivers=(WHOEVER,))
    return write_registrations((registration_of(*entry, base) for entry in entries), header, SDMX_31)


def registered(holdings: Holdings) -> Iterator[Entry]:
    for flow in sorted(holdings.releases):
        for agreement in holdings.agreements:
            if agreement.flow == flow:
                yield from ((release, agreement) for release in holdings.releases[flow])


def registration_of(release: Release, agreement: Agreement, base: str) -> Registration:
    return Registration(
        agreement.ref,
        address_of(release, base),
        id=id_of(release, agreement),
        prepared=as_written(release.prepared),
    )


def id_of(release: Release, agreement: Agreement) -> str:
    return f"{release.id}_{agreement.ref.agency.replace('.', '_')}_{agreement.ref.id}".replace(".", "_")


def address_of(release: Release, base: str) -> str:
    ref = release.flow.dataflow.ref
    return f"{base}/sdmx/v2/data/dataflow/{ref.agency}/{ref.id}/{ref.version}?asOf={as_written(release.prepared)}"


def is_meant(holdings: Holdings, entry: Entry, question: RegistrationQuestion) -> bool:
    release, agreement = entry
    if question.updated_after and release.prepared <= question.updated_after:
        return False
    if question.updated_before and release.prepared >= question.updated_before:
        return False
    if question.by == "id":
        return id_of(release, agreement) == question.id
    if question.by == "provider":
        return is_among(question.providers, agreement.provider.agency, agreement.provider.item)
    meant = {artefact.ref for artefact in holdings.shelf.matching(question.wanted)}
    return bool(meant & {agreement.ref, agreement.flow, release.flow.structure.ref})
