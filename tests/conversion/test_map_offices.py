"""``sdmxmig map`` on new tables of many offices: the proposal is correct or asks."""

from __future__ import annotations

import pytest
from proposed import WORDS
from shipped import CATALOGUE
from unseen import FOLDER, Unseen, unseen

from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.mapping.writing import write
from sdmxmig.conversion.suggestion import FlowKnowledge, Proposal, suggest
from sdmxmig.conversion.tables import read

NAMES = sorted(path.stem for path in FOLDER.glob("*.md"))
ASKED = [name for name in NAMES if "\nAsked: " in (FOLDER / f"{name}.md").read_text(encoding="utf-8")]
OWN = ("FREQ", "REF_AREA", "DIRECTION", "UNIT_MEASURE")
"""Dimensions that the dataflow, the request or the periods settle; all others are totals if nothing says more."""


def proposal_for(case: Unseen) -> Proposal:
    tables = read(case.file, case.content)
    return suggest(tables, FlowKnowledge(CATALOGUE.flows[case.flow], WORDS), case.area)


def observed(case: Unseen, proposal: Proposal) -> list[dict[str, str]]:
    """The observations that a proposal gives, read back from its file."""
    flow = CATALOGUE.flows[case.flow]
    mapping = load("t.toml", write(proposal.mapping).encode(), CATALOGUE.flows)
    frame = convert(read(case.file, case.content), mapping, flow, CATALOGUE.rules).dataset.observations
    return list(frame.fill_null("").iter_rows(named=True))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ASKED])
@pytest.mark.sampled(4)
def test_observations_equal_those_read_by_a_person(name: str) -> None:
    case = unseen(name)
    rows = observed(case, proposal_for(case))
    found = {tuple(row[key] for key in case.keys): row for row in rows}
    assert len(found) == len(rows), "two figures have one key"
    wanted = {key for key, written in case.observations.items() if written != "(any)"}
    assert wanted <= set(found) <= set(case.observations)
    for key, written in case.observations.items():
        value, _, status = written.partition(" (")
        if written != "(any)":
            assert found[key]["OBS_VALUE"] == value, key
        if status:
            assert found[key]["OBS_STATUS"] == status.rstrip(")"), key


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ASKED])
def test_codes_common_to_all_figures_are_set_or_asked(name: str) -> None:
    case = unseen(name)
    proposal = proposal_for(case)
    about = {question.component for question in proposal.open}
    for block in proposal.mapping.blocks:
        for component, code in block.fixed:
            wanted = case.fixed.get(component, "0" if component == "UNIT_MULT" else "_T")
            told = component in CATALOGUE.flows[case.flow].structure.key and component not in (*OWN, *case.keys)
            if component not in about and (told or component == "UNIT_MULT"):
                assert code in (wanted, "_Z"), f"{component} is {code} without a question"


@pytest.mark.parametrize("name", ASKED)
def test_undeterminable_parts_are_asked_about(name: str) -> None:
    case = unseen(name)
    assert set(case.asked) <= {question.part for question in proposal_for(case).open}
