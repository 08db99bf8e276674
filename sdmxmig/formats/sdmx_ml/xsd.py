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

from sdmxmig.formats import ALL_DIMENSIONS
from sdmxmig.formats.sdmx_ml.dialects import ACTIONS, DIALECTS, SCHEMAS, Dialect
from sdmxmig.formats.sdmx_ml.namespaces import LEVEL, data_namespace
from sdmxmig.formats.sdmx_ml.placement import AT_TIME, place
from sdmxmig.formats.sdmx_ml.schema_draft import Draft
from sdmxmig.formats.sdmx_ml.simple_types import XS
from sdmxmig.model.data import Flow

LONGEST_MESSAGE = 300
LAST_KEPT_LINE = 65535
"""Beyond it libxml2 answers with the line of the text after an element: in an indented message, the next line."""


def data_schema(
    flow: Flow,
    dialect: Dialect,
    dimension_at_observation: str = AT_TIME,
    *,
    deletion: bool = False,
    namespace: str = "",
) -> bytes:
    """The schema that structure-specific data of this dataflow obey.

    `dimension_at_observation` is the id of a dimension, or ``AllDimensions`` for observations without series.
    `deletion` makes measures and attributes optional, since what is deleted is named by its key. `namespace` is
    another one than that of the dataflow, for data that name their structure.

    Raises `DeclarationError` for a dimension that the structure does not have, an unknown data type or codelist.
    """
    structure = flow.structure
    found = place(structure, dimension_at_observation, has_atts=dialect.mixes_groups)
    space = namespace or data_namespace(flow, dialect, dimension_at_observation)
    draft = Draft(flow, dialect, space, found)
    # What only some series have, and what is deleted, may be left out; measures always may.
    optional = [component.id for component in structure.components if deletion or component.role == "measure"]
    optional += found.spread
    own = [structure[name] for name in (*found.observation, *found.measures)]
    draft.add_observation(own, optional)
    if not found.is_flat:
        draft.add_series([structure[name] for name in found.series], optional)
    if structure.groups:
        draft.add_groups()
    if dialect.mixes_groups:
        draft.add_atts()
    draft.add_dataset(structure.attributes("dataset"), optional)
    return draft.text()


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
    """The schemas for the dataflows that a header names, by namespace; and what is said of unknown ones.

    Generic data need none.
    """
    schemas: dict[str, bytes] = {}
    unknown: list[tuple[int, str]] = []
    if not etree.QName(root).localname.startswith("StructureSpecific"):
        return (), []
    deletion = any(one.get(f"{{{dialect.specific}}}action") == ACTIONS["D"] for one in root)
    for structure in root.iterfind(f"{{{dialect.message}}}Header/{{{dialect.message}}}Structure"):
        namespace, dimension = structure.get("namespace", ""), structure.get("dimensionAtObservation", "")
        flow = next((one for one in flows if namespace.partition(LEVEL)[0] in urns(one, dialect)), None)
        if flow is None or dimension not in (*flow.structure.key, ALL_DIMENSIONS):
            line = cast("int | None", structure.sourceline) or 1
            unknown.append((line, f"No dataflow is known for the namespace {namespace}."))
        else:
            schemas[namespace] = data_schema(flow, dialect, dimension, deletion=deletion, namespace=namespace)
    return tuple(schemas.items()), unknown


def urns(flow: Flow, dialect: Dialect) -> tuple[str, str]:
    """The names under which data of a dataflow may come: its own, or that of its structure."""
    return dialect.ref(flow.dataflow.ref).urn, dialect.ref(flow.structure.ref).urn


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
