"""Linked records, and the effect of linkage errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.combination.tables import (
    LINKAGE,
    MATCH,
    RULE,
    NamedTable,
    Note,
    Result,
    check_columns,
    check_rows,
    few,
)
from sdmxmig.records.linkage_errors import BETWEEN, FALSE_LINKS, MISSED_LINKS, SHARES, LinkageError

RECORD, SOURCE, PERSON, METHOD = "record", "source", "person", "method"
PROBABILISTIC, DETERMINISTIC = "PROB", "DET"


@dataclass(frozen=True, slots=True)
class Identity:
    """The id column of a table, and its source in the links."""

    column: str
    source: str
    _: KW_ONLY
    key: str = PERSON


def identified(table: NamedTable, links: NamedTable, identity: Identity) -> Result:
    """Merge records of one person in order.

    The first value counts; conflicts are counted. `links` are as written by `sdmxmig link`. Raises `SdmxmigError` for a
    record without link or with two persons.
    """
    column, source, key = identity.column, identity.source, identity.key
    check_columns(table, [column])
    check_columns(links, [RECORD, SOURCE, PERSON])
    mine = links.frame.filter(pl.col(SOURCE) == source)
    if mine.is_empty():
        known = links.frame[SOURCE].unique().drop_nulls().sort().to_list()
        raise SdmxmigError(f"No link is of a source “{source}”.", hint=did_you_mean(source, known))
    pairs = mine.select(
        pl.col(RECORD).cast(pl.String).alias("#record"), pl.col(PERSON).cast(pl.String).alias("#person")
    )
    pairs = pairs.unique(maintain_order=True)
    several = (pl.col(SOURCE) == source) & (pl.col(PERSON).n_unique().over(SOURCE, RECORD) > 1)
    again = links.frame.select(several.fill_null(value=False)).to_series()
    check_rows(links, again, f"a record of {source} has two persons", "Link the sources anew.")
    records = table.frame.with_columns(pl.col(column).cast(pl.String).alias("#record"))
    joined = records.join(pairs, on="#record", how="left", maintain_order="left")
    check_rows(table, joined["#person"].is_null(), "no link has the record", "Link this version of the source.")
    others = [name for name in table.frame.columns if name not in (column, key)]
    named = joined.sort("#record", maintain_order=True).group_by("#person", maintain_order=True)
    persons = named.agg(pl.col(others).drop_nulls().first())
    differing = named.agg(pl.col(others).drop_nulls().n_unique() > 1)
    doubles = table.frame.height - persons.height
    words = f"{table.name} has {table.frame.height:,} records of {persons.height:,} persons by {links.name}"
    note = Note(f"{words}; {few(doubles, 'record')} more of persons who have several", topic=MATCH)
    notes = [
        Note(f"{name}: records of {few(count, 'person')} differ; the first in the order of {column} counts", topic=RULE)
        for name in others
        if (count := int(differing[name].sum()))
    ]
    return Result(persons.rename({"#person": key}).select(key, *others), (note, *notes))


def method_of(links: NamedTable, source: str) -> str:
    if METHOD not in links.frame.columns:
        return PROBABILISTIC
    methods = links.frame.filter(pl.col(SOURCE) == source)[METHOD].drop_nulls().to_list()
    return PROBABILISTIC if PROBABILISTIC in methods or not methods else DETERMINISTIC


def error_notes(errors: Sequence[LinkageError], sources: Sequence[str]) -> tuple[Note, ...]:
    """Describe the effect of linkage errors on figures, with the residual.

    A missed link counts one person twice, a false link two as one. Raises `SdmxmigError` for unknown sources.
    """
    mine = [error for error in errors if error.source in sources]
    if not mine:
        known = ", ".join(dict.fromkeys(error.source for error in errors))
        raise SdmxmigError("The errors of linkage are of none of these sources.", hint=f"They are of: {known}.")
    words: dict[str, list[str]] = {}
    for error in mine:
        where = f"{error.source} {'with those before' if error.kind == BETWEEN else 'within itself'}"
        interval = f" ({error.low} to {error.high})" if error.low else ""
        if error.measure in SHARES:
            words.setdefault(f"{where}, by {error.basis}", []).append(f"{error.measure} {error.value}{interval}")
    rates = [Note(f"linkage of {where}: {', '.join(shares)}", topic=LINKAGE) for where, shares in words.items()]
    missed, false = (
        sum(error.number for error in mine if error.measure == measure) for measure in (MISSED_LINKS, FALSE_LINKS)
    )
    residual = (
        f"residual of linkage: {few(round(missed), 'person')} counted twice since links are missed, "
        f"{few(round(false), 'person')} counted with another since links are false"
    )
    return (*rates, Note(residual, topic=LINKAGE))
