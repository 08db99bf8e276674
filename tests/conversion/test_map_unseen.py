"""``sdmxmig map`` on workbooks written independently of the code: no figure is silently wrong."""

from __future__ import annotations

import random
from functools import cache

import pytest
from proposed import WORDS
from shipped import CATALOGUE

from benchmarks.unseen import LAID_OUT, Judge
from benchmarks.unseen_truths import Unseen, tables_in

RIGHT = {"08_israel": 2, "10_sri_lanka": 3, "20_russia": 3, "24_brazil": 5, "28_jamaica": 4}
"""Workbooks that are read right, and how many answers they take at most."""
SAMPLE = 4


@cache
def workbooks() -> dict[str, Unseen]:
    return {case.name: case for case in tables_in(LAID_OUT)}


@cache
def judge() -> Judge:
    return Judge(CATALOGUE, WORDS)


@pytest.mark.parametrize("name", RIGHT)
def test_workbook_is_mapped_correctly_after_few_answers(name: str) -> None:
    outcome = judge().outcome(workbooks()[name])
    assert outcome.kind == "right", [str(one) for one in outcome.wrong]
    assert outcome.answers <= RIGHT[name]


def test_sample_workbooks_are_never_mapped_wrongly_in_silence() -> None:
    listed = sorted(set(workbooks()) - set(RIGHT))
    for name in random.Random(13).sample(listed, SAMPLE):
        outcome = judge().outcome(workbooks()[name])
        assert outcome.kind != "silent", (name, [str(one) for one in outcome.wrong])
