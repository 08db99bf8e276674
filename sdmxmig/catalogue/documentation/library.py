"""Reverse references of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.trees import with_depth
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.hierarchies import Hierarchy
from sdmxmig.sdmx.model.indicators import Indicator
from sdmxmig.sdmx.model.maps import RepresentationMap, StructureMap
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Agreement, Categorisation, Constraint, Metadataflow, MetadataStructure

DEFINITIONS, FRAMEWORK, AREAS = "CS_DEFINITIONS", "CS_FRAMEWORK", "CL_POLICY_AREA"
KINDS = {
    "DataStructure": "structure",
    "Dataflow": "flow",
    "MetadataStructure": "metadata",
    "StructureMap": "map",
    "RepresentationMap": "map",
}
TOGETHER = ("Metadataflow", "ProvisionAgreement", "MetadataProvisionAgreement")


class Library:
    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        artefacts = [catalogue.artefacts[ref] for ref in sorted(catalogue.artefacts)]
        self.lists = tuple(item_scheme for item_scheme in artefacts if isinstance(item_scheme, ItemScheme))
        self.structures = tuple(
            data_structure for data_structure in artefacts if isinstance(data_structure, DataStructure)
        )
        self.flows = tuple(dataflow for dataflow in artefacts if isinstance(dataflow, Dataflow))
        self.structure_maps = tuple(
            structure_map for structure_map in artefacts if isinstance(structure_map, StructureMap)
        )
        self.representation_maps = tuple(
            representation_map for representation_map in artefacts if isinstance(representation_map, RepresentationMap)
        )
        self.metadata_structures = tuple(
            metadata_structure for metadata_structure in artefacts if isinstance(metadata_structure, MetadataStructure)
        )
        self.metadataflows = tuple(metadataflow for metadataflow in artefacts if isinstance(metadataflow, Metadataflow))
        self.agreements = tuple(agreement for agreement in artefacts if isinstance(agreement, Agreement))
        self.hierarchies: dict[Ref, list[Hierarchy]] = {}
        self.constraints: dict[Ref, list[Constraint]] = {}
        self.categories: dict[Ref, list[Ref]] = {}
        for artefact in artefacts:
            if isinstance(artefact, Hierarchy):
                for owner in dict.fromkeys(node.code.scheme for _, node in with_depth(artefact.codes)):
                    self.hierarchies.setdefault(owner, []).append(artefact)
            elif isinstance(artefact, Constraint):
                for ref in artefact.attached:
                    self.constraints.setdefault(ref, []).append(artefact)
            elif isinstance(artefact, Categorisation):
                self.categories.setdefault(artefact.source, []).append(artefact.target)
        self.users: dict[Ref, list[DataStructure]] = {}
        self.followers: dict[Ref, list[Dataflow]] = {}
        self._read_structures()
        self._items: dict[Ref, Mapping[str, Item]] = {}
        self._ids = {ref.id: ref for ref in catalogue.artefacts}

    def _read_structures(self) -> None:
        for structure in self.structures:
            for codelist in dict.fromkeys(
                component.codelist for component in structure.components if component.codelist
            ):
                self.users.setdefault(codelist, []).append(structure)
        for flow in self.flows:
            self.followers.setdefault(flow.structure, []).append(flow)

    def items(self, scheme: Ref) -> Mapping[str, Item]:
        if scheme not in self._items:
            artefact = self.catalogue.artefacts.get(scheme)
            self._items[scheme] = {item.id: item for item in artefact} if isinstance(artefact, ItemScheme) else {}
        return self._items[scheme]

    def scheme(self, scheme_id: str) -> ItemScheme | None:
        artefact = self.catalogue.artefacts.get(self._ids[scheme_id]) if scheme_id in self._ids else None
        return artefact if isinstance(artefact, ItemScheme) else None

    def item(self, scheme_id: str, item_id: str) -> Item | None:
        scheme = self.scheme(scheme_id)
        return self.items(scheme.ref).get(item_id) if scheme else None

    def name(self, scheme_id: str, item_id: str) -> Text:
        item = self.item(scheme_id, item_id)
        return item.name if item else Text.of(en=item_id)

    def flow(self, flow_id: str) -> Dataflow | None:
        return next((dataflow for dataflow in self.flows if dataflow.ref.id == flow_id), None)

    def indicators_of(self, flow_id: str) -> Sequence[Indicator]:
        return [
            indicator
            for indicator in self.catalogue.indicators.values()
            if any(term.flow == flow_id for variant in indicator.variants for term in variant.terms.values())
        ]

    def address(self, ref: Ref) -> str:
        if ref.item:
            page = self.address(ref.scheme)
            return f"{page}#{ref.item}" if page else ""
        if ref not in self.catalogue.artefacts:
            return ""
        return self._page(ref)

    def _page(self, ref: Ref) -> str:
        """The page of an artefact that is there, or its place on the page of its kind or list."""
        if ref.id == DEFINITIONS:
            return "definitions.html"
        if ref.kind == "Hierarchy":
            owner = next((node.code.scheme for _, node in with_depth(self.tree(ref).codes)), None)
            return f"{self.address(owner)}#{ref.id}" if owner else ""
        if ref.kind in TOGETHER:
            return f"metadata.html#{ref.id}"
        is_list = isinstance(self.catalogue.artefacts[ref], ItemScheme)
        kind = "list" if is_list else KINDS.get(ref.kind, "")
        return f"{kind}-{ref.agency}-{ref.id}-{ref.version}.html" if kind else ""

    def tree(self, ref: Ref) -> Hierarchy:
        artefact = self.catalogue.artefacts[ref]
        if not isinstance(artefact, Hierarchy):
            raise TypeError(ref)
        return artefact
