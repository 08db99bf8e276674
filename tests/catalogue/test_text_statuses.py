"""A data message marks each indicator and answer whose text is verified or a candidate."""

from __future__ import annotations

import pytest
from reported import datasets
from shipped import CATALOGUE

import sdmxmig
from sdmxmig.catalogue.artefact_heads import add_text_statuses
from sdmxmig.sdmx.model.data import Dataset

VALUES = """
flow,INDICATOR,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,TEXT_STATUS
DF_INDICATOR,MIG_SHARE,PT,2024,1.5,
DF_INDICATOR,MIG_SHARE_FB,PT,2024,1.5,
DF_INDICATOR,IMM_RATE,PER_1000_POP,2024,1.5,
DF_INDICATOR,EMI_RATE,PER_1000_POP,2024,1.5,NATIONAL
"""


def indicators() -> Dataset:
    """MI 1.1, whose text is on a slide; its variant; a candidate; and one declared by the sender."""
    (dataset,) = datasets(VALUES, CATALOGUE.flows)
    return dataset


def test_values_without_status_take_that_of_their_indicator() -> None:
    filled = add_text_statuses(indicators())
    assert filled.observations.select("INDICATOR", "TEXT_STATUS").rows() == [
        ("MIG_SHARE", "VERIFIED"),
        ("MIG_SHARE_FB", "VERIFIED"),
        ("IMM_RATE", "CANDIDATE"),
        ("EMI_RATE", "NATIONAL"),
    ]


@pytest.mark.parametrize("form", ["sdmx-csv-2.0", "sdmx-ml-3.0", "sdmx-ml-2.1", "sdmx-json-2.0"])
def test_text_status_is_written_to_the_message(form: str) -> None:
    content = sdmxmig.write(add_text_statuses(indicators()), format=form, lenient=True)
    assert isinstance(content, bytes)
    assert b"TEXT_STATUS" in content
    assert b"CANDIDATE" in content


def test_data_of_other_flows_are_unchanged() -> None:
    (residents,) = datasets("TIME_PERIOD,OBS_VALUE\n2024,5", CATALOGUE.flows)
    assert add_text_statuses(residents) is residents


def test_answer_takes_the_status_of_its_question() -> None:
    (answers,) = datasets(
        "flow,ITEM,SUBJECT,RESPONDENT,TIME_PERIOD,ANSWER_CODE\n"
        "DF_ASSESS,A01,_Z,GE1,2024,Y\nDF_ASSESS,L01,MIG_SHARE,GE1,2024,3",
        CATALOGUE.flows,
    )
    assert add_text_statuses(answers).observations.select("ITEM", "TEXT_STATUS").rows() == [
        ("A01", "CANDIDATE"),
        ("L01", "CANDIDATE"),
    ]
