"""The header of a message of any format, where that has one."""

from __future__ import annotations

from typing import BinaryIO

from sdmxmig.errors import InputError
from sdmxmig.formats import Format
from sdmxmig.formats.faults import Faults, fault
from sdmxmig.model.submission import Header


def heading_of(form: Format, name: str, stream: BinaryIO, faults: Faults | None = None) -> Header | None:
    """The header of a message; None if the format has none. `name` is the file's, for messages.

    Raises `InputError` with the place if it is missing or wrong, or notes it: then None too.
    """
    if form.read_header is None:
        return None
    try:
        return form.read_header(name, stream)
    except InputError as error:
        fault(faults, error)
        return None
