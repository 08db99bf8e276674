"""Figures as known on an earlier day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import nw, pl
from sdmxmig.records.counting import PRELIMINARY, REVISED
from sdmxmig.records.days import date_of, number_of
from sdmxmig.records.derivation import events_of
from sdmxmig.records.engines import collected, engine_of, scanned
from sdmxmig.records.questions import Derivation, Events, Question
from sdmxmig.records.revisions import revision_sums
from sdmxmig.records.spans import PERIOD
from sdmxmig.workspace.tasks.derive_request import DeriveRequest
from sdmxmig.workspace.tasks.record_files import Divided

if TYPE_CHECKING:
    from sdmxmig.sdmx.model.data import Dataset


def earlier_question(request: DeriveRequest, question: Question) -> Question:
    """The same question as it was on an earlier day, of the periods that were over by then."""
    observation, day = question.observation, request.earlier
    until = number_of(day) + 1 if day else observation.until
    periods = tuple(period for period in question.periods if period.end <= until)
    if not observation.first < until < observation.until or not periods:
        raise SdmxmigError(
            f"On {day} no period that is asked for was over, or observation was not.",
            hint="Name a day under --earlier that lies after a period and before the day under --to.",
        )
    return replace(question, observation=replace(observation, until=until), periods=periods)


def events_then(
    request: DeriveRequest, question: Question, parts: Sequence[Mapping[str, Path]], folder: Path
) -> list[Path]:
    place = folder / "earlier"
    place.mkdir()
    targets = []
    with engine_of(request.engine, place, memory=request.memory, master=request.master) as engine:
        divided = Divided(engine, parts, question=question, bridged=request.bridged)
        shares = divided.shares()
        for number, part in enumerate(divided):
            targets.append(place / f"events_{number}.parquet")
            collected(part.engine, events_of(part, shares).rows).write_parquet(targets[-1])
    return targets


def compared_since(part: Derivation, events: Events, then: Path, earlier: Question) -> pl.DataFrame:
    labels = [period.label for period in earlier.periods]
    now = events.rows.filter(nw.col(PERIOD).is_in(labels))
    return revision_sums(part.engine, scanned(part.engine, then), now)


def restaged(datasets: Sequence[Dataset], earlier: Question) -> tuple[Dataset, ...]:
    """Datasets in which figures of the earlier periods that are still preliminary are revised ones."""
    labels = {period.label for period in earlier.periods}
    labels |= {str(date_of(period.end).year) for period in earlier.periods if period.is_calendar_year}
    again = (pl.col("REV_STAGE") == PRELIMINARY) & pl.col(PERIOD).is_in(labels)
    stage = pl.when(again).then(pl.lit(REVISED)).otherwise("REV_STAGE").alias("REV_STAGE")
    return tuple(
        replace(dataset, observations=dataset.observations.with_columns(stage))
        if "REV_STAGE" in dataset.observations.columns
        else dataset
        for dataset in datasets
    )
