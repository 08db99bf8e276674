"""The `meta` part of a data message: who sends it to whom, when, and in which languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sdmxmig.errors import SdmxmigError
from sdmxmig.formats.sdmx_json.data_nodes import Node
from sdmxmig.formats.sdmx_json.data_versions import ID, Version
from sdmxmig.intake import parse_json
from sdmxmig.model.artefacts import Text
from sdmxmig.model.submission import Header

SOURCE = "x-source"
"""Where the source of the data stands, for which SDMX-JSON has no member of its own."""


def meta_of(header: Header, languages: Iterable[str], version: Version, main: str) -> dict[str, object]:
    """The `meta` object; the main language comes first among the languages.

    Raises `SdmxmigError` for an id that SDMX does not allow and for a time without its offset from UTC.
    """
    for what, value in (("id", header.id), ("sender", header.sender), *(("receiver", one) for one in header.receivers)):
        if not ID.fullmatch(value):
            hint = "SDMX allows letters, digits, _, @, $ and -."
            raise SdmxmigError(f"“{value}” cannot be the {what} of a message.", hint=hint)
    if not is_date_time(header.prepared):
        hint = "Write it as 2026-01-31T12:00:00Z."
        raise SdmxmigError(f"“{header.prepared}” is not a date and time with its offset.", hint=hint)
    found = sorted(languages, key=lambda language: (language != main, language))
    meta: dict[str, object] = {} if version.schema_in_root else {"schema": version.schema}
    meta |= {"id": header.id, "prepared": header.prepared, "test": header.test}
    if found:
        meta["contentLanguages"] = [one.lower() for one in found] if version.lower_languages else found
    sender: dict[str, object] = {"id": header.sender}
    if header.sender_name:
        sender["name"] = header.sender_name
    meta["sender"] = sender
    if header.receivers:
        meta["receivers"] = [{"id": receiver} for receiver in header.receivers]
    if header.source:
        meta[SOURCE] = header.source
    return meta


def is_date_time(text: str) -> bool:
    """Whether a text is a date and time with its offset from UTC, as JSON schemas want it."""
    try:
        return "T" in text and dt.datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def read_header(name: str, content: bytes) -> Header:
    """The header of a message; `name` is the file's, for messages.

    Raises `InputError` with its place if the message has none, or one of a wrong shape.
    """
    root = Node(parse_json(content, name), name).of(dict, "A message")
    meta = root.get("meta", dict) or root.get("header", dict)
    if meta is None:
        raise root.at("meta").wrong("The message has no header.")
    sender, test = meta.get("sender", dict), meta.get("test", bool)
    receivers = meta.elements("receivers") or [one for one in [meta.get("receiver", dict)] if one is not None]
    names = sender.languages("names", "name", "en") if sender is not None else {}
    return Header(
        meta.text("id"),
        meta.text("prepared"),
        sender.text("id") if sender is not None else "",
        tuple(one.text("id") for one in receivers),
        test.value if test is not None else False,
        str(Text.of(names)),
        meta.text(SOURCE),
    )
