"""Characters that messages may not contain: control characters and noncharacters."""

from __future__ import annotations

import re

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place

FORBIDDEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
"""Characters that XML 1.0 cannot contain, even as references (section 2.2); also lone surrogates."""

_FORBIDDEN = re.compile(f"{FORBIDDEN[:-1]}\ud800-\udfff]")


def carried(text: str, title: str, place: Place | None = None) -> str:
    """Return the text; raises `SdmxmigError` for control characters and lone surrogates.

    `title` names the text in errors.
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
    """Return the error for a character that SDMX-ML cannot contain.

    Tables and JSON can contain it, but it could not be sent on, and programs may cut the text there.
    """
    message = f"The character U+{ord(character):04X} stands here, which no text may hold."
    return InputError(message, place, "Remove it at its source; a lenient reading puts a blank in its place.")


def carried_column(column: pl.Series, title: str) -> pl.Series:
    bad = column.str.contains(FORBIDDEN)
    if bad.any():
        carried(column.filter(bad)[0], title)
    return column
