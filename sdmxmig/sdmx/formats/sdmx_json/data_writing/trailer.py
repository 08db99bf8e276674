"""The end of a dataset: its attributes and notes, and those of key parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.formats.sdmx_json.data_writing.components import FlowPlan
from sdmxmig.sdmx.formats.sdmx_json.data_writing.reports import Reporting
from sdmxmig.sdmx.formats.sdmx_json.data_writing.texts import NULL


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
