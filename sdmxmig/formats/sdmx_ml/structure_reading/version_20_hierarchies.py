"""Hierarchical codelists of SDMX-ML 2.0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sdmxmig.formats.sdmx_ml.parts import Part
from sdmxmig.formats.sdmx_ml.structure_reading.notes import moment
from sdmxmig.formats.sdmx_ml.structure_reading.references import from_urn
from sdmxmig.formats.sdmx_ml.structure_reading.representations import text_format
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_names import identity, later_id, named, notes, own_id
from sdmxmig.formats.spelling_of_ids import spelt
from sdmxmig.model.artefacts import Annotation, Details
from sdmxmig.model.hierarchies import HierarchicalCode, HierarchicalCodelist, Hierarchy, Level
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Artefact


def read_hierarchical_codelist(part: Part) -> Iterator[Artefact]:
    """A hierarchical codelist."""
    ref, details = identity(part, "HierarchicalCodelist")
    included = []
    for codelist in part.parts("CodelistRef"):
        alias = spelt(codelist.text("Alias").strip())
        included.append((alias, named(codelist, "Codelist", "AgencyID", "CodelistID")))
    hierarchies = tuple(hierarchy(child, ref, dict(included)) for child in part.parts("Hierarchy"))
    yield HierarchicalCodelist(
        ref,
        part.words("Name"),
        included=tuple(included),
        hierarchies=hierarchies,
        partial=False,
        description=part.words("Description"),
        annotations=notes(part),
        details=details,
        place=part.origin,
    )
    part.close()


def hierarchy(part: Part, owner: Ref, aliases: dict[str, Ref]) -> Hierarchy:
    """A hierarchy; its version, finality and validity become annotations: later only its frame has them."""
    final = part.attribute("isFinal")
    hierarchy_ref, details = identity(part, "Hierarchy", owner.agency)
    note_texts = {
        "VERSION": hierarchy_ref.version,
        "IS_FINAL": final,
        "VALID_FROM": details.valid_from,
        "VALID_TO": details.valid_to,
    }
    own_notes = tuple(Annotation(type_, title=text) for type_, text in note_texts.items() if text not in ("", "1.0"))
    levels = [(child.text("Order").strip().lstrip("0"), level(child)) for child in part.parts("Level")]
    chain: Level | None = None
    for _, level_above in sorted(levels, key=lambda pair: (len(pair[0]), pair[0]), reverse=True):
        chain = replace(level_above, below=chain)
    codes = tuple(code_of(code, aliases) for code in part.parts("CodeRef"))
    ref = Ref("Hierarchy", owner.agency, id=owner.id, version=owner.version, item=hierarchy_ref.id)
    hierarchy = Hierarchy(
        ref,
        part.words("Name"),
        codes=codes,
        levels=chain,
        formal_levels=bool(levels),
        description=part.words("Description"),
        annotations=(*own_notes, *notes(part)),
        details=Details(uri=details.uri),
        place=part.origin,
    )
    part.close()
    return hierarchy


def level(part: Part) -> Level:
    """A level of a hierarchy."""
    form = part.part("CodingType")
    part.attribute("urn")
    data_type, facets, _ = text_format(form, "") if form else ("", (), ())
    names = part.words("Name"), part.words("Description")
    level = Level(
        own_id(part),
        names[0],
        data_type=data_type,
        facets=facets,
        below=None,
        description=names[1],
        annotations=notes(part),
    )
    part.close()
    return level


def code_of(part: Part, aliases: dict[str, Ref]) -> HierarchicalCode:
    """A code in a hierarchy, with those below it."""
    urn, code_id = part.text("URN").strip(), part.text("CodeID").strip()
    alias = spelt(part.text("CodelistAliasRef").strip())
    if not urn and alias not in aliases:
        raise part.error(f"names a codelist “{alias}”, which is not included.")
    owner = aliases.get(alias)
    code = (
        Ref("Code", owner.agency, id=owner.id, version=owner.version, item=later_id(part, code_id))
        if owner
        else from_urn(urn, part)
    )
    hierarchical_code = HierarchicalCode(
        later_id(part, part.text("NodeAliasID").strip() or code.item),
        code,
        level=spelt(part.text("LevelRef").strip()),
        children=tuple(code_of(child, aliases) for child in part.parts("CodeRef")),
        valid_from=moment(part.text("ValidFrom").strip()),
        valid_to=moment(part.text("ValidTo").strip()),
        version=part.text("Version").strip(),
    )
    part.close()
    return hierarchical_code
