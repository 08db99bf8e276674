"""References between artefacts: URNs, or ``Ref`` elements in SDMX 2.1, where only the artefact marks a draft."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection
from typing import Any, TypeVar

from sdmxmig.primitives.errors import DeclarationError, InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.sdmx_ml.parts import Part
from sdmxmig.sdmx.model.artefacts import Annotation, Details, ItemScheme, Text
from sdmxmig.sdmx.model.references import ITEM_KINDS, PACKAGE_OF, Ref

URN = re.compile(r"urn:sdmx:org\.sdmx\.infomodel\.(?P<package>[a-z]+)\.(?P<kind>[A-Za-z]+)=.+\(.+\).*")
VERSION = re.compile(r"[0-9*]+[0-9A-Za-z.+*\-]*")
AGENCY = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*(?:\.[A-Za-z][A-Za-z0-9_\-]*)*")
KIND_BY_CLASS = {"Attribute": "DataAttribute"}
ITEM_KIND_SET = set(ITEM_KINDS.values())
TYPES_WITHOUT_REFERENCES = (str, bool, type(None), Text, Details, Annotation, Place)
KINDS_WITH_REFERENCES = {"ConceptScheme", "ReportingTaxonomy", "VtlMappingScheme"}


def read_reference(part: Part, kind: str) -> Ref:
    """Read a reference of default `kind`; raise `InputError` for an invalid URN or ``Ref``."""
    if not part.message.is_21:
        return read_urn(part.content(), part)
    ref = part.part("Ref")
    urn = part.text("URN").strip()
    part.close()
    if ref is not None:
        return read_ref(ref, kind)
    if not urn:
        raise part.error("names nothing: it has neither <Ref> nor <URN>.")
    return read_urn(urn, part)


def read_references(part: Part, name: str, kind: str) -> tuple[Ref, ...]:
    return tuple(read_reference(child, kind) for child in part.parts(name))


def read_urn(text: str, part: Part) -> Ref:
    urn = text.strip()
    match = URN.fullmatch(urn)
    kind = match["kind"] if match else ""
    if not match or PACKAGE_OF.get(kind) != match["package"]:
        hint = "A URN begins like urn:sdmx:org.sdmx.infomodel.codelist.Codelist=AGENCY:ID(VERSION)."
        raise part.error(f"has “{urn[:200]}”, which is not a URN of SDMX.", hint)
    try:
        return Ref.parse(urn)
    except DeclarationError as error:
        raise InputError(f"<{part.name}> {error.message}", part.place, error.hint) from error


def read_ref(ref: Part, kind: str) -> Ref:
    """Build a reference from SDMX 2.1 ``Ref`` attributes, with schema defaults."""
    kind = ref.attribute("class") or kind
    kind = KIND_BY_CLASS.get(kind, kind)
    package = ref.attribute("package")
    if kind not in PACKAGE_OF or (package and package != PACKAGE_OF[kind]):
        raise ref.error(f"names an unknown kind of artefact: {package}.{kind}.")
    ref.flag("local")
    agency = ref.needed("agencyID")
    object_id = ref.check_id(ref.needed("id"))
    container = ref.attribute("containerID")
    parent = ref.attribute("maintainableParentID")
    parent_version = ref.attribute("maintainableParentVersion", "1.0")
    version = ref.attribute("version", "1.0")
    ref.close()
    if not AGENCY.fullmatch(agency):
        raise ref.error(f"has “{agency}” for an agency.")
    if not VERSION.fullmatch(parent_version if parent else version):
        raise ref.error(f"has “{parent_version if parent else version}” for a version.")
    if parent:
        item = f"{ref.check_id(container)}.{object_id}" if container else object_id
        return Ref(kind, agency, id=ref.check_id(parent), version=parent_version, item=item)
    if kind in ITEM_KIND_SET:
        raise ref.error("lacks the attribute maintainableParentID.")
    return Ref(kind, agency, id=object_id, version=version)


def read_hierarchy_code(part: Part) -> Ref:
    """Read the code of a hierarchy, by reference or codelist alias (SDMX 2.1)."""
    if not part.has("CodelistAliasRef"):
        return read_reference(part.one("Code"), "Code")
    alias, code_id = part.text("CodelistAliasRef").strip(), read_local_id(part.one("CodeID"))
    if alias not in part.message.aliases:
        raise part.error(f"names a codelist “{alias}”, which is not included.")
    owner = part.message.aliases[alias]
    return Ref("Code", owner.agency, id=owner.id, version=owner.version, item=code_id)


def read_local_id(part: Part) -> str:
    if not part.message.is_21:
        return part.check_id(part.content().strip())
    ref = part.one("Ref")
    part.close()
    _, container, object_id = read_local_ref(ref)
    return f"{container}.{object_id}" if container else object_id


def read_local_ref(ref: Part) -> tuple[str, str, str]:
    ref.flag("local")
    ref.attribute("package")
    identifiers = ref.attribute("class"), ref.attribute("containerID"), ref.check_id(ref.needed("id"))
    ref.close()
    return identifiers


def read_local_ids(part: Part, name: str) -> tuple[str, ...]:
    return tuple(read_local_id(child) for child in part.parts(name))


Value = TypeVar("Value")


def mark_drafts(value: Value, drafts: Collection[Ref]) -> Value:
    if not drafts or isinstance(value, TYPES_WITHOUT_REFERENCES):
        return value
    renamed: Any = value
    if isinstance(value, Ref):
        renamed = _mark_ref(value, drafts)
    elif isinstance(value, tuple):
        renamed = tuple(_mark_member(member, drafts) for member in value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        renamed = _mark_record(value, drafts)
    return renamed  # type: ignore[no-any-return]  # it is of the kind of the value


def _mark_member(value: Any, drafts: Collection[Ref]) -> Any:
    if isinstance(value, str) and URN.fullmatch(value):
        try:
            return _mark_ref(Ref.parse(value), drafts).urn
        except (DeclarationError, KeyError):  # a text similar to a URN
            return value
    return mark_drafts(value, drafts)


def _mark_record(value: Any, drafts: Collection[Ref]) -> Any:
    changed = {}
    for field in dataclasses.fields(value):
        original = getattr(value, field.name)
        if field.name == "ref":
            continue
        if field.name == "items" and isinstance(value, ItemScheme) and value.ref.kind not in KINDS_WITH_REFERENCES:
            continue
        changed_value = mark_drafts(original, drafts)
        if changed_value != original:
            changed[field.name] = changed_value
    return dataclasses.replace(value, **changed) if changed else value


def _mark_ref(ref: Ref, drafts: Collection[Ref]) -> Ref:
    return dataclasses.replace(ref, version=f"{ref.version}-draft") if _find_owner(ref) in drafts else ref


def _find_owner(ref: Ref) -> Ref:
    kinds = {"Dimension": "DataStructure", "DataAttribute": "DataStructure", "MetadataAttribute": "MetadataStructure"}
    return dataclasses.replace(ref.scheme, kind=kinds.get(ref.kind, ref.scheme.kind), item="")
