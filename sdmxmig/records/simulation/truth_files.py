"""Truth tables as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdmxmig.records.simulation.truth import Truth


def truth_tables(truth: Truth) -> Mapping[str, pl.DataFrame]:
    return {
        "persons": persons_table(truth),
        "movements": movements_table(truth, truth.crossings),
        "residence": residence_table(truth),
        "citizenships": with_ids(truth, by_ids(truth, truth.citizenships)).select(
            "person", dated("day").alias("date"), "c_citizen"
        ),
    }


def dated(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Int32).cast(pl.Date)


def by_ids(truth: Truth, frame: pl.DataFrame) -> pl.DataFrame:
    number = truth.persons["id"].str.slice(1).cast(pl.Int64).gather(frame["person"])
    return frame.with_columns(number.alias("#number")).sort("#number", maintain_order=True).drop("#number")


def with_ids(truth: Truth, frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    ids = truth.persons["id"]
    return frame.with_columns(ids.gather(frame[name]).alias(name) for name in names or ("person",))


def persons_table(truth: Truth) -> pl.DataFrame:
    frame = truth.persons.with_columns(
        pl.when(pl.col(name) >= 0).then(truth.persons["id"].gather(truth.persons[name].clip(0))).alias(name)
        for name in ("mother", "twin")
    )
    return by_ids(truth, frame).select(
        person="id",
        sex="sex",
        birth_date=dated("born"),
        death_date=dated("died"),
        c_birth="c_birth",
        c_mother="c_mother",
        c_citizen="c_citizen",
        resident="resident",
        refugee="refugee",
        dual="dual",
        visitor="visitor",
        mother="mother",
        twin="twin",
    )


def movements_table(truth: Truth, crossings: pl.DataFrame) -> pl.DataFrame:
    """Crossings as movements of persons, with the way (by air or over land) and the number of the crossing."""
    return with_ids(truth, by_ids(truth, crossings.with_row_index("crossing"))).select(
        "person",
        date=dated("day"),
        direction="direction",
        sequence="minute",
        c_residence="c_residence",
        purpose="purpose",
        intended_days="intended_days",
        granted_days="granted_days",
        way="way",
        crossing="crossing",
    )


def residence_table(truth: Truth) -> pl.DataFrame:
    return with_ids(truth, by_ids(truth, truth.stays)).select(
        "person", begin=dated("begin"), end=dated("end"), here="here", country="country"
    )
