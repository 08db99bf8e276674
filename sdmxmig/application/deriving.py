"""Deriving figures from files of records: which files, rule and years, and what the figures say of themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sdmxmig.application.clock import moment
from sdmxmig.application.data_folder import DISK_FORMAT
from sdmxmig.errors import InputError, SdmxmigError
from sdmxmig.formats import FORMATS, data_bytes
from sdmxmig.lazily import nw, pl
from sdmxmig.model.records import CITIZENSHIPS, DOCUMENTS, LINKAGE_ERRORS, MOVEMENTS, NIGHTS, PERMITS, PERSONS, TABLES
from sdmxmig.model.submission import Header, Party
from sdmxmig.periods import of_day
from sdmxmig.places import Place
from sdmxmig.records.circular import LIST as CIRCULAR_LIST
from sdmxmig.records.circular import circular_persons, circular_rules
from sdmxmig.records.codes import check_area, codes_of_lists
from sdmxmig.records.counting import PRELIMINARY, REVISED, Statement
from sdmxmig.records.crossing_rules import ACTUAL
from sdmxmig.records.days import date_of, months_later, number_of
from sdmxmig.records.derivation import (
    Derivation,
    Events,
    Question,
    Records,
    Sums,
    added,
    events_of,
    flows_of,
    shares_over,
    stocks_of,
    sums_of,
)
from sdmxmig.records.doubtful import doubtful_rows
from sdmxmig.records.engines import POLARS, Engine, collected, engine_of, scanned
from sdmxmig.records.observation import MOTHER, Observation
from sdmxmig.records.outcomes import MISSING_RECORD, OPEN_SPELL
from sdmxmig.records.overstays import overstays_of
from sdmxmig.records.parts import parts_of
from sdmxmig.records.reading import taken_in
from sdmxmig.records.residence_rules import LIST, ResidenceRule, rule_of
from sdmxmig.records.returning import returns_of
from sdmxmig.records.revisions import revisions_of
from sdmxmig.records.spans import PERIOD, Period
from sdmxmig.records.substitutes import of_permits, of_persons
from sdmxmig.records.temporary import not_known, temporary_of
from sdmxmig.records.traces import unseen_at_the_end

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.model.data import Dataset, Flow

HASH_SHOWN = 12
YEARLY, LAST_MONTH = "A", 12
MONTHS = {YEARLY: 12, "Q": 3, "M": 1}
"""How many months the periods of a frequency have, by the codes of `CL_FREQ`."""
TEMPORARY, RETURN, OVERSTAYS = "temporary", "return", "overstays"
CIRCULAR, FINDINGS, REVISIONS = "circular", "findings", "revisions"
BESIDE = (CIRCULAR, FINDINGS, REVISIONS)
"""The tables that may stand beside the data."""
FURTHER = (TEMPORARY, RETURN, OVERSTAYS, CIRCULAR)
"""What can be asked besides flows and stocks."""


@dataclass(frozen=True, slots=True)
class DeriveRequest:
    """What is to be derived: the country, the rule, files by the name of their table, and options.

    `first` and `last` are the days over which the records are complete (None: the first and the last movement);
    `years` those that are asked for (none: all that are whole within these days). `every` is the frequency: A, Q or M;
    `year_ends` the month with which years end. `changes` set parameters of the rule otherwise than declared.
    `birth_place` is a code of `CL_BIRTH_PLACE`. Gaps of up to `bridged` nights in traces, between nights on the same
    side of the border, count as nights there. `source_type` is a code of `CL_SRC_TYPE` (empty: that of the files).
    `linkage` has the errors of the linkage that documents come from. `also` names what is asked besides flows and
    stocks, out of `FURTHER`. With `earlier`, what is known is compared with what was known on that day.
    """

    area: str
    rule: str
    _: KW_ONLY
    files: Mapping[str, Path]
    first: date | None = None
    last: date | None = None
    years: tuple[int, ...] = ()
    every: str = YEARLY
    year_ends: int = LAST_MONTH
    basis: str = ACTUAL
    birth_place: str = MOTHER
    bridged: int = 0
    source_type: str = ""
    linkage: Path | None = None
    changes: tuple[tuple[str, str], ...] = ()
    also: tuple[str, ...] = ()
    earlier: date | None = None
    engine: str = POLARS
    memory: str = "4GB"
    master: str = "local[2]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What was derived: the datasets, and how many crossings had which outcome.

    `tables` are beside them: ``findings`` on the records, ``circular`` mobility, and ``revisions``, all cells as text.
    """

    datasets: tuple[Dataset, ...]
    outcomes: Mapping[str, int]
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)


