"""The content of a field: labelled codes, multiple values, texts in several languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from sdmxmig.primitives import periods
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.sdmx_csv.columns import LABEL, Column
from sdmxmig.sdmx.model.data_structures import Component

TEXTS = pl.List(pl.Struct({"language": pl.String, "text": pl.String}))


class NotOneValueError(ValueError):
    """A field holds several values where the structure allows one."""


def kind_of(component: Component) -> pl.DataType:
    if component.is_multilingual:
        return TEXTS
    return pl.List(pl.String) if component.is_array else pl.String()


def has_codes(component: Component) -> bool:
    return component.is_coded or component.role in ("dimension", "time")


# -- reading --------------------------------------------------------------------------------------------------------


def read_cells(cells: pl.Series, component: Component, column: Column, inner: str) -> pl.Series:
    """Parse the fields of a component.

    Raises `NotOneValueError` for several values where one is allowed.
    """
    kind = kind_of(component)
    if kind == pl.String and not column.labelled and column.languages is None:
        return cells
    distinct = cells.drop_nulls().unique()
    read: Callable[[str], Any] = _reader(component, column, inner)
    values = pl.Series("value", [read(cell) for cell in distinct], dtype=kind)
    if kind == pl.String:
        return cells.replace_strict(distinct, values, return_dtype=pl.String)
    table = pl.DataFrame({"cell": distinct, "value": values})
    joined = pl.DataFrame({"cell": cells}).join(table, on="cell", how="left", maintain_order="left")
    return joined["value"]


def _reader(component: Component, column: Column, inner: str) -> Callable[[str], Any]:
    unlabelled: Callable[[str], str] = _plain
    if column.labelled:
        unlabelled = _code if has_codes(component) else _repeated

    def read(cell: str) -> Any:
        if component.is_multilingual:
            return _languages(cell, column.languages, inner)
        if column.languages is None:
            return [unlabelled(cell)] if component.is_array else unlabelled(cell)
        values = [None if part is None else unlabelled(part) for part in split(cell, inner)]
        if component.is_array:
            return values
        if len(values) > 1:
            raise NotOneValueError(cell)
        return values[0]

    return read


def _plain(cell: str) -> str:
    return cell


def _code(cell: str) -> str:
    return cell.partition(LABEL)[0]


def _repeated(cell: str) -> str:
    """Strip the label of an uncoded value, which some senders repeat: ``1: 1``."""
    half, odd = divmod(len(cell) - len(LABEL), 2)
    is_repeated = not odd and half >= 0 and cell[half : half + len(LABEL)] == LABEL
    return cell[:half] if is_repeated and cell[:half] == cell[half + len(LABEL) :] else cell


def split(cell: str, inner: str) -> list[str | None]:
    """Split a field into values; a quoted value may contain the separator.

    >>> split('a;"b;c";;d', ";")
    ['a', 'b;c', None, 'd']
    """
    values: list[str | None] = []
    position = 0
    while True:
        if cell.startswith('"', position):
            end = position + 1
            while (end := cell.find('"', end)) >= 0 and cell.startswith('""', end):
                end += 2
            if end < 0 or not (end + 1 == len(cell) or cell.startswith(inner, end + 1)):
                end = -1
            else:
                values.append(cell[position + 1 : end].replace('""', '"'))
                position = end + 1
        else:
            end = -1
        if end < 0:
            stop = cell.find(inner, position)
            stop = len(cell) if stop < 0 else stop
            values.append(cell[position:stop] or None)
            position = stop
        if position >= len(cell):
            return values
        position += 1


def _languages(cell: str, languages: Sequence[str] | None, inner: str) -> list[dict[str, str | None]]:
    """The texts of a field with their languages; a quoted set of texts is taken apart too."""
    if languages is None:
        return [{"language": None, "text": cell}]
    texts: list[dict[str, str | None]] = []
    for text_set in split(cell, inner):
        parts = split(text_set or "", inner)
        named = [part is not None and part.partition(":")[0] in languages and ":" in part for part in parts]
        for part in parts if all(named) else [text_set]:
            language, colon, text = (part or "").partition(":")
            if colon and language in languages:
                texts.append({"language": language, "text": text})
            else:
                texts.append({"language": None, "text": part or ""})
    return texts


# -- writing --------------------------------------------------------------------------------------------------------


def join(values: Iterable[str | None], inner: str) -> str:
    return inner.join("" if value is None else quoted(value, inner) for value in values)


def quoted(value: str, inner: str) -> str:
    if value and inner not in value and not value.startswith('"'):
        return value
    return '"' + value.replace('"', '""') + '"'


def write_cells(
    values: pl.Series,
    component: Component,
    names: Mapping[str, str] | None,
    languages: Sequence[str] | None,
    inner: str,
) -> pl.Series:
    """Write the values of a component as fields.

    `names` are the names of its codes, or None to hide them; `languages` is None for single values.

    Raises `SdmxmigError` for values that could not be read back.
    """
    if values.dtype == pl.String and languages is None and names is None:
        return values
    if values.dtype == pl.Null:
        return values.cast(pl.String)
    labelled = _labeller(component, names)

    def write(value: Any) -> str | None:
        if value is None or (isinstance(value, pl.Series) and value.is_empty()):
            return None
        if isinstance(value, str):
            return labelled(value) if languages is None else join([labelled(value)], inner)
        if value.dtype == pl.String:
            return join([None if text is None else labelled(text) for text in value], inner)
        return write_languages(component.id, value.to_list(), languages or (), inner)

    if values.dtype == pl.String:
        distinct = values.drop_nulls().unique()
        fields = pl.Series([write(text) for text in distinct], dtype=pl.String)
        return values.replace_strict(distinct, fields, return_dtype=pl.String)
    return pl.Series(values.name, [write(value) for value in values], dtype=pl.String)


def _labeller(component: Component, names: Mapping[str, str] | None) -> Callable[[str], str]:
    if names is None:
        return _plain

    def of_code(value: str) -> str:
        if LABEL in value:
            hint = "Write the ids alone."
            raise SdmxmigError(f"“{value}” of {component.id} could not be told from a code with its name.", hint=hint)
        return f"{value}{LABEL}{names[value]}" if value in names else value

    def of_text(value: str) -> str:
        return f"{value}{LABEL}{value}" if _repeated(value) != value else value

    return of_code if has_codes(component) else of_text


def write_languages(name: str, texts: Sequence[Mapping[str, str | None]], languages: Sequence[str], inner: str) -> str:
    """Write texts in several languages as one field; a repeated language starts a new set.

    Raises `SdmxmigError` for texts that could not be read back.
    """
    expected = [{"language": text["language"], "text": text["text"] or ""} for text in texts]
    sets: list[list[str]] = []
    used_languages: set[str | None] = set()
    for entry in expected:
        if entry["language"] in used_languages or not sets:
            sets.append([])
            used_languages = set()
        used_languages.add(entry["language"])
        sets[-1].append(entry["text"] or "" if entry["language"] is None else f"{entry['language']}:{entry['text']}")
    plain = join((text for text_set in sets for text in text_set), inner)
    in_sets = inner.join('"' + join(text_set, inner).replace('"', '""') + '"' for text_set in sets)
    for cell in (plain, in_sets) if len(sets) == 1 else (in_sets,):
        if _languages(cell, languages, inner) == expected:
            return cell
    message = f"“{expected[0]['text']}” of {name} could not be told from texts with their languages."
    raise SdmxmigError(message, hint="Say in which language each text is.")


def first_day(text: str) -> str:
    """Return the first day of a period; moments and other texts stay unchanged.

    >>> first_day("2014-Q2"), first_day("2014-01-15/P1M"), first_day("2014-01-15T12:00:00")
    ('2014-04-01', '2014-01-15', '2014-01-15T12:00:00')
    """
    start, slash, _ = text.partition("/")
    period = periods.parse(start)
    if period is not None:
        return period.first_day.isoformat()
    return start if slash and is_moment(start) else text


def is_moment(text: str) -> bool:
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def first_days(values: pl.Series) -> pl.Series:
    distinct = values.drop_nulls().unique()
    days = pl.Series([first_day(text) for text in distinct], dtype=pl.String)
    return values.replace_strict(distinct, days, default=None, return_dtype=pl.String)
