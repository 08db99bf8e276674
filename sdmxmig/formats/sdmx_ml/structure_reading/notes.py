"""What all artefacts share: identity, names, annotations, links, validity; and what travels as an annotation."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

from sdmxmig.formats.sdmx_ml.structure_reading.parts import NO_TEXT, Part
from sdmxmig.formats.sdmx_ml.structure_reading.references import AGENCY, VERSION, from_urn
from sdmxmig.model.artefacts import Annotation, Details, Link, Text
from sdmxmig.model.references import Ref
from sdmxmig.places import Place

THREE_NUMBERS = re.compile(r"\d+\.\d+\.\d+")
NEVER_FINAL = {"AgencyScheme", "DataProviderScheme", "DataConsumerScheme"}
"""The schema of SDMX 2.1 fixes them as not final, whatever they are."""
MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)T00:00:00")


def annotations_of(part: Part) -> tuple[Annotation, ...]:
    """The notes on an artefact or a part of one, in their order."""
    holder = part.part("com:Annotations")
    if holder is None:
        return ()
    found = tuple(annotation(one) for one in holder.parts("com:Annotation"))
    holder.close()
    return found


def annotation(part: Part) -> Annotation:
    """One note."""
    address, languages = "", []
    for url in part.parts("com:AnnotationURL") if part.has("com:AnnotationURL") else ():
        language = url.attribute("{http://www.w3.org/XML/1998/namespace}lang")
        text = url.content()
        if language or address:
            languages.append((language, text))
        else:
            address = text
    found = Annotation(
        part.text("com:AnnotationType"),
        part.words("com:AnnotationText"),
        part.text("com:AnnotationTitle"),
        address,
        part.attribute("id"),
        "" if part.message.is_21 else part.text("com:AnnotationValue"),
        Text(tuple(languages)) if languages else NO_TEXT,
    )
    part.close()
    return found


def links(part: Part) -> tuple[Link, ...]:
    """The addresses that belong to an artefact or item (SDMX 3)."""
    if part.message.is_21 or not part.has("com:Link"):
        return ()
    found = []
    for one in part.parts("com:Link"):
        found.append(Link(one.needed("rel"), one.needed("url"), one.attribute("urn"), one.attribute("type")))
        one.close()
    return tuple(found)


def minor_notes(part: Part) -> tuple[Annotation, ...]:
    """The notes on a part that has no field for links: these follow as annotations of type LINK."""
    part.attribute("urn")
    uri = part.attribute("uri")
    own = annotations_of(part)
    addresses = [*links(part), *([Link("uri", uri)] if uri else [])]
    return own + tuple(
        Annotation("LINK", title=json.dumps([link.rel, link.url, link.urn, link.type])) for link in addresses
    )


class Notes:
    """Annotations from which those are taken that stand for what a version of SDMX-ML has no place for."""

    def __init__(self, found: tuple[Annotation, ...]) -> None:
        self.left = found

    def _remove(self, index: int) -> None:
        self.left = self.left[:index] + self.left[index + 1 :]

    def title(self, type_: str, pattern: str = ".+") -> str:
        """The title of the first note that has this type and a title of this pattern, and nothing else."""
        for index, note in enumerate(self.left):
            if note.type != type_ or note != Annotation(type_, title=note.title):
                continue
            if re.fullmatch(pattern, note.title, re.DOTALL):
                self._remove(index)
                return note.title
        return ""

    def titles(self, type_: str) -> tuple[str, ...]:
        """The titles of all such notes."""
        found = [note for note in self.left if note.title and note == Annotation(type_, title=note.title)]
        if found:
            taken = set(map(id, found))
            self.left = tuple(note for note in self.left if id(note) not in taken)
        return tuple(note.title for note in found)

    def flag(self, type_: str, title: str = "true") -> bool:
        """Whether there is such a note with this title."""
        for index, note in enumerate(self.left):
            if note == Annotation(type_, title=title):
                self._remove(index)
                return True
        return False

    def english(self, type_: str) -> str:
        """The text of the first note that has this type and an English text, and nothing else."""
        for index, note in enumerate(self.left):
            if note.type == type_ and note == Annotation(type_, Text.of(en=str(note.text))) and note.text:
                self._remove(index)
                return str(note.text)
        return ""

    def links(self) -> tuple[Link, ...]:
        """The links that stand as notes, each a JSON array of its four parts."""
        if not any(note.type == "LINK" for note in self.left):
            return ()
        links = [_link(note) for note in self.left]
        self.left = tuple(note for note, link in zip(self.left, links, strict=True) if link is None)
        return tuple(link for link in links if link is not None)


def _link(note: Annotation) -> Link | None:
    if note != Annotation("LINK", title=note.title) or not note.title.startswith("["):
        return None
    try:
        parts = json.loads(note.title)
    except (ValueError, RecursionError):
        return None
    if not isinstance(parts, list) or len(parts) != 4 or not all(isinstance(one, str) for one in parts):
        return None
    return Link(*parts)


@dataclass(slots=True)
class Heading:
    """What stands at the head of every artefact."""

    ref: Ref
    name: Text
    description: Text
    notes: Notes
    details: Details
    place: Place

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """The notes that are left."""
        return self.notes.left


def heading(part: Part, kind: str) -> Heading:
    """Identity, names, notes and validity of an artefact."""
    notes = Notes(annotations_of(part))
    details = Details(
        valid_from=moment(part.attribute("validFrom")),
        valid_to=moment(part.attribute("validTo")),
        uri=part.attribute("uri"),
        external=part.flag("isExternalReference"),
        structure_url=part.attribute("structureURL"),
        service_url=part.attribute("serviceURL"),
        partial_language=part.flag("isPartialLanguage") if part.message.version == "3.1" else False,
        links=links(part),
    )
    if part.message.version != "3.1" and notes.flag("IS_PARTIAL_LANGUAGE"):
        details = replace(details, partial_language=True)
    if part.message.is_21:
        details = replace(details, links=notes.links())
    ref, final = identity(part, kind, notes)
    details = replace(details, final=final)
    return Heading(ref, part.words("com:Name"), part.words("com:Description"), notes, details, part.origin)


def identity(part: Part, kind: str, notes: Notes) -> tuple[Ref, bool | None]:
    """The name of an artefact, and SDMX 2.1's final flag where the version cannot say it."""
    agency, own = part.needed("agencyID"), part.checked_id(part.needed("id"))
    urn, version = part.attribute("urn"), part.attribute("version")
    if not AGENCY.fullmatch(agency):
        raise part.error(f"has “{agency}” for an agency.")
    if urn and not version and not part.message.is_21:  # the attributes count; only what they leave out is taken here
        version = from_urn(urn, part).version
    version = version or "1.0"
    if not VERSION.fullmatch(version):
        raise part.error(f"has “{version}” for a version.", "Write X.Y.Z, for a draft X.Y.Z-draft.")
    final: bool | None = None
    if part.message.is_21 and not part.flag("isFinal") and kind not in NEVER_FINAL:
        if THREE_NUMBERS.fullmatch(version):
            part.message.drafts.add(Ref(kind, agency, own, version))
            version = f"{version}-draft"
        else:
            final = False
    elif not part.message.is_21 and notes.flag("IS_FINAL", "false"):
        final = False
    if kind in part.message.fixed_versions:
        version = notes.title("VERSION", VERSION.pattern) or version
    return Ref(kind, agency, own, version), final


def moment(text: str) -> str:
    """A date and time; midnight without a time zone stands for the date."""
    found = MIDNIGHT.fullmatch(text)
    return found[1] if found else text
