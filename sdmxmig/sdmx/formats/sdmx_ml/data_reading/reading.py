"""A data message during reading: open elements, known flows and faults."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NoReturn, Protocol, runtime_checkable

from sdmxmig.io.intake.xml import XmlFeed
from sdmxmig.primitives.errors import InputError, UnknownStructure, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.detection import ML_NAMESPACE
from sdmxmig.sdmx.formats.faults import Deviation, Faults, Surplus, report_fault
from sdmxmig.sdmx.formats.flows import ANY, find_flow
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.header import KINDS, NODE_LIMIT, Kinds, Node, parse_header
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import Header, StructureUse

BLOCK = 100_000
"""Minimum number of observations of a block."""


DATA_ELEMENTS = {"Series", "Obs", "Group", "Atts", "Comp", "SeriesKey", "ObsKey", "GroupKey", "Value"}
DATA_ELEMENTS |= {"ObsDimension", "ObsValue", "Attributes"}


class Element:
    title = "element"
    takes_text = False

    def __init__(self, reading: MessageReading) -> None:
        self.reading = reading

    def child(self, name: str, namespace: str, _attributes: dict[str, str]) -> Element:
        message = f"{name} is not allowed in {self.title}."
        if not self.reading.is_foreign(namespace):
            self.reading.refuse(message)
        self.reading.surplus(message, f"It is in the namespace “{namespace}”.")
        return SkippedElement(self.reading)

    def take_text(self, text: str) -> None:
        """Receive the text before a nested element."""

    def close(self, text: str) -> None:
        if text and not text.isspace():
            self.reading.surplus(f"The text “{text.strip()[:40]}” is not allowed in {self.title}.")


class SkippedElement(Element):
    takes_text = True

    def child(self, _name: str, _namespace: str, _attributes: dict[str, str]) -> Element:
        return self

    def close(self, _text: str) -> None:
        """Discard the text."""


class Branch(Element):
    """An element kept as a node with its content, which `done` receives when it is complete."""

    takes_text = True

    def __init__(
        self,
        reading: MessageReading,
        name: str,
        attributes: dict[str, str],
        done: Callable[[Node], object] = lambda _: None,
        *,
        is_data: bool = False,
    ) -> None:
        super().__init__(reading)
        self.node = Node(name, attributes, line=reading.feed.line, column=reading.feed.column)
        self.done = done
        reading.nodes = 1 if is_data else reading.nodes + 1
        if reading.nodes > NODE_LIMIT:
            reading.refuse(f"There are more than {NODE_LIMIT} elements beside the data.")

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name == "ProvisionAgreement" and namespace.endswith("/v2_1/common"):
            self.reading.deviation(f"SDMX-ML 2.1 spells {name} as ProvisionAgrement.")
        inner = Branch(self.reading, name, attributes)
        self.node.children.append(inner.node)
        return inner

    def close(self, text: str) -> None:
        self.node.text = text
        self.done(self.node)


@runtime_checkable
class ElementObserver(Protocol):
    def on_start(self, at: int, tag: str, attributes: dict[str, str], before: str, /) -> None:
        """Receive the start of an element at this byte; `before` is the text before it."""

    def on_close(self, at: int, text: str, /) -> None:
        """Receive the end of an element, with its text."""


class MessageReading:
    """A message: its XML feed, the known flows and finished blocks.

    `format_id` is set at the root, `header` at its end; `notes` are those of the footer.
    """

    def __init__(self, name: str, flows: Mapping[str, Flow], faults: Faults | None = None) -> None:
        self.name = name
        self.flows = flows
        self.faults = faults
        self.feed = XmlFeed(name, self)
        self.open: list[Element] = []
        self.spots: list[tuple[int, int]] = []
        self.spot: tuple[int, int] | None = None  # of the closing element
        self.format_id = ""
        self.header: Header | None = None
        self.root: Element | None = None
        self.notes: list[Node] = []
        self.ready: list[Dataset] = []
        self.nodes = 0
        self.data_namespaces = {""}
        self.watch: ElementObserver | None = None

    def start(self, tag: str, attributes: dict[str, str], before: str) -> None:
        if self.watch is not None:
            self.watch.on_start(self.feed.at, tag, attributes, before)
        namespace, _, name = tag.rpartition("}")
        parent = self.open[-1]
        if before:
            if parent.takes_text:
                parent.take_text(before)
            elif not before.isspace():
                self.surplus(f"The text “{before.strip()[:40]}” is not allowed in {parent.title}.")
        self.spots.append((self.feed.line, self.feed.column))
        try:
            if namespace not in self.data_namespaces and name in DATA_ELEMENTS and not parent.takes_text:
                self.take_namespace(name, namespace)
            self.open.append(parent.child(name, namespace, attributes))
        except InputError as error:
            if self.root is None:  # content of other kinds of message would be unreadable
                raise
            report_fault(self.faults, error)
            self.open.append(SkippedElement(self))
            self.spot = None

    def end(self, _tag: str, text: str) -> None:
        if self.watch is not None:
            self.watch.on_close(self.feed.at, text)
        self.spot = self.spots.pop()
        try:
            self.open.pop().close(text)
        except InputError as error:
            report_fault(self.faults, error)
        self.spot = None

    def is_foreign(self, namespace: str) -> bool:
        uses = self.header.structures if self.header else ()
        return not (not namespace or ML_NAMESPACE.fullmatch(namespace) or namespace in {use.namespace for use in uses})

    def take_namespace(self, name: str, namespace: str) -> None:
        """Refuse an element that is named as data, but is in a namespace of others."""
        is_old = self.format_id == "sdmx-ml-2.0"  # its structures have namespaces of any form
        if not is_old and self.is_foreign(namespace) and not namespace.startswith("urn:sdmx:"):
            self.refuse(f"{name} is not allowed in {self.open[-1].title}.", f"It is in the namespace “{namespace}”.")
        self.data_namespaces.add(namespace)

    def take_header(self, node: Node, kinds: Kinds = KINDS) -> None:
        self.header = parse_header(node, self.name, kinds, self.faults)

    def take_note(self, node: Node) -> None:
        self.notes.append(node)
        if self.faults is not None:
            said = (node.attributes.get("severity", ""), f"{node.attributes.get('code', '')}:", str(node.texts("Text")))
            self.faults.say(" ".join(" ".join(said).split()))

    @property
    def place(self) -> Place:
        line, column = self.spot or (self.feed.line, self.feed.column)
        return Place(self.name, line=line, column=column)

    def refuse(self, message: str, hint: str = "") -> NoReturn:
        raise InputError(message, self.place, hint)

    def wrong(self, message: str, hint: str = "") -> None:
        report_fault(self.faults, InputError(message, self.place, hint))

    def deviation(self, message: str, hint: str = "") -> None:
        report_fault(self.faults, Deviation(message, self.place, hint))

    def surplus(self, message: str, hint: str = "") -> None:
        report_fault(self.faults, Surplus(message, self.place, hint))

    def refuse_name(self, name: str, title: str, names: Iterable[str], kind: str = "component") -> NoReturn:
        self.refuse(f"{title} has no {kind} “{name}”.", did_you_mean(name, names))


def find_use(reading: MessageReading, attributes: Mapping[str, str], *, is_20: bool) -> StructureUse | None:
    structures = reading.header.structures if reading.header else ()
    structure_id = attributes.get("structureRef", "")
    if not structure_id or is_20:
        return structures[0] if len(structures) == 1 else None
    uses = {use.id: use for use in structures}
    if structure_id not in uses:
        only = structures[0] if len(structures) == 1 else None
        tell = reading.deviation if only else reading.wrong
        tell(f"The header has no structure “{structure_id}”.", did_you_mean(structure_id, uses))
        return only
    return uses[structure_id]


def find_followed_flow(
    reading: MessageReading, use: StructureUse | None, candidates: Sequence[Ref | None]
) -> tuple[Flow, Ref | None]:
    """Find the flow of a dataset and its reference; raise `InputError` if it is unknown or ambiguous."""
    flows, place = reading.flows, reading.place
    if use and use.ref:
        return find_flow(flows, use.ref, place), use.ref
    named_refs = [ref for ref in candidates if ref and ref.id]
    for ref in named_refs:
        try:
            return find_flow(flows, ref, place), ref
        except InputError:
            continue
    if named_refs:
        return find_flow(flows, named_refs[0], place), named_refs[0]
    if len(flows) == 1:
        return next(iter(flows.values())), None
    if ANY in flows:
        return flows[ANY], None
    hint = "Give the one dataflow that they follow."
    raise UnknownStructure("The data do not name their structure.", place, hint)
