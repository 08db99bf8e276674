"""Campaign: a damaged file is read, or refused by one clear error, never by a raw exception.

A case is a shipped input file, a kind of damage and a seed.
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from sdmxmig.catalogue import load
from sdmxmig.conversion.mapping import load as load_mapping
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import FORMATS, read_all

ROOT = Path(__file__).parents[1]
INPUTS = {
    "workbook": ROOT / "examples" / "georgia" / "tables" / "population.xlsx",
    "old workbook": ROOT / "tests" / "conversion" / "workbooks" / "twins" / "stocks.xls",
    "OpenDocument workbook": ROOT / "tests" / "conversion" / "workbooks" / "twins" / "stocks.ods",
    "web page": ROOT / "tests" / "conversion" / "workbooks" / "twins" / "stocks.html",
    "text table": ROOT / "templates" / "workspace" / "tables" / "population.csv",
    "mapping": ROOT / "examples" / "georgia" / "mappings" / "population.toml",
}
ARCHIVES = ("workbook", "OpenDocument workbook")


@dataclass(frozen=True, slots=True)
class Case:
    """One spoilt file: which input, spoilt how, with which seed."""

    kind: str
    way: str
    _: KW_ONLY
    seed: int

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.way}/{self.seed}"


def cases(count: int) -> Iterator[Case]:
    """This many cases, spread evenly over inputs and ways."""
    pairs = [(kind, way) for kind in (*INPUTS, "dataset") for way in WAYS if way != "member" or kind in ARCHIVES]
    for number in range(count):
        kind, way = pairs[number % len(pairs)]
        yield Case(kind, way, seed=number)


def spoil_bytes(content: bytes, chance: random.Random) -> bytes:
    spoilt = bytearray(content)
    for _ in range(chance.randint(1, 12)):
        spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
    return bytes(spoilt)


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def repeat(content: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.randrange(len(content)) for _ in range(2))
    return content[:end] + content[start:]


def swap_signs(content: bytes, chance: random.Random) -> bytes:
    """Replace a character by one with a syntactic meaning."""
    spoilt = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        spoilt[chance.randrange(len(spoilt))] = chance.choice(b"<>&\"'=[]{},;\n\t\x00 0")
    return bytes(spoilt)


def spoil_member(content: bytes, chance: random.Random) -> bytes:
    """Spoil one part inside a workbook and close the archive properly."""
    source = zipfile.ZipFile(io.BytesIO(content))
    victim = chance.choice(source.namelist())
    way = chance.choice([spoil_bytes, cut, repeat, swap_signs])
    spoilt = io.BytesIO()
    with zipfile.ZipFile(spoilt, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = source.read(name)
            target.writestr(name, way(part, chance) if name == victim and part else part)
    return spoilt.getvalue()


WAYS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "bytes": spoil_bytes,
    "cut": cut,
    "repeat": repeat,
    "signs": swap_signs,
    "member": spoil_member,
}


class Reader:
    """Reads damaged files and reports the outcome."""

    def __init__(self, dataset: bytes) -> None:
        self.flows = load().flows
        self.contents = {kind: path.read_bytes() for kind, path in INPUTS.items()}
        self.contents["dataset"] = dataset

    def outcome(self, case: Case) -> str:
        """Return ``read``, ``refused`` with a place, or the raw exception."""
        spoilt = WAYS[case.way](self.contents[case.kind], random.Random(case.seed))  # noqa: S311 - no secret here
        try:
            self._read(case.kind, spoilt)
        except SdmxmigError as error:
            return "refused" if error.place else f"refused without a place: {error}"
        except Exception as error:  # the campaign's very question
            return f"raw {type(error).__name__}: {error}"
        return "read"

    def _read(self, kind: str, content: bytes) -> None:
        if kind == "mapping":
            load_mapping("spoilt.toml", content, self.flows)
        elif kind == "dataset":
            read_all(FORMATS["sdmx-csv-2.0"], "spoilt.csv", content, self.flows)
        else:
            read(f"spoilt{INPUTS[kind].suffix}", content)
