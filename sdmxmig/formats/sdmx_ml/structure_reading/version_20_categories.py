"""Category schemes, reporting taxonomies and flows of SDMX-ML 2.0; flows under categories become categorisations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sdmxmig.formats.sdmx_ml.parts import Part
from sdmxmig.formats.sdmx_ml.structure_reading.references import from_urn
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_names import identity, later_id, named, notes, old_ref, own_id
from sdmxmig.model.artefacts import Annotation, Item, ItemScheme, Text
from sdmxmig.model.data_structures import Dataflow
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Artefact, Categorisation, Metadataflow

Filed = list[tuple[Ref, str]]
"""The flows that stand below categories, with the paths of these."""


def read_dataflow(part: Part) -> Iterator[Artefact]:
    """A dataflow, and the categories under which it is filed."""
    ref, details = identity(part, "Dataflow")
    structure = Ref("DataStructure", "", id="", version="")
    if key_family := part.part("KeyFamilyRef"):
        structure = named(key_family, "DataStructure", "KeyFamilyAgencyID", "KeyFamilyID")
    yield from (filed(ref, category(category_ref), part) for category_ref in part.parts("CategoryRef"))
    name, description = part.words("Name"), part.words("Description")
    yield Dataflow(
        ref,
        name,
        structure=structure,
        description=description,
        annotations=notes(part),
        place=part.origin,
        details=details,
    )
    part.close()


def read_metadataflow(part: Part) -> Iterator[Artefact]:
    """A metadataflow, and the categories under which it is filed."""
    ref, details = identity(part, "Metadataflow")
    structure = None
    if metadata_structure := part.part("MetadataStructureRef"):
        structure = named(metadata_structure, "MetadataStructure", "MetadataStructureAgencyID", "MetadataStructureID")
    yield from (filed(ref, category(category_ref), part) for category_ref in part.parts("CategoryRef"))
    yield Metadataflow(
        ref,
        part.words("Name"),
        structure=structure,
        targets=(),
        description=part.words("Description"),
        annotations=notes(part),
        details=details,
        place=part.origin,
    )
    part.close()


def category(part: Part) -> Ref:
    """The category that a reference names, by its path."""
    urn, version = part.text("URN").strip(), part.text("CategorySchemeVersion").strip()
    agency, scheme = part.text("CategorySchemeAgencyID").strip(), part.text("CategorySchemeID").strip()
    outermost = part.part("CategoryID")
    path = category_path(outermost) if outermost else ""
    part.close()
    if not (agency and scheme and path):
        return from_urn(urn, part)
    return replace(
        old_ref(part, "CategoryScheme", agency=agency, old_id=scheme, version=version), kind="Category", item=path
    )


def category_path(part: Part) -> str:
    """The ids of a category and those below it, with dots between; later versions have no versions of categories."""
    category_id, inner_category = later_id(part, part.text("ID").strip()), part.part("CategoryID")
    part.text("CategoryVersion")
    path_below = category_path(inner_category) if inner_category else ""
    part.close()
    return f"{category_id}.{path_below}" if path_below else category_id


def filed(flow: Ref, target: Ref, part: Part) -> Categorisation:
    """The categorisation of a flow under a category, an artefact with a name of its own since SDMX 2.1."""
    categorisation_id = "_".join((flow.id, target.id, *target.item.split(".")))
    ref = Ref("Categorisation", target.agency, id=categorisation_id, version="1.0")
    return Categorisation(ref, Text.of(en=categorisation_id), source=flow, target=target, place=part.origin)


def read_category_scheme(part: Part) -> Iterator[Artefact]:
    """A category scheme, and the categorisations of the flows under its categories."""
    ref, details = identity(part, "CategoryScheme")
    filed_flows: Filed = []
    items = tuple(item for category in part.parts("Category") for item in categories(category, "", filed_flows))
    name, described = part.words("Name"), part.words("Description")
    yield ItemScheme(
        ref, name, items=items, description=described, annotations=notes(part), place=part.origin, details=details
    )
    for flow, path in filed_flows:
        yield filed(flow, Ref("Category", ref.agency, id=ref.id, version=ref.version, item=path), part)
    part.close()


def read_reporting_taxonomy(part: Part) -> Iterator[Artefact]:
    """A reporting taxonomy; the flows of the whole become notes."""
    ref, details = identity(part, "ReportingTaxonomy")
    filed_flows: Filed = []
    items = [item for category in part.parts("Category") for item in categories(category, "", filed_flows)]
    flows = {
        path: tuple(("ProvisioningMetadata", flow.urn) for flow, at in filed_flows if at == path)
        for _, path in filed_flows
    }
    items = [
        Item(
            item.id,
            item.name,
            description=item.description,
            parent=item.parent,
            annotations=item.annotations,
            properties=flows.get(f"{item.parent}.{item.id}" if item.parent else item.id, ()),
            uri=item.uri,
        )
        for item in items
    ]
    whole = tuple(Annotation("PROVISIONING_METADATA", title=flow.urn) for flow in flows_of(part))
    name, described = part.words("Name"), part.words("Description")
    all_notes = (*whole, *notes(part))
    yield ItemScheme(
        ref, name, items=tuple(items), description=described, annotations=all_notes, place=part.origin, details=details
    )
    part.close()


def categories(part: Part, parent: str, filed_flows: Filed) -> Iterator[Item]:
    """A category and those below it, each after the one above; its own version is a note."""
    part.attribute("urn")
    category_id, version = own_id(part), part.attribute("version", "1.0")
    path = f"{parent}.{category_id}" if parent else category_id
    filed_flows += [(flow, path) for flow in flows_of(part)]
    version_notes = [Annotation("VERSION", title=version)] if version != "1.0" else []
    version_notes += [Annotation("IS_EXTERNAL_REFERENCE", title="true")] if part.flag("isExternalReference") else []
    name, described = part.words("Name"), part.words("Description")
    yield Item(
        category_id,
        name,
        description=described,
        parent=parent,
        annotations=(*version_notes, *notes(part)),
        uri=part.attribute("uri"),
    )
    for category in part.parts("Category"):
        yield from categories(category, path, filed_flows)
    part.close()


def flows_of(part: Part) -> list[Ref]:
    """The flows that stand in a category or taxonomy."""
    dataflows = [named(flow, "Dataflow", "AgencyID", "DataflowID") for flow in part.parts("DataflowRef")]
    return dataflows + [
        named(flow, "Metadataflow", "AgencyID", "MetadataflowID") for flow in part.parts("MetadataflowRef")
    ]
