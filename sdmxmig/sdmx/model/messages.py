"""Messages of services and registries: registrations, answers, errors and queries."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import Header, Note


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
    """What a registry answers to a submitted artefact: ``Success``, ``Warning`` or ``Failure``, and its notes."""

    artefact: Ref
    status: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class ErrorMessage:
    errors: tuple[Note, ...]
    place: Place | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return "; ".join(" ".join(f"{note.code}: {note.text}".split()) for note in self.errors)


@dataclass(frozen=True, slots=True)
class Query:
    """The query for a `resource`, such as ``Codelist``.

    `parameters` are ordered pairs of path (``CodelistWhere/ID``) and value.
    """

    header: Header
    resource: str
    _: KW_ONLY
    parameters: tuple[tuple[str, str], ...] = ()
    place: Place | None = field(default=None, compare=False)

    def __str__(self) -> str:
        question = ", ".join(f"{name} {value}".rstrip() for name, value in self.parameters)
        return f"{self.resource}: {question}" if question else self.resource
