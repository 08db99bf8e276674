"""Combined figures as SDMX or CSV, with the reference metadata of a combined product."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sdmxmig.catalogue import Catalogue
from sdmxmig.primitives.errors import DeclarationError, did_you_mean, write_count
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.periods import parse
from sdmxmig.primitives.text import shield_formula
from sdmxmig.quality.disclosure.problem import SafetyRules, mark_small_counts
from sdmxmig.records.combination.surveys import PRECISION_COLUMNS
from sdmxmig.records.combination.tables import (
    DIFFERENCE,
    LINKAGE,
    MATCH,
    MIN_COUNT,
    PERIOD,
    PERSONS,
    PRECISION,
    RESIDUAL,
    RULE,
    VALUE,
    YEAR,
    Note,
    SourceTable,
    find_count_column,
)
from sdmxmig.records.counting import Row, Statement, build_dataset
from sdmxmig.records.files import SIMULATED
from sdmxmig.records.reading import OWN_AREAS, SIMULATION_NOTICE, mark_simulated
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.formats import FORMATS, metadata_bytes
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Metadataflow
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.workspace.tasks.combining_steps import (
    STATED,
    UNIVERSE_KEY,
    Product,
    Source,
    Stage,
    drop_duplicates,
    select_sources,
)
from sdmxmig.workspace.tasks.record_files import HASH_SHOWN
from sdmxmig.workspace.tasks.session import parse_moment

NORMAL, DIFFERS, UNRELIABLE = "A", "D", "U"
"""Statuses: normal, differing sources, low reliability."""
AREA_DIMENSIONS = ("REF_AREA", "C_BIRTH", "C_CITIZEN", "C_RESIDENCE")
"""Components that may contain country codes reserved by ISO for users."""
SHARE_UNITS = {"PT": 100, "RO": 1}
"""Units of shares, and their factors."""
DECIMALS, DIGITS = 6, 15
COMMENT_ATTRIBUTE = "COMMENT_DSET"
LONGEST = {"COMMENT_OBS": 1050, "SOURCE_DETAIL": 1050, COMMENT_ATTRIBUTE: 4000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    made: SourceTable
    least: int
    dataset: Dataset | None

    @property
    def min_persons(self) -> str:
        if self.least == 1:
            return "any number: to be protected before they are published"
        if self.made.fewest is None:
            return f"not known, since it was made of figures; each is {self.least} or more"
        return f"{max(self.least, self.made.least)} or more"


def read_output(step: Declared, made: SourceTable, stage: Stage) -> Output | None:
    """Build the output of a step; None for records and intermediate steps.

    Raises `DeclarationError` for disclosive counts and contradictory sources or persons.
    """
    is_between = step.flag("between", default=False)
    flow, least = step.text("flow", ""), step.integer("smallest", MIN_COUNT)
    constants = step.table("set").pairs()
    if least < 1:
        hint = "Write smallest = 1 if figures are protected before they are published."
        raise DeclarationError(f"smallest = {least} has no effect.", step.at("smallest"), hint)
    if made.is_records and (flow or constants):
        hint = "Count the persons in a separate step, and name the dataflow there."
        raise DeclarationError("Tables of persons cannot be published.", step.at("flow" if flow else "set"), hint)
    if constants and not flow:
        raise DeclarationError(
            "“set” needs a dataflow.", step.at("set"), 'Add it, such as flow = "DF_POP", or leave out “set”.'
        )
    if made.is_records or is_between:
        return None
    counts = made.table[find_count_column(made.table)].cast(pl.Float64).to_numpy()
    few = int(mark_small_counts(counts, SafetyRules(threshold=least)).sum())
    if few or (made.fewest is not None and made.fewest < least):
        what, way = f"{write_count(few, 'figure')} of", "Count by fewer columns, write round = 5 at a step fit"
        if not few:
            what, way = "Figures that are made of counts of", "Count by fewer columns in the steps before"
        raise DeclarationError(
            f"{what} fewer than {least} persons.",
            step.at("name"),
            f"{way}, or between = true, or smallest = 1 if figures are protected before they are published.",
        )
    check_stated(step, made, stage.product)
    dataset = find_dataset(flow, constants, made, step, stage) if flow else None
    return Output(made=made, least=least, dataset=dataset)


def check_stated(step: Declared, made: SourceTable, product: Product) -> None:
    for source in select_sources(product.sources, made.measured):
        for key, value in source.about.items():
            wanted = product.attributes.get(key, value)
            if wanted != value and key not in made.despite:
                raise DeclarationError(
                    f"{source.name} states {key} {value}, but the product states {wanted}.",
                    step.at("name"),
                    "Correct the one that is wrong, or combine sources that agree.",
                )


def find_dataset(flow: str, constants: Mapping[str, str], made: SourceTable, step: Declared, stage: Stage) -> Dataset:
    product, catalogue = stage.product, stage.catalogue
    if flow not in catalogue.flows:
        hint = did_you_mean(flow, catalogue.flows) or "See: sdmxmig show dataflows"
        raise DeclarationError(f"“{flow}” is not a dataflow.", step.at("flow"), hint)
    wanted = {component.id for component in catalogue.flows[flow].structure.components}
    others = {PERSONS, *PRECISION_COLUMNS, VALUE, YEAR, PERIOD}
    unknown = [name for name in (*constants, *made.table.columns) if name not in wanted | others]
    if unknown:
        raise DeclarationError(
            f"{flow} has no {', '.join(unknown)}.", step.at("flow"), "Use the names of its dimensions for the columns."
        )
    foreign = [name for name in product.attributes if name not in {*wanted, *STATED}]
    if foreign:
        hint = did_you_mean(foreign[0], sorted(wanted))
        raise DeclarationError(f"{flow} has no {', '.join(foreign)}.", step.at("flow"), hint)
    frequency = "M" if PERIOD in made.table.columns else "A"
    own = {"TIME_PERIOD" if name in (YEAR, PERIOD) else name for name in made.table.columns}
    check_constants(step, constants, {"REF_AREA": product.area, "FREQ": frequency}, own)
    made = convert_shares(step, made, constants.get("UNIT_MEASURE", product.attributes.get("UNIT_MEASURE", "")))
    rows = [build_figure_row(row, constants, made) for row in made.table.rows(named=True)]
    lacking = {"TIME_PERIOD"} - set(rows[0])
    if lacking:
        raise DeclarationError("Figures have no TIME_PERIOD.", step.at("set"), 'Write set = { TIME_PERIOD = "2024" }.')
    statement = build_statement(product, made, frequency)
    dataset = build_dataset(catalogue.flows[flow], rows, statement)
    check_dataset(dataset, step)
    return dataset


def check_constants(step: Declared, constants: Mapping[str, str], known: Mapping[str, str], own: set[str]) -> None:
    for name, value in constants.items():
        if name in {"OBS_VALUE", *own} or value != known.get(name, value):
            what = "is what a step finds" if name in {"OBS_VALUE", *own} else f"is {known[name]} here, not {value}"
            raise DeclarationError(f"{name} {what}.", step.at("set"), f"Leave {name} out of set.")


def convert_shares(step: Declared, made: SourceTable, unit: str) -> SourceTable:
    if not made.has_shares:
        return made
    if unit not in SHARE_UNITS:
        hint = 'Name its unit: set = { UNIT_MEASURE = "PT" } for per cent, or "RO" for a ratio.'
        raise DeclarationError("A share is not a number of persons.", step.at("set"), hint)
    return replace(made, table=made.table.with_columns(pl.col(VALUE, "error", "low", "high") * SHARE_UNITS[unit]))


def check_dataset(dataset: Dataset, step: Declared) -> None:
    flow = dataset.flow
    columns = {**{name: dataset.observations[name] for name in dataset.observations.columns},
               **{name: pl.Series([value]) for name, value in dataset.attributes.items()},
               **{name: dataset.series[name] for name in dataset.series.columns}}  # fmt: skip
    for name, column in columns.items():
        codes = flow.codelist(name)
        if codes is None:
            continue
        for code in column.drop_nulls().unique(maintain_order=True).cast(pl.String):
            if code not in codes and not (name in AREA_DIMENSIONS and code in OWN_AREAS):
                hint = did_you_mean(code, codes.ids) or f"See: sdmxmig show {codes.ref.id}"
                raise DeclarationError(f"“{code}” is not a code of {name} in {flow.id}.", step.at("flow"), hint)
    for period in columns["TIME_PERIOD"].unique(maintain_order=True):
        if parse(period) is None:
            hint = 'Write for example set = { TIME_PERIOD = "2024" }.'
            raise DeclarationError(f"“{period}” is not a TIME_PERIOD.", step.at("set"), hint)


def build_figure_row(row: Mapping[str, object], constants: Mapping[str, str], made: SourceTable) -> Row:
    inner = {VALUE, PERSONS, *PRECISION_COLUMNS, YEAR, PERIOD}
    codes = {name: str(cell) for name, cell in row.items() if name not in inner}
    period = row.get(PERIOD) or row.get(YEAR)
    usual = DIFFERS if made.despite else constants.get("OBS_STATUS", NORMAL)
    figure = {**constants, **codes, "OBS_VALUE": format_figure(row[VALUE]), "OBS_STATUS": usual}
    if period:
        figure["TIME_PERIOD"] = str(period)
    comments = []
    if "error" in row:
        low, high = format_figure(row["low"]), format_figure(row["high"])
        comments.append(f"standard error {format_figure(row['error'])}, 95% interval {low} to {high}.")
        figure["OBS_STATUS"] = UNRELIABLE if row["unreliable"] else usual
    if len(made.methods) > 1:  # the attribute has one code, that of the last step
        comments.append(f"Methods of integration, one after the other: {', '.join(made.methods)}.")
    if comments:
        figure["COMMENT_OBS"] = " ".join(comments)
    return figure


def format_figure(value: object) -> str:
    figure = float(str(value))
    before = len(f"{abs(figure):.0f}")
    text = f"{figure:.{min(DECIMALS, max(DIGITS - before, 1))}f}"
    return text.rstrip("0").rstrip(".") or "0"


def build_statement(product: Product, made: SourceTable, frequency: str) -> Statement:
    types = drop_duplicates(product.sources[name].type for name in made.sources)
    return Statement(
        {**product.attributes, COMMENT_ATTRIBUTE: shorten(describe_steps(made), COMMENT_ATTRIBUTE)},
        observation={
            "FREQ": frequency,
            "REF_AREA": product.area,
            "UNIT_MEASURE": product.attributes.get("UNIT_MEASURE", "PS"),
            "UNIT_MULT": "0",
            **({"SRC_TYPE": types[0]} if len(types) == 1 else {}),
            **({"INTEG_METHOD": made.methods[-1]} if made.methods else {}),
            "SOURCE_DETAIL": shorten(
                "; ".join(describe_source(product.sources[name]) for name in made.sources), "SOURCE_DETAIL"
            ),
        },
    )


def describe_steps(made: SourceTable) -> str:
    return "; ".join(note.text for note in made.notes) + "."


def describe_source(source: Source) -> str:
    mark = f", {SIMULATED}" if source.is_simulated else ""
    return f"{source.name} ({source.type}, version {source.version}, SHA-256 {source.sha256[:HASH_SHOWN]}{mark})"


def shorten(text: str, attribute: str) -> str:
    longest = LONGEST[attribute]
    return text if len(text) <= longest else text[: longest - 1] + "…"


def write_csv(output: Output) -> bytes:
    made = output.made
    origins = {
        "INTEG_METHOD": "; ".join(made.methods),
        "SOURCES": "; ".join(made.sources),
        **({COMMENT_ATTRIBUTE: describe_steps(made)} if made.notes else {}),
    }
    texts = made.table.with_columns(
        *(
            pl.col(name).map_elements(format_figure, return_dtype=pl.String)
            for name, kind in made.table.schema.items()
            if kind.is_numeric()
        ),
        *(pl.lit(text).alias(name) for name, text in origins.items()),
    ).cast(pl.String)
    shields = texts.with_columns(pl.all().map_elements(shield_formula, return_dtype=pl.String))
    buffer = io.BytesIO()
    mark_simulated(shields, simulated=any(note.text == SIMULATION_NOTICE for note in made.notes)).write_csv(buffer)
    return buffer.getvalue()


METADATAFLOW, METADATA_FORMAT = "MDF_MIGRATION", "sdmx-json-2.0"
Notes = Sequence[tuple[str, Note]]
"""Notes by step."""
METADATA_SECTIONS = (
    ("STAT_PRES", ("STAT_POP",)),
    ("INST_MANDATE", ("INST_MAN_SHAR", "INST_MAN_LA_OA")),
    ("CONF", ("CONF_DATA_TR",)),
    ("ACCURACY", ("NONSAMPLING_ERR", "SAMPLING_ERR")),
    ("COHER_COMPAR", ("COHER_INTERNAL", "COHER_X_DOM")),
    ("STAT_PROCESS", ("DATA_COMP", "DATA_VALIDATION", "SOURCE_TYPE")),
)
MIGRATION_SECTIONS = (
    ("WHO_COUNTS", ("RES_RULE", "DUR_BASIS")),
    ("DEPARTURES", ("SRC_TYPE", "INTEG_METHOD")),
    ("PUBLISHED_FIGURES", ("REF_DATE",)),
)
"""Attributes of the metadata structure to fill, by parent."""
STATED_CODES = ("RES_RULE", "DUR_BASIS", "REF_DATE")


def build_metadata(product: Product, outputs: Sequence[Output], notes: Notes, catalogue: Catalogue) -> MetadataSet:
    flows = [output.dataset.flow for output in outputs if output.dataset] or [catalogue.flows["DF_POP"]]
    texts = index_texts(product, outputs, notes)
    methods = drop_duplicates(method for output in outputs for method in output.made.methods)
    codes = {
        "SRC_TYPE": drop_duplicates(source.type for source in product.sources.values()),
        "INTEG_METHOD": methods,
        **{name: (product.attributes[name],) for name in STATED_CODES if name in product.attributes},
    }
    sections = [
        build_section(parent, {name: (texts[name],) for name in names if texts[name]})
        for parent, names in METADATA_SECTIONS
    ]
    migration = [
        build_section(parent, {name: codes[name] for name in names if codes.get(name)})
        for parent, names in MIGRATION_SECTIONS
    ]
    migration = [each for each in migration if each.attributes]
    attributes = (
        *(each for each in sections if each.attributes),
        *([ReportedAttribute("MIGRATION", attributes=tuple(migration))] if migration else []),
    )
    targets = tuple(Target(urn) for urn in drop_duplicates(flow.dataflow.ref.urn for flow in flows))
    artefacts = (artefact for ref, artefact in catalogue.artefacts.items() if ref.id == METADATAFLOW)
    described = next(artefact for artefact in artefacts if isinstance(artefact, Metadataflow))
    ref = Ref("MetadataSet", product.area, id=f"COMBINED_{product.area}", version="1.0.0")
    name = Text.of(en=product.name)
    return MetadataSet(described.ref, (Report(targets, attributes),), ref=ref, name=name)


def build_section(name: str, values: Mapping[str, tuple[str, ...]]) -> ReportedAttribute:
    return ReportedAttribute(name, attributes=tuple(ReportedAttribute(key, value) for key, value in values.items()))


def index_texts(product: Product, outputs: Sequence[Output], notes: Notes) -> dict[str, str]:
    sources = product.sources.values()
    universes = [f"{source.name}: {source.about[UNIVERSE_KEY]}" for source in sources if UNIVERSE_KEY in source.about]
    shared = [f"{source.name}: {source.legal_basis}" for source in sources if source.legal_basis]
    behind = "; ".join(f"{output.made.name}: {output.min_persons}" for output in outputs)
    return {
        "STAT_POP": "; ".join(universes),
        "INST_MAN_LA_OA": product.legal_basis,
        "INST_MAN_SHAR": "; ".join(shared),
        "CONF_DATA_TR": f"persons behind each figure: {behind}",
        "NONSAMPLING_ERR": join_notes(notes, MATCH, LINKAGE),
        "SAMPLING_ERR": join_notes(notes, PRECISION),
        "COHER_X_DOM": join_notes(notes, DIFFERENCE),
        "COHER_INTERNAL": join_notes(notes, RESIDUAL),
        "DATA_COMP": join_notes(notes),
        "DATA_VALIDATION": join_notes(notes, RULE),
        "SOURCE_TYPE": "; ".join(map(describe_source, sources)),
    }


def join_notes(notes: Notes, *topics: str) -> str:
    return "; ".join(f"{step}: {note.text}" for step, note in notes if not topics or note.topic in topics)


def build_metadata_message(metadata: MetadataSet, now: str) -> bytes:
    header = Header("COMBINED", parse_moment(now).isoformat(timespec="seconds"), sender=Party("SDMXMIG"))
    return metadata_bytes(FORMATS[METADATA_FORMAT], [metadata], header)
