"""Campaign: a damaged SDMX message is read, or refused by one clear error with its place, in every format.

A case is a format, structures or data, a kind of damage and a seed. The messages are small ones of the shipped example
of Sweden: its account, and the account's structures.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass

from lxml import etree

from benchmarks.mutated_files import cut, repeat, spoil_bytes, swap_signs
from benchmarks.mutated_json import WAYS as JSON_SHAPES
from benchmarks.mutated_json import spoilt as spoilt_json
from benchmarks.spoilers import attribute, double, move, remove, rename
from sdmxmig.catalogue import list_structures, load
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import FORMATS, data_bytes, read_all, structure_bytes
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header, Party

HEADER = Header("SPOILT", "2026-01-31T12:00:00+00:00", sender=Party("SE1"), receivers=(Party("UNSD"),))
BYTES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "bytes": spoil_bytes,
    "cut": cut,
    "repeat": repeat,
    "signs": swap_signs,
}
SLOWEST = 10.0
FEW = 8


@dataclass(frozen=True, slots=True)
class Case:
    """A damaged message: format, kind of content, damage and seed."""

    format: str
    kind: str
    _: KW_ONLY
    way: str
    seed: int

    @property
    def id(self) -> str:
        return f"{self.format}/{self.kind}/{self.way}/{self.seed}"


SHAPES = {"remove": remove, "double": double, "move": move, "rename": rename, "attribute": attribute}


def ways(format_id: str) -> list[str]:
    if format_id.startswith("sdmx-ml"):
        return [*BYTES, *SHAPES]
    return [*BYTES, *JSON_SHAPES] if format_id.startswith("sdmx-json") else list(BYTES)


def formats() -> list[str]:
    return [one for one in FORMATS if FORMATS[one].write_data and FORMATS[one].read_data]


def cases(count: int) -> Iterator[Case]:
    """This many cases for each format, spread evenly over kinds and ways."""
    for format_id in formats():
        kinds = ["data", "structures"] if FORMATS[format_id].write_structures else ["data"]
        pairs = [(kind, way) for kind in kinds for way in ways(format_id)]
        for number in range(count):
            kind, way = pairs[number % len(pairs)]
            yield Case(format_id, kind, way=way, seed=number)


def is_small(artefact: Artefact) -> bool:
    return len(artefact) < FEW if isinstance(artefact, ItemScheme) else artefact.ref.id.endswith("_ACCOUNT")


class Reader:
    """Reads damaged messages and reports the outcome."""

    def __init__(self, dataset: Dataset) -> None:
        self.flows = load().flows
        self.contents = {}
        artefacts = [one for one in list_structures(load(), [dataset.flow.id]) if is_small(one)]
        for format_id in formats():
            form = FORMATS[format_id]
            self.contents[format_id, "data"] = data_bytes(form, [dataset], HEADER)
            if form.write_structures:
                self.contents[format_id, "structures"] = structure_bytes(form, artefacts, HEADER)

    def spoilt(self, case: Case) -> bytes:
        content, chance = self.contents[case.format, case.kind], random.Random(case.seed)  # noqa: S311 - no secret here
        if case.way in BYTES:
            return BYTES[case.way](content, chance)
        if case.format.startswith("sdmx-json"):
            return spoilt_json(content, case.way, chance)
        root = etree.fromstring(content)
        SHAPES[case.way](root, chance)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")

    def outcome(self, case: Case) -> str:
        """Return ``read``, ``refused`` with a place, or the fault: a raw exception, or more than ten seconds."""
        content, form = self.spoilt(case), FORMATS[case.format]
        start = time.perf_counter()
        try:
            if case.kind == "data":
                read_all(form, "spoilt", content, self.flows)
            elif form.read_structures:
                form.read_structures("spoilt", content)
        except SdmxmigError as error:
            return "refused" if error.place else f"refused without a place: {error}"
        except Exception as error:  # the campaign's very question
            return f"raw {type(error).__name__}: {error}"
        return "read" if time.perf_counter() - start < SLOWEST else "too slow"
