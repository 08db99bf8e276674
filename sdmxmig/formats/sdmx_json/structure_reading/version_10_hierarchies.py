"""Hierarchical codelists of SDMX-JSON 1.0."""

from __future__ import annotations

from dataclasses import replace

from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_reading.flows import level
from sdmxmig.formats.sdmx_json.structure_reading.notes import annotations_of, heading, links, minor_notes, moment
from sdmxmig.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.model.artefacts import Details
from sdmxmig.model.hierarchies import HierarchicalCode, HierarchicalCodelist, Hierarchy
from sdmxmig.model.references import Ref


def hierarchical_codelist(part: Part, kind: str) -> HierarchicalCodelist:
    """The frame around hierarchies: the codelists that they use, by alias, and the hierarchies."""
    head = heading(part, kind)
    included = []
    if one := part.part("includedCodelists"):
        for alias in one.members():
            ref = one.reference(alias, "Codelist")
            included += [(alias, ref)] if ref else []
        one.close()
    aliases = dict(included)
    hierarchies = tuple(hierarchy(one, head.ref, aliases) for one in part.parts("hierarchies"))
    part.close()
    return HierarchicalCodelist(
        included=tuple(included),
        hierarchies=hierarchies,
        partial=head.notes.flag("IS_PARTIAL"),
        **head.shared(),
    )


def hierarchy(part: Part, frame: Ref, aliases: dict[str, Ref]) -> Hierarchy:
    """A hierarchy inside its frame."""
    own = part.matched("id", words.ID, needed=True)
    ref = Ref("Hierarchy", frame.agency, id=frame.id, version=frame.version, item=own)
    uri, addresses = links(part, ref.urn)
    notes = annotations_of(part)
    codes = tuple(hierarchical_code(one, aliases) for one in part.parts("hierarchicalCodes"))
    levels, formal = level(part.part("level")), part.flag("leveled")
    name, description = part.words("name"), part.words("description")
    part.close()
    details = Details(uri=uri, links=addresses)
    return Hierarchy(
        ref,
        name,
        codes=codes,
        levels=levels,
        formal_levels=formal,
        description=description,
        annotations=notes,
        details=details,
        place=part.place,
    )


def hierarchical_code(part: Part, aliases: dict[str, Ref]) -> HierarchicalCode:
    """A code of the hierarchy with those below it; its codelist may be named by an alias."""
    code, alias, own = part.reference("code", "Code"), part.text("codelistAliasRef"), part.matched("codeID", words.ID)
    if code is None:
        if alias not in aliases or not own:
            raise part.error("This names no code.", "Name it by “code”, or by “codelistAliasRef” and “codeID”.")
        code = replace(aliases[alias], kind="Code", item=own)
    above = part.reference("level", "Level")
    found = HierarchicalCode(
        part.matched("id", words.ID, needed=True),
        code,
        level=above.item.partition(".")[2] or above.item if above else "",
        children=tuple(hierarchical_code(one, aliases) for one in part.parts("hierarchicalCodes")),
        valid_from=moment(part, "validFrom"),
        valid_to=moment(part, "validTo"),
        annotations=minor_notes(part),
        version=part.matched("version", words.OLD_VERSION),
    )
    part.close()
    return found
