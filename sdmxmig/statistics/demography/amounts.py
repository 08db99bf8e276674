"""Exact amounts of observations and their printed precision."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import reduce

from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.text import write_shortest
from sdmxmig.sdmx.frames import join_attributes, list_values
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import Component

NUMBER_PATTERN = r"^([+-]?)0*([0-9]+)(?:\.([0-9]*))?$"
UNUSUAL_NUMBER = r"^[+-]?(?:\.[0-9]|[0-9]+(?:\.[0-9]*)?[Ee])"
WITHOUT_EXPONENT, WITH_EXPONENT = r"^[+-]?\.[0-9]+$", r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[Ee][+-]?[0-9]{1,3}$"
TYPES_WITH_EXPONENTS = ("Double", "Float")
WHOLE, WHOLE_DIGITS = r"^-?[0-9]{1,13}$", 13
"""Whole numbers that fit into 64 bits, and their maximum number of digits."""
INTENTIONALLY_MISSING = "NaN"
POWER, DECIMALS = re.compile(r"-?[0-9]|1[0-5]"), re.compile(r"[0-9]{1,2}")
"""Valid notations of UNIT_MULT and DECIMALS."""
LARGE_AMOUNT = 2**62
"""Amounts below fit into 64 bits with their signs."""
PRINT_ATTRIBUTES = ("UNIT_MULT", "DECIMALS")
MAX_DECIMALS = 15
"""Maximum number of decimals; numbers with more are rounded."""
MAX_DIGITS = 20
EXACT_DIGITS = 37
EXACT_CONTEXT = Context(prec=80)
ROUNDING_BASES = (1000, 100, 10, 5, 3)
"""Rounding bases of offices, in steps of the last printed digit."""
MIN_VALUES = 8
"""Distinct values needed to infer a rounding base: eight multiples of 3 by chance occur once in 6,561 tables."""
MIN_SHARE = 0.9


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Amounts:
    """Amounts in steps of 10^-`scale`.

    Adds `amount` (null without a number), `printed_step` and `power` (UNIT_MULT) as 128-bit integers. `last_digit`
    ignores inferred rounding. Larger numbers have no amount, so that sums are exact.
    """

    frame: pl.DataFrame
    scale: int
    most_digits: int = MAX_DIGITS

    def exact(self, amount: int) -> Decimal:
        return Decimal(amount).scaleb(-self.scale, EXACT_CONTEXT)

    def printed(self, amount: int, power: int) -> str:
        """Write an amount with this UNIT_MULT, without trailing zeros.

        >>> import polars as pl
        >>> Amounts(frame=pl.DataFrame(), scale=1).printed(37364000, 3)
        '3736.4'
        """
        return write_shortest(Decimal(amount).scaleb(-self.scale - power, EXACT_CONTEXT))


def compute_amounts(dataset: Dataset, frame: pl.DataFrame | None = None) -> Amounts:
    """Compute exact amounts with UNIT_MULT and DECIMALS.

    If decimals are undeclared, the most common number is used, since spreadsheets drop zeros. Figures count as rounded
    if nearly all are multiples of 3, 5, 10, 100 or 1,000.
    """
    frame = prepare_rows(dataset) if frame is None else frame
    figure = normalise_number(frame, dataset.flow.structure.measure)
    rows = frame.with_columns(power=parse_integers(frame, "UNIT_MULT", POWER, default=0))
    declared = parse_integers(frame, "DECIMALS", DECIMALS, default=None)
    is_whole = rows.select((figure.str.contains(WHOLE) | (figure == INTENTIONALLY_MISSING)).all()).item()
    if is_whole:  # the usual case: no fraction to look for
        rows = rows.with_columns(decimals=pl.min_horizontal(declared.fill_null(0), MAX_DECIMALS), shown=pl.lit(0))
    else:
        rows = add_decimals(rows, figure, declared)
    places, lowest, highest = rows.select(
        pl.max_horizontal("shown", "decimals").max().fill_null(0),
        pl.min_horizontal("power", 0).min().fill_null(0),
        highest=pl.col("power").max().fill_null(0),
    ).row(0)
    scale = places - lowest  # a tenth of a unit is one decimal more
    most_digits = min(MAX_DIGITS, EXACT_DIGITS - scale - len(str(rows.height)))
    if is_whole and WHOLE_DIGITS + highest <= most_digits:
        steps = figure.cast(pl.Int64, strict=False).cast(pl.Int128) * pl.lit(10**places, dtype=pl.Int128)
    else:
        fits = figure.str.extract(NUMBER_PATTERN, 2).str.len_chars().cast(pl.Int32) + pl.col("power") <= most_digits
        steps = pl.when(fits).then(express_steps(figure, places))
    step = compute_power_of_ten(rows, pl.min_horizontal(pl.col("power") + scale - pl.col("decimals"), EXACT_DIGITS))
    amount = steps * compute_power_of_ten(rows, pl.col("power") - lowest)
    rows = rows.with_columns(amount=amount, printed_step=step, last_digit=step)
    return Amounts(frame=add_rounding_base(rows.drop("shown", "decimals")), scale=scale, most_digits=most_digits)


def add_decimals(rows: pl.DataFrame, figure: pl.Expr, declared: pl.Expr) -> pl.DataFrame:
    """Add the decimals in the text (`shown`) and those treated as printed (`decimals`)."""
    shown_decimals = figure.str.extract(NUMBER_PATTERN, 3).str.len_chars().cast(pl.Int32).fill_null(0)
    rows = rows.with_columns(shown=pl.min_horizontal(shown_decimals, MAX_DECIMALS))
    usual = (  # none for a UNIT_MULT without numbers; then the displayed decimals count
        rows.filter(is_number(figure))
        .group_by("power", usual="shown")
        .len()
        .sort("power", "len", "usual", descending=[False, True, False])
        .unique("power", keep="first", maintain_order=True)
    )
    usual_by_power = dict(usual.select("power", "usual").iter_rows())
    usual_decimals = pl.lit(None, dtype=pl.Int32)
    if usual_by_power:
        usual_decimals = pl.col("power").replace_strict(usual_by_power, default=None, return_dtype=pl.Int32)
    decimals_printed = pl.coalesce(declared, pl.max_horizontal("shown", usual_decimals))
    return rows.with_columns(decimals=pl.min_horizontal(decimals_printed, MAX_DECIMALS))


def normalise_number(frame: pl.DataFrame, measure: Component) -> pl.Expr:
    text, figures = pl.col(measure.id), frame.get_column(measure.id)
    unusual = figures.filter(figures.str.contains(UNUSUAL_NUMBER)).unique()
    wanted = unusual.str.contains(WITHOUT_EXPONENT)
    if measure.data_type in TYPES_WITH_EXPONENTS:
        wanted = wanted | unusual.str.contains(WITH_EXPONENT)
    written_out = {written: f"{Decimal(written):f}" for written in unusual.filter(wanted)}
    return text.replace(written_out) if written_out else text


def express_steps(figure: pl.Expr, places: int) -> pl.Expr:
    decimals = figure.str.extract(NUMBER_PATTERN, 3).fill_null("")
    kept = decimals.str.slice(0, MAX_DECIMALS).str.pad_end(places, "0")
    steps = pl.concat_str(figure.str.extract(NUMBER_PATTERN, 2), kept).cast(pl.Int128, strict=False)
    if places >= MAX_DECIMALS:
        steps = steps + decimals.str.slice(MAX_DECIMALS, 1).is_in(list("56789")).cast(pl.Int128)
    sign = pl.when(figure.str.starts_with("-")).then(pl.lit(-1)).otherwise(pl.lit(1)).cast(pl.Int128)
    return steps * sign


def prepare_rows(dataset: Dataset) -> pl.DataFrame:
    structure = dataset.flow.structure
    attributes = (attribute.id for attribute in structure.attributes("observation"))
    names = {*structure.key, structure.measure.id, *attributes, *PRINT_ATTRIBUTES}
    frame = add_columns(join_attributes(dataset, PRINT_ATTRIBUTES), sorted(names))
    return frame.with_columns(list_constants(frame)).with_row_index("row")


def list_constants(frame: pl.DataFrame) -> list[pl.Expr]:
    if frame.is_empty():
        return []
    firsts = frame.row(0, named=True)
    text = [name for name, kind in frame.schema.items() if kind == pl.String]
    tests = (pl.col(name).ne_missing(pl.lit(firsts[name], dtype=pl.String)).any() for name in text)
    varying = frame.select(tests).row(0)
    same = (name for name, varies in zip(text, varying, strict=True) if not varies)
    return [pl.lit(firsts[name], dtype=pl.String).alias(name) for name in same]


def add_rounding_base(rows: pl.DataFrame) -> pl.DataFrame:
    """Set `printed_step` to the base to which figures of the same UNIT_MULT are rounded."""
    figures = rows.select("power", "amount", "printed_step")
    largest = figures.select(pl.max_horizontal(pl.col("amount").abs().max(), pl.col("printed_step").max())).item()
    if (largest or 0) < LARGE_AMOUNT:
        figures = figures.with_columns(pl.col("amount", "printed_step").cast(pl.Int64))  # faster
    if figures["printed_step"].n_unique() == 1 and figures["printed_step"][0] == 1:
        steps = figures.filter(pl.col("amount") != 0).select("power", "amount")
    else:
        whole = figures.filter(pl.col("amount") != 0, pl.col("amount") % pl.col("printed_step") == 0)
        steps = whole.select("power", pl.col("amount") // pl.col("printed_step"))
    powers = steps["power"].unique(maintain_order=True)
    base_by_power = {
        power: base
        for power in powers
        if (
            base := find_rounding_base(
                (steps if len(powers) == 1 else steps.filter(pl.col("power") == power))["amount"]
            )
        )
        > 1
    }
    if not base_by_power:
        return rows
    times = pl.col("power").replace_strict(base_by_power, default=1, return_dtype=pl.Int128)
    return rows.with_columns(printed_step=pl.col("printed_step") * times)


def find_rounding_base(steps: pl.Series) -> int:
    different = steps.abs().unique()
    if len(different) < MIN_VALUES:
        return 1
    shares = different.to_frame("step").select(
        (pl.col("step") % base == 0).mean().alias(str(base)) for base in ROUNDING_BASES
    )
    return next((base for base, share in zip(ROUNDING_BASES, shares.row(0), strict=True) if share >= MIN_SHARE), 1)


def is_number(text: pl.Expr) -> pl.Expr:
    return text.str.contains(NUMBER_PATTERN).fill_null(value=False)


def add_exact_numbers(values: Iterable[Decimal]) -> Decimal:
    """Add numbers without rounding, regardless of their digits.

    >>> add_exact_numbers([Decimal("99999999999999999999"), Decimal("0.000000000000001")])
    Decimal('99999999999999999999.000000000000001')
    """
    return reduce(EXACT_CONTEXT.add, values, Decimal(0))


def compute_power_of_ten(rows: pl.DataFrame, power: pl.Expr) -> pl.Expr:
    powers = rows.select(power.alias("power").unique().sort())["power"].drop_nulls().to_list()
    first, *others = powers or [0]
    chosen = pl.lit(10**first, dtype=pl.Int128)
    for other in others:
        chosen = pl.when(power == other).then(pl.lit(10**other, dtype=pl.Int128)).otherwise(chosen)
    return chosen


def parse_integers(frame: pl.DataFrame, name: str, form: re.Pattern[str], *, default: int | None) -> pl.Expr:
    texts = list_values(frame, name)
    numbers = {text: int(text) for text in texts if text is not None and form.fullmatch(text)}
    if len(texts) <= 1 or not numbers:
        return pl.lit(next(iter(numbers.values()), default), dtype=pl.Int32)
    return pl.col(name).replace_strict(numbers, default=default, return_dtype=pl.Int32)


def add_columns(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    present_names = [name for name in names if name in frame.columns and is_empty_or_coded(frame[name])]
    present = [pl.when(pl.col(name).cast(pl.String) != "").then(pl.col(name).cast(pl.String)) for name in present_names]
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in names if name not in frame.columns]
    return frame.with_columns(*present, *absent) if present or absent else frame


def is_empty_or_coded(column: pl.Series) -> bool:
    return column.dtype != pl.String or (column == "").any()
