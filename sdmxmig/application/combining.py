"""Combining sources as a declaration says: its sources, its steps one after the other, and what is written of them.

A step takes tables by name, of a source or of a step before, and gives one under its own name. Tables of records stay
inside; tables of figures go out as CSV or, where a step names a dataflow, as SDMX data, with sources, methods and
rules, and with a set of reference metadata of the whole product.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.application.clock import moment
from sdmxmig.application.deriving import HASH_SHOWN, digest
from sdmxmig.declarations import Declared
from sdmxmig.demography.calibration import RAKING, WeightChange
from sdmxmig.demography.surveys import LEAST_PERSONS
from sdmxmig.disclosure.primary import SafetyRules, small
from sdmxmig.errors import DeclarationError, InputError, SdmxmigError, did_you_mean
from sdmxmig.formats import FORMATS, metadata_bytes
from sdmxmig.formulas import shielded
from sdmxmig.intake.files import read_bytes
from sdmxmig.lazily import pl
from sdmxmig.model.artefacts import Text
from sdmxmig.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Metadataflow
from sdmxmig.model.submission import Header, Party
from sdmxmig.places import Place
from sdmxmig.records.combining import (
    DENTON,
    PERIOD,
    PERSONS,
    SHARE,
    TOTAL,
    VALUE,
    YEAR,
    Design,
    Question,
    Result,
    counted_by,
    fitted_to,
    monthly,
    preferred,
    surveyed,
    weighted,
)
from sdmxmig.records.counting import Row, Statement, dataset_of

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.model.data import Dataset

NAME = re.compile("[A-Za-z][A-Za-z0-9_-]{0,40}")
AREA = re.compile("[A-Z0-9_]{1,20}")
METHODS, SOURCES = "CL_INTEG_METHOD", "CL_SRC_TYPE"
METADATAFLOW, METADATA_FORMAT = "MDF_MIGRATION", "sdmx-json-2.0"
LEAST_COUNT = 3
LARGE = 1000
"""Figures from here on go out with one decimal, smaller ones with six."""
LONGEST = {"COMMENT_OBS": 1050, "SOURCE_DETAIL": 1050, "COMMENT_DSET": 4000}
USUAL = {"prefer": "DET", "count": "", "fit": "CAL", "weights": "CAL", "survey": "", "months": ""}
"""The method of integration that a kind of step is, unless it names another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source: its name, file, type, version, and the law that allows its use."""

    name: str
    path: Path
    type: str
    version: str
    legal_basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A table by its name: whether it has records of persons, what it is made of, by which methods, and the notes."""

    table: pl.DataFrame
    is_records: bool
    sources: tuple[str, ...]
    methods: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A table of figures that goes out: under which name, and as which data if it is of a dataflow."""

    name: str
    made: Made
    dataset: Dataset | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Combined:
    """What a declaration came to: figures, notes on every step, and the metadata of the product."""

    outputs: tuple[Output, ...]
    notes: tuple[str, ...]
    metadata: MetadataSet


@dataclass(frozen=True, slots=True)
class Product:
    """What is said of the whole: its name, country, legal basis, and the attributes of its datasets."""

    name: str
    area: str
    _: KW_ONLY
    legal_basis: str
    attributes: Mapping[str, str]
    sources: Mapping[str, Source]


def combine(path: Path, catalogue: Catalogue) -> Combined:
    """Run the steps of a declaration; files are looked for beside it.

    Raises `DeclarationError` for what it says wrongly, `InputError` for files, and `SdmxmigError` for steps that have
    no result.
    """
    declared = Declared.parse(path.name, read_bytes(path))
    product = product_of(declared, path.parent, catalogue)
    tables = {
        name: Made(table=table_of(source.path), is_records=True, sources=(name,), notes=())
        for name, source in product.sources.items()
    }
    outputs, notes = [], []
    for step in declared.tables("step"):
        name, made, own_notes = run(step, tables, catalogue)
        tables[name] = made
        notes += [f"{name}: {note}" for note in own_notes]
        output = output_of(step, name, made, (product, catalogue))
        outputs += [output] if output else []
        step.close()
    declared.close()
    if not outputs:
        raise DeclarationError(
            "No step makes figures.", declared.at("step"), "Add a step count, fit, survey or months."
        )
    return Combined(
        outputs=tuple(outputs), notes=tuple(notes), metadata=metadata_of(product, outputs, notes, catalogue)
    )


def product_of(declared: Declared, folder: Path, catalogue: Catalogue) -> Product:
    """The product and its sources, with their types checked."""
    sources = {}
    for source in declared.tables("source"):
        name = source.shaped("name", NAME, "Names begin with a letter and have letters, digits, - and _.")
        type_ = source.text("type")
        check_code(type_, SOURCES, (source, "type"), catalogue)
        if name in sources:
            raise DeclarationError(f"There are two sources “{name}”.", source.at("name"), "Give each its own name.")
        sources[name] = Source(
            name=name,
            path=folder / source.text("file"),
            type=type_,
            version=source.text("version"),
            legal_basis=source.text("legal_basis", ""),
        )
        source.close()
    if not sources:
        raise DeclarationError("There is no source.", declared.at("source"), "Add [[source]] with name, file and type.")
    attributes = declared.table("attributes")
    return Product(
        declared.text("name"),
        declared.shaped("area", AREA, "Write the code of the country, as CL_AREA has it."),
        legal_basis=declared.text("legal_basis", ""),
        attributes=attributes.pairs(),
        sources=sources,
    )


def check_code(code: str, list_name: str, asked: tuple[Declared, str], catalogue: Catalogue) -> None:
    """Refuse a code that a list has not."""
    codes = catalogue.item_scheme(list_name)
    if code not in codes:
        declared, key = asked
        hint = did_you_mean(code, codes.ids) or f"See: sdmxmig show {list_name}"
        raise DeclarationError(f"“{code}” is no code of {list_name}.", declared.at(key), hint)


def table_of(path: Path) -> pl.DataFrame:
    """A table of CSV, all of whose cells are texts, or of Parquet."""
    try:
        if path.suffix.lower() == ".csv":
            frame = pl.read_csv(path, infer_schema=False)
            return frame.with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)).name.keep())
        return pl.read_parquet(path, memory_map=False)
    except pl.exceptions.PolarsError:
        raise InputError("This is no table.", Place(path.name), "Give a CSV or a Parquet file.") from None
    except OSError as error:
        raise InputError(
            f"It cannot be read: {error.strerror or 'no such file'}.", Place(path.name), "Name a file."
        ) from None


def run(step: Declared, tables: Mapping[str, Made], catalogue: Catalogue) -> tuple[str, Made, tuple[str, ...]]:
    """The name and the result of a step, and the notes that are its own."""
    name, kind = (
        step.shaped("name", NAME, "Names begin with a letter and have letters, digits, - and _."),
        step.text("kind"),
    )
    if name in tables:
        raise DeclarationError(f"There is a table “{name}” already.", step.at("name"), "Give the step another name.")
    if kind not in STEPS:
        raise DeclarationError(f"“{kind}” is no kind of step.", step.at("kind"), f"There are: {', '.join(STEPS)}.")
    uses = Uses(tables, step)
    try:
        result = STEPS[kind](step, uses)
    except DeclarationError:
        raise
    except SdmxmigError as error:
        raise DeclarationError(f"Step {name}: {error.message}", step.at("kind"), error.hint) from None
    except pl.exceptions.PolarsError:
        raise DeclarationError(
            f"Step {name}: a column of figures, weights or years has a cell that is no number.",
            step.at("kind"),
            "Correct the table: figures have no blanks, and a point before decimals.",
        ) from None
    method = step.text("method", USUAL[kind])
    if method:
        check_code(method, METHODS, (step, "method"), catalogue)
    used = [tables[used] for used in uses.names]
    made = Made(
        table=result.table,
        is_records=kind in ("prefer", "weights"),
        sources=unique(source for past in used for source in past.sources),
        methods=unique([*(earlier for past in used for earlier in past.methods), *([method] if method else [])]),
        notes=unique([*(note for past in used for note in past.notes), *result.notes]),
    )
    return name, made, result.notes


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Names in their order, each once."""
    return tuple(dict.fromkeys(names))


