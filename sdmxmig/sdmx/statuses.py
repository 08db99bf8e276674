"""Status checks: verified requires a passage and no candidate basis."""

from __future__ import annotations

from collections.abc import Iterable

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Annotation

VERIFIED, CANDIDATE, NATIONAL = "verified", "candidate", "national"
STATUSES = (VERIFIED, CANDIDATE, NATIONAL)
PASSAGE, RESTS_ON = "PASSAGE", "RESTS_ON"
OWN = "SDMXMIG"
"""The project's agency. Lists carried over from their owner need no passage."""
OF_PART = "_STATUS"
"""Suffix of annotations with the status of one part."""


def checked_status(status: str, place: Place, *, passage: str | None) -> str:
    """Check a status; `passage` is the evidence, None for lists of other owners.

    Raises `DeclarationError` for an unknown status, or ``verified`` without a passage.

    >>> checked_status("verified", Place("x.csv"), passage="article 3: twelve months")
    'verified'
    """
    if status not in STATUSES:
        raise DeclarationError(f"“{status}” is not a status.", place, f"Write one of: {', '.join(STATUSES)}.")
    if status == VERIFIED and passage is not None and not passage.strip():
        hint = "Name the passage that contains the statement, with its wording in a few words; else write candidate."
        raise DeclarationError("This is called verified, and no passage is named.", place, hint)
    return status


def check_parts(notes: Iterable[Annotation], place: Place, *, passage: str | None) -> None:
    for note in notes:
        if note.type.endswith(OF_PART) and (str(note.text) or note.title) == VERIFIED:
            checked_status(VERIFIED, place, passage=passage)


def passage_in(notes: Iterable[Annotation], agency: str) -> str | None:
    if agency != OWN:
        return None
    return next((str(note.text) or note.title for note in notes if note.type == PASSAGE), "")
