"""A schema of its own for each dataflow, and whether a message obeys the official schema and these.

The official schema leaves structure-specific datasets open: their types are abstract. Only a schema made from the
data structure says which codes, periods and attributes a dataset may hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, cast

from lxml import etree

from sdmxmig.errors import DeclarationError
from sdmxmig.formats.sdmx_ml.data import AT_OBSERVATION, data_namespace
from sdmxmig.formats.sdmx_ml.dialects import ACTIONS, DIALECTS, SCHEMAS, Dialect
from sdmxmig.formats.sdmx_ml.simple_types import XS, add_type
from sdmxmig.model.artefacts import Component
from sdmxmig.model.data import Flow

ALL_DIMENSIONS = "AllDimensions"
LONGEST_MESSAGE = 300
LAST_KEPT_LINE = 65535
"""Beyond it libxml2 answers with the line of the text after an element: in an indented message, the next line."""


def data_schema(
    flow: Flow, dialect: Dialect, dimension_at_observation: str = AT_OBSERVATION, *, deletion: bool = False
) -> bytes:
    """The schema that structure-specific data of this dataflow obey.

    `dimension_at_observation` is the id of a dimension, or ``AllDimensions`` for observations without series.
    `deletion` makes measures and attributes optional, since what is deleted is named by its key.

    Raises `DeclarationError` for a dimension that the structure does not have, an unknown data type or codelist.
    """
    structure = flow.structure
    if dimension_at_observation not in (*structure.key, ALL_DIMENSIONS):
        hint = f"It is one of {', '.join(structure.key)} or {ALL_DIMENSIONS}."
        raise DeclarationError(f"{structure.ref.short} has no “{dimension_at_observation}”.", structure.place, hint)
    namespace = data_namespace(flow, dialect, dimension_at_observation)
    prefixes = {"xs": XS, "own": namespace, "dsd": dialect.specific, "common": dialect.common}
    schema = etree.Element(f"{{{XS}}}schema", nsmap=prefixes)
    schema.set("targetNamespace", namespace)
    schema.set("elementFormDefault", "qualified")
    for imported, file in ((dialect.specific, "SDMXDataStructureSpecific.xsd"), (dialect.common, "SDMXCommon.xsd")):
        etree.SubElement(schema, f"{{{XS}}}import", namespace=imported, schemaLocation=file)
    types = {component.id: add_type(schema, flow, component) for component in structure.components}
    flat = dimension_at_observation == ALL_DIMENSIONS
    at_series = tuple(c for c in structure.dimensions if not flat and c.id != dimension_at_observation)
    at_observation = tuple(c for c in structure.dimensions if c not in at_series)
    own = (*structure.measures, *structure.attributes("observation"))
    # An attribute of the series describes "all dimensions but time": without series it stands at the observation.
    by_series = structure.attributes("series") if dimension_at_observation == AT_OBSERVATION else ()
    others = () if by_series else structure.attributes("series")
    draft = _Draft(schema, dialect, types, deletion)
    draft.add("ObsType", "", at_observation, (*others, *own))
    if not flat:
        draft.add("SeriesType", "Obs", at_series, by_series)
    draft.add("DataSetType", "Obs" if flat else "Series", (), structure.attributes("dataset"))
    text: bytes = etree.tostring(schema, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return text


class _Draft:
    """A schema to which the types of datasets, series and observations are added."""

    def __init__(self, schema: etree._Element, dialect: Dialect, types: Mapping[str, str], deletion: bool) -> None:
        self.schema = schema
        self.dialect = dialect
        self.types = types
        self.deletion = deletion

    def add(self, name: str, child: str, key: tuple[Component, ...], own: tuple[Component, ...]) -> None:
        """Add a type that restricts the official one to this child, these dimensions and other components."""
        complex_type = etree.SubElement(self.schema, f"{{{XS}}}complexType", name=name)
        content = etree.SubElement(complex_type, f"{{{XS}}}complexContent")
        restriction = etree.SubElement(content, f"{{{XS}}}restriction", base=f"dsd:{name}")
        sequence = etree.SubElement(restriction, f"{{{XS}}}sequence")
        etree.SubElement(sequence, f"{{{XS}}}element", ref="common:Annotations", minOccurs="0")
        many = {"minOccurs": "0", "maxOccurs": "unbounded"}
        if name == "DataSetType":
            provider = {"name": "DataProvider", "type": "common:DataProviderReferenceType", "form": "unqualified"}
            etree.SubElement(sequence, f"{{{XS}}}element", {**provider, "minOccurs": "0"})
            # Where the official type has a choice, only a choice of the same kind restricts it lawfully.
            outer, inner = {"minOccurs": "0"}, {"maxOccurs": "unbounded"}
            if self.dialect.mixes_groups:
                outer, inner = many, {}
            sequence, many = etree.SubElement(sequence, f"{{{XS}}}choice", outer), inner
        if child:
            given = {"name": child, "type": f"own:{child}Type", "form": "unqualified"}
            etree.SubElement(sequence, f"{{{XS}}}element", {**given, **many})
        for component in key:
            self._add_attribute(restriction, component, required=True)
        for component in own:
            always = component.role == "attribute" and component.mandatory
            self._add_attribute(restriction, component, required=always and not self.deletion)
        self._prohibit(restriction, name, {component.id for component in (*key, *own)})

    def _add_attribute(self, parent: etree._Element, component: Component, *, required: bool) -> None:
        given = {"name": component.id, "type": self.types[component.id]}
        etree.SubElement(parent, f"{{{XS}}}attribute", {**given, "use": "required" if required else "optional"})

    def _prohibit(self, parent: etree._Element, name: str, used: set[str]) -> None:
        """Close what the official type declares by name and this structure does not have."""
        declared = ["TIME_PERIOD"] if name != "DataSetType" else []
        declared += ["type"] if name == "ObsType" else []
        if self.dialect.has_final:
            declared += ["REPORTING_YEAR_START_DAY", *(["OBS_VALUE"] if name == "ObsType" else [])]
        for attribute in declared:
            if attribute not in used:
                etree.SubElement(parent, f"{{{XS}}}attribute", name=attribute, use="prohibited")


def problems(content: bytes, flows: Iterable[Flow] = ()) -> list[tuple[int, str]]:
    """What is wrong with a message, as line numbers and sentences; empty if nothing is.

    Structure messages are held against the official schema; structure-specific data against it and the schemas of
    the dataflows which they name; these have to be among `flows`. Nothing is fetched and no entity is expanded.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        return [(error.lineno or 1, f"This is not well-formed XML: {error.msg}.")]
    dialect = next((one for one in DIALECTS if etree.QName(root).namespace == one.message), None)
    if dialect is None:
        known = ", ".join(one.name for one in DIALECTS)
        return [(1, f"This is no message of a known version of SDMX-ML ({known}).")]
    generated, unknown = _generated(root, dialect, tuple(flows))
    if unknown:
        return unknown
    schema = _schema(dialect.id, generated)
    if schema.validate(root):
        return []
    return _readable((error.line, error.message) for error in cast("Iterable[Any]", schema.error_log))


