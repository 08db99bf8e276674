"""What all artefacts of SDMX-ML 2.0 share: identity, notes, and references by child elements."""

from __future__ import annotations

from sdmxmig.formats.sdmx_ml.structure_reading.notes import moment
from sdmxmig.formats.sdmx_ml.structure_reading.parts import Part
from sdmxmig.formats.sdmx_ml.structure_reading.references import from_urn
from sdmxmig.formats.sdmx_ml.structure_reading.representations import text_format
from sdmxmig.model.artefacts import Annotation, Details
from sdmxmig.model.references import Ref

ALONE = "STANDALONE_CONCEPT_SCHEME"
"""The scheme that concepts without one get, as in the guidelines for going from 2.0 to 2.1."""
TYPES = {"Date": "GregorianDay", "Year": "GregorianYear", "YearMonth": "GregorianYearMonth", "Timespan": "TimeRange"}
"""The types of texts that are called otherwise since SDMX 2.1."""


def data_type_of(form: Part | None, default: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The data type and facets of a format; nothing if there is none."""
    if form is None:
        return "", ()
    data_type, facets, _ = text_format(form, default)
    return TYPES.get(data_type, data_type), facets


def concept_ref(part: Part, owner: Ref) -> Ref:
    """The concept that a component uses."""
    own = part.checked_id(part.needed("conceptRef"))
    agency = part.attribute("conceptAgency", owner.agency)
    scheme, version = part.attribute("conceptSchemeRef", ALONE), part.attribute("conceptVersion", "1.0")
    return Ref("Concept", part.attribute("conceptSchemeAgency", agency), scheme, version, own)


def notes(part: Part) -> tuple[Annotation, ...]:
    """The annotations of an element."""
    holder = part.part("Annotations")
    if holder is None:
        return ()
    found = []
    for one in holder.parts("com:Annotation"):
        type_, title = one.text("com:AnnotationType"), one.text("com:AnnotationTitle")
        found.append(Annotation(type_, one.words("com:AnnotationText"), title, one.text("com:AnnotationURL")))
        one.close()
    holder.close()
    return tuple(found)


def identity(part: Part, kind: str, agency: str = "") -> tuple[Ref, Details]:
    """The name of an artefact and its validity; a version that is missing is 1.0."""
    part.attribute("urn")
    agency = part.attribute("agencyID", agency) or agency
    if not agency:
        raise part.error("lacks the attribute agencyID.")
    ref = Ref(kind, agency, part.checked_id(part.needed("id")), part.attribute("version", "1.0"))
    details = Details(
        moment(part.attribute("validFrom")),
        moment(part.attribute("validTo")),
        part.attribute("uri"),
        part.flag("isExternalReference"),
        final=None if part.flag("isFinal") else False,
    )
    return ref, details


def named(part: Part, kind: str, agency: str, own: str) -> Ref:
    """What the child elements of a reference name, or its URN."""
    urn = part.text("URN").strip()
    parts = part.text(agency).strip(), part.text(own).strip(), part.text("Version").strip()
    part.close()
    if all(parts[:2]):
        return Ref(kind, parts[0], parts[1], parts[2] or "1.0")
    return from_urn(urn, part)
