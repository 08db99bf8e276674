"""Messages of services and registries: registrations, answers and errors."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import Note


@dataclass(frozen=True, slots=True)
class Registration:
    """Registered data: their agreement, the address that returns them, and when they were prepared."""

    agreement: Ref
    address: str
    _: KW_ONLY
    id: str
    prepared: str


@dataclass(frozen=True, slots=True)
class StructureResult:
    """The answer of a registry to a submitted artefact: ``Success``, ``Warning`` or ``Failure``, and its notes."""

    artefact: Ref
    status: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class ErrorMessage:
    errors: tuple[Note, ...]
    place: Place | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return "; ".join(" ".join(f"{note.code}: {note.text}".split()) for note in self.errors)
