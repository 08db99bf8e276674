"""A schema for data of one structure, built type by type.

Every type restricts an official one, so valid messages are valid for the official schema.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from sdmxmig.sdmx.formats.sdmx_ml.dialects import SDMX_30, SDMX_31, Dialect, Placement
from sdmxmig.sdmx.formats.sdmx_ml.simple_types import XS, add_type
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component

FILES = {
    "dsd": "SDMXDataStructureSpecific.xsd",
    "common": "SDMXCommon.xsd",
    "metadata": "SDMXMetadataGeneric.xsd",
}
ANY_TYPE, ANY_TYPES = "xs:string", {"time": "common:ObservationalTimePeriodType"}
"""Types that accept all texts; a time dimension may not be wider."""
MANY = {"minOccurs": "0", "maxOccurs": "unbounded"}


class SchemaDraft:
    """A schema under construction.

    `any_values`: values other than periods may be any text.
    """

    def __init__(
        self, flow: Flow, dialect: Dialect, namespace: str, placement: Placement, *, any_values: bool = False
    ) -> None:
        self.flow = flow
        self.dialect = dialect
        self.placement = placement
        prefixes = {"xs": XS, "own": namespace, "dsd": dialect.specific, "common": dialect.common}
        if dialect.id == SDMX_30.id:  # whole metadata sets may stand inside data
            prefixes["metadata"] = dialect.namespace("metadata/generic")
        self.schema = etree.Element(f"{{{XS}}}schema", nsmap=prefixes)
        self.schema.set("targetNamespace", namespace)
        self.schema.set("elementFormDefault", "qualified")
        for prefix, file in FILES.items():
            if prefix in prefixes:
                attributes = {"namespace": prefixes[prefix], "schemaLocation": file}
                etree.SubElement(self.schema, f"{{{XS}}}import", attributes)
        components = flow.structure.components
        self.types = {
            component.id: ANY_TYPES.get(component.role, ANY_TYPE)
            if any_values
            else add_type(self.schema, flow, component, with_nan=dialect.has_nan)
            for component in components
        }
        self.several = {component.id for component in components if has_parts(component, dialect)}
        for component in components:
            if component.id in self.several:
                self._add_comp_type(component)

    def text(self) -> bytes:
        text: bytes = etree.tostring(self.schema, xml_declaration=True, encoding="UTF-8", pretty_print=True)
        return text

    def add_observation(self, components: Sequence[Component], optional: Sequence[str]) -> None:
        sequence, restriction = self._restricted("ObsType")
        self._may_have_parts(sequence, components)
        self._may_report(sequence)
        self._attributes(restriction, self._key(self.placement.observation_key), components, optional)
        self._prohibit(
            restriction, "ObsType", {*self.placement.observation_key, *(component.id for component in components)}
        )

    def add_series(self, components: Sequence[Component], optional: Sequence[str]) -> None:
        sequence, restriction = self._restricted("SeriesType")
        self._may_have_parts(sequence, components)
        self._element(sequence, "Obs", MANY)
        self._may_report(sequence)
        self._attributes(restriction, self._key(self.placement.series_key), components, optional)
        self._prohibit(
            restriction, "SeriesType", {*self.placement.series_key, *(component.id for component in components)}
        )

    def add_groups(self) -> None:
        """Add one type for each group, and that which they share."""
        sequence, restriction = self._restricted("GroupType", abstract=True)
        # In SDMX 2.1 attributes of some dimensions may name the groups at which they may stand as well.
        grouped = [component for component in self.flow.structure.attributes() if component.group]
        self._may_have_parts(sequence, grouped)
        self._may_report(sequence)
        etree.SubElement(restriction, f"{{{XS}}}attribute", name="type", type="common:IDType", use="optional")
        self._keep_year_start(restriction)
        etree.SubElement(restriction, f"{{{XS}}}anyAttribute", namespace="##local")
        for group in self.flow.structure.groups:
            group_attributes = [component for component in grouped if group.id in component.group.split()]
            sequence, restriction = self._restricted(group.id, base="own:GroupType")
            self._may_have_parts(sequence, group_attributes)
            self._may_report(sequence)
            attributes = {"name": "type", "type": "common:IDType", "use": "optional", "fixed": group.id}
            etree.SubElement(restriction, f"{{{XS}}}attribute", attributes)
            self._attributes(
                restriction,
                self._key(group.dimensions),
                group_attributes,
                [component.id for component in group_attributes],
            )
            self._prohibit(restriction, "GroupType", {component.id for component in group_attributes})

    def add_atts(self) -> None:
        structure = self.flow.structure
        attributes = structure.attributes()
        sequence, restriction = self._restricted("AttsType")
        self._may_have_parts(sequence, attributes)
        components = (*structure.dimensions, *attributes)
        self._attributes(restriction, (), components, [component.id for component in components])
        self._prohibit(restriction, "AttsType", {component.id for component in components})

    def add_dataset(self, attributes: Sequence[Component], optional: Sequence[str]) -> None:
        """Add the type of datasets. Where the official type has a choice, only such a choice restricts it lawfully."""
        sequence, restriction = self._restricted("DataSetType")
        provider = {"name": "DataProvider", "type": "common:DataProviderReferenceType", "form": "unqualified"}
        etree.SubElement(sequence, f"{{{XS}}}element", {**provider, "minOccurs": "0"})
        child = "Obs" if self.placement.is_flat else "Series"
        if self.dialect.mixes_groups:
            choice = etree.SubElement(sequence, f"{{{XS}}}choice", MANY)
            self._element(choice, "Atts", {})
            if self.flow.structure.groups:
                self._element(choice, "Group", {})
            self._element(choice, child, {})
            self._may_report(sequence)
        else:
            if self.flow.structure.groups:
                self._element(sequence, "Group", MANY)
            choice = etree.SubElement(sequence, f"{{{XS}}}choice", minOccurs="0")
            self._element(choice, child, {"maxOccurs": "unbounded"})
        self._attributes(restriction, (), attributes, optional)
        self._prohibit(restriction, "DataSetType", {component.id for component in attributes})

    def _key(self, names: Sequence[str]) -> list[Component]:
        return [self.flow.structure[name] for name in names]

    def _restricted(
        self, name: str, base: str = "", *, abstract: bool = False
    ) -> tuple[etree._Element, etree._Element]:
        complex_type = etree.SubElement(self.schema, f"{{{XS}}}complexType", name=name)
        if abstract:
            complex_type.set("abstract", "true")
        content = etree.SubElement(complex_type, f"{{{XS}}}complexContent")
        restriction = etree.SubElement(content, f"{{{XS}}}restriction", base=base or f"dsd:{name}")
        sequence = etree.SubElement(restriction, f"{{{XS}}}sequence")
        etree.SubElement(sequence, f"{{{XS}}}element", ref="common:Annotations", minOccurs="0")
        return sequence, restriction

    def _element(self, parent: etree._Element, name: str, occurs: dict[str, str]) -> None:
        attributes = {"name": name, "type": f"own:{name}Type", "form": "unqualified"}
        etree.SubElement(parent, f"{{{XS}}}element", {**attributes, **occurs})

    def _may_have_parts(self, sequence: etree._Element, components: Sequence[Component]) -> None:
        if any(component.id in self.several for component in components):
            attributes = {"name": "Comp", "type": "dsd:CompType", "form": "unqualified"}
            etree.SubElement(sequence, f"{{{XS}}}element", {**attributes, **MANY})

    def _may_report(self, sequence: etree._Element) -> None:
        """Allow reference metadata in data: a whole set in SDMX-ML 3.0, attributes in 3.1."""
        if self.dialect.mixes_groups:
            type_ = "dsd:MetadataType" if self.dialect == SDMX_31 else "metadata:MetadataSetType"
            attributes = {"name": "Metadata", "type": type_, "form": "unqualified", "minOccurs": "0"}
            etree.SubElement(sequence, f"{{{XS}}}element", attributes)

    def _attributes(
        self, parent: etree._Element, key: Sequence[Component], components: Sequence[Component], optional: Sequence[str]
    ) -> None:
        for component in (*key, *(component for component in components if component.id not in self.several)):
            always = component in key or (component.mandatory and component.id not in optional)
            attributes = {
                "name": component.id,
                "type": self.types[component.id],
                "use": "required" if always else "optional",
            }
            etree.SubElement(parent, f"{{{XS}}}attribute", attributes)

    def _prohibit(self, parent: etree._Element, name: str, used: set[str]) -> None:
        declared = ["TIME_PERIOD"] if name in ("ObsType", "SeriesType", "AttsType") else []
        declared += ["type"] if name == "ObsType" else []
        if self.dialect.has_final:
            declared += ["REPORTING_YEAR_START_DAY", *(["OBS_VALUE"] if name == "ObsType" else [])]
        for attribute in declared:
            if attribute not in used:
                etree.SubElement(parent, f"{{{XS}}}attribute", name=attribute, use="prohibited")

    def _keep_year_start(self, parent: etree._Element) -> None:
        if self.dialect.has_final:
            attributes = {"name": "REPORTING_YEAR_START_DAY", "type": "xs:gMonthDay", "use": "optional"}
            etree.SubElement(parent, f"{{{XS}}}attribute", attributes)

    def _add_comp_type(self, component: Component) -> None:
        """Add the type of an element that holds several values, or one in several languages."""
        value_type = "common:TextValueType"
        if not component.is_multilingual:
            value_type = f"own:{component.id}ValueType"
            value = etree.SubElement(self.schema, f"{{{XS}}}complexType", name=f"{component.id}ValueType")
            content = etree.SubElement(value, f"{{{XS}}}simpleContent")
            restriction = etree.SubElement(content, f"{{{XS}}}restriction", base="common:ValueType")
            simple = etree.SubElement(restriction, f"{{{XS}}}simpleType")
            etree.SubElement(simple, f"{{{XS}}}restriction", base=self.types[component.id])
        sequence, restriction = self._restricted(f"{component.id}CompType", base="dsd:CompType")
        most = component.max_occurs if component.is_array else "1"
        attributes = {"name": "Value", "type": value_type, "form": "unqualified", "minOccurs": "0", "maxOccurs": most}
        etree.SubElement(sequence, f"{{{XS}}}element", attributes)
        named = {"name": "id", "type": "common:NCNameIDType", "use": "required", "fixed": component.id}
        etree.SubElement(restriction, f"{{{XS}}}attribute", named)


def has_parts(component: Component, dialect: Dialect) -> bool:
    """Whether values need elements, since XML attributes hold one text."""
    return dialect.mixes_groups and (component.is_array or component.is_multilingual)
