"""Damages to the structure of a message that keep it well-formed XML or JSON.

They imitate careless programs: missing, duplicate, moved, renamed and empty parts, contents of neighbours, and wrong
references. ``spoilt(content, way, chance)`` returns the damaged message, reproducibly.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable
from typing import Any

from lxml import etree

from benchmarks.mutated_json import ODD, SHAPES, Place, places

XmlWay = Callable[[etree._Element, random.Random], None]
JsonWay = Callable[[random.Random, list[Place]], None]

ODD_TEXTS = (
    *("", " ", "x", "0", "-1", "1.5", "true", "2024-13", "1e400", "unbounded", "A.B", "..", "%", "*", "é" * 300),
    *("urn:x", "urn:sdmx:org.sdmx.infomodel.codelist.Codelist=A:B(1.0)", "\n\t", "]]>", "&", "NaN", "{", "9" * 40),
)
NAMES_ODD = ("id", "invented", "x.y", "Ref", "value", "{urn:other}id", "{http://www.w3.org/XML/1998/namespace}lang")
NAMING = ("id", "agencyID", "version", "maintainableParentID", "containerID", "urn", "class", "package", "value")
VERSIONS = ("v2_0", "v2_1", "v3_0", "v3_1", "v9_9")
PARENTS = re.compile(r"parent", re.IGNORECASE)
SEVERAL = 6


def elements(root: etree._Element) -> list[etree._Element]:
    """Return all elements below the root; the root itself without any."""
    return list(root.iter("*"))[1:] or [root]


def remove(root: etree._Element, chance: random.Random) -> None:
    victim = chance.choice(elements(root))
    if (parent := victim.getparent()) is not None:
        parent.remove(victim)


def double(root: etree._Element, chance: random.Random) -> None:
    victim = chance.choice(elements(root))
    if victim is not root:
        victim.addnext(copy.deepcopy(victim))


def move(root: etree._Element, chance: random.Random) -> None:
    victim, other = chance.choice(elements(root)), chance.choice(elements(root))
    if other not in list(victim.iter("*")) and victim is not root:
        other.addprevious(victim)


def rename(root: etree._Element, chance: random.Random) -> None:
    chance.choice(elements(root)).tag = chance.choice(elements(root)).tag


def attribute(root: etree._Element, chance: random.Random) -> None:
    """Change, drop or invent an attribute."""
    element = chance.choice([element for element in root.iter("*") if element.attrib] or [root])
    name = chance.choice([*element.attrib, "invented"])
    if chance.random() < 0.5 and name in element.attrib:
        del element.attrib[name]
    else:
        element.set(name, chance.choice(["", "x", "1", "true", "urn:x", "2024", " A ", "é" * 300]))


def swap(root: etree._Element, chance: random.Random) -> None:
    """Swap the content of two elements: texts and attributes, or all children."""
    first, second = chance.choice(elements(root)), chance.choice(elements(root))
    if chance.random() < 0.5:
        first.text, second.text = second.text, first.text
        before, after = dict(first.attrib.items()), dict(second.attrib.items())
        first.attrib.clear()
        second.attrib.clear()
        first.attrib.update(after)
        second.attrib.update(before)
    elif first not in list(second.iter("*")) and second not in list(first.iter("*")):
        ours, theirs = list(first), list(second)
        first[:], second[:] = theirs, ours


def swap_neighbours(root: etree._Element, chance: random.Random) -> None:
    """Put an element before the one that it follows."""
    later = [element for element in elements(root) if element.getprevious() is not None]
    if later:
        victim = chance.choice(later)
        before = victim.getprevious()
        if before is not None:
            before.addprevious(victim)


def nest(root: etree._Element, chance: random.Random) -> None:
    """Put an element into a copy of itself, or take a level out."""
    victim = chance.choice(elements(root))
    parent = victim.getparent()
    if parent is None:
        return
    if chance.random() < 0.5:
        outer = etree.Element(victim.tag, dict(victim.attrib.items()))  # type: ignore[arg-type]  # names and values are text
        parent.replace(victim, outer)
        outer.append(victim)
    else:
        for child in list(victim):
            victim.addprevious(child)
        parent.remove(victim)


def fill(root: etree._Element, chance: random.Random) -> None:
    """Put another text into an element, also where only elements belong; or a comment, or an instruction."""
    victim = chance.choice(elements(root))
    if chance.random() < 0.2:
        victim.append(etree.Comment("x") if chance.random() < 0.5 else etree.ProcessingInstruction("x", "y"))
    else:
        victim.text = chance.choice(ODD_TEXTS)


def empty(root: etree._Element, chance: random.Random) -> None:
    """Leave of an element only its name, or only its attributes."""
    victim = chance.choice(elements(root))
    kept = dict(victim.attrib.items()) if chance.random() < 0.5 else {}
    victim.clear(keep_tail=True)  # type: ignore[call-arg]  # the stub lacks it
    victim.attrib.update(kept)


def odd_attribute(root: etree._Element, chance: random.Random) -> None:
    """Give an attribute an odd value, another name, or the value of another."""
    element = chance.choice([element for element in root.iter("*") if element.attrib] or [root])
    name = str(chance.choice([*element.attrib, *NAMES_ODD[:2]]))
    choice = chance.random()
    if choice < 0.4:
        element.set(name, chance.choice(ODD_TEXTS))
    elif choice < 0.6:
        element.set(chance.choice(NAMES_ODD), element.attrib.pop(name, "x"))
    else:
        others = [str(value) for element in root.iter("*") for value in element.attrib.values()]
        element.set(name, chance.choice(others or ["x"]))


def refer(root: etree._Element, chance: random.Random) -> None:
    """Rename or redirect a reference to another object's name; its own name makes a circle."""
    named = [(element, name) for element in root.iter("*") for name in element.attrib if name in NAMING]
    if not named:
        return
    (element, name), (other, _) = chance.choice(named), chance.choice(named)
    same = other.get(name)
    if same is not None:
        element.set(name, same)


