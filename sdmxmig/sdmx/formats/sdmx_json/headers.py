"""The header (`meta`) and errors of SDMX-JSON messages, read without the content."""

from __future__ import annotations

import codecs
import datetime as dt
import json
import re
from collections.abc import Iterable
from typing import BinaryIO

from sdmxmig.io.intake.files import read_limited
from sdmxmig.io.intake.json import parse_json
from sdmxmig.primitives.errors import DeclarationError, InputError, SdmxmigError, did_you_mean
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_json.nodes import Node
from sdmxmig.sdmx.formats.sdmx_json.runs import refuse_unsound, scan_outline
from sdmxmig.sdmx.formats.sdmx_json.structure_words import ADDRESS
from sdmxmig.sdmx.formats.sdmx_json.versions import ID, LANGUAGE, JsonVersion
from sdmxmig.sdmx.formats.sdmx_json.walk import SeekableInput, make_seekable
from sdmxmig.sdmx.formats.structures.notes import MIDNIGHT
from sdmxmig.sdmx.model.artefacts import Contact, Link, Text
from sdmxmig.sdmx.model.references import PACKAGE_OF, Ref
from sdmxmig.sdmx.model.submission import ErrorMessage, Header, Note, Party

EXTENSION_FIELDS = ("extracted", "reporting_begin", "reporting_end", "embargo")
"""Header fields without a member in SDMX-JSON, written as extensions such as ``x-embargo``."""

DETAILS = {"telephone": "telephones", "fax": "faxes", "x400": "x400s", "uri": "uris", "email": "emails"}
RELATIVE_ADDRESS = re.compile(r"[^\s<>\"{}|\\^`]+")
URN = re.compile(r"urn:sdmx:org\.sdmx\.infomodel\.\S+")
NUMBER = re.compile(r"[0-9]{1,9}")
LOWERCASE_ID = re.compile("[a-z0-9-]+")
UNZONED_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+")
DATE = re.compile(r"\d{4}-\d\d-\d\d")


def write_meta(header: Header, languages: Iterable[str], version: JsonVersion, main: str) -> dict[str, object]:
    """Build the `meta` object, with the main language first.

    Source, provider, dates, time zones and contact ids become extensions (``x-…``). The datasets hold their properties,
    `write_errors` the notes. A time without offset gets ``-00:00`` (unknown); in 2.0 a date becomes midnight.

    Raises `SdmxmigError` for an invalid id, time, language or address.
    """
    parties = (("sender", header.sender), *(("receiver", party) for party in header.receivers))
    for role, value in (("message", header.id), *((role, party.id) for role, party in parties)):
        check_text(value, ID, f"the id of a {role}", "SDMX allows letters, digits, _, @, $ and -.")
    all_languages = sorted({*languages, *list_languages(header)}, key=lambda language: (language != main, language))
    meta: dict[str, object] = {} if version.schema_in_root else {"schema": version.schema}
    meta |= {"id": header.id, "prepared": format_date_time(header.prepared, version), "test": header.test}
    if all_languages:
        meta["contentLanguages"] = (
            [language.lower() for language in all_languages] if version.lower_languages else all_languages
        )
    meta |= write_texts("name", header.name, main)
    meta["sender"] = write_party(header.sender, version, main)
    if header.receivers:
        meta["receivers"] = [write_party(party, version, main) for party in header.receivers]
    if header.links:
        meta["links"] = [write_link(link, version, main) for link in header.links]
    meta |= write_texts("x-source", header.source, main)
    if header.provider:
        meta["x-provider"] = header.provider.urn
    for name in EXTENSION_FIELDS:
        if value := getattr(header, name):
            meta[f"x-{name}"] = value
    return meta


def list_languages(header: Header) -> Iterable[str]:
    parties = (header.sender, *header.receivers)
    named = [header.name, header.source, *(party.name for party in parties), *(link.title for link in header.links)]
    contacts = [contact for party in parties for contact in party.contacts]
    named += [text for contact in contacts for text in (contact.name, contact.department, contact.role)]
    for text in (*named, *(note.text for note in header.notes)):
        for language, _ in text:
            yield check_text(language, LANGUAGE, "a language", "Write a tag such as en or pt-BR.")


def write_texts(name: str, text: Text, main: str) -> dict[str, object]:
    return {name: text.in_language(main), f"{name}s": dict(text)} if text else {}


def write_party(party: Party, version: JsonVersion, main: str) -> dict[str, object]:
    members: dict[str, object] = {"id": party.id, **write_texts("name", party.name, main)}
    if party.contacts:
        contacts = [write_contact(contact, version, main) for contact in party.contacts]
        members["contact" if version.occurs_in_format else "contacts"] = contacts
    return members | ({"x-timezone": party.timezone} if party.timezone else {})


