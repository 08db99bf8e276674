"""Yields of source types (``structures/sources/``).

``indicators.csv``: ``Y``, ``P``, ``N``, reasons (CL_SRC_REASON), needs (CL_SRC_NEED); ``topics.csv`` by topic. Unlisted
is unknown.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from sdmxmig.catalogue.evidence import Declarations
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.source_yields import CAN, CANNOT, PARTLY, SourceYields, Yielded
from sdmxmig.sdmx.statuses import checked_status

FOLDER, INDICATORS, TOPICS = "sources", "indicators", "topics"
COLUMNS = ("answer", "why", "needs", "status", "reference")
SOURCE_TYPES, REASONS, NEEDS = "CL_SRC_TYPE", "CL_SRC_REASON", "CL_SRC_NEED"
FULFILLED = "FULFILLED"
CONCEPTS, TOPIC_LIST = ("CS_MIG", "CROSS_DOMAIN_CONCEPTS"), "CL_TOPIC"


def read_source_yields(folders: Sequence[Path], declarations: Declarations) -> SourceYields:
    """Read source yields; raises `DeclarationError`."""
    topics = [code for codelist in (TOPIC_LIST, *CONCEPTS) for code in ids_of(codelist, declarations)]
    return SourceYields(
        read_table(folders, INDICATORS, declarations, known=declarations.indicators),
        read_table(folders, TOPICS, declarations, known=topics),
        fulfilled=read_fulfilled(declarations),
    )


def read_fulfilled(declarations: Declarations) -> dict[str, tuple[tuple[str, str], ...]]:
    fulfilled = {}
    for item in declarations.lists.get(NEEDS, ()):
        parted = [pair.partition("=") for pair in item.note(FULFILLED).split()]
        pairs = tuple((question, answer) for question, _, answer in parted)
        declarations.check("benchmarking item", [question for question, _ in pairs], declarations.items, None)
        for question, answer in pairs:
            declarations.check(f"answer to {question}", [answer], declarations.answers(question), None)
        if pairs:
            fulfilled[item.id] = pairs
    return fulfilled


def read_table(
    folders: Sequence[Path], name: str, declarations: Declarations, *, known: Collection[str]
) -> dict[tuple[str, str], Yielded]:
    paths = [folder / FOLDER / f"{name}.csv" for folder in folders]
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        return {}
    file = f"{FOLDER}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise DeclarationError("The file is not UTF-8 text.", Place(file), "Save it as UTF-8.") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    columns = ("source", name, *COLUMNS)
    if tuple(reader.fieldnames or ()) != columns:
        hint = f"Write: {','.join(columns)}."
        raise DeclarationError("These are not the columns of what sources give.", Place(file, line=1), hint)
    table: dict[tuple[str, str], Yielded] = {}
    for row in reader:
        place = Place(file, line=reader.line_num)
        yielded = yielded_of(row, declarations, place)
        for key in keys_of(row, name, declarations, place=place, known=known):
            if key in table:
                raise DeclarationError(f"{key[1]} of {key[0]} is declared twice.", place, "Keep one of the rows.")
            table[key] = yielded
    return table


def keys_of(
    row: Mapping[str, str], name: str, declarations: Declarations, *, place: Place, known: Collection[str]
) -> Iterator[tuple[str, str]]:
    declarations.check("type of source", [row["source"]], ids_of(SOURCE_TYPES, declarations), place)
    for subject in row[name].split():
        declarations.check(name.removesuffix("s"), [subject], known, place)
        yield row["source"], subject


def yielded_of(row: Mapping[str, str], declarations: Declarations, place: Place) -> Yielded:
    why, needs = tuple(row["why"].split()), tuple(row["needs"].split())
    declarations.check("answer", [row["answer"]], (CAN, PARTLY, CANNOT), place)
    declarations.check("reason", why, ids_of(REASONS, declarations), place)
    declarations.check("need", needs, ids_of(NEEDS, declarations), place)
    if None in row or not (why and row["reference"]):
        raise DeclarationError("A row says why, and names the source of the statement.", place)
    status = checked_status(row["status"], place, passage="")
    return Yielded(row["answer"], why, needs=needs, status=status, reference=row["reference"])


def ids_of(codelist: str, declarations: Declarations) -> Sequence[str]:
    return declarations.lists[codelist].ids if codelist in declarations.lists else ()
