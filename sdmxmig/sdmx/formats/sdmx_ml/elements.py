"""Elements read part by part; closing a part rejects unread attributes and children."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import TypeVar, cast

from lxml import etree

from sdmxmig.io.intake.xml import parse_xml
from sdmxmig.primitives.errors import InputError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Faults, attempt_each, convert_to_surplus, report_fault
from sdmxmig.sdmx.formats.sdmx_ml.dialects import DIALECTS, SCHEMAS, XML, XSI
from sdmxmig.sdmx.model.artefacts import Item, Text
from sdmxmig.sdmx.model.references import Ref

LANGUAGE = f"{{{XML}}}lang"
OLD_SCHEMAS = "http://www.SDMX.org/resources/SDMXML/schemas"
VERSION_BY_NAMESPACE = {
    f"{OLD_SCHEMAS}/v2_0": "2.0",
    f"{SCHEMAS}/v2_1": "2.1",
    f"{SCHEMAS}/v3_0": "3.0",
    f"{SCHEMAS}/v3_1": "3.1",
}
FIXED_VERSIONS = {dialect.sdmx_version: dialect.fixed_versions for dialect in DIALECTS}
PREFIX_BY_NAMESPACE = {"registry": "reg:", "message/footer": "foot:"}
"""Prefixes of names around data, besides those of artefacts."""
LAST_KEPT_LINE = 65534
"""Beyond this line the XML library gives the line after the text in or behind an element."""
UNQUALIFIED_ELEMENTS = {"Ref", "URN"}
NO_TEXT = Text()
ID_LIST = re.compile(r"[A-Za-z0-9_@$\-]+(?:\.[A-Za-z0-9_@$\-]+)*")


Made = TypeVar("Made")


def find_line(element: etree._Element) -> int:
    line = cast("int | None", element.sourceline) or 1
    if line <= LAST_KEPT_LINE:
        return line
    while not element.text and len(element):
        element = element[0]
    return line - (element.text or element.tail or "").count("\n")


def open_root(name: str, root: etree._Element) -> tuple[str, str, str]:
    namespace, _, local = str(root.tag)[1:].rpartition("}")
    folder = namespace.removesuffix("/message")
    version = VERSION_BY_NAMESPACE.get(folder, "")
    if not version or namespace != f"{folder}/message":
        undeclared = ":" in str(root.tag) and not folder
        hint = (
            "Its prefix is not declared."
            if undeclared
            else f"SDMX-ML {', '.join(VERSION_BY_NAMESPACE.values())} are known."
        )
        place = Place(name, line=find_line(root))
        raise InputError(f"<{local or root.tag}> is not a message of a known version of SDMX-ML.", place, hint)
    return folder, version, local


class Names(dict[str, str]):
    """The names of elements by tag: the local name in artefacts, ``com:Name`` for common ones, others in full."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.folder = folder
        self.prefixes = {f"{folder}/structure": "", f"{folder}/common": "com:", f"{folder}/message": "mes:"}
        self.prefixes[f"{folder}/message/footer"] = "mes:"  # a part of the message in its own namespace

    def __missing__(self, tag: str) -> str:
        if not isinstance(tag, str):  # an undefined entity, since a DOCTYPE is rejected
            return "an entity"
        namespace, _, local = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
        known = self.prefixes.get(namespace)
        if known is None and not namespace and local in UNQUALIFIED_ELEMENTS:
            known = ""
        self[tag] = name = tag if known is None else f"{known}{local}"
        return name

    def readable(self, name: str) -> str:
        prefix = f"{name.partition(':')[0]}:"
        return name.removeprefix(prefix) if prefix in self.prefixes.values() else name


@dataclass(slots=True)
class Message:
    """Facts shared by all readers of a message.

    `line_of` locates elements. `drafts` are SDMX 2.1 drafts, `aliases` codelists of the current hierarchical codelist,
    `formats` frequency formats of the current structure map by id, `items` those of the current scheme, `owner` the
    current SDMX-ML 2.0 artefact.
    """

    file: str
    version: str
    _: KW_ONLY
    names: Names
    line_of: Callable[[etree._Element], int] = find_line
    drafts: set[Ref] = field(default_factory=set)
    aliases: dict[str, Ref] = field(default_factory=dict)
    formats: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    owner: Ref = field(default=Ref("", "", id="", version=""))
    items: list[Item] = field(default_factory=list)
    faults: Faults | None = None

    @property
    def fixed_versions(self) -> tuple[str, ...]:
        return FIXED_VERSIONS.get(self.version, ())

    @property
    def is_21(self) -> bool:
        return self.version == "2.1"

    def place(self, element: etree._Element) -> Place:
        return Place(self.file, line=self.line_of(element))