def write_contact(contact: Contact, version: JsonVersion, main: str) -> dict[str, object]:
    """Write a contact; data messages require a name, which may be empty."""
    id_member = "id" if "structure-schema" in version.schema else "x-id"
    members: dict[str, object] = {id_member: contact.id} if contact.id else {}
    members |= write_texts("name", contact.name, main) or {"name": ""}
    members |= {**write_texts("department", contact.department, main), **write_texts("role", contact.role, main)}
    for kind, value in contact.details:
        if kind not in DETAILS:
            raise SdmxmigError(f"A contact in SDMX-JSON has no {kind}.", hint=did_you_mean(kind, DETAILS))
        if kind == "uri":
            check_text(value, ADDRESS, "an address of a contact", "Write it whole, as https://example.org/.")
        if kind == "email" and "@" not in value:
            raise SdmxmigError(f"“{value}” cannot be an e-mail address.", hint="Write it as name@example.org.")
        listed = members.setdefault(DETAILS[kind], [])
        assert isinstance(listed, list)  # noqa: S101 - made above
        listed.append(value)
    return members


def write_link(link: Link, version: JsonVersion, main: str) -> dict[str, object]:
    """Write a link with the title and language of its target; the schemas require the language in lower case."""
    members: dict[str, object] = {"rel": link.rel}
    if link.url and link.url != link.urn:
        hint = "Write it whole, as https://example.org/."
        members["href"] = check_text(
            link.url, RELATIVE_ADDRESS if version.schema_in_root else ADDRESS, "an address", hint
        )
    if link.urn:
        members["urn"] = check_text(link.urn, URN, "a URN", "It begins with urn:sdmx:org.sdmx.infomodel.")
    members |= write_texts("title", link.title, main)
    if link.language:
        what = "the language of an address"
        check_text(link.language, LANGUAGE, what, "Write a tag such as en or pt-br.")
        members["hreflang"] = check_text(link.language, LOWERCASE_ID, what, "Use small letters.")
    return members | ({"type": link.type} if link.type else {})


def write_errors(notes: Iterable[Note], main: str) -> list[dict[str, object]]:
    """Write the notes of a message as `errors`; raise `SdmxmigError` for a code that is not a number."""
    errors = []
    for note in notes:
        code = int(check_text(note.code, NUMBER, "the code of a note in SDMX-JSON", "Write a number, such as 404."))
        severity = {"x-severity": note.severity} if note.severity else {}
        errors.append({"code": code, **write_texts("title", note.text, main), **severity})
    return errors


def check_text(text: str, pattern: re.Pattern[str], title: str, hint: str) -> str:
    if not pattern.fullmatch(text):
        raise SdmxmigError(f"“{text}” cannot be {title}.", hint=hint)
    return text


def format_date_time(text: str, version: JsonVersion) -> str:
    if DATE.fullmatch(text) and not version.schema_in_root:
        text = f"{text}T00:00:00"
    zoned = f"{text}-00:00" if UNZONED_MOMENT.fullmatch(text) else text
    if not is_date_time(zoned) and not (version.schema_in_root and is_date(text)):
        hint = "Write it as 2026-01-31T12:00:00Z."
        raise SdmxmigError(f"“{text}” is not a date and time with its offset.", hint=hint)
    return zoned


def is_date(text: str) -> bool:
    try:
        return bool(DATE.fullmatch(text)) and bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def is_date_time(text: str) -> bool:
    try:
        return "T" in text and dt.datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


BEGINNING = 1 << 16
"""Number of bytes searched for a header before the content."""

META_MEMBERS = ("meta", "header")
"""Members with the header; the second name comes from drafts of 1.0."""

DEFAULT_LANGUAGE = "en"
"""The default language, as in SDMX-ML."""

BLANK_PATTERN = re.compile(r"[ \t\r\n]*")
UNKNOWN_ZONE = re.compile(r"(.{10}T.+)-00:00")
KIND_BY_MEMBER = {member: kind for kind, member in DETAILS.items()}


def read_header(name: str, stream: BinaryIO, _faults: Faults | None = None) -> Header:
    """Read the header of any message.

    A header before the content needs no further reading; otherwise the file is scanned to its end. Contains no dataset
    properties; use `read_notes` for notes. Untagged names are in the first language of the message.

    Raises `InputError` with its place if the header is missing or malformed.
    """
    start_offset = stream.tell() if stream.seekable() else None
    start = stream.read(BEGINNING)
    meta = read_beginning(start)
    parsed = None
    if meta is not None:
        try:
            parsed = parse_json(meta.encode(), name)
        except InputError:
            parsed = None  # places of faults are those in the whole file
    if parsed is not None:
        return parse_header(Node(parsed, name, pointer="/meta").of(dict, "A header"))
    if start_offset is not None:
        stream.seek(start_offset)
        opened = SeekableInput(stream, name)
        return find_header(scan_outline(opened, None, refuse_unsound(opened))[0])
    content = start + read_limited(stream, name)
    return find_header(Node(parse_json(content, name), name).of(dict, "A message"))


