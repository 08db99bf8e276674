"""Reading and writing of records by wire tables, in both families."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from sdmxmig.sdmx.formats.wire import (
    CONTENT,
    SDMX_OF,
    SEVERAL,
    Field,
    Form,
    Key,
    Shape,
    Shapes,
    about,
    rows,
    without_place,
)
from sdmxmig.sdmx.formats.wire.tables import RECORDS, SHAPES

Call = Callable[..., Any]
Planned = tuple[tuple[Field, Call], ...]


class RecordReader:
    """Reads records of a family (``ml`` or ``json``)."""

    def __init__(
        self, family: str, forms: Mapping[Form, Call], shapes: Shapes = SHAPES, records: Mapping[Any, Call] = RECORDS
    ) -> None:
        self.family, self.shapes, self.records = family, shapes, records
        parts = dict.fromkeys((Form.PARTS, Form.OLD_EACH, Form.ONE_PART, Form.PAIRS), self.parts)
        self.forms = {Form.PART: self.part, Form.PAIR: self.part, **parts, Form.EACH: self.each, **forms}
        self.plan = cache(self.planned)

    def planned(self, key: Key, version: str) -> Planned:
        version = SDMX_OF[version] if self.family == "json" else version
        known = rows(self.shapes, key, family=self.family, version=version)
        in_any = rows(self.shapes, key, family=self.family) if self.family == "json" else ()
        noted = (row for row in in_any if row.note and not row.is_in(version))
        asked = (replace(row, required=False) if row.optional_in == self.family else row for row in (*known, *noted))
        return tuple((row, self.forms[row.form]) for row in asked)

    def fields(self, part: Any, key: Key) -> dict[str, Any]:
        """The fields of a record by their names; the part stays open for what no row of the table has."""
        fields: dict[str, Any] = {}
        for row, read in self.plan(key, part.message.version):
            if row.form in SEVERAL:
                fields |= read(part, row)
            elif row.where[0]:
                fields[row.name] = (*fields.get(row.name, ()), *read(part, row))
            else:
                fields[row.name] = read(part, row)
        return fields

    def record(self, part: Any, key: Key, **implied: Any) -> Any:
        fields = {**self.fields(part, key), **implied}
        if any(row.ml == CONTENT for row, _ in self.plan(key, part.message.version)) and self.family == "ml":
            part.close(text=True)
        else:
            part.close()
        if isinstance(key, type):
            return key(**fields)
        return self.records[key](**fields) if key in self.records else tuple(fields.values())

    def part(self, part: Any, row: Field) -> Any:
        name = getattr(row, self.family)
        child = part.one(name) if row.required else part.part(name)
        return self.record(child, row.of) if child else None

    def parts(self, part: Any, row: Field) -> tuple[Any, ...]:
        return tuple(self.record(child, row.of, **row.implied) for child in part.parts(getattr(row, self.family)))

    def each(self, part: Any, row: Field) -> tuple[Any, ...]:
        name = getattr(row, self.family)
        return tuple(
            part.each(lambda child: self.record(child, row.of, **row.implied), name, is_aside=row.name == "contacts")
        )


class WritingPlan:
    """The rows of records in a family, with what writes each (`forms`)."""

    def __init__(self, family: str, forms: Mapping[Form, Call], shapes: Shapes = SHAPES) -> None:
        self.family, self.forms, self.shapes = family, forms, shapes
        self.plan = cache(self.planned)

    def planned(self, key: Key, version: str) -> tuple[Planned, Shape]:
        known = rows(self.shapes, key, family=self.family, version=version)
        lost = without_place(self.shapes, key, family=self.family, version=version)
        return tuple((row, self.forms[row.form]) for row in known), tuple(row for row in lost if row.lost[0])

    def steps(self, writing: Any, key: Key, record: Any, version: str) -> Iterator[tuple[Field, Call]]:
        """Yield the rows of a record in order.

        Raises `SdmxmigError` for missing mandatory fields and unsupported ones.
        """
        planned, lost = self.plan(key, version)
        for row in lost:
            if getattr(record, row.name):
                raise writing.refusal(about(row.lost[0], record), row.lost[1])
        for row, write in planned:
            if row.needed[0] and not getattr(record, row.name):
                raise writing.refusal(about(row.needed[0], record), row.needed[1])
            yield row, write
