"""Operating system errors as messages."""

from __future__ import annotations

import os

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.places import Place


def system_trouble(error: OSError, file: str = "") -> SdmxmigError:
    error_file = os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes, os.PathLike)) else ""
    name = file or error_file
    hint = "Check the name, the right to read and write there, and the space that is left."
    return InputError(f"The system says: {error.strerror or error}.", Place(name) if name else None, hint)