class Part:
    """An element whose attributes and children must all be read before it is closed."""

    __slots__ = ("_attributes", "_children", "element", "message")

    def __init__(self, element: etree._Element, message: Message) -> None:
        self.element = element
        self.message = message
        self._attributes: dict[str, str] = dict(element.attrib)  # type: ignore[arg-type]  # names and values are text
        self._children: dict[str, list[etree._Element]] = {}
        names, children = message.names, self._children
        for child in element:
            children.setdefault(names[child.tag], []).append(child)

    @property
    def name(self) -> str:
        return str(self.element.tag).rpartition("}")[2]

    @property
    def place(self) -> Place:
        return self.message.place(self.element)

    def error(self, message: str, hint: str = "", element: etree._Element | None = None) -> InputError:
        return InputError(
            f"<{self.name}> {message}", self.message.place(self.element if element is None else element), hint
        )

    def unfit(self, predicate: str, hint: str = "", *, at: str = "") -> InputError:
        return self.error(
            predicate, hint, next((child for child in self.element if self.message.names[child.tag] == at), None)
        )

    def lacking(self, *names: str) -> InputError:
        return self.error(f"lacks <{' or '.join(self.message.names.readable(name) for name in names)}>.")

    def wrong(self, message: str, hint: str = "", element: etree._Element | None = None) -> None:
        report_fault(self.message.faults, self.error(message, hint, element))

    def surplus(self, message: str, hint: str = "", element: etree._Element | None = None) -> None:
        report_fault(self.message.faults, convert_to_surplus(self.error(message, hint, element)))

    def attribute(self, name: str, default: str = "") -> str:
        return self._attributes.pop(name, default)

    def needed(self, name: str) -> str:
        value = self._attributes.pop(name, "")
        if not value:
            raise self.error(f"lacks the attribute {name}.")
        return value

    def given(self, name: str) -> str:
        if name not in self._attributes:
            raise self.error(f"lacks the attribute {name}.")
        return self._attributes.pop(name)

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self._attributes.pop(name, "").strip()
        if value not in {"", "true", "1", "false", "0"}:
            self.wrong(f"has “{value}” for {name}.", "Write true or false.")
            return default
        return value in {"true", "1"} if value else default

    def has(self, name: str) -> bool:
        return name in self._children

    def parts(self, *names: str) -> list[Part]:
        if len(names) == 1:
            return [Part(child, self.message) for child in self._children.pop(names[0], ())]
        wanted = {child for name in names for child in self._children.pop(name, ())}
        return [Part(child, self.message) for child in self.element if child in wanted] if wanted else []

    def each(self, read: Callable[[Part], Made], *names: str, is_aside: bool = False) -> Iterator[Made]:
        return attempt_each(self.message.faults, read, self.parts(*names), is_aside=is_aside)

    def part(self, *names: str) -> Part | None:
        part: Part | None = None
        for name in names:
            for child in self._children.pop(name, ()):
                if part is not None:
                    Part(child, self.message).wrong(f"is in <{self.name}>, which has <{part.name}> already.")
                    continue
                part = Part(child, self.message)
        return part

    def one(self, *names: str) -> Part:
        part = self.part(*names)
        if part is None:
            raise self.lacking(*names)
        return part

    def of_kinds(self, kinds: Mapping[str, str]) -> Iterator[tuple[Part, str]]:
        return ((child, kinds[child.name]) for child in self.parts(*kinds))

    def children(self) -> Iterator[tuple[str, Part]]:
        untaken = {child for elements in self._children.values() for child in elements}
        self._children.clear()
        for child in self.element:
            if child in untaken:
                yield self.message.names[child.tag], Part(child, self.message)

    def content(self) -> str:
        text = self.element.text or ""
        self.close(text=True)
        return text

    def texts(self, name: str) -> list[str]:
        return [part.content() for part in self.parts(name)]

    def text(self, name: str) -> str:
        elements = self._children.get(name)
        if elements is None:
            return ""
        if len(elements) > 1 or len(elements[0]) or elements[0].attrib:
            part = self.part(name)
            return part.content() if part else ""
        del self._children[name]
        return elements[0].text or ""

    def words(self, name: str) -> Text:
        elements = self._children.pop(name, None)
        if elements is None:
            return NO_TEXT
        values: list[tuple[str, str]] = []
        for child in elements:
            attributes = child.items()
            if len(child) or (attributes and (len(attributes) > 1 or attributes[0][0] != LANGUAGE)):
                part = Part(child, self.message)
                part.attribute(LANGUAGE)
                part.close(text=True)
            if child.text:
                values.append((str(attributes[0][1]) if attributes else "en", child.text))
        return Text(tuple(values))

    def ignore(self, *names: str) -> None:
        for name in names:
            self._children.pop(name, None)

    def close(self, *, text: bool = False) -> None:
        for name in self._attributes:
            if not name.startswith((f"{{{XSI}}}", f"{{{XML}}}")):
                self.surplus(f"has an unknown attribute {name}.")
        for name, elements in self._children.items():
            what = self.message.names.readable(name)
            hint = "It is in another namespace, or this version of SDMX does not have it."
            if ":" in what and not what.startswith("{"):
                hint = "Its prefix is not declared."
            self.surplus(f"contains <{what}>, which does not belong there.", hint, elements[0])
        if not text and self.element.text and not self.element.text.isspace():
            self.surplus("contains text, but only elements are allowed.")

    def choice(self, value: str, *known: str) -> str:
        if value not in known:
            raise self.error(f"says “{value}”.", did_you_mean(value, known))
        return value

    def check_id(self, value: str) -> str:
        if not ID_LIST.fullmatch(value):
            raise self.error(f"has “{value}” for an id.", "An id has letters, digits, _, @, $ and -.")
        return value


def join_lines(texts: Iterable[tuple[str, str]]) -> Text:
    values: dict[str, str] = {}
    for language, text in texts:
        values[language] = f"{values[language]}\n{text}" if language in values else text
    return Text(tuple(values.items()))


def open_message(name: str, content: bytes, faults: Faults | None = None) -> Part:
    root = parse_xml(content, name)
    folder, version, _ = open_root(name, root)
    names = Names(folder)
    names.prefixes |= {f"{folder}/{part}": prefix for part, prefix in PREFIX_BY_NAMESPACE.items()}
    return Part(root, Message(name, version, names=names, faults=faults))
