"""Prefilled questionnaires."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sdmxmig.forms.questionnaires.plan import AskedTable, Questionnaire
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.data import Dataset

NO_VALUE = "–"
STATUS_ATTRIBUTE = "OBS_STATUS"
FigureKey = tuple[tuple[str, str], ...]


@dataclass(slots=True, kw_only=True)
class Prefilled:
    figures: dict[FigureKey, tuple[str, str]] = field(default_factory=dict)
    general: dict[str, str] = field(default_factory=dict)
    columns: dict[tuple[str, tuple[str, ...]], dict[str, str]] = field(default_factory=dict)
    notes: list[dict[str, str]] = field(default_factory=list)
    more: list[dict[str, str]] = field(default_factory=list)


def prefill(questionnaire: Questionnaire, dataset: Dataset | None) -> Prefilled:
    flow = questionnaire.flow
    structure = flow.structure
    prefilled = Prefilled()
    varying = list_varying_attributes(questionnaire)
    attribute_ids = {component.id for component in structure.attributes()}
    prefilled.general = {name: code for name, code in questionnaire.layouts.defaults.items() if name in attribute_ids}
    if dataset is None:
        return prefilled
    if dataset.flow.id != flow.id:
        raise SdmxmigError(f"The data are of {dataset.flow.id}, not of {flow.id}.", hint="Give data of this dataflow.")
    if dataset.partial:
        raise SdmxmigError("A questionnaire has no place for attributes of groups.", hint="Leave them out of the data.")
    rows = list_rows(dataset)
    prefilled.general = {**dict(dataset.attributes), **find_general_values(rows, varying)}
    if STATUS_ATTRIBUTE in varying:
        prefilled.general.setdefault(STATUS_ATTRIBUTE, questionnaire.layouts.defaults.get(STATUS_ATTRIBUTE, ""))
    places = list_cells(questionnaire)
    inside: list[dict[str, str]] = []
    for row in rows:
        key = tuple((name, row.get(name, "")) for name in sorted(structure.key))
        if key in places and key not in prefilled.figures:
            status = row.get(STATUS_ATTRIBUTE, NO_VALUE) if STATUS_ATTRIBUTE in structure else ""
            value = row.get(structure.measure.id, "")
            usual = value and status == prefilled.general.get(STATUS_ATTRIBUTE)
            prefilled.figures[key] = value, "" if usual else status
            inside.append(row)
        else:
            prefilled.more.append(add_signs(row, varying, prefilled.general))
    for grid in questionnaire.grids:
        fill_columns(grid, questionnaire, inside, prefilled)
    attributes = [name for name in varying if name != STATUS_ATTRIBUTE]
    for row in inside:
        note = build_note(row, attributes, questionnaire, prefilled)
        if note:
            prefilled.notes.append(note)
    return prefilled


def list_varying_attributes(questionnaire: Questionnaire) -> tuple[str, ...]:
    structure = questionnaire.flow.structure
    return tuple(component.id for component in (*structure.attributes("series"), *structure.attributes("observation")))


def list_rows(dataset: Dataset) -> list[dict[str, str]]:
    keys = dataset.flow.structure.series_key
    series = {tuple(row[name] for name in keys): row for row in dataset.series.iter_rows(named=True)}
    rows = []
    for observation in dataset.observations.iter_rows(named=True):
        row = {**series.get(tuple(observation[name] for name in keys), {}), **observation}
        rows.append({name: value for name, value in row.items() if value is not None})
    return rows


def find_general_values(rows: Iterable[Mapping[str, str]], names: Iterable[str]) -> dict[str, str]:
    all_rows = list(rows)
    most_frequent = {}
    for name in names:
        counts = Counter(row[name] for row in all_rows if name in row)
        if counts and 2 * sum(counts.values()) > len(all_rows):
            most_frequent[name] = min(counts, key=lambda code: (-counts[code], code))
    return most_frequent


def list_cells(questionnaire: Questionnaire) -> frozenset[FigureKey]:
    return frozenset(
        tuple(sorted(grid.key(row, column).items()))
        for grid in questionnaire.grids
        for row in grid.rows
        for column in grid.columns
    )


def fill_columns(
    grid: AskedTable, questionnaire: Questionnaire, rows: list[dict[str, str]], prefilled: Prefilled
) -> None:
    names = [name for name in questionnaire.layouts.by_column if name in questionnaire.flow.structure]
    values_by_column: dict[tuple[str, ...], dict[str, set[str]]] = {}
    for row in rows:
        if all(row.get(name) == code for name, code in grid.fixed.items()):
            column = tuple(row.get(name, "") for name in grid.by_column)
            for name in names:
                values_by_column.setdefault(column, {}).setdefault(name, set()).add(row.get(name, NO_VALUE))
    for column, values in values_by_column.items():
        same = {name: next(iter(codes)) for name, codes in values.items() if len(codes) == 1}
        differing = {name: code for name, code in same.items() if code != prefilled.general.get(name, NO_VALUE)}
        if differing:
            prefilled.columns[grid.id, column] = differing


def build_note(
    row: Mapping[str, str], attributes: Iterable[str], questionnaire: Questionnaire, prefilled: Prefilled
) -> dict[str, str]:
    stated_answers: list[Mapping[str, str]] = []
    for grid in questionnaire.grids:
        column = tuple(row.get(name, "") for name in grid.by_column)
        if all(row.get(name) == code for name, code in grid.fixed.items()):
            stated_answers.append({**prefilled.general, **prefilled.columns.get((grid.id, column), {})})
    differing = {
        name: row.get(name, NO_VALUE)
        for name in attributes
        if any(row.get(name, NO_VALUE) != answers.get(name, NO_VALUE) for answers in stated_answers)
    }
    if not differing:
        return {}
    return {name: row[name] for name in questionnaire.flow.structure.key if name in row} | differing


def add_signs(row: Mapping[str, str], names: Iterable[str], general_answers: Mapping[str, str]) -> dict[str, str]:
    return {**row, **{name: NO_VALUE for name in names if name not in row and name in general_answers}}
