"""Links as annotations of type LINK, where a version has no place for them or for all that they say."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sdmxmig.model.artefacts import Annotation, Link, Text

LINK = "LINK"
PARTS, ALL_PARTS = 4, 6
"""A note is a JSON array of relation, address, URN and type; or of these, the language and the title in languages."""


def link_notes(links: Iterable[Link], *, whole: bool = False) -> tuple[Annotation, ...]:
    """Links as notes; `whole` gives all of them all their parts."""
    return tuple(Annotation(LINK, title=json.dumps(parts(link, whole=whole), ensure_ascii=False)) for link in links)


def parts(link: Link, *, whole: bool) -> list[str | dict[str, str]]:
    """The parts of a link; its language and title only where it has them, or if `whole`."""
    plain: list[str | dict[str, str]] = [link.rel, link.url, link.urn, link.type]
    return [*plain, link.language, dict(link.title)] if whole or is_described(link) else plain


def is_described(link: Link) -> bool:
    """Whether a link says something that only SDMX-JSON has a place for."""
    return bool(link.title or link.language)


def link_in(note: Annotation, *, whole: bool = False) -> Link | None:
    """The link that a note is, None if it is another note; `whole` takes only those with all parts."""
    if note != Annotation(LINK, title=note.title) or not note.title.startswith("["):
        return None
    try:
        found = json.loads(note.title)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list) or len(found) not in ((ALL_PARTS,) if whole else (PARTS, ALL_PARTS)):
        return None
    *plain, title = found if len(found) == ALL_PARTS else (*found, "", {})
    words = list(title.values()) if isinstance(title, dict) else [None]
    if not all(isinstance(one, str) for one in (*plain, *words)):
        return None
    rel, url, urn, type_, language = plain
    return Link(rel, url, urn=urn, type=type_, title=Text(tuple(title.items())), language=language)
