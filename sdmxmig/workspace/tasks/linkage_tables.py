"""Record linkage: requests, tables, report, and error rates from clerical review."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, asdict, dataclass
from datetime import date
from pathlib import Path

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.io.intake.files import hash_file, read_bytes
from sdmxmig.io.network import Secret, find_secret
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import shield_formula
from sdmxmig.records.files import DOCUMENTS, LINKAGE_ERRORS, LINKS, Column, RecordTable, number_rows
from sdmxmig.records.linkage.declaration import LinkageRules, read_rules
from sdmxmig.records.linkage.linking import (
    KIND_FIELD,
    PAIR,
    TO_SOURCE,
    Band,
    Linkage,
    LinkageRound,
    add_bands,
    add_judgements,
    build_empty_measures,
    check_judgements,
    count_bands,
    estimate_measures,
    sample_pairs,
)
from sdmxmig.records.linkage.preparation import ONE, OTHER, SOURCE, UNIT, hash_person
from sdmxmig.records.linkage.probabilities import LINKED
from sdmxmig.records.linkage.stages import PERSON, STAGE
from sdmxmig.records.linkage_errors import BETWEEN, WITHIN
from sdmxmig.records.reading import import_table, is_simulated, mark_simulated
from sdmxmig.workspace.requests.tasks import LinkChoices, check_existing_file, check_file, parse_day, parse_pairs
from sdmxmig.workspace.tasks.record_files import open_scratch_folder

BANDS_FILE, ERRORS_FILE, SAMPLE_FILE, REPORT_FILE = "bands.csv", "linkage_errors.csv", "clerical.csv", "linkage.json"
DETERMINISTIC, PROBABILISTIC = "DET", "PROB"
LINKAGE = "linkage"
SAMPLE_SEED = 19
"""Seed of the draws that give error rates their intervals."""
SAMPLE_TABLE = RecordTable(
    name="sample",
    row="a pair of records that people judge",
    columns=(
        Column(TO_SOURCE, "text", description="the source whose linkage to those before is judged", needed=True),
        Column(LINKAGE, "text", description="of which linkage it is", needed=True),
        Column("kind", "text", description="between sources or within one", needed=True),
        Column("band", "text", description="stage, or likelihood that the pair reaches", needed=True),
        *(Column(name, "text", description="a record of the pair, or its source") for name in PAIR),
        Column("judgement", "text", description="yes, no, or empty if undecided"),
    ),
)
BANDS_TABLE = RecordTable(
    name="bands",
    row="the pairs of one band",
    columns=(
        *(column for column in SAMPLE_TABLE.columns if column.name in (TO_SOURCE, "kind", "band")),
        Column("linked", "truth", description="whether the pairs are linked", needed=True),
        Column("pairs", "whole", description="how many", needed=True),
    ),
)


def build_links(linkage: Linkage, key: bytes) -> dict[str, pl.DataFrame]:
    """Build the table of links, and one of documents per source for ``derive --documents``."""
    methods = build_methods(linkage)
    first = linkage.records.select(pl.col(UNIT).alias(PERSON), "record", SOURCE)
    heads = linkage.records.select(PERSON).unique().join(first, on=PERSON).sort(PERSON)
    called = [hash_person(key, record, source) for record, source in heads.select("record", SOURCE).rows()]
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


def build_methods(linkage: Linkage) -> pl.DataFrame:
    sides = []
    for turn in linkage.rounds:
        linked = turn.pairs.filter(LINKED)
        method = pl.when(pl.col(STAGE) > 0).then(pl.lit(DETERMINISTIC)).otherwise(pl.lit(PROBABILISTIC))
        sides += [linked.select(pl.col(side).alias(UNIT), method.alias("method")) for side in (ONE, OTHER)]
    return pl.concat(sides).group_by(UNIT).agg(pl.col("method").max())


def tabulate_rounds(linkage: Linkage) -> dict[str, pl.DataFrame]:
    stages, weights, bands, errors = [], [], [], []
    for turn in linkage.rounds:
        named = {TO_SOURCE: turn.source}
        stages += [{**named, "stage": number, **asdict(count)} for number, count in enumerate(turn.stages, 1)]
        weights += [{**named, **asdict(share), "weight": round(share.weight, 3)} for share in turn.shares]
        bands += [build_row(band, turn.source) for band in count_bands(add_bands(turn))]
        errors += [{**named, **row} for row in build_empty_measures(turn)]
    return {
        "stages.csv": pl.DataFrame(stages),
        "weights.csv": build_table(weights, (TO_SOURCE, "comparison", "level", "m", "u", "weight")),
        BANDS_FILE: build_table(bands, (column.name for column in BANDS_TABLE.columns)),
        ERRORS_FILE: build_table(errors, (column.name for column in LINKAGE_ERRORS.columns)),
    }


def build_table(rows: Sequence[Mapping[str, object]], columns: Iterable[str]) -> pl.DataFrame:
    return pl.DataFrame(rows) if rows else pl.DataFrame(schema=dict.fromkeys(columns, pl.String))


def build_row(band: Band, source: str) -> dict[str, object]:
    return {TO_SOURCE: source, "kind": band.kind, "band": band.name, "linked": band.linked, "pairs": band.pairs}


def build_sample_table(linkage: Linkage, rules: LinkageRules, request: LinkRequest, key: bytes) -> pl.DataFrame:
    shown = {
        ROW: pl.col("row").cast(pl.String),
        RECORD: pl.col("record").map_elements(shield_formula, return_dtype=pl.String),
        HASH: pl.struct("record", SOURCE).map_elements(
            lambda row: hash_person(key, row["record"], row[SOURCE]), return_dtype=pl.String
        ),
    }
    parts = []
    for turn in linkage.rounds:
        drawn = sample_pairs(add_bands(turn), request.sample, rules.seed)
        for side, name in ((ONE, "first"), (OTHER, "second")):
            mine = linkage.records.filter(pl.col(UNIT).is_in(drawn[side].implode()))
            named = mine.select(
                pl.col(UNIT).alias(side), pl.col(SOURCE).alias(f"{name}_source"), shown[request.shown_as].alias(name)
            )
            drawn = drawn.join(named, on=side, how="left", maintain_order="left")
        parts.append(
            drawn.with_columns(pl.lit(turn.source).alias(TO_SOURCE), pl.lit(build_stamp(request, key)).alias(LINKAGE))
        )
    columns = (TO_SOURCE, LINKAGE, "kind", "band", *PAIR)
    return pl.concat(parts).select(*columns, pl.lit("").alias("judgement"))


def build_report(request: LinkRequest, linkage: Linkage, rules: LinkageRules) -> dict[str, object]:
    persons = linkage.records[PERSON].n_unique()
    return {
        "sources": [
            {
                "source": source,
                "file": path.name,
                "sha256": hash_file(path),
                "records": linkage.records.filter(pl.col(SOURCE) == source).height,
            }
            for source, path in request.files.items()
        ],
        **({"day": request.day.isoformat()} if request.day else {}),
        "declaration": rules.name,
        "status": rules.status,
        "seed": rules.seed,
        "false_links_per_thousand": rules.false_links,
        "persons": persons,
        "held_apart": {turn.source: turn.apart for turn in linkage.rounds},
        "chains": {turn.source: index_chain_counts(turn) for turn in linkage.rounds},
        "keys_too_large": {turn.source: turn.too_large for turn in linkage.rounds},
        "linked_from": {turn.source: dict(turn.least) for turn in linkage.rounds},
        "pairs": {turn.source: count_pairs(turn) for turn in linkage.rounds},
    }


def index_chain_counts(turn: LinkageRound) -> dict[str, int]:
    return {"parted": turn.chains.parted, "loose": turn.chains.loose, "two_numbers": turn.chains.numbered}


def count_pairs(turn: LinkageRound) -> dict[str, int]:
    linked = turn.pairs.filter(LINKED)
    return {
        f"{kind} {method}": linked.filter(
            (pl.col(KIND_FIELD) == kind) & (pl.col(STAGE).gt(0) == (method == DETERMINISTIC))
        ).height
        for kind in (BETWEEN, WITHIN)
        for method in (DETERMINISTIC, PROBABILISTIC)
    }


def write_table(table: pl.DataFrame, name: str) -> bytes:
    content = io.BytesIO()
    if name.endswith(".parquet"):
        table.write_parquet(content)
    else:
        table.write_csv(content)
    return content.getvalue()


DECLARATION_PATH = ("linkage", "persons.toml")
SOURCE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,40}")
ROW, RECORD, HASH = "row", "record", "hash"


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """A linkage request: identities by source, the `day` of records, and the `sample` for clerical review."""

    files: Mapping[str, Path]
    secret: Secret
    _: KW_ONLY
    day: date | None = None
    declaration: Path | None = None
    memory: str = "4GB"
    slices: int = 1
    sample: int = 0
    shown_as: str = ROW


def build_link_request(choices: LinkChoices) -> LinkRequest:
    """Check the choices of a user; raise `SdmxmigError` for impossible choices and missing files."""
    if isinstance(choices.identities, str):
        hint = "Write for example --identities register=register.csv."
        raise SdmxmigError("Identities are files by their source.", hint=hint)
    identities = parse_pairs(choices.identities, "--identities register=register.csv")
    return LinkRequest(
        {source: check_existing_file(Path(path)) for source, path in identities.items()},
        find_secret(choices.key),
        day=parse_day(choices.day, "--day"),
        declaration=check_file(choices.declaration),
        memory=choices.memory,
        slices=choices.slices,
        sample=choices.sample,
        shown_as=choices.sample_shows,
    )


def check_request(request: LinkRequest) -> None:
    if not request.files:
        raise SdmxmigError("No identities are named.", hint="Name a file: --identities register=register.csv.")
    for source in request.files:
        if not SOURCE_NAME.fullmatch(source):
            raise SdmxmigError(f"“{source}” cannot be the name of a source.", hint="Use letters and digits.")
    if len({hash_file(path) for path in request.files.values()}) < len(request.files):
        raise SdmxmigError("One file is named as two sources.", hint="Name the file of each source.")
    if not 1 <= request.slices <= 200:
        raise SdmxmigError(f"{request.slices} slices cannot be made.", hint="Ask for 1 to 200.")
    if request.sample < 0:
        raise SdmxmigError(f"{request.sample} pairs cannot be drawn.", hint="Ask for 0 (no sample) or more.")


def read_linkage_rules(path: Path | None) -> LinkageRules:
    file = path or find_shipped_folder("structures").joinpath(*DECLARATION_PATH)
    return read_rules(file.name, file.read_bytes())


def build_stamp(request: LinkRequest, key: bytes) -> str:
    parts = [f"{source}={hash_file(path)}" for source, path in request.files.items()]
    declaration = request.declaration or find_shipped_folder("structures").joinpath(*DECLARATION_PATH)
    parts += [request.day.isoformat()] if request.day else []
    return hash_texts(*parts, hash_file(declaration), hashlib.sha256(b"key" + key).hexdigest())


def compute_fingerprint(request: LinkRequest, key: bytes) -> str:
    return hash_texts(build_stamp(request, key), str(request.slices))


def hash_texts(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def compute_judged_errors(judged: Path, out: Path) -> pl.DataFrame:
    """Compute error rates from judgements; raise `InputError` for foreign, incomplete or repeated ones."""
    for name in (BANDS_FILE, REPORT_FILE):
        if not (out / name).is_file():
            raise SdmxmigError(f"There is no {name} in {out.name}.", hint="Name the folder of the linkage with -o.")
    with open_scratch_folder() as folder:
        sizes = pl.read_parquet(import_table(out / BANDS_FILE, BANDS_TABLE, folder))
        words = pl.read_parquet(import_table(judged, SAMPLE_TABLE, folder))
    if words[LINKAGE].ne_missing(read_run_stamp(out / REPORT_FILE)).any():
        hint = "Its rows would be those of other records: judge the sample that this linkage drew."
        raise InputError("The pairs belong to another linkage.", Place(judged.name), hint)
    check_judgements(words, number_rows(judged))
    rows: list[dict[str, object]] = []
    for source in sizes[TO_SOURCE].unique(maintain_order=True):
        bands = [
            Band(row["kind"], row["band"], linked=row["linked"], pairs=row["pairs"])
            for row in sizes.filter(pl.col(TO_SOURCE) == source).rows(named=True)
        ]
        of_people = add_judgements(bands, words.filter(pl.col(TO_SOURCE) == source), judged.name)
        rows += [
            {TO_SOURCE: source, **row}
            for kind in (BETWEEN, WITHIN)
            for row in estimate_measures(of_people, kind, SAMPLE_SEED)
        ]
    return mark_simulated(pl.DataFrame(rows), simulated=is_simulated(out / BANDS_FILE))


def read_run_stamp(path: Path) -> str:
    try:
        described = json.loads(read_bytes(path))
        return str(described[LINKAGE])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
