"""What observations amount to: their text as exact numbers, with the unit of the last digit that was printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Context, Decimal
from functools import reduce

from sdmxmig.lazily import pl
from sdmxmig.model.data import Dataset
from sdmxmig.model.data_structures import Component

NUMBER = r"^([+-]?)0*([0-9]+)(?:\.([0-9]*))?$"
"""The parts of a decimal number: its sign, its digits before the point without needless zeros, and those behind it."""
UNUSUAL = r"^[+-]?(?:\.[0-9]|[0-9]+(?:\.[0-9]*)?[Ee])"
WITHOUT_EXPONENT, WITH_EXPONENT = r"^[+-]?\.[0-9]+$", r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[Ee][+-]?[0-9]{1,3}$"
"""Numbers without a digit before the point, and those with a power of ten, such as 1.5E3."""
TYPES_WITH_EXPONENTS = ("Double", "Float")
"""The types of SDMX whose numbers may be written with a power of ten."""
MULTIPLIER = r"^(-?[0-9]|1[0-5])$"
"""The codes of CL_UNIT_MULT."""
PRINTED = ("UNIT_MULT", "DECIMALS")
"""The attributes that say how figures are printed."""
MOST_DECIMALS = 15
"""So many decimals are kept; a number that has more is rounded to them."""
MOST_DIGITS = 20
"""So many digits before the point has a figure at most, UNIT_MULT counted in, to be compared with others."""
EXACT_DIGITS = 37
"""So many digits hold in a whole number of 128 bits, also where it is doubled or taken from another one."""
EXACT = Context(prec=80)
"""Decimal arithmetic in which nothing that figures amount to is rounded."""
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
    `amount` and `printed_step` are whole numbers of 128 bits. `last_digit` is the printed step without the guess that a
    table of round figures is rounded. `most_digits` are the digits before the point, UNIT_MULT counted in, beyond which
    a figure has no amount: the sum of all observations must be exact.
    """

    frame: pl.DataFrame
    scale: int
    _: KW_ONLY
    most_digits: int = MOST_DIGITS

    def exact(self, amount: int) -> Decimal:
        """An amount as a decimal number of units, such as persons."""
        return Decimal(amount).scaleb(-self.scale, EXACT)

    def printed(self, amount: int, power: int) -> str:
        """An amount as it would be printed with this UNIT_MULT, without needless zeros.

        >>> import polars as pl
        >>> Amounts(pl.DataFrame(), 1).printed(37364000, 3)
        '3736.4'
        """
        text = f"{Decimal(amount).scaleb(-self.scale - power, EXACT):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text