def circle(root: etree._Element, chance: random.Random) -> None:
    """Let a parent be the item itself, or one below it."""
    found = [element for element in root.iter("*") if PARENTS.search(str(element.tag))]
    found += [element for element in root.iter("*") if any(PARENTS.search(str(name)) for name in element.attrib)]
    if not found:
        refer(root, chance)
        return
    victim = chance.choice(found)
    owner = victim.getparent() if not victim.attrib else victim
    ids = [one.get("id") or one.get("value") or "x" for one in root.iter("*") if one.get("id") or one.get("value")]
    own = (owner.get("id") or owner.get("value") if owner is not None else "") or chance.choice(ids or ["x"])
    text = own if chance.random() < 0.5 else chance.choice(ids or [own])
    for inner in victim.iter("*"):
        names = [name for name in inner.attrib if name == "id" or PARENTS.search(str(name))]
        if inner is not victim and names:
            inner.set(names[0], text)
            return
    names = [name for name in victim.attrib if PARENTS.search(str(name))]
    if names:
        victim.set(names[0], text)
    else:
        victim.text = text


def namespace(root: etree._Element, chance: random.Random) -> None:
    """Put an element, or all of its namespace, into another one; or the message into another version."""
    spaces = sorted({etree.QName(one).namespace or "" for one in root.iter("*")})
    victim = chance.choice(list(root.iter("*")))
    old = etree.QName(victim).namespace or ""
    choice = chance.random()
    if choice < 0.4:
        new = chance.choice([*spaces, "", "urn:other"])
    elif choice < 0.7:
        new = re.sub(r"v\d_\d", chance.choice(VERSIONS), old)
    else:
        new = chance.choice([old.upper(), old.replace("http:", "https:"), f"{old}/", old.swapcase()])
    whole = chance.random() < 0.5
    for element in list(root.iter("*")) if whole else [victim]:
        if (etree.QName(element).namespace or "") == old:
            local = etree.QName(element).localname
            element.tag = f"{{{new}}}{local}" if new else local


XML_WAYS: dict[str, XmlWay] = {
    "remove": remove,
    "double": double,
    "move": move,
    "rename": rename,
    "attribute": attribute,
    "swap": swap,
    "swap neighbours": swap_neighbours,
    "nest": nest,
    "fill": fill,
    "empty": empty,
    "odd attribute": odd_attribute,
    "refer": refer,
    "circle": circle,
    "namespace": namespace,
}


