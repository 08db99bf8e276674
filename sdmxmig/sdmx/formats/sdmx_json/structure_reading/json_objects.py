"""JSON objects during reading; members that are never requested are rejected."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, TypeVar

from sdmxmig.io.intake.json import escape_json_name
from sdmxmig.primitives.errors import InputError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Deviation, Faults, attempt_each, convert_to_surplus, report_fault
from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.references import PACKAGE_OF, Ref

POSITION_DIGITS = 9
TYPE_NAMES = {dict: "an object", list: "an array", str: "a text", bool: "true or false", int: "a number"}
URN = re.compile(
    r"urn:sdmx:org\.sdmx\.infomodel\.(?P<package>[a-z]+)\.(?P<kind>[A-Za-z]+)=(?P<agency>[A-Za-z][\w.\-]*)"
    r":(?P<id>[A-Za-z0-9_@$\-]+)\((?P<version>[0-9][0-9A-Za-z.+\-]*|\*)\)(?:\.(?P<item>[A-Za-z0-9_@$\-.]+))?",
    re.ASCII,
)


Made = TypeVar("Made")


@dataclass(slots=True)
class Message:
    """A message being read: file name, version and default language.

    `drafts` are the names of non-final artefacts as drafts, `aliases` codelists by alias (SDMX-JSON 1.0 hierarchies),
    `formats` the frequency formats of the current structure map, `owner` the current artefact, `faults` those of
    lenient reading.
    """

    file: str
    version: str
    _: KW_ONLY
    language: str = "en"
    drafts: dict[Ref, Ref] = field(default_factory=dict)
    aliases: dict[str, Ref] = field(default_factory=dict)
    formats: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    owner: Ref = field(default_factory=lambda: Ref("", "", id="", version=""))
    faults: Faults | None = None

    @property
    def is_old(self) -> bool:
        return self.version == "1.0"


class Part:
    """A JSON object with its pointer; null members count as absent."""

    __slots__ = ("_asked", "message", "pointer", "value")

    def __init__(self, value: Any, message: Message, pointer: str) -> None:
        self.message, self.pointer = message, pointer
        if type(value) is not dict:
            raise self.error("This must be an object.")
        self.value: dict[str, Any] = value
        self._asked: set[str] = set()

    @property
    def place(self) -> Place:
        return Place(self.message.file, key=self.pointer or "/")

    def error(self, message: str, hint: str = "", *, at: str = "") -> InputError:
        key = self.pointer + (f"/{escape_json_name(at)}" if at else "")
        return InputError(message, Place(self.message.file, key=key or "/"), hint)

    def unfit(self, predicate: str, hint: str = "", *, at: str = "") -> InputError:
        return self.error(f"This {predicate}", hint, at=at)

    def lacking(self, *names: str) -> InputError:
        return self.error(f"{' or '.join(f'“{name}”' for name in names)} is missing.")

    def wrong(self, message: str, hint: str = "", *, at: str = "") -> None:
        report_fault(self.message.faults, self.error(message, hint, at=at))

    def deviation(self, message: str, hint: str = "", *, at: str = "") -> None:
        error = self.error(message, hint, at=at)
        report_fault(self.message.faults, Deviation(error.message, error.place, error.hint))

    def surplus(self, message: str, hint: str = "", *, at: str = "") -> None:
        report_fault(self.message.faults, convert_to_surplus(self.error(message, hint, at=at)))

    def _find(self, name: str) -> Any:
        """Return the member with this name; lenient reading also accepts and reports its name in another version."""
        other = OTHER_NAMES.get(name, "")
        if other in self.value and name not in self.value and self.message.faults is not None:
            self.deviation(f"“{other}” is called “{name}” here.", at=other)
            self.value = {name if member == other else member: value for member, value in self.value.items()}
            if name == "timeDimension":  # of several, at least one was always present
                self.value[name] = convert_value(self.value[name], dict)
        return self.value.get(name)

    def has(self, name: str) -> bool:
        return self._find(name) is not None

    def take(self, name: str, kind: type) -> Any:
        self._asked.add(name)
        member = self._find(name)
        if member is not None and type(member) is not kind:
            as_meant = convert_value(member, kind)
            tell = self.wrong if as_meant is None else self.deviation
            tell(f"“{name}” must be {TYPE_NAMES[kind]}.", at=name)
            return as_meant
        return member

    def text(self, name: str, default: str = "") -> str:
        text = self.take(name, str)
        return default if text is None else str(text)

    def needed(self, name: str) -> str:
        text = self.take(name, str)
        if text is None:
            raise self.lacking(name)
        return str(text)

    def matched(self, name: str, pattern: re.Pattern[str], *, needed: bool = False) -> str:
        text = self.needed(name) if needed else self.text(name)
        if (text or needed) and not pattern.fullmatch(text):
            error = self.error(f"“{text[:80]}” is not valid for “{name}”.", at=name)
            if needed:
                raise error
            report_fault(self.message.faults, error)
            return ""
        return text

    def choice(self, name: str, default: str, *known: str) -> str:
        word = self.text(name, default)
        if word not in known:
            self.wrong(f"“{word[:80]}” is not a value of “{name}”.", did_you_mean(word, known), at=name)
            return default if default in known else known[0]
        return word

    def flag(self, name: str, *, default: bool = False) -> bool:
        member = self.take(name, bool)
        return default if member is None else bool(member)

    def number(self, name: str, pattern: re.Pattern[str] = words.NUMBER) -> str:
        self._asked.add(name)
        member = self.value.get(name)
        if member is None:
            return ""
        digits = str(member) if isinstance(member, int | str) and type(member) is not bool else ""
        if not pattern.fullmatch(digits):
            self.wrong(f"“{name}” must be a number.", at=name)
            return ""
        return digits

    def position(self) -> int | None:
        digits = self.number("position", words.WHOLE)
        if len(digits) > POSITION_DIGITS or digits.startswith("-"):
            self.wrong("“position” must be the place in the list.", at="position")
            return None
        return int(digits) if digits else None

    def part(self, name: str) -> Part | None:
        member = self.take(name, dict)
        return None if member is None else Part(member, self.message, f"{self.pointer}/{escape_json_name(name)}")

    def one(self, name: str) -> Part:
        part = self.part(name)
        if part is None:
            raise self.lacking(name)
        return part

    def parts(self, name: str) -> list[Part]:
        members, pointer = self.take(name, list), f"{self.pointer}/{escape_json_name(name)}"
        pairs = ((element, f"{pointer}/{index}") for index, element in enumerate(members or ()))
        return list(attempt_each(self.message.faults, lambda pair: Part(pair[0], self.message, pair[1]), pairs))

    def each(self, read: Callable[[Part], Made], name: str, *, is_aside: bool = False) -> Iterator[Made]:
        return attempt_each(self.message.faults, read, self.parts(name), is_aside=is_aside)

    def raw(self, name: str) -> list[tuple[Any, str]]:
        pointer = f"{self.pointer}/{escape_json_name(name)}"
        return [(element, f"{pointer}/{index}") for index, element in enumerate(self.take(name, list) or ())]

    def strings(self, name: str, pattern: re.Pattern[str] | None = None) -> tuple[str, ...]:
        texts = []
        for value, pointer in self.raw(name):
            if type(value) is not str or (pattern and not pattern.fullmatch(value)):
                message = "This must be a text." if type(value) is not str else f"“{value[:80]}” is not allowed here."
                report_fault(self.message.faults, InputError(message, Place(self.message.file, key=pointer)))
            else:
                texts.append(value)
        return tuple(texts)

    def words(self, name: str) -> Text:
        alone, every = self.text(name), self.part(f"{name}s")
        if every is None:
            return Text(((self.message.language, alone),)) if self.has(name) else Text()
        texts = []
        for language in every.value:
            if not words.LANGUAGE.fullmatch(language):
                if language.startswith("x-") and type(every.value[language]) is not str:
                    continue
                every.surplus(f"“{language[:80]}” is not a language.", at=language)
                continue
            texts.append((language, every.text(language)))
        return Text(tuple(texts)) if texts or not self.has(name) else Text(((self.message.language, alone),))

    def reference(self, name: str, *kinds: str) -> Ref | None:
        urn = self.take(name, str)
        return None if urn is None else self.urn(str(urn), *kinds, at=name)

    def references(self, name: str, *kinds: str) -> tuple[Ref, ...]:
        return tuple(
            self.urn(urn, *kinds, at=f"{name}/{index}", raw=True) for index, urn in enumerate(self.strings(name))
        )

    def urn(self, text: str, *kinds: str, at: str = "", raw: bool = False) -> Ref:
        match = URN.fullmatch(text)
        where = Place(
            self.message.file, key=f"{self.pointer}/{at if raw else escape_json_name(at)}" if at else self.pointer
        )
        if match is None or PACKAGE_OF.get(match["kind"]) != match["package"]:
            hint = "A URN begins like urn:sdmx:org.sdmx.infomodel.codelist.Codelist=AGENCY:ID(VERSION)."
            raise InputError(f"“{text[:200]}” is not a URN of SDMX.", where, hint)
        if kinds and match["kind"] not in kinds:
            raise InputError(f"This names a {match['kind']}.", where, f"It may name: {', '.join(kinds)}.")
        ref = Ref(match["kind"], match["agency"], id=match["id"], version=match["version"], item=match["item"] or "")
        draft = self.message.drafts.get(ref.scheme)
        return replace(ref, version=draft.version) if draft else ref

    def read_one_reference(self, name: str, *kinds: str) -> Ref:
        ref = self.reference(name, *kinds)
        if ref is None:
            raise self.lacking(name)
        return ref

    def of_kinds(self, kinds: Mapping[str, str]) -> Iterator[tuple[Part, str]]:
        members = {words.find_array_name(name): kind for name, kind in kinds.items()}
        return ((child, members[name]) for name in self.value if name in members for child in self.parts(name))

    def members(self) -> Iterator[str]:
        return iter(self.value)

    def ignore(self, *names: str) -> None:
        self._asked.update(names)

    def close(self) -> None:
        for name in self.value:
            if name not in self._asked and not name.startswith("x-"):
                known = sorted(self._asked)
                self.surplus(f"“{name[:80]}” is unknown here.", did_you_mean(name, known), at=name)


def report_other_content(data: Part, what: str, members: Iterable[str]) -> None:
    others = [member for member in members if member in data.value]
    full = next((member for member in others if data.value[member]), "")
    if full:
        data.surplus(f"The message also contains {what} (“{full}”).", "Send them as a message of their own.", at=full)
    data.ignore(*others)


RENAMED_MEMBERS = {
    "textType": "dataType",
    "textFormat": "format",
    "structureUsage": "dataflow",
    "timeDimensions": "timeDimension",
}
"""SDMX-JSON 1.0 names and those of 2.x; the Fusion registry before 11.18 wrote the older ones in 2.x messages."""
OTHER_NAMES = RENAMED_MEMBERS | {new: old for old, new in RENAMED_MEMBERS.items()}

CONTAINER_BY_MEMBER = {
    "codes": "codelists",
    "valueItems": "valueLists",
    "concepts": "conceptSchemes",
    "categories": "categorySchemes",
    "agencies": "agencySchemes",
    "dataProviders": "dataProviderSchemes",
    "dataStructureComponents": "dataStructures",
    "metadataStructureComponents": "metadataStructures",
    "hierarchicalCodes": "hierarchies",
    "structure": "dataflows",
}
"""The collection of an artefact, by a typical member."""


def convert_value(value: Any, kind: type) -> Any:
    """Convert a value to another type if the conversion is unambiguous; else None.

    >>> convert_value("true", bool), convert_value({"id": "A"}, list), convert_value(2, str), convert_value([1], str)
    (True, [{'id': 'A'}], '2', None)
    """
    if kind is bool and value in ("true", "false", "1", "0"):
        return value in ("true", "1")
    if kind is list and type(value) in (dict, str):
        return [value]
    if kind is dict and type(value) is list and len(value) == 1 and type(value[0]) is dict:
        return value[0]
    if kind is str and type(value) is int:
        return str(value)
    return None


def wrap_message(value: dict[str, Any]) -> dict[str, Any]:
    container = next((CONTAINER_BY_MEMBER[name] for name in CONTAINER_BY_MEMBER if name in value), "")
    return {container: [value]} if container and {"id", "agencyID"} <= value.keys() else {}
