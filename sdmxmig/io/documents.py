"""JSON documents exchanged between commands."""

from __future__ import annotations

import json
from dataclasses import KW_ONLY, dataclass
from typing import Any

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place


@dataclass(frozen=True, slots=True)
class JsonDocument:
    """A kind of document: schema, display name, command."""

    schema: str
    version: int
    _: KW_ONLY
    what: str
    hint: str

    def opened(self, content: bytes, name: str) -> dict[str, Any]:
        """Return the members; raises `InputError` for other documents."""
        try:
            document = json.loads(content.decode("utf-8"))
        except (ValueError, RecursionError) as error:  # also a number of too many digits
            place = Place(name, line=getattr(error, "lineno", 0), column=getattr(error, "colno", 0))
            raise InputError("This is not JSON in UTF-8.", place, self.hint) from None
        if not isinstance(document, dict) or document.get("schema") != self.schema:
            raise InputError(f"This is not {self.what}.", Place(name), self.hint)
        if document.get("version") != self.version:
            form = document.get("version")
            message = (
                f"This is {self.what} of the form {form!r}; this version of sdmxmig reads the form {self.version}."
            )
            raise InputError(message, Place(name, key="version"), self.hint)
        return document
