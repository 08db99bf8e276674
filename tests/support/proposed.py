"""Proposals for small workbooks that are written as text, and the observations that they give."""

from __future__ import annotations

from markdown_workbooks import workbook
from shipped import CATALOGUE, words

from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.mapping.writing import write
from sdmxmig.conversion.suggestion import Decisions, FlowKnowledge, Proposal, suggest
from sdmxmig.conversion.tables import read

WORDS = words()
SHOWN = ("TIME_PERIOD", "SEX", "AGE", "C_BIRTH", "C_CITIZEN")


def proposed(text: str, flow: str, area: str = "GE", decisions: Decisions | None = None) -> Proposal:
    """The proposal for a workbook, as `markdown_workbooks` writes it."""
    return suggest(read("t.xlsx", workbook(text)), FlowKnowledge(CATALOGUE.flows[flow], WORDS), area, decisions)


def observations(text: str, proposal: Proposal) -> dict[tuple[str, ...], str]:
    """The values by time, sex, age and country that the proposal gives, read back from its file."""
    flow = CATALOGUE.flows[proposal.mapping.flow]
    mapping = load("t.toml", write(proposal.mapping).encode(), CATALOGUE.flows)
    assert mapping == proposal.mapping
    frame = convert(read("t.xlsx", workbook(text)), mapping, flow, CATALOGUE.rules).dataset.observations
    keys = [row[:-1] for row in frame.select([*flow.structure.key, "OBS_VALUE"]).iter_rows()]
    assert len(keys) == len(set(keys)), "two figures have one key"
    columns = [name for name in SHOWN if name in frame.columns]
    return {row[:-1]: row[-1] for row in frame.select([*columns, "OBS_VALUE"]).fill_null("").iter_rows()}
