"""What tables count (``structures/counted.toml``), with the dataflows and words of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from sdmxmig.catalogue.evidence import declared_file
from sdmxmig.primitives.errors import check_known
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Flow

FILE = "counted.toml"
NATURES = ("stock", "flow", "event", "crossing", "several")


@dataclass(frozen=True, slots=True)
class Counted:
    """Something that tables count; `direction` is that of moves: I, E or empty."""

    id: str
    nature: str
    _: KW_ONLY
    name: Text
    flows: tuple[str, ...]
    measures: frozenset[str]
    direction: str = ""


def read_counted(folders: Sequence[Path], flows: Mapping[str, Flow]) -> tuple[Counted, ...]:
    """Read what tables count; raises `DeclarationError`."""
    declared = declared_file(folders, FILE)
    if declared is None:
        return ()
    declared.text("status"), declared.text("source")  # of these choices; they are told in the file alone
    counted = tuple(_read_one(entry, flows) for entry in declared.tables("counted"))
    declared.close()
    return counted


def _read_one(entry: Declared, flows: Mapping[str, Flow]) -> Counted:
    counted = Counted(
        entry.text("id"),
        entry.text("nature"),
        name=entry.texts("name", required=True),
        flows=entry.strings("flows"),
        measures=frozenset(entry.strings("measures")),
        direction=entry.text("direction", ""),
    )
    check_known("nature", counted.nature, NATURES, entry.at("nature"))
    for flow in counted.flows:
        check_known("dataflow", flow, flows, entry.at("flows"))
    entry.close()
    return counted
