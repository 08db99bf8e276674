"""Linkage of identity files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from sdmxmig.catalogue import Catalogue
from sdmxmig.io.publishing.files import explain_write_errors
from sdmxmig.primitives.errors import InputError, write_count
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.records.doubtful_records import convert_doubts, list_unread_columns
from sdmxmig.records.files import IDENTITIES, SIMULATED, describe_unread_columns, number_rows
from sdmxmig.records.linkage.declaration import LinkageRules
from sdmxmig.records.linkage.linking import KIND_FIELD, Linkage, LinkageRun, link_prepared
from sdmxmig.records.linkage.preparation import (
    SOURCE,
    NameReader,
    check_records,
    clear_impossible_births,
    derive_key,
    find_multi_number_cells,
    find_possible_births,
    find_rows_exposing_numbers,
    find_shortened_numbers,
    move_documents,
    prepare_records,
    remove_shared_numbers,
)
from sdmxmig.records.linkage.probabilities import LINKED, open_duckdb
from sdmxmig.records.linkage.stages import PERSON
from sdmxmig.records.linkage_errors import BETWEEN
from sdmxmig.records.reading import SIMULATION_NOTICE, has_simulated, import_table, index_codes_by_list, mark_simulated
from sdmxmig.records.rows import describe_rows
from sdmxmig.workspace.tasks.linkage_tables import (
    LINKAGE,
    REPORT_FILE,
    SAMPLE_FILE,
    LinkRequest,
    build_links,
    build_report,
    build_sample_table,
    build_stamp,
    check_request,
    compute_fingerprint,
    read_linkage_rules,
    tabulate_rounds,
    write_table,
)
from sdmxmig.workspace.tasks.record_files import open_scratch_folder

WORK_FOLDER = ".linkage"


@dataclass(frozen=True, slots=True)
class LinkageResult:
    tables: Mapping[str, pl.DataFrame]
    report: Mapping[str, object]
    _: KW_ONLY
    persons: int
    records: int
    is_simulated: bool = False


def link(
    request: LinkRequest, out: Path, catalogue: Catalogue, tell: Callable[[str], None] = lambda _text: None
) -> LinkageResult:
    """Link identity files, continuing an interrupted run in `out`.

    Numbers are hashed when read; output has no names or numbers. Raises `SdmxmigError` for impossible requests,
    `InputError` for invalid files.
    """
    check_request(request)
    key = derive_key(request.secret)
    rules = read_linkage_rules(request.declaration)
    folder = out / WORK_FOLDER / compute_fingerprint(request, key)
    with explain_write_errors(out, "-o FOLDER"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open_scratch_folder() as scratch, open_duckdb(scratch, request.memory) as session:
        sources = read_sources(request, scratch, rules, key, codes=index_codes_by_list(catalogue), tell=tell)
        possible = find_possible_births(sources.values(), rules.unknown, request.day)
        shared, impossible = {}, {}
        for source, frame in sources.items():
            believed, impossible[source] = clear_impossible_births(frame, possible)
            sources[source], shared[source] = remove_shared_numbers(believed, rules.unknown)
        sources, misplaced = move_documents(sources)
        report_births(request, impossible, tell)
        report_shared_numbers(shared, tell)
        report_documents(request, misplaced, tell)
        work = LinkageRun(session, scratch, folder=folder, slices=request.slices, tell=tell)
        linkage = link_prepared(sources, rules, work)
    report_chains(linkage, tell)
    report_columns(request, catalogue, tell)
    tables = {**build_links(linkage, key), **tabulate_rounds(linkage)}
    if request.sample:
        tables[SAMPLE_FILE] = build_sample_table(linkage, rules, request, key)
    persons, records = linkage.records[PERSON].n_unique(), linkage.records.height
    report = {
        LINKAGE: build_stamp(request, key),
        **build_report(request, linkage, rules),
        "unread_columns": {
            source: columns
            for source, path in request.files.items()
            if (columns := describe_unread_columns(path, IDENTITIES))
        },
        "impossible_births": {source: len(rows) for source, rows in impossible.items()},
        "documents_as_numbers": {source: len(rows) for source, rows in misplaced.items()},
        "nobodys": shared,
    }
    simulated = has_simulated(request.files.values())
    return LinkageResult(
        {name: mark_simulated(table, simulated=simulated) for name, table in tables.items()},
        {**report, **({SIMULATED: SIMULATION_NOTICE} if simulated else {})},
        persons=persons,
        records=records,
        is_simulated=simulated,
    )


def report_births(request: LinkRequest, impossible: Mapping[str, Sequence[int]], tell: Callable[[str], None]) -> None:
    for source, rows in impossible.items():
        if rows:
            listed = list_file_rows(rows, request.files[source])
            asked = "" if request.day else " Name the day of the records with --day."
            tell(f"! {source}: birth_date is outside the possible range and ignored, in {listed}.{asked}")


def list_file_rows(rows: Sequence[int], path: Path) -> str:
    numbers = number_rows(path)
    return describe_rows([row - numbers.first + 1 for row in rows], len(rows), numbers)


def report_documents(request: LinkRequest, misplaced: Mapping[str, Sequence[int]], tell: Callable[[str], None]) -> None:
    for source, rows in misplaced.items():
        if rows:
            listed = list_file_rows(rows, request.files[source])
            tell(f"! {source}: person_number is a document number in other records, and treated as one, in {listed}.")


def report_shared_numbers(shared: Mapping[str, Mapping[str, int]], tell: Callable[[str], None]) -> None:
    for source, counts in shared.items():
        numbers, days = counts["numbers"], counts["days"]
        if numbers:
            tell(f"! {source}: {write_count(numbers, 'number')} ignored, because too many persons have them.")
        if days:
            tell(f"! {source}: {write_count(days, 'day')} of birth treated as uncertain: too many records have them.")


def report_columns(request: LinkRequest, catalogue: Catalogue, tell: Callable[[str], None]) -> None:
    doubts = list_unread_columns((source, path, IDENTITIES) for source, path in request.files.items())
    for finding in convert_doubts(doubts, request.files, catalogue.rules).items:
        tell(f"! {finding.flow}: {finding.sentence()}")


def report_chains(linkage: Linkage, tell: Callable[[str], None]) -> None:
    for turn in linkage.rounds:
        if (
            len({*linkage.records[SOURCE]}) > 1
            and not turn.pairs.filter(LINKED & (pl.col(KIND_FIELD) == BETWEEN)).height
        ):
            tell(f"! {turn.source}: no record was linked, so the precision of links is unknown.")
        apart = turn.apart + sum(count.apart for count in turn.stages)
        left = sum(count.ambiguous for count in turn.stages)
        if left:
            tell(f"{turn.source}: {write_count(left, 'key')} not used, because several persons have them")
        if apart:
            tell(f"{turn.source}: {write_count(apart, 'pair')} of records kept apart, such as twins")
        if turn.chains.parted:
            tell(
                f"! {turn.source}: {write_count(turn.chains.parted, 'person')} separated: "
                "a chain of links had joined two."
            )
        if turn.chains.numbered:
            what = write_count(turn.chains.numbered, "person")
            tell(f"! {turn.source}: {what} with two numbers in one source: check whether it is one person or two.")
        if turn.chains.loose:
            tell(
                f"! {turn.source}: {write_count(turn.chains.loose, 'person')} with records that agree in nothing, "
                "one through others: look at them."
            )


def read_sources(
    request: LinkRequest,
    folder: Path,
    rules: LinkageRules,
    key: bytes,
    *,
    codes: Mapping[str, frozenset[str]],
    tell: Callable[[str], None],
) -> dict[str, pl.DataFrame]:
    reader = NameReader(rules.names)
    sources = {}
    for source, path in request.files.items():
        identities = pl.read_parquet(import_table(path, IDENTITIES, folder, codes))
        (folder / f"{IDENTITIES.name}.parquet").unlink()
        if not identities.height:
            raise InputError("There are no records.", Place(path.name), "Give a table with rows.")
        numbers = number_rows(path)
        check_records(identities, numbers)
        for column, rows in find_multi_number_cells(identities).items():
            listed = describe_rows(rows, len(rows), numbers)
            tell(f"! {source}: {column} seems to contain several numbers and is treated as one, in {listed}.")
        for column, rows in find_shortened_numbers(identities).items():
            listed = describe_rows(rows, len(rows), numbers)
            tell(f"! {source}: {column} was shortened by a spreadsheet, as in 1.2E+10: ignored in {listed}.")
        if rows := find_rows_exposing_numbers(identities):
            listed = describe_rows(rows, len(rows), numbers)
            tell(f"! {source}: record is the number of a person or document, which the links name, in {listed}.")
        sources[source] = prepare_records(identities, reader, key, rules.unknown, first_row=numbers.first)
    return sources


def write_contents(linked: LinkageResult) -> Iterator[tuple[str, bytes]]:
    for name, table in sorted(linked.tables.items()):
        yield name, write_table(table, name)
    yield REPORT_FILE, (json.dumps(linked.report, indent=2, ensure_ascii=False) + "\n").encode()


def remove_leftovers(out: Path, linked: LinkageResult) -> None:
    for path in out.glob("documents-*.parquet"):
        if path.name not in linked.tables:
            path.unlink()
    shutil.rmtree(out / WORK_FOLDER, ignore_errors=True)
