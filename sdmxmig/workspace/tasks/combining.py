"""Combination of sources in declared steps, which use and create named tables; records are never written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sdmxmig.catalogue import Catalogue
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import DeclarationError, InputError, SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.records.combination.surveys import PERSON
from sdmxmig.records.combination.tables import (
    COMPILATION,
    DIFFERENCE,
    LINKAGE,
    MATCH,
    PRECISION,
    RESIDUAL,
    RULE,
    VALUE,
    NamedTable,
    Note,
    SourceTable,
    check_differences,
    check_rows,
    check_suppressed,
    find_overlaps,
)
from sdmxmig.records.files import MAX_SHOWN, SIMULATED, number_rows, shorten_name
from sdmxmig.records.reading import SIMULATION_NOTICE, has_simulation_mark
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.workspace.tasks.combined_figures import Notes, Output, build_metadata, read_output
from sdmxmig.workspace.tasks.combining_steps import (
    METHOD_LIST,
    SOURCE_LIST,
    STATED,
    Product,
    Source,
    Stage,
    add_error_context,
    read_product,
    run,
    tabulate_source,
)
from sdmxmig.workspace.tasks.record_files import HASH_SHOWN

REF_AREA = "REF_AREA"
PERSON_STEPS = ("link", "prefer", "count", "weights", "survey")


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinationResult:
    outputs: tuple[Output, ...]
    notes: tuple[str, ...]
    metadata: MetadataSet
    account: str
    product: Product
    by_step: tuple[tuple[str, Note], ...]


def combine(path: Path, catalogue: Catalogue) -> CombinationResult:
    """Run a declaration; raise `DeclarationError` for errors, unreadable files and empty results."""
    declared = Declared.parse(path.name, read_bytes(path))
    product = read_product(declared, path.parent, catalogue)
    frames = {}
    for table in declared.tables("source"):
        with add_error_context("Source", table):
            frames[table.text("name")] = read_rows(product.sources[table.text("name")], product.area)
    product = replace(
        product,
        sources={
            name: replace(source, is_simulated=has_simulation_mark(frames[name]))
            for name, source in product.sources.items()
        },
    )
    tables = {name: build_source_table(source, frames[name]) for name, source in product.sources.items()}
    outputs, notes, taken = [], [], set()
    for step in declared.tables("step"):
        stage = Stage(tables, product, catalogue=catalogue)
        with add_error_context("Step", step):
            made, own_notes = run(step, stage)
            output = read_output(step, made, stage)
            step.close()
        tables[made.name] = made
        taken |= {*made.sources}
        notes += [(made.name, note) for note in own_notes]
        outputs += [output] if output else []
    declared.close()
    if not outputs:
        raise DeclarationError(
            "No step makes figures.", declared.at("step"), "Add a step count, fit, survey or months."
        )
    check_attributes_used(product, outputs, declared)
    check_safe(outputs, declared, frames)
    return CombinationResult(
        outputs=tuple(outputs),
        notes=(
            *describe_unread_columns(declared, frames),
            *(f"{name}: {note.text}" for name, note in notes),
            *(f"{name}: no step takes this source" for name in product.sources if name not in taken),
        ),
        metadata=build_metadata(product, outputs, notes, catalogue),
        account=describe_product(product, outputs, notes, catalogue),
        product=product,
        by_step=tuple(notes),
    )


def describe_unread_columns(declared: Declared, frames: Mapping[str, pl.DataFrame]) -> list[str]:
    steps = [step.values for step in declared.tables("step")]
    of_persons = [step for step in steps if step.get("kind") in PERSON_STEPS and step.get("weight") != VALUE]
    records = {name for step in of_persons for name in list_texts([step.get("table"), step.get("tables")])}
    named = {PERSON, *list_texts(steps)}
    named |= {column for name, frame in frames.items() if name not in records for column in frame.columns}
    unread = {name: [column for column in frames[name].columns if column not in named] for name in frames}
    return [
        f"{name}: no step names {', '.join(map(shorten_name, columns[:MAX_SHOWN]))}{more}."
        for name, columns in unread.items()
        for more in [" …" if columns[MAX_SHOWN:] else ""]
        if columns
    ]


def list_texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from list_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from list_texts(inner)


def read_rows(source: Source, area: str) -> pl.DataFrame:
    frame = tabulate_source(source.path)
    if frame.is_empty():
        raise InputError("It has no rows.", Place(source.path.name), "Give a table with rows, or leave the source out.")
    check_country(NamedTable(source.name, frame, numbers=number_rows(source.path)), area)
    return frame


def check_country(table: NamedTable, area: str) -> None:
    for column in table.frame.columns:
        if column.upper() != REF_AREA:
            continue
        codes = table.frame[column].cast(pl.String)
        others = codes.filter(codes != area).unique(maintain_order=True).to_list()
        what = f"{column} is {', '.join(others[:MAX_SHOWN])}, but the product is for {area},"
        foreign = (codes != area).fill_null(value=False)
        check_rows(table, foreign, what, f"Correct “area”, or keep only the rows of {area}.")


def build_source_table(source: Source, frame: pl.DataFrame) -> SourceTable:
    return SourceTable(
        name=source.name,
        table=frame.drop(SIMULATED, strict=False),
        is_records=True,
        sources=(source.name,),
        measured=(source.name,),
        notes=(Note(SIMULATION_NOTICE),) if source.is_simulated else (),
        numbers=number_rows(source.path),
    )


def check_attributes_used(product: Product, outputs: Sequence[Output], declared: Declared) -> None:
    for name in product.attributes:
        if name not in STATED and not any(output.dataset for output in outputs):
            hint = f"{did_you_mean(name, STATED)} Set other attributes in a step that names a dataflow."
            raise DeclarationError(f"No step uses the attribute {name}.", declared.at("attributes"), hint)


def check_safe(outputs: Sequence[Output], declared: Declared, frames: Mapping[str, pl.DataFrame]) -> None:
    published = [output.made for output in outputs if output.least > 1]
    persons = {name: frame[PERSON].cast(pl.String) for name, frame in frames.items() if PERSON in frame.columns}
    try:
        check_suppressed(published)
        check_differences(published, find_overlaps(persons))
    except SdmxmigError as error:
        raise DeclarationError(error.message, declared.at("step"), error.hint) from None


SOURCE_KEYS = ("source", "type", "version", "file", "SHA-256", "states", "legal basis")
FIGURE_KEYS = ("table", "sources", "methods", "figures", "persons behind each")
TABLE_HEADS = (
    ("Keys and match rate", (MATCH,)),
    ("Linkage errors", (LINKAGE,)),
    ("Rules for differing sources", (RULE,)),
    ("Accepted differences between sources", (DIFFERENCE,)),
    ("Residuals", (RESIDUAL,)),
    ("Precision", (PRECISION,)),
    ("Other steps", (COMPILATION,)),
)


def describe_product(product: Product, outputs: Sequence[Output], notes: Notes, catalogue: Catalogue) -> str:
    types, methods = (catalogue.item_scheme(name) for name in (SOURCE_LIST, METHOD_LIST))
    sources = [
        (
            source.name,
            f"{types[source.type].name.in_language('en')} ({source.type})",
            source.version,
            source.path.name,
            source.sha256[:HASH_SHOWN],
            ", ".join(f"{key} {value}" for key, value in source.about.items()) or "nothing",
            source.legal_basis or "that of the product",
        )
        for source in product.sources.values()
    ]
    figures = [
        (
            output.made.name,
            ", ".join(output.made.sources),
            ", ".join(f"{methods[code].name.in_language('en')} ({code})" for code in output.made.methods) or "none",
            f"{output.made.table.height:,}",
            output.min_persons,
        )
        for output in outputs
    ]
    lines = [f"# {product.name}", "", f"Country: {product.area}. Legal basis: {product.legal_basis or 'not stated'}."]
    if any(source.is_simulated for source in product.sources.values()):
        lines += ["", f"**{SIMULATION_NOTICE}.** Their tables have a column `{SIMULATED}`."]
    lines += ["", "## Sources", "", *build_table(SOURCE_KEYS, sources)]
    for head, topics in TABLE_HEADS:
        own = [f"- {step}: {note.text}." for step, note in notes if note.topic in topics]
        lines += ["", f"## {head}", "", *own] if own else []
    return "\n".join([*lines, "", "## Figures", "", *build_table(FIGURE_KEYS, figures), ""])


def build_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [build_table_row(head), f"|{' --- |' * len(head)}", *(build_table_row(row) for row in rows)]


def build_table_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/').replace(chr(10), ' ') for cell in cells)} |"
