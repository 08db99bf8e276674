"""Facts with status and source number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.catalogue.origins import SOURCE, STATUS, source_of, status_of
from sdmxmig.sdmx.model.artefacts import Annotation
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.words import NOTHING, LanguageText, Words

UNSAID = ("TRANSLATION",)
"""Annotations that the page tells once at its foot."""


class PageSources:
    """The numbered sources of a page."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def of(self, source: str) -> int:
        return self.numbers.setdefault(source, len(self.numbers) + 1) if source else 0

    def listed(self) -> list[tuple[int, str]]:
        return [(number, source) for source, number in self.numbers.items()]


@dataclass(frozen=True, slots=True)
class Standing:
    """The reliability of a fact: status, source, verified part."""

    status: str
    source: int = 0
    _: KW_ONLY
    part: LanguageText = NOTHING


@dataclass(frozen=True, slots=True)
class StatedNote:
    type: str
    text: LanguageText
    _: KW_ONLY
    status: str = ""


@dataclass(frozen=True, slots=True)
class FactRow:
    id: str
    name: LanguageText
    _: KW_ONLY
    standing: Standing
    depth: int = 0
    anchor: str = ""
    description: LanguageText = NOTHING
    notes: tuple[StatedNote, ...] = ()
    valid: str = ""
    href: str = ""
    cells: tuple[object, ...] = field(default=())


def standing(thing: object, sources: PageSources, words: Words) -> Standing:
    part = next(
        (annotation for annotation in getattr(thing, "annotations", ()) if annotation.type == "VERIFIED_PART"), None
    )
    return Standing(
        status_of(thing) or "candidate", sources.of(source_of(thing)), part=words.of(part.text) if part else NOTHING
    )


def notes(annotations: Sequence[Annotation], words: Words, leave_out: Sequence[str] = ()) -> Iterator[StatedNote]:
    """The annotations of a thing, each with its own status; status and source of the thing itself stand elsewhere."""
    texts = {annotation.type: str(annotation.text) or annotation.title for annotation in annotations}
    for annotation in annotations:
        owner = annotation.type.removesuffix("_STATUS")
        if annotation.type in (STATUS, SOURCE, "VERIFIED_PART", *UNSAID, *leave_out) or (
            owner != annotation.type and owner in texts
        ):
            continue
        text = (
            words.of(annotation.text)
            if annotation.text
            else LanguageText(annotation.title or annotation.value or annotation.url)
        )
        yield StatedNote(annotation.type, text, status=texts.get(f"{annotation.type}_STATUS", ""))


def validity(start: str, end: str) -> str:
    return f"{start[:10] or '…'} – {end[:10] or '…'}" if start or end else ""


def about(artefact: Artefact, sources: PageSources, words: Words, leave_out: Sequence[str] = ()) -> dict[str, object]:
    details = artefact.details
    return {
        "artefact": artefact,
        "head": standing(artefact, sources, words),
        "description": words.of(artefact.description),
        "notes": list(notes(artefact.annotations, words, leave_out)),
        "valid": validity(details.valid_from, details.valid_to),
        "external": details.structure_url if details.external else "",
    }


def counts_by_status(things: Sequence[object]) -> dict[str, int]:
    counts = {"verified": 0, "candidate": 0, "national": 0}
    for thing in things:
        counts[status_of(thing) or "candidate"] += 1
    return {status: count for status, count in counts.items() if count}
