"""The correct reading of unseen tables in components: truths stored with the tables.

Two kinds are read. Workbooks laid out for us state dataflow and components (``[[spot]]``, ``[[never]]``); truths of
real tables name concepts in words (``[[truth]]``), which ``unseen_tables.toml`` maps to components.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.retitled_tables.make_tables import Figure

WORDS = Path(__file__).with_name("unseen_tables.toml")
FREQUENCIES = {4: "A", 7: "M"}
"""The frequency by the length of a period."""
ISO3 = re.compile(r"\b[A-Z]{3}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """A table and the dataflows that it really belongs to, if any."""

    name: str
    file_name: str
    content: bytes
    flows: tuple[str, ...]
    is_told: bool
    area: str
    truth: tuple[Figure, ...]

    @property
    def unknown(self) -> frozenset[str]:
        """Return components that the table does not state for any figure."""
        components = [figure.components for figure in self.truth if figure.use == "must"]
        return (
            frozenset(name for name in components[0] if all(component.get(name) == "?" for component in components))
            if components
            else frozenset()
        )


def tables_in(folder: Path) -> Iterator[Unseen]:
    for path in sorted(folder.glob("*.toml")):
        table = next((path for path in sorted(folder.glob(f"{path.stem}.*")) if path.suffix != ".toml"), None)
        if table is not None:
            yield table_of(path.stem, table.name, table.read_bytes(), path.read_text(encoding="utf-8"))


def table_of(name: str, file_name: str, content: bytes, written: str) -> Unseen:
    told = tomllib.loads(written)
    if "spot" in told:
        return laid_out(name, file_name, content, told)
    return real(name, file_name, content, told)


def laid_out(name: str, file_name: str, content: bytes, told: Mapping[str, Any]) -> Unseen:
    """Read a workbook whose truth is stated in components."""
    never, fixed = told.get("never", []), told["fixed"]
    return Unseen(
        name=name,
        file_name=file_name,
        content=content,
        flows=(told["dataflow"],),
        is_told=True,
        area=told["area"],
        truth=(
            *(
                Figure(
                    spot["sheet"],
                    spot["cell"],
                    value=spot["value"],
                    use="must",
                    components={**fixed, **spot["components"]},
                )
                for spot in told["spot"]
            ),
            *(Figure(record["sheet"], record["cell"], value="", use="never", components={}) for record in never),
        ),
    )


def real(name: str, file_name: str, content: bytes, told: Mapping[str, Any]) -> Unseen:
    """Read a real table with its truth in words; its country is given as with ``--area``."""
    table = words()["table"][name]
    figures = tuple(real_figure(one, table) for one in told["truth"])
    return Unseen(
        name=name,
        file_name=file_name,
        content=content,
        flows=tuple(table["flows"]),
        is_told=False,
        area=table.get("area", ""),
        truth=figures,
    )


def real_figure(told: Mapping[str, Any], table: Mapping[str, Any]) -> Figure:
    """A figure of a real table in components."""
    means, known = told["means"], words()
    measures: Mapping[str, Mapping[str, str]] = table.get("measures", {})
    measure = measures.get(means.get("other", ""), {})
    is_other = means.get("other", "") in measures and not measure
    components = {
        "SEX": known["sexes"][means["sex"]],
        "AGE": known["ages"][means["age"]],
        "OBS_STATUS": known["statuses"][means["status"]],
        **known["units"][means["multiplier"]],
        **period_of(means["period"]),
        **partner_of(means, table),
        **({"REF_AREA": table["area"]} if "area" in table else {}),
        **table.get("fixed", {}),
        **measure,
    }
    value = told["value"] if re.fullmatch(r"-?\d+(\.\d+)?", told["value"]) else ""
    return Figure("", told["cell"], value=value, use="never" if is_other else "must", components=components)


def period_of(written: str) -> dict[str, str]:
    """The period of a figure; one that is not in the table must be asked about."""
    if written in words()["periods"]:
        code = words()["periods"][written]
    elif re.fullmatch(r"\d{4}(-\d\d)?", written):
        code = written
    else:
        return {"TIME_PERIOD": "?"}
    frequency = FREQUENCIES.get(len(code))
    return {"TIME_PERIOD": code, **({"FREQ": frequency} if frequency else {})}


def partner_of(means: Mapping[str, str], table: Mapping[str, Any]) -> dict[str, str]:
    """The other country of a figure, or the reporting one where the table is of many countries."""
    known = words()
    if table.get("reporting"):
        found = ISO3.search(means.get("other", ""))
        return {"REF_AREA": known["countries"][found[0]]} if found else {}
    if "partner" not in table:
        return {}
    code = known["countries"].get(means.get("iso3", "")) or known["partners"].get(means["label"], "")
    code = known["partners"].get(means["label"], code)
    return {table["partner"]: code} if code else {}


@cache
def words() -> dict[str, Any]:
    """Return the components of words in truths."""
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))
