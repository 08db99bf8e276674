"""JSON-stat datasets: their cells, and as a table with one row per cell.

The table begins with the label of the dataset and its dimensions of one category. A column for each other dimension
follows, with its codes beside it where they are not the labels, and the values with their statuses. A status without a
value takes its place.

Source: the JSON-stat format, version 2.0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from sdmxmig.conversion.tables.readers import LEAVE_OUT, READERS, TableDraft, TableReader, allowance
from sdmxmig.io.intake.json import parse_json
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.tables import Table

Parts = Mapping[str, Any]
ROW_LIMIT = 1_000_000
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension; `labels` are those of its codes, which have the unit of a measure."""

    id: str
    label: str
    is_time: bool
    is_measure: bool
    labels: Mapping[str, str]

    @property
    def has_codes(self) -> bool:
        return not self.is_measure and any(code != label for code, label in self.labels.items())


@dataclass(frozen=True, slots=True)
class JsonStat:
    """A JSON-stat dataset; `cells` have the codes of their categories, a value and a status."""

    label: str
    extension: Parts
    dimensions: Sequence[Dimension]
    cells: Sequence[tuple[Sequence[str], str | None, str | None]]


def is_json_stat(content: bytes) -> bool:
    """Check whether a file is a JSON-stat dataset.

    >>> is_json_stat(b'{"version": "2.0", "class": "dataset", "id": [], "size": [], "dimension": {}, "value": []}')
    True
    """
    members = (b'"dimension"', b'"size"', b'"value"', b'"id"')
    return content[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and all(name in content for name in members)


def read_body(name: str, content: bytes) -> Parts:
    parsed = parse_json(content, name)
    body = parsed.get("dataset", parsed)
    return body if isinstance(body, dict) else {}


def parse_json_stat(name: str, content: bytes) -> JsonStat:
    """Read a JSON-stat dataset of version 1 or 2; raise `InputError` if it is inconsistent."""
    body = read_body(name, content)
    try:
        parts = body["dimension"]
        ids, sizes = body.get("id") or parts["id"], body.get("size") or parts["size"]
        if len({*ids}) < len(ids):
            raise ValueError("a dimension occurs twice")
        roles = body.get("role") or parts.get("role") or {}
        times, measures = (*roles.get("time", ()), "time", "TIME"), roles.get("metric", ())
        dimensions = [
            Dimension(
                id_,
                str(parts[id_].get("label") or id_),
                is_time=id_ in times,
                is_measure=id_ in measures,
                labels=read_labels(parts[id_]["category"], size),
            )
            for id_, size in zip(ids, sizes, strict=True)
        ]
        cells = read_cells(body, [list(dimension.labels) for dimension in dimensions])
        return JsonStat(str(body.get("label") or ""), body.get("extension") or {}, dimensions, cells)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        message = f"The JSON-stat dataset is inconsistent ({type(error).__name__}: {error})."
        raise InputError(message, Place(name), "Ask for the data again.") from None


def read_labels(category: Parts, size: int) -> dict[str, str]:
    """Return the label of each code, in order; raise ``ValueError`` if their number is not `size`.

    >>> units = {"PS": {"base": "thousand persons"}}
    >>> read_labels({"index": {"NO": 1, "PS": 0}, "label": {"PS": "Immigrants"}, "unit": units}, 2)
    {'PS': 'Immigrants (thousand persons)', 'NO': 'NO'}
    """
    names, units = category.get("label") or {}, category.get("unit") or {}
    index = category.get("index") or list(names)
    codes = sorted(index, key=index.__getitem__) if isinstance(index, dict) else list(index)
    if len(codes) != size or (isinstance(index, dict) and len({*index.values()}) != size):
        raise ValueError(f"{len(codes)} categories instead of {size}")
    labels = {}
    for code in codes:
        unit = units.get(code) or {}
        in_unit = unit.get("label") or unit.get("base") or ""
        labels[str(code)] = f"{names.get(code) or code} ({in_unit})" if in_unit else str(names.get(code) or code)
    return labels


def read_cells(body: Parts, codes: Sequence[Sequence[str]]) -> list[tuple[Sequence[str], str | None, str | None]]:
    """Return the cells with a value or status; raise ``IndexError`` or ``ValueError`` for inconsistent ones."""
    count, status = prod(len(of_dimension) for of_dimension in codes), body.get("status") or {}
    values = index_texts(body["value"], count)
    one = [status] if isinstance(status, str) else status
    is_common = isinstance(one, list) and len(one) == 1 and one[0] is not None
    statuses = dict.fromkeys(values, format_number(one[0])) if is_common else index_texts(one, count)
    cells: list[tuple[Sequence[str], str | None, str | None]] = []
    for number in sorted(values.keys() | statuses.keys()):
        if not 0 <= number < count:
            raise IndexError(f"cell {number} of {count}")
        chosen, rest = [], number
        for of_dimension in reversed(codes):
            rest, position = divmod(rest, len(of_dimension))
            chosen.append(of_dimension[position])
        cells.append((chosen[::-1], values.get(number), statuses.get(number)))
    return cells


def index_texts(listed: Any, count: int) -> dict[int, str]:
    if not isinstance(listed, dict) and (not isinstance(listed, list) or len(listed) != count):
        raise ValueError(f"not a list of {count} cells")
    pairs = listed.items() if isinstance(listed, dict) else enumerate(listed)
    return {int(number): format_number(value) for number, value in pairs if value is not None}


def format_number(value: object) -> str:
    """Write a number, whole numbers without a decimal point.

    >>> format_number(5.0), format_number(0.25), format_number("p")
    ('5', '0.25', 'p')
    """
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def read(name: str, content: bytes) -> tuple[Table, ...]:
    """Read a JSON-stat dataset as a table; raise `InputError` if it is inconsistent or too large."""
    dataset = parse_json_stat(name, content)
    if len(dataset.cells) > ROW_LIMIT:
        raise InputError(f"The dataset has more than {ROW_LIMIT} cells.", Place(name), LEAVE_OUT)
    shown = [at for at, each in enumerate(dataset.dimensions) if len(each.labels) > 1 or each.is_time]
    titles = [dataset.label]
    heads: list[str] = []
    for at, each in enumerate(dataset.dimensions):
        if at in shown:
            heads += [f"CODES({each.label})", each.label] if each.has_codes else [each.label]
        else:
            titles += [f"{each.label}: {label}" for label in each.labels.values()]
    rows = [*([title] for title in titles if title), [*heads, "value", "status"]]
    for codes, value, status in dataset.cells:
        labels: list[str] = []
        for at in shown:
            each, code = dataset.dimensions[at], codes[at]
            labels += [code, each.labels[code]] if each.has_codes else [each.labels[code]]
        rows.append([*labels, value, status or ""] if value else [*labels, status or ""])
    draft = TableDraft(name, "dataset", allowance=allowance())
    for row, texts in enumerate(rows, start=1):
        for column, text in enumerate(texts, start=1):
            is_value = column == len(heads) + 1 and NUMBER.fullmatch(text) is not None
            draft.add((row, column), (text, "number" if is_value else "text"))
    return (draft.table(),)


READERS.add("json-stat")(TableReader("json-stat", (".json",), magic=b"", read=read, recognises=is_json_stat))
