"""Derivation of statistics from records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.codes import check_area, check_source_type, codes_of_lists
from sdmxmig.records.counting import Statement
from sdmxmig.records.derivation import Sums, added, events_of, stocks_of, sums_of
from sdmxmig.records.doubtful import (
    absurd_numbers,
    doubts_of,
    of_the_whole,
    unread_columns,
    without_absurd_numbers,
)
from sdmxmig.records.engines import POLARS, engine_of
from sdmxmig.records.flows import FLOWS, flows_of
from sdmxmig.records.marks import any_simulated, marked
from sdmxmig.records.parts import parts_of
from sdmxmig.records.questions import Question
from sdmxmig.records.reading import taken_in
from sdmxmig.records.record_findings import findings_of
from sdmxmig.records.reliability import reliability_of, unreliable
from sdmxmig.records.residence_rules import LIST, rule_of
from sdmxmig.records.revisions import revisions_of
from sdmxmig.records.unplaced import unplaced_persons
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.sdmx.model.records import MOVEMENTS, NIGHTS, PERMITS, TABLES
from sdmxmig.workspace.tasks.asked_periods import observed, periods_of
from sdmxmig.workspace.tasks.derive_request import REVISIONS, DeriveRequest
from sdmxmig.workspace.tasks.earlier_figures import compared_since, earlier_question, events_then, restaged
from sdmxmig.workspace.tasks.further_figures import further_data, further_sums, unreliable_moves
from sdmxmig.workspace.tasks.record_files import Divided, linked_records, tables_of, with_movements
from sdmxmig.workspace.tasks.record_statements import (
    Remarks,
    method_of,
    of_nights,
    outcome_counts,
    statement_of,
    unseen_persons,
)
from sdmxmig.workspace.tasks.scratch import scratch_folder

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.sdmx.model.data import Dataset


ROOM = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """Derived datasets, outcomes and doubts; ``revisions`` in `tables`."""

    datasets: tuple[Dataset, ...]
    outcomes: Mapping[str, int]
    findings: Findings = field(default_factory=Findings)
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    method: str = ""
    is_simulated: bool = False


def derive(request: DeriveRequest, catalogue: Catalogue) -> Derived:
    """Derive figures under a residence rule.

    Raises `SdmxmigError` for impossible requests, `InputError` for invalid records.
    """
    rule = rule_of(request.rule, catalogue.item_scheme(LIST), request.changes)
    check_area(request.area, catalogue)
    if request.source_type:
        check_source_type(request.source_type, catalogue)
    codes = codes_of_lists(catalogue)
    with scratch_folder() as folder:
        tables = {table.name: table for table in TABLES}
        taken = {name: taken_in(path, tables[name], folder, codes) for name, path in request.files.items()}
        by_person = linked_records(request, taken)
        tables_in = dict(by_person.paths) if by_person else taken
        absurd = list(absurd_numbers(tables_in))
        tables_in = without_absurd_numbers(tables_in, absurd)
        paths = with_movements(request, tables_in, rule)
        observation = observed(request, paths)
        question = Question(rule, observation, periods=periods_of(request, observation), basis=request.basis)
        parts = parts_of(tables_of(paths), folder / "parts", memory=request.memory)
        read = ((name, path, tables[name]) for name, path in request.files.items())
        doubts = [
            *chain(
                (*unread_columns(read), *(by_person.doubtful if by_person else ()), *absurd),
                of_the_whole(tables_in, observation),
                *(doubts_of(part, observation) for part in parts),
            )
        ]
        divided = parts if request.engine == POLARS else [paths]  # other engines divide their work themselves
        earlier = earlier_question(request, question) if request.earlier else None
        then = events_then(request, earlier, divided, folder) if earlier else []
        with engine_of(request.engine, folder, memory=request.memory, master=request.master) as engine:
            asked = Divided(engine, divided, question=question, bridged=request.bridged)
            sums, revisions = summed(asked, request, catalogue, (earlier, then))
        on_records = findings_of(doubts, request.files, catalogue.rules)
        low = unreliable(reliability_of(sums.flows), FLOWS, moves_in(request))
        unplaced = () if sums.unplaced is None else unplaced_persons(sums.unplaced)
        moves = unreliable_moves(sums.further, moves_in(request))
        on_figures = findings_of((*low, *moves, *unplaced), request.files, catalogue.rules)
        findings = Findings((*on_records.items, *on_figures.items))
        remarks = Remarks(
            tuple(in_short(on_records)),
            method_of(request, by_person),
            of_flows=tuple(in_short(on_figures)),
            is_simulated=any_simulated(request.files.values()),
        )
    datasets = answered(question, sums, request, catalogue, remarks=remarks)
    tables_beside = {}
    if earlier:
        tables_beside[REVISIONS] = revisions_of(revisions)
        datasets = restaged(datasets, earlier)
    return Derived(
        datasets=datasets,
        outcomes=outcome_counts(sums),
        findings=findings,
        tables=with_rows(tables_beside, simulated=remarks.is_simulated),
        method=remarks.method,
        is_simulated=remarks.is_simulated,
    )


def moves_in(request: DeriveRequest) -> str:
    return next(table.name for table in (MOVEMENTS, NIGHTS, PERMITS) if table.name in request.files)


def summed(
    asked: Divided, request: DeriveRequest, catalogue: Catalogue, before: tuple[Question | None, Sequence[Path]]
) -> tuple[Sums, list[pl.DataFrame]]:
    """The sums that answer a question, part by part: first what open crossings weigh, then what is counted."""
    shares, (earlier, files) = asked.shares(), before
    sums, revisions = [], []
    for number, part in enumerate(asked):
        events = events_of(part, shares)
        further = {**further_sums(request.also, part, events, catalogue.flows), **unseen_persons(part, events)}
        sums.append(replace(sums_of(part, events), further=further))
        if earlier:
            revisions.append(compared_since(part, events, files[number], earlier))
    return added(sums), revisions


def with_rows(tables: Mapping[str, pl.DataFrame], *, simulated: bool) -> dict[str, pl.DataFrame]:
    return {name: marked(table, simulated=simulated) for name, table in tables.items() if table.height}


def in_short(findings: Findings) -> list[str]:
    notes = [f"{finding.flow}: {finding.rule} {finding.sentence().removesuffix('.')}" for finding in findings.items]
    if sum(map(len, notes)) > ROOM:
        notes = [f"{finding.flow}: {finding.rule} ({finding.observations:,})" for finding in findings.items]
    return notes


def answered(
    question: Question, sums: Sums, request: DeriveRequest, catalogue: Catalogue, *, remarks: Remarks
) -> tuple[Dataset, ...]:
    remarks = replace(remarks, notes=(*of_nights(request, sums), *remarks.notes))
    outcomes = outcome_counts(sums)
    statements = {
        by_rule: statement_of(request, question, outcomes, remarks, by_rule=by_rule) for by_rule in (True, False)
    }
    figures = in_figures(question, sums, catalogue, statements[True])
    return (*figures, *further_data(question, sums.further, catalogue.flows, statements))


def in_figures(question: Question, sums: Sums, catalogue: Catalogue, statement: Statement) -> list[Dataset]:
    flows = flows_of(question, sums.flows, catalogue.flows, statement)
    return flows + stocks_of(question, sums, catalogue.flows, statement)
