"""What stands behind the series and observations of a dataset: its attributes, notes, and those of parts of the key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.formats.sdmx_json.data_writing.components import FlowPlan
from sdmxmig.sdmx.formats.sdmx_json.data_writing.reports import Reporting
from sdmxmig.sdmx.formats.sdmx_json.data_writing.texts import NULL


@dataclass(frozen=True, slots=True)
class Trailer:
    """The end of a dataset.

    `attributes` are cells by component, `notes` the numbers of its own notes, `groups` the cells of parts of the key,
    `group_notes` the numbers of their notes, which stand behind the cells of all attributes.
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
        """Whether it can be written only when all attributes of the message are known."""
        return bool(self.group_notes or self.reports.of_all or self.reports.parts)

    def text(self) -> str:
        """The members of the dataset, each with a comma before it."""
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
    """Cells with so many of them, those behind empty."""
    return cells + [NULL] * (width - len(cells))
