"""The end of a dataset: its attributes and notes, and those of key parts.

Reference metadata of written datasets: extra attributes of key parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.dataset_notes import REPORT, about_all, as_metadata_set, attributes_of, reports_by_part
from sdmxmig.sdmx.formats.metadata_paths import ORDER, Attributes, Branch, plain
from sdmxmig.sdmx.formats.sdmx_json.data_writing.components import FlowPlan
from sdmxmig.sdmx.formats.sdmx_json.data_writing.frames import Frames
from sdmxmig.sdmx.formats.sdmx_json.data_writing.texts import NULL, to_json
from sdmxmig.sdmx.formats.sdmx_json.reported_paths import attributes_in_cells, cell_of, leaves
from sdmxmig.sdmx.model.data import Dataset


@dataclass(frozen=True, slots=True)
class Trailer:
    """The end of a dataset.

    `attributes` are cells by component, `notes` its note numbers, `groups` the cells of key parts and `group_notes`
    their note numbers, which follow all attributes.
    """

    plan: FlowPlan
    attributes: Mapping[str, str]
    _: KW_ONLY
    notes: Sequence[int]
    groups: Mapping[str, list[str]]
    group_notes: Mapping[str, str]
    reports: Reporting

    @property
    def waits(self) -> bool:
        return bool(self.group_notes or self.reports.of_all or self.reports.parts)

    def text(self) -> str:
        cells = [
            *(self.attributes.get(component.id, NULL) for component in self.plan.at("dataSet")),
            *self.reports.on_dataset(),
        ]
        members = f',\n"attributes":[{",".join(cells)}]' if any(cell != NULL for cell in cells) else ""
        if self.notes:
            members += f',\n"annotations":[{",".join(map(str, self.notes))}]'
        return members + self._groups()

    def _groups(self) -> str:
        """The attributes of parts of the key, then what is reported of them, then the numbers of their notes."""
        reports = self.reports.on_parts()
        attribute_count = len(self.plan.at("dimensionGroup"))
        whole = attribute_count + sum(1 for _ in self.plan.reported["dimensionGroup"].paths())
        lines = []
        for key in dict.fromkeys((*self.groups, *reports, *self.group_notes)):
            cells = padded(self.groups.get(key, []), attribute_count) + reports.get(key, [])
            if key in self.group_notes:
                cells = [*padded(cells, whole), self.group_notes[key]]
            while cells and cells[-1] == NULL:
                cells.pop()
            lines.append(f'\n"{key}":[{",".join(cells)}]')
        return f',\n"dimensionGroupAttributes":{{{",".join(lines)}}}' if lines else ""


def padded(cells: list[str], width: int) -> list[str]:
    return cells + [NULL] * (width - len(cells))


class Reporting:
    """Collects the reports of one dataset; their cells are final when all columns are known."""

    def __init__(self, plan: FlowPlan, frames: Frames) -> None:
        self.plan = plan
        self.frames = frames
        self.of_all: Attributes = ()
        self.parts: dict[str, Attributes] = {}

    def add(self, block: Dataset) -> None:
        attributes = [attribute for report in about_all(block) for attribute in attributes_of(report)]
        self.of_all = plain((*self.of_all, *attributes))
        for part, reports in reports_by_part(block).items():
            for key, lines in zip(self.frames.keys(reports.select(part)), reports[REPORT], strict=True):
                attributes = [
                    attribute for line in lines.split("\n") for attribute in attributes_of(as_metadata_set(line))
                ]
                self.parts[key] = plain((*self.parts.get(key, ()), *attributes))

    def close(self) -> None:
        self.plan.reported["dataSet"].add(self.of_all)
        for attributes in self.parts.values():
            self.plan.reported["dimensionGroup"].add(attributes)

    def on_dataset(self) -> list[str]:
        return cells_of(self.of_all, self.plan.reported["dataSet"], "the dataset") if self.of_all else []

    def on_parts(self) -> dict[str, list[str]]:
        tree = self.plan.reported["dimensionGroup"]
        return {key: cells_of(attributes, tree, f"the key “{key}”") for key, attributes in self.parts.items()}


def cells_of(attributes: Attributes, tree: Branch, about: str) -> list[str]:
    """Return the JSON cells of attributes, one per column of a tree.

    Raises `SdmxmigError` if they could not be read back.
    """
    cells = [(path.ids, cell_of(attributes, path)) for path in tree.paths()]
    filled_cells = [(ids, cell) for ids, cell in cells if cell is not None]
    if attributes_in_cells(filled_cells) != tuple(attributes) or any(is_mixed(cell) for _, cell in filled_cells):
        first_id = next(iter(attributes)).id
        raise SdmxmigError(f"SDMX-JSON data cannot hold the attributes from {first_id} on for {about}.", hint=ORDER)
    return [NULL if cell is None else to_json(cell) for _, cell in cells]


def is_mixed(cell: Any) -> bool:
    return len({type(value) for _, value in leaves(cell)}) > 1
