"""Contributors to figures, from internal data of the office.

Counts of persons have none; other figures do: employers for permits, schools for students. A dominant contributor can
infer the others, and others can infer it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import InputError, SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import np, pl
from sdmxmig.primitives.places import Place
from sdmxmig.quality.disclosure.problem import DominanceRules, rises

if TYPE_CHECKING:
    from sdmxmig.sdmx.model.data import Flow

FLOW, CONTRIBUTOR, GIVES = "flow", "contributor", "value"
"""The columns of a table of contributions that are no dimensions."""
TOTAL = "_T"
MOST_DIMENSIONS = 10
"""By so many dimensions contributions are added up to totals: each doubles the number of totals."""
CLOSE = 1e-6
ROW, RISE = "row", "rise"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contributions:
    """Contributions to a dataflow; `frame` has `dimensions`, `contributor`, `value`."""

    flow: Flow
    frame: pl.DataFrame
    dimensions: tuple[str, ...]
    place: Place


def parse_contributions(name: str, content: bytes, flows: Mapping[str, Flow]) -> tuple[Contributions, ...]:
    """Read contributions from CSV: dimension columns, `contributor`, `value`, optional `flow`.

    Raises `InputError` for unknown columns or dataflows and negative or invalid values.
    """
    place = Place(name)
    try:
        frame = pl.read_csv(io.BytesIO(content.removeprefix(b"\xef\xbb\xbf")), infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise InputError("This is not a table of contributions.", place, "Write CSV with a head, in UTF-8.") from error
    for column in (CONTRIBUTOR, GIVES):
        if column not in frame.columns:
            raise InputError(f"There is no column “{column}”.", place, did_you_mean(column, frame.columns))
    if FLOW not in frame.columns:
        if len(flows) != 1:
            raise InputError(f"There is no column “{FLOW}”.", place, f"It names one of: {', '.join(sorted(flows))}.")
        frame = frame.with_columns(pl.lit(next(iter(flows))).alias(FLOW))
    contributed = frame.with_columns(pl.col(GIVES).str.strip_chars().cast(pl.Float64, strict=False)).with_row_index(
        "line"
    )
    wrong = contributed.filter((pl.col(GIVES).is_finite() & (pl.col(GIVES) >= 0)).fill_null(value=False).not_())
    if not wrong.is_empty():
        line = int(wrong["line"][0])
        message = f"“{frame[GIVES][line] or ''}” in line {line + 2} is not a number from zero on."
        raise InputError(message, place, "A contribution is a number of what is counted.")
    return tuple(
        of_flow(str(key), part, flows, place) for (key,), part in contributed.group_by(FLOW, maintain_order=True)
    )


def of_flow(name: str, frame: pl.DataFrame, flows: Mapping[str, Flow], place: Place) -> Contributions:
    if name not in flows:
        raise InputError(f"There are no data of “{name}”.", place, did_you_mean(name, flows))
    key = flows[name].structure.key
    columns = [column for column in frame.columns if column not in (FLOW, CONTRIBUTOR, GIVES, "line")]
    used = [column for column in columns if frame[column].null_count() < frame.height]
    for column in used:
        if column not in key:
            raise InputError(f"{name} has no dimension “{column}”.", place, did_you_mean(column, key))
        if frame[column].null_count():
            line = int(frame.filter(pl.col(column).is_null())["line"][0])
            raise InputError(f"There is no code of {column} in line {line + 2}.", place, f"Write {TOTAL} for all.")
        codelist = flows[name].codelist(column)
        for code in frame[column].unique(maintain_order=True):
            if codelist is not None and code not in codelist:
                raise InputError(f"There is no code “{code}” of {column}.", place, did_you_mean(code, codelist.ids))
    return Contributions(
        flow=flows[name], frame=frame.select(*used, CONTRIBUTOR, GIVES), dimensions=tuple(used), place=place
    )


def check_described(figures: Iterable[pl.DataFrame], contributions: Contributions) -> None:
    """Refuse contributions to no figure and no total: the figure that was meant would stay unprotected."""
    keys = list(contributions.dimensions)
    none = contributions.frame.select(keys).clear()
    cells = pl.concat([none, *(cells_of(frame, contributions).select(keys) for frame in figures)])
    if not keys:
        message = f"There is no column of a dimension of {contributions.flow.id}."
        raise InputError(message, contributions.place, "Add one that tells figures apart, such as TIME_PERIOD.")
    unused = contributions.frame.unique(keys, maintain_order=True)
    for names in [(), *subsets([name for name in keys if is_summed(name, contributions)])]:
        totals = unused.with_columns([pl.lit(TOTAL).alias(name) for name in names])
        described = totals.select(keys).join(
            cells.with_columns(met=True).unique(), on=keys, how="left", maintain_order="left"
        )
        unused = unused.filter(described["met"].is_null())
    for row in unused.select(keys).iter_rows():
        key = ", ".join(f"{name}={code}" for name, code in zip(keys, row, strict=True))
        message = f"There is no figure of {contributions.flow.id} with {key}."
        raise InputError(message, contributions.place, "Correct the codes, or leave out the lines.")


def dominated_figures(
    figures: pl.DataFrame, contributions: Contributions, rules: DominanceRules
) -> tuple[pl.DataFrame, int]:
    """Find figures dominated by few contributors: ``row``, ``rise``; and the number judged.

    The remainder of a figure belongs to others, each at most as large as the last named. Raises `SdmxmigError` if
    contributions exceed a figure.
    """
    cells = cells_of(figures, contributions)
    behind = contributors_of(cells, contributions)
    if behind.is_empty():
        return pl.DataFrame(schema={ROW: pl.UInt32, RISE: pl.Float64}), 0
    sums = behind.group_by(ROW, maintain_order=True).agg(pl.col(GIVES).sum(), pl.col("is_told").first())
    sums = sums.join(figures.select(ROW, amount="value", slack="half"), on=ROW, how="left", maintain_order="left")
    too_much = pl.col(GIVES) > pl.col("amount") + pl.col("slack") + CLOSE
    excessive = sums.filter(too_much, pl.col("is_told"))
    if not excessive.is_empty():
        named = figures.filter(pl.col(ROW) == excessive[ROW][0]).select(contributions.dimensions).row(0)
        key = ", ".join(f"{name}={code}" for name, code in zip(contributions.dimensions, named, strict=True))
        gives, amount = excessive[GIVES][0], excessive["amount"][0]
        message = f"Contributors give {gives:g} to {contributions.flow.id} {key}, which is {amount:g}."
        raise SdmxmigError(message, contributions.place, "Correct the contributions, or the figure.")
    judged = sums.filter(too_much.not_(), pl.col("amount").is_not_null()).with_row_index("cell")
    behind = behind.join(judged.select(ROW, "cell"), on=ROW, how="inner", maintain_order="left")
    needed = rises(
        behind["cell"].to_numpy().astype(np.int64),
        behind[GIVES].to_numpy().astype(np.float64),
        judged["amount"].to_numpy().astype(np.float64),
        rules,
    )
    return judged.select(ROW, pl.Series(RISE, needed)).filter(pl.col(RISE) > 0), judged.height


def cells_of(figures: pl.DataFrame, contributions: Contributions) -> pl.DataFrame:
    """Return the figures that contributions describe: totals of all dimensions that they do not name."""
    structure = contributions.flow.structure
    for name in structure.key:
        codelist = contributions.flow.codelist(name)
        if name in contributions.dimensions or name not in figures.columns:
            continue
        if codelist is not None and TOTAL in codelist:
            figures = figures.filter(pl.col(name) == TOTAL)
        elif figures[name].n_unique() > 1:
            message = f"Contributions to {contributions.flow.id} have no column “{name}”, which tells figures apart."
            raise InputError(message, contributions.place, f"Add it, with codes such as {figures[name][0]}.")
    return figures


def contributors_of(cells: pl.DataFrame, contributions: Contributions) -> pl.DataFrame:
    keys = list(contributions.dimensions)
    behind = [with_key(contributions.frame, keys, is_told=True)]
    summed = [name for name in keys if is_summed(name, contributions)]
    if len(summed) > MOST_DIMENSIONS:
        message = (
            f"Contributions to {contributions.flow.id} are by {len(summed)} dimensions, at most {MOST_DIMENSIONS}."
        )
        raise InputError(
            message, contributions.place, "Give those to totals for themselves, in files of fewer columns."
        )
    leaves = contributions.frame.filter([pl.col(name) != TOTAL for name in summed])
    for names in subsets(summed):
        totals = leaves.with_columns([pl.lit(TOTAL).alias(name) for name in names])
        behind.append(with_key(totals, keys, is_told=False))
    rows = cells.select(ROW, *keys)
    parts = [part.join(rows, on=keys, how="inner", maintain_order="left") for part in behind]
    own = parts[0][ROW].unique()
    return pl.concat([parts[0], *(part.filter(~pl.col(ROW).is_in(own.implode())) for part in parts[1:])])


def with_key(frame: pl.DataFrame, keys: Sequence[str], *, is_told: bool) -> pl.DataFrame:
    return (
        frame.group_by(*keys, CONTRIBUTOR, maintain_order=True)
        .agg(pl.col(GIVES).sum())
        .with_columns(pl.lit(is_told).alias("is_told"))
    )


def is_summed(name: str, contributions: Contributions) -> bool:
    codelist = contributions.flow.codelist(name)
    return codelist is not None and TOTAL in codelist and bool((contributions.frame[name] != TOTAL).any())


def subsets(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (chosen for size in range(1, len(names) + 1) for chosen in combinations(names, size))
