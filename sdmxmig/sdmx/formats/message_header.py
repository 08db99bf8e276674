"""Headers of messages in any format, even if known only at the end, and reversible conversion of invalid ids.

``A01.1`` becomes ``A01_x002E_1``. The result depends only on the id, so references stay consistent.
"""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, BinaryIO

from sdmxmig.sdmx.formats import Format
from sdmxmig.sdmx.formats.faults import Faults, attempt
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.submission import Header

ID_PREFIX = "ID_"
ORIGINAL_ID = "ORIGINAL_ID"
"""The annotation with the original id of an artefact whose id was converted."""
NO_ID, NO_NAME = re.compile(r"[^A-Za-z0-9_@$\-]"), re.compile(r"[^A-Za-z0-9_\-]")


def escape_id(original: str, *, name: bool = False) -> str:
    """Convert an id; `name` also requires a leading letter and excludes @ and $.

    >>> escape_id("A01.1"), escape_id("2ND.AREA", name=True), escape_id("F4_1")
    ('A01_x002E_1', 'ID_2ND_x002E_AREA', 'F4_1')
    """
    spelling = (NO_NAME if name else NO_ID).sub(lambda sign: f"_x{ord(sign[0]):04X}_", original)
    return f"{ID_PREFIX}{spelling}" if name and not re.match("[A-Za-z]", spelling) else spelling


def escape_agency_id(original: str) -> str:
    """Convert an agency id; dots separate agencies.

    >>> escape_agency_id("ESTAT.A1"), escape_agency_id("4F0")
    ('ESTAT.A1', 'ID_4F0')
    """
    return ".".join(escape_id(part, name=True) for part in original.split(".")) if original else ""


HEADER_TITLES = {
    "name": "the name of the message",
    "provider": "the provider",
    "extracted": "when the content was extracted",
    "reporting_begin": "the beginning of the reporting period",
    "reporting_end": "the end of the reporting period",
    "embargo": "the embargo",
    "source": "the source",
}
DEFAULT_HEADER: dict[str, Any] = {"name": Text(), "source": Text(), "provider": None}
"""The default values of absent header fields; others are empty texts."""


def read_header(form: Format, name: str, stream: BinaryIO, faults: Faults | None) -> Header | None:
    """Read the header of a message; None if the format has none or a fault was recorded."""
    if form.read_header is None:
        return None
    read = form.read_header
    return attempt(faults, lambda stream: read(name, stream, faults), stream, is_aside=True)


def limit_header(form: Format, kind: str, header: Header) -> tuple[Header, tuple[str, ...]]:
    if form.read_header is None:
        return header, ()
    expressible = form.header_facts.get(kind, ()) if form.header_facts is not None else tuple(HEADER_TITLES)
    lost = [name for name in HEADER_TITLES if getattr(header, name) and name not in expressible]
    losses = [f"The header of a {kind} message of {form.name} has no place for {HEADER_TITLES[name]}." for name in lost]
    header = replace(header, **{name: DEFAULT_HEADER.get(name, "") for name in lost})
    ids = {"message": [header.id], "sender": [header.sender.id], "receiver": [one.id for one in header.receivers]}
    losses += [
        f"The id of the {role}, “{original}”, is spelt {escape_id(original)}."
        for role, originals in ids.items()
        for original in dict.fromkeys(originals)
        if escape_id(original) != original
    ]
    sender, *receivers = (replace(party, id=escape_id(party.id)) for party in (header.sender, *header.receivers))
    return replace(header, id=escape_id(header.id), sender=sender, receivers=tuple(receivers)), tuple(losses)


COPY_BYTES = 1 << 20


def copy_body(body: BinaryIO) -> Iterable[bytes]:
    return iter(lambda: body.read(COPY_BYTES), b"")


class DeferredHeader:
    """Writes a provisional header and the body, then replaces the header if necessary.

    A seekable file receives the body directly. For pipes and compressed files, the body waits in a temporary file
    unless the header is certain.

    Write the body to `body`, then call `finish`.
    """

    def __init__(self, out: BinaryIO, head: bytes, *, certain: bool = False) -> None:
        self._out, self._head, self._certain = out, head, certain
        self._at_once = certain or isinstance(out, io.BufferedRandom)
        self._start = out.tell() if isinstance(out, io.BufferedRandom) else 0
        if self._at_once:
            out.write(head)
            self.body = out
        else:
            self.body = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `__exit__`

    def __enter__(self) -> DeferredHeader:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._at_once:
            self.body.close()

    def finish(self, head: bytes, changed: Callable[[BinaryIO], Iterable[bytes]] | None = None) -> None:
        """Write the final header; `changed` adapts the body to it."""
        if self._certain or (self._at_once and head == self._head and changed is None):
            return
        pieces = changed or copy_body
        if not self._at_once:
            self.body.seek(0)
            self._write(head, pieces(self.body))
            return
        with tempfile.TemporaryFile() as body_copy:
            self._out.seek(self._start + len(self._head))
            shutil.copyfileobj(self._out, body_copy, COPY_BYTES)
            body_copy.seek(0)
            self._out.seek(self._start)
            self._out.truncate()
            self._write(head, pieces(body_copy))

    def _write(self, head: bytes, pieces: Iterable[bytes]) -> None:
        self._out.write(head)
        self._out.writelines(pieces)
