"""Checks of item schemes: duplicate ids, missing parents, circular hierarchies and circular extensions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.parsers import expat

from sdmxmig.io.intake.json import parse_json
from sdmxmig.primitives.errors import InputError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.wire import SHAPES
from sdmxmig.sdmx.formats.wire.tables import NESTED
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.references import ITEM_KINDS, Ref
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.versions import is_requested_version

ItemPlaces = Mapping[str, Sequence[Place]]
"""The places of each item of a list by its id path; duplicates have several."""
DIFFERENT_KIND = "ValueList"
"""A list whose items have values instead of ids; SDMX does not require them to be unique."""

MAX_SHOWN = 6
MAX_LISTS = 100


@dataclass(frozen=True, slots=True)
class Defect:
    """A fault of an item; `absent` is the id of a missing parent, perhaps one left out because of a fault."""

    item: str
    message: str
    hint: str = ""
    occurrence: int = 0
    absent: str = ""


def find_item_faults(name: str, content: bytes, artefacts: Sequence[Artefact]) -> Iterator[InputError]:
    @cache
    def tree() -> Any:
        return parse_json(content, name)

    number_of_lists = 0
    for scheme in artefacts:
        if not isinstance(scheme, ItemScheme) or not (misfits := list(find_scheme_faults(scheme))):
            continue
        place = scheme.place or Place(name)
        places: ItemPlaces = {}
        number_of_lists += 1
        if number_of_lists <= MAX_LISTS:
            with suppress(InputError):  # a damaged message read past its faults
                places = locate_in_json(tree, scheme) if place.key else locate_in_xml(content, scheme)
        for misfit in misfits:
            if misfit.absent in places:
                continue
            item_places = [*places.get(misfit.item, ())]
            at = item_places[misfit.occurrence] if misfit.occurrence < len(item_places) else place
            first = f" The first is at {item_places[0]}." if misfit.occurrence and at is not place else ""
            yield InputError(misfit.message + first, at, misfit.hint)


def find_scheme_faults(scheme: ItemScheme) -> Iterator[Defect]:
    """Find the faults in an item scheme; a partial scheme may have parents that it does not contain."""
    list_name = str(scheme.ref).replace("=", " ")
    seen: dict[str, int] = {}
    for item in scheme.items:
        path = item.path if ITEM_KINDS[scheme.ref.kind] in NESTED else item.id
        seen[path] = seen.get(path, -1) + 1
        if seen[path] and scheme.ref.kind != DIFFERENT_KIND:
            yield Defect(path, f"“{path}” occurs twice in {list_name}.", occurrence=seen[path])
    if ITEM_KINDS[scheme.ref.kind] in NESTED:  # there, the path includes the item
        return
    parents: dict[str, str] = {}
    for item in scheme.items:
        parents.setdefault(item.id, item.parent)
    if not scheme.partial and not scheme.extensions:
        for item in scheme.items:
            if item.parent and item.parent not in parents:
                message = f"The parent “{item.parent}” of “{item.id}” is not in {list_name}."
                yield Defect(item.id, message, hint=did_you_mean(item.parent, parents), absent=item.parent)
    for circle in find_cycles({item: (parent,) for item, parent in parents.items()}):
        yield Defect(circle[0], f"The parents of “{circle[0]}” in {list_name} lead back to it: {format_cycle(circle)}.")


def find_extension_faults(name: str, artefacts: Sequence[Artefact]) -> Iterator[InputError]:
    """Find codelists of a message that extend themselves, directly or through others."""
    lists = {scheme.ref.short: scheme for scheme in artefacts if isinstance(scheme, ItemScheme) and scheme.extensions}
    extended = {
        own: [
            other
            for other, found in lists.items()
            if any(is_matching_scheme(e.codelist, found.ref) for e in scheme.extensions)
        ]
        for own, scheme in lists.items()
    }
    for circle in find_cycles(extended):
        message = f"The codelist {circle[0]} extends itself: {format_cycle(circle)}."
        yield InputError(message, lists[circle[0]].place or Place(name), "Remove one of these extensions.")


def is_matching_scheme(named: Ref, ref: Ref) -> bool:
    return (named.kind, named.agency, named.id) == (ref.kind, ref.agency, ref.id) and is_requested_version(
        named.version, ref.version
    )


def format_cycle(circle: Sequence[str]) -> str:
    shown = circle if len(circle) <= MAX_SHOWN else [*circle[: MAX_SHOWN - 1], "…"]
    return " → ".join((*shown, circle[0]))


def find_cycles(above: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Find cycles of items; each starts with its first item in the scheme."""
    number = {item: number for number, item in enumerate(above)}
    done: set[str] = set()
    for start in above:
        way: dict[str, Iterator[str]] = {} if start in done else {start: iter(above[start])}
        while way:
            item = next(way[last := next(reversed(way))], None)
            if item is None:
                del way[last]
                done.add(last)
            elif item in way:
                circle = list(way)[list(way).index(item) :]
                turn = circle.index(min(circle, key=number.__getitem__))
                yield circle[turn:] + circle[:turn]
            elif item in above and item not in done:
                way[item] = iter(above[item])