def derive(request: DeriveRequest, catalogue: Catalogue) -> Derived:
    """Figures from records under a rule of residence.

    Raises `SdmxmigError` for what cannot be asked, and `InputError` for files that are no tables of records.
    """
    rule = rule_of(request.rule, catalogue.item_scheme(LIST), request.changes)
    check_area(request.area, catalogue)
    codes = codes_of_lists(catalogue)
    with TemporaryDirectory(prefix="sdmxmig-records-") as place:
        folder = Path(place)
        tables = {table.name: table for table in TABLES}
        taken = {name: taken_in(path, tables[name], folder, codes) for name, path in request.files.items()}
        paths = with_movements(request, taken)
        observation = observed(request, paths)
        question = Question(rule, observation, periods=periods_of(request, observation), basis=request.basis)
        doubtful = doubtful_rows(taken, observation)
        earlier = earlier_question(request, question) if request.earlier else None
        then = events_then(request, earlier, paths, folder) if earlier else None
        with engine_of(request.engine, folder, memory=request.memory, master=request.master) as engine:
            parts: Sequence[Mapping[str, Path]] = [paths]
            if NIGHTS.name not in paths and not request.also and not earlier:
                parts = parts_of(engine, tables_of(paths), folder / "parts", memory=request.memory)
            if len(parts) > 1:
                derived = answered_in_parts(
                    Divided(engine, parts, question=question), request, catalogue, notes=in_short(doubtful)
                )
                return replace(derived, tables=with_rows({FINDINGS: doubtful}))
            records = replace(records_of(engine, paths), bridged=request.bridged)
            derivation = Derivation(engine, records, question=question)
            events = events_of(derivation)
            derived = answered(derivation, events, request, catalogue, notes=in_short(doubtful))
            tables_beside = {FINDINGS: doubtful}
            if CIRCULAR in request.also:
                tables_beside[CIRCULAR] = circular_of(derivation, events, request, catalogue)
            if earlier and then:
                labels = [period.label for period in earlier.periods]
                compared = events.rows.filter(nw.col(PERIOD).is_in(labels))
                tables_beside[REVISIONS] = revisions_of(engine, scanned(engine, then), compared)
                derived = replace(derived, datasets=restaged(derived.datasets, earlier))
    return replace(derived, tables=with_rows(tables_beside))


