"""Characteristics of persons on a day."""

from __future__ import annotations

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.rows import MOTHER, Observation, compute_year

TOTAL, UNKNOWN = "_T", "_U"
NATIVE, FOREIGN_BORN = "NB", "FB"
CITIZEN, FOREIGN = "NC", "FC"
OPEN_AGE, AGE_STEP = 85, 5
AGE_GROUPS = [*(f"Y{low}T{low + AGE_STEP - 1}" for low in range(0, OPEN_AGE, AGE_STEP)), f"Y_GE{OPEN_AGE}"]
"""Five-year age groups of figures, as in `CL_AGE`."""
AGE_DEFINITION, REACHED, COMPLETED = "AGEDEF", "REACH", "COMPLET"
"""Ages of events are reached during the year.

Ages of stocks are completed on the eve of 1 January, when both coincide.
"""


def add_traits(
    rows: pl.DataFrame, persons: pl.DataFrame, citizenships: pl.DataFrame | None, observation: Observation
) -> pl.DataFrame:
    """Add `SEX`, `AGE` (reached during the year), `BIRTH_STATUS`, `CTZ_STATUS`, `C_BIRTH`, `C_CITIZEN`, or ``_U``."""
    birth = pl.col("c_birth")
    if observation.birth_place == MOTHER:
        birth = pl.coalesce("c_mother", "c_birth")
    known = persons.select(
        "person",
        SEX=pl.col("sex").fill_null(UNKNOWN),
        C_BIRTH=birth.fill_null(UNKNOWN),
        c_first=pl.col("c_citizen"),
        born_in=compute_year("birth_date"),
    )
    joined = rows.join(known, on="person", how="left")
    if citizenships is not None:
        joined = joined.join(add_changed_citizenship(rows, citizenships), on=["person", "at"], how="left")
        citizen = pl.coalesce("c_changed", "c_first")
    else:
        citizen = pl.col("c_first")
    area = observation.area
    return (
        joined.with_columns(years=compute_year("at") - pl.col("born_in"))
        .with_columns(
            SEX=pl.col("SEX").fill_null(UNKNOWN),
            C_BIRTH=pl.col("C_BIRTH").fill_null(UNKNOWN),
            C_CITIZEN=citizen.fill_null(UNKNOWN),
            AGE=compute_age_group(),
        )
        .with_columns(
            BIRTH_STATUS=compute_status("C_BIRTH", area, NATIVE, FOREIGN_BORN),
            CTZ_STATUS=compute_status("C_CITIZEN", area, CITIZEN, FOREIGN),
        )
    )


def compute_status(column: str, area: str, own: str, other: str) -> pl.Expr:
    country = pl.col(column)
    return (
        pl.when(country == UNKNOWN).then(pl.lit(UNKNOWN))
        .when(country == area).then(pl.lit(own))
        .otherwise(pl.lit(other))
    )  # fmt: skip


def add_changed_citizenship(rows: pl.DataFrame, citizenships: pl.DataFrame) -> pl.DataFrame:
    """Add `c_changed`, the citizenship last acquired before each day."""
    changes = citizenships.select("person", "c_citizen", since="date")
    asked = rows.select("person", "at").unique()
    earlier = asked.join(changes, on="person", how="inner").filter(pl.col("since") <= pl.col("at"))
    last = earlier.group_by("person", "at").agg(pl.col("since").max().alias("last"))
    return (
        earlier.join(last, on=["person", "at"], how="inner")
        .filter(pl.col("since") == pl.col("last"))
        .group_by("person", "at")
        .agg(pl.col("c_citizen").min().alias("c_changed"), pl.col("c_citizen").max().alias("c_other"))
        .with_columns(same=pl.col("c_changed") == pl.col("c_other"))
        .with_columns(c_changed=pl.when(pl.col("same")).then(pl.col("c_changed")).otherwise(pl.lit(UNKNOWN)))
        .select("person", "at", "c_changed")
    )


def compute_age_group() -> pl.Expr:
    age = pl.col("years")
    group = pl.lit(pl.Series(AGE_GROUPS)).gather(age.clip(0, OPEN_AGE) // AGE_STEP)
    return pl.when(age >= 0).then(group).otherwise(pl.lit(UNKNOWN))
