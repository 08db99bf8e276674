"""An observation in two datasets of a message is reported with both, unless one replaces the other."""

from __future__ import annotations

from dataclasses import replace

import made
import polars as pl
import pytest

from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.formats import duplicates as stored_keys
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.references import Ref

FORMS = ("sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1")
FIRST = made.SMALL
AGREEMENT = Ref("ProvisionAgreement", "SDMXMIG", id="PA_1", version="1.0")
FLOWS = {**made.FLOWS, AGREEMENT.urn: made.FLOW, replace(AGREEMENT, id="PA_2").urn: made.FLOW}


def with_values(**values: str | None) -> Dataset:
    """The same observations with other values."""
    columns = [pl.lit(value, pl.String).alias(name) for name, value in values.items()]
    return replace(FIRST, observations=FIRST.observations.with_columns(columns))


def deleted(dataset: Dataset) -> Dataset:
    keys = dataset.observations.select(made.FLOW.structure.key)
    return replace(dataset, action="D", observations=keys, series=dataset.series.clear(), attributes={})


def later(dataset: Dataset) -> Dataset:
    """The same of other years."""
    years = (pl.col("TIME_PERIOD").cast(pl.Int32) + 10).cast(pl.String)
    return replace(dataset, observations=dataset.observations.with_columns(years))


OTHER = with_values(OBS_VALUE="7")
TOLD: dict[str, tuple[list[Dataset], str]] = {
    "another value": ([FIRST, OTHER], "is in datasets 1 and 2: OBS_VALUE is “01” and “7”."),
    "no value": ([FIRST, with_values(OBS_VALUE=None)], "is in datasets 1 and 2: OBS_VALUE is “01” and empty."),
    "another status": ([FIRST, with_values(OBS_STATUS="O")], "is in datasets 1 and 2: OBS_STATUS is “A” and “O”."),
    "all alike": ([FIRST, FIRST], "is in datasets 1 and 2."),
    "the same three times": ([FIRST, FIRST, OTHER], "is in datasets 1 and 3: OBS_VALUE is “01” and “7”."),
    "something between": ([FIRST, later(FIRST), OTHER], "is in datasets 1 and 3: OBS_VALUE is “01” and “7”."),
    "one observation": (
        [FIRST, replace(OTHER, observations=OTHER.observations.head(1))],
        "is in datasets 1 and 2: OBS_VALUE is “01” and “7”.",
    ),
    "both append": (
        [replace(FIRST, action="A"), replace(OTHER, action="A")],
        "is in datasets 1 and 2: OBS_VALUE is “01” and “7”.",
    ),
    "both inform": (
        [replace(FIRST, action="I"), replace(OTHER, action="I")],
        "is in datasets 1 and 2: OBS_VALUE is “01” and “7”.",
    ),
    "another attribute of the dataset": (
        [FIRST, replace(OTHER, attributes={**OTHER.attributes, "TITLE": "Second"})],
        "is in datasets 1 and 2: OBS_VALUE is “01” and “7”.",
    ),
}
HARMLESS: dict[str, list[Dataset]] = {
    "one dataset": [FIRST],
    "other keys": [FIRST, later(FIRST)],
    "another series": [
        replace(FIRST, observations=FIRST.observations.head(1)),
        replace(FIRST, observations=FIRST.observations.tail(1)),
    ],
    "another dataflow": [FIRST, replace(OTHER, flow=made.OTHER)],
    "deleted, then sent": [deleted(FIRST), FIRST],
    "sent, deleted, sent": [FIRST, deleted(FIRST), OTHER],
    "deleted twice": [deleted(FIRST), deleted(FIRST)],
    "appended, then replaced": [replace(FIRST, action="A"), OTHER],
    "other agreements": [replace(FIRST, refers_to=AGREEMENT), replace(OTHER, refers_to=replace(AGREEMENT, id="PA_2"))],
    "another date of validity": [
        replace(FIRST, properties={"validFromDate": "2024-01-01T00:00:00"}),
        replace(OTHER, properties={"validFromDate": "2025-01-01T00:00:00"}),
    ],
    "series without observations": [FIRST, replace(FIRST, observations=FIRST.observations.clear())],
}


def told(form: str, datasets: list[Dataset]) -> list[tuple[str, str]]:
    content = data_bytes(FORMATS[form], datasets, made.HEADER)
    return [
        (str(problem.place), problem.message)
        for problem in identify_and_check("d", content, FLOWS).problems
        if " in datasets " in problem.message
    ]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", TOLD)
@pytest.mark.sampled(6)
def test_observations_in_two_datasets_are_reported(case: str, form: str) -> None:
    datasets, said = TOLD[case]
    found = told(form, datasets)
    own = [(place, message) for place, message in found if f"A.GE.M.FC.2023 {said}" in message]
    assert len(own) == 1, found
    ((place, message),) = own
    assert "json" in form or message.partition("The first is at ")[2].rstrip(".") < place


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", HARMLESS)
@pytest.mark.sampled(6)
def test_datasets_without_overlap_are_not_reported(case: str, form: str) -> None:
    assert told(form, HARMLESS[case]) == []


@pytest.mark.parametrize("form", FORMS)
def test_repeated_keys_are_found_if_stored_on_disk(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = told(form, [FIRST, OTHER])
    monkeypatch.setattr(stored_keys, "MAX_MEMORY_KEYS", 1)
    assert told(form, [FIRST, OTHER]) == expected
    assert len(expected) == FIRST.observations.height
