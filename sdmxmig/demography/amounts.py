"""What observations amount to: their text as exact numbers, with the unit of the last digit that was printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sdmxmig.lazily import pl
from sdmxmig.model.data import Dataset

NUMBER = r"^([+-]?)([0-9]{1,13})(?:\.([0-9]*))?$"
MOST_DECIMALS = 15
"""With 13 digits before the point and the nine zeros of UNIT_MULT these fit into a whole number of 128 bits."""
BASES = (1000, 100, 10, 5, 3)
"""To what offices round, in steps of the last printed digit."""
ENOUGH = 8
"""So many different values are needed to tell a rounding base: eight values are all multiples of 3 by chance once in
6,561 tables."""
MOST = 0.9
"""So many of the values must be multiples, so that one mistyped cell does not hide that a table is rounded."""


@dataclass(frozen=True, slots=True, eq=False)
class Amounts:
    """Observations with what they amount to, in whole steps of 10^-`scale` of one unit.

    `frame` is that of `rows_of` with `amount` (null if there is no number), `printed_step` (what one step in the last
    printed digit amounts to, or the step to which the table is rounded) and `power` (the power of ten of UNIT_MULT).
    `amount` and `printed_step` are whole numbers of 128 bits.
    """

    frame: pl.DataFrame
    scale: int

    def exact(self, amount: int) -> Decimal:
        """An amount as a decimal number of units, such as persons."""
        return Decimal(amount).scaleb(-self.scale)

    def printed(self, amount: int, power: int) -> str:
        """An amount as it would be printed with this UNIT_MULT, without needless zeros.

        >>> import polars as pl
        >>> Amounts(pl.DataFrame(), 1).printed(37364000, 3)
        '3736.4'
        """
        text = f"{Decimal(amount).scaleb(-self.scale - power):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text


def amounts(dataset: Dataset) -> Amounts:
    """What each observation of a dataset amounts to, UNIT_MULT and printed decimals taken into account.

    How many decimals were printed is said by DECIMALS; else it is what the text shows, and at least what is commonest
    among the values with the same UNIT_MULT, since a spreadsheet drops the zero of 3 704.0. Where nearly all values
    with the same UNIT_MULT are multiples of 3, 5, 10, 100 or 1,000 of that digit, they are taken for rounded to it.
    """
    frame = rows_of(dataset)
    text = pl.col(dataset.flow.structure.measure.id)
    power = pl.col("UNIT_MULT").str.extract(r"^([0-9])$", 1).cast(pl.Int32).fill_null(0)
    shown_decimals = text.str.extract(NUMBER, 3).str.len_chars().cast(pl.Int32).fill_null(0)
    rows = frame.with_columns(power=power, shown=pl.min_horizontal(shown_decimals, MOST_DECIMALS))
    usual = (  # none for a UNIT_MULT with which no number stands; the larger of nothing and what is shown is that
        rows.filter(is_number(text))
        .group_by("power", usual="shown")
        .len()
        .sort("power", "len", "usual", descending=[False, True, False])
        .unique("power", keep="first", maintain_order=True)
        .drop("len")
    )
    declared = pl.col("DECIMALS").str.extract(r"^([0-9]{1,2})$", 1).cast(pl.Int32)
    decimals_printed = pl.coalesce(declared, pl.max_horizontal("shown", "usual"))
    rows = rows.join(usual, on="power", how="left", maintain_order="left").with_columns(
        decimals=pl.min_horizontal(decimals_printed, MOST_DECIMALS)
    )
    scale = rows.select(pl.max_horizontal("shown", "decimals").max()).item() or 0
    fraction = text.str.extract(NUMBER, 3).fill_null("").str.slice(0, MOST_DECIMALS).str.pad_end(scale, "0")
    digits = pl.concat_str(text.str.extract(NUMBER, 2), fraction).cast(pl.Int128, strict=False)
    sign = pl.when(text.str.starts_with("-")).then(pl.lit(-1)).otherwise(pl.lit(1)).cast(pl.Int128)
    rows = rows.with_columns(
        amount=digits * sign * power_of_ten(pl.col("power")),
        printed_step=power_of_ten(pl.col("power") + scale - pl.col("decimals")),
    )
    return Amounts(rounded(rows).drop("shown", "usual", "decimals"), scale)


def rows_of(dataset: Dataset) -> pl.DataFrame:
    """The observations with all columns that the structure gives to them, null where nothing was sent, and `row`.

    `row` is the position. UNIT_MULT and DECIMALS are always there.
    """
    structure = dataset.flow.structure
    attributes = (attribute.id for attribute in structure.attributes("observation"))
    names = {*structure.key, structure.measure.id, *attributes, "UNIT_MULT", "DECIMALS"}
    return with_columns(dataset.observations, sorted(names)).with_row_index("row")


def rounded(rows: pl.DataFrame) -> pl.DataFrame:
    """The observations with a `printed_step` that is the base to which those with the same UNIT_MULT are rounded."""
    steps = pl.col("amount") // pl.col("printed_step")
    multiples = rows.filter(pl.col("amount") != 0, pl.col("amount") % pl.col("printed_step") == 0).select(
        "power", steps.abs()
    )
    shares = [(pl.col("amount") % base == 0).mean().alias(str(base)) for base in BASES]
    shares_by_power = multiples.unique().group_by("power", maintain_order=True).agg(pl.len().alias("values"), *shares)
    base_by_power = {
        power: base
        for power, values, *parts in shares_by_power.iter_rows()
        if values >= ENOUGH and (base := next((b for b, part in zip(BASES, parts, strict=True) if part >= MOST), 1)) > 1
    }
    if not base_by_power:
        return rows
    times = pl.col("power").replace_strict(base_by_power, default=1, return_dtype=pl.Int128)
    return rows.with_columns(printed_step=pl.col("printed_step") * times)


def is_number(text: pl.Expr) -> pl.Expr:
    """Whether a text is a decimal number as SDMX writes it: digits, perhaps a sign and a point."""
    return text.str.contains(NUMBER).fill_null(value=False)


def power_of_ten(power: pl.Expr) -> pl.Expr:
    """Ten to a power from 0 to 30, as an exact whole number."""
    return power.replace_strict({n: f"1{'0' * n}" for n in range(31)}, return_dtype=pl.String).cast(pl.Int128)


def with_columns(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """The frame with these columns of text; those that were not sent are null, and empty text counts as not sent."""
    present_names = [name for name in names if name in frame.columns]
    odd = (
        frame.select(empty_or_coded(name, frame.schema[name]) for name in present_names).row(0) if present_names else ()
    )
    present_names = [name for name, is_odd in zip(present_names, odd, strict=True) if is_odd]
    present = [pl.when(pl.col(name).cast(pl.String) != "").then(pl.col(name).cast(pl.String)) for name in present_names]
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in names if name not in frame.columns]
    return frame.with_columns(*present, *absent)


def empty_or_coded(name: str, kind: pl.DataType) -> pl.Expr:
    """Whether a column holds empty texts, or is not of text: the others are taken as they are."""
    return (pl.col(name) == "").any() if kind == pl.String else pl.lit(value=True).alias(name)
