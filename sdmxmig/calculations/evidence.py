"""What data show about the questions of a profile: which topics they have, which rules they name, which flags."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sdmxmig.model.artefacts import Text
from sdmxmig.model.data import Dataset, Flow
from sdmxmig.model.evidence import Evidence, Probe
from sdmxmig.model.indicators import TOTAL

if TYPE_CHECKING:
    import polars as pl

UNKNOWN = "_U"
SHOWN, SAME, DIFFERENT = "shown", "same", "different"
Found = tuple[list[Dataset], list[tuple[str, Text]], str]
"""The datasets that show it, what they show, and how that is said."""


def evidence(
    probes: Iterable[Probe], datasets: Sequence[Dataset], area: str, answers: Mapping[str, str]
) -> tuple[Evidence, ...]:
    """Look at the data of one area by each declared probe; what they do not show is no evidence against anything.

    `answers` are the codes that the profile gives, by item.
    """
    there = [of_area(dataset, area) for dataset in datasets]
    there = [dataset for dataset in there if dataset.observations.height]
    found = (look(probe, there, answers.get(probe.item, "")) for probe in probes)
    return tuple(one for one in found if one)


def look(probe: Probe, datasets: Sequence[Dataset], answer: str) -> Evidence | None:
    """What one probe finds; None if the data say nothing."""
    chosen = [one for one in datasets if not probe.flows or one.flow.id in probe.flows]
    showing, codes, said = KINDS[probe.kind](probe, chosen)
    if not showing:
        return None
    periods = sorted(
        period for one in showing for period in one.observations[time_of(one.flow)].unique().drop_nulls().to_list()
    )
    results = [said] if said else [code for code, _ in codes]
    return Evidence(
        probe.item,
        probe.kind,
        tuple({one.flow.id: one.flow.dataflow.name for one in showing}.items()),
        tuple(codes),
        periods[0] if periods else "",
        periods[-1] if periods else "",
        said,
        any(answer in probe.contradicts.get(result, ()) for result in results),
    )


def shown(probe: Probe, datasets: Sequence[Dataset]) -> Found:
    """Values that are divided by all these dimensions at once, of the part of the population that is asked for."""
    import polars as pl

    showing = []
    for dataset in datasets:
        whole = pl.lit(value=True)
        for dimension in probe.by:
            whole &= ~pl.col(dimension).is_in([TOTAL, UNKNOWN])
        for dimension, code in probe.of.items():
            whole &= pl.col(dimension) == code
        frame = dataset.observations.filter(whole & pl.col(measure_of(dataset.flow)).is_not_null())
        if frame.height:
            showing.append(of_rows(dataset, frame))
    topics = [(name, showing[0].flow.concepts.get(name, Text())) for name in probe.by] if showing else []
    return showing, topics, SHOWN


def attribute(probe: Probe, datasets: Sequence[Dataset]) -> Found:
    """What an attribute of whole datasets says; “unknown” says nothing, unless an answer is contradicted by it."""
    silent = {""} if UNKNOWN in probe.contradicts else {"", UNKNOWN}
    showing = [one for one in datasets if one.attributes.get(probe.attribute, "") not in silent]
    codes = {one.attributes[probe.attribute]: one.flow for one in showing}
    return showing, [named(flow, probe.attribute, code) for code, flow in sorted(codes.items())], ""


def same(probe: Probe, datasets: Sequence[Dataset]) -> Found:
    """Whether an attribute says the same in several dataflows; where it says “unknown” that cannot be told."""
    showing = [one for one in datasets if one.attributes.get(probe.attribute, UNKNOWN) != UNKNOWN]
    codes = {one.attributes[probe.attribute]: one.flow for one in showing}
    if len({one.flow.id for one in showing}) < len(probe.flows):
        return [], [], ""
    listed = [named(flow, probe.attribute, code) for code, flow in sorted(codes.items())]
    return showing, listed, SAME if len(codes) == 1 else DIFFERENT


def code(probe: Probe, datasets: Sequence[Dataset]) -> Found:
    """Which of these codes a component of the observations has anywhere."""
    import polars as pl

    showing: list[Dataset] = []
    codes: dict[str, Flow] = {}
    for dataset in datasets:
        if probe.attribute not in dataset.observations.columns:
            continue
        frame = dataset.observations.filter(pl.col(probe.attribute).is_in(list(probe.codes)))
        if frame.height:
            showing.append(of_rows(dataset, frame))
            codes |= dict.fromkeys(frame[probe.attribute].unique().to_list(), dataset.flow)
    return showing, [named(flow, probe.attribute, one) for one, flow in sorted(codes.items())], ""


KINDS: Mapping[str, Callable[[Probe, Sequence[Dataset]], Found]] = {
    "shown": shown,
    "attribute": attribute,
    "same": same,
    "code": code,
}


def of_area(dataset: Dataset, area: str) -> Dataset:
    """The part of a dataset that is about an area."""
    import polars as pl

    return of_rows(dataset, dataset.observations.filter(pl.col("REF_AREA") == area))


def of_rows(dataset: Dataset, rows: pl.DataFrame) -> Dataset:
    """A dataset with some of its observations, for looking only: their cells are not known any more."""
    return replace(dataset, observations=rows, origins=dataset.origins.clear())


def named(flow: Flow, component: str, found: str) -> tuple[str, Text]:
    """A code with its name."""
    codelist = flow.codelist(component)
    return found, codelist[found].name if codelist and found in codelist else Text()


def time_of(flow: Flow) -> str:
    """The dimension of time."""
    return flow.structure.time.id if flow.structure.time else "TIME_PERIOD"


def measure_of(flow: Flow) -> str:
    """The measure."""
    return flow.structure.measures[0].id