class Uses:
    """The tables that a step asks for, by name; it remembers which."""

    def __init__(self, tables: Mapping[str, Made], step: Declared) -> None:
        self.tables = tables
        self.step = step
        self.names: list[str] = []

    def table(self, key: str) -> pl.DataFrame:
        """The table that a key names."""
        return self.named(self.step.text(key), key)

    def maybe(self, key: str) -> pl.DataFrame | None:
        """The table that a key names, if it does."""
        name = self.step.text(key, "")
        return self.named(name, key) if name else None

    def several(self, key: str) -> dict[str, pl.DataFrame]:
        """The tables that a key lists."""
        names = self.step.strings(key)
        if not names:
            raise DeclarationError(f"“{key}” names no table.", self.step.at(key), 'Write for example ["by_sex"].')
        return {name: self.named(name, key) for name in names}

    def named(self, name: str, key: str) -> pl.DataFrame:
        """A table by its name."""
        if name not in self.tables:
            hint = did_you_mean(name, self.tables) or f"There are: {', '.join(self.tables)}."
            raise DeclarationError(f"There is no table “{name}”.", self.step.at(key), hint)
        self.names.append(name)
        return self.tables[name].table


def prefer(step: Declared, uses: Uses) -> Result:
    """Which source wins, by variable."""
    order = step.table("order", required=True)
    sources = {key: order.strings(key) for key in order.values}
    return preferred(uses.several("tables"), step.text("key", "person"), sources)


