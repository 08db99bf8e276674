"""Characteristics of persons on a day."""

from __future__ import annotations

from sdmxmig.primitives.lazily import nw
from sdmxmig.records.days import MOTHER, Observation, compute_year
from sdmxmig.records.rows import Rows

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


def add_traits(rows: Rows, persons: Rows, citizenships: Rows | None, observation: Observation) -> Rows:
    """Add `SEX`, `AGE` (reached during the year), `BIRTH_STATUS`, `CTZ_STATUS`, `C_BIRTH`, `C_CITIZEN`.

    Unknown is ``_U``.
    """
    birth = nw.col("c_birth")
    if observation.birth_place == MOTHER:
        birth = nw.when(nw.col("c_mother").is_null()).then(birth).otherwise(nw.col("c_mother"))
    known = persons.select(
        "person",
        SEX=nw.col("sex").fill_null(UNKNOWN),
        C_BIRTH=birth.fill_null(UNKNOWN),
        c_first=nw.col("c_citizen"),
        born_in=compute_year("birth_date"),
    )
    joined = rows.join(known, on="person", how="left")
    if citizenships is not None:
        joined = joined.join(changed(rows, citizenships), on=["person", "at"], how="left")
        citizen = nw.when(nw.col("c_changed").is_null()).then(nw.col("c_first")).otherwise(nw.col("c_changed"))
    else:
        citizen = nw.col("c_first")
    area = observation.area
    return (
        joined.with_columns(years=compute_year("at") - nw.col("born_in"))
        .with_columns(
            SEX=nw.col("SEX").fill_null(UNKNOWN),
            C_BIRTH=nw.col("C_BIRTH").fill_null(UNKNOWN),
            C_CITIZEN=citizen.fill_null(UNKNOWN),
            AGE=age_group(),
        )
        .with_columns(
            BIRTH_STATUS=status("C_BIRTH", area, NATIVE, FOREIGN_BORN),
            CTZ_STATUS=status("C_CITIZEN", area, CITIZEN, FOREIGN),
        )
    )


def status(column: str, area: str, own: str, other: str) -> nw.Expr:
    country = nw.col(column)
    return (
        nw.when(country == UNKNOWN).then(nw.lit(UNKNOWN))
        .when(country == area).then(nw.lit(own))
        .otherwise(nw.lit(other))
    )  # fmt: skip


def changed(rows: Rows, citizenships: Rows) -> Rows:
    """Add `c_changed`, the citizenship last acquired before each day."""
    changes = citizenships.select("person", "c_citizen", since="date")
    asked = rows.select("person", "at").unique()
    earlier = asked.join(changes, on="person", how="inner").filter(nw.col("since") <= nw.col("at"))
    last = earlier.group_by("person", "at").agg(nw.col("since").max().alias("last"))
    return (
        earlier.join(last, on=["person", "at"], how="inner")
        .filter(nw.col("since") == nw.col("last"))
        .group_by("person", "at")
        .agg(nw.col("c_citizen").min().alias("c_changed"), nw.col("c_citizen").max().alias("c_other"))
        .with_columns(same=nw.col("c_changed") == nw.col("c_other"))
        .with_columns(c_changed=nw.when(nw.col("same")).then(nw.col("c_changed")).otherwise(nw.lit(UNKNOWN)))
        .select("person", "at", "c_changed")
    )


def age_group() -> nw.Expr:
    age = nw.col("years")
    group = nw.when((age < 0) | age.is_null()).then(nw.lit(UNKNOWN))
    *closed, last = AGE_GROUPS
    for number, name in enumerate(closed, 1):
        group = group.when(age < number * AGE_STEP).then(nw.lit(name))
    return group.otherwise(nw.lit(last))
