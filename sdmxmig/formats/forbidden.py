"""Characters that no text of a message may hold: controls that ring, end or hide a text, and what is no character."""

from __future__ import annotations

import re

from sdmxmig.errors import SdmxmigError
from sdmxmig.places import Place

FORBIDDEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
"""The characters that XML 1.0 cannot carry at all, not even as references (section 2.2); beside lone surrogates."""

_FORBIDDEN = re.compile(f"{FORBIDDEN[:-1]}\ud800-\udfff]")


def carried(text: str, what: str, place: Place | None = None) -> str:
    """The text, if XML can carry it; `what` names it otherwise.

    Raises `SdmxmigError` for a control character or half a character.
    """
    found = _FORBIDDEN.search(text)
    if found:
        raise SdmxmigError(
            f"{what} holds the character U+{ord(found.group()):04X}, which XML cannot carry.",
            place,
            "Remove it at its source.",
        )
    return text
