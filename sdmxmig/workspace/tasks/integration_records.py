"""Integration records of link, coverage, combine and derive, without personal data, and their reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from sdmxmig.catalogue import Catalogue
from sdmxmig.io.intake.files import hash_file, read_bytes
from sdmxmig.primitives import text
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.counting import Row
from sdmxmig.records.coverage_tables import TOGETHER
from sdmxmig.records.files import LINKS, SIGNS, TRAINING
from sdmxmig.records.linkage_errors import BETWEEN
from sdmxmig.records.residence_rules import MISSING_RECORD, OPEN_SPELL
from sdmxmig.records.rows import TOTAL
from sdmxmig.reporting.outputs import typed_json
from sdmxmig.reporting.outputs.finding_reports import REPORTS, Validation
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import ValidatedInputs
from sdmxmig.sdmx.model.rule_ids import RuleId
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.statistics.model.integration import (
    COMBINE,
    COVERAGE,
    DERIVE,
    LINK,
    Correction,
    CoverageGroup,
    IntegrationRecord,
    Interval,
    Residual,
    SourceMatch,
    UsedSource,
)
from sdmxmig.workspace.tasks.combined_figures import build_metadata_message, write_csv
from sdmxmig.workspace.tasks.combining import CombinationResult
from sdmxmig.workspace.tasks.coverage_estimation import Coverage, render_files
from sdmxmig.workspace.tasks.coverage_request import CoverageRequest
from sdmxmig.workspace.tasks.data_folder import DISK_FORMAT
from sdmxmig.workspace.tasks.deriving import DerivationResult
from sdmxmig.workspace.tasks.further_figures import DeriveRequest
from sdmxmig.workspace.tasks.linkage_tables import DETERMINISTIC, ERRORS_FILE, PROBABILISTIC, LinkRequest
from sdmxmig.workspace.tasks.linking import LinkageResult
from sdmxmig.workspace.tasks.session import parse_moment

ACCOUNT, ITEM, ADJUSTMENT, END = "DF_ACCOUNT", "ACC_ITEM", "ADJ", "POP_END"
ESTIMATE_COLUMNS = (("over_coverage", "over_low", "over_high"), ("population", "low", "high"))
"""Columns of estimates and their intervals in the table of groups."""
FURTHER_SOURCES = (SIGNS.name, TRAINING.name)
"""Tables of a coverage estimate other than its lists."""
CROSSINGS_NAME = "crossings"
UNDECIDED_OUTCOMES = (MISSING_RECORD, OPEN_SPELL)
"""Undecided outcomes of crossings."""


def build_used_source(name: str, paths: Iterable[Path], records: int | None = None) -> UsedSource:
    return UsedSource(name, tuple((path.name, hash_file(path)) for path in paths), records=records)


def build_link_record(request: LinkRequest, linked: LinkageResult) -> IntegrationRecord:
    links = linked.tables[f"{LINKS.name}.parquet"]
    errors = linked.tables[ERRORS_FILE]
    pairs = linked.report["pairs"]
    counts = pairs if isinstance(pairs, Mapping) else {}
    shared = links.group_by("person").agg(pl.col("source").n_unique().alias("sources")).filter(pl.col("sources") > 1)
    matches = []
    for source in request.files:
        mine = links.filter(pl.col("source") == source)
        persons = mine.select("person").unique()
        turn = counts.get(source, {})
        precision, recall, basis = read_rates(errors, source)
        matches.append(
            SourceMatch(
                source,
                mine.height,
                persons=persons.height,
                matched=persons.join(shared, on="person", how="semi").height,
                by_keys=turn.get(f"{BETWEEN} {DETERMINISTIC}", 0),
                by_probability=turn.get(f"{BETWEEN} {PROBABILISTIC}", 0),
                doubles=mine.height - persons.height,
                precision=precision,
                recall=recall,
                basis=basis,
            )
        )
    methods = links["method"].drop_nulls().unique().sort().to_list()
    records = {match.source: match.records for match in matches}
    return IntegrationRecord(
        LINK,
        tuple(build_used_source(source, [path], records[source]) for source, path in request.files.items()),
        methods=tuple(methods),
        keys=tuple(linked.tables["stages.csv"]["name"].unique(maintain_order=True)),
        matches=tuple(matches),
        is_simulated=linked.is_simulated,
    )


def read_rates(errors: pl.DataFrame, source: str) -> tuple[Interval | None, Interval | None, str]:
    rows = {
        row["measure"]: row
        for row in errors.filter((pl.col("to_source") == source) & (pl.col("kind") == BETWEEN)).rows(named=True)
    }
    precision, recall = (read_interval(rows[name]) if name in rows else None for name in ("precision", "recall"))
    return precision, recall, next((str(row["basis"]) for row in rows.values() if row["value"] is not None), "")


def read_interval(row: Mapping[str, object]) -> Interval | None:
    value, low, high = (number(row[name]) for name in ("value", "low", "high"))
    return None if value is None else Interval(value, low=low, high=high)


def number(cell: object) -> Decimal | None:
    text = "" if cell is None else str(cell).strip()
    try:
        value = Decimal(text)
    except ArithmeticError:
        return None
    return value if value.is_finite() else None


def update_link_record(folder: Path, errors: pl.DataFrame) -> dict[str, bytes]:
    path = folder / typed_json.name_integration_file(LINK)
    if not path.is_file():
        return {}
    record, matches = typed_json.read_integration(read_bytes(path), path.name), []
    for match in record.matches:
        precision, recall, basis = read_rates(errors, match.source)
        matches.append(replace(match, precision=precision, recall=recall, basis=basis))
    return {path.name: typed_json.render_integration(replace(record, matches=tuple(matches)))}


def build_coverage_record(request: CoverageRequest, covered: Coverage) -> IntegrationRecord:
    lists = [build_used_source(name, [path] if path else []) for name, path in request.lists.items()]
    others = [build_used_source(name, [path]) for name, path in request.files.items() if name in FURTHER_SOURCES]
    methods = covered.datasets[0].observations["INTEG_METHOD"].unique().to_list()
    return IntegrationRecord(
        COVERAGE,
        (*lists, *others),
        methods=tuple(sorted(str(method) for method in methods)),
        rule=request.rule,
        day=str(request.day),
        groups=tuple(build_group(row, request.by) for row in covered.tables.groups),
        is_simulated=covered.is_simulated,
        area=request.area,
    )


def build_group(row: Row, by: tuple[str, ...]) -> CoverageGroup:
    codes = tuple((name, row[name]) for name in by if row[name] not in (TOTAL, TOGETHER))
    over, population = (
        read_interval({"value": row[name], "low": row[low], "high": row[high]}) for name, low, high in ESTIMATE_COLUMNS
    )
    return CoverageGroup(
        codes,
        registered=number(row["registered"]),
        over=over,
        population=population,
        method=row["method"] if codes or not by else "",
        hard=tuple(filter(None, row["hard_to_count"].split(", "))),
        refused=row["refused"],
        is_rest=any(row[name] == TOGETHER for name in by),
    )


def build_derivation_record(request: DeriveRequest, derived: DerivationResult) -> IntegrationRecord:
    paths: dict[str, list[Path]] = {}
    for table, path in request.files.items():
        if table != LINKS.name:
            paths.setdefault(request.linked.get(table, table), []).append(path)
    doubtful = [(finding.flow, RuleId(finding.rule).name, finding.observations) for finding in derived.findings.items]
    counts = {outcome: derived.outcomes.get(outcome, 0) for outcome in UNDECIDED_OUTCOMES}
    undecided = [(CROSSINGS_NAME, outcome, count) for outcome, count in counts.items() if count]
    return IntegrationRecord(
        DERIVE,
        tuple(build_used_source(name, files) for name, files in paths.items()),
        methods=(derived.method,) if derived.method else (),
        rule=request.rule,
        corrections=tuple(Correction(table, kind, count=count) for table, kind, count in (*doubtful, *undecided)),
        residuals=tuple(list_residuals(derived)),
        is_simulated=derived.is_simulated,
        area=request.area,
    )


def build_combination_record(combined: CombinationResult) -> IntegrationRecord:
    product = combined.product
    return IntegrationRecord(
        COMBINE,
        tuple(
            UsedSource(
                source.name,
                ((source.path.name, source.sha256),),
                type=source.type,
                version=source.version,
                legal_basis=source.legal_basis,
            )
            for source in product.sources.values()
        ),
        methods=tuple(dict.fromkeys(method for output in combined.outputs for method in output.made.methods)),
        legal_basis=product.legal_basis,
        rule=product.attributes.get("RES_RULE", ""),
        conflicts=tuple(note.conflict for _, note in combined.by_step if note.conflict),
        reached=tuple(replace(note.reached, step=step) for step, note in combined.by_step if note.reached),
        is_simulated=any(source.is_simulated for source in product.sources.values()),
        area=product.area,
    )


def list_residuals(derived: DerivationResult) -> Iterator[Residual]:
    for dataset in derived.datasets:
        if dataset.flow.id != ACCOUNT:
            continue
        totals = dataset.observations.filter((pl.col("BIRTH_STATUS") == TOTAL) & (pl.col("CTZ_STATUS") == TOTAL))
        values = {
            (period, item): value for period, item, value in totals.select("TIME_PERIOD", ITEM, "OBS_VALUE").rows()
        }
        for period in sorted({period for period, _ in values}):
            adjusted, end = (number(values.get((period, item))) for item in (ADJUSTMENT, END))
            if adjusted is not None and end is not None:
                yield Residual(period, adjusted, population=end)


def write_message(dataset: Dataset, now: str = "") -> bytes:
    header = Header("DERIVED", parse_moment(now).isoformat(timespec="seconds"), sender=Party("SDMXMIG"))
    return data_bytes(FORMATS[DISK_FORMAT], [dataset], header)


def build_derived_files(
    request: DeriveRequest, derived: DerivationResult, validation: Validation, *, lists: Mapping[str, bytes], now: str
) -> dict[str, bytes]:
    return {
        **write_data(derived.datasets, now),
        **index_finding_files(validation),
        **lists,
        **{f"{name}.csv": table.write_csv().encode() for name, table in derived.tables.items()},
        **write_record("derive", build_derivation_record(request, derived)),
    }


def index_coverage_files(request: CoverageRequest, covered: Coverage, now: str) -> dict[str, bytes]:
    record = write_record("coverage", build_coverage_record(request, covered))
    return {**write_data(covered.datasets, now), **render_files(covered), **record}


def build_combined_files(combined: CombinationResult, now: str) -> dict[str, bytes]:
    return {
        **{
            f"{output.made.name}.csv": write_message(output.dataset, now) if output.dataset else write_csv(output)
            for output in combined.outputs
        },
        "combined.md": combined.account.encode(),
        "metadata.json": build_metadata_message(combined.metadata, now),
        **write_record("combine", build_combination_record(combined)),
    }


def write_data(datasets: Iterable[Dataset], now: str) -> dict[str, bytes]:
    return {f"{dataset.flow.id}.csv": write_message(dataset, now) for dataset in datasets}


def write_record(command: str, record: IntegrationRecord) -> dict[str, bytes]:
    return {typed_json.name_integration_file(command): typed_json.render_integration(record)}


FINDINGS_FILE = "findings"
SUFFIX_BY_FORMAT = {"html": ".html", "csv": ".csv", "jsonl": ".jsonl"}


def validate_records(
    request: DeriveRequest, derived: DerivationResult, catalogue: Catalogue, *, language: str = "en", now: str = ""
) -> Validation:
    return Validation(
        findings=derived.findings,
        header=Header(
            "FINDINGS",
            parse_moment(now).isoformat(timespec="seconds"),
            sender=Party(request.area),
            test=derived.is_simulated,
        ),
        title=", ".join(path.name for path in request.files.values()),
        language=language,
        notice=text.build_notice(is_draft=False, is_fictional=derived.is_simulated),
        rules=catalogue.rules,
        flows=catalogue.flows,
        judged=ValidatedInputs(
            datasets={table: {path.name: hash_file(path)} for table, path in request.files.items()},
            declarations="",
        ),
        can_be_justified=False,
        is_simulated=derived.is_simulated,
    )


def index_finding_files(validation: Validation) -> dict[str, bytes]:
    if not validation.findings.items:
        return {}
    return {
        f"{FINDINGS_FILE}{ending}": b"".join(REPORTS[kind].write(validation))
        for kind, ending in SUFFIX_BY_FORMAT.items()
    }