def count(step: Declared, uses: Uses) -> Result:
    """Counts by groups."""
    return counted_by(step.text("table"), uses.table("table"), step.strings("by"), step.text("weight", ""))


def fit(step: Declared, uses: Uses) -> Result:
    """A table fitted to margins."""
    return fitted_to(uses.table("table"), uses.several("margins"), uses.maybe("fixed"), step.integer("round", 1))


def weights(step: Declared, uses: Uses) -> Result:
    """Calibrated weights of a survey."""
    change = WeightChange(
        method=step.text("by", RAKING), least=number(step, "least", "0"), most=number(step, "most", "inf")
    )
    return weighted(uses.table("table"), step.text("weight"), uses.several("totals"), change)


def survey(step: Declared, uses: Uses) -> Result:
    """Estimates of a survey."""
    measure = step.text("measure", SHARE)
    if measure not in (SHARE, TOTAL):
        raise DeclarationError(f"“{measure}” is no measure.", step.at("measure"), f"There are: {SHARE}, {TOTAL}.")
    design = Design(step.text("weight"), stratum=step.text("stratum", ""), cluster=step.text("cluster", ""))
    least = step.integer("least", LEAST_PERSONS)
    question = Question(step.text("of"), measure=measure, by=step.strings("by"), least=least)
    return surveyed(uses.table("table"), design, question)


def months(step: Declared, uses: Uses) -> Result:
    """Months of years."""
    return monthly(
        uses.table("table"),
        uses.maybe("indicator"),
        method=step.text("by", DENTON),
        is_whole=step.flag("whole", default=True),
    )


STEPS: dict[str, Callable[[Declared, Uses], Result]] = {
    "prefer": prefer,
    "count": count,
    "fit": fit,
    "weights": weights,
    "survey": survey,
    "months": months,
}


def number(step: Declared, key: str, default: str) -> float:
    """A number, written as a text."""
    text = step.text(key, default)
    try:
        return float(text)
    except ValueError:
        raise DeclarationError(f"“{text}” is no number.", step.at(key), 'Write for example "0.5".') from None


