"""Languages of artefacts."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Hashable, Sequence
from typing import Any, TypeVar, cast

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.transmission.pull.negotiation import WEIGHT

MOST_LANGUAGES = 30
Record = TypeVar("Record")
PLAIN_TYPES = (str, int, bool, Ref, Place)


def languages_of(accept_language: str) -> tuple[str, ...]:
    """The languages that a header asks for, the one that is liked best first; none where any will do.

    >>> languages_of("fr-CA;q=0.8, en, *;q=0.1")
    ('en', 'fr-CA')
    """
    liked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language.split(",")[:MOST_LANGUAGES]):
        name, _, rest = (piece.strip() for piece in part.partition(";"))
        weight = rest.removeprefix("q=").strip() or "1"
        if name and name != "*" and name.replace("-", "").isalnum() and WEIGHT.fullmatch(weight) and float(weight):
            liked.append((-float(weight), place, name))
    return tuple(name for _, _, name in sorted(liked))


def in_languages(record: Record, languages: Sequence[str]) -> Record:
    """Reduce texts to languages, or keep the best.

    Marked as partial, since resubmission would delete the others.
    """
    changed: Any = reduced(record, tuple(languages))
    if changed is not record:
        changed = dataclasses.replace(changed, details=dataclasses.replace(changed.details, partial_language=True))
    return cast("Record", changed)


def reduced(value: Any, languages: tuple[str, ...]) -> Any:
    """A record, or a part of one, with its texts in these languages; the same one if nothing changes."""
    if not value or isinstance(value, PLAIN_TYPES):
        return value
    if isinstance(value, Text):
        return text_in(value, languages)
    if isinstance(value, tuple):
        parts = tuple(reduced(part, languages) for part in value)
        return parts if any(after is not before for after, before in zip(parts, value, strict=True)) else value
    changes = {}
    for name in fields_of(type(value)):  # type: ignore[arg-type]  # mypy holds that no class can be looked up
        before = getattr(value, name)
        after = reduced(before, languages)
        if after is not before:
            changes[name] = after
    return dataclasses.replace(value, **changes) if changes else value


@functools.cache
def fields_of(kind: Hashable) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()


def text_in(text: Text, languages: tuple[str, ...]) -> Text:
    by_language = dict(text)
    for language in languages:
        name = language if language in by_language else language.partition("-")[0]
        if name in by_language:
            return text if len(by_language) == 1 else Text(((name, by_language[name]),))
    name = "en" if "en" in by_language else next(iter(by_language), "")
    return text if len(by_language) < 2 else Text(((name, by_language[name]),))