def read_beginning(start: bytes) -> str | None:
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(start)
    except UnicodeDecodeError:
        return None
    decoder = json.JSONDecoder()
    position = skip_blanks(text, 0)
    opening = "{"
    try:
        while text[position : position + 1] == opening:
            member, position = decoder.raw_decode(text, skip_blanks(text, position + 1))
            position = skip_blanks(text, position)
            if text[position : position + 1] != ":" or not isinstance(member, str):
                return None
            value_start = skip_blanks(text, position + 1)
            _, end = decoder.raw_decode(text, value_start)
            if member in META_MEMBERS:
                return text[value_start:end] if text[value_start : value_start + 1] == "{" and end < len(text) else None
            position, opening = skip_blanks(text, end), ","
    except (ValueError, RecursionError):
        return None
    return None


def skip_blanks(text: str, position: int) -> int:
    match = BLANK_PATTERN.match(text, position)
    return match.end() if match else position


def find_header(root: Node) -> Header:
    for name in META_MEMBERS:
        meta = root.get(name, dict)
        if meta is not None:
            return parse_header(meta)
    raise root.at("meta").wrong("The message has no header.")


def parse_header(meta: Node) -> Header:
    language = find_main_language(meta)
    sender, test = meta.get("sender", dict), meta.get("test", bool)
    receivers = meta.elements("receivers") or [node for node in [meta.get("receiver", dict)] if node is not None]
    return Header(
        meta.text("id"),
        parse_time(meta.text("prepared")),
        sender=read_party(sender, language) if sender is not None else Party(""),
        receivers=tuple(read_party(node, language) for node in receivers),
        test=test.value if test is not None else False,
        name=Text.of(meta.languages("names", "name", language)),
        source=Text.of(meta.languages("x-sources", "x-source", language)),
        provider=read_provider(meta),
        links=tuple(read_link(node, language) for node in meta.elements("links")),
        **{name: meta.text(f"x-{name}") for name in EXTENSION_FIELDS},  # type: ignore[arg-type]
    )


def find_main_language(meta: Node) -> str:
    languages = meta.elements("contentLanguages", str)
    return languages[0].value if languages else DEFAULT_LANGUAGE


def parse_time(text: str) -> str:
    """Parse a date and time; the offset ``-00:00`` means unknown, and midnight without offset a date."""
    match = UNKNOWN_ZONE.fullmatch(text)
    if not match:
        return text
    midnight = MIDNIGHT.fullmatch(match[1])
    return midnight[1] if midnight else match[1]


def read_party(node: Node, language: str) -> Party:
    contacts = tuple(
        read_contact(contact, language) for contact in (*node.elements("contacts"), *node.elements("contact"))
    )
    name = Text.of(node.languages("names", "name", language))
    return Party(node.text("id"), name, contacts=contacts, timezone=node.text("x-timezone"))


def read_contact(node: Node, language: str) -> Contact:
    details = [
        (KIND_BY_MEMBER[member], value.value)
        for member in node.value
        if member in KIND_BY_MEMBER
        for value in node.elements(member, str)
    ]
    name, department, role = (
        Text.of(node.languages(f"{member}s", member, language)) for member in ("name", "department", "role")
    )
    return Contact(name, department, role=role, details=tuple(details), id=node.text("id") or node.text("x-id"))


def read_link(node: Node, language: str) -> Link:
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


def read_provider(meta: Node) -> Ref | None:
    named = meta.text("x-provider")
    if not named:
        return None
    try:
        ref = Ref.parse(named)
    except DeclarationError as error:
        raise meta.at("x-provider").wrong(error.message, error.hint) from error
    return ref if ref.kind in PACKAGE_OF else None


def read_notes(name: str, stream: BinaryIO) -> tuple[Note, ...]:
    with make_seekable(stream, name) as opened:
        return parse_notes(scan_outline(opened, None, refuse_unsound(opened))[0])


def parse_notes(root: Node) -> tuple[Note, ...]:
    meta = root.get("meta", dict)
    language = find_main_language(meta) if meta is not None else DEFAULT_LANGUAGE
    notes = []
    for node in root.elements("errors"):
        code = node.value.get("code")
        texts = node.languages("titles", "title", language)
        for tag, detail in node.languages("details", "detail", language).items():
            texts[tag] = f"{texts[tag]}: {detail}" if texts.get(tag) else detail
        code_text = "" if code is None or type(code) in (dict, list) else str(code)
        notes.append(Note(code_text, Text.of(texts), severity=node.text("x-severity")))
    return tuple(notes)


def explain_missing_content(root: Node, content: str) -> str:
    """Explain why a message has no content: the errors of the service, if any."""
    reported = str(ErrorMessage(parse_notes(root)))
    return f"A service answered with an error instead: {reported}" if reported else f"The message has no {content}."
