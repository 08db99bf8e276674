"""Main indicators of the six made-up neighbours, in one data file next to Alvoria's."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from fictional_figures import LAST, SIZES, residents
from fictional_tables import found_by

from sdmxmig.records.simulation.populations import HOME_COUNTRY, Year

TOPICS = ["SEX", "AGE", "BIRTH_STATUS", "CTZ_STATUS", "C_BIRTH", "C_CITIZEN", "COUNTERPART_AREA", "TOPIC", "TOPIC_CODE"]
COLUMNS = [
    *("STRUCTURE", "STRUCTURE_ID", "ACTION", "FREQ", "REF_AREA", "INDICATOR"),
    *TOPICS,
    *("UNIT_MEASURE", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "UNIT_MULT", "RES_RULE", "DUR_BASIS", "REF_DATE"),
    "SOURCE_DETAIL",
]
EVERY_ROW = {
    "STRUCTURE": "dataflow",
    "STRUCTURE_ID": "SDMXMIG:DF_INDICATOR(1.0.0)",
    "ACTION": "R",
    "FREQ": "A",
    **dict.fromkeys(TOPICS, "_T"),
    "OBS_STATUS": "A",
    "UNIT_MULT": "0",
    "RES_RULE": "R12",
    "DUR_BASIS": "ACT",
}


def indicators(years: Sequence[Year], country: str) -> Iterator[dict[str, str]]:
    """The newest values of a neighbour: the share of the foreign-born, and immigrants and emigrants per 1,000.

    The rates count the moves that the statistics of the neighbour find, over the mean of two populations on 1 January.
    """
    people: dict[str, int] = {}
    born_abroad = 0
    newest = str(LAST + 1)
    for year, codes, number in residents(years, country):
        people[year] = people.get(year, 0) + number
        born_abroad += number if year == newest and codes["BIRTH_STATUS"] == "FB" else 0
    share = f"{100 * born_abroad / people[newest]:.1f}"
    yield {
        "INDICATOR": "MIG_SHARE",
        "BIRTH_STATUS": "FB",
        "UNIT_MEASURE": "PT",
        "TIME_PERIOD": newest,
        "REF_DATE": "D0101",
        "OBS_VALUE": share,
    }
    mean = (people[str(LAST)] + people[newest]) / 2
    for indicator, direction in (("IMM_RATE", "I"), ("EMI_RATE", "E")):
        moves = sum(number for year, _, number in found_by(years, country, direction) if year == str(LAST))
        value = f"{1000 * moves / mean:.1f}"
        yield {"INDICATOR": indicator, "UNIT_MEASURE": "PER_1000_POP", "TIME_PERIOD": str(LAST), "OBS_VALUE": value}


def peers(years: Sequence[Year], source: str) -> bytes:
    """One SDMX-CSV file of the indicators of all neighbours."""
    written = io.StringIO()
    lines = csv.DictWriter(written, COLUMNS, lineterminator="\n", restval="")
    lines.writeheader()
    for country in SIZES:
        if country != HOME_COUNTRY:
            for values in indicators(years, country):
                lines.writerow({**EVERY_ROW, "REF_AREA": country, "SOURCE_DETAIL": source, **values})
    return written.getvalue().encode()
