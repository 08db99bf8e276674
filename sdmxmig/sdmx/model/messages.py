"""Registry messages, error messages and queries.

Actions: ``I`` information, ``A`` append, ``M`` merge, ``R`` replace, ``D`` delete.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import TypeAlias

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.registrations import (
    RegistrationAnswer,
    RegistrationQuery,
    RegistrationsFound,
    RegistrationSubmission,
    Status,
)
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header, Note
from sdmxmig.sdmx.model.subscriptions import (
    RegistryEvent,
    SubscriptionAnswer,
    SubscriptionQuery,
    SubscriptionsFound,
    SubscriptionSubmission,
)

# -- structures ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SubmittedStructure:
    """A submitted artefact; an empty action or None means that of the submission."""

    artefact: Ref
    action: str = ""
    _: KW_ONLY
    external_dependencies: bool | None = None


@dataclass(frozen=True, slots=True)
class StructureSubmission:
    """Structures for a registry, inline or at `location`; `exceptions` override the defaults."""

    artefacts: tuple[Artefact, ...] = ()
    location: str = ""
    _: KW_ONLY
    action: str = "A"
    external_dependencies: bool = False
    exceptions: tuple[SubmittedStructure, ...] = ()


@dataclass(frozen=True, slots=True)
class StructureResult:
    structure: SubmittedStructure
    status: Status


@dataclass(frozen=True, slots=True)
class StructureAnswer:
    results: tuple[StructureResult, ...]


# -- messages -----------------------------------------------------------------------------------------------

Body: TypeAlias = (
    StructureSubmission
    | StructureAnswer
    | RegistrationSubmission
    | RegistrationAnswer
    | RegistrationQuery
    | RegistrationsFound
    | SubscriptionSubmission
    | SubscriptionAnswer
    | SubscriptionQuery
    | SubscriptionsFound
    | RegistryEvent
)


@dataclass(frozen=True, slots=True)
class RegistryMessage:
    """A message to a registry, or its answer; one without a body only says that its sender is there."""

    header: Header
    body: Body | None
    _: KW_ONLY
    place: Place | None = field(default=None, compare=False)


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
