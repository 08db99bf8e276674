"""Periods as days without collisions."""

from __future__ import annotations

from sdmxmig.sdmx.formats.sdmx_csv.first_days import first_day
from sdmxmig.transmission.pull.refusals import unacceptable
from sdmxmig.transmission.pull.storage import StoredData

FREQUENCY, YEAR_START = "FREQ", "REPORTING_YEAR_START_DAY"


def check_days(data: StoredData) -> None:
    """Reject periods that cannot be shown as first days; raises `NotAnswered`."""
    structure = data.flow.structure
    if structure.time is None or structure.time.id not in data.columns:
        return
    if any(component.id == YEAR_START for component in structure.components):
        what = f"The reporting years of {data.flow.id} begin on days of their own, and are not normalised."
        raise unacceptable(what, "Ask for timeFormat=original.")
    texts_by_day: dict[str, str] = {}
    for text in data.values(structure.time.id):
        other = texts_by_day.setdefault(first_day(text), text)
        if other != text and FREQUENCY not in structure.key:
            what = f"{other} and {text} of {data.flow.id} begin on the same day, and no frequency tells them apart."
            raise unacceptable(what, "Ask for timeFormat=original.")
