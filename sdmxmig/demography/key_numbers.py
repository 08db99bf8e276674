"""Keys as numbers: each code has a number, and a key is one number, so that equal keys are found without their texts.

Rules put observations together that agree in some dimensions. Of ten million of them the texts of a key take a
gigabyte, their numbers a tenth of it, and comparing them a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from sdmxmig.frames import values_of
from sdmxmig.lazily import pl

LARGEST = 2**63
"""Keys of so many combinations of codes or more do not fit into one number as they are."""
SMALL = 2**31
"""Numbers below are kept in 32 bits: polars compares them faster."""


class KeyNumbers:
    """The codes of the columns of a frame of text as numbers; what was not sent is a code of its own.

    >>> import polars as pl
    >>> numbers = KeyNumbers(pl.DataFrame({"SEX": ["F", "F", None], "AGE": ["_T", "Y1", "Y1"]}), ["SEX", "AGE"])
    >>> numbers.values["SEX"], numbers.codes("SEX").to_list(), numbers.of(["AGE"]).to_list()
    (['F', None], [0, 0, 1], [0, 1, 1])
    """

    def __init__(self, frame: pl.DataFrame, names: Sequence[str]) -> None:
        self.height = frame.height
        self.values: dict[str, list[str | None]] = {name: values_of(frame, name).to_list() for name in names}
        self._codes = {name: numbered(frame[name], values) for name, values in self.values.items() if len(values) > 1}
        self._distinct: dict[tuple[str, ...], bool] = {}

    @cached_property
    def constant(self) -> pl.Series:
        """The numbers of what is the same everywhere."""
        return pl.Series([0], dtype=pl.UInt32).new_from_index(0, self.height)

    def codes(self, name: str) -> pl.Series:
        """The numbers of the codes of a column: their positions among its `values`."""
        return self._codes.get(name, self.constant)

    def of(self, names: Sequence[str]) -> pl.Series:
        """One number for each row; those of two rows are equal where they agree in all of these columns."""
        number, combinations = self.constant, 1
        for name in (name for name in names if name in self._codes):
            count = len(self.values[name])
            if combinations * count >= LARGEST:
                number, combinations = closed_up(number)
            kind = pl.UInt32 if combinations * count < SMALL else pl.UInt64
            number, combinations = number.cast(kind) * count + self._codes[name].cast(kind), combinations * count
        return number

    def are_at(self, codes: Mapping[str, str]) -> pl.Series:
        """Which rows have all of these codes."""
        there = pl.Series([True]).new_from_index(0, self.height)
        for name, code in codes.items():
            values = self.values[name]
            there &= (self.codes(name) == values.index(code)) if code in values else False
        return there

    def are_distinct(self, names: Sequence[str]) -> bool:
        """Whether no two rows agree in all of these columns."""
        names = tuple(sorted(names))
        if names not in self._distinct:
            self._distinct[names] = self.of(names).n_unique() == self.height
        return self._distinct[names]


def in_order_of_appearance(numbers: pl.Series) -> pl.Series:
    """Other numbers for the same things: 0 for that which comes first, 1 for the next, and so on.

    >>> import polars as pl
    >>> in_order_of_appearance(pl.Series([7, 3, 7, 9])).to_list()
    [0, 1, 0, 2]
    """
    different = numbers.unique(maintain_order=True).rename("number").to_frame().with_row_index("place")
    return numbers.rename("number").to_frame().join(different, on="number", how="left", maintain_order="left")["place"]


def numbered(column: pl.Series, values: Sequence[str | None]) -> pl.Series:
    """The position of each text of a column among its values."""
    texts = [value for value in values if value is not None]
    if len(texts) == len(values):
        return column.cast(pl.Enum(texts)).to_physical()
    absent = values.index(None)
    order = [*texts[:absent], *texts[absent:]]
    positions = column.cast(pl.Enum(order)).to_physical().cast(pl.UInt32)
    return pl.select(
        pl.when(positions >= absent).then(positions + 1).otherwise(positions).fill_null(absent)
    ).to_series()


def closed_up(numbers: pl.Series) -> tuple[pl.Series, int]:
    """Numbers without gaps between them, and how many they are."""
    dense = numbers.rank("dense") - 1
    return dense, int(dense.max() or 0) + 1  # type: ignore[arg-type] # the largest of numbers is a number
