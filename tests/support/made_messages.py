"""Flows inferred from data messages, messages made by hand, and messages with one thing broken."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

from lxml import etree

from sdmxmig.sdmx.formats.sdmx_ml.data_reading.header import NAMED_STRUCTURE
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure, Group
from sdmxmig.sdmx.model.references import Ref

CONCEPT = Ref("Concept", "X", id="CS", version="1.0", item="X")


def flow_of(
    ref: Ref,
    dimensions: Sequence[str],
    *,
    dataset: Sequence[str] = (),
    series: Sequence[str] = (),
    observation: Sequence[str] = (),
    groups: Sequence[tuple[str, Sequence[str], Sequence[str]]] = (),
    measures: Sequence[str] = ("OBS_VALUE",),
    time: str = "TIME_PERIOD",
    more: Sequence[Component] = (),
) -> Flow:
    """A flow with uncoded components of these ids; a group is its id, its dimensions and its attributes."""
    components = [Component(name, "dimension", concept=CONCEPT) for name in dimensions]
    components += [Component(time, "time", concept=CONCEPT)] if time else []
    components += [Component(name, "measure", concept=CONCEPT) for name in measures]
    for attachment, names in (("dataset", dataset), ("series", series), ("observation", observation)):
        components += [
            Component(name, "attribute", concept=CONCEPT, attachment=attachment, mandatory=False) for name in names
        ]
    for group, _, names in groups:
        components += [Component(n, "attribute", concept=CONCEPT, attachment="group", group=group) for n in names]
    own = Ref("DataStructure", ref.agency, id=ref.id, version=ref.version)
    structure = DataStructure(
        own,
        Text.of(en=ref.id),
        components=(*components, *more),
        groups=tuple(Group(group, tuple(dims)) for group, dims, _ in groups),
    )
    flow = Ref("Dataflow", ref.agency, id=ref.id, version=ref.version)
    return Flow(Dataflow(flow, Text.of(en=ref.id), structure=own), structure, codelists={}, concepts={})


def inferred(content: bytes, *, dataset: Sequence[str] = (), attributes: Sequence[str] = ()) -> Flow:
    """A flow inferred from the content of a message; `attributes` distinguishes those from dimensions.

    Attributes of the dataset and of observations are known by their position, those of series and groups are not.
    """
    root = etree.fromstring(content)
    found: dict[str, dict[str, None]] = {}
    groups: dict[str, tuple[list[str], list[str]]] = {}
    for element in root.iter("{*}Series", "{*}Obs", "{*}Group", "{*}SeriesKey", "{*}ObsKey", "{*}Attributes"):
        tag = etree.QName(element).localname
        level = f"{etree.QName(element.getparent()).localname}/{tag}" if tag == "Attributes" else tag
        names = [name for name in element.attrib if "}" not in name]
        names += [value.get("id") or value.get("concept") for value in element if tag.endswith(("Key", "Attributes"))]
        if tag == "Group":
            own = next(iter(element.xpath("@*[local-name()='type']"))).rpartition(":")[2]
            key = [name for name in names if name not in attributes]
            groups[own] = (key, [name for name in names if name in attributes])
        found.setdefault(level, {}).update(dict.fromkeys(names))
    head = [*found.get("Series", {}), *found.get("SeriesKey", {}), *found.get("ObsKey", {})]
    flat = not head and not found.get("Series")
    head += [name for name in found.get("Obs", {}) if flat]
    time = "TIME_PERIOD"
    described = {name for _, names in groups.values() for name in names}
    dims = [n for n in head if n not in (*attributes, time, "TIME", "OBS_VALUE", *dataset)]
    own = [n for n in (*found.get("Series", {}), *found.get("Series/Attributes", {})) if n not in (*dims, *described)]
    below = [*found.get("Obs", {}), *found.get("Obs/Attributes", {})]
    observed = [n for n in below if n not in (*dims, *own, *described, time, "TIME", "OBS_VALUE", *dataset)]
    return flow_of(
        named(content),
        dims,
        dataset=[*dataset, *found.get("DataSet/Attributes", {})],
        series=own,
        observation=observed,
        groups=[(group, *both) for group, both in groups.items()],
    )


def named(content: bytes) -> Ref:
    """The structure that a message names, as text search finds it."""
    text = content.decode("utf-8-sig")
    match = re.search(r'<Ref agencyID="([^"]+)" id="([^"]+)" version="([^"]+)"', text)
    if match:
        agency, id_, version = match.groups()
        return Ref("", agency, id=id_, version=version)
    if urn := NAMED_STRUCTURE.search(text, text.find("StructureUsage>")):
        agency, id_, version = urn.groups()[1:]
        return Ref("", agency, id=id_, version=version)
    old = re.search(r"KeyFamilyRef>([^<]+)<", text) or re.search(r"GetKeyFamily/(\w+)", text)
    return Ref("", "X", id=old.group(1) if old else "X", version="1.0")


def broken(content: bytes, seed: int, number: int) -> Iterator[bytes]:
    """The message with one or two things changed at random: bytes, lines, tags, values, or its end cut off."""
    chance = random.Random(seed)
    tags = [match.span() for match in re.finditer(rb"<[^>]+>", content)]
    words = [match.span() for match in re.finditer(rb"[A-Za-z_]{3,}", content)]
    for _ in range(number):
        text = content
        for _ in range(chance.choice((1, 1, 2))):
            kind = chance.randrange(7)
            at = chance.randrange(len(text))
            start, end = chance.choice(tags)
            first, last = chance.choice(words)
            if kind == 0:
                text = text[:at] + bytes([chance.randrange(256)]) + text[at + 1 :]
            elif kind == 1:
                text = text[:at]
            elif kind == 2:
                text = text[:start] + text[end:]
            elif kind == 3:
                text = text[:end] + text[start:end] + text[end:]
            elif kind == 4:
                text = text[:first] + text[first:last][::-1] + text[last:]
            elif kind == 5:
                other, stop = chance.choice(tags)
                text = text[:start] + text[other:stop] + text[end:]
            else:
                text = text[:at] + chance.choice((b"<!--", b"&amp;", b"&x;", b"<![CDATA[", b'"', b"\x00")) + text[at:]
        yield text
