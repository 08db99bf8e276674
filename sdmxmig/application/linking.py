"""Linking files of identities: which files, key and declaration, and the tables that are written of who is who."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sdmxmig.application.record_statements import digest
from sdmxmig.catalogue.folders import shipped
from sdmxmig.errors import InputError, SdmxmigError, counted
from sdmxmig.formulas import shielded
from sdmxmig.intake.files import read_bytes
from sdmxmig.lazily import pl
from sdmxmig.model.records import DOCUMENTS, IDENTITIES, LINKAGE_ERRORS, LINKS, SIMULATED, Column, RecordTable
from sdmxmig.network.secrets import Secret
from sdmxmig.places import Place
from sdmxmig.publishing.refusing import writable
from sdmxmig.records.codes import codes_of_lists
from sdmxmig.records.column_names import unread_in
from sdmxmig.records.doubtful import unread_columns
from sdmxmig.records.engines import DUCKDB, SPARK, engine_of
from sdmxmig.records.linkage.clerical import (
    Band,
    bands_of,
    estimates,
    expected_estimates,
    sample_of,
    with_bands,
    with_judgements,
)
from sdmxmig.records.linkage.decisions import LINKED
from sdmxmig.records.linkage.declaration import LinkageRules, rules_of
from sdmxmig.records.linkage.hashing import person_under
from sdmxmig.records.linkage.keys import key_of
from sdmxmig.records.linkage.linking import KIND, Linkage, Round, Work, linkage_of
from sdmxmig.records.linkage.names import NameReader
from sdmxmig.records.linkage.preparation import (
    ONE,
    OTHER,
    SHOWN,
    SOURCE,
    UNIT,
    Crowds,
    check_records,
    prepared,
    rows_of_several,
    without_crowds,
)
from sdmxmig.records.linkage.stages import PERSON, STAGE
from sdmxmig.records.linkage_errors import BETWEEN, WITHIN
from sdmxmig.records.marks import NOTICE, any_simulated, is_simulated, marked
from sdmxmig.records.reading import taken_in
from sdmxmig.records.record_findings import findings_of

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue

DECLARATION = ("linkage", "persons.toml")
SOURCE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,40}")
BANDS_FILE, ERRORS_FILE, SAMPLE_FILE, REPORT_FILE = "bands.csv", "linkage_errors.csv", "clerical.csv", "linkage.json"
WORK = ".linkage"
DETERMINISTIC, PROBABILISTIC = "DET", "PROB"
ROW, RECORD, HASH = "row", "record", "hash"
"""How the records of a clerical sample are named: by the row of their file, by their record, or under the key."""
LINKING_ENGINES = (DUCKDB, SPARK)
TO_SOURCE, LINKAGE = "to_source", "linkage"
SAMPLE = RecordTable(
    "sample",
    "a pair of records that people judge",
    columns=(
        Column(TO_SOURCE, "text", says="the source whose linkage to those before is judged", needed=True),
        Column(LINKAGE, "text", says="of which linkage it is", needed=True),
        Column("kind", "text", says="between sources or within one", needed=True),
        Column("band", "text", says="stage, or likelihood that the pair reaches", needed=True),
        Column("judgement", "text", says="yes, no, or empty where nobody can tell"),
    ),
)
BANDS = RecordTable(
    "bands",
    "the pairs of one band",
    columns=(
        *(column for column in SAMPLE.columns if column.name in (TO_SOURCE, "kind", "band")),
        Column("linked", "truth", says="whether the pairs are linked", needed=True),
        Column("pairs", "whole", says="how many", needed=True),
    ),
)


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """What is to be linked: files of identities by the name of their source, and how.

    `declaration` is a file beside the one that ships; `sample` how many pairs are drawn for people to judge, which name
    records as `shown_as` says.
    """

    files: Mapping[str, Path]
    secret: Secret
    _: KW_ONLY
    declaration: Path | None = None
    engine: str = DUCKDB
    memory: str = "4GB"
    master: str = "local[2]"
    slices: int = 1
    sample: int = 0
    shown_as: str = ROW


@dataclass(frozen=True, slots=True)
class Linked:
    """What linkage came to: the tables by the names of their files, how it was done, how many persons and records.

    `is_simulated` says that the records are of persons who do not exist, as every table then says too.
    """

    tables: Mapping[str, pl.DataFrame]
    report: Mapping[str, object]
    _: KW_ONLY
    persons: int
    records: int
    is_simulated: bool = False


def link(
    request: LinkRequest, out: Path, catalogue: Catalogue, tell: Callable[[str], None] = lambda _text: None
) -> Linked:
    """Who is who in files of identities; what a run that was broken off left in the folder `out` is taken up.

    Numbers of persons and documents are under the key as soon as they are read, and no output has them or a name.
    Raises `SdmxmigError` for what cannot be asked, and `InputError` for files that are no tables of identities.
    """
    check_request(request)
    key = key_of(request.secret)
    rules = declared(request.declaration)
    folder = out / WORK / fingerprint(request, key)
    with writable(out, "-o FOLDER"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with TemporaryDirectory(prefix="sdmxmig-linkage-") as place:
        scratch = Path(place)
        with engine_of(request.engine, scratch, memory=request.memory, master=request.master) as engine:
            sources = read_sources(request, scratch, Reading(rules, key, codes=codes_of_lists(catalogue)), tell)
            crowds = {}
            for source, frame in sources.items():
                sources[source], crowds[source] = without_crowds(frame, rules.unknown)
            tell_of_crowds(crowds, tell)
            work = Work(engine, scratch, folder=folder, slices=request.slices, tell=tell)
            linkage = linkage_of(sources, rules, work)
    tell_of_chains(linkage, tell)
    tell_of_columns(request, catalogue, tell)
    tables = {**links_of(linkage, key), **tables_of_rounds(linkage)}
    if request.sample:
        tables[SAMPLE_FILE] = sample_table(linkage, rules, request, key)
    persons, records = linkage.records[PERSON].n_unique(), linkage.records.height
    report = {
        LINKAGE: stamp(request, key),
        **report_of(request, linkage, rules),
        "unread_columns": {
            source: columns for source, path in request.files.items() if (columns := unread_in(path, IDENTITIES))
        },
        "nobodys": {source: asdict(crowds[source]) for source in crowds},
    }
    simulated = any_simulated(request.files.values())
    return Linked(
        {name: marked(table, simulated=simulated) for name, table in tables.items()},
        {**report, **({SIMULATED: NOTICE} if simulated else {})},
        persons=persons,
        records=records,
        is_simulated=simulated,
    )


def tell_of_crowds(crowds: Mapping[str, Crowds], tell: Callable[[str], None]) -> None:
    """Tell of numbers and days of birth that too many records have for them to be anybody's."""
    for source, crowd in crowds.items():
        if crowd.numbers:
            tell(f"! {source}: {counted(crowd.numbers, 'number')} of too many persons taken for none.")
        if crowd.days:
            tell(f"! {source}: {counted(crowd.days, 'day')} of birth of too many records taken for unsure.")


