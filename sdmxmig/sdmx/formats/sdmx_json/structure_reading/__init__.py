"""SDMX-JSON structure messages to artefacts; unknown members are rejected."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from sdmxmig.io.intake.json import parse_json
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Faults, Surplus, attempt, report_fault, use_no_collector
from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.headers import explain_missing_content, parse_header
from sdmxmig.sdmx.formats.sdmx_json.nodes import Node
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.json_objects import (
    Message,
    Part,
    report_other_content,
    wrap_message,
)
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.records import READER
from sdmxmig.sdmx.formats.sdmx_json.walk import replace_forbidden_content
from sdmxmig.sdmx.formats.structures.notes import NEVER_FINAL
from sdmxmig.sdmx.formats.structures.representations import map_each, restore_from_version_3, restore_representation
from sdmxmig.sdmx.formats.structures.versions import restore_version_3
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact

META_MEMBERS = ("schema", "id", "test", "prepared", "contentLanguages", "name", "names", "sender", "receivers", "links")
SCHEMA_VERSION = re.compile(r"/(?:v?)(\d+\.\d+)(?:\.\d+)?/sdmx-json-(\w+)-schema")


@use_no_collector()
def read_structures(
    name: str,
    content: bytes,
    version: str,
    faults: Faults | None = None,
) -> tuple[Artefact, ...]:
    """Read the artefacts of a structure message in order.

    A message that names the schema of another 2.x version is read as that version. Ignores members starting with
    ``x-``.

    Raises `InputError` with a JSON pointer. With `faults`, problems are recorded and the member, item or artefact left
    out; names of other versions and bare artefacts are accepted.
    """
    parsed = parse_json(replace_forbidden_content(name, content, faults), name)
    if type(parsed) is not dict:
        raise InputError("A message must be an object.", Place(name, key="/"))
    if faults is not None and "data" not in parsed and (found_alone := wrap_message(parsed)):
        parsed = {"data": found_alone}
    root = Part(parsed, Message(name, version, faults=faults), "")
    message = read_message(root)
    root.message = message
    data = root.part("data")
    root.ignore("errors")
    root.close()
    if data is None:
        raise root.error(explain_missing_content(Node(parsed, name), "structures"))
    if message.is_old:
        message.drafts.update(list_drafts(data))
    containers = {**words.CONTAINERS, **(words.OLD_CONTAINERS if message.is_old else {})}
    kind_of = {member: kind for kind, member in containers.items()}
    if message.version != "2.1":
        del kind_of[words.CONTAINERS["AvailabilityConstraint"]]
    artefacts_read: list[Artefact] = []
    for member in data.members():
        if kind := kind_of.get(member):
            artefacts_read += data.each(partial(READER.artefact, kind=kind), member)
    data.ignore(*kind_of)
    report_other_content(data, "metadata", ("metadataSets",))
    data.close()
    artefacts = drop_repeated_artefacts(artefacts_read, name, faults)
    in_model = restore_version_3(artefacts) if message.is_old else restore_from_version_3(artefacts)
    return tuple(map_each(artefact, restore_representation) for artefact in in_model)


def read_message(root: Part, kind: str = "structure") -> Message:
    """Return the version and default language after checking the header of a ``structure`` or ``metadata`` message."""
    if not root.has("meta"):
        hint = "A message has “meta” and “data”; a single artefact is not a message."
        root.deviation(f"“meta” is missing: this is not an SDMX-JSON {kind} message.", hint)
        root.ignore("meta")
        return root.message
    meta = root.one("meta")
    named = root.text("$schema") or meta.text("schema")
    match = SCHEMA_VERSION.search(named)
    version = root.message.version
    if match and match[2] != kind and (match[1], kind) != ("1.0", "metadata"):  # its schema names another kind
        root.deviation(f"This is a {match[2]} message, not a {kind} message.")
    if match and version != "1.0" and match[1] in ("2.0", "2.1"):
        version = match[1]
    for check in (check_id, check_prepared, check_sender, check_header):
        attempt(root.message.faults, check, meta, is_aside=True)
    languages = meta.strings("contentLanguages", words.LANGUAGE)
    meta.ignore(*META_MEMBERS)
    meta.close()
    return Message(root.message.file, version, language=languages[0] if languages else "en", faults=root.message.faults)


def check_id(meta: Part) -> None:
    meta.matched("id", words.ID, needed=True)


def check_prepared(meta: Part) -> None:
    meta.needed("prepared")


def check_sender(meta: Part) -> None:
    meta.one("sender").matched("id", words.ID, needed=True)


def check_header(meta: Part) -> None:
    parse_header(Node(meta.value, meta.message.file, pointer=meta.pointer))


def drop_repeated_artefacts(artefacts: list[Artefact], name: str, faults: Faults | None) -> tuple[Artefact, ...]:
    known: dict[Ref, Artefact] = {}
    others = []
    for artefact in artefacts:
        if artefact.ref.kind == "AvailabilityConstraint" or artefact.ref not in known:
            known.setdefault(artefact.ref, artefact)
            others.append(artefact)
        else:
            kind = Surplus if replace(artefact, place=None) == replace(known[artefact.ref], place=None) else InputError
            report_fault(faults, kind(f"{artefact.ref} occurs twice in the message.", artefact.place or Place(name)))
    return tuple(others)


def list_drafts(data: Part) -> dict[Ref, Ref]:
    """Find the non-final artefacts with three-part versions, and their names as drafts."""
    drafts_by_ref: dict[Ref, Ref] = {}
    for kind, member in {**words.CONTAINERS, **words.OLD_CONTAINERS}.items():
        if not data.has(member) or kind in NEVER_FINAL:
            continue
        for part in data.parts(member):
            version, is_final = part.text("version"), part.flag("isFinal")
            if not is_final and version.count(".") == 2 and words.OLD_VERSION.fullmatch(version):
                ref = Ref(kind, part.text("agencyID"), id=part.text("id"), version=version)
                drafts_by_ref[ref] = replace(ref, version=f"{version}-draft")
    return drafts_by_ref
