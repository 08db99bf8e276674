"""Differences between SDMX-JSON 1.0 (SDMX 2.1) and 2.x."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.version_10_hierarchies import hierarchical_codelist
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.version_10_maps import structure_set
from sdmxmig.sdmx.formats.structures.notes import NEVER_FINAL
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact


def drafts(data: Part) -> dict[Ref, Ref]:
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


READERS: dict[str, Callable[[Part, str], Artefact]] = {
    "HierarchicalCodelist": hierarchical_codelist,
    "StructureSet": structure_set,
}
