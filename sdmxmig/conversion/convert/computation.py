"""Observations derived from others as sums and differences, with all their source cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from sdmxmig.conversion.convert.assembling import ConversionContext
from sdmxmig.primitives.errors import DeclarationError, nearest
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import Dataset, Derived

NORMAL = "A"


def derive(dataset: Dataset, derived: Sequence[Derived], context: ConversionContext) -> Dataset:
    """Add derived values in declared order.

    Observations of labels used only in formulas are removed. Raises `DeclarationError` with the nearest label for a
    missing one.
    """
    check_labels(dataset, derived, context)
    for formula in derived:
        dataset = with_values(dataset, formula)
    return without_labels(dataset, derived)


def check_labels(dataset: Dataset, derived: Sequence[Derived], context: ConversionContext) -> None:
    for formula in derived:
        known_labels = dataset.observations[formula.component].unique(maintain_order=True).drop_nulls().to_list()
        for label in formula.labels:
            if label not in known_labels:
                guess = nearest(label, known_labels)
                hint = f"Did you mean “{guess}”?" if guess else "Look at the labels of the table."
                place = Place(context.mapping_place.file, key=f"{formula.key}.formula")
                message = f"No label of {formula.component} is “{label}”."
                raise DeclarationError(message, place, hint)


def without_labels(dataset: Dataset, derived: Sequence[Derived]) -> Dataset:
    if not derived:
        return dataset
    frame = dataset.observations.with_row_index("at")
    used_rows = []
    for formula in derived:
        other_dimensions = [name for name in dataset.flow.structure.key if name != formula.component]
        derived_rows = frame.filter(pl.col(formula.component) == formula.code)
        parts = frame.filter(pl.col(formula.component).is_in(list(formula.labels)))
        used_rows.append(parts.join(derived_rows, on=other_dimensions, how="semi", nulls_equal=True)["at"])
    remaining, _ = without(dataset, pl.concat(used_rows).unique())
    keys = remaining.observations.select(dataset.flow.structure.series_key)
    series = remaining.series.join(keys, on=keys.columns, how="semi", nulls_equal=True, maintain_order="left")
    return replace(remaining, series=series)


def without(dataset: Dataset, removed: pl.Series) -> tuple[Dataset, pl.DataFrame]:
    remaining = dataset.observations.with_row_index("at").filter(~pl.col("at").is_in(removed.implode()))
    numbers = remaining.select(observation=pl.col("at")).with_row_index("new")
    origins = dataset.origins.join(numbers, on="observation", how="inner", maintain_order="left")
    origins = origins.with_columns(observation="new").select(dataset.origins.columns)
    return replace(dataset, observations=remaining.drop("at"), origins=origins), numbers


def with_values(dataset: Dataset, formula: Derived) -> Dataset:
    """Add the values of a formula; existing values stay.

    Incomplete formulas give no value.
    """
    structure = dataset.flow.structure
    measure = structure.measure.id
    other_dimensions = [name for name in structure.key if name != formula.component]
    frame = dataset.observations.with_row_index("at")
    codes = list(dict.fromkeys(code for _, code in formula.terms))
    parts = [
        frame.filter(pl.col(formula.component) == code).unique(other_dimensions, keep="first", maintain_order=True)
        for code in codes
    ]
    joined = parts[0].select(*other_dimensions, **{f"at {codes[0]}": pl.col("at"), f"of {codes[0]}": pl.col(measure)})
    for code, part in zip(codes[1:], parts[1:], strict=True):
        renamed = part.select(*other_dimensions, **{f"at {code}": pl.col("at"), f"of {code}": pl.col(measure)})
        joined = joined.join(renamed, on=other_dimensions, how="inner", nulls_equal=True, maintain_order="left")
    texts = joined.select(f"of {code}" for code in codes).iter_rows()
    values = pl.Series([computed(formula, dict(zip(codes, row, strict=True))) for row in texts], dtype=pl.String)
    joined = joined.with_columns(values.alias(measure)).filter(pl.col(measure).is_not_null())
    read = frame.filter(pl.col(formula.component) == formula.code)
    joined = joined.join(read, on=other_dimensions, how="anti", nulls_equal=True, maintain_order="left")
    rows = parts[0].select("at", pl.exclude("at", measure, formula.component, *other_dimensions))
    derived_rows = joined.join(rows, left_on=f"at {codes[0]}", right_on="at", how="left", maintain_order="left")
    derived_rows = derived_rows.with_columns(pl.lit(formula.code).alias(formula.component))
    if "OBS_STATUS" in dataset.observations.columns:
        derived_rows = derived_rows.with_columns(pl.lit(NORMAL).alias("OBS_STATUS"))
    derived_rows = derived_rows.with_columns(pl.lit(value).alias(name) for name, value in formula.attributes)
    observations = pl.concat([dataset.observations, derived_rows.select(dataset.observations.columns)])
    origins = pl.concat([dataset.origins, cells_of(dataset, joined, codes, measure)])
    return replace(
        dataset, observations=observations, origins=origins, series=with_series(dataset, formula, other_dimensions)
    )


def computed(formula: Derived, values: dict[str, str | None]) -> str | None:
    """Compute a formula exactly; None if a part is missing or not a number.

    >>> computed(Derived("SEX", "M", terms=((1, "_T"), (-1, "F"))), {"_T": "3.5", "F": "1.25"})
    '2.25'
    """
    try:
        numbers = {code: Decimal(text) for code, text in values.items() if text is not None}
    except InvalidOperation:
        return None
    if len(numbers) < len(values) or not all(number.is_finite() for number in numbers.values()):
        return None
    return f"{sum((sign * numbers[code] for sign, code in formula.terms), Decimal(0)):f}"


def cells_of(dataset: Dataset, derived_rows: pl.DataFrame, codes: Sequence[str], measure: str) -> pl.DataFrame:
    """Return the source cells of derived values, values first."""
    start = dataset.observations.height
    numbered = derived_rows.with_row_index("number", offset=start)
    origins_of_parts = [
        dataset.origins.join(
            numbered.select("number", observation=f"at {code}"), on="observation", how="inner", maintain_order="left"
        )
        for code in codes
    ]
    origins = pl.concat(origins_of_parts).with_columns(observation=pl.col("number").cast(pl.UInt32)).drop("number")
    is_label = (pl.col("component") != measure).alias("label")
    return (
        origins.unique(maintain_order=True)
        .with_columns(is_label)
        .sort("observation", "label", maintain_order=True)
        .drop("label")
    )


def with_series(dataset: Dataset, formula: Derived, other_dimensions: Sequence[str]) -> pl.DataFrame:
    series = dataset.series
    first_code = formula.terms[0][1]
    derived_series = series.filter(pl.col(formula.component) == first_code).with_columns(
        pl.lit(formula.code).alias(formula.component)
    )
    keys = [name for name in (*other_dimensions, formula.component) if name in series.columns]
    new_series = derived_series.join(series, on=keys, how="anti", nulls_equal=True)
    return pl.concat([series, new_series.select(series.columns)])
