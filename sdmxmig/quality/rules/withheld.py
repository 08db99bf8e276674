"""Figures as readers see them: shown or withheld."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from sdmxmig.quality.rules import Check
from sdmxmig.quality.rules.columns import VALUE, column
from sdmxmig.quality.rules.values import taking_part_once
from sdmxmig.sdmx.declarations import Declared

CONFIDENTIALITY, STATUS = "CONF_STATUS", "OBS_STATUS"
PRIMARY, SECONDARY, RESTRICTED, UNSAID = "primary", "secondary", "restricted", "unsaid"
NOTHING_WITHHELD = "no figure is marked as confidential or suppressed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Codes of withheld figures.

    `primary`, `secondary`, `restricted` are CONF_STATUS; `suppressed` and `nothing` (impossible, zero) are statuses.
    """

    primary: tuple[str, ...]
    secondary: tuple[str, ...]
    restricted: tuple[str, ...]
    suppressed: tuple[str, ...]
    nothing: tuple[str, ...]

    @property
    def of_confidentiality(self) -> tuple[str, ...]:
        return (*self.primary, *self.secondary, *self.restricted)


def marks_in(parameters: Declared) -> Marks:
    declared = parameters.table("marks")
    marks = Marks(
        primary=declared.strings("primary"),
        secondary=declared.strings("secondary"),
        restricted=declared.strings("restricted"),
        suppressed=declared.strings("suppressed"),
        nothing=declared.strings("nothing"),
    )
    declared.close()
    parameters.strings("units")
    parameters.table("except")
    return marks


def figures_shown(check: Check, marks: Marks) -> pl.DataFrame:
    """Return the figures of a rule: key, `row`, `value`, `half`, `mark`, `shown`.

    `value` is in units; `half` is the rounding, zero for whole persons; `mark` is the reason for withholding.
    """
    structure = check.dataset.flow.structure
    unit = 10**check.amounts.scale
    frame = taking_part_once(check)
    frame = with_code(check, with_code(check, frame, CONFIDENTIALITY, "conf"), STATUS, "status")
    value = pl.col("amount").cast(pl.Float64) / unit
    step = pl.col("printed_step").cast(pl.Float64) / unit
    conf, status = pl.col("conf").fill_null(""), pl.col("status").fill_null("")
    mark = (
        pl.when(conf.is_in(marks.primary))
        .then(pl.lit(PRIMARY))
        .when(conf.is_in(marks.secondary))
        .then(pl.lit(SECONDARY))
        .when(conf.is_in(marks.restricted))
        .then(pl.lit(RESTRICTED))
        .when(status.is_in(marks.suppressed) & pl.col("amount").is_null())
        .then(pl.lit(UNSAID))
        .otherwise(pl.lit(""))
    )
    is_nothing = pl.col("amount").is_null() & status.is_in(marks.nothing)
    return frame.select(
        *structure.key,
        "row",
        value=pl.when(is_nothing).then(0.0).otherwise(value),
        half=pl.when(step == 1).then(0.0).otherwise(step / 2),
        mark=mark,
    ).with_columns(shown=(pl.col("mark") == "") & pl.col("value").is_not_null())


def with_code(check: Check, frame: pl.DataFrame, component: str, name: str) -> pl.DataFrame:
    structure = check.dataset.flow.structure
    if component not in structure:
        return frame.with_columns(pl.lit(None, dtype=pl.String).alias(name))
    codes = column(check, structure[component]).select("row", pl.col(VALUE).alias(name))
    return frame.join(codes, on="row", how="left", maintain_order="left")


def withholds(check: Check, marks: Marks) -> bool:
    structure, frame = check.dataset.flow.structure, check.frame
    for component, codes in ((CONFIDENTIALITY, marks.of_confidentiality), (STATUS, marks.suppressed)):
        if component in structure:
            values = column(check, structure[component]) if component not in frame.columns else frame
            name = VALUE if component not in frame.columns else component
            if values.select(pl.col(name).is_in(codes).any()).item():
                return True
    return False
