"""Registrations of releases, also as Atom feed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from lxml import etree

from sdmxmig.sdmx.formats.sdmx_ml.dialects import SDMX_31
from sdmxmig.sdmx.formats.sdmx_ml.registry import write_registrations
from sdmxmig.sdmx.model.messages import Registration
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Agreement
from sdmxmig.sdmx.model.submission import Party
from sdmxmig.transmission.pull.data import as_written
from sdmxmig.transmission.pull.holdings import Holdings, Release
from sdmxmig.transmission.pull.questions import RegistrationQuestion

MEDIA_TYPE = "application/vnd.sdmx.registry+xml;version=3.1.0"
ATOM = "http://www.w3.org/2005/Atom"
ATOM_TYPE = "application/atom+xml;charset=utf-8"
MOST_NEWS = 200
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
        return not question.providers or any(
            agency in ("", agreement.provider.agency) and name == agreement.provider.item
            for agency, name in question.providers
        )
    meant = {artefact.ref for artefact in holdings.shelf.matching(question.wanted)}
    return bool(meant & {agreement.ref, agreement.flow, release.flow.structure.ref})


def feed(holdings: Holdings, base: str) -> bytes:
    """Return releases as an Atom feed, newest first."""
    root = etree.fromstring(f'<feed xmlns="{ATOM}"/>')
    releases = sorted(
        (release for of_flow in holdings.releases.values() for release in of_flow),
        key=lambda release: (release.prepared, release.id, release.flow.dataflow.ref),
        reverse=True,
    )
    add(root, "id", f"urn:sdmxmig:feed:{holdings.sender.id}")
    add(root, "title", str(holdings.sender.name) or holdings.sender.id)
    add(root, "updated", as_written(releases[0].prepared if releases else datetime(1970, 1, 1, tzinfo=UTC)))
    author = etree.SubElement(root, f"{{{ATOM}}}author")
    add(author, "name", str(holdings.sender.name) or holdings.sender.id)
    add(root, "link", rel="self", href=f"{base}/sdmx/atom.xml")
    add_entries(root, releases[:MOST_NEWS], base)
    text: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return text


def add_entries(root: etree._Element, releases: Sequence[Release], base: str) -> None:
    for release in releases:
        ref: Ref = release.flow.dataflow.ref
        entry = etree.SubElement(root, f"{{{ATOM}}}entry")
        add(entry, "id", f"urn:sdmxmig:release:{release.id}:{ref.short}")
        add(entry, "title", f"{release.flow.dataflow.name} ({ref.short})")
        add(entry, "updated", as_written(release.prepared))
        add(entry, "link", rel="alternate", href=address_of(release, base))
        add(entry, "summary", f"{release.data.count:,} observations")


def add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> None:
    element = etree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    element.text = text or None
