"""SDMX-CSV 1.0, 2.0 and 2.1: datasets as a table of text.

One row is one observation, with the attributes of its series and dataset. A null is an empty field and an empty text is
two quotation marks. From 2.0, a series without observations is a row without a period, an attribute of a part of the
key is a row with this part, and an empty dataset is a row without dimensions. Reference metadata are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import import_lazily, pl
from sdmxmig.primitives.text import RUNNING_FORMULA, is_formula
from sdmxmig.sdmx.formats import FORMATS, Format, Layout, apply_structure_levels
from sdmxmig.sdmx.formats.dataset_notes import list_lost_reports, list_unplaced_notes
from sdmxmig.sdmx.formats.fitting import ACTION_WORDS, list_lost_action
from sdmxmig.sdmx.formats.sdmx_csv.columns import V1_0, V2_0, V2_1, CsvVersion
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset, Flow

if TYPE_CHECKING:
    from sdmxmig.sdmx.formats.sdmx_csv import reading as data_reader
    from sdmxmig.sdmx.formats.sdmx_csv import writing as data_writer
else:
    data_reader = import_lazily("sdmxmig.sdmx.formats.sdmx_csv.reading")
    data_writer = import_lazily("sdmxmig.sdmx.formats.sdmx_csv.writing")


def list_formula_warnings(name: str, dataset: Dataset, layout: Layout) -> Iterator[str]:
    """Yield a warning for each component whose texts spreadsheet programs run as formulas."""
    component_ids = {component for component, text in dataset.attributes.items() if is_formula(text)}
    for frame in (dataset.observations, dataset.series, *dataset.partial.values()):
        component_ids.update(column.name for column in frame if has_formulas(column))
    if layout.labels == "name" and not dataset.continues:
        component_ids.update(find_formula_names(dataset.flow))
    for component in sorted(component_ids):
        yield (
            f"Texts of {component} are formulas to a spreadsheet program, which would run them on opening "
            f"{name}: import it with its columns as text."
        )


def find_formula_names(flow: Flow) -> Iterator[str]:
    for component in flow.structure.components:
        codelist = flow.codelist(component)
        texts = [flow.concepts.get(component.id, Text()), *(item.name for item in codelist or ())]
        if any(is_formula(translation) for text in texts for _, translation in text):
            yield component.id


def has_formulas(column: pl.Series) -> bool:
    if isinstance(column.dtype, pl.List):
        column = column.list.first()
    if isinstance(column.dtype, pl.Categorical | pl.Enum):
        column = column.unique().cast(pl.String)
    return column.dtype == pl.String and bool(column.str.contains(RUNNING_FORMULA).any())


def _format(version: CsvVersion) -> Format:
    """The record of a version; see `writing.write_data` and `reading.read_data`."""

    def losses(dataset: Dataset, layout: Layout) -> Iterator[str]:
        yield from list_lost_action(
            version.name, dataset, ACTION_WORDS.get(version.actions.get(dataset.action, ""), "")
        )
        lost = [*dataset.properties, *(["annotations"] if dataset.annotations else [])]
        if lost:
            yield f"{version.name} has no place for attributes of a dataset: {', '.join(lost)}."
        yield from list_lost_reports(version.name, dataset)
        if noted := list_unplaced_notes(dataset, lambda _: False):
            yield f"{version.name} has no place for the annotations of {', '.join(noted)}."
        yield from list_formula_warnings(version.name, dataset, layout)

    return Format(
        id=f"sdmx-csv-{version.id}",
        name=version.name,
        structure_media_type="",
        data_media_type=f"application/vnd.sdmx.data+csv;version={version.id}.0",
        suffix=".csv",
        write_data=lambda datasets, _, out, layout: data_writer.write_data(
            apply_structure_levels(datasets), out, layout, version
        ),
        read_data=lambda name, content, flows, faults=None: data_reader.read_data(
            name, content, flows=flows, version=version, faults=faults
        ),
        losses=losses,
    )


for _version in (V1_0, V2_0, V2_1):
    FORMATS.add(f"sdmx-csv-{_version.id}")(_format(_version))
