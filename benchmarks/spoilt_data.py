"""Campaign: a data message with damaged structure is checked and converted, or refused in words, in every format.

A case is a message (a small one in every format and layout, an old one, or a published one), a damage, whether the
structure is given, and a seed. Internal errors and long runs are failures; refusals of `transform` have a place and are
reported by `check` if it knows the structure.
"""

from __future__ import annotations

import io
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from made import FLOWS, HEADER, SMALL
from made_old import MESSAGES

from benchmarks.mutated_files import cut, repeat, spoil_bytes, swap_signs
from benchmarks.spoilers import WAYS, spoilt
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.exchange import transform
from sdmxmig.sdmx.formats import ALL_DIMENSIONS, FORMATS, Layout, data_bytes
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.workspace.tasks.transforming import build_header

BYTES = {"bytes": spoil_bytes, "cut": cut, "repeat": repeat, "signs": swap_signs}
TARGETS = ("sdmx-csv-2.0", "sdmx-ml-3.0", "sdmx-json-2.0", "sdmx-ml-2.1-generic")
LAYOUTS = ("TIME_PERIOD", "SEX", ALL_DIMENSIONS)
LARGEST = 200_000
"""Bytes of a published message that is spoilt."""
SLOWEST = 10.0
NOW = "2026-01-31T12:00:00+00:00"


@dataclass(frozen=True, slots=True)
class Case:
    """A spoilt message: its file, the kind of damage, whether it has a structure, and the seed."""

    message: str
    way: str
    _: KW_ONLY
    known: bool
    seed: int

    @property
    def id(self) -> str:
        return f"{self.message}/{self.way}/{'known' if self.known else 'unknown'}/{self.seed}"


class Campaign:
    """The messages that are spoilt, and how one is tried."""

    def __init__(self, samples: Path) -> None:
        self.messages = {**made(), **MESSAGES, **published(samples)}

    def cases(self, count: int) -> Iterator[Case]:
        """This many cases, spread evenly over messages, ways, and whether the structure is given."""
        names = list(self.messages)
        for seed in range(count):
            name = names[seed % len(names)]
            ways = WAYS if self.messages[name].lstrip(b"\xef\xbb\xbf")[:1] in (b"<", b"{") else tuple(BYTES)
            turn = seed // len(names)
            yield Case(name, ways[turn % len(ways)], known=bool((turn // len(ways) + turn) % 2), seed=seed)

    def spoilt(self, case: Case) -> bytes:
        content, chance = self.messages[case.message], random.Random(case.seed)  # noqa: S311 - no secret here
        return BYTES[case.way](content, chance) if case.way in BYTES else spoilt(content, case.way, chance)

    def outcome(self, case: Case) -> str:
        """``read``, ``refused`` (it is no message, or the transformation refused it), or what must not be."""
        content, flows = self.spoilt(case), FLOWS if case.known else {}
        start = time.perf_counter()
        try:
            told = judged(content, flows, TARGETS[case.seed % len(TARGETS)])
        except Exception as error:  # the campaign's very question
            return f"raw {type(error).__name__}: {error}"
        return told if time.perf_counter() - start < SLOWEST else "too slow"


def judged(content: bytes, flows: Mapping[str, Flow], target: str) -> str:
    """How a check and a transformation of a message end."""
    try:
        checked = identify_and_check("spoilt", content, flows)
    except InputError:
        return "refused"
    if checked.detected.kind != "data":
        return "read"
    try:
        header = build_header("SPOILT", "SPOILT", NOW)
        transform("spoilt", io.BytesIO(content), FORMATS[target], io.BytesIO(), flows=flows, header=header)
    except InputError as error:
        if error.place is None:
            return f"refused without a place: {error}"
        unseen = not (checked.problems or checked.unlisted or checked.unchecked)
        return f"refused though valid: {error}" if unseen else "refused"
    except SdmxmigError:  # what the target cannot hold
        return "refused"
    return "read"


def made() -> dict[str, bytes]:
    """Small messages of every format, in every layout."""
    found: dict[str, bytes] = {}
    for name in FORMATS:
        if FORMATS[name].write_data and name != "sdmx-csv-1.0":
            for at in LAYOUTS[:1] if name.startswith("sdmx-csv") else LAYOUTS:
                found[f"{name}, {at}"] = data_bytes(FORMATS[name], [SMALL], HEADER, Layout(at))
    return found


def published(samples: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for path in in_order(samples):
        content = path.read_bytes()
        try:
            if detect(path.name, content).kind == "data":
                found[path.relative_to(samples).as_posix()] = content
        except InputError:
            continue
    return found


def in_order(samples: Path) -> Sequence[Path]:
    names = (".xml", ".json", ".csv")
    return sorted(
        path for path in samples.glob("sdmx-*/**/*") if path.suffix in names and path.stat().st_size < LARGEST
    )
