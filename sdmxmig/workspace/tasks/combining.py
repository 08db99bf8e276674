"""Combining sources as a declaration says: its sources, its steps one after the other, and what is written of them.

A step takes tables by name, of a source or of a step before, and gives one under its own name. Tables of records stay
inside; tables of figures go out as CSV or, where a step names a dataflow, as SDMX data, with sources, methods and
rules, and with a set of reference metadata of the whole product.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import DeclarationError, InputError, SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.records.column_names import SHOWN, in_short
from sdmxmig.records.combination.linked import PERSON
from sdmxmig.records.combination.subtraction import check_differences, check_withheld, sharing
from sdmxmig.records.combination.tables import VALUE, NamedTable, Note, check_rows
from sdmxmig.records.files import row_numbers_of
from sdmxmig.records.marks import NOTICE, says_so
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.records import SIMULATED
from sdmxmig.workspace.tasks.combined_account import account_of
from sdmxmig.workspace.tasks.combined_figures import Output, output_of, published
from sdmxmig.workspace.tasks.combined_metadata import metadata_of
from sdmxmig.workspace.tasks.combined_sources import STATED, Product, Source, product_of, table_of, told_of
from sdmxmig.workspace.tasks.combining_steps import Made, Stage, run

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.sdmx.model.metadata import MetadataSet

REF_AREA = "REF_AREA"
"""The column of the country that figures are of."""
OF_PERSONS = ("link", "prefer", "count", "weights", "survey")
"""Kinds of steps that take tables of persons, and of these the columns that are named alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Combined:
    """What a declaration came to: figures, notes on every step, and the metadata of the product.

    `account` says the same for people to read, in Markdown; `by_step` are the notes with the names of their steps.
    """

    outputs: tuple[Output, ...]
    notes: tuple[str, ...]
    metadata: MetadataSet
    account: str
    product: Product
    by_step: tuple[tuple[str, Note], ...]


def combine(path: Path, catalogue: Catalogue) -> Combined:
    """Run the steps of a declaration; files are looked for beside it.

    Raises `DeclarationError` for what it says wrongly, for files that cannot be read, and for steps without a result.
    """
    declared = Declared.parse(path.name, read_bytes(path))
    product = product_of(declared, path.parent, catalogue)
    frames = {}
    for table in declared.tables("source"):
        with told_of("Source", table):
            frames[table.text("name")] = rows_of(product.sources[table.text("name")], product.area)
    product = replace(
        product,
        sources={name: replace(source, is_simulated=says_so(frames[name])) for name, source in product.sources.items()},
    )
    tables = {name: made_of(source, frames[name]) for name, source in product.sources.items()}
    outputs, notes, taken = [], [], set()
    for step in declared.tables("step"):
        stage = Stage(tables, product, catalogue=catalogue)
        with told_of("Step", step):
            name, made, own_notes = run(step, stage)
            output = output_of(step, name, made, stage)
            step.close()
        tables[name] = made
        taken |= {*made.sources}
        notes += [(name, note) for note in own_notes]
        outputs += [output] if output else []
    declared.close()
    if not outputs:
        raise DeclarationError(
            "No step makes figures.", declared.at("step"), "Add a step count, fit, survey or months."
        )
    check_read(product, outputs, declared)
    check_safe(outputs, declared, frames)
    return Combined(
        outputs=tuple(outputs),
        notes=(
            *unread_words(declared, frames),
            *(f"{name}: {note.text}" for name, note in notes),
            *(f"{name}: no step takes this source" for name in product.sources if name not in taken),
        ),
        metadata=metadata_of(product, outputs, notes, catalogue),
        account=account_of(product, outputs, notes, catalogue),
        product=product,
        by_step=tuple(notes),
    )


def unread_words(declared: Declared, frames: Mapping[str, pl.DataFrame]) -> list[str]:
    """Which columns of tables of records no step names, a sentence for each table.

    Of tables of figures all columns are read: each that is no figure says what the figure is of.
    """
    steps = [step.values for step in declared.tables("step")]
    of_persons = [step for step in steps if step.get("kind") in OF_PERSONS and step.get("weight") != VALUE]
    records = {name for step in of_persons for name in texts_in(tables_of(step))}
    named = {PERSON, *texts_in(steps)}
    named |= {column for name, frame in frames.items() if name not in records for column in frame.columns}
    unread = {name: [column for column in frames[name].columns if column not in named] for name in frames}
    return [
        f"{name}: no step names {', '.join(map(in_short, columns[:SHOWN]))}{' …' if columns[SHOWN:] else ''}."
        for name, columns in unread.items()
        if columns
    ]


def tables_of(step: Mapping[str, object]) -> list[object]:
    """What a step names as its table or tables."""
    return [step.get("table"), step.get("tables")]


def texts_in(value: object) -> Iterator[str]:
    """All texts of a declaration, the names of keys among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)


def rows_of(source: Source, area: str) -> pl.DataFrame:
    """The table of a source; raises `InputError` for one without rows: nothing would be made of it, without a word.

    Raises `SdmxmigError` for rows of another country than the product.
    """
    frame = table_of(source.path)
    if frame.is_empty():
        raise InputError("It has no rows.", Place(source.path.name), "Give a table with rows, or leave the source out.")
    check_country(NamedTable(source.name, frame, numbers=row_numbers_of(source.path)), area)
    return frame


def check_country(table: NamedTable, area: str) -> None:
    """Refuse rows of another country than the product, under whose name they would go out."""
    for column in table.frame.columns:
        if column.upper() != REF_AREA:
            continue
        codes = table.frame[column].cast(pl.String)
        others = codes.filter(codes != area).unique(maintain_order=True).to_list()
        what = f"{column} is {', '.join(others[:SHOWN])}, and the product is of {area},"
        foreign = (codes != area).fill_null(value=False)
        check_rows(table, foreign, what, f"Correct “area”, or keep the rows of {area} alone.")


def made_of(source: Source, frame: pl.DataFrame) -> Made:
    """The table of a source as steps take it; what is made of simulated records will say so."""
    return Made(
        table=frame.drop(SIMULATED, strict=False),
        is_records=True,
        sources=(source.name,),
        measured=(source.name,),
        notes=(Note(NOTICE),) if source.is_simulated else (),
        numbers=row_numbers_of(source.path),
    )


def check_read(product: Product, outputs: Sequence[Output], declared: Declared) -> None:
    """Refuse attributes of data where no step makes any: nobody would read them."""
    for name in product.attributes:
        if name not in STATED and not any(output.dataset for output in outputs):
            hint = f"{did_you_mean(name, STATED)} Other attributes go with a step that names a dataflow."
            raise DeclarationError(f"Nothing takes the attribute {name}.", declared.at("attributes"), hint)


def check_safe(outputs: Sequence[Output], declared: Declared, frames: Mapping[str, pl.DataFrame]) -> None:
    """Refuse tables of which one gives away what another withholds, or that differ by a few persons.

    `frames` are the tables of the sources; two that name a person in common overlap, whether a step joins them or not.
    """
    estimates, counts = published(outputs)
    persons = {name: frame[PERSON].cast(pl.String) for name, frame in frames.items() if PERSON in frame.columns}
    try:
        check_withheld(estimates)
        check_differences(counts, sharing(persons))
    except SdmxmigError as error:
        raise DeclarationError(error.message, declared.at("step"), error.hint) from None