def output_of(step: Declared, name: str, made: Made, about: tuple[Product, Catalogue]) -> Output | None:
    """What goes out of a step; None for tables of records and for steps that are only in between.

    Raises `DeclarationError` for counts of so few persons that somebody could be recognised.
    """
    is_between = step.flag("between", default=False)
    flow, least = step.text("flow", ""), step.integer("smallest", LEAST_COUNT)
    constants = step.table("set").pairs()
    if made.is_records or is_between:
        return None
    counts = made.table[PERSONS if PERSONS in made.table.columns else VALUE].cast(pl.Float64).to_numpy()
    few = int(small(counts, SafetyRules(threshold=least)).sum())
    if few:
        raise DeclarationError(
            f"Step {name}: {few} figures are of fewer than {least} persons.",
            step.at("name"),
            "Count by fewer columns, write round = 5 at a step fit, or between = true, or smallest = 1 if figures are "
            "protected before they are published.",
        )
    dataset = dataset_in(flow, constants, made, (step, *about)) if flow else None
    return Output(name=name, made=made, dataset=dataset)


def dataset_in(
    flow: str, constants: Mapping[str, str], made: Made, about: tuple[Declared, Product, Catalogue]
) -> Dataset:
    """A table of figures as data of a dataflow."""
    step, product, catalogue = about
    if flow not in catalogue.flows:
        hint = did_you_mean(flow, catalogue.flows) or "See: sdmxmig show dataflows"
        raise DeclarationError(f"“{flow}” is no dataflow.", step.at("flow"), hint)
    wanted = {component.id for component in catalogue.flows[flow].structure.components}
    others = {PERSONS, "unreliable", "error", "low", "high", VALUE, YEAR, PERIOD}
    unknown = [name for name in (*constants, *made.table.columns) if name not in wanted | others]
    if unknown:
        raise DeclarationError(
            f"{flow} has no {', '.join(unknown)}.",
            step.at("flow"),
            "Call columns as the dataflow calls its dimensions.",
        )
    rows = [figure_row(row, constants) for row in made.table.rows(named=True)]
    lacking = {"TIME_PERIOD"} - set(rows[0])
    if lacking:
        raise DeclarationError("Figures have no TIME_PERIOD.", step.at("set"), 'Write set = { TIME_PERIOD = "2024" }.')
    monthly_ = PERIOD in made.table.columns
    return dataset_of(catalogue.flows[flow], rows, statement_of(product, made, "M" if monthly_ else "A"))


def figure_row(row: Mapping[str, object], constants: Mapping[str, str]) -> Row:
    """A figure with its codes, period, status, and its interval where it has one."""
    inner = {VALUE, PERSONS, "unreliable", "error", "low", "high", YEAR, PERIOD}
    codes = {name: str(cell) for name, cell in row.items() if name not in inner}
    period = row.get(PERIOD) or row.get(YEAR)
    figure = {**constants, **codes, "OBS_VALUE": written(row[VALUE]), "OBS_STATUS": "A"}
    if period:
        figure["TIME_PERIOD"] = str(period)
    if "error" in row:
        interval = (
            f"standard error {written(row['error'])}, 95 % interval {written(row['low'])} to {written(row['high'])}"
        )
        figure["COMMENT_OBS"] = f"{interval}."
        figure["OBS_STATUS"] = "U" if row["unreliable"] else "A"
    return figure


def written(value: object) -> str:
    """A figure without digits that it has not."""
    figure = float(str(value))
    text = f"{figure:.1f}" if abs(figure) >= LARGE else f"{figure:.6f}"
    return text.rstrip("0").rstrip(".") or "0"