def locate_in_json(tree: Callable[[], Any], scheme: ItemScheme) -> ItemPlaces:
    place = scheme.place
    if place is None:
        return {}
    places: dict[str, list[Place]] = {}
    kind = ITEM_KINDS[scheme.ref.kind]
    member = next(row.json for row in SHAPES[scheme.ref.kind] if row.name == "items")

    def look(above: Any, key: str, path: str) -> None:
        items = above.get(member) if isinstance(above, dict) else None
        for number, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict) and isinstance(item.get("id"), str):
                item_path = f"{path}.{item['id']}" if path else item["id"]
                item_key = f"{key}/{member}/{number}"
                places.setdefault(item_path, []).append(Place(place.file, key=item_key))
                if kind in NESTED:
                    look(item, item_key, item_path)

    member_at: Any = tree()
    for step in place.key.strip("/").split("/"):
        if isinstance(member_at, list):
            member_at = member_at[int(step)] if step.isdecimal() and int(step) < len(member_at) else None
        else:
            member_at = member_at.get(step) if isinstance(member_at, dict) else None
    look(member_at, place.key, "")
    return places


class _Lines:
    def __init__(self, scheme: ItemScheme, parser: expat.XMLParserType) -> None:
        self.places: dict[str, list[Place]] = {}
        self._scheme = scheme
        self._parser = parser
        self._place = scheme.place or Place("")
        self._nested = ITEM_KINDS[scheme.ref.kind] in NESTED
        self._above: list[str | None] = []
        """The path of each open element: empty for the list, None for elements that are not items."""
        self._is_past = False
        parser.StartElementHandler = self.begun
        parser.EndElementHandler = self.ended

    def begun(self, _: str, attributes: dict[str, str]) -> None:
        line = self._parser.CurrentLineNumber
        if not self._above:
            is_list = attributes.get("id") == self._scheme.ref.id and self._place.line in (0, line)
            if is_list and not self._is_past and {"agencyID", "agency"} & attributes.keys():
                self._above, self._is_past = [""], True
            return
        above = self._above[-1]
        item_id = attributes.get("id") or attributes.get("value")
        path = None
        if item_id and above is not None and (not above or self._nested):
            path = f"{above}.{item_id}" if above else item_id
            self.places.setdefault(path, []).append(Place(self._place.file, line=line))
        self._above.append(path)

    def ended(self, _: str) -> None:
        if self._above:
            self._above.pop()


def locate_in_xml(content: bytes, scheme: ItemScheme) -> ItemPlaces:
    parser = expat.ParserCreate()
    lines = _Lines(scheme, parser)
    with suppress(expat.ExpatError, ValueError):  # content before a fault is known
        parser.Parse(content, True)
    return lines.places
