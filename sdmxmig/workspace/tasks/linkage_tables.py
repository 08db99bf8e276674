"""Tables and report of a linkage."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence

from sdmxmig.primitives.formulas import shielded
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.linkage.clerical import PAIR, TO_SOURCE, Band, bands_of, sample_of, unjudged, with_bands
from sdmxmig.records.linkage.decisions import LINKED
from sdmxmig.records.linkage.declaration import LinkageRules
from sdmxmig.records.linkage.hashing import person_under
from sdmxmig.records.linkage.linking import KIND, Linkage, Round
from sdmxmig.records.linkage.preparation import ONE, OTHER, SOURCE, UNIT
from sdmxmig.records.linkage.stages import PERSON, STAGE
from sdmxmig.records.linkage_errors import BETWEEN, WITHIN
from sdmxmig.sdmx.model.records import DOCUMENTS, LINKAGE_ERRORS, LINKS, Column, RecordTable
from sdmxmig.workspace.tasks.link_request import HASH, RECORD, ROW, LinkRequest, stamp
from sdmxmig.workspace.tasks.record_statements import digest

BANDS_FILE, ERRORS_FILE, SAMPLE_FILE, REPORT_FILE = "bands.csv", "linkage_errors.csv", "clerical.csv", "linkage.json"
DETERMINISTIC, PROBABILISTIC = "DET", "PROB"
LINKAGE = "linkage"
SAMPLE = RecordTable(
    "sample",
    "a pair of records that people judge",
    columns=(
        Column(TO_SOURCE, "text", says="the source whose linkage to those before is judged", needed=True),
        Column(LINKAGE, "text", says="of which linkage it is", needed=True),
        Column("kind", "text", says="between sources or within one", needed=True),
        Column("band", "text", says="stage, or likelihood that the pair reaches", needed=True),
        *(Column(name, "text", says="a record of the pair, or its source") for name in PAIR),
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
    sides = []
    for turn in linkage.rounds:
        linked = turn.pairs.filter(LINKED)
        method = pl.when(pl.col(STAGE) > 0).then(pl.lit(DETERMINISTIC)).otherwise(pl.lit(PROBABILISTIC))
        sides += [linked.select(pl.col(side).alias(UNIT), method.alias("method")) for side in (ONE, OTHER)]
    return pl.concat(sides).group_by(UNIT).agg(pl.col("method").max())


def tables_of_rounds(linkage: Linkage) -> dict[str, pl.DataFrame]:
    """What the stages came to, what levels weigh, how many pairs each band has, and errors that are not judged yet."""
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
        errors += [{**named, **row} for row in unjudged(turn)]
    return {
        "stages.csv": pl.DataFrame(stages),
        "weights.csv": table_of(weights, (TO_SOURCE, "comparison", "level", "m", "u", "weight")),
        BANDS_FILE: table_of(bands, (column.name for column in BANDS.columns)),
        ERRORS_FILE: table_of(errors, (column.name for column in LINKAGE_ERRORS.columns)),
    }


def table_of(rows: Sequence[Mapping[str, object]], columns: Iterable[str]) -> pl.DataFrame:
    return pl.DataFrame(rows) if rows else pl.DataFrame(schema=dict.fromkeys(columns, pl.String))


def row_of(band: Band, source: str) -> dict[str, object]:
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
    columns = (TO_SOURCE, LINKAGE, "kind", "band", *PAIR)
    return pl.concat(parts).select(*columns, pl.lit("").alias("judgement"))


def report_of(request: LinkRequest, linkage: Linkage, rules: LinkageRules) -> dict[str, object]:
    persons = linkage.records[PERSON].n_unique()
    return {
        "sources": [
            {"source": source, "file": path.name, "sha256": digest(path), "records": in_source(linkage, source)}
            for source, path in request.files.items()
        ],
        **({"day": request.day.isoformat()} if request.day else {}),
        "declaration": rules.name,
        "status": rules.status,
        "seed": rules.seed,
        "false_links_per_thousand": rules.false_links,
        "engine": request.engine,
        "persons": persons,
        "held_apart": {turn.source: turn.apart for turn in linkage.rounds},
        "chains": {turn.source: chain_counts(turn) for turn in linkage.rounds},
        "keys_too_large": {turn.source: turn.too_large for turn in linkage.rounds},
        "linked_from": {turn.source: dict(turn.least) for turn in linkage.rounds},
        "pairs": {turn.source: pair_counts(turn) for turn in linkage.rounds},
    }


def chain_counts(turn: Round) -> dict[str, int]:
    return {"parted": turn.chains.parted, "loose": turn.chains.loose, "two_numbers": turn.chains.numbered}


def in_source(linkage: Linkage, source: str) -> int:
    return linkage.records.filter(pl.col(SOURCE) == source).height


def pair_counts(turn: Round) -> dict[str, int]:
    linked = turn.pairs.filter(LINKED)
    return {
        f"{kind} {method}": linked.filter(
            (pl.col(KIND) == kind) & (pl.col(STAGE).gt(0) == (method == DETERMINISTIC))
        ).height
        for kind in (BETWEEN, WITHIN)
        for method in (DETERMINISTIC, PROBABILISTIC)
    }


def content_of(table: pl.DataFrame, name: str) -> bytes:
    content = io.BytesIO()
    if name.endswith(".parquet"):
        table.write_parquet(content)
    else:
        table.write_csv(content)
    return content.getvalue()
