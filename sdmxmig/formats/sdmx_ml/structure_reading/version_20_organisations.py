"""Organisation schemes of SDMX-ML 2.0: later versions have one scheme for each kind of organisation."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.formats.sdmx_ml.parts import Part
from sdmxmig.formats.sdmx_ml.structure_reading.notes import moment
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_names import identity, notes, own_id
from sdmxmig.model.artefacts import Annotation, Contact, Item, ItemScheme
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Artefact

SCHEMES = {
    "Agencies": ("Agency", "AgencyScheme", "AGENCIES"),
    "DataProviders": ("DataProvider", "DataProviderScheme", "DATA_PROVIDERS"),
    "DataConsumers": ("DataConsumer", "DataConsumerScheme", "DATA_CONSUMERS"),
}
CONTACTS = ("MaintenanceContact", "CollectorContact", "DisseminatorContact", "ReporterContact", "OtherContact")
DETAILS = {"Telephone": "telephone", "Fax": "fax", "X400": "x400", "URI": "uri", "Email": "email"}


def read_organisation_scheme(part: Part) -> Iterator[Artefact]:
    """The schemes of agencies, data providers and data consumers that an organisation scheme holds.

    A note says what it was called. Its names, validity and notes are those of each of them.
    """
    ref, details = identity(part, "OrganisationUnitScheme")
    name, description = part.words("Name"), part.words("Description")
    own_notes = (Annotation("ORGANISATION_SCHEME", title=f"{ref.id}({ref.version})"), *notes(part))
    for holder, (member, kind, scheme_id) in SCHEMES.items():
        items: list[Item] = []
        for listing in part.parts(holder):
            items += listing.each(organisation, member)
            listing.close()
        if items:
            named = Ref(kind, ref.agency, id=scheme_id, version="1.0")
            yield ItemScheme(
                named,
                name,
                items=tuple(items),
                description=description,
                annotations=own_notes,
                place=part.origin,
                details=details,
            )
    part.close()


def organisation(part: Part) -> Item:
    """An agency, data provider or data consumer; the purpose of its contacts and its own version are notes."""
    part.attribute("urn")
    contacts: list[Contact] = []
    contact_notes: list[Annotation] = []
    for child in part.parts(*CONTACTS):
        if child.name != "OtherContact":
            contact_notes.append(Annotation(child.name, title=str(len(contacts) + 1)))
        contacts.append(contact(child))
    version, external = part.attribute("version", "1.0"), part.flag("isExternalReference")
    contact_notes += [Annotation("VERSION", title=version)] if version != "1.0" else []
    contact_notes += [Annotation("IS_EXTERNAL_REFERENCE", title="true")] if external else []
    item = Item(
        own_id(part),
        part.words("Name"),
        description=part.words("Description"),
        parent=part.attribute("parentOrganisation"),
        valid_from=moment(part.attribute("validFrom")),
        valid_to=moment(part.attribute("validTo")),
        annotations=(*contact_notes, *notes(part)),
        contacts=tuple(contacts),
        uri=part.attribute("uri"),
    )
    part.close()
    return item


def contact(part: Part) -> Contact:
    """A person or department to ask."""
    contact = Contact(
        part.words("Name"),
        part.words("Department"),
        role=part.words("Role"),
        details=tuple((DETAILS[detail.name], detail.content()) for detail in part.parts(*DETAILS)),
        id=part.text("id").strip(),
    )
    part.close()
    return contact
