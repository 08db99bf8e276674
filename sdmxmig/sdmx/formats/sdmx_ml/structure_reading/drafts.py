"""References to drafts; in SDMX 2.1 only the artefact shows that it is a draft."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any, TypeVar

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.references import URN
from sdmxmig.sdmx.model.artefacts import Annotation, Details, ItemScheme, Text
from sdmxmig.sdmx.model.references import Ref

PLAIN = (str, bool, type(None), Text, Details, Annotation, Place)
WITH_REFERENCES = {"ConceptScheme", "ReportingTaxonomy", "VtlMappingScheme"}
Value = TypeVar("Value")


def named_as_drafts(value: Value, drafts: Collection[Ref]) -> Value:
    """Give references to these artefacts the version of a draft.

    `drafts` are named without ``-draft``.
    """
    if not drafts or isinstance(value, PLAIN):
        return value
    renamed: Any = value
    if isinstance(value, Ref):
        renamed = _named(value, drafts)
    elif isinstance(value, tuple):
        renamed = tuple(_text_or_record(member, drafts) for member in value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        renamed = _record(value, drafts)
    return renamed  # type: ignore[no-any-return]  # it is of the kind of the value


def _text_or_record(value: Any, drafts: Collection[Ref]) -> Any:
    if isinstance(value, str) and URN.fullmatch(value):
        try:
            return _named(Ref.parse(value), drafts).urn
        except (DeclarationError, KeyError):  # a text that only looks like a URN
            return value
    return named_as_drafts(value, drafts)


def _record(value: Any, drafts: Collection[Ref]) -> Any:
    changed = {}
    for field in dataclasses.fields(value):
        original = getattr(value, field.name)
        if field.name == "ref" or (isinstance(value, ItemScheme) and field.name == "items" and not _refers(value)):
            continue
        changed_value = named_as_drafts(original, drafts)
        if changed_value != original:
            changed[field.name] = changed_value
    return dataclasses.replace(value, **changed) if changed else value


def _refers(scheme: ItemScheme) -> bool:
    return scheme.ref.kind in WITH_REFERENCES


def _named(ref: Ref, drafts: Collection[Ref]) -> Ref:
    return dataclasses.replace(ref, version=f"{ref.version}-draft") if _owner(ref) in drafts else ref


def _owner(ref: Ref) -> Ref:
    kinds = {"Dimension": "DataStructure", "DataAttribute": "DataStructure", "MetadataAttribute": "MetadataStructure"}
    return dataclasses.replace(ref.scheme, kind=kinds.get(ref.kind, ref.scheme.kind), item="")
