"""The `meta` part of any message: sender, receiver, time and languages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.sdmx.formats.sdmx_json.versions import ID, LANGUAGE, JsonVersion
from sdmxmig.sdmx.model.artefacts import Contact, Link, Text
from sdmxmig.sdmx.model.submission import Header, Note, Party

EXTENSIONS = ("extracted", "reporting_begin", "reporting_end", "embargo")
"""Header fields without a member in SDMX-JSON, written as extensions such as ``x-embargo``."""

DETAILS = {"telephone": "telephones", "fax": "faxes", "x400": "x400s", "uri": "uris", "email": "emails"}
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`]+")
RELATIVE = re.compile(r"[^\s<>\"{}|\\^`]+")
URN = re.compile(r"urn:sdmx:org\.sdmx\.infomodel\.\S+")
NUMBER = re.compile(r"[0-9]{1,9}")
UNZONED = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+")
DATE = re.compile(r"\d{4}-\d\d-\d\d")


def meta_of(header: Header, languages: Iterable[str], version: JsonVersion, main: str) -> dict[str, object]:
    """Build the `meta` object, with the main language first.

    Source, provider, dates, time zones and contact ids become extensions (``x-…``); dataset properties are left to the
    datasets and notes to `errors_of`. A time without offset gets ``-00:00`` (unknown); in 2.0 a date becomes midnight.

    Raises `SdmxmigError` for an invalid id, time, language or address.
    """
    parties = (("sender", header.sender), *(("receiver", party) for party in header.receivers))
    for role, value in (("message", header.id), *((role, party.id) for role, party in parties)):
        checked(value, ID, f"the id of a {role}", "SDMX allows letters, digits, _, @, $ and -.")
    all_languages = sorted({*languages, *spoken(header)}, key=lambda language: (language != main, language))
    meta: dict[str, object] = {} if version.schema_in_root else {"schema": version.schema}
    meta |= {"id": header.id, "prepared": prepared(header.prepared, version), "test": header.test}
    if all_languages:
        meta["contentLanguages"] = (
            [language.lower() for language in all_languages] if version.lower_languages else all_languages
        )
    meta |= texts("name", header.name, main)
    meta["sender"] = party_of(header.sender, version, main)
    if header.receivers:
        meta["receivers"] = [party_of(party, version, main) for party in header.receivers]
    if header.links:
        meta["links"] = [address_of(link, version, main) for link in header.links]
    meta |= texts("x-source", header.source, main)
    if header.provider:
        meta["x-provider"] = header.provider.urn
    for name in EXTENSIONS:
        if value := getattr(header, name):
            meta[f"x-{name}"] = value
    return meta


def spoken(header: Header) -> Iterable[str]:
    parties = (header.sender, *header.receivers)
    named = [header.name, header.source, *(party.name for party in parties), *(link.title for link in header.links)]
    contacts = [contact for party in parties for contact in party.contacts]
    named += [text for contact in contacts for text in (contact.name, contact.department, contact.role)]
    for text in (*named, *(note.text for note in header.notes)):
        for language, _ in text:
            yield checked(language, LANGUAGE, "a language", "Write a tag such as en or pt-BR.")


def texts(name: str, text: Text, main: str) -> dict[str, object]:
    return {name: text.in_language(main), f"{name}s": dict(text)} if text else {}


def party_of(party: Party, version: JsonVersion, main: str) -> dict[str, object]:
    members: dict[str, object] = {"id": party.id, **texts("name", party.name, main)}
    if party.contacts:
        contacts = [contact_of(contact, version, main) for contact in party.contacts]
        members["contact" if version.occurs_in_format else "contacts"] = contacts
    return members | ({"x-timezone": party.timezone} if party.timezone else {})


def contact_of(contact: Contact, version: JsonVersion, main: str) -> dict[str, object]:
    """Write a contact; data messages require a name, which may be empty."""
    id_member = "id" if "structure-schema" in version.schema else "x-id"
    members: dict[str, object] = {id_member: contact.id} if contact.id else {}
    members |= texts("name", contact.name, main) or {"name": ""}
    members |= {**texts("department", contact.department, main), **texts("role", contact.role, main)}
    for kind, value in contact.details:
        if kind not in DETAILS:
            raise SdmxmigError(f"A contact in SDMX-JSON has no {kind}.", hint=did_you_mean(kind, DETAILS))
        if kind == "uri":
            checked(value, ADDRESS, "an address of a contact", "Write it whole, as https://example.org/.")
        if kind == "email" and "@" not in value:
            raise SdmxmigError(f"“{value}” cannot be an e-mail address.", hint="Write it as name@example.org.")
        listed = members.setdefault(DETAILS[kind], [])
        assert isinstance(listed, list)  # noqa: S101 - made above
        listed.append(value)
    return members


def address_of(link: Link, version: JsonVersion, main: str) -> dict[str, object]:
    members: dict[str, object] = {"rel": link.rel}
    if link.url and link.url != link.urn:
        hint = "Write it whole, as https://example.org/."
        members["href"] = checked(link.url, RELATIVE if version.schema_in_root else ADDRESS, "an address", hint)
    if link.urn:
        members["urn"] = checked(link.urn, URN, "a URN", "It begins with urn:sdmx:org.sdmx.infomodel.")
    return members | described(link, main) | ({"type": link.type} if link.type else {})


def described(link: Link, main: str) -> dict[str, object]:
    """Describe the target of a link: its title and language.

    Raises `SdmxmigError` for an invalid language; the schemas require lower case.
    """
    members = texts("title", link.title, main)
    if link.language:
        small = checked(link.language, LANGUAGE, "the language of an address", "Write a tag such as en or pt-br.")
        members["hreflang"] = checked(
            small, re.compile("[a-z0-9-]+"), "the language of an address", "Use small letters."
        )
    return members


def errors_of(notes: Iterable[Note], main: str) -> list[dict[str, object]]:
    """Write the notes of a message as `errors`; the severity is an extension.

    Raises `SdmxmigError` for a code that is not a number.
    """
    errors = []
    for note in notes:
        code = int(checked(note.code, NUMBER, "the code of a note in SDMX-JSON", "Write a number, such as 404."))
        severity = {"x-severity": note.severity} if note.severity else {}
        errors.append({"code": code, **texts("title", note.text, main), **severity})
    return errors


def checked(text: str, pattern: re.Pattern[str], title: str, hint: str) -> str:
    if not pattern.fullmatch(text):
        raise SdmxmigError(f"“{text}” cannot be {title}.", hint=hint)
    return text


def prepared(text: str, version: JsonVersion) -> str:
    if DATE.fullmatch(text) and not version.schema_in_root:
        text = f"{text}T00:00:00"
    zoned = f"{text}-00:00" if UNZONED.fullmatch(text) else text
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