def with_rows(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The tables in which there is something."""
    return {name: table for name, table in tables.items() if table.height}


def earlier_question(request: DeriveRequest, question: Question) -> Question:
    """The same question as it was on an earlier day, of the periods that were over by then."""
    observation, day = question.observation, request.earlier
    until = number_of(day) + 1 if day else observation.until
    periods = tuple(period for period in question.periods if period.end <= until)
    if not observation.first < until < observation.until or not periods:
        raise SdmxmigError(
            f"On {day} no period that is asked for was over, or observation was not.",
            hint="Name a day under --earlier that lies after a period and before the day under --to.",
        )
    return replace(question, observation=replace(observation, until=until), periods=periods)


def events_then(request: DeriveRequest, question: Question, paths: Mapping[str, Path], folder: Path) -> Path:
    """What was known of each crossing on the earlier day, as a file of records."""
    place, target = folder / "earlier", folder / "earlier_events.parquet"
    place.mkdir()
    with engine_of(request.engine, place, memory=request.memory, master=request.master) as engine:
        records = replace(records_of(engine, paths), bridged=request.bridged)
        events = events_of(Derivation(engine, records, question=question))
        collected(engine, events.rows).write_parquet(target)
    return target


def restaged(datasets: Sequence[Dataset], earlier: Question) -> tuple[Dataset, ...]:
    """Datasets in which figures of the earlier periods that are still preliminary are revised ones."""
    labels = {period.label for period in earlier.periods}
    labels |= {str(date_of(period.end).year) for period in earlier.periods if period.is_calendar_year}
    again = (pl.col("REV_STAGE") == PRELIMINARY) & pl.col(PERIOD).is_in(labels)
    stage = pl.when(again).then(pl.lit(REVISED)).otherwise("REV_STAGE").alias("REV_STAGE")
    return tuple(
        replace(dataset, observations=dataset.observations.with_columns(stage))
        if "REV_STAGE" in dataset.observations.columns
        else dataset
        for dataset in datasets
    )


def circular_of(derivation: Derivation, events: Events, request: DeriveRequest, catalogue: Catalogue) -> pl.DataFrame:
    """Circular mobility with what it rests on."""
    rules = circular_rules(catalogue.item_scheme(CIRCULAR_LIST))
    said_so = "; ".join(
        f"{rule.code}: {rule.crossings} crossings in {rule.years} years, each with a stay of "
        + (f"{rule.days} days" if rule.days is not None else f"{rule.months} months")
        for rule in rules
    )
    comment = (
        f"{said_so}; a crossing counts if the last stay so long was on the other side of the border; "
        "each kind is counted for itself; years end with the period"
    )
    statement = {
        "REF_AREA": request.area,
        "UNIT_MEASURE": "PS",
        "SRC_TYPE": request.source_type or source_of(request),
        "SOURCE_DETAIL": sources_of(request),
        "COMMENT": comment,
    }
    literals = [pl.lit(value).alias(name) for name, value in statement.items()]
    return circular_persons(derivation, events, rules).with_columns(literals)


def in_short(doubtful: pl.DataFrame) -> list[str]:
    """How many rows of each kind are doubtful, as notes."""
    return [
        f"{table}, {kind} ({int(count):,}): {what.partition(';')[0]}"
        for table, kind, count, what in doubtful.select("TABLE", "KIND", "COUNT", "WHAT").rows()
    ]


PERMIT, GRANTED, SEVERAL_DOCUMENTS = "PERMIT", "GRT", "DET"
"""The rule by permits, the basis of its durations, and the method by which documents of one person are joined."""
LINKED_DOCUMENTS, ERROR_RATES = "PROB", ("precision", "recall")
"""The method where records were linked by probability too, and what figures then say of it."""


def with_movements(request: DeriveRequest, paths: dict[str, Path]) -> dict[str, Path]:
    """The tables with movements of persons: made of permits under the rule for these, and joined by documents.

    Raises `SdmxmigError` if permits are judged by another rule, or movements by that of permits.
    """
    by_permits = PERMITS.name in paths
    if NIGHTS.name in paths:
        check_traces(request)
        return paths
    if by_permits != (request.rule == PERMIT) or (by_permits and MOVEMENTS.name in paths):
        raise SdmxmigError(
            f"{PERMIT} judges permits, all other rules judge movements.",
            hint="Name --permits with --rule PERMIT, or --movements with another rule.",
        )
    if by_permits:
        return {**paths, MOVEMENTS.name: of_permits(paths[PERMITS.name])}
    if DOCUMENTS.name in paths and MOVEMENTS.name in paths:
        return {**paths, MOVEMENTS.name: of_persons(paths[MOVEMENTS.name], paths[DOCUMENTS.name])}
    return paths


def check_traces(request: DeriveRequest) -> None:
    """Refuse what goes with no trace: another table of moves, the rule of permits, intentions, documents."""
    others = [name for name in (MOVEMENTS.name, PERMITS.name, DOCUMENTS.name) if name in request.files]
    if others:
        raise SdmxmigError(
            f"Nights of traces do not go with {', '.join(others)}.", hint="Derive twice, once from each of them."
        )
    if request.rule == PERMIT or request.basis != ACTUAL:
        raise SdmxmigError(
            "Traces show actual stays alone.", hint=f"Take a rule other than {PERMIT}, and --basis {ACTUAL}."
        )


def tables_of(paths: Mapping[str, Path]) -> dict[str, Path]:
    """The files of those tables that an engine reads."""
    return {table.name: paths[table.name] for table in (MOVEMENTS, PERSONS, CITIZENSHIPS) if table.name in paths}


def records_of(engine: Engine, paths: Mapping[str, Path]) -> Records:
    """The tables of records that have been taken in, as the engine has them."""
    tables = (MOVEMENTS, PERSONS, CITIZENSHIPS, NIGHTS)
    frames = {table.name: scanned(engine, paths[table.name]) for table in tables if table.name in paths}
    persons, citizenships = frames.get(PERSONS.name), frames.get(CITIZENSHIPS.name)
    return Records(
        frames.get(MOVEMENTS.name), persons=persons, citizenships=citizenships, nights=frames.get(NIGHTS.name)
    )


def answered(
    derivation: Derivation, events: Events, request: DeriveRequest, catalogue: Catalogue, *, notes: list[str]
) -> Derived:
    """The figures that answer a question; `notes` are on the records."""
    sums = sums_of(derivation, events)
    outcomes = outcome_counts(sums)
    notes = [*of_traces(request, derivation, events), *notes]
    statement = statement_of(request, derivation.question, outcomes, notes)
    datasets = in_figures(derivation.question, sums, catalogue, statement)
    wanted = [FIGURES[name] for name in FIGURES if name in request.also]
    datasets += [figures(derivation, events, catalogue.flows, statement) for figures in wanted]
    return Derived(datasets=tuple(datasets), outcomes=outcomes)


def in_figures(question: Question, sums: Sums, catalogue: Catalogue, statement: Statement) -> list[Dataset]:
    """Flows, and stocks and the account where they can be known."""
    flows = flows_of(question, sums.flows, catalogue.flows, statement)
    return flows + stocks_of(question, sums, catalogue.flows, statement)


@dataclass(frozen=True, slots=True)
class Divided:
    """A question that is asked of records in parts, each read when its turn comes."""

    engine: Engine
    parts: Sequence[Mapping[str, Path]]
    _: KW_ONLY
    question: Question

    def __iter__(self) -> Iterator[Derivation]:
        """The question asked of one part after the other."""
        for paths in self.parts:
            engine = self.engine.for_part()
            yield Derivation(engine, records_of(engine, paths), question=self.question)


def answered_in_parts(divided: Divided, request: DeriveRequest, catalogue: Catalogue, *, notes: list[str]) -> Derived:
    """The figures that answer a question, part by part: first what open crossings weigh, then the sums."""
    shares = shares_over(divided)
    sums = added(sums_of(part, events_of(part, shares)) for part in divided)
    outcomes = outcome_counts(sums)
    statement = statement_of(request, divided.question, outcomes, [*OF_CROSSINGS, *notes])
    return Derived(datasets=tuple(in_figures(divided.question, sums, catalogue, statement)), outcomes=outcomes)


def temporary(derivation: Derivation, events: Events, flows: Mapping[str, Flow], statement: Statement) -> Dataset:
    """Temporary mobility, for rules that say who is resident."""
    if not derivation.question.rule.has_stocks:
        raise SdmxmigError(
            f"{derivation.question.rule.code} says who migrates, not who is resident on a day.",
            hint="Take another rule for temporary mobility.",
        )
    unknown = not_known(derivation, events)
    notes = [
        statement.dataset["COMMENT_DSET"],
        "Stays are counted from a crossing to the next one, in months of the calendar.",
        f"{unknown:,} crossings in these periods are of persons of whom it is not known where they live.",
    ]
    described = {**statement.dataset, "COMMENT_DSET": " ".join(notes), "REF_DATE": "D0101"}
    return temporary_of(derivation, events, flows, replace(statement, dataset=described))


def overstays(derivation: Derivation, events: Events, flows: Mapping[str, Flow], statement: Statement) -> Dataset:
    """Candidates for overstays, for records that say how many days were granted."""
    if derivation.records.nights is not None:
        raise SdmxmigError("Traces grant no days.", hint="Name movements with granted_days.")
    granted = events.spells.filter(~nw.col("granted_days").is_null())
    if not collected(derivation.engine, granted.head(1)).height:
        raise SdmxmigError(
            "No movement says how many days were granted.", hint="Give the movements a column granted_days."
        )
    years = all(period.is_calendar_year for period in derivation.question.periods)
    day = {**statement.dataset, "REF_DATE": "D1231" if years else "OTH", "DUR_BASIS": GRANTED}
    return overstays_of(derivation, events, flows, replace(statement, dataset=day))


FIGURES = {TEMPORARY: temporary, RETURN: returns_of, OVERSTAYS: overstays}


def observed(request: DeriveRequest, paths: Mapping[str, Path]) -> Observation:
    """The country and the days of the observation: as asked, else from the first movement or night to the last."""
    table = NIGHTS.name if NIGHTS.name in paths else MOVEMENTS.name
    if table not in paths:
        raise SdmxmigError("No movements are named.", hint="Name a table of crossings with --movements.")
    last_day = pl.col("date")
    if table == NIGHTS.name:
        last_day = last_day + pl.duration(days=pl.col("nights").fill_null(1) - 1)
    days = pl.scan_parquet(paths[table]).select(first=pl.col("date").min(), last=last_day.max()).collect()
    first, last = request.first or days["first"].item(), request.last or days["last"].item()
    if first is None or last is None:
        file = next(iter(request.files.values()))
        raise InputError("There are no movements.", Place(file.name), "Give a table with rows.")
    if last < first:
        raise SdmxmigError(f"Observation ends on {last}, before it begins on {first}.", hint="Change --from or --to.")
    return Observation(request.area, number_of(first), until=number_of(last) + 1, birth_place=request.birth_place)


def periods_of(request: DeriveRequest, observation: Observation) -> tuple[Period, ...]:
    """The periods that are asked for, each of them whole within the observation.

    A year is called by the year in which it ends. Years that do not begin in January are written as SDMX writes spans
    of time, such as ``2021-07-01/P1Y``; quarters and months as ``2021-Q3`` and ``2021-07``.
    """
    if request.every != YEARLY and request.year_ends != LAST_MONTH:
        raise SdmxmigError(
            "Quarters and months are those of the calendar.", hint="Say --year-ends for years, or leave it out."
        )
    first, last = date_of(observation.first), date_of(observation.until)
    covered = f"they go from {first} to {date_of(observation.until - 1)}"
    spans = whole_spans(first, last, MONTHS[request.every], request.year_ends)
    for year in request.years:
        lasting = sum((end - timedelta(days=1)).year == year for _, end in spans)
        if lasting * MONTHS[request.every] != MONTHS[YEARLY]:
            raise SdmxmigError(
                f"The records do not cover the whole of {year}: {covered}.",
                hint="Ask for another year, or say with --from and --to over which days they are complete.",
            )
    asked = [span for span in spans if not request.years or (span[1] - timedelta(days=1)).year in request.years]
    if not asked:
        raise SdmxmigError(
            f"The records cover no whole period: {covered}.",
            hint="Say with --from and --to over which days they are complete.",
        )
    return tuple(Period(label_of(begin, request.every), number_of(begin), end=number_of(end)) for begin, end in asked)


def whole_spans(first: date, last: date, months: int, year_ends: int) -> list[tuple[date, date]]:
    """Spans of so many months, one after the other, that lie between two days: the first day and the one after."""
    begin, spans = months_later(date(first.year - 1, 1, 1), year_ends % LAST_MONTH), []
    while (end := months_later(begin, months)) <= last:
        spans += [(begin, end)] if begin >= first else []
        begin = end
    return spans


def label_of(begin: date, every: str) -> str:
    """A span of time as SDMX writes it."""
    if every == YEARLY and begin.month > 1:
        return f"{begin}/P1Y"
    return str(of_day(begin, every))


def outcome_counts(sums: Sums) -> dict[str, int]:
    """How many crossings of the periods had which outcome."""
    counts = sums.outcomes.group_by("outcome").agg(pl.col("crossings").sum())
    return dict(sorted(counts.select("outcome", "crossings").rows()))


def statement_of(
    request: DeriveRequest, question: Question, outcomes: Mapping[str, int], notes_of_source: list[str]
) -> Statement:
    """What the figures say of themselves: rule and parameters, source, and what was corrected or not known."""
    rule = question.rule
    unknown = outcomes.get(MISSING_RECORD, 0)
    notes = [
        in_words(rule),
        f"records complete from {date_of(question.observation.first)} to {date_of(question.observation.until - 1)}",
        *notes_of_source,
        *of_linkage(request),
        *([f"country of birth by {request.birth_place} of CL_BIRTH_PLACE"] if PERSONS.name in request.files else []),
        f"{unknown:,} crossings in these periods could not be judged, since a record before or after is missing",
        f"{outcomes.get(OPEN_SPELL, 0):,} are still open",
    ]
    return Statement(
        {
            "RES_RULE": rule.code,
            "DUR_BASIS": GRANTED if rule.code == PERMIT else request.basis,
            "REF_DATE": "_Z",
            "AGEDEF": "REACH",
            "COMMENT_DSET": "; ".join(notes) + ".",
        },
        observation={
            "FREQ": request.every,
            "REF_AREA": request.area,
            "UNIT_MEASURE": "PS",
            "UNIT_MULT": "0",
            "SRC_TYPE": request.source_type or source_of(request),
            **method_of(request),
            "SOURCE_DETAIL": sources_of(request),
        },
    )


def method_of(request: DeriveRequest) -> dict[str, str]:
    """By which method documents were joined to persons, if they were: linked records by probability too."""
    if request.linkage:
        return {"INTEG_METHOD": LINKED_DOCUMENTS}
    return {"INTEG_METHOD": SEVERAL_DOCUMENTS} if DOCUMENTS.name in request.files else {}


def of_linkage(request: DeriveRequest) -> list[str]:
    """What is to be said of the linkage by which documents were joined to persons: its error rates.

    Raises `SdmxmigError` if errors of linkage are named without the documents that were linked.
    """
    if not request.linkage:
        return []
    if DOCUMENTS.name not in request.files:
        raise SdmxmigError("Errors of linkage go with documents.", hint="Name the linked records with --documents.")
    with TemporaryDirectory(prefix="sdmxmig-records-") as place:
        errors = pl.read_parquet(taken_in(request.linkage, LINKAGE_ERRORS, Path(place)))
    rates = []
    for row in (
        errors.filter(pl.col("measure").is_in(ERROR_RATES)).sort("to_source", "kind", "measure").rows(named=True)
    ):
        interval = f" ({row['low']} to {row['high']})" if row["low"] else ""
        where = "between sources" if row["kind"] == "between" else "within the source"
        rates.append(f"{row['to_source']} {where} {row['measure']} {row['value']}{interval} by {row['basis']}")
    return [f"persons by linkage of records: {', '.join(rates)}"]


def sources_of(request: DeriveRequest) -> str:
    """The files that figures rest on, with the beginning of the SHA-256 of each."""
    return ", ".join(f"{path.name} (SHA-256 {digest(path)[:HASH_SHOWN]})" for path in request.files.values())


def source_of(request: DeriveRequest) -> str:
    """What kind of source the files are of, as `CL_SRC_TYPE` calls it."""
    if NIGHTS.name in request.files:
        return "MPD"
    return "PER_RES" if request.rule == PERMIT else "BOR"


OF_CROSSINGS = ["nights belong to where the last crossing of the day leads"]
"""What is to be said of the nights that figures rest on, if they are those between crossings."""


def of_traces(request: DeriveRequest, derivation: Derivation, events: Events) -> list[str]:
    """What is to be said of the nights that figures rest on."""
    if derivation.records.nights is None:
        return OF_CROSSINGS
    gone = unseen_at_the_end(events.spells, derivation.question.observation)
    lost = collected(derivation.engine, gone).height
    filled = f"gaps of up to {request.bridged} nights on one side of the border count as nights there"
    return [
        *([filled] if request.bridged else []),
        "nights that no record shows are unknown; a crossing in a gap is dated by the first night known again",
        f"of {lost:,} persons no night is known any more when observation ends",
    ]


def in_words(rule: ResidenceRule) -> str:
    """The parameters of a rule as one text."""
    facts = {
        "anchor": rule.anchor,
        "continuity": rule.continuity,
        "threshold_days": rule.threshold_days,
        "threshold_months": None if rule.threshold_days else rule.threshold_months,
        "before_days": rule.before_days,
        "window_days": rule.window_days,
        "window_months": None if rule.window_days else rule.window_months,
        "absence_days": rule.absence_days or None,
        "intention_months": rule.intention_months,
        "intention_window_months": rule.intention_window_months,
        "parameters": rule.status,
    }
    listed = ", ".join(f"{name} {value}" for name, value in facts.items() if value is not None)
    set_so = "".join(f", {name} set by the request" for name, _ in rule.changed)
    return f"rule {rule.code}: {listed}{set_so}"


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def message_of(dataset: Dataset, now: str = "") -> bytes:
    """A dataset as SDMX-CSV."""
    header = Header("DERIVED", moment(now).isoformat(timespec="seconds"), sender=Party("SDMXMIG"))
    return data_bytes(FORMATS[DISK_FORMAT], [dataset], header)
