"""Every listed sample has its listed counts, and comes back from every format that can hold it."""

from __future__ import annotations

import random
import re
from itertools import groupby

import pytest
from folders import SHARED
from made_flows import of_sample

from benchmarks import round_trips
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.formats.detection import detect

MANIFEST = SHARED / "MANIFEST.md"
GROUPS = ("valid/", "structures/", "sdmx-")
NO_MESSAGES = {"structures/sdg_content_constraints.csv"}
"""A table of other columns."""
UNREADABLE = {"sdmx-json-2.x/structures/data-structure-definition-full.json"}
"""Its only structure is said in the words of an old draft."""
COUNTED = re.compile(r"(?:Obs elements: |observations: )(\d+)|(\d+) data rows")
ROWS_WITHOUT_OBSERVATION = {"example-13.csv": 1, "example-19A.csv": 1, "data_v2_two_actions.csv": 1}
"""Rows that only have attributes, or delete more than an observation."""
FAULTY = re.compile(r"schema errors(?! \(1\): Element '\{http://oecd)|two schema slips")
"""What the list says of the schema; the dataset of old compact data has a namespace for which there is none."""
FAULTS = {
    "sdmx-ml-2.0/TimeSeries.xml": "“1970-01-01” of TIME_PERIOD is not a period of the frequency M (FREQUENCY).",
    "sdmx-json-2.x/standard/data_constructed-sample-full.json": "“2013-03-18T11:00:00” of OBS_VALUE is not Double.",
    "sdmx-ml-2.1/bis_der/str_ser_group.xml": "attribute 'action': The attribute 'action' is not allowed.",
    "sdmx-ml-2.1/reader/message_full_warning.xml": "attribute 'action': The attribute 'action' is not allowed.",
    "sdmx-ml-3.0/reader/data_dataflow_3.0.xml": "attribute 'action': The attribute 'action' is not allowed.",
    "sdmx-json-2.x/structures/codelist.json": "is missing",
    "sdmx-json-2.x/structures/data-structure-definition-full.json": "is missing",
}
"""What the structure, or its schema, says of samples about which the list says nothing."""


def entries() -> list[tuple[str, str]]:
    """The messages of the list that can be parsed, with their entries."""
    text = MANIFEST.read_text(encoding="utf-8") if MANIFEST.exists() else ""
    found = [(entry.split("`")[1], entry) for entry in re.split(r"^- (?=`)", text, flags=re.MULTILINE)[1:]]
    return [(name, entry) for name, entry in found if name.startswith(GROUPS) and name not in NO_MESSAGES]


def matrix() -> list[round_trips.Case]:
    """One case of each sample, chosen by a seed; `make long` tries them all."""
    chance = random.Random(3)
    every = round_trips.cases(round_trips.messages(SHARED, of_sample)) if MANIFEST.exists() else ()
    return [chance.choice(list(cases)) for _, cases in groupby(every, key=lambda case: case.message.name)]


@pytest.mark.parametrize(("name", "entry"), entries(), ids=[name for name, _ in entries()])
def test_each_sample_has_the_stated_count_and_faults(name: str, entry: str) -> None:
    content = (SHARED / name).read_bytes()
    detected = detect(name, content)
    checked = identify_and_check(name, content, of_sample(name, content, detected) if detected.kind == "data" else {})
    if counted := COUNTED.search(entry):
        missing = ROWS_WITHOUT_OBSERVATION.get(name.rpartition("/")[2], 0)
        assert checked.size == int(counted[1] or counted[2]) - missing
    else:
        assert checked.size or checked.notes or name in UNREADABLE
    messages = [problem.message for problem in checked.problems]
    assert bool(messages) == (bool(FAULTY.search(entry)) or name in FAULTS), messages
    assert any(FAULTS.get(name, "") in message for message in messages) or not messages


@pytest.mark.parametrize("case", matrix(), ids=lambda case: case.id)
@pytest.mark.sampled(6)
def test_each_sample_survives_conversion_to_another_format(case: round_trips.Case) -> None:
    assert round_trips.outcome(case) in ("equal", "back", "refused")
