"""Topics (``structures/topics.toml``), and subjects of tables (``structures/counted.toml``).

``status``, ``source``, ``every_term``, ``[own_terms]`` (``flow``, IND_TERM), ``[alias.<FLOW>]``,
``[further.<FLOW>.<OTHER>]``; annotation CODELIST.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path

from sdmxmig.catalogue.benchmarking import read_declared_file
from sdmxmig.primitives.errors import check_known
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.references import Ref

TOPIC, TOPIC_CODE = "TOPIC", "TOPIC_CODE"


@dataclass(frozen=True, slots=True)
class Topics:
    """Dimensions of topics with another name.

    `aliases` are by dataflow; `further` are dimensions with codes, by dataflow and other dataflow. `listed` are topics
    of TOPIC with their codelists (None for national codes). `own_terms` are codes of IND_TERM in `own_flow`.
    `every_term` topics limit all terms.
    """

    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _: KW_ONLY
    further: Mapping[str, Mapping[str, tuple[tuple[str, str], ...]]] = field(default_factory=dict)
    listed: Mapping[str, ItemScheme | None] = field(default_factory=dict)
    own_flow: str = ""
    own_terms: Mapping[str, str] = field(default_factory=dict)
    every_term: frozenset[str] = frozenset()

    def dimension(self, flow_id: str, topic: str) -> str:
        """Return the dimension of a topic in a dataflow, existing or not.

        >>> Topics({"DF_EMISTOCK": {"C_RESIDENCE": "COUNTERPART_AREA"}}).dimension("DF_EMISTOCK", "C_RESIDENCE")
        'COUNTERPART_AREA'
        """
        return self.aliases.get(flow_id, {}).get(topic, topic)


COUNTED_FILE = "counted.toml"
FLOW_NATURES = ("stock", "flow", "event", "crossing", "several")


@dataclass(frozen=True, slots=True)
class TableSubject:
    """A subject of tables; `direction` is I, E or empty, `groups` are the people counted."""

    id: str
    nature: str
    _: KW_ONLY
    name: Text
    flows: tuple[str, ...]
    measures: frozenset[str]
    groups: frozenset[str] = frozenset()
    direction: str = ""


def read_table_subjects(folders: Sequence[Path], flows: Mapping[str, Flow]) -> tuple[TableSubject, ...]:
    declared = read_declared_file(folders, COUNTED_FILE)
    if declared is None:
        return ()
    declared.text("status"), declared.text("source")  # of these choices; stored in the file only
    counted = tuple(_read_one(entry, flows) for entry in declared.tables("counted"))
    declared.close()
    return counted


def _read_one(entry: Declared, flows: Mapping[str, Flow]) -> TableSubject:
    counted = TableSubject(
        entry.text("id"),
        entry.text("nature"),
        name=entry.texts("name", required=True),
        flows=entry.strings("flows"),
        measures=frozenset(entry.strings("measures")),
        groups=frozenset(entry.strings("groups")),
        direction=entry.text("direction", ""),
    )
    check_known("nature", counted.nature, FLOW_NATURES, entry.at("nature"))
    for flow in counted.flows:
        check_known("dataflow", flow, flows, entry.at("flows"))
    entry.close()
    return counted


TOPICS_FILE, TOPIC_LIST, LIST_OF_TOPIC = "topics.toml", "CL_TOPIC", "CODELIST"

Flows = Mapping[str, Flow]


def read_topics(folders: Sequence[Path], flows: Flows, schemes: Mapping[Ref, ItemScheme]) -> Topics:
    declared = read_declared_file(folders, TOPICS_FILE)
    if declared is None:
        return Topics()
    declared.text("status"), declared.text("source")  # of these choices; stored in the file only
    aliases, further, own = declared.table("alias"), declared.table("further"), declared.table("own_terms")
    own_flow = own.text("flow")
    check_known("dataflow", own_flow, flows, own.at("flow"))
    topics = Topics(
        {
            flow_id: read_aliases(aliases.table(flow_id), find_flow(flow_id, flows, aliases))
            for flow_id in aliases.values
        },
        further={flow_id: read_further(further.table(flow_id), flows) for flow_id in further.values},
        listed=map_topic_lists(schemes),
        own_flow=own_flow,
        own_terms={name: own.text(name) for name in own.values if name != "flow"},
        every_term=frozenset(declared.strings("every_term")),
    )
    own.close()
    declared.close()
    return topics


def find_flow(flow_id: str, flows: Flows, declared: Declared) -> Flow:
    check_known("dataflow", flow_id, flows, declared.at(flow_id))
    return flows[flow_id]


def read_aliases(declared: Declared, flow: Flow) -> dict[str, str]:
    dimensions = {topic: declared.text(topic) for topic in declared.values}
    return {topic: dimension for topic, dimension in dimensions.items() if dimension in flow.structure.key}


def read_further(declared: Declared, flows: Flows) -> dict[str, tuple[tuple[str, str], ...]]:
    """Read the codes by dataflow, omitting dataflows that lack one of them."""
    further = {}
    for flow_id in declared.values:
        flow, codes = find_flow(flow_id, flows, declared), tuple(declared.table(flow_id).pairs().items())
        if all(has_code(flow, dimension, code) for dimension, code in codes):
            further[flow_id] = codes
    return further


def has_code(flow: Flow, dimension: str, code: str) -> bool:
    codelist = flow.codelist(dimension) if dimension in flow.structure.key else None
    return codelist is not None and code in codelist


def map_topic_lists(schemes: Mapping[Ref, ItemScheme]) -> dict[str, ItemScheme | None]:
    by_name = {ref.short: scheme for ref, scheme in schemes.items()}
    topics = next((scheme for ref, scheme in schemes.items() if ref.id == TOPIC_LIST), None)
    listed: dict[str, ItemScheme | None] = {}
    for topic in topics or ():
        name = topic.note(LIST_OF_TOPIC)
        if name:
            check_known("codelist", name, by_name, topics.place if topics else None)
        listed[topic.id] = by_name.get(name)
    return listed
