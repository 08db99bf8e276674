"""Building of datasets from readings, and merging of datasets of one dataflow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace

from sdmxmig.conversion.mapping.readings import Readings
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.frames import DEFINITIONS, build_cell_origins, build_origins, build_text_frame, is_distinct, stack
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.findings import FindingCollector
from sdmxmig.sdmx.model.rule_ids import RuleId


@dataclass(frozen=True, slots=True)
class ConversionContext:
    flow: Flow
    mapping_place: Place
    _: KW_ONLY
    collector: FindingCollector
    used_although_hidden: frozenset[str] = frozenset()
    """Sheets of which a person decided to use hidden figures."""
    whole_years: frozenset[str] = frozenset()
    """Labels of which a person decided that they are whole years."""


UNSTATED = "_U"
STATUS, NORMAL, PROVISIONAL = "OBS_STATUS", "A", "P"


def build_dataset(flow: Flow, readings: Sequence[Readings], context: ConversionContext) -> Dataset:
    structure = flow.structure
    measure = structure.measure.id
    columns = [*structure.key, *(component.id for component in structure.measures)]
    columns += [component.id for component in structure.attributes("observation")]
    of_series = [component.id for component in structure.attributes("series")]
    of_dataset = [component.id for component in structure.attributes("dataset")]
    filled_readings = [reading for reading in readings if reading.cells.height]
    series = collect_attributes(filled_readings, list(structure.series_key), of_series, context)
    of_all = (
        collect_attributes(filled_readings, [], of_dataset, context).row(0, named=True)
        if filled_readings and of_dataset
        else {}
    )
    wide = {name: value for name, value in of_all.items() if value is not None}
    frames = [readings.frame(measure, columns) for readings in filled_readings] or [build_text_frame(columns, [])]
    origins = [collect_origins(readings, measure) for readings in filled_readings] or [build_origins]
    repeating = [number for number, readings in enumerate(filled_readings) if not readings.is_distinct(structure.key)]
    for number in repeating:
        check_repeated(filled_readings[number], frames[number], measure, context)
    if len(filled_readings) == 1 and not repeating:
        return Dataset(flow, frames[0], series=series, attributes=wide, origins=origins[0])
    observations, stacked = stack(frames, lambda: [of_one() for of_one in origins])
    return Dataset(flow, observations, series=series, attributes=wide, origins=stacked)


def check_repeated(readings: Readings, frame: pl.DataFrame, measure: str, context: ConversionContext) -> None:
    is_repeat = frame.select(pl.int_range(pl.len()).over(frame.columns) > 0).to_series()
    cells = readings.cells.filter(is_repeat)
    if cells.is_empty():
        return
    table = readings.layout.table
    parameters = {"sheet": table.sheet or table.file, "count": str(cells.height), "value": cells["text"][0]}
    context.collector.add(RuleId.REPEATED_OBSERVATION, table.places(cells), measure, **parameters)


def collect_origins(readings: Readings, measure: str) -> Callable[[], pl.DataFrame]:
    table = readings.layout.table
    values = (readings.cells["row"], readings.cells["column"])
    traced = {
        name: cell_values
        for name, cell_values in readings.components.items()
        if cell_values.cell_rows.null_count() < len(cell_values.cell_rows)
    }

    def origins() -> pl.DataFrame:
        cells = {measure: values} | {
            name: (cell_values.rows, cell_values.columns) for name, cell_values in traced.items()
        }
        return build_cell_origins(cells, file, sheet)

    file, sheet = table.file, table.sheet  # do not keep the cells of the table
    return origins


def collect_attributes(
    readings: Sequence[Readings], keys: list[str], attributes: list[str], context: ConversionContext
) -> pl.DataFrame:
    """Return one row per key with its attributes; conflicting values are reported and omitted."""
    if not readings:
        return build_text_frame([*keys, *attributes], [])
    readings = [reading.at(reading.distinct([*keys, *attributes])) for reading in readings]
    frame = pl.concat(
        [fill_unstated_codes(reading.frame("", [*keys, *attributes]), reading, context.flow) for reading in readings]
    )
    firsts = [pl.col(name).drop_nulls().first() for name in attributes]
    if not keys:
        first_values = frame.select(firsts)
    elif not attributes:
        return frame if len(readings) == 1 else frame.unique(maintain_order=True)
    else:
        first_values = frame.group_by(keys, maintain_order=True).agg(firsts)
    for name in attributes:
        if frame[name].n_unique() > 1:
            first_values = drop_conflicting_values(
                frame, first_values, keys=keys, name=name, readings=readings, context=context
            )
    return first_values


def fill_unstated_codes(frame: pl.DataFrame, reading: Readings, flow: Flow) -> pl.DataFrame:
    """Fill empty cells of a definition with “not stated”, not with the value of adjacent cells."""
    lists = {name: flow.codelist(name) for name in DEFINITIONS if name in frame.columns and name in reading.components}
    names = [name for name, codelist in lists.items() if codelist and UNSTATED in codelist]
    return frame.with_columns(pl.col(names).fill_null(UNSTATED)) if names else frame


def drop_conflicting_values(
    frame: pl.DataFrame,
    first_values: pl.DataFrame,
    keys: list[str],
    name: str,
    readings: Sequence[Readings],
    context: ConversionContext,
) -> pl.DataFrame:
    """Report attributes that conflict within a key, and return the values without them."""
    first = pl.col("first")
    compared = frame.with_row_index("at")
    if keys:
        first_of_key = first_values.select(*keys, first=name)
        compared = compared.join(first_of_key, on=keys, how="left", nulls_equal=True, maintain_order="left")
    else:
        compared = compared.with_columns(first=pl.lit(first_values[name][0], pl.String))
    differing = compared.filter(pl.col(name).is_not_null() & (pl.col(name) != first))
    starts = [0]
    for reading in readings:
        starts.append(starts[-1] + reading.cells.height)
    for (value, first_value), group in differing.group_by([name, "first"], maintain_order=True):
        places = []
        for row in group["at"]:
            number = next(n for n, end in enumerate(starts[1:]) if row < end)
            places.append(find_place(readings[number], name, row - starts[number]))
        if None in places and not any(name in reading.components for reading in readings):
            raise _build_conflict_error(name, (str(first_value), str(value)), readings, context)
        known_places = [place for place in places if place is not None]
        context.collector.add(
            RuleId.TWO_ATTRIBUTE_VALUES, known_places, name, component=name, value=str(value), first=str(first_value)
        )
    if not keys:
        return first_values.with_columns(pl.lit(None, pl.String).alias(name)) if differing.height else first_values
    contradicted = differing.select(keys).unique().with_columns(other=pl.lit(value=True))
    marked = first_values.join(contradicted, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return first_values.with_columns(pl.when(marked["other"].is_null()).then(pl.col(name)).alias(name))


def find_place(readings: Readings, name: str, row: int) -> Place | None:
    cell_values = readings.components.get(name)
    table = readings.layout.table
    if cell_values is not None and cell_values.rows[row] is not None:
        return table.place(cell_values.rows[row], cell_values.columns[row])
    return None if cell_values is None else table.place(readings.cells["row"][row], readings.cells["column"][row])


def _build_conflict_error(
    name: str, values: tuple[str, str], readings: Sequence[Readings], context: ConversionContext
) -> DeclarationError:
    block = next(reading.layout.block for reading in readings if reading.fixed.get(name) == values[1])
    return DeclarationError(
        f"{name} is fixed as {values[0]} and as {values[1]} for the same data of {context.flow.id}.",
        Place(context.mapping_place.file, key=f"{block.key}.fixed.{name}"),
        suggest_remedy(context.flow, name),
    )


def drop_rows(dataset: Dataset, removed: pl.Series) -> Dataset:
    remaining = dataset.observations.with_row_index("at").filter(~pl.col("at").is_in(removed.implode()))
    numbers = remaining.select(observation=pl.col("at")).with_row_index("new")
    origins = dataset.origins.join(numbers, on="observation", how="inner", maintain_order="left")
    origins = origins.with_columns(observation="new").select(dataset.origins.columns)
    return replace(dataset, observations=remaining.drop("at"), origins=origins)


def drop_repeated_estimates(dataset: Dataset, others: Sequence[Dataset]) -> Dataset:
    """Remove provisional figures that a table with later periods repeats unchanged."""
    structure = dataset.flow.structure
    if structure.time is None or STATUS not in dataset.observations.columns:
        return dataset
    time, status = structure.time.id, pl.col(STATUS)
    last = find_last_text(dataset.observations[time])
    later = [other.observations for other in others if find_last_text(other.observations[time]) > last]
    final = [frame.filter(status.is_null() | (status == NORMAL)) for frame in later if STATUS in frame.columns]
    same = [name for name in dataset.observations.columns if name != STATUS]
    provisional = dataset.observations.with_row_index("at").filter(status == PROVISIONAL)
    rows = [provisional.join(frame, on=same, how="semi", nulls_equal=True)["at"] for frame in final]
    return drop_rows(dataset, pl.concat(rows)) if any(map(len, rows)) else dataset


def find_last_text(texts: pl.Series) -> str:
    return max(map(str, texts.drop_nulls().unique()), default="")


def merge(datasets: Sequence[Dataset]) -> Dataset:
    """Merge datasets of one flow; equal observations and confirmed provisional figures are kept once.

    Raises `DeclarationError` for different flows and contradictory dataset or series attributes.
    """
    if not datasets:
        raise DeclarationError("There is no dataset to merge.")
    first = datasets[0]
    for following in datasets[1:]:
        if following.flow.id != first.flow.id:
            raise DeclarationError(f"Data of {first.flow.id} and {following.flow.id} cannot be one dataset.")
    attributes: dict[str, str] = {}
    for dataset in datasets:
        for name, value in dataset.attributes.items():
            if attributes.setdefault(name, value) != value:
                givers = [each for each in datasets if each.attributes.get(name) == attributes[name]]
                files = (*list_source_files(givers[0]), *list_source_files(dataset))
                raise build_contradiction_error(first.flow, name, attributes[name], value, files)
    datasets = [drop_repeated_estimates(dataset, datasets) for dataset in datasets]
    observations, origins = stack(
        [dataset.observations for dataset in datasets], lambda: [dataset.origins for dataset in datasets]
    )
    series = merge_series(datasets)
    return Dataset(first.flow, observations, series=series, attributes=attributes, origins=origins, action=first.action)


def merge_series(datasets: Sequence[Dataset]) -> pl.DataFrame:
    flow, columns = datasets[0].flow, datasets[0].series.columns
    series = pl.concat((each.series.with_columns(giver=pl.lit(at)) for at, each in enumerate(datasets)), how="diagonal")
    keys = list(flow.structure.series_key)
    if is_distinct(series, keys):
        return series.select(columns)
    for name in (name for name in columns if name not in keys):
        stated = series.drop_nulls(name).select(*keys, "giver", value=name)
        stated = stated.with_columns(pl.col("value", "giver").first().over(keys).name.prefix("first "))
        for *_, giver, value, first, first_giver in stated.filter(pl.col("value") != pl.col("first value")).iter_rows():
            files = (*list_source_files(datasets[first_giver]), *list_source_files(datasets[giver]))
            raise build_contradiction_error(flow, name, first, value, files)
    return series.group_by(keys, maintain_order=True).agg(pl.all().drop_nulls().first()).select(columns)


def list_source_files(dataset: Dataset) -> tuple[str, ...]:
    return tuple(dataset.origins["file"].cast(pl.String).head(1))


def build_contradiction_error(
    flow: Flow, name: str, first_value: str, second_value: str, files: Sequence[str] = ()
) -> DeclarationError:
    values = f"{first_value} and {second_value}"
    tables = f" Tables: {' and '.join(dict.fromkeys(files))}." if files else ""
    value_by_file = dict(zip(files, (first_value, second_value), strict=False))
    return DeclarationError(
        f"The mappings of {flow.id} give {name} two values for the same data: {values}.{tables}",
        Place(flow.id, key=name),
        suggest_remedy(flow, name, value_by_file),
    )


def suggest_remedy(flow: Flow, name: str, value_by_file: Mapping[str, str] | None = None) -> str:
    if not flow.structure[name].is_coded or (flow.structure[name].attachment != "dataset" and name not in DEFINITIONS):
        return "Give it one value everywhere."
    advice = "put the blocks of one value into a mapping of their own, for a dataflow with the same structure"
    if value_by_file and len(value_by_file) > 1:
        commands = (
            f'sdmxmig map "FOLDER/tables/{file}" {flow.id} --new-flow {flow.id}_{value.strip("_")} -o FOLDER'
            for file, value in value_by_file.items()
        )
        advice = (
            "give one table its own dataflow with the same structure: "
            f"{', or '.join(commands)}. Indicators and accounts use the table that stays in {flow.id}"
        )
    return (
        f"If one value is wrong, correct it. If both are right, the figures are not comparable: {advice}. "
        f"Do not state a mixed {name} for both."
    )