def tell_of_columns(request: LinkRequest, catalogue: Catalogue, tell: Callable[[str], None]) -> None:
    """Tell of columns that nobody reads, and which are not compared therefore."""
    doubts = unread_columns((source, path, IDENTITIES) for source, path in request.files.items())
    for finding in findings_of(doubts, request.files, catalogue.rules).items:
        tell(f"! {finding.flow}: {finding.sentence()}")


def tell_of_chains(linkage: Linkage, tell: Callable[[str], None]) -> None:
    """Tell of sources without a link, of look-alikes that are two persons, and of persons who hold by chains."""
    for turn in linkage.rounds:
        if len({*linkage.records[SOURCE]}) > 1 and not turn.pairs.filter(LINKED & (pl.col(KIND) == BETWEEN)).height:
            tell(f"! {turn.source}: nothing of it was linked, so that the precision of links is not known.")
        apart = turn.apart + sum(count.apart for count in turn.stages)
        left = sum(count.ambiguous for count in turn.stages)
        if left:
            tell(f"{turn.source}: {counted(left, 'key')} of several persons left")
        if apart:
            tell(f"{turn.source}: {counted(apart, 'pair')} of records held apart, such as twins")
        if turn.chains.parted:
            tell(f"! {turn.source}: {counted(turn.chains.parted, 'person')} parted: a chain of links joined two.")
        if turn.chains.loose:
            tell(
                f"! {turn.source}: {counted(turn.chains.loose, 'person')} with records that agree in nothing, "
                "one through others: look at them."
            )