def _generated(
    root: etree._Element, dialect: Dialect, flows: Iterable[Flow]
) -> tuple[tuple[tuple[str, bytes], ...], list[tuple[int, str]]]:
    """The schemas for the dataflows that a header names, by namespace; and what is said of unknown ones."""
    schemas: dict[str, bytes] = {}
    unknown: list[tuple[int, str]] = []
    deletion = any(one.get(f"{{{dialect.specific}}}action") == ACTIONS["D"] for one in root)
    for structure in root.iterfind(f"{{{dialect.message}}}Header/{{{dialect.message}}}Structure"):
        namespace, dimension = structure.get("namespace", ""), structure.get("dimensionAtObservation", "")
        flow = next((one for one in flows if data_namespace(one, dialect, dimension) == namespace), None)
        if flow is None or dimension not in (*flow.structure.key, ALL_DIMENSIONS):
            line = cast("int | None", structure.sourceline) or 1
            unknown.append((line, f"No dataflow is known for the namespace {namespace}."))
        else:
            schemas[namespace] = data_schema(flow, dialect, dimension, deletion=deletion)
    return tuple(schemas.items()), unknown


@lru_cache(maxsize=16)
def _schema(dialect_id: str, generated: tuple[tuple[str, bytes], ...]) -> etree.XMLSchema:
    """The official schema together with generated ones, compiled once in a process."""
    dialect = next(one for one in DIALECTS if one.id == dialect_id)
    driver = etree.Element(f"{{{XS}}}schema", nsmap={"xs": XS})
    imported = [(dialect.message, dialect.schema.as_uri())]
    # A generated schema is said to lie beside the official ones, so that its relative imports are found there.
    beside = [dialect.schema.with_name(f"generated-{number}.xsd").as_uri() for number in range(len(generated))]
    imported += [(namespace, uri) for (namespace, _), uri in zip(generated, beside, strict=True)]
    for namespace, uri in imported:
        etree.SubElement(driver, f"{{{XS}}}import", namespace=namespace, schemaLocation=uri)
    here = dialect.schema.with_name("all.xsd").as_uri()
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_InMemory({uri: text for uri, (_, text) in zip(beside, generated, strict=True)}))
    return etree.XMLSchema(etree.fromstring(etree.tostring(driver), parser, base_url=here))


class _InMemory(etree.Resolver):
    """Hands generated schemas to the parser; everything else is read from the installed files."""

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        self.texts = texts

    def resolve(self, url: str, _: str, context: object) -> object:  # type: ignore[override]  # the stub lacks context
        """The text of a generated schema; None for other addresses."""
        text = self.texts.get(url)
        return None if text is None else self.resolve_string(text, context, base_url=url)


def _readable(found: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """Sentences without namespaces, and one for each attribute: libxml2 tells of the facet and then of the type."""
    told: list[tuple[int, str]] = []
    last = (0, "")
    for line, message in found:
        about = (line, message.split(":", 1)[0])
        again = about == last and "is not a valid value of" in message
        last = about
        if again:
            continue
        text = re.sub(rf"\{{(?:{re.escape(SCHEMAS)}|urn:sdmx)[^}}]*\}}", "", message)
        shortened = text if len(text) <= LONGEST_MESSAGE else f"{text[: LONGEST_MESSAGE - 1]}…"
        told.append((line - 1 if line > LAST_KEPT_LINE else line, shortened))
    return told
