"""Values derived from others: sums, differences and shares, with all source cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from sdmxmig.conversion.convert.context import ConversionContext
from sdmxmig.primitives.errors import DeclarationError, nearest
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, cell_name
from sdmxmig.sdmx.model.data import Dataset, Derived
from sdmxmig.sdmx.model.rule_ids import RuleId

NORMAL = "A"


def derive(dataset: Dataset, derived: Sequence[Derived], context: ConversionContext) -> Dataset:
    """Add derived values in declared order.

    Observations of labels used only in formulas are removed. Raises `DeclarationError` with the nearest label for a
    missing one.
    """
    labels = FormulaLabels(derived)
    dataset = derive_within(dataset, labels, context)
    labels.check(context)
    return dataset


class FormulaLabels:
    """The labels that formulas name, looked for in one dataset or in one after the other."""

    def __init__(self, derived: Sequence[Derived]) -> None:
        self.derived = derived
        self.labels_by_component: dict[str, dict[str, None]] = {}

    def see(self, dataset: Dataset) -> None:
        for formula in self.derived:
            labels = dataset.observations[formula.component].unique(maintain_order=True).drop_nulls()
            self.labels_by_component.setdefault(formula.component, {}).update(dict.fromkeys(labels))

    def check(self, context: ConversionContext) -> None:
        """Raise `DeclarationError` for a label of a formula that is not in the table."""
        for formula in self.derived:
            known_labels = list(self.labels_by_component.get(formula.component, ()))
            for label in formula.labels:
                if label not in known_labels:
                    guess = nearest(label, known_labels)
                    hint = f"Did you mean “{guess}”?" if guess else "Look at the labels of the table."
                    place = Place(context.mapping_place.file, key=f"{formula.key}.formula")
                    message = f"No label that gives {formula.component} says “{label}”."
                    raise DeclarationError(message, place, hint)


def derive_within(dataset: Dataset, labels: FormulaLabels, context: ConversionContext) -> Dataset:
    labels.see(dataset)
    for formula in labels.derived:
        dataset = with_values(dataset, formula, context)
    return without_labels(dataset, labels.derived)


def without_labels(dataset: Dataset, derived: Sequence[Derived]) -> Dataset:
    """The dataset without the observations whose label a formula has used."""
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


def with_values(dataset: Dataset, formula: Derived, context: ConversionContext) -> Dataset:
    """Add the values of a formula; existing values stay unless replaced.

    Incomplete formulas give no value.
    """
    structure = dataset.flow.structure
    measure = structure.measure.id
    other_dimensions = [name for name in structure.key if name != formula.component]
    frame = dataset.observations.with_row_index("at")
    codes = list(dict.fromkeys([*(code for _, code in formula.terms), *filter(None, [formula.share_of])]))
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
    read_values = frame.filter(pl.col(formula.component) == formula.code).select(
        *other_dimensions, read_at="at", read=measure
    )
    joined = joined.join(read_values, on=other_dimensions, how="left", nulls_equal=True, maintain_order="left")
    dataset, joined = settled(dataset, joined, formula, context)
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
        if len(numbers) < len(values) or not all(number.is_finite() for number in numbers.values()):
            return None
        total = sum((sign * numbers[code] for sign, code in formula.terms), Decimal(0))
        if not formula.share_of:
            return f"{total:f}"
        share = 100 * total / numbers[formula.share_of]
        return f"{share.quantize(Decimal(f'1e-{formula.decimals}'), ROUND_HALF_UP):f}"
    except (InvalidOperation, ZeroDivisionError):
        return None


def settled(
    dataset: Dataset, derived_rows: pl.DataFrame, formula: Derived, context: ConversionContext
) -> tuple[Dataset, pl.DataFrame]:
    """Resolve keys that are both read and derived.

    A replaced value that differs is reported at its cell.
    """
    measure = dataset.flow.structure.measure.id
    if not formula.replaces:
        return dataset, derived_rows.filter(pl.col("read_at").is_null())
    replaced = derived_rows.filter(pl.col("read_at").is_not_null())
    for at, read_value, value in replaced.select("read_at", "read", measure).iter_rows():
        if not same_number(read_value, value):
            cells = dataset.origins.filter((pl.col("observation") == at) & (pl.col("component") == measure))
            places = [
                Place(file, sheet, cell=cell_name(row, column))
                for file, sheet, row, column in cells.select("file", "sheet", "row", "column").iter_rows()
            ]
            context.collector.add(RuleId.RECOMPUTED_VALUE, places, measure, value=read_value or "", first=value)
    remaining, numbers = without(dataset, replaced["read_at"])
    moved = {name: name for name in derived_rows.columns if name.startswith("at ")}
    lookup = numbers.rename({"observation": "old"})
    for name in moved:
        derived_rows = derived_rows.join(lookup, left_on=name, right_on="old", how="left", maintain_order="left")
        derived_rows = derived_rows.with_columns(pl.col("new").alias(name)).drop("new")
    return remaining, derived_rows


def same_number(first: str | None, second: str) -> bool:
    try:
        return first is not None and Decimal(first) == Decimal(second)
    except InvalidOperation:
        return False


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
