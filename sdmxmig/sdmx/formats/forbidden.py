"""Characters that no text of a message may hold: controls that ring, end or hide a text, and what is no character."""

from __future__ import annotations

import re

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place

FORBIDDEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
"""The characters that XML 1.0 cannot carry at all, not even as references (section 2.2); beside lone surrogates."""

_FORBIDDEN = re.compile(f"{FORBIDDEN[:-1]}\ud800-\udfff]")


def carried(text: str, title: str, place: Place | None = None) -> str:
    """The text, if XML can carry it; `title` is what messages call it.

    Raises `SdmxmigError` for a control character or half a character.
    """
    match = _FORBIDDEN.search(text)
    if match:
        raise SdmxmigError(
            f"{title} holds the character U+{ord(match.group()):04X}, which XML cannot carry.",
            place,
            "Remove it at its source.",
        )
    return text


def forbidden(character: str, place: Place) -> InputError:
    """The error for a character that SDMX-ML cannot carry, wherever it stands.

    Tables and JSON can hold it, but nobody could send it on, and what shows or stores the text may stop there.
    """
    message = f"The character U+{ord(character):04X} stands here, which no text may hold."
    return InputError(message, place, "Remove it at its source; a lenient reading puts a blank in its place.")


def carried_column(column: pl.Series, title: str) -> pl.Series:
    """A column of texts, if SDMX-ML could carry it; raises `SdmxmigError`, in which it is called `title`, if not."""
    bad = column.str.contains(FORBIDDEN)
    if bad.any():
        carried(column.filter(bad)[0], title)
    return column
