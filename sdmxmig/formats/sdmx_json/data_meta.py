"""The `meta` part of a data message: who sends it to whom, when, and in which languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sdmxmig.errors import SdmxmigError
from sdmxmig.formats.sdmx_json.data_nodes import Node
from sdmxmig.formats.sdmx_json.data_versions import ID, Version
from sdmxmig.intake.json import parse_json
from sdmxmig.model.artefacts import Contact, Text
from sdmxmig.model.submission import Header, Party

EXTENSIONS = ("source", "extracted", "reporting_begin", "reporting_end", "embargo")
"""What a header may say that SDMX-JSON has no member for; it stands in extensions such as ``x-source``."""

DETAILS = {"telephone": "telephones", "fax": "faxes", "x400": "x400s", "uri": "uris", "email": "emails"}


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
    languages = {
        *languages,
        *(tag for party in header.parties for tag, _ in party.name),
        *(tag for tag, _ in header.name),
    }
    found = sorted(languages, key=lambda language: (language != main, language))
    meta: dict[str, object] = {} if version.schema_in_root else {"schema": version.schema}
    meta |= {"id": header.id, "prepared": header.prepared, "test": header.test}
    if found:
        meta["contentLanguages"] = [one.lower() for one in found] if version.lower_languages else found
    meta |= texts("name", header.name, main)
    parties = {party.id: party for party in header.parties}
    sender = party_of(parties.get(header.sender, Party(header.sender)), version, main)
    meta["sender"] = sender | ({"name": header.sender_name} if header.sender_name else {})
    if header.receivers:
        meta["receivers"] = [party_of(parties.get(one, Party(one)), version, main) for one in header.receivers]
    for name in EXTENSIONS:
        if value := getattr(header, name):
            meta[f"x-{name}"] = value
    return meta


def texts(name: str, text: Text, main: str) -> dict[str, object]:
    """A text in the main language and in all of them."""
    return {name: text.in_language(main), f"{name}s": dict(text)} if text else {}


def party_of(party: Party, version: Version, main: str) -> dict[str, object]:
    """Who sends or receives the message, with names and contacts."""
    found: dict[str, object] = {"id": party.id, **texts("name", party.name, main)}
    contacts = []
    for contact in party.contacts:
        one: dict[str, object] = texts("name", contact.name, main) or {"name": party.id}
        one |= {**texts("department", contact.department, main), **texts("role", contact.role, main)}
        for kind, value in contact.details:
            listed = one.setdefault(DETAILS.get(kind, f"x-{kind}"), [])
            assert isinstance(listed, list)  # noqa: S101 - made above
            listed.append(value)
        contacts.append(one)
    if contacts:
        found["contact" if version.occurs_in_format else "contacts"] = contacts
    return found


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
    parties = [read_party(one) for one in (*([sender] if sender is not None else []), *receivers)]
    return Header(
        meta.text("id"),
        meta.text("prepared"),
        sender.text("id") if sender is not None else "",
        tuple(one.text("id") for one in receivers),
        test.value if test is not None else False,
        sender.text("name") if sender is not None else "",
        parties=tuple(party for party in parties if party.name or party.contacts),
        name=Text.of(meta.languages("names", "name", "en")),
        **{name: meta.text(f"x-{name}") for name in EXTENSIONS},  # type: ignore[arg-type]
    )


def read_party(node: Node) -> Party:
    """Who sends or receives a message; a name in one language only is that of the header's `sender_name`."""
    contacts = []
    for one in (*node.elements("contacts"), *node.elements("contact")):
        details = []
        for kind, plural in DETAILS.items():
            details += [(kind, value.value) for value in one.elements(plural, str)]
        name, department, role = (Text.of(one.languages(f"{n}s", n, "en")) for n in ("name", "department", "role"))
        contacts.append(Contact(name, department, role, tuple(details)))
    names = node.get("names", dict)
    return Party(node.text("id"), Text.of(node.languages("names", "name", "en")) if names else Text(), tuple(contacts))
