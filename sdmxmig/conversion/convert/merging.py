"""Merging of datasets of one flow."""

from __future__ import annotations

from collections.abc import Sequence

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.frames import stack, text_frame
from sdmxmig.sdmx.model.data import Dataset, Flow


def merge(datasets: Sequence[Dataset]) -> Dataset:
    """Merge datasets of one flow; equal observations are kept once, different ones both.

    Raises `DeclarationError` for different flows and contradictory dataset or series attributes.
    """
    if not datasets:
        raise DeclarationError("There is no dataset to merge.")
    first = datasets[0]
    for following in datasets[1:]:
        if following.flow.id != first.flow.id:
            raise DeclarationError(f"Data of {first.flow.id} and of {following.flow.id} are not one dataset.")
    attributes: dict[str, str] = {}
    for dataset in datasets:
        for name, value in dataset.attributes.items():
            if attributes.setdefault(name, value) != value:
                givers = [each for each in datasets if each.attributes.get(name) == attributes[name]]
                raise contradiction(first.flow, name, attributes[name], value, files=files_of(givers[0], dataset))
    observations, origins = stack(
        [dataset.observations for dataset in datasets], lambda: [dataset.origins for dataset in datasets]
    )
    series: dict[tuple[str | None, ...], dict[str, str]] = {}
    keys = first.flow.structure.series_key
    for row in (row for dataset in datasets for row in dataset.series.iter_rows(named=True)):
        attributes_of_series = series.setdefault(tuple(row[name] for name in keys), {})
        for name, value in row.items():
            if value is not None and attributes_of_series.setdefault(name, value) != value:
                raise contradiction(first.flow, name, attributes_of_series[name], value)
    frame = text_frame(first.series.columns, series.values())
    return Dataset(first.flow, observations, series=frame, attributes=attributes, origins=origins, action=first.action)


def files_of(*datasets: Dataset) -> str:
    """The tables from which the datasets come, once each; empty if they do not say it."""
    files = (dataset.origins["file"].cast(pl.String)[0] for dataset in datasets if dataset.origins.height)
    return " and ".join(dict.fromkeys(files))


def contradiction(flow: Flow, name: str, first_value: str, second_value: str, files: str = "") -> DeclarationError:
    values = f"{first_value} and {second_value}"
    tables = f" Tables: {files}." if files else ""
    return DeclarationError(
        f"The mappings of {flow.id} give {name} two values for the same data: {values}.{tables}",
        Place(flow.id, key=name),
        remedy(flow, name),
    )


def remedy(flow: Flow, name: str) -> str:
    """What to do about two values of an attribute: figures that follow different definitions need two dataflows."""
    if flow.structure[name].attachment != "dataset" or not flow.structure[name].is_coded:
        return "Give it one value everywhere."
    return (
        "If one value is wrong, correct it. If both are right, the figures are not comparable: give one table "
        "a dataflow of its own (sdmxmig map FILE --new-flow DF_NAME -o FOLDER), or remove its mapping. "
        f"Do not state a mixed {name} for both."
    )
