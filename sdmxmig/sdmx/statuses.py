"""What may be called verified: only what a passage says that was read, and nothing that rests on a candidate.

Whatever reads a status asks here, lists, structures and other declarations alike.
"""

from __future__ import annotations

from collections.abc import Iterable

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Annotation

VERIFIED, CANDIDATE, NATIONAL = "verified", "candidate", "national"
STATUSES = (VERIFIED, CANDIDATE, NATIONAL)
PASSAGE, RESTS_ON = "PASSAGE", "RESTS_ON"
"""The annotations that name the passage with its wording in a few words, and what a statement rests on."""
OWN = "SDMXMIG"
"""The agency of what this project states. A list that is carried over from its owner is its own passage."""
OF_PART = "_STATUS"
"""How the annotations end that hold the status of one part of a statement, such as its name or a number."""


def checked_status(status: str, place: Place, *, passage: str | None) -> str:
    """A status as it stands; `passage` is what was read and where, None for lists carried over from their owner.

    Raises `DeclarationError` for any other word, and for ``verified`` without a passage.

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
    """Refuse a part of a statement that is called verified without a passage, by a note such as ``NAME_STATUS``."""
    for note in notes:
        if note.type.endswith(OF_PART) and (str(note.text) or note.title) == VERIFIED:
            checked_status(VERIFIED, place, passage=passage)


def passage_in(notes: Iterable[Annotation], agency: str) -> str | None:
    """The passage that annotations name, empty if they name none; None where the agency is not our own."""
    if agency != OWN:
        return None
    return next((str(note.text) or note.title for note in notes if note.type == PASSAGE), "")
