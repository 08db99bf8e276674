"""Reference metadata of written datasets: extra attributes of key parts."""

from __future__ import annotations

from typing import Any

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.dataset_reports import REPORT, about_all, as_metadata_set, attributes_of, by_part
from sdmxmig.sdmx.formats.metadata_paths import ORDER, Attributes, Branch, plain
from sdmxmig.sdmx.formats.sdmx_json.data_writing.components import FlowPlan
from sdmxmig.sdmx.formats.sdmx_json.data_writing.frames import Frames
from sdmxmig.sdmx.formats.sdmx_json.data_writing.texts import NULL, to_json
from sdmxmig.sdmx.formats.sdmx_json.reported_paths import attributes_in_cells, cell_of, leaves
from sdmxmig.sdmx.model.data import Dataset


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
        for part, reports in by_part(block).items():
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
