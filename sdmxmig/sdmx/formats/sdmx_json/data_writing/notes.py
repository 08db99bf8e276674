"""Notes on parts of a written dataset."""

from __future__ import annotations

import polars as pl

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.dataset_notes import NOTE, by_part, rendered, unpacked
from sdmxmig.sdmx.formats.sdmx_json.data_writing.components import FlowPlan
from sdmxmig.sdmx.formats.sdmx_json.data_writing.frames import NOTES, Frames
from sdmxmig.sdmx.model.data import Dataset


class Noting:
    """Collects the numbers of notes until the annotated parts are written."""

    def __init__(self, plan: FlowPlan, frames: Frames) -> None:
        self.plan = plan
        self.frames = frames
        self._series: dict[str, tuple[str, str]] = {}
        self._parts: dict[str, str] = {}
        self._observations: pl.DataFrame | None = None

    def add(self, block: Dataset) -> None:
        """Take the notes of a block."""
        for part, notes in by_part(block).items():
            numbers = rendered(notes[NOTE], self._numbers).alias(NOTES)
            if part == self.plan.flow.structure.key:
                observation_notes = notes.select(*part, numbers)
                self._observations = (
                    observation_notes
                    if self._observations is None
                    else pl.concat([self._observations, observation_notes])
                )
                continue
            codes = self.frames.coded(notes.select(part))
            keys = self.frames.keys(notes.select(part))
            for key, head, numbered in zip(keys, self.frames.heads(codes), numbers, strict=True):
                if part == self.plan.series:
                    earlier_numbers = self._series.get(head, ("", ""))[1]
                    self._series[head] = (key, f"{earlier_numbers},{numbered}" if earlier_numbers else numbered)
                else:
                    self._parts[key] = f"{self._parts[key]},{numbered}" if key in self._parts else numbered

    def _numbers(self, notes: list[str]) -> str:
        return ",".join(str(self.plan.number(unpacked(note))) for note in notes)

    def onto(self, observations: pl.DataFrame) -> pl.DataFrame:
        """Add the numbers of notes to observations.

        Raises `SdmxmigError` if a note matches no observation.
        """
        notes, key = self._observations, list(self.plan.flow.structure.key)
        if notes is None:
            return observations
        self._observations = None
        alone = notes.join(observations, on=key, how="anti", nulls_equal=True, maintain_order="left")
        if alone.height:
            observation = ".".join(alone.select(key).row(0))
            raise SdmxmigError(f"There is a note on {observation} of {self.plan.flow.id}, but no such observation.")
        return observations.join(notes, on=key, how="left", nulls_equal=True, maintain_order="left")

    def of_series(self, head: str) -> str:
        _, numbers = self._series.pop(head, ("", ""))
        return f'"annotations":[{numbers}]' if numbers else ""

    def remaining(self) -> dict[str, str]:
        return {**self._parts, **dict(self._series.values())}
