"""Application of user notes to figures."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sdmxmig.conversion.mapping.grid import translated
from sdmxmig.conversion.mapping.sourced_values import SourcedValues, everywhere, joined_remarks
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.data import Noted

SAID, ROW, COLUMN, IS_MEANT = "said", "row", "column", "meant"


def figures_meant(
    noted: Noted, components: Mapping[str, SourcedValues], fixed: Mapping[str, str], count: int
) -> pl.Series:
    meant = pl.repeat(value=True, n=count, dtype=pl.Boolean, eager=True)
    for name, code in noted.where:
        if name in components:
            meant &= components[name].values.eq_missing(pl.Series([code]))
        elif fixed.get(name) != code:
            meant &= False
    return meant


def with_notes(
    notes: Sequence[Noted],
    components: Mapping[str, SourcedValues],
    fixed: Mapping[str, str],
    count: int,
    *,
    free: Collection[str],
) -> dict[str, SourcedValues]:
    """Add user notes to components.

    Notes override codes and are appended to `free` texts; they have no cell.
    """
    changed = dict(components)
    for noted in notes:
        meant = figures_meant(noted, components, fixed, count)
        for name, text in noted.attributes if meant.any() else ():
            before = changed[name] if name in changed else everywhere(fixed.get(name), count)
            changed[name] = with_note(before, text, meant, adds=name in free)
    return changed


def with_note(before: SourcedValues, text: str, meant: pl.Series, *, adds: bool) -> SourcedValues:
    """The values of an attribute with a text for the figures that are meant: in place of another, or behind it."""
    frame = pl.DataFrame({SAID: before.values, ROW: before.rows, COLUMN: before.columns, IS_MEANT: meant})
    if adds:
        longer = translated(frame[SAID], lambda remark: joined_remarks([remark, text])).fill_null(text)
        return SourcedValues(
            frame.with_columns(longer=longer).select(pl.when(IS_MEANT).then("longer").otherwise(SAID)).to_series(),
            frame[ROW],
            cell_columns=frame[COLUMN],
        )
    changed = frame.select(
        pl.when(IS_MEANT).then(pl.lit(text)).otherwise(SAID).alias(SAID),
        *(pl.when(~pl.col(IS_MEANT)).then(name).alias(name) for name in (ROW, COLUMN)),
    )
    return SourcedValues(changed[SAID], changed[ROW], cell_columns=changed[COLUMN])