def statement_of(product: Product, made: Made, frequency: str) -> Statement:
    """What figures say of themselves: sources with versions, methods, and the rules that made them."""
    types = unique(product.sources[name].type for name in made.sources)
    return Statement(
        {**product.attributes, "COMMENT_DSET": cut("; ".join(made.notes) + ".", "COMMENT_DSET")},
        observation={
            "FREQ": frequency,
            "REF_AREA": product.area,
            "UNIT_MEASURE": product.attributes.get("UNIT_MEASURE", "PS"),
            "UNIT_MULT": "0",
            **({"SRC_TYPE": types[0]} if len(types) == 1 else {}),
            **({"INTEG_METHOD": made.methods[-1]} if made.methods else {}),
            "SOURCE_DETAIL": cut(
                "; ".join(source_words(product.sources[name]) for name in made.sources), "SOURCE_DETAIL"
            ),
        },
    )


def source_words(source: Source) -> str:
    """A source with its type, version and hash."""
    return f"{source.name} ({source.type}, version {source.version}, SHA-256 {digest(source.path)[:HASH_SHOWN]})"


def cut(text: str, attribute: str) -> str:
    """A text no longer than an attribute takes."""
    longest = LONGEST[attribute]
    return text if len(text) <= longest else text[: longest - 1] + "…"


def metadata_of(product: Product, outputs: Sequence[Output], notes: Sequence[str], catalogue: Catalogue) -> MetadataSet:
    """The product as reference metadata: legal basis, sources with versions, compilation, and methods."""
    flows = [output.dataset.flow for output in outputs if output.dataset] or [catalogue.flows["DF_POP"]]
    laws = unique(law for law in (product.legal_basis, *(s.legal_basis for s in product.sources.values())) if law)
    methods = unique(method for output in outputs for method in output.made.methods)
    types = unique(source.type for source in product.sources.values())
    in_use = "; ".join(source_words(source) for source in product.sources.values())
    departures = [
        ReportedAttribute("SRC_TYPE", types),
        *([ReportedAttribute("INTEG_METHOD", methods)] if methods else []),
    ]
    mandate = [ReportedAttribute("INST_MAN_LA_OA", ("; ".join(laws),))] if laws else []
    process = (ReportedAttribute("DATA_COMP", ("; ".join(notes),)), ReportedAttribute("SOURCE_TYPE", (in_use,)))
    attributes = (
        *([ReportedAttribute("INST_MANDATE", attributes=tuple(mandate))] if mandate else []),
        ReportedAttribute("STAT_PROCESS", attributes=process),
        ReportedAttribute("MIGRATION", attributes=(ReportedAttribute("DEPARTURES", attributes=tuple(departures)),)),
    )
    targets = tuple(Target(urn) for urn in unique(flow.dataflow.ref.urn for flow in flows))
    artefacts = (artefact for ref, artefact in catalogue.artefacts.items() if ref.id == METADATAFLOW)
    described = next(artefact for artefact in artefacts if isinstance(artefact, Metadataflow))
    ref = Ref("MetadataSet", product.area, id=f"COMBINED_{product.area}", version="1.0.0")
    name = Text.of(en=product.name)
    return MetadataSet(described.ref, (Report(targets, attributes),), ref=ref, name=name)


def metadata_message(combined: Combined, now: str = "") -> bytes:
    """The reference metadata as SDMX-JSON."""
    header = Header("COMBINED", moment(now).isoformat(timespec="seconds"), sender=Party("SDMXMIG"))
    return metadata_bytes(FORMATS[METADATA_FORMAT], [combined.metadata], header)


def csv_of(output: Output) -> bytes:
    """A table of figures as CSV, with methods and sources beside every figure."""
    origins = {"INTEG_METHOD": "; ".join(output.made.methods), "SOURCES": "; ".join(output.made.sources)}
    texts = output.made.table.with_columns(
        *(pl.col(name).map_elements(written, return_dtype=pl.String) for name in numeric(output.made.table)),
        *(pl.lit(text).alias(name) for name, text in origins.items()),
    ).cast(pl.String)
    shields = texts.with_columns(pl.all().map_elements(shielded, return_dtype=pl.String))
    buffer = io.BytesIO()
    shields.write_csv(buffer)
    return buffer.getvalue()


def numeric(table: pl.DataFrame) -> list[str]:
    """The columns of figures."""
    return [name for name, kind in table.schema.items() if kind.is_numeric()]
