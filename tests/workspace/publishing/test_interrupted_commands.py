"""A command that is ended at any file operation leaves old or new results, never neither; a sample of the campaign."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from other_systems import not_on_windows

from benchmarks.killed_runs import Campaign, Case

pytestmark = not_on_windows("processes are forked")
COMMAND = "convert"


@pytest.fixture(scope="module")
def campaign(sealed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    folder = tmp_path_factory.mktemp("ended")
    small = shutil.copytree(sealed_once, folder / "small", ignore=shutil.ignore_patterns("structures"))
    made = Campaign(folder, (COMMAND,))
    made.prepare(small)
    return made


def test_interruption_at_any_operation_leaves_complete_results(campaign: Campaign) -> None:
    cases = [Case(COMMAND, operation=number + 1) for number in range(campaign.lengths[COMMAND])]
    assert len(cases) > 100
    wrong = {case.id: campaign.wrong_at_once(campaign.kept(case), COMMAND) for case in cases}
    assert not {name: why for name, why in wrong.items() if why}


def test_results_are_consistent_after_the_next_command(campaign: Campaign) -> None:
    length = campaign.lengths[COMMAND]
    numbers = [1, *random.Random(3).sample(range(2, length), 4), length]
    outcomes = {number: campaign.outcome(Case(COMMAND, operation=number)) for number in numbers}
    assert not {number: outcome for number, outcome in outcomes.items() if outcome not in ("old", "new")}
    assert (outcomes[1], outcomes[length]) == ("old", "new")