def amounts(dataset: Dataset) -> Amounts:
    """What each observation of a dataset amounts to, UNIT_MULT and printed decimals taken into account.

    How many decimals were printed is said by DECIMALS; else it is what the text shows, and at least what is commonest
    among the values with the same UNIT_MULT, since a spreadsheet drops the zero of 3 704.0. Where nearly all values
    with the same UNIT_MULT are multiples of 3, 5, 10, 100 or 1,000 of that digit, they are taken for rounded to it.

    All amounts are exact, and so is the sum of all of them. A figure that is too long for that has none.
    """
    frame = rows_of(dataset)
    figure = plain(frame, dataset.flow.structure.measure)
    power = pl.col("UNIT_MULT").str.extract(MULTIPLIER, 1).cast(pl.Int32).fill_null(0)
    decimals_shown = figure.str.extract(NUMBER, 3).str.len_chars().cast(pl.Int32).fill_null(0)
    rows = frame.with_columns(power=power, shown=pl.min_horizontal(decimals_shown, MOST_DECIMALS))
    usual = (  # none for a UNIT_MULT with which no number stands; the larger of nothing and what is shown is that
        rows.filter(is_number(figure))
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
    places, lowest = rows.select(
        pl.max_horizontal("shown", "decimals").max().fill_null(0), pl.min_horizontal("power", 0).min().fill_null(0)
    ).row(0)
    scale = places - lowest  # a tenth of a unit is one place more
    most_digits = min(MOST_DIGITS, EXACT_DIGITS - scale - len(str(rows.height)))
    fits = figure.str.extract(NUMBER, 2).str.len_chars().cast(pl.Int32) + pl.col("power") <= most_digits
    amount = pl.when(fits).then(steps_of(figure, places) * power_of_ten(pl.col("power") - lowest))
    step = power_of_ten(pl.min_horizontal(pl.col("power") + scale - pl.col("decimals"), EXACT_DIGITS))
    rows = rows.with_columns(amount=amount, printed_step=step, last_digit=step)
    return Amounts(rounded(rows).drop("shown", "usual", "decimals"), scale, most_digits=most_digits)


def plain(frame: pl.DataFrame, measure: Component) -> pl.Expr:
    """The figures as plain decimal numbers: those without a digit before the point or with a power are written out."""
    text, figures = pl.col(measure.id), frame.get_column(measure.id)
    unusual = figures.filter(figures.str.contains(UNUSUAL)).unique()
    wanted = unusual.str.contains(WITHOUT_EXPONENT)
    if measure.data_type in TYPES_WITH_EXPONENTS:
        wanted = wanted | unusual.str.contains(WITH_EXPONENT)
    written_out = {written: f"{Decimal(written):f}" for written in unusual.filter(wanted)}
    return text.replace(written_out) if written_out else text


def steps_of(figure: pl.Expr, places: int) -> pl.Expr:
    """Numbers in steps of 10^-`places`, as exact whole numbers; null for what is no number."""
    decimals = figure.str.extract(NUMBER, 3).fill_null("")
    kept = decimals.str.slice(0, MOST_DECIMALS).str.pad_end(places, "0")
    steps = pl.concat_str(figure.str.extract(NUMBER, 2), kept).cast(pl.Int128, strict=False)
    if places >= MOST_DECIMALS:
        steps = steps + decimals.str.slice(MOST_DECIMALS, 1).is_in(list("56789")).cast(pl.Int128)
    sign = pl.when(figure.str.starts_with("-")).then(pl.lit(-1)).otherwise(pl.lit(1)).cast(pl.Int128)
    return steps * sign


def rows_of(dataset: Dataset) -> pl.DataFrame:
    """The observations with all columns that the structure gives to them, null where nothing was sent, and `row`.

    `row` is the position. UNIT_MULT and DECIMALS are always there.
    """
    structure = dataset.flow.structure
    attributes = (attribute.id for attribute in structure.attributes("observation"))
    names = {*structure.key, structure.measure.id, *attributes, *PRINTED}
    return with_columns(with_attributes_above(dataset), sorted(names)).with_row_index("row")


def with_attributes_above(dataset: Dataset) -> pl.DataFrame:
    """The observations with UNIT_MULT and DECIMALS, also where these are attributes of the series or the dataset."""
    frame = dataset.observations
    for name in PRINTED:
        keys = [key for key in dataset.flow.structure.series_key if key in dataset.series.columns]
        if name in frame.columns:
            continue
        if dataset.attributes.get(name):
            frame = frame.with_columns(pl.lit(dataset.attributes[name]).alias(name))
        elif name in dataset.series.columns:
            of_series = dataset.series.select(*keys, name).unique(keys, keep="first")
            frame = frame.join(of_series, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return frame


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


def exact_sum(values: Iterable[Decimal]) -> Decimal:
    """The sum of exact numbers, of which nothing is rounded, however many digits they have.

    >>> exact_sum([Decimal("99999999999999999999"), Decimal("0.000000000000001")])
    Decimal('99999999999999999999.000000000000001')
    """
    return reduce(EXACT.add, values, Decimal(0))


def power_of_ten(power: pl.Expr) -> pl.Expr:
    """Ten to a power from 0 to 37, as an exact whole number."""
    return power.replace_strict({n: f"1{'0' * n}" for n in range(EXACT_DIGITS + 1)}, return_dtype=pl.String).cast(
        pl.Int128
    )


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