def check_request(request: LinkRequest) -> None:
    """Refuse what cannot be asked."""
    if not request.files:
        raise SdmxmigError("No identities are named.", hint="Name a file: --identities register=register.csv.")
    for source in request.files:
        if not SOURCE_NAME.fullmatch(source):
            raise SdmxmigError(f"“{source}” cannot be the name of a source.", hint="Use letters and digits.")
    if len({digest(path) for path in request.files.values()}) < len(request.files):
        raise SdmxmigError("One file is named as two sources.", hint="Name the file of each source.")
    if request.engine not in LINKING_ENGINES:
        hint = f"Name {' or '.join(LINKING_ENGINES)}."
        raise SdmxmigError(f"“{request.engine}” does not link records.", hint=hint)
    if not 1 <= request.slices <= 200:
        raise SdmxmigError(f"{request.slices} slices cannot be made.", hint="Ask for 1 to 200.")
    if request.sample < 0:
        raise SdmxmigError(f"{request.sample} pairs cannot be drawn.", hint="Ask for 0 (no sample) or more.")
    if request.shown_as not in (ROW, RECORD, HASH):
        hint = f"Name {', '.join((ROW, RECORD, HASH))}."
        raise SdmxmigError(f"“{request.shown_as}” is no way to name records of a sample.", hint=hint)


def declared(path: Path | None) -> LinkageRules:
    """The declaration of linkage in a file, else the one that ships."""
    file = path or shipped("structures").joinpath(*DECLARATION)
    return rules_of(file.name, file.read_bytes())


def stamp(request: LinkRequest, key: bytes) -> str:
    """What tells this linkage from others, however its files are gone through: files, key and declaration."""
    parts = [f"{source}={digest(path)}" for source, path in request.files.items()]
    declaration = request.declaration or shipped("structures").joinpath(*DECLARATION)
    return hash_of(*parts, digest(declaration), hashlib.sha256(b"key" + key).hexdigest())


def fingerprint(request: LinkRequest, key: bytes) -> str:
    """What tells a run that was broken off from others: the linkage, and how its files are gone through."""
    return hash_of(stamp(request, key), str(request.slices), request.engine)


