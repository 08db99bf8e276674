"""Fields common to SDMX-ML 2.0 artefacts, in later notation; annotations keep the original."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from sdmxmig.primitives import periods
from sdmxmig.sdmx.formats.message_header import ORIGINAL_ID, escape_agency_id, escape_id
from sdmxmig.sdmx.formats.sdmx_ml.elements import Part
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.artefacts import read_annotations, read_moment, read_urn
from sdmxmig.sdmx.formats.structures.notes import THREE_NUMBERS
from sdmxmig.sdmx.model.artefacts import Annotation, Details
from sdmxmig.sdmx.model.references import Ref

ALONE = "STANDALONE_CONCEPT_SCHEME"
"""The scheme of standalone concepts, as in the guidelines for migration from 2.0 to 2.1."""
OLD_IDS = re.compile(r"[\w.:@$*\-]+")
"""Ids before 2.1: the characters of 1.0 and 2.0, and dots, which many writers use."""
ID_ATTRIBUTES = {
    "Code": "value",
    **dict.fromkeys(("Dimension", "Attribute", "CrossSectionalMeasure", "MetadataAttribute"), "conceptRef"),
}
"""The attribute that has the id of an element, if it is not ``id``."""
OLD_NAMES = (
    "CodeList",
    "ConceptScheme",
    "CategoryScheme",
    "Concept",
    "Agency",
    "Dimension",
    "Attribute",
    "CrossSectionalMeasure",
    "MetadataAttribute",
    "IdentifierComponent",
)
NAME_KINDS = ("Codelist", "ConceptScheme", "CategoryScheme")
MAX_VERSION_NUMBERS = 3
KIND_BY_OLD_NAME = {"KeyFamily": "DataStructure", "OrganisationScheme": "OrganisationUnitScheme"}
KINDS_WITH_AGENCY = ("KeyFamily", "MetadataStructure")
"""The artefacts whose agency is called after them in references."""
ORIGINAL_AGENCY, ORIGINAL_VERSION = "ORIGINAL_AGENCY", "ORIGINAL_VERSION"
ORIGINAL_DATES = {"validFrom": "ORIGINAL_VALID_FROM", "validTo": "ORIGINAL_VALID_TO"}


def convert_id(part: Part, old_id: str, *, name: bool = False) -> str:
    if not OLD_IDS.fullmatch(old_id):
        raise part.error(f"has “{old_id}” for an id.", "An id has letters, digits, dots, _, @, $, * and -.")
    return escape_id(old_id, name=name)


def read_own_id(part: Part) -> str:
    name = part.name
    return convert_id(part, part.needed(ID_ATTRIBUTES.get(name, "id")), name=name in OLD_NAMES)


def convert_version(text: str) -> str:
    """Convert a version: at most three numbers, 1.0 if absent.

    >>> convert_version("2.01"), convert_version("v1"), convert_version("2009-10-01"), convert_version("")
    ('2.1', '1', '2009.10.1', '1.0')
    """
    return ".".join(str(int(number)) for number in re.findall(r"[0-9]{1,9}", text)[:MAX_VERSION_NUMBERS]) or "1.0"


def convert_date(text: str, *, last: bool = False) -> str:
    period = periods.parse(text.strip()) if "T" not in text else None
    if period is None:
        return read_moment(text)
    day = periods.shift(period, 1).first_day - dt.timedelta(days=1) if last else period.first_day
    return day.isoformat()


def read_old_ref(part: Part, kind: str, agency: str, old_id: str, version: str = "") -> Ref:
    named_id = convert_id(part, old_id, name=kind in NAME_KINDS)
    return Ref(kind, escape_agency_id(agency), id=named_id, version=convert_version(version))


def read_concept_ref(part: Part) -> Ref:
    concept_id = convert_id(part, part.needed("conceptRef"), name=True)
    agency = part.attribute("conceptAgency", part.message.owner.agency)
    scheme, version = part.attribute("conceptSchemeRef") or ALONE, part.attribute("conceptVersion")
    ref = read_old_ref(
        part, "Concept", agency=part.attribute("conceptSchemeAgency", agency), old_id=scheme, version=version
    )
    return Ref(ref.kind, ref.agency, id=escape_id(scheme, name=True), version=ref.version, item=concept_id)


def read_originals(part: Part) -> tuple[Annotation, ...]:
    attributes, name = part.element.attrib, part.name
    old_id = str(attributes.get(ID_ATTRIBUTES.get(name, "id"), ""))
    changed = [(ORIGINAL_ID, old_id)] if old_id and escape_id(old_id, name=name in OLD_NAMES) != old_id else []
    if "agencyID" in attributes:
        agency, version = str(attributes["agencyID"]), str(attributes.get("version", ""))
        changed += [(ORIGINAL_AGENCY, agency)] if escape_agency_id(agency) != agency and agency else []
        changed += [(ORIGINAL_VERSION, version)] if version and convert_version(version) != version else []
        for date, type_ in ORIGINAL_DATES.items():
            text = str(attributes.get(date, ""))
            same = convert_date(text, last=date == "validTo") == read_moment(text)
            changed += [] if same else [(type_, text)]
    return tuple(Annotation(type_, title=text) for type_, text in changed)


def read_notes(part: Part) -> tuple[Annotation, ...]:
    return read_originals(part) + read_annotations(part, "Annotations")


def read_identity(part: Part, kind: str, agency: str = "") -> tuple[Ref, Details]:
    """Read the name and validity of an artefact; a three-part version that is not final is a draft."""
    part.attribute("urn")
    agency = part.attribute("agencyID", agency) or agency
    if not agency:
        raise part.error("lacks the attribute agencyID.")
    ref = Ref(kind, escape_agency_id(agency), id=read_own_id(part), version=convert_version(part.attribute("version")))
    details = Details(
        convert_date(part.attribute("validFrom")),
        convert_date(part.attribute("validTo"), last=True),
        uri=part.attribute("uri"),
        external=part.flag("isExternalReference"),
    )
    states_final, final = "isFinal" in part.element.attrib, part.flag("isFinal")
    if states_final and not final and THREE_NUMBERS.fullmatch(ref.version):
        part.message.drafts.add(ref)
        return replace(ref, version=f"{ref.version}-draft"), details
    three = bool(THREE_NUMBERS.fullmatch(ref.version))
    return ref, replace(details, final=None if final or three else False)


def read_reference(part: Part) -> Ref:
    what = part.name.removeprefix("Target").removesuffix("Ref")
    agency = f"{what if what in KINDS_WITH_AGENCY else ''}AgencyID"
    urn = part.text("URN").strip()
    parts = part.text(agency).strip(), part.text(f"{what}ID").strip(), part.text("Version").strip()
    part.close()
    if all(parts[:2]):
        return read_old_ref(part, KIND_BY_OLD_NAME.get(what, what), *parts)
    return read_urn(urn, part)
