"""Sources and steps of a combination."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TypeVar

from sdmxmig.catalogue import Catalogue
from sdmxmig.conversion.mapping.block_keys import suggest_code
from sdmxmig.io.intake.files import hash_file, open_file
from sdmxmig.primitives.errors import DeclarationError, SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.combination.margins import DENTON, fit_to_margins, split_into_months
from sdmxmig.records.combination.surveys import (
    PERSON,
    PRECISION_COLUMNS,
    PROBABILISTIC,
    SCALED,
    Question,
    SurveyDesign,
    add_figures,
    calibrate_survey,
    count_records,
    describe_errors,
    estimate_by_group,
    get_method,
    merge_person_records,
)
from sdmxmig.records.combination.tables import (
    COUNT,
    DIFFERENCE,
    FIRST,
    LINKAGE,
    PERSONS,
    PRECISION,
    SHARE,
    SURVEY,
    TOTAL,
    VALUE,
    Choice,
    NamedTable,
    Note,
    Result,
    SourceTable,
    merge_sources,
)
from sdmxmig.records.files import explain_read_error, number_rows, open_table
from sdmxmig.records.linkage_errors import UNMEASURED_NOTE, read_linkage_errors
from sdmxmig.records.reading import check_area
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.statistics.demography.surveys import MIN_PERSONS, RAKING, WeightChange

Thing = TypeVar("Thing")
NAME = re.compile("[A-Za-z][A-Za-z0-9_-]{0,40}")
AREA = re.compile("[A-Z0-9_]{1,20}")
SOURCE_LIST = "CL_SRC_TYPE"
UNIVERSE_KEY = "universe"
STATED = {
    "UNIT_MEASURE": "CL_UNIT_MEASURE",
    "AGEDEF": "CL_AGEDEF",
    "REF_DATE": "CL_REF_DATE",
    "RES_RULE": "CL_RES_RULE",
    "DUR_BASIS": "CL_DUR_BASIS",
    UNIVERSE_KEY: "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    name: str
    path: Path
    type: str
    version: str
    legal_basis: str
    sha256: str
    is_simulated: bool = False
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Product:
    name: str
    area: str
    _: KW_ONLY
    legal_basis: str
    attributes: Mapping[str, str]
    sources: Mapping[str, Source]
    folder: Path


def read_product(declared: Declared, folder: Path, catalogue: Catalogue) -> Product:
    """Read product and sources; raise `DeclarationError` for duplicates and unreadable files."""
    sources: dict[str, Source] = {}
    for table in declared.tables("source"):
        with add_error_context("Source", table):
            source = read_source(table, folder, catalogue)
            check_new(source, sources, table)
        sources[source.name] = source
    if not sources:
        raise DeclarationError("There is no source.", declared.at("source"), "Add [[source]] with name, file and type.")
    attributes = declared.table("attributes").pairs()
    for name in attributes:
        if name in STATED:
            check_code(attributes[name], STATED[name], declared.table("attributes"), name, catalogue)
    return Product(
        declared.text("name"),
        read_area(declared, catalogue),
        legal_basis=declared.text("legal_basis", ""),
        attributes=attributes,
        sources=sources,
        folder=folder,
    )


def check_new(source: Source, sources: Mapping[str, Source], declared: Declared) -> None:
    if source.name in sources:
        hint = "Give each its own name."
        raise DeclarationError(f"There are two sources “{source.name}”.", declared.at("name"), hint)
    for other in sources.values():
        if other.sha256 == source.sha256:
            raise DeclarationError(
                f"{other.name} and {source.name} are the same: their files do not differ.",
                declared.at("file"),
                "Name a source once, and use its table in several steps.",
            )


@contextmanager
def add_error_context(what: str, declared: Declared) -> Iterator[None]:
    try:
        yield
    except SdmxmigError as error:
        name = declared.values.get("name", "without a name")
        place = error.place or declared.at("kind")
        raise DeclarationError(f"{what} {name}: {error.message}", place, error.hint) from None


def read_area(declared: Declared, catalogue: Catalogue) -> str:
    area = declared.check_shape("area", AREA, "Write the code of the country from CL_AREA.")
    try:
        check_area(area, catalogue)
    except SdmxmigError as error:
        raise DeclarationError(error.message, declared.at("area"), error.hint) from None
    return area


def read_source(declared: Declared, folder: Path, catalogue: Catalogue) -> Source:
    declared.check_shape("name", NAME, "Begin the name with a letter, and use only letters, digits, - and _.")
    type_ = declared.text("type")
    check_code(type_, SOURCE_LIST, declared, "type", catalogue)
    file = declared.text("file")
    if not file.isprintable():
        hint = 'Write / between folders: "data/register.csv".'
        raise DeclarationError("“file” contains a character that file names cannot have.", declared.at("file"), hint)
    path = folder / file
    with open_file(path):
        sha256 = hash_file(path)
    about = declared.table("about")
    stated = {key: about.text(key).strip() for key in STATED if key in about.values}
    about.close()
    for key, value in stated.items():
        check_code(value, STATED[key], about, key, catalogue)
    return declared.read(
        Source, path=path, legal_basis=declared.text("legal_basis", ""), sha256=sha256, is_simulated=False, about=stated
    )


def check_code(code: str, list_name: str, declared: Declared, key: str, catalogue: Catalogue) -> None:
    if not list_name:
        return
    codes = catalogue.item_scheme(list_name)
    if code not in codes:
        hint = suggest_code(code, codes, key)
        raise DeclarationError(f"“{code}” is not a code of {list_name}.", declared.at(key), hint)


def index_differences(sources: Iterable[Source]) -> dict[str, dict[str, str]]:
    stated = {name: {source.name: source.about[name] for source in sources if name in source.about} for name in STATED}
    return {name: values for name, values in stated.items() if len(set(map(str.casefold, values.values()))) > 1}


def describe_difference_of_sources(name: str, values: Mapping[str, str]) -> str:
    return f"{name} ({', '.join(f'{source} {value}' for source, value in values.items())})"


def tabulate_source(path: Path) -> pl.DataFrame:
    scan = open_table(path)
    try:
        texts = pl.col(pl.String).str.strip_chars()
        return scan.with_columns(pl.when(texts != "").then(texts).name.keep()).collect()
    except pl.exceptions.PolarsError:
        raise explain_read_error(path) from None


def drop_duplicates(things: Iterable[Thing]) -> tuple[Thing, ...]:
    return tuple(dict.fromkeys(things))


def select_sources(sources: Mapping[str, Source], names: Collection[str]) -> list[Source]:
    return [source for name, source in sources.items() if name in names]


METHOD_LIST = "CL_INTEG_METHOD"
LINK = "link"
USUAL_METHODS = {LINK: "", "prefer": "DET", COUNT: "", "fit": "CAL", "weights": "CAL", SURVEY: "", "months": ""}
"""The default method of integration by kind of step."""
OF_RECORDS, LINKING = (LINK, "prefer", "weights"), (LINK, "prefer")
"""Kinds of steps that make tables of records, and those that take linkage errors."""
COUNTING_STEPS = (COUNT, SURVEY)
"""Kinds of steps that give the number of persons behind a figure."""
COURSE_KEY = "indicator"
"""The key of a table used only for its trend."""
ASKED_KEYS = ("weight", "of", "measure")


@dataclass(frozen=True, slots=True)
class Stage:
    tables: Mapping[str, SourceTable]
    product: Product
    _: KW_ONLY
    catalogue: Catalogue


def run(step: Declared, stage: Stage) -> tuple[SourceTable, tuple[Note, ...]]:
    name, kind = (
        step.check_shape("name", NAME, "Begin the name with a letter, and use only letters, digits, - and _."),
        step.text("kind"),
    )
    if name in stage.tables:
        raise DeclarationError(f"The table “{name}” already exists.", step.at("name"), "Give the step another name.")
    if kind not in STEP_FUNCTIONS:
        raise DeclarationError(
            f"“{kind}” is not a kind of step.", step.at("kind"), f"Possible values: {', '.join(STEP_FUNCTIONS)}."
        )
    uses = StepInputs(stage.tables, step, stage.product.folder)
    result = STEP_FUNCTIONS[kind](step, uses)
    linkage = list_linkage_notes(step, uses) if kind in LINKING else ()
    method = name_method(step, uses, linkage, stage.catalogue)
    used = [stage.tables[used] for used in uses.names]
    measured = [stage.tables[used] for used in uses.names if used not in uses.courses]
    despite, words = explain_differences(step, measured, stage.product)
    words += list_imprecise_figures(name, uses)
    made = SourceTable(
        name=name,
        table=result.table,
        is_records=kind in OF_RECORDS,
        sources=sort_sources(stage.product, (source for past in used for source in past.sources)),
        measured=sort_sources(stage.product, (source for past in measured for source in past.measured)),
        methods=drop_duplicates(
            [*(earlier for past in used for earlier in past.methods), *([method] if method else [])]
        ),
        notes=drop_duplicates([*(note for past in used for note in past.notes), *words, *result.notes, *linkage]),
        despite=despite,
        kind=kind,
        asked=(*uses.names, *(str(step.values.get(key, "")) for key in ASKED_KEYS)),
        by=step.strings("by") if kind in COUNTING_STEPS else (),
        least=step.integer("least", MIN_PERSONS) if kind == SURVEY else 0,
        fewest=find_smallest_base_count(kind, result.table, measured),
        withheld=result.withheld,
    )
    return made, (*words, *result.notes, *linkage)


def find_smallest_base_count(kind: str, table: pl.DataFrame, measured: Sequence[SourceTable]) -> int | None:
    if kind in OF_RECORDS:
        return None
    number = PERSONS if PERSONS in table.columns else VALUE
    if kind in COUNTING_STEPS and (number == PERSONS or VALUE not in measured[0].table.columns):
        least = table.filter(pl.col(number) > 0)[number].cast(pl.Int64).min()
        return least if isinstance(least, int) else None
    return min((past.fewest for past in measured if past.fewest is not None), default=None)


def list_imprecise_figures(name: str, uses: StepInputs) -> tuple[Note, ...]:
    columns = {used: uses.tables[used].table.columns for used in drop_duplicates(uses.names)}
    estimates = [used for used, names in columns.items() if VALUE in names and {*PRECISION_COLUMNS} & {*names}]
    return tuple(Note(f"intervals of {used} hold for it alone: {name} has none", topic=PRECISION) for used in estimates)


def sort_sources(product: Product, names: Iterable[str]) -> tuple[str, ...]:
    wanted = {*names}
    return tuple(name for name in product.sources if name in wanted)


def name_method(step: Declared, uses: StepInputs, linkage: tuple[Note, ...], catalogue: Catalogue) -> str:
    kind = step.text("kind")
    usual = USUAL_METHODS[kind]
    if kind == LINK:
        table = step.text("table")
        usual = get_method(find_links(step, uses), step.text("source", table))
    elif linkage or (kind == "prefer" and any(PROBABILISTIC in uses.tables[name].methods for name in uses.names)):
        usual = PROBABILISTIC
    method = step.text("method", usual)
    if method:
        check_code(method, METHOD_LIST, step, "method", catalogue)
    return method


def list_linkage_notes(step: Declared, uses: StepInputs) -> tuple[Note, ...]:
    file = step.text("linkage", "")
    if not file:
        return ()
    errors = read_linkage_errors(uses.folder / file)
    if not errors:
        return (Note(f"linkage: {UNMEASURED_NOTE}", topic=LINKAGE),)
    return describe_errors(errors, [*uses.names, step.text("source", "")])


def explain_differences(
    step: Declared, measured: Sequence[SourceTable], product: Product
) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    """Explain accepted differences of sources; raise `DeclarationError` if unexplained or unnecessary."""
    reasons = step.table("despite").pairs()
    sources = select_sources(product.sources, {source for past in measured for source in past.measured})
    differing = index_differences(sources)
    earlier = {
        key
        for past in measured
        for key, values in differing.items()
        if key in past.despite and set(values) <= {*past.measured}
    }
    words = []
    for key, values in differing.items():
        if key in reasons:
            sentence = f"sources differ in {describe_difference_of_sources(key, values)}: {reasons[key]}"
            words.append(Note(sentence, topic=DIFFERENCE))
        elif key not in earlier:
            raise DeclarationError(
                f"Sources differ in {describe_difference_of_sources(key, values)}.",
                step.at("kind"),
                f'Harmonise them, or give a reason: despite.{key} = "…".',
            )
    for key in reasons:
        if key not in differing:
            hint = f"Possible values, stated under about: {', '.join(STATED)}."
            raise DeclarationError(f"Sources do not differ in {key}.", step.at("despite"), hint)
    return tuple(differing), tuple(words)


class StepInputs:
    def __init__(self, tables: Mapping[str, SourceTable], step: Declared, folder: Path) -> None:
        self.tables = tables
        self.folder = folder
        self.step = step
        self.names: list[str] = []
        self.courses: list[str] = []

    def table(self, key: str) -> NamedTable:
        return self.named(self.step.text(key), key)

    def people(self, key: str) -> NamedTable:
        table = self.table(key)
        if not self.tables[table.name].is_records or VALUE in table.frame.columns:
            raise DeclarationError(
                f"{table.name} is a table of figures (it has a column {VALUE}), but each row must be a person.",
                self.step.at(key),
                'Name the table of persons; to sum figures, write count with weight = "value".',
            )
        return table

    def find_table(self, key: str) -> NamedTable | None:
        name = self.step.text(key, "")
        return self.named(name, key) if name else None

    def read_course(self, key: str) -> NamedTable | None:
        table = self.find_table(key)
        self.courses += [table.name] if table else []
        return table

    def several(self, key: str) -> dict[str, NamedTable]:
        names = self.step.strings(key, default=None)
        if not names:
            raise DeclarationError(f"“{key}” names no table.", self.step.at(key), 'Write for example ["by_sex"].')
        if len(set(names)) < len(names):
            raise DeclarationError(f"“{key}” names a table twice.", self.step.at(key), "Name each table once.")
        return {name: self.named(name, key) for name in names}

    def named(self, name: str, key: str) -> NamedTable:
        """Return a table by name; figures have no precision, and shares are allowed only as an indicator."""
        if name not in self.tables:
            hint = did_you_mean(name, self.tables) or f"Possible values: {', '.join(self.tables)}."
            raise DeclarationError(f"There is no table “{name}”.", self.step.at(key), hint)
        if self.tables[name].has_shares and key != COURSE_KEY:
            hint = f'Let it estimate totals: measure = "{TOTAL}".'
            raise DeclarationError(f"{name} has shares, which do not add up.", self.step.at(key), hint)
        self.names.append(name)
        table, numbers = self.tables[name].table, self.tables[name].numbers
        return NamedTable(
            name, table.drop(PRECISION_COLUMNS, strict=False) if VALUE in table.columns else table, numbers=numbers
        )


def link(step: Declared, uses: StepInputs) -> Result:
    table = uses.table("table")
    column, source, key = step.text("record", PERSON), step.text("source", table.name), step.text("key", PERSON)
    return merge_person_records(table, find_links(step, uses), column, source, key=key)


def find_links(step: Declared, uses: StepInputs) -> NamedTable:
    path = uses.folder / step.text("links")
    return NamedTable(path.name, tabulate_source(path), numbers=number_rows(path))


def prefer(step: Declared, uses: StepInputs) -> Result:
    order = step.table("order", required=True)
    rules, date = step.table("rule").pairs(), step.text("date", "")
    for variable in rules:
        if variable not in order.values:
            raise DeclarationError(
                f"{variable} has a rule but no order.",
                step.at("rule"),
                f'The order decides if the rule does not: order.{variable} = ["…"].',
            )
    choices = {
        variable: Choice(sources=order.strings(variable), rule=rules.get(variable, FIRST), date=date)
        for variable in order.values
    }
    return merge_sources(uses.several("tables"), step.text("key", "person"), choices)


def count(step: Declared, uses: StepInputs) -> Result:
    weight, by = step.text("weight", ""), step.strings("by")
    if weight != VALUE:
        return count_records(uses.people("table"), by, weight)
    return add_figures(uses.table("table"), by)


def fit(step: Declared, uses: StepInputs) -> Result:
    margins = [*uses.several("margins").values()]
    return fit_to_margins(uses.table("table"), margins, uses.find_table("fixed"), step.integer("round", 1))


def write_weights(step: Declared, uses: StepInputs) -> Result:
    change = WeightChange(
        method=step.text("by", RAKING), least=number(step, "least", "0"), most=number(step, "most", "inf")
    )
    return calibrate_survey(uses.people("table"), step.text("weight"), [*uses.several("totals").values()], change)


def write_survey(step: Declared, uses: StepInputs) -> Result:
    measure = step.text("measure", SHARE)
    if measure not in (SHARE, TOTAL):
        raise DeclarationError(
            f"“{measure}” is not a measure.", step.at("measure"), f"Possible values: {SHARE}, {TOTAL}."
        )
    columns = {key: step.text(key, "") for key in ("stratum", "cluster", "size")}
    design = SurveyDesign(weight=step.text("weight"), **columns)
    least, missing = step.integer("least", MIN_PERSONS), step.text("missing", "")
    if missing and (missing, measure) != (SCALED, TOTAL):
        hint = f'A total takes missing = "{SCALED}": respondents represent the others of their group.'
        raise DeclarationError(f"“{missing}” is not an option of {measure}.", step.at("missing"), hint)
    question = Question(step.text("of"), measure=measure, by=step.strings("by"), least=least, missing=missing)
    return estimate_by_group(uses.people("table"), design, question)


def write_months(step: Declared, uses: StepInputs) -> Result:
    return split_into_months(
        uses.table("table"),
        uses.read_course(COURSE_KEY),
        method=step.text("by", DENTON),
        is_whole=step.flag("whole", default=True),
    )


STEP_FUNCTIONS: dict[str, Callable[[Declared, StepInputs], Result]] = {
    LINK: link,
    "prefer": prefer,
    COUNT: count,
    "fit": fit,
    "weights": write_weights,
    SURVEY: write_survey,
    "months": write_months,
}


def number(step: Declared, key: str, default: str) -> float:
    text = step.text(key, default)
    try:
        return float(text)
    except ValueError:
        raise DeclarationError(f"“{text}” is not a number.", step.at(key), 'Write for example "0.5".') from None