def hash_of(*parts: str) -> str:
    """Some texts as a short one that no others have."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Reading:
    """How files of identities are read: under which declaration and key, and with the codes of which lists."""

    rules: LinkageRules
    key: bytes
    _: KW_ONLY
    codes: Mapping[str, frozenset[str]]


def read_sources(
    request: LinkRequest, folder: Path, how: Reading, tell: Callable[[str], None]
) -> dict[str, pl.DataFrame]:
    """The files of identities, made ready to be compared; cells that seem to hold several numbers are told."""
    reader = NameReader(how.rules.names)
    sources = {}
    for source, path in request.files.items():
        identities = pl.read_parquet(taken_in(path, IDENTITIES, folder, how.codes))
        (folder / f"{IDENTITIES.name}.parquet").unlink()
        if not identities.height:
            raise InputError("There are no records.", Place(path.name), "Give a table with rows.")
        check_records(identities, path)
        for column, rows in rows_of_several(identities).items():
            listed = ", ".join(map(str, rows[:SHOWN])) + (" …" if len(rows) > SHOWN else "")
            tell(f"! {source}: {column} seems to hold several numbers, and is read as one, in row {listed}.")
        sources[source] = prepared(identities, reader, how.key, how.rules.unknown)
    return sources


def links_of(linkage: Linkage, key: bytes) -> dict[str, pl.DataFrame]:
    """The table of links, and of each source a table of documents, as ``derive --documents`` takes it."""
    methods = methods_of(linkage)
    first = linkage.records.select(pl.col(UNIT).alias(PERSON), "record", SOURCE)
    heads = linkage.records.select(PERSON).unique().join(first, on=PERSON).sort(PERSON)
    called = [person_under(key, record, source) for record, source in heads.select("record", SOURCE).rows()]
    names = heads.select(PERSON, pl.Series("called", called, dtype=pl.String))
    links = (
        linkage.records.join(names, on=PERSON)
        .join(methods, on=UNIT, how="left")
        .sort(UNIT)
        .select("record", SOURCE, pl.col("called").alias(PERSON), "method")
    )
    tables = {f"{LINKS.name}.parquet": links}
    for source in links[SOURCE].unique(maintain_order=True):
        mine = links.filter(pl.col(SOURCE) == source)
        tables[f"{DOCUMENTS.name}-{source}.parquet"] = mine.select(pl.col("record").alias("document"), PERSON)
    return tables


def methods_of(linkage: Linkage) -> pl.DataFrame:
    """By which method each record was joined to another (`unit`, `method`): by probability, if by that at all."""
    sides = []
    for turn in linkage.rounds:
        linked = turn.pairs.filter(LINKED)
        method = pl.when(pl.col(STAGE) > 0).then(pl.lit(DETERMINISTIC)).otherwise(pl.lit(PROBABILISTIC))
        sides += [linked.select(pl.col(side).alias(UNIT), method.alias("method")) for side in (ONE, OTHER)]
    return pl.concat(sides).group_by(UNIT).agg(pl.col("method").max())


def tables_of_rounds(linkage: Linkage) -> dict[str, pl.DataFrame]:
    """What the stages came to, what levels weigh, how many pairs each band has, and the errors that are expected."""
    stages, weights, bands, errors = [], [], [], []
    for turn in linkage.rounds:
        named = {TO_SOURCE: turn.source}
        stages += [
            {**named, "stage": number, "name": count.name, "linked": count.linked, "doubles": count.doubles,
             "ambiguous": count.ambiguous, "apart": count.apart}
            for number, count in enumerate(turn.stages, 1)
        ]  # fmt: skip
        weights += [
            {**named, "comparison": share.comparison, "level": share.level, "m": share.m, "u": share.u,
             "weight": round(share.weight, 3)}
            for share in turn.shares
        ]  # fmt: skip
        bands += [row_of(band, turn.source) for band in bands_of(with_bands(turn))]
        errors += [{**named, **row} for kind in (BETWEEN, WITHIN) for row in expected_estimates(turn, kind)]
    return {
        "stages.csv": pl.DataFrame(stages),
        "weights.csv": table_of(weights, (TO_SOURCE, "comparison", "level", "m", "u", "weight")),
        BANDS_FILE: table_of(bands, (column.name for column in BANDS.columns)),
        ERRORS_FILE: table_of(errors, (column.name for column in LINKAGE_ERRORS.columns)),
    }


def table_of(rows: Sequence[Mapping[str, object]], columns: Iterable[str]) -> pl.DataFrame:
    """Rows as a table; where nothing was linked it has no rows, and its columns all the same."""
    return pl.DataFrame(rows) if rows else pl.DataFrame(schema=dict.fromkeys(columns, pl.String))


def row_of(band: Band, source: str) -> dict[str, object]:
    """A band as a row of its table."""
    return {TO_SOURCE: source, "kind": band.kind, "band": band.name, "linked": band.linked, "pairs": band.pairs}


def sample_table(linkage: Linkage, rules: LinkageRules, request: LinkRequest, key: bytes) -> pl.DataFrame:
    """The pairs that people are to judge, with an empty column for their judgement."""
    shown = {
        ROW: pl.col("row").cast(pl.String),
        RECORD: pl.col("record").map_elements(shielded, return_dtype=pl.String),
        HASH: pl.struct("record", SOURCE).map_elements(
            lambda row: person_under(key, row["record"], row[SOURCE]), return_dtype=pl.String
        ),
    }
    parts = []
    for turn in linkage.rounds:
        drawn = sample_of(with_bands(turn), request.sample, rules.seed)
        for side, name in ((ONE, "first"), (OTHER, "second")):
            mine = linkage.records.filter(pl.col(UNIT).is_in(drawn[side].implode()))
            named = mine.select(
                pl.col(UNIT).alias(side), pl.col(SOURCE).alias(f"{name}_source"), shown[request.shown_as].alias(name)
            )
            drawn = drawn.join(named, on=side, how="left", maintain_order="left")
        parts.append(
            drawn.with_columns(pl.lit(turn.source).alias(TO_SOURCE), pl.lit(stamp(request, key)).alias(LINKAGE))
        )
    columns = (TO_SOURCE, LINKAGE, "kind", "band", "first_source", "first", "second_source", "second")
    return pl.concat(parts).select(*columns, pl.lit("").alias("judgement"))


def report_of(request: LinkRequest, linkage: Linkage, rules: LinkageRules) -> dict[str, object]:
    """What was linked and how, for who reads the tables later; no record, name or number of anybody."""
    persons = linkage.records[PERSON].n_unique()
    return {
        "sources": [
            {"source": source, "file": path.name, "sha256": digest(path), "records": in_source(linkage, source)}
            for source, path in request.files.items()
        ],
        "declaration": rules.name,
        "status": rules.status,
        "seed": rules.seed,
        "false_links_per_thousand": rules.false_links,
        "engine": request.engine,
        "persons": persons,
        "held_apart": {turn.source: turn.apart for turn in linkage.rounds},
        "chains": {turn.source: {"parted": turn.chains.parted, "loose": turn.chains.loose} for turn in linkage.rounds},
        "keys_too_large": {turn.source: turn.too_large for turn in linkage.rounds},
        "linked_from": {turn.source: dict(turn.least) for turn in linkage.rounds},
        "pairs": {turn.source: pair_counts(turn) for turn in linkage.rounds},
    }


def in_source(linkage: Linkage, source: str) -> int:
    """How many records a source has."""
    return linkage.records.filter(pl.col(SOURCE) == source).height


def pair_counts(turn: Round) -> dict[str, int]:
    """How many pairs a round linked, by kind and method."""
    linked = turn.pairs.filter(LINKED)
    return {
        f"{kind} {method}": linked.filter(
            (pl.col(KIND) == kind) & (pl.col(STAGE).gt(0) == (method == DETERMINISTIC))
        ).height
        for kind in (BETWEEN, WITHIN)
        for method in (DETERMINISTIC, PROBABILISTIC)
    }


def judged_errors(judged: Path, out: Path, seed: int = 19) -> pl.DataFrame:
    """The error rates of the linkage in a folder, from the judgements of people in a file.

    Raises `InputError` if the file is no sample of this linkage, or not judged enough.
    """
    for name in (BANDS_FILE, REPORT_FILE):
        if not (out / name).is_file():
            raise SdmxmigError(f"There is no {name} in {out.name}.", hint="Name the folder of the linkage with -o.")
    with TemporaryDirectory(prefix="sdmxmig-linkage-") as place:
        sizes = pl.read_parquet(taken_in(out / BANDS_FILE, BANDS, Path(place)))
        words = pl.read_parquet(taken_in(judged, SAMPLE, Path(place)))
    if words[LINKAGE].ne_missing(stamp_in(out / REPORT_FILE)).any():
        hint = "Its rows would be those of other records: judge the sample that this linkage drew."
        raise InputError("The pairs are of another linkage.", Place(judged.name), hint)
    rows: list[dict[str, object]] = []
    for source in sizes[TO_SOURCE].unique(maintain_order=True):
        bands = [
            Band(row["kind"], row["band"], linked=row["linked"], pairs=row["pairs"])
            for row in sizes.filter(pl.col(TO_SOURCE) == source).rows(named=True)
        ]
        of_people = with_judgements(bands, words.filter(pl.col(TO_SOURCE) == source), judged.name)
        rows += [{TO_SOURCE: source, **row} for kind in (BETWEEN, WITHIN) for row in estimates(of_people, kind, seed)]
    return marked(pl.DataFrame(rows), simulated=is_simulated(out / BANDS_FILE))


def stamp_in(path: Path) -> str:
    """Of which linkage the report of one is; empty where it does not say so."""
    try:
        described = json.loads(read_bytes(path))
        return str(described[LINKAGE])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def file_contents(linked: Linked) -> Iterator[tuple[str, bytes]]:
    """The files of a linkage by their names, in the order of these."""
    for name, table in sorted(linked.tables.items()):
        yield name, content_of(table, name)
    yield REPORT_FILE, (json.dumps(linked.report, indent=2, ensure_ascii=False) + "\n").encode()


def content_of(table: pl.DataFrame, name: str) -> bytes:
    """A table as its file, Parquet or CSV by the name."""
    content = io.BytesIO()
    if name.endswith(".parquet"):
        table.write_parquet(content)
    else:
        table.write_csv(content)
    return content.getvalue()


def finished(out: Path, linked: Linked) -> None:
    """Clear away what would have let a broken run be taken up, and documents of sources that are not linked any more.

    `derive` could take these for those of this linkage.
    """
    for path in out.glob("documents-*.parquet"):
        if path.name not in linked.tables:
            path.unlink()
    shutil.rmtree(out / WORK, ignore_errors=True)
