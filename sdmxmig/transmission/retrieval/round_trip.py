"""Comparison of published data with sent data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from sdmxmig.primitives.errors import SdmxmigError, write_count
from sdmxmig.primitives.lazily import pd, pl
from sdmxmig.primitives.summaries import Summary, add_summary
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.revision import flatten_datasets
from sdmxmig.transmission.pull.queries import find_bounds
from sdmxmig.transmission.retrieval.addresses import DataQuery

VALUE, ATTRIBUTE, UNPUBLISHED = "other value", "other attribute", "attribute not published"
MISSING, GONE, UNSENT, UNDELETED = "not published", "no longer published", "not sent", "still published"
DIFFERENCE_KINDS = (VALUE, ATTRIBUTE, UNPUBLISHED, MISSING, GONE, UNSENT, UNDELETED)
NON_COMPONENT_COLUMNS = ("STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "SERIES_KEY", "OBS_KEY")
DELETE_ACTION = "D"
PRESENT_COLUMN = " there"
MAX_NUMBER_LENGTH = 200
MAX_SHOWN = 20


@add_summary
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoundTrip:
    """Differences between published and sent data.

    `equal` ignores trailing zeros. `deleted` observations are absent as intended, `outside` were not requested, and
    `of_others` are of other areas; `added` attributes are the agency's.
    """

    flow: str
    sent: int
    there: int
    equal: int
    deleted: int
    outside: int
    of_others: int
    added: tuple[str, ...]
    differences: pl.DataFrame

    @property
    def is_equal(self) -> bool:
        return not self.differences.height

    @property
    def counts(self) -> dict[str, int]:
        numbers = dict(self.differences.group_by("kind").len().iter_rows())
        return {kind: numbers[kind] for kind in DIFFERENCE_KINDS if kind in numbers}

    def to_pandas(self) -> pd.DataFrame:
        return pd.DataFrame(self.differences.to_dicts(), columns=self.differences.columns, dtype=object)

    def summary(self) -> Summary:
        facts = [("sent", f"{self.sent:,}"), ("there", f"{self.there:,}"), ("equal", f"{self.equal:,}")]
        facts += [(kind, f"{number:,}") for kind, number in self.counts.items()]
        facts += [("deletions that took effect", f"{self.deleted:,}")] if self.deleted else []
        title = "is published as it was sent" if self.is_equal else "is published differently from what was sent"
        first = self.differences.head(MAX_SHOWN)
        rest = self.differences.height - first.height
        return Summary(
            f"{self.flow} {title}",
            tuple(facts),
            columns=tuple(first.columns) if first.height else (),
            rows=tuple(tuple(map(str, row)) for row in first.rows()),
            more=f"… {write_count(rest, 'more difference')}" if rest else "",
        )


def round_trip(
    sent: Sequence[Dataset],
    there: Sequence[Dataset],
    query: DataQuery,
    *,
    earlier: Sequence[Dataset] = (),
    sent_before: Sequence[Dataset] = (),
) -> RoundTrip:
    """Compare published data with sent data.

    `earlier` is an earlier fetch, `sent_before` earlier releases. Raises `SdmxmigError` for different dimensions and
    contradictions.
    """
    flow, key = sent[0].flow, list(sent[0].flow.structure.key)
    for dataset in (*there, *earlier, *sent_before):
        if dataset.flow.structure.key != flow.structure.key:
            message = (
                f"The dimensions of {dataset.flow.dataflow.ref.short} differ from those of {flow.dataflow.ref.short}."
            )
            raise SdmxmigError(message, hint="Send and compare data of one structure.")
    mine, deletions = combine_datasets(sent, key)
    theirs, former, sent_once = (combine_datasets(each, key)[0] for each in (there, earlier, sent_before))
    own = remove_deleted(select_query(mine, flow, query), deletions)
    published, of_others = split_by_owner(select_query(theirs, flow, query), flow, own)
    before = select_query(former, flow, query)
    withdrawn = select_query(sent_once, flow, query).select(key).join(own, on=key, how="anti")
    withdrawn = pl.concat([withdrawn, remove_deleted_rows(before, deletions).select(key)])
    withdrawn = pl.concat([withdrawn, remove_deleted_rows(published, deletions).select(key)]).unique()
    withdrawn = withdrawn.join(own, on=key, how="anti")
    both = own.join(published, on=key, how="inner", suffix=PRESENT_COLUMN)
    missing, unsent = own.join(published, on=key, how="anti"), published.join(own, on=key, how="anti")
    own_names, published_names = list_used_attributes(own, flow), list_used_attributes(published, flow)
    measures = [each.id for each in flow.structure.measures]
    whole = {
        MISSING: missing.join(before, on=key, how="anti"),
        GONE: missing.join(before, on=key, how="semi"),
        UNSENT: unsent.join(withdrawn, on=key, how="anti"),
        UNDELETED: unsent.join(withdrawn, on=key, how="semi"),
    }
    parts = [select_whole_differences(rows, key, kind, measures[0]) for kind, rows in whole.items()]
    parts += [select_value_differences(both, key, VALUE, name) for name in measures]
    parts += [select_value_differences(both, key, ATTRIBUTE, name) for name in own_names if name in published_names]
    if published.height:
        parts += [report_unpublished_attribute(own, key, name) for name in own_names if name not in published_names]
    differences = pl.concat(parts)
    unequal = differences.filter(pl.col("kind").is_in([VALUE, ATTRIBUTE])).select(key).unique()
    return RoundTrip(
        flow=flow.dataflow.ref.short,
        sent=own.height,
        there=published.height,
        equal=both.height - unequal.height,
        deleted=withdrawn.join(published, on=key, how="anti").height,
        outside=remove_deleted(mine, deletions).height - own.height,
        of_others=of_others,
        added=tuple(name for name in published_names if name not in own_names),
        differences=differences.sort("kind", *key, "component"),
    )


def split_by_owner(published: pl.DataFrame, flow: Flow, own: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    area = flow.structure.area
    if not area or not own.height:
        return published, 0
    ours = published.filter(pl.col(area).is_in(own.get_column(area).unique().to_list()))
    return ours, published.height - ours.height


def list_used_attributes(rows: pl.DataFrame, flow: Flow) -> list[str]:
    skipped = {*flow.structure.key, *(component.id for component in flow.structure.measures)}
    return [name for name in rows.columns if name not in skipped and is_used(rows, name)]


def is_used(rows: pl.DataFrame, name: str) -> bool:
    return bool((rows.get_column(name) != "").any())


def combine_datasets(datasets: Sequence[Dataset], key: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    kept = [add_attributes(simplify_rows(dataset, key), key) for dataset in datasets if dataset.action != DELETE_ACTION]
    for rows in kept:
        check_once(rows, key)
    deleted = [
        select_deletions(simplify_rows(dataset, key), key) for dataset in datasets if dataset.action == DELETE_ACTION
    ]
    empty = pl.DataFrame(schema=dict.fromkeys(key, pl.String))
    rows = pl.concat(kept, how="diagonal").fill_null("") if kept else empty
    rows = rows.unique(subset=list(key), keep="last", maintain_order=True)
    return rows, pl.concat(deleted) if deleted else empty


def check_once(rows: pl.DataFrame, key: Sequence[str]) -> None:
    distinct = rows.unique()
    twice = distinct.filter(distinct.select(key).is_duplicated()).select(key).unique().sort(key)
    if twice.height:
        message = f"Observations that occur more than once in one dataset, with differences: {twice.height:,}."
        first = ".".join(twice.row(0))
        raise SdmxmigError(message, hint=f"Ask the publisher which one is right. The first is {first}.")


def add_attributes(rows: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    is_observation = pl.all_horizontal(pl.col(name) != "" for name in key)
    observations = rows.filter(is_observation)
    for group in split_by_key_parts(rows.filter(~is_observation), key):
        named = [name for name in key if name in group.columns]
        attributes = [name for name in group.columns if name not in key and is_used(group, name)]
        about = group.select(*named, *(pl.col(name).alias(f"{name}{PRESENT_COLUMN}") for name in attributes))
        about = about.unique(subset=named, keep="last") if named else about.tail(1)
        joined = (
            observations.join(about, on=named, how="left", maintain_order="left")
            if named
            else (observations.join(about, how="cross", maintain_order="left"))
        )
        filled = [
            pl.when(pl.col(name) == "")
            .then(pl.col(f"{name}{PRESENT_COLUMN}").fill_null(""))
            .otherwise(pl.col(name))
            .alias(name)
            for name in attributes
        ]
        observations = joined.with_columns(filled).select(observations.columns)
    return observations


def select_deletions(rows: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    named = [pl.col(name) != "" for name in rows.columns if name not in key]
    return rows.filter(~pl.any_horizontal(named) if named else pl.lit(value=True)).select(key)


def simplify_rows(dataset: Dataset, key: Sequence[str]) -> pl.DataFrame:
    rows = flatten_datasets([dataset])
    absent = [pl.lit("").alias(name) for name in key if name not in rows.columns]
    return rows.drop(name for name in NON_COMPONENT_COLUMNS if name in rows.columns).with_columns(absent)


def select_query(rows: pl.DataFrame, flow: Flow, query: DataQuery) -> pl.DataFrame:
    names = flow.structure.series_key
    if query.key and len(query.key) != len(names):
        message = f"The key has {len(query.key)} parts, but {flow.id} has {len(names)} dimensions: {', '.join(names)}."
        raise SdmxmigError(message, hint="For all codes, leave the part between two dots empty.")
    conditions = [pl.col(name).is_in(list(codes)) for name, codes in zip(names, query.key, strict=False) if codes]
    rows = rows.filter(*conditions) if conditions else rows
    time = flow.structure.time
    if time is None or not (query.start or query.end):
        return rows
    periods = rows.get_column(time.id).unique().to_list()
    return rows.filter(pl.col(time.id).is_in([period for period in periods if is_between(period, query)]))


def is_between(period: str, query: DataQuery) -> bool:
    days = find_bounds(period)
    start, end = find_bounds(query.start) if query.start else None, find_bounds(query.end) if query.end else None
    return days is not None and (start is None or days[0] >= start[0]) and (end is None or days[1] <= end[1])


def remove_deleted_rows(rows: pl.DataFrame, deletions: pl.DataFrame) -> pl.DataFrame:
    parts = [rows.clear()]
    for group in split_by_key_parts(deletions, deletions.columns):
        parts.append(rows.join(group, on=group.columns, how="semi") if group.columns else rows)
    return pl.concat(parts).unique(maintain_order=True)


def remove_deleted(rows: pl.DataFrame, deletions: pl.DataFrame) -> pl.DataFrame:
    named = remove_deleted_rows(rows, deletions)
    return rows.join(named, on=rows.columns, how="anti", nulls_equal=True) if named.height else rows


def split_by_key_parts(rows: pl.DataFrame, key: Sequence[str]) -> Iterator[pl.DataFrame]:
    if not rows.height:
        return
    shape = pl.concat_str([(pl.col(name) != "").cast(pl.Int8).cast(pl.String) for name in key])
    for group in rows.with_columns(shape.alias("#shape")).partition_by("#shape"):
        marks = str(group.get_column("#shape")[0])
        open_parts = [name for name, mark in zip(key, marks, strict=True) if mark == "0"]
        yield group.drop("#shape", *open_parts).unique(maintain_order=True)


def select_whole_differences(rows: pl.DataFrame, key: Sequence[str], kind: str, measure: str) -> pl.DataFrame:
    is_there = kind in (UNSENT, UNDELETED)
    value = pl.col(measure) if measure in rows.columns else pl.lit("")
    empty = pl.lit("")
    return rows.select(
        pl.lit(kind).alias("kind"),
        *key,
        component=pl.lit(measure),
        sent=empty if is_there else value,
        there=value if is_there else empty,
    )


def select_value_differences(both: pl.DataFrame, key: Sequence[str], kind: str, name: str) -> pl.DataFrame:
    """Return observations that differ in a component, ignoring number notation."""
    columns = [
        name if name in both.columns else "",
        f"{name}{PRESENT_COLUMN}" if f"{name}{PRESENT_COLUMN}" in both.columns else "",
    ]
    sent, there = (pl.col(column) if column else pl.lit("") for column in columns)
    rows = both.select(pl.lit(kind).alias("kind"), *key, component=pl.lit(name), sent=sent, there=there).filter(
        pl.col("sent") != pl.col("there")
    )
    if kind != VALUE:
        return rows
    pairs = rows.select("sent", "there").unique()
    same = [
        parse_number(mine) is not None and parse_number(mine) == parse_number(theirs)
        for mine, theirs in pairs.iter_rows()
    ]
    return rows.join(pairs.filter(pl.Series(same, dtype=pl.Boolean)), on=["sent", "there"], how="anti")


def parse_number(text: str) -> Decimal | None:
    """Parse a number exactly; return None for other texts.

    >>> parse_number("1.50") == parse_number("15e-1"), parse_number("NaN")
    (True, None)
    """
    try:
        number = Decimal(text) if len(text) <= MAX_NUMBER_LENGTH and text.isascii() else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def report_unpublished_attribute(own: pl.DataFrame, key: Sequence[str], name: str) -> pl.DataFrame:
    count = own.filter(pl.col(name) != "").height
    row = {"kind": UNPUBLISHED, **dict.fromkeys(key, ""), "component": name}
    return pl.DataFrame([{**row, "sent": f"in {write_count(count, 'observation')}", "there": ""}])
