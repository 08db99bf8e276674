"""Results of a conversion: dataset, findings and use of figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import PurePath

from sdmxmig.conversion.convert.assembling import ConversionContext
from sdmxmig.conversion.mapping.grid import Grid, find_tables, is_match, parse_range
from sdmxmig.conversion.mapping.layout import Layout, list_block_cells, list_read_texts
from sdmxmig.conversion.mapping.meanings import Meanings
from sdmxmig.conversion.mapping.readings import read_numbers
from sdmxmig.conversion.mapping.sourced_values import is_number, split_marks
from sdmxmig.primitives.errors import DeclarationError, write_count
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, describe_spans, format_cell
from sdmxmig.primitives.summaries import Summary, add_summary
from sdmxmig.sdmx.model import data as model
from sdmxmig.sdmx.model.data import LEFT_OUT_BY_ANSWER, TO_CONFIRM, Block, Dataset, TableMapping, Values
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.sdmx.model.rule_ids import RuleId

MIN_LEFT_OUT = 20
"""Minimum number of figures whose omission is reported although a person decided it."""
MAX_SPANS = 8
"""Maximum number of runs of rows in a finding."""
MAX_SHOWN = 5
"""Maximum number of sheets shown with the use of their figures."""
SKIPPED, UNREAD_FATE = "skipped", "unread"
Locate = Callable[[Block, Grid, Place], Sequence[Layout]]
"""Finds a block in a sheet: `locate`, or a cached version."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The use of a sheet's values.

    `used` counts filled value cells, `skipped` those left out by reason, and `unread` figures outside all blocks
    (numbers, or texts that are numbers in a block's notation).
    """

    file: str
    sheet: str
    _: KW_ONLY
    used: int
    skipped: tuple[tuple[str, int], ...]
    unread: int


@add_summary
@dataclass(frozen=True, slots=True)
class Conversion:
    """The dataset, findings and coverage of a conversion.

    `unused_cells` lists figures without observation: ``file``, ``sheet``, ``row``, ``column``, ``fate`` (``skipped`` or
    ``unread``), ``reason``, ``value`` (as a number where it is one).
    """

    dataset: Dataset
    findings: Findings
    _: KW_ONLY
    coverage: tuple[Coverage, ...]
    unused_cells: pl.DataFrame

    def summary(self) -> Summary:
        dataset, findings = self.dataset.summary(), self.findings.summary()
        rows = [
            (sheet.file, sheet.sheet, sheet.used, sum(count for _, count in sheet.skipped), sheet.unread)
            for sheet in self.coverage
        ]
        return Summary(
            f"Conversion to {self.dataset.flow.id}",
            (*dataset.facts, ("findings", findings.title.removeprefix("Findings: "))),
            columns=("file", "sheet", "used", "skipped", "unread") if rows else (),
            rows=tuple(tuple(map(str, row)) for row in rows[:MAX_SHOWN]),
            more=f"… {len(rows) - MAX_SHOWN} more sheets" if len(rows) > MAX_SHOWN else "",
        )


@dataclass(frozen=True, slots=True, eq=False)
class BlockUsage:
    """The value cells of a block (``row``, ``column``), and those dropped with ``reason``."""

    layout: Layout
    values: pl.DataFrame
    _: KW_ONLY
    dropped: pl.DataFrame


def count_figures(
    grids: Sequence[Grid],
    block_usages: Sequence[BlockUsage],
    mapping: model.TableMapping,
    other_mappings: Sequence[model.TableMapping],
    context: ConversionContext,
    *,
    find_block: Locate,
) -> tuple[tuple[Coverage, ...], pl.DataFrame]:
    """Count the figures of the mapped sheets; the first mapping of a file by id reports unread figures."""
    mappings_of_file = [
        other_mapping
        for other_mapping in other_mappings
        if other_mapping.id != mapping.id and has_mapped_file(grids, other_mapping)
    ]
    coverage, unused = [], [pl.DataFrame(schema=UNUSED_SCHEMA)]
    for grid in grids:
        sheet_usages = [block_usage for block_usage in block_usages if block_usage.layout.grid is grid]
        also = [
            (mapping.id, layout)
            for mapping in mappings_of_file
            for layout in find_other_layouts(grid, mapping, find_block)
        ]
        if not sheet_usages and (also or any(other_mapping.id < mapping.id for other_mapping in mappings_of_file)):
            continue
        layouts = [block_usage.layout for block_usage in sheet_usages]
        block_areas = [layout.held for layout in [*layouts, *(layout for _, layout in also)]]
        nothing = unused[0].select("row", "column", "reason")
        skipped = pl.concat(
            [nothing, *(layout.skipped() for layout in layouts), *(block_usage.dropped for block_usage in sheet_usages)]
        )
        values = [block_usage.values for block_usage in sheet_usages] or [nothing.select("row", "column")]
        used = pl.concat(values).unique().height if len(values) > 1 else values[0].height
        used -= sum(block_usage.dropped.height for block_usage in sheet_usages)
        outside = grid.cells.filter(~pl.any_horizontal(block_areas)) if block_areas else grid.cells
        telling_cells = build_cells_frame(
            cell for layout in [*layouts, *(layout for _, layout in also)] for cell in list_block_cells(layout)
        )
        outside = outside.join(telling_cells, on=["row", "column"], how="anti", maintain_order="left")
        free = select_figures(outside, [layout.block for layout in layouts] or mapping.blocks)
        ignored, unread = find_unread(free, grid, [mapping, *mappings_of_file])
        skipped = pl.concat([skipped, ignored]).unique(["row", "column"], keep="first", maintain_order=True)
        reasons = tuple(sorted(skipped["reason"].value_counts().rows()))
        if not (sheet_usages or skipped.height or unread.height):
            continue
        check_few_skipped(skipped, grid, used + skipped.height + unread.height, context)
        coverage.append(Coverage(grid.table.file, grid.table.sheet, used=used, skipped=reasons, unread=unread.height))
        values_read = (layouts[0].block if layouts else mapping.blocks[0]).values
        unused.append(build_unused_frame(grid, [skipped, unread.with_columns(reason=pl.lit(""))], values_read))
        if all(mapping.id < id_ for id_, _ in also):  # one mapping of a sheet reports for all
            places = grid.table.places(unread)
            name = grid.table.sheet or grid.table.file
            context.collector.add(RuleId.UNREAD_FIGURES, places, sheet=name, count=str(unread.height))
    return tuple(coverage), pl.concat(unused)


def build_cells_frame(cells: Iterable[tuple[int, int]]) -> pl.DataFrame:
    return pl.DataFrame(sorted(set(cells)), schema={"row": pl.UInt32, "column": pl.UInt32}, orient="row")


UNUSED_SCHEMA = {"file": pl.String, "sheet": pl.String, "row": pl.UInt32, "column": pl.UInt32} | dict.fromkeys(
    ("fate", "reason", "value"), pl.String
)


def build_unused_frame(grid: Grid, cells: Sequence[pl.DataFrame], values: Values) -> pl.DataFrame:
    fate = pl.when(pl.col("reason") == "").then(pl.lit(UNREAD_FATE)).otherwise(pl.lit(SKIPPED))
    sheet_columns = {"file": pl.lit(grid.table.file), "sheet": pl.lit(grid.table.sheet)}
    at, listed = ["row", "column"], pl.concat(cells)
    texts = grid.cells.select(*at, "text", "kind").join(listed, on=at, how="semi")
    with_text = listed.join(texts, on=at, how="left", maintain_order="left")
    numbers, _ = read_numbers(with_text.with_columns(pl.col("text", "kind").fill_null("")), values, frozenset())
    return with_text.with_columns(**sheet_columns, fate=fate, value=numbers.fill_null("")).select(
        pl.col(name).cast(kind) for name, kind in UNUSED_SCHEMA.items()
    )


def select_figures(cells: pl.DataFrame, blocks: Sequence[Block]) -> pl.DataFrame:
    signs = sorted({(block.values.thousands, block.values.decimal) for block in blocks})
    marks = sorted({mark for block in blocks for mark, _ in block.values.marks})

    def holds_figure(text: str) -> bool:
        bare, _ = split_marks(text, marks)
        return any(is_number(bare, thousands, decimal) for thousands, decimal in signs)

    digits = cells.filter((pl.col("kind") == "number") | pl.col("text").str.contains(r"\d"))
    is_figure = [kind == "number" or holds_figure(text) for text, kind in digits.select("text", "kind").iter_rows()]
    return digits.filter(pl.Series(is_figure, dtype=pl.Boolean)).select("row", "column")


def find_unread(
    cells: pl.DataFrame, grid: Grid, mappings: Sequence[model.TableMapping]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the figures outside all blocks: ignored ones with the reason, and unread ones."""
    reason = pl.lit(None, pl.String)
    for ignored in (ignored for mapping in mappings for ignored in mapping.ignored):
        area = parse_range(ignored.cells)
        if area is not None and is_match(grid.table.sheet, ignored.sheet):
            is_inside = pl.col("row").is_between(area.first_row, area.last_row)
            is_inside &= pl.col("column").is_between(area.first_column, area.last_column)
            reason = pl.coalesce(reason, pl.when(is_inside).then(pl.lit(ignored.reason)))
    with_reason = cells.with_columns(reason=reason)
    return with_reason.drop_nulls(), with_reason.filter(pl.col("reason").is_null()).select("row", "column")


def has_mapped_file(grids: Sequence[Grid], mapping: model.TableMapping) -> bool:
    return any(is_match(PurePath(grid.table.file).name, PurePath(mapping.file).name) for grid in grids)


def find_other_layouts(grid: Grid, mapping: model.TableMapping, find_block: Locate) -> tuple[Layout, ...]:
    mapping_place = mapping.place or Place(mapping.id)
    layouts: list[Layout] = []
    for block in mapping.blocks if has_mapped_file([grid], mapping) else ():
        try:
            find_tables([grid.table], block.sheet, mapping_place)
            layouts += find_block(block, grid, mapping_place)
        except DeclarationError:
            continue
    return tuple(layouts)


def check_blocks_used(block_usages: Sequence[BlockUsage], context: ConversionContext) -> None:
    blocks: dict[tuple[str, int], list[BlockUsage]] = {}
    for block_usage in block_usages:
        blocks.setdefault((block_usage.layout.block.key, id(block_usage.layout.grid)), []).append(block_usage)
    for usages_of_block in blocks.values():
        if not any(block_usage.values.height for block_usage in usages_of_block):
            layout = usages_of_block[0].layout
            sheet = layout.table.sheet or layout.table.file
            place = layout.table.place(layout.corner.top, layout.corner.left)
            context.collector.add(RuleId.NO_OBSERVATION, [place], sheet=sheet, flow=context.flow.id)


def check_few_skipped(skipped: pl.DataFrame, grid: Grid, count: int, context: ConversionContext) -> None:
    """Report a sheet if answers omit more than half of its figures, unless these are few."""
    left_out = skipped.filter(pl.col("reason") == LEFT_OUT_BY_ANSWER).sort("row", "column")
    if left_out.height >= MIN_LEFT_OUT and left_out.height * 2 > count:
        rows = list(describe_spans(left_out["row"].unique().sort().to_list(), str))
        context.collector.add(
            RuleId.MOST_LEFT_OUT,
            grid.table.places(left_out),
            sheet=grid.table.sheet or grid.table.file,
            count=str(left_out.height),
            total=str(count),
            rows=f"{', '.join(rows[:MAX_SPANS])}{', …' if len(rows) > MAX_SPANS else ''}",
        )


def check_skips(
    unused_cells: pl.DataFrame, grids: Sequence[Grid], blocks: Sequence[Block], context: ConversionContext
) -> None:
    for grid in grids:
        for reason, places in list_unconfirmed_figures(unused_cells, grid, blocks):
            sheet = grid.table.sheet or grid.table.file
            context.collector.add(
                RuleId.LEFT_OUT_UNCONFIRMED, places, sheet=sheet, reason=reason, count=str(len(places))
            )


def list_unconfirmed_figures(
    unused_cells: pl.DataFrame, grid: Grid, blocks: Sequence[Block]
) -> Iterator[tuple[str, list[Place]]]:
    in_sheet = (pl.col("file") == grid.table.file) & (pl.col("sheet") == grid.table.sheet)
    open_ones = unused_cells.filter(in_sheet & pl.col("reason").str.ends_with(TO_CONFIRM))
    if open_ones.is_empty():
        return
    cells = select_figures(grid.cells.join(open_ones, on=["row", "column"], how="semi"), blocks)
    with_reason = cells.join(open_ones.select("row", "column", "reason"), on=["row", "column"], maintain_order="left")
    for (reason,), group in with_reason.group_by("reason", maintain_order=True):
        yield str(reason), grid.table.places(group)


def check_unlisted(layout: Layout, cells: pl.DataFrame, context: ConversionContext) -> None:
    """Report texts read as `otherwise`, once per component, since a label may have been renamed."""
    for component_map in layout.block.components:
        if not component_map.otherwise:
            continue
        meanings = Meanings(component_map, layout.block, context.flow)
        places_by_text = {
            text: place
            for text, place in list_read_texts(component_map, layout, cells)
            if text and meanings.find_code(text) == component_map.otherwise and not meanings.understands(text)
        }
        parameters = {
            "value": next(iter(places_by_text), ""),
            "component": component_map.component,
            "code": component_map.otherwise,
        }
        context.collector.add(
            RuleId.UNLISTED_TEXT,
            list(dict.fromkeys(places_by_text.values())),
            component_map.component,
            **parameters,
            count=str(len(places_by_text)),
        )


CELL = ("file", "sheet", "row", "column")


def check_read_once(datasets: Iterable[tuple[TableMapping, Dataset]]) -> None:
    """Raise `DeclarationError` if two mappings read the same figure, ignoring cells that are only summed."""
    read: list[tuple[TableMapping, pl.DataFrame]] = []
    for mapping, dataset in datasets:
        figures = list_read_figures(dataset)
        for other, other_figures in read:
            shared = figures.join(other_figures, on=CELL, how="semi", nulls_equal=True).sort(CELL)
            if shared.height:
                raise build_overlap_error(other, mapping, shared)
        read.append((mapping, figures))


def list_read_figures(dataset: Dataset) -> pl.DataFrame:
    values = dataset.origins.filter(pl.col("component").cast(pl.String) == dataset.flow.structure.measure.id)
    of_one_cell = values.filter(pl.len().over("observation") == 1)
    return of_one_cell.select(pl.col("file", "sheet").cast(pl.String), *CELL[2:]).unique()


def build_overlap_error(first: TableMapping, second: TableMapping, shared: pl.DataFrame) -> DeclarationError:
    names: Sequence[str] = [mapping.place.file if mapping.place else mapping.id for mapping in (first, second)]
    file, sheet, row, column = shared.select(CELL).row(0)
    more = f" and {write_count(shared.height - 1, 'more cell')}" if shared.height > 1 else ""
    return DeclarationError(
        f"{names[0]} and {names[1]} both read {Place(file, sheet or '', cell=format_cell(row, column))}{more}.",
        Place(names[1]),
        "Each figure belongs to one mapping. Remove one of the two (discard it if it is a draft), "
        "or leave these cells out of one.",
    )
