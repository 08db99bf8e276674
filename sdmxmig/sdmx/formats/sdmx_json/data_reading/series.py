"""Series or observations of a dataset: by the fast reader where safe, else one by one, which finds faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import compress, repeat
from typing import Any

import msgspec
import numpy as np
import polars as pl

from sdmxmig.io.intake.json import parse_json
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats.duplicates import PackedKeys, find_duplicate
from sdmxmig.sdmx.formats.faults import report_fault
from sdmxmig.sdmx.formats.sdmx_json.data_reading.facts import check_rest, convert_reported_cells, iterate_trailing_notes
from sdmxmig.sdmx.formats.sdmx_json.data_reading.listing import (
    INDEX,
    DatasetPiece,
    DatasetReading,
    ListedComponent,
    PlaceOf,
    build_key_pattern,
    is_plain,
    note_numbers,
    read_column,
    read_dimension_values,
    read_key_columns,
    walk,
)
from sdmxmig.sdmx.formats.sdmx_json.nodes import Node
from sdmxmig.sdmx.formats.sdmx_json.runs import MemberRun, cut_members, cut_runs
from sdmxmig.sdmx.formats.sdmx_json.walk import SPANS, SeekableInput, Span


def iterate_pieces(reading: DatasetReading, spans: Mapping[str, Span], opened: SeekableInput) -> Iterator[DatasetPiece]:
    """Yield the series or observations of a dataset in at least one piece, which may be empty."""
    for kind in SPANS:
        content = reading.node.get(kind, dict)
        if content is not None and content.value:
            raise content.wrong("Too many blanks stand before it.", "Remove them.")
    filled = {kind: span for kind, span in spans.items() if not opened.is_blank(span.start, span.end)}
    if len(filled) > 1:
        raise reading.node.wrong("The dataset has both series and observations.", "Send two datasets.")
    for kind, span in filled.items():
        yield from (order_key_columns(piece, reading) for piece in Members(reading, kind).pieces(span, opened))
    if not filled:
        yield order_key_columns(read_piece({}, "series" if "series" in spans else "observations", reading), reading)


class Members:
    def __init__(self, reading: DatasetReading, kind: str) -> None:
        self.reading, self.kind = reading, kind
        self.node = reading.node.at(kind)
        self.inner = [dimension.id for dimension in reading.listing.of("dimension", "observation")]
        outer = [dimension.id for dimension in reading.listing.of("dimension", "series")]
        self.key = outer if kind == "series" else outer + self.inner
        self.fast = ColumnReader(reading, kind)
        self.keys = PackedKeys()

    def pieces(self, span: Span, opened: SeekableInput) -> Iterator[DatasetPiece]:
        for run in cut_runs(opened, span, self.kind):
            piece = self.fast.read(run)
            if piece is None or self._has_duplicates(piece):
                piece = read_piece(self._parse_each(run, opened), self.kind, self.reading)
                if self._has_duplicates(piece):  # such as “1” and “01”
                    report_fault(
                        self.reading.faults, self.node.wrong("Two members have the same key.", "Keep one of them.")
                    )
            members = piece.codes if piece.parents is None or piece.heads is None else piece.heads
            self.keys.add(members.select(self.key))
            yield piece
        duplicate = self.keys.find_any_duplicate()
        if duplicate is not None:
            message = f"The member “{':'.join(map(str, duplicate))}” occurs twice in one object."
            hint = "Keep one of them. Programs differ in which one they read."
            report_fault(self.reading.faults, self.node.wrong(message, hint))

    def _parse_each(self, run: MemberRun, opened: SeekableInput) -> dict[str, Any]:
        """Parse the members of a run; leniently, readable ones and the first of duplicates."""
        faults = self.reading.faults
        try:
            return run.parsed(opened, self.node.pointer)
        except InputError:
            if faults is None:
                raise
        members: dict[str, Any] = {}
        for member_run in cut_members(run):
            try:
                for name, value in member_run.parsed(opened, self.node.pointer).items():
                    if name in members:
                        faults.note(self.node.wrong(f"The member “{name}” occurs twice in one object."))
                    members.setdefault(name, value)
            except InputError as error:
                faults.note(error)
        return members

    def _has_duplicates(self, piece: DatasetPiece) -> bool:
        if piece.parents is None or piece.heads is None:
            return find_duplicate(piece.codes.select(self.key)) is not None
        if find_duplicate(piece.heads.select(self.key)) is not None:
            return True
        if len(self.inner) == 1:
            key, parents = piece.codes[self.inner[0]], piece.parents
            if ((key > key.shift(1)) | (parents != parents.shift(1))).all():
                return False
        return bool(piece.codes.select(piece.parents.alias("parents"), *self.inner).is_duplicated().any())


def order_key_columns(piece: DatasetPiece, reading: DatasetReading) -> DatasetPiece:
    key = reading.structure.key
    codes = piece.codes.select(*key) if piece.height else pl.DataFrame(schema=dict.fromkeys(key, INDEX))
    heads = piece.heads
    if heads is not None:
        heads = heads.select(*(name for name in key if name in heads.columns))
    return replace(piece, codes=codes, heads=heads)


KEY, NOTHING = "key", "nothing"
MAX_TRIES = 3
LINE_BREAKS = b"\t\r\n"
OBSERVATIONS_START = b'"observations":{'
ATTRIBUTES_START = b'":{"attributes":['
SINGLE_VALUE = r'^(?:"[^"]*"|[^"\[\]{} ]*)$'
COVERED_SIGNS = b'"\\,[]{}: '
COVER = bytes((4, 5, 6, 7, 14, 15, 16, 17, 18))
"""Control characters that replace syntax; JSON texts cannot contain them."""
HIDE_TABLE = bytes.maketrans(COVERED_SIGNS[2:], COVER[2:])
SHOW_TABLE = bytes.maketrans(COVER, COVERED_SIGNS)
HIDDEN_BYTES = r"[\x04-\x07\x0e-\x12]"

Table = tuple[dict[str, pl.Series], dict[str, pl.Series], int]


class IrregularRun(Exception):  # noqa: N818 - no fault: the run is read another way
    """The run is not regular."""


class ColumnReader:
    def __init__(self, reading: DatasetReading, kind: str) -> None:
        self.reading, self.kind = reading, kind
        listing = reading.listing
        self.outer = listing.of("dimension", "series")
        self.inner = listing.of("dimension", "observation")
        self.of_series = listing.of("attribute", "series")
        self.sheltered = False
        self.failures = 0
        if kind == "observations":
            self.inner = [*self.outer, *self.inner]
        usual = all(self._is_usual(component) for component in (*reading.observation, *self.of_series))
        listed = listing.of("dimension")
        single = all(
            component.values is not None and component.values.len() == 1
            for component in listed
            if component.id in reading.fixed
        )
        entire = set(reading.structure.key) <= {component.id for component in listed}
        self.fits = usual and single and entire and bool(self.inner) and (kind == "observations" or bool(self.outer))

    def _is_usual(self, listed: ListedComponent) -> bool:
        component = self.reading.names.get(listed.id)
        if listed.id in self.reading.reported:
            return False
        return listed.nested is None and (component is None or is_plain(component))

    def read(self, run: MemberRun, /) -> DatasetPiece | None:
        """Read a run; return None if the careful reader must read it."""
        if not self.fits or self.failures > MAX_TRIES or not run.is_sound():
            return None
        text = replace_escapes(run.text.translate(None, LINE_BREAKS))
        ways = [False, True] if not self.sheltered else [True]
        for sheltered in ways:
            try:
                piece = self._read(hide_quoted_characters(text) if sheltered else text)
            except (IrregularRun, InputError, pl.exceptions.PolarsError, msgspec.DecodeError, UnicodeDecodeError):
                continue
            self.sheltered, self.failures = sheltered, 0
            return piece
        self.failures += 1
        return None

    def _read(self, text: bytes) -> DatasetPiece:
        if self.kind == "observations":
            codes, columns, height = self._read_observations(text.strip())
            return DatasetPiece(add_fixed_dimensions(pl.DataFrame(codes), height, self.reading), columns)
        first_head, *parts = text.split(OBSERVATIONS_START)
        bodies, heads = [], [first_head]
        for part in parts:
            end = part.find(b"}")
            bodies.append(part[:end].strip())
            heads.append(part[end:])
        piece, owners = self._read_heads(OBSERVATIONS_START.join(heads), len(bodies))
        codes, columns, height = self._read_observations(b",".join(body for body in bodies if body))
        counts = np.array([body.count(b'],"') + 1 if body else 0 for body in bodies], np.uint32)
        parents = pl.Series(np.repeat(owners, counts), dtype=INDEX)
        if parents.len() != height or piece.heads is None:
            raise IrregularRun
        outer = {name: column.gather(parents) for name, column in piece.heads.to_dict().items()}
        whole = pl.DataFrame({**outer, **codes})
        return replace(piece, codes=whole, columns=columns, parents=parents)

    def _read_heads(self, text: bytes, count: int) -> tuple[DatasetPiece, np.ndarray[tuple[int], np.dtype[np.uint32]]]:
        """Return `count` series without observations, and the numbers of those that have observations."""
        try:
            codes, columns, height = self._parse(read_head_lines(text.strip()), self.outer, self.of_series)
            heads = add_fixed_dimensions(pl.DataFrame(codes), height, self.reading)
            if height != count:
                raise IrregularRun
        except (IrregularRun, pl.exceptions.PolarsError):
            members = parse_json(b"{" + text.translate(SHOW_TABLE) + b"}", "")
            piece = read_piece(members, "series", replace(self.reading, faults=None))
            observations = [body.get("observations") for body in members.values()]
            if piece.height or sum(observed is not None for observed in observations) != count:
                raise IrregularRun from None
            return piece, np.flatnonzero([observed is not None for observed in observations]).astype(np.uint32)
        return DatasetPiece(pl.DataFrame(), {}, parents=None, heads=heads, attributes=columns), np.arange(
            count, dtype=np.uint32
        )

    def _read_observations(self, text: bytes) -> Table:
        if text and not (text.startswith(b'"') and text.endswith(b"]")):
            raise IrregularRun
        lines = text.replace(b'],"', b"\n").replace(b'":[', b",")[1:-1]
        return self._parse(lines, self.inner, self.reading.observation)

    def _parse(self, lines: bytes, dimensions: Sequence[ListedComponent], listed: Sequence[ListedComponent]) -> Table:
        names = [str(number) for number in range(len(listed))] or [NOTHING]
        by_name = dict(zip(names, listed, strict=False))
        whole = [name for name in names if name in by_name and self._find_default(by_name[name]) is None]
        types = {name: INDEX if name in whole and by_name[name].values is not None else pl.String for name in names}
        table = pl.read_csv(
            b"0" + b"," * len(names) + b"\n" + lines,  # the first line determines the number of columns
            has_header=False,
            schema={KEY: pl.String, **types},
            quote_char=None,
            null_values=dict.fromkeys(whole, "null"),
        )[1:]
        if lines and table.height != lines.count(b"\n") + 1:
            raise IrregularRun
        if NOTHING in types and table[NOTHING].null_count() < table.height:
            raise IrregularRun
        codes = read_indices(table[KEY], dimensions)
        columns = {
            component.id: resolve_values(table[name], component, self._find_default(component))
            for name, component in by_name.items()
            if component.id in self.reading.names
        }
        for name, component in by_name.items():
            if component.id not in self.reading.names:
                check_tokens(table[name])
        return codes, columns, table.height

    def _find_default(self, listed: ListedComponent) -> str | None:
        return listed.default if self.reading.defaults else None


def read_head_lines(text: bytes) -> bytes:
    if OBSERVATIONS_START + b"}}" in text:
        text = text.replace(b'":{"observations":{}}', ATTRIBUTES_START + b'],"observations":{}}')
    end = b'],"observations":{}}'
    if not text.startswith(b'"') or not text.endswith(end):
        raise IrregularRun
    return text[1 : -len(end)].replace(end + b',"', b"\n").replace(ATTRIBUTES_START, b",")


def read_indices(keys: pl.Series, dimensions: Sequence[ListedComponent]) -> dict[str, pl.Series]:
    keys = keys.str.replace_all(chr(COVER[COVERED_SIGNS.index(b":")]), ":", literal=True) if keys.len() else keys
    if keys.null_count() or not keys.str.contains(build_key_pattern(len(dimensions))).all():
        raise IrregularRun
    names = [dimension.id for dimension in dimensions]
    if len(names) == 1 or not keys.len():
        columns = dict.fromkeys(names, keys.cast(INDEX))
    else:
        lines = keys.str.join("\n")[0].encode()
        schema = dict.fromkeys(names, INDEX)
        table = pl.read_csv(lines, has_header=False, separator=":", quote_char=None, schema=schema)
        columns = table.to_dict()
    for dimension in dimensions:
        most = columns[dimension.id].max()
        if isinstance(most, int) and most >= read_dimension_values(dimension).len():
            raise IrregularRun
    return {name: column.alias(name) for name, column in columns.items()}


def resolve_values(column: pl.Series, listed: ListedComponent, default: str | None) -> pl.Series:
    """Resolve indices or take values; raise `IrregularRun` otherwise."""
    present = column
    if default is not None:
        present = present.set(present == "null", None)
    if listed.values is not None:
        numbers = present if present.dtype == INDEX else present.cast(INDEX, strict=False)
        most = numbers.max()
        if numbers.null_count() > present.null_count() or (isinstance(most, int) and most >= listed.values.len()):
            raise IrregularRun
        decoded = listed.values.gather(numbers)
    else:
        decoded = decode_texts(present)
    if default is not None:
        table = pl.DataFrame({"found": decoded, "absent": column.is_null()})
        decoded = table.select(pl.when("absent").then(pl.lit(default)).otherwise("found").alias("found"))["found"]
    return decoded.alias(listed.id)


def check_tokens(column: pl.Series) -> None:
    if column.dtype == pl.String and not column.str.contains(SINGLE_VALUE).all():
        raise IrregularRun


def decode_texts(column: pl.Series) -> pl.Series:
    check_tokens(column)
    minus = column == "-0"  # parsed as an integer, it would be 0
    if minus.any():
        column = column.set(minus, "0")
    if not column.str.contains('"', literal=True).any():
        return column
    column = column.str.strip_prefix('"').str.strip_suffix('"')
    hidden = column.str.contains(HIDDEN_BYTES)
    if hidden.any():
        lines = '","'.join(column.filter(hidden)).encode().translate(SHOW_TABLE)
        shown = msgspec.json.decode(b'["' + lines + b'"]', type=list[str])
        column = column.scatter(hidden.arg_true(), shown)
    return column


def replace_escapes(text: bytes) -> bytes:
    """Replace escapes in a JSON text by the characters of `COVER`."""
    if b"\\" not in text:
        return text
    cover = COVER[COVERED_SIGNS.index(b"\\")]
    if b"\\\\" in text:
        text = text.replace(b"\\\\", bytes((cover, cover)))
    signs = np.frombuffer(bytearray(text), np.uint8)
    rows = np.flatnonzero(signs == ord("\\"))
    escaped = signs[rows + 1]
    signs[rows] = cover
    signs[rows + 1] = np.where(escaped == ord('"'), COVER[0], escaped)
    return signs.tobytes()


def hide_quoted_characters(text: bytes) -> bytes:
    signs = np.frombuffer(text, np.uint8)
    inside = np.bitwise_xor.accumulate((signs == ord('"')).view(np.uint8)).view(np.bool_)
    hidden = np.frombuffer(text.translate(HIDE_TABLE), np.uint8)
    return np.where(inside, hidden, signs).tobytes().translate(None, b" ")


SERIES_PARTS = (
    ("observations", dict, "an object"),
    ("attributes", list, "an array"),
    ("annotations", list, "an array"),
)


def read_piece(members: Mapping[str, Any], kind: str, reading: DatasetReading) -> DatasetPiece:
    return read_series(members, reading) if kind == "series" else read_flat_observations(members, reading)


def read_flat_observations(members: Mapping[str, Any], reading: DatasetReading) -> DatasetPiece:
    node = reading.node.at("observations")
    names, arrays = read_arrays(node, members, reading)
    dimensions = reading.listing.of("dimension", "series") + reading.listing.of("dimension", "observation")
    indices, sound = read_key_columns(names, dimensions, lambda row: node.at(names[row]), reading.faults)
    if sound is not None:
        names, arrays = list(compress(names, sound)), list(compress(arrays, sound))
    check_dimensions(reading, len(arrays), len(arrays))
    codes = add_fixed_dimensions(pl.DataFrame(indices), len(arrays), reading)
    columns = build_columns(arrays, reading.observation, reading, lambda row: node.at(names[row]))
    return DatasetPiece(
        codes, columns, notes=note_numbers(iterate_trailing_notes(arrays, len(reading.observation), reading.listing))
    )


def read_series(members: Mapping[str, Any], reading: DatasetReading) -> DatasetPiece:
    node = reading.node.at("series")
    bodies = {key: body for key, body in members.items() if is_series(node, key, body, reading)}
    series = list(bodies)
    indices, sound = read_key_columns(
        series, reading.listing.of("dimension", "series"), lambda row: node.at(series[row]), reading.faults
    )
    if sound is not None:
        series = list(compress(series, sound))
    names: list[str] = []
    arrays: list[list[Any]] = []
    counts: list[int] = []
    for key in series:
        observations = bodies[key].get("observations") or {}
        own_names, lists = read_arrays(node.at(key, "observations"), observations, reading)
        names += own_names
        arrays += lists
        counts.append(len(own_names))
    parents = [number for number, count in enumerate(counts) for _ in repeat(None, count)]

    def place_of(row: int) -> Node:
        return node.at(series[parents[row]], "observations", names[row])

    own_codes, right = read_key_columns(names, reading.listing.of("dimension", "observation"), place_of, reading.faults)
    if right is not None:
        names, arrays = list(compress(names, right)), list(compress(arrays, right))
        parents = list(compress(parents, right))
    check_dimensions(reading, len(series), len(arrays))
    heads = add_fixed_dimensions(pl.DataFrame(indices), len(series), reading)
    parent = pl.Series(parents, dtype=INDEX)
    codes = pl.DataFrame({**{name: heads[name].gather(parent) for name in heads.columns}, **own_codes})
    columns = build_columns(arrays, reading.observation, reading, place_of)
    attribute_cells = [bodies[key].get("attributes") or [] for key in series]
    attributes = build_columns(
        attribute_cells,
        reading.listing.of("attribute", "series"),
        reading,
        lambda row: node.at(series[row], "attributes"),
    )
    listed = [bodies[key].get("annotations") or [] for key in series]
    for row, cells in enumerate(listed):
        check_rest(node.at(series[row], "annotations"), cells, width=0, listing=reading.listing, faults=reading.faults)
    of_series = [
        *iterate_trailing_notes(listed, 0, reading.listing),
        *iterate_trailing_notes(attribute_cells, len(reading.listing.of("attribute", "series")), reading.listing),
    ]
    notes = note_numbers(iterate_trailing_notes(arrays, len(reading.observation), reading.listing))
    return DatasetPiece(
        codes,
        columns,
        parents=parent,
        heads=heads,
        attributes=attributes,
        notes=notes,
        head_notes=note_numbers(of_series),
    )


def check_dimensions(reading: DatasetReading, members: int, observations: int) -> None:
    """Reject a message that omits dimensions, or gives a shared dimension several values."""
    listed = reading.listing.of("dimension")
    for dimension in listed if members else ():
        if dimension.id in reading.fixed and (count := read_dimension_values(dimension).len()) != 1:
            raise dimension.node.wrong(f"A dimension of the dataset has one value, {dimension.id} has {count}.")
    place, names = reading.listing.node.at("dimensions"), {dimension.id for dimension in listed}
    for name in reading.structure.key if observations else ():
        if name not in names:
            raise place.wrong(f"The dimension {name} is not listed.")
    if observations and not reading.structure.key:
        raise place.wrong("There are observations, but no dimensions.")


def add_fixed_dimensions(codes: pl.DataFrame, height: int, reading: DatasetReading) -> pl.DataFrame:
    fixed = dict.fromkeys(reading.fixed, pl.repeat(0, height, dtype=INDEX, eager=True))
    return pl.DataFrame({**codes.to_dict(), **fixed})


def read_arrays(node: Node, members: Mapping[str, Any], reading: DatasetReading) -> tuple[list[str], list[list[Any]]]:
    if not set(map(type, members.values())) - {list}:
        return list(members), list(members.values())
    for name, array in members.items():
        if type(array) is not list:
            report_fault(reading.faults, node.at(name).wrong("An observation must be an array."))
    arrays_by_name = {name: array for name, array in members.items() if type(array) is list}
    return list(arrays_by_name), list(arrays_by_name.values())


def is_series(node: Node, key: str, body: Any, reading: DatasetReading) -> bool:
    if type(body) is not dict:
        report_fault(reading.faults, node.at(key).wrong("A series must be an object."))
        return False
    for name, kind, kind_name in SERIES_PARTS:
        if body.get(name) is not None and type(body[name]) is not kind:
            report_fault(reading.faults, node.at(key, name).wrong(f"The {name} of a series must be {kind_name}."))
            return False
    return True


def build_columns(
    arrays: Sequence[list[Any]], listed: Sequence[ListedComponent], reading: DatasetReading, place_of: PlaceOf
) -> dict[str, pl.Series]:
    if max(map(len, arrays), default=0) > len(listed):
        for row, array in enumerate(arrays):
            if len(array) > len(listed):
                check_rest(place_of(row), array, width=len(listed), listing=reading.listing, faults=reading.faults)
    columns: dict[str, pl.Series] = {}
    for index, (entry, cells) in enumerate(zip(listed, walk(arrays, len(listed)), strict=True)):
        if entry.id not in reading.names and entry.id not in reading.reported:
            continue

        def place(row: int, index: int = index) -> Node:
            return place_of(row).at(index)

        if entry.id in reading.reported:
            columns[entry.id] = convert_reported_cells(
                entry, reading.reported[entry.id], cells=cells, place_of=place, faults=reading.faults
            )
            continue
        component = reading.names[entry.id]
        columns[entry.id] = read_column(
            entry, component, cells, place, defaults=reading.defaults, faults=reading.faults
        )
    return columns
