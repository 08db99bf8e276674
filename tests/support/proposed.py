"""Proposals for small workbooks that are written as text, and the observations that they give."""

from __future__ import annotations

from functools import lru_cache

from markdown_workbooks import workbook
from shipped import CATALOGUE, words

from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.mapping.writing import write
from sdmxmig.conversion.suggestion import Decisions, FlowKnowledge, Proposal, Question, suggest
from sdmxmig.conversion.tables import read
from sdmxmig.sdmx.model.tables import Table
from sdmxmig.workspace.proposals import TriedProposal, propose

WORDS = words()
ALWAYS = ("fixed RES_RULE", "fixed DUR_BASIS", "fixed REF_DATE")
"""What no table says, and is asked of every office once."""
SHOWN = ("TIME_PERIOD", "SEX", "AGE", "C_BIRTH", "C_CITIZEN")


@lru_cache(16)
def tables(text: str) -> tuple[Table, ...]:
    """The tables of a workbook, read once for its proposal and its observations."""
    return read("t.xlsx", workbook(text))


def proposed(text: str, flow: str, area: str = "GE", decisions: Decisions | None = None) -> Proposal:
    """The proposal for a workbook, as `markdown_workbooks` writes it."""
    return suggest(tables(text), FlowKnowledge(CATALOGUE.flows[flow], WORDS), area, decisions)


def tried(text: str, flow: str = "DF_IMM", area: str = "KE", decisions: Decisions | None = None) -> TriedProposal:
    """The same proposal with its observations, as the command and the workbench make it."""
    return propose(tables(text), flow, CATALOGUE, WORDS, area=area, decisions=decisions)


def asked(proposal: Proposal | TriedProposal) -> list[Question]:
    """The questions that are about this table."""
    return [question for question in proposal.open if question.part not in ALWAYS]


def asked_labels(proposal: Proposal) -> list[str]:
    return [question.label or question.part for question in asked(proposal)]


def asked_text(proposal: Proposal) -> str:
    """The parts, labels and reasons of the questions about this table, in small letters."""
    texts = (f"{question.part} {question.label} {question.chosen.reason}" for question in asked(proposal))
    return " ".join(texts).casefold()


def codes(proposal: Proposal, component: str) -> dict[str, str]:
    """The codes that the first block of a proposal gives to labels; none without a block."""
    listed = [part for block in proposal.mapping.blocks[:1] for part in block.components if part.component == component]
    return {text: code for part in listed for text, code in part.codes}


def observations(text: str, proposal: Proposal) -> dict[tuple[str, ...], str]:
    """The values by time, sex, age and country that the proposal gives, read back from its file."""
    flow = CATALOGUE.flows[proposal.mapping.flow]
    mapping = load("t.toml", write(proposal.mapping).encode(), CATALOGUE.flows)
    assert mapping == proposal.mapping
    frame = convert(tables(text), mapping, flow, CATALOGUE.rules).dataset.observations
    keys = [row[:-1] for row in frame.select([*flow.structure.key, "OBS_VALUE"]).iter_rows()]
    assert len(keys) == len(set(keys)), "two figures have one key"
    columns = [name for name in SHOWN if name in frame.columns]
    return {row[:-1]: row[-1] for row in frame.select([*columns, "OBS_VALUE"]).fill_null("").iter_rows()}
