"""A figure is the same whichever other periods are asked for with it: it depends on the records alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from compared_figures import RULES, SHORT, STATEMENT, frames_of, people_drawn
from made_records import AREA, number, written
from shipped import CATALOGUE

from sdmxmig.records.days import Observation, Period
from sdmxmig.records.derivation import events_of, sums_of
from sdmxmig.records.engines import POLARS, engine_of, scanned
from sdmxmig.records.questions import Derivation, Question, Records
from sdmxmig.records.record_tables import MOVEMENTS, PERSONS
from sdmxmig.workspace.tasks.deriving import in_figures
from sdmxmig.workspace.tasks.further_figures import FIGURES

Figures = dict[tuple[str, ...], tuple[str, ...]]
YEARS = {year: Period(year, number(f"{year}-01-01"), end=number(f"{int(year) + 1}-01-01")) for year in ("2019", "2020")}
HALVES = {
    "2020-S1": Period("2020-S1", number("2020-01-01"), end=number("2020-07-01")),
    "2021-S1": Period("2021-S1", number("2021-01-01"), end=number("2021-07-01")),
}
MONTHS = {
    f"2021-{month:02}": Period(f"2021-{month:02}", number(f"2021-{month:02}-01"), end=number(f"2021-{month + 1:02}-01"))
    for month in (3, 8, 11)
}


def figures_of(rule: str, periods: Sequence[Period], folder: Path) -> Figures:
    """All figures derived for random people and these periods, by their keys."""
    folder.mkdir()
    paths = written(folder, **frames_of(people_drawn(5, 150, SHORT)))
    figures: Figures = {}
    with engine_of(POLARS, folder) as engine:
        tables = {name: scanned(engine, path) for name, path in paths.items()}
        records = Records(tables[MOVEMENTS.name], persons=tables[PERSONS.name], citizenships=tables["citizenships"])
        question = Question(RULES[rule], Observation(AREA, SHORT.first, until=SHORT.until), periods=tuple(periods))
        derivation = Derivation(engine, records, question=question)
        events = events_of(derivation)
        datasets = list(in_figures(question, sums_of(derivation, events), CATALOGUE, STATEMENT))
        for name in ("temporary", "return"):
            sums = FIGURES[name].sums(derivation, events, CATALOGUE.flows)
            datasets.append(FIGURES[name].data(question, sums, CATALOGUE.flows, STATEMENT))
    for dataset in datasets:
        values = ("OBS_VALUE", "OBS_STATUS")
        keys = [name for name in dataset.observations.columns if name not in {*values, "COMMENT_OBS"}]
        for row in dataset.observations.rows(named=True):
            key = (dataset.flow.id, *(str(row[name]) for name in keys))
            figures[key] = tuple(row[name] for name in values)
    return figures


IN_CI = {("R12_16", "years"), ("R6", "years"), ("R9_12", "months")}
ASKED = {"years": YEARS, "halves": HALVES, "months": MONTHS}
CASES = [(rule, kind) for rule in RULES if rule != "R183_183" for kind in ASKED]


@pytest.mark.parametrize(
    ("rule", "kind"), [pytest.param(*case, marks=() if case in IN_CI else pytest.mark.long) for case in CASES]
)
def test_a_figure_is_the_same_whichever_periods_are_asked_for(rule: str, kind: str, tmp_path: Path) -> None:
    together = figures_of(rule, [*ASKED[kind].values()], tmp_path / "together")
    for label, period in ASKED[kind].items():
        alone = figures_of(rule, [period], tmp_path / label)
        assert {key: together.get(key) for key in alone} == alone
