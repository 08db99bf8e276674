"""Derivation of statistics from records, optionally as known on an earlier day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import chain, pairwise
from pathlib import Path

from sdmxmig.catalogue import Catalogue
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.periods import find_period, shift_months
from sdmxmig.primitives.places import Place
from sdmxmig.records.accounts import FLOW_BY_DIRECTION, build_flows, list_doubts_about_residence
from sdmxmig.records.counting import (
    PRELIMINARY,
    REVISED,
    Counts,
    Statement,
    combine_revisions,
    estimate_reliability,
    find_unreliable_flows,
    sum_revisions,
)
from sdmxmig.records.derivation import FLOWS as FLOW_SUMS
from sdmxmig.records.derivation import UNPLACED, build_stocks, derive_events, list_shares, sum_events
from sdmxmig.records.doubtful_records import (
    clear_absurd_numbers,
    convert_doubts,
    find_doubts,
    find_overall_doubts,
    list_absurd_numbers,
    list_unread_columns,
)
from sdmxmig.records.files import MOVEMENTS, NIGHTS, PERMITS, TABLES, number_rows
from sdmxmig.records.reading import (
    check_area,
    check_source_type,
    has_simulated,
    import_table,
    index_codes_by_list,
    mark_simulated,
)
from sdmxmig.records.residence_rules import RULE_LIST, Derivation, Question, Records, build_rule, number_records
from sdmxmig.records.rows import PERIOD, ROW, Observation, Period, locate_row, partition_tables, to_date, to_number
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.workspace.tasks.further_figures import (
    LAST_MONTH,
    MONTHS,
    REVISIONS,
    YEARLY,
    DeriveRequest,
    collect_further_data,
    list_unreliable_moves,
    sum_further,
)
from sdmxmig.workspace.tasks.record_files import (
    Caveats,
    add_movements,
    build_statement,
    count_outcomes,
    count_unseen,
    describe_method,
    describe_nights,
    open_scratch_folder,
    replace_linked_records,
    select_tables,
)

MAX_COMMENT_LENGTH = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivationResult:
    datasets: tuple[Dataset, ...]
    outcomes: Mapping[str, int]
    findings: Findings = field(default_factory=Findings)
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    method: str = ""
    is_simulated: bool = False


def derive(request: DeriveRequest, catalogue: Catalogue) -> DerivationResult:
    rule = build_rule(request.rule, catalogue.item_scheme(RULE_LIST), request.changes)
    check_area(request.area, catalogue)
    if request.source_type:
        check_source_type(request.source_type, catalogue)
    codes = index_codes_by_list(catalogue)
    with open_scratch_folder() as folder:
        tables = {table.name: table for table in TABLES}
        taken = {name: import_table(path, tables[name], folder, codes) for name, path in request.files.items()}
        by_person = replace_linked_records(request, taken)
        tables_in = dict(by_person.paths) if by_person else taken
        absurd = list(list_absurd_numbers(tables_in))
        tables_in = clear_absurd_numbers(tables_in, absurd)
        paths = add_movements(request, tables_in, rule)
        check_dates(request, taken)
        observation = find_observation(request, paths)
        question = Question(rule, observation, periods=list_periods(request, observation), basis=request.basis)
        parts = partition_tables(select_tables(paths), folder / "parts", memory=request.memory)
        read = ((name, path, tables[name]) for name, path in request.files.items())
        doubts = [
            *chain(
                (*list_unread_columns(read), *(by_person.doubtful if by_person else ()), *absurd),
                find_overall_doubts(tables_in, observation),
                *(find_doubts(part, observation) for part in parts),
            )
        ]
        earlier = build_earlier_question(request, question) if request.earlier else None
        sums, revisions = compute_sums(parts, question, request, catalogue, earlier=earlier)
        on_records = convert_doubts(doubts, request.files, catalogue.rules)
        low = find_unreliable_flows(estimate_reliability(sums[FLOW_SUMS]), FLOW_BY_DIRECTION, describe_moves(request))
        unplaced = list_doubts_about_residence(sums[UNPLACED]) if UNPLACED in sums else ()
        moves = list_unreliable_moves(sums, describe_moves(request))
        on_figures = convert_doubts((*low, *moves, *unplaced), request.files, catalogue.rules)
        findings = Findings((*on_records.items, *on_figures.items))
        remarks = Caveats(
            tuple(summarise_findings(on_records)),
            describe_method(request, by_person),
            of_flows=tuple(summarise_findings(on_figures)),
            is_simulated=has_simulated(request.files.values()),
        )
    datasets = list_derived_datasets(question, sums, request, catalogue, remarks=remarks)
    tables_beside = {}
    if earlier:
        tables_beside[REVISIONS] = combine_revisions(revisions)
        datasets = mark_revised_figures(datasets, earlier)
    return DerivationResult(
        datasets=datasets,
        outcomes=count_outcomes(sums),
        findings=findings,
        tables={
            name: mark_simulated(table, simulated=remarks.is_simulated)
            for name, table in tables_beside.items()
            if table.height
        },
        method=remarks.method,
        is_simulated=remarks.is_simulated,
    )


def describe_moves(request: DeriveRequest) -> str:
    for table in (NIGHTS, PERMITS, MOVEMENTS):
        if table.name in request.files:
            return table.name
    raise SdmxmigError("No movements are named.", hint="Name a table of crossings with --movements.")


def compute_sums(
    parts: Sequence[Mapping[str, Path]],
    question: Question,
    request: DeriveRequest,
    catalogue: Catalogue,
    *,
    earlier: Question | None,
) -> tuple[Counts, list[pl.DataFrame]]:
    shares = weigh_parts(parts, question, request.bridged)
    earlier_shares = weigh_parts(parts, earlier, request.bridged) if earlier else None
    sums, revisions = [], []
    for paths in parts:
        part = Derivation(read_records(paths, request.bridged), question)
        events = derive_events(part, shares)
        further = sum_further(request.also, part, events, catalogue.flows)
        sums.append({**sum_events(part, events), **further, **count_unseen(part, events)})
        if earlier:
            labels = [period.label for period in earlier.periods]
            then = derive_events(Derivation(part.records, earlier), earlier_shares)
            revisions.append(sum_revisions(then.rows, events.rows.filter(pl.col(PERIOD).is_in(labels))))
    return {name: pl.concat([part[name] for part in sums]) for name in sums[0]}, revisions


def read_records(paths: Mapping[str, Path], bridged: int) -> Records:
    return number_records(
        {name: pl.read_parquet(path, hive_partitioning=False) for name, path in paths.items()}, bridged
    )


def weigh_parts(
    parts: Sequence[Mapping[str, Path]], question: Question, bridged: int
) -> tuple[pl.DataFrame, ...] | None:
    """Return the weights of open crossings over all parts; None if there is only one part."""
    if len(parts) == 1:
        return None
    return list_shares(Derivation(read_records(paths, bridged), question) for paths in parts)


def summarise_findings(findings: Findings) -> list[str]:
    notes = [f"{finding.flow}: {finding.rule} {finding.sentence().removesuffix('.')}" for finding in findings.items]
    if sum(map(len, notes)) > MAX_COMMENT_LENGTH:
        notes = [f"{finding.flow}: {finding.rule} ({finding.observations:,})" for finding in findings.items]
    return notes


def list_derived_datasets(
    question: Question, sums: Counts, request: DeriveRequest, catalogue: Catalogue, *, remarks: Caveats
) -> tuple[Dataset, ...]:
    remarks = replace(remarks, notes=(*describe_nights(request, sums), *remarks.notes))
    outcomes = count_outcomes(sums)
    statements = {
        by_rule: build_statement(request, question, outcomes, remarks, by_rule=by_rule) for by_rule in (True, False)
    }
    figures = build_figures(question, sums, catalogue, statements[True])
    return (*figures, *collect_further_data(question, sums, catalogue.flows, statements))


def build_figures(question: Question, sums: Counts, catalogue: Catalogue, statement: Statement) -> list[Dataset]:
    flows = build_flows(question, sums[FLOW_SUMS], catalogue.flows, statement)
    return flows + build_stocks(question, sums, catalogue.flows, statement)


MIN_YEAR, MAX_YEAR = 1900, 2200


def find_observation(request: DeriveRequest, paths: Mapping[str, Path]) -> Observation:
    """Return the observed country and days, by default from the first to the last movement or permit start."""
    table = describe_moves(request)
    day = last_day = pl.col("begin" if table == PERMITS.name else "date")
    if table == NIGHTS.name:
        last_day = last_day + pl.duration(days=pl.col("nights").fill_null(1) - 1)
    scan = pl.scan_parquet(paths[table]).select(first=day.min(), last=last_day.max())
    days = scan.collect(engine="streaming")
    if days["first"].item() is None:
        file = next(iter(request.files.values()))
        raise InputError("There are no movements.", Place(file.name), "Give a table with rows.")
    first, last = request.first or days["first"].item(), request.last or days["last"].item()
    if last < first:
        raise SdmxmigError(f"Observation ends on {last}, before it begins on {first}.", hint="Change --from or --to.")
    if first.year < MIN_YEAR or last.year > MAX_YEAR:
        raise SdmxmigError(
            f"Observation goes from {first} to {last}, but records must be from {MIN_YEAR} to {MAX_YEAR}.",
            hint="Set --from and --to to the days for which they are complete.",
        )
    return Observation(request.area, to_number(first), until=to_number(last) + 1, birth_place=request.birth_place)


def check_dates(request: DeriveRequest, paths: Mapping[str, Path]) -> None:
    """Raise `SdmxmigError` for a year without records if the first or last day is not stated."""
    table = describe_moves(request)
    if request.first and request.last:
        return
    rows = pl.scan_parquet(paths[table]).with_row_index(ROW, 1)
    by_year = rows.group_by(year=pl.col("begin" if table == PERMITS.name else "date").dt.year())
    years = by_year.agg(pl.len(), pl.col(ROW).min()).sort("year").collect(engine="streaming")
    first, last = request.first or date.min, request.last or date.max
    years = years.filter(pl.col("year").is_between(first.year, last.year))
    count = 0
    for before, after in pairwise(years.rows(named=True)):
        count += before["len"]
        if after["year"] - before["year"] > 1:
            file = request.files[table]
            alone = before if 2 * count < years["len"].sum() else after
            raise InputError(
                f"There are no {table} between {before['year']} and {after['year']}.",
                locate_row(alone[ROW], number_rows(file)),
                "Correct the date, or set --from and --to to the days for which the records are complete.",
            )


def list_periods(request: DeriveRequest, observation: Observation) -> tuple[Period, ...]:
    """Return complete periods.

    Years are named by their end, fiscal years such as ``2021-07-01/P1Y``, quarters ``2021-Q3``, months ``2021-07``.
    """
    if request.every != YEARLY and request.year_ends != LAST_MONTH:
        raise SdmxmigError(
            "Quarters and months follow the calendar year.", hint="Use --year-ends for years only, or leave it out."
        )
    first, last = to_date(observation.first), to_date(observation.until)
    covered = f"they go from {first} to {to_date(observation.until - 1)}"
    spans = list_whole_spans(first, last, MONTHS[request.every], request.year_ends)
    for year in request.years:
        lasting = sum((end - timedelta(days=1)).year == year for _, end in spans)
        if lasting * MONTHS[request.every] != MONTHS[YEARLY]:
            raise SdmxmigError(
                f"The records do not cover the whole of {year}: {covered}.",
                hint="Use another year, or set --from and --to to the days for which they are complete.",
            )
    asked = [span for span in spans if not request.years or (span[1] - timedelta(days=1)).year in request.years]
    if not asked:
        raise SdmxmigError(
            f"The records cover no whole period: {covered}.",
            hint="Set --from and --to to the days for which they are complete.",
        )
    return tuple(
        Period(format_label(begin, request.every), to_number(begin), end=to_number(end)) for begin, end in asked
    )


def list_whole_spans(first: date, last: date, months: int, year_ends: int) -> list[tuple[date, date]]:
    begin, spans = shift_months(date(first.year - 1, 1, 1), year_ends % LAST_MONTH), []
    while (end := shift_months(begin, months)) <= last:
        spans += [(begin, end)] if begin >= first else []
        begin = end
    return spans


def format_label(begin: date, every: str) -> str:
    if every == YEARLY and begin.month > 1:
        return f"{begin}/P1Y"
    return str(find_period(begin, every))


def build_earlier_question(request: DeriveRequest, question: Question) -> Question:
    observation, day = question.observation, request.earlier
    until = to_number(day) + 1 if day else observation.until
    periods = tuple(period for period in question.periods if period.end <= until)
    if not observation.first < until < observation.until or not periods:
        raise SdmxmigError(
            f"{day} is outside the observed days, or no requested period was complete by then.",
            hint="Set --earlier to a day after the end of a period and before --to.",
        )
    return replace(question, observation=replace(observation, until=until), periods=periods)


def mark_revised_figures(datasets: Sequence[Dataset], earlier: Question) -> tuple[Dataset, ...]:
    labels = {period.label for period in earlier.periods}
    labels |= {str(to_date(period.end).year) for period in earlier.periods if period.is_calendar_year}
    again = (pl.col("REV_STAGE") == PRELIMINARY) & pl.col(PERIOD).is_in(labels)
    stage = pl.when(again).then(pl.lit(REVISED)).otherwise("REV_STAGE").alias("REV_STAGE")
    return tuple(
        replace(dataset, observations=dataset.observations.with_columns(stage))
        if "REV_STAGE" in dataset.observations.columns
        else dataset
        for dataset in datasets
    )
