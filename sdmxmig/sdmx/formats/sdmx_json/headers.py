"""The header and errors of SDMX-JSON messages, read without the content."""

from __future__ import annotations

import codecs
import json
import re
from typing import BinaryIO

from sdmxmig.io.intake.files import read_limited
from sdmxmig.io.intake.json import parse_json
from sdmxmig.primitives.errors import DeclarationError, InputError
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_json.meta import DETAILS, EXTENSIONS
from sdmxmig.sdmx.formats.sdmx_json.nodes import Node
from sdmxmig.sdmx.formats.sdmx_json.outline import outline_of
from sdmxmig.sdmx.formats.sdmx_json.runs import refuse_unsound
from sdmxmig.sdmx.formats.sdmx_json.seekable_input import SeekableInput
from sdmxmig.sdmx.model.artefacts import Contact, Link, Text
from sdmxmig.sdmx.model.references import PACKAGE_OF, Ref
from sdmxmig.sdmx.model.submission import Header, Note, Party

BEGINNING = 1 << 16
"""Number of bytes searched for a header before the content."""

META = ("meta", "header")
"""Members that hold the header; the second name comes from drafts of 1.0."""

DEFAULT_LANGUAGE = "en"
"""The default language, as in SDMX-ML."""

BLANKS = re.compile(r"[ \t\r\n]*")
UNKNOWN_ZONE = re.compile(r"(.{10}T.+)-00:00")
MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)T00:00:00")
KIND_OF = {member: kind for kind, member in DETAILS.items()}


def read_header(name: str, stream: BinaryIO, _faults: Faults | None = None) -> Header:
    """Read the header of any message.

    A header before the content needs no further reading; otherwise the file is scanned to its end. Contains no dataset
    properties; use `read_notes` for notes. Untagged names are in the first language of the message.

    Raises `InputError` with its place if the header is missing or malformed.
    """
    start_offset = stream.tell() if stream.seekable() else None
    start = stream.read(BEGINNING)
    meta = beginning(start)
    parsed = None
    if meta is not None:
        try:
            parsed = parse_json(meta.encode(), name)
        except InputError:
            parsed = None  # the places of what is wrong are those in the whole file
    if parsed is not None:
        return header_of(Node(parsed, name, pointer="/meta").of(dict, "A header"))
    if start_offset is not None:
        stream.seek(start_offset)
        opened = SeekableInput(stream, name)
        return header_in(outline_of(opened, None, refuse_unsound(opened)).root)
    content = start + read_limited(stream, name)
    return header_in(Node(parse_json(content, name), name).of(dict, "A message"))


def beginning(start: bytes) -> str | None:
    """Extract the header from the first bytes of a message; None if it is incomplete."""
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(start)
    except UnicodeDecodeError:
        return None
    decoder = json.JSONDecoder()
    position = skipped(text, 0)
    opening = "{"
    try:
        while text[position : position + 1] == opening:
            member, position = decoder.raw_decode(text, skipped(text, position + 1))
            position = skipped(text, position)
            if text[position : position + 1] != ":" or not isinstance(member, str):
                return None
            value_start = skipped(text, position + 1)
            _, end = decoder.raw_decode(text, value_start)
            if member in META:
                return text[value_start:end] if text[value_start : value_start + 1] == "{" and end < len(text) else None
            position, opening = skipped(text, end), ","
    except (ValueError, RecursionError):
        return None
    return None


def skipped(text: str, position: int) -> int:
    match = BLANKS.match(text, position)
    return match.end() if match else position


def header_in(root: Node) -> Header:
    for name in META:
        meta = root.get(name, dict)
        if meta is not None:
            return header_of(meta)
    raise root.at("meta").wrong("The message has no header.")


def header_of(meta: Node) -> Header:
    """The header that a `meta` object holds."""
    language = main_language(meta)
    sender, test = meta.get("sender", dict), meta.get("test", bool)
    receivers = meta.elements("receivers") or [node for node in [meta.get("receiver", dict)] if node is not None]
    return Header(
        meta.text("id"),
        time_of(meta.text("prepared")),
        sender=party_of(sender, language) if sender is not None else Party(""),
        receivers=tuple(party_of(node, language) for node in receivers),
        test=test.value if test is not None else False,
        name=Text.of(meta.languages("names", "name", language)),
        source=Text.of(meta.languages("x-sources", "x-source", language)),
        provider=provider_of(meta),
        links=tuple(link_of(node, language) for node in meta.elements("links")),
        **{name: meta.text(f"x-{name}") for name in EXTENSIONS},  # type: ignore[arg-type]
    )


def main_language(meta: Node) -> str:
    languages = meta.elements("contentLanguages", str)
    return languages[0].value if languages else DEFAULT_LANGUAGE


def time_of(text: str) -> str:
    """Parse a date and time; the offset ``-00:00`` means unknown, and midnight without offset a date."""
    match = UNKNOWN_ZONE.fullmatch(text)
    if not match:
        return text
    midnight = MIDNIGHT.fullmatch(match[1])
    return midnight[1] if midnight else match[1]


def party_of(node: Node, language: str) -> Party:
    contacts = tuple(
        contact_of(contact, language) for contact in (*node.elements("contacts"), *node.elements("contact"))
    )
    name = Text.of(node.languages("names", "name", language))
    return Party(node.text("id"), name, contacts=contacts, timezone=node.text("x-timezone"))


def contact_of(node: Node, language: str) -> Contact:
    details = [
        (KIND_OF[member], value.value)
        for member in node.value
        if member in KIND_OF
        for value in node.elements(member, str)
    ]
    name, department, role = (
        Text.of(node.languages(f"{member}s", member, language)) for member in ("name", "department", "role")
    )
    return Contact(name, department, role=role, details=tuple(details), id=node.text("id") or node.text("x-id"))


def link_of(node: Node, language: str) -> Link:
    """An address of the message."""
    href, urn, uri = node.text("href"), node.text("urn"), node.text("uri")
    if not (href or urn or uri):
        raise node.wrong("A link needs “href” or “urn”.")
    title = Text.of(node.languages("titles", "title", language))
    return Link(
        node.text("rel"),
        href or uri or urn,
        urn=urn,
        type=node.text("type"),
        title=title,
        language=node.text("hreflang"),
    )


def provider_of(meta: Node) -> Ref | None:
    named = meta.text("x-provider")
    if not named:
        return None
    try:
        ref = Ref.parse(named)
    except DeclarationError as error:
        raise meta.at("x-provider").wrong(error.message, error.hint) from error
    return ref if ref.kind in PACKAGE_OF else None


def read_notes(name: str, stream: BinaryIO) -> tuple[Note, ...]:
    """Read the `errors` of a message, with their codes.

    Raises `InputError` with its place if they are malformed.
    """
    return notes_of(Node(parse_json(read_limited(stream, name), name), name).of(dict, "A message"))


def notes_of(root: Node) -> tuple[Note, ...]:
    """The errors of a parsed message; a title and the details behind it are one text."""
    meta = root.get("meta", dict)
    language = main_language(meta) if meta is not None else DEFAULT_LANGUAGE
    notes = []
    for node in root.elements("errors"):
        code = node.value.get("code")
        texts = node.languages("titles", "title", language)
        for tag, detail in node.languages("details", "detail", language).items():
            texts[tag] = f"{texts[tag]}: {detail}" if texts.get(tag) else detail
        code_text = "" if code is None or type(code) in (dict, list) else str(code)
        notes.append(Note(code_text, Text.of(texts), severity=node.text("x-severity")))
    return tuple(notes)