def wrap_element(chance: random.Random, found: list[Place]) -> None:
    """Put a list or object around a value, or take one away."""
    container, name = chance.choice(found)
    value = container[name]
    if isinstance(value, list | dict) and value and chance.random() < 0.5:
        container[name] = value[0] if isinstance(value, list) else next(iter(value.values()))
    else:
        container[name] = chance.choice([[value], {"id": value}, {"en": value}, [value, copy.deepcopy(value)]])


def duplicate_element(chance: random.Random, found: list[Place]) -> None:
    """Put an element of a list in twice."""
    listed = [(container, name) for container, name in found if isinstance(container, list)]
    if listed:
        container, name = chance.choice(listed)
        if name < len(container):
            container.insert(name, copy.deepcopy(container[name]))


def exchange(chance: random.Random, found: list[Place]) -> None:
    (one, name), (two, other) = chance.choice(found), chance.choice(found)
    first, second = copy.deepcopy(one[name]), copy.deepcopy(two[other])
    one[name] = second
    if isinstance(two, dict) or other < len(two):
        two[other] = first


def texts_in(found: list[Place]) -> list[Place]:
    return [(container, name) for container, name in found if isinstance(container[name], str)]


def odd_text(chance: random.Random, found: list[Place]) -> None:
    """Replace a text by an odd one."""
    texts = texts_in(found)
    if texts:
        container, name = chance.choice(texts)
        container[name] = chance.choice(ODD_TEXTS)


def name_alike(chance: random.Random, found: list[Place]) -> None:
    """Copy a member's value from one of the same name or a neighbour: references, circles."""
    texts = [(container, name) for container, name in texts_in(found) if isinstance(container, dict)]
    if not texts:
        return
    container, name = chance.choice(texts)
    alike = [one[other] for one, other in texts if other == name]
    beside = [value for value in container.values() if isinstance(value, str)]
    container[name] = chance.choice(alike if chance.random() < 0.5 else beside)


def wrong_kind(chance: random.Random, found: list[Place]) -> None:
    """Replace a text, list or object by a value of another kind."""
    container, name = chance.choice(found)
    others = [one for one in ODD if type(one) is not type(container[name])]
    container[name] = copy.deepcopy(chance.choice(others))


def rename_alike(chance: random.Random, found: list[Place]) -> None:
    """Give a member the name of one elsewhere in the message."""
    members = [(container, name) for container, name in found if isinstance(container, dict)]
    if members:
        container, name = chance.choice(members)
        container[chance.choice(members)[1]] = container.pop(name)


JSON_WAYS: dict[str, JsonWay] = {
    **SHAPES,
    "wrap": wrap_element,
    "twice": duplicate_element,
    "exchange": exchange,
    "odd text": odd_text,
    "name alike": name_alike,
    "wrong kind": wrong_kind,
    "rename alike": rename_alike,
}
WAYS = (*dict.fromkeys((*XML_WAYS, *JSON_WAYS)), "several")
"""All ways; of those that only the other syntax has, another one is taken."""


def spoilt(content: bytes, way: str, chance: random.Random) -> bytes:
    """A message, XML or JSON, spoilt in one of `WAYS`; ``several`` takes some of them one after the other."""
    if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return spoilt_json(content, way, chance)
    return spoilt_xml(content, way, chance)


def chosen(way: str, known: dict[str, Any], chance: random.Random) -> list[Any]:
    if way == "several":
        return chance.choices(list(known.values()), k=chance.randint(2, SEVERAL))
    return [known[way] if way in known else chance.choice(list(known.values()))]


def spoilt_xml(content: bytes, way: str, chance: random.Random) -> bytes:
    root = etree.fromstring(content)
    for spoil in chosen(way, XML_WAYS, chance):
        before = etree.tostring(root)
        try:
            spoil(root, chance)
        except ValueError:  # what cannot be XML is not made
            root = etree.fromstring(before)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def spoilt_json(content: bytes, way: str, chance: random.Random) -> bytes:
    root = json.loads(content)
    for spoil in chosen(way, JSON_WAYS, chance):
        if found := places(root):
            spoil(chance, found)
    return json.dumps(root, ensure_ascii=False).encode()
