"""Original ids of components and codes in data from before SDMX 2.1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import polars as pl

from sdmxmig.sdmx.formats.spelling_of_ids import ORIGINAL_ID, spelt
from sdmxmig.sdmx.formats.structures.carried import taken
from sdmxmig.sdmx.model.artefacts import Annotation
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component, DataStructure

CROSSED = "CROSS_SECTIONAL_MEASURE"
"""The annotation of a data structure with the cross-sectional measure."""
Codes = Mapping[str, Mapping[str, str]]
"""Codes by component and original id."""


def original_of(annotations: Iterable[Annotation]) -> str:
    return next((note.title for note in annotations if note.type == ORIGINAL_ID), "")


def original_names(structure: DataStructure) -> dict[str, str]:
    named = {original_of(component.annotations): component.id for component in structure.components}
    return {name: component_id for name, component_id in named.items() if name and name not in structure}


def original_codes(flow: Flow) -> Codes:
    codes_by_component: dict[str, Mapping[str, str]] = {}
    for component in flow.structure.components:
        codelist = flow.codelist(component)
        named = {original_of(item.annotations): item.id for item in codelist or () if item.annotations}
        if codes := {name: code for name, code in named.items() if name}:
            codes_by_component[component.id] = codes
    return codes_by_component


def crossed_measures(structure: DataStructure) -> dict[str, tuple[str, str]]:
    """Return the cross-sectional measures by id, with their dimension and code."""
    measures: dict[str, tuple[str, str]] = {}
    notes = structure.annotations
    while True:
        measure, notes = taken(notes, CROSSED, Component)
        if measure is None:
            return measures
        facts = {note.type: note.title for note in measure.annotations}
        dimension = spelt(facts.get("MEASURE_DIMENSION", ""), name=True)
        if dimension in structure.key and facts.get("CODE"):
            named = {measure.id, original_of(measure.annotations) or measure.id}
            measures |= dict.fromkeys(named, (dimension, facts["CODE"]))


def in_own_codes(dataset: Dataset, codes: Codes) -> Dataset:
    """The dataset with the codes that its structure has."""
    if not codes:
        return dataset

    def changed(frame: pl.DataFrame) -> pl.DataFrame:
        plain = [name for name in frame.columns if name in codes and frame.schema[name] == pl.String]
        return frame.with_columns(pl.col(name).replace(dict(codes[name])) for name in plain)

    return replace(
        dataset,
        observations=changed(dataset.observations),
        series=changed(dataset.series),
        partial={key: changed(frame) for key, frame in dataset.partial.items()},
        attributes={
            name: codes.get(name, {}).get(value, value) if isinstance(value, str) else value
            for name, value in dataset.attributes.items()
        },
        notes=changed(dataset.notes) if dataset.notes is not None else None,
        reports=changed(dataset.reports) if dataset.reports is not None else None,
    )
