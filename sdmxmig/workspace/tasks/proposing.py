"""Proposals of mappings: material, candidates and files."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from babel.numbers import get_currency_name, get_territory_currencies

from sdmxmig import catalogue as declared
from sdmxmig.catalogue import Catalogue, areas
from sdmxmig.catalogue.ages import AGE_LIST, find_same_ages, name_age_group, parse_age_code
from sdmxmig.catalogue.folders import list_search_path
from sdmxmig.conversion import recognition, tables
from sdmxmig.conversion.mapping.grid import is_match
from sdmxmig.conversion.mapping.mapping_file import read_text
from sdmxmig.conversion.mapping.meanings import load_areas
from sdmxmig.conversion.mapping.writing import write
from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.recognition.recogniser import AGE, PARTNER
from sdmxmig.conversion.suggestion import Decisions, Question, earlier_mapping
from sdmxmig.conversion.suggestion.optional_attributes import ask_about_statuses, ask_about_unstated
from sdmxmig.conversion.suggestion.region_splitting import build_no_figures_error
from sdmxmig.conversion.suggestion.table_subjects import Option, SubjectQuestion, ask_about_table_subject
from sdmxmig.conversion.suggestion.table_subjects import find_named_country as find_country_in_texts
from sdmxmig.conversion.suggestion.wording import build_comments
from sdmxmig.io.disk_cache import load_or_make
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import DeclarationError, InputError, SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import quote_path
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data import SavedAnswer, TableMapping
from sdmxmig.sdmx.model.tables import Table, TextFormat
from sdmxmig.workspace.proposals import TriedProposal, propose
from sdmxmig.workspace.tasks.mapping_files import read_mappings

UNIT_LIST = "SDMXMIG:CL_UNIT_MEASURE(1.0.0)"
LANGUAGES_OF_CODES = ("en", "fr", "es", "ar", "ru", "zh")
AGE_LABEL, FIGURE = r"^\D*\d{1,3}(\D+\d{1,3})?\D*$", r"^[\d\s.,]*$"


@dataclass(frozen=True, eq=False, kw_only=True)
class Material:
    """Tables with what is known about them; `catalogue` also has the age groups of the tables that its list lacks."""

    tables: Sequence[Table]
    written: TextFormat
    catalogue: Catalogue
    recogniser: Recogniser
    remark: str = ""
    mappings: Sequence[TableMapping] = ()
    folder: Path | None = None


def find_last_mappings(material: Material) -> dict[str, TableMapping]:
    """Return by dataflow the last mapping of such tables in the workspace.

    If other texts than years changed since its table, only its codes of labels and signs are returned.
    """
    found = earlier_mapping.find_last_mappings(material.tables, material.mappings)
    if material.folder is None:
        return found
    return {
        flow: each
        if earlier_mapping.has_same_texts(material.tables, read_last_tables(each, material.folder), material.recogniser)
        else earlier_mapping.keep_labels(each)
        for flow, each in found.items()
    }


def read_last_tables(mapping: TableMapping, folder: Path) -> Sequence[Table]:
    """Return the last table file of a mapping, sheet by sheet; empty without a readable one."""
    paths = sorted(path for path in (folder / "tables").glob("*") if is_match(path.name, mapping.file))
    with suppress(SdmxmigError, OSError):
        return tables.read(paths[-1].name, read_bytes(paths[-1]), mapping.text) if paths else ()
    return ()


def read_material(
    workbook: Path, folder: Path | None, encoding: str = "", delimiter: str = "", *, content: bytes | None = None
) -> Material:
    """Read a file of tables with the declarations of a workspace; format options override detection."""
    options = {"encoding": encoding, "delimiter": "tab" if delimiter == "\\t" else delimiter}
    text_format = read_text(Declared({key: text for key, text in options.items() if text}, Place("the options")))
    catalogue = declared.load(folder)
    content = read_bytes(workbook) if content is None else content
    try:
        workbook_tables = tables.read(workbook.name, content, text_format)
    except InputError as error:
        if "mapping" not in error.hint:
            raise
        message = error.message.replace("he mapping", "he command")  # there is no mapping yet
        raise InputError(
            message, error.place, write_hint_on_text([key for key, text in options.items() if text])
        ) from None
    recogniser = build_recogniser(catalogue, folder)
    return Material(
        tables=workbook_tables,
        written=text_format,
        catalogue=add_age_groups(catalogue, workbook_tables, recogniser),
        recogniser=recogniser,
        remark=tables.describe_wrong_suffix(workbook.name, content, text_format),
        mappings=read_mappings(sorted((folder / "mappings").glob("*.toml")), catalogue.flows)[0] if folder else (),
        folder=folder,
    )


def add_age_groups(catalogue: Catalogue, tables: Sequence[Table], recogniser: Recogniser) -> Catalogue:
    """Add the groups of ages in years that labels name and the list lacks, such as 19 to 27 years (Y19T27)."""
    ages = catalogue.item_scheme(AGE_LIST)
    is_label = pl.col("text").str.contains(AGE_LABEL) & ~pl.col("text").str.contains(FIGURE)
    texts = {text for table in tables for text in table.cells.filter(is_label)["text"].unique()}
    codes = {candidate.code for text in texts for candidate in recogniser.candidates(text, AGE)}
    spans = {span: code for code in codes if (span := parse_age_code(code)) and not find_same_ages(code, ages.ids)}
    added = [
        Item(code, name, status="national") for _, code in sorted(spans.items()) if (name := name_age_group(code, ages))
    ]
    return replace_codelist(catalogue, replace(ages, items=(*ages.items, *added))) if added else catalogue


def add_currencies(material: Material, area: str) -> Material:
    """Add the currencies of a country to the units, such as the Moroccan dirham (MAD).

    Source: ISO 4217 and their names in the Common Locale Data Repository of Unicode.
    """
    units = material.catalogue.item_scheme(UNIT_LIST)
    codes = [code for code in get_territory_currencies(area) if code not in units] if area.isalpha() else []
    added = [Item(code, name_currency(code), status="national") for code in codes]
    if not added:
        return material
    return replace(
        material, catalogue=replace_codelist(material.catalogue, replace(units, items=(*units.items, *added)))
    )


def name_currency(code: str) -> Text:
    return Text.of({language: get_currency_name(code, locale=language) for language in LANGUAGES_OF_CODES})


def replace_codelist(catalogue: Catalogue, codelist: ItemScheme) -> Catalogue:
    flows = {
        name: replace(
            flow,
            codelists={
                component: codelist if each.ref == codelist.ref else each for component, each in flow.codelists.items()
            },
        )
        for name, flow in catalogue.flows.items()
    }
    return replace(catalogue, artefacts={**catalogue.artefacts, codelist.ref: codelist}, flows=flows)


def write_hint_on_text(given: Sequence[str]) -> str:
    if given:
        return f"Leave out {' and '.join(f'--{key}' for key in given)}: sdmxmig detects how the file is written."
    return "Save it as UTF-8, which Excel calls “CSV UTF-8”, or name its encoding with --encoding."


def build_recogniser(catalogue: Catalogue, folder: Path | None) -> Recogniser:
    codelist, folders = catalogue.item_scheme("SDMX:CL_AREA(2.0)"), list_search_path("codelists", folder)
    if len(folders) > 1:
        return recognition.read_recogniser(areas.read_areas(codelist, folder), folder)

    def read_shipped() -> Recogniser:
        recogniser = recognition.read_recogniser(areas.read_areas(codelist))
        recogniser.candidates("no country of this name", PARTNER)  # builds the look-up tables of names
        recogniser.vocabulary.phrases  # noqa: B018 - and that of phrases
        recogniser.countries.everyday  # noqa: B018 - and the short names
        return recogniser

    return load_or_make("recogniser", folders, read_shipped)


def select_sheets(material: Material, sheets: Collection[str]) -> Material:
    """Return the material with these sheets; unchanged if none are named."""
    names = [table.sheet for table in material.tables]
    for sheet in sheets:
        if sheet not in names:
            file = material.tables[0].file if material.tables else ""
            hint = did_you_mean(sheet, names) or "Leave out --sheet: the file has a single table without a name."
            raise SdmxmigError(f"There is no sheet “{sheet}”.", Place(file), hint)
    if not sheets:
        return material
    return replace(material, tables=[table for table in material.tables if table.sheet in sheets])


def add_note_sheets(material: Material, workbook: Material) -> Material:
    """Add the sheets of the workbook without figures, such as notes, which explain the figures of other sheets."""
    chosen = {table.sheet for table in material.tables}
    noted = [table for table in workbook.tables if table.sheet in chosen or not has_figures(workbook, table)]
    return replace(material, tables=noted)


def has_figures(material: Material, table: Table) -> bool:
    return bool(find_table_subject(replace(material, tables=[table])).options)


def find_table_subject(material: Material) -> SubjectQuestion:
    catalogue = material.catalogue
    return ask_about_table_subject(material.tables, catalogue.flows, material.recogniser, catalogue.counted)


def require_table_subject(material: Material) -> SubjectQuestion:
    question = find_table_subject(material)
    if not question.options:
        raise build_no_figures_error(material.tables, material.recogniser.vocabulary, describe_empty_formulas(material))
    return question


def find_named_country(material: Material) -> str:
    return find_country_in_texts(material.tables, material.recogniser)


def map_likeliest_by_sheet(material: Material) -> Mapping[str, Option | None]:
    """Return the likeliest subject of each sheet with figures; None if its texts name none."""
    questions = {
        table.sheet: find_table_subject(replace(material, tables=[table])) for table in material.tables if table.sheet
    }
    first = {sheet: question.options[0] for sheet, question in questions.items() if question.options}
    return {sheet: option if option.reasons else None for sheet, option in first.items()}


def check_flow(dataflow: str, catalogue: Catalogue) -> None:
    if dataflow not in catalogue.flows:
        hint = f"{did_you_mean(dataflow, sorted(catalogue.flows))} For a table that fits none: --new-flow ID."
        raise SdmxmigError(f"There is no dataflow “{dataflow}”.", hint=hint)


def find_area_code(area: str, catalogue: Catalogue) -> str:
    codelist = catalogue.item_scheme("SDMX:CL_AREA(2.0)")
    if not area or area in codelist.ids:
        return area
    with suppress(DeclarationError):
        return load_areas().code(area)
    raise SdmxmigError(f"“{area}” is not a code of CL_AREA.", hint=areas.suggest_area(area, codelist))


def describe_empty_formulas(material: Material) -> Iterator[str]:
    count = sum(not table.text(*cell) for table in material.tables for cell in table.formulas)
    if count:
        formulas = "1 cell contains a formula" if count == 1 else f"{count} cells contain formulas"
        yield f"{formulas} without a saved result: open the workbook in a spreadsheet program, and save it."


def try_proposal(material: Material, dataflow: str, *, area: str, decisions: Decisions) -> TriedProposal:
    tried = propose(
        material.tables,
        dataflow,
        material.catalogue,
        material.recogniser,
        area=area,
        decisions=decisions,
        mappings=material.mappings,
    )
    check_proposed(tried, dataflow, material)
    return tried


def check_proposed(tried: TriedProposal, dataflow: str, material: Material) -> None:
    if tried.proposal.mapping.blocks:
        return
    reasons = [question.chosen.reason for question in tried.questions if question.part == "sheet"]
    if not reasons:
        raise build_no_figures_error(material.tables, material.recogniser.vocabulary, describe_empty_formulas(material))
    reasons += list(describe_empty_formulas(material))
    plain = (reason.removeprefix("not proposed: ").rstrip(".") for reason in dict.fromkeys(reasons))
    hint = "".join(f"{reason[:1].upper()}{reason[1:]}. " for reason in plain)
    hint += (
        "If a label is wrong, correct it (write a day as 2022-01-31). Else name another dataflow, or none to be asked. "
    )
    hint += f"If none fits: sdmxmig map {quote_path(material.tables[0].file)} --new-flow ID."
    raise SdmxmigError(f"No table in the file looks like {dataflow}.", Place(material.tables[0].file), hint)


def list_optional_statements(tried: TriedProposal, catalogue: Catalogue) -> tuple[Question, ...]:
    flow = catalogue.flow(tried.proposal.mapping.flow)
    of_all = ask_about_unstated(tried.proposal, tried.questions, flow, catalogue.rules)
    some = ask_about_statuses(tried.proposal, tried.conversion.dataset) if tried.conversion else ()
    asked = {(question.part, question.label) for question in tried.questions}
    return tuple(question for question in (*of_all, *some) if (question.part, question.label) not in asked)


def write_mapping_text(
    tried: TriedProposal, material: Material, path: Path | None = None, answers: Sequence[SavedAnswer] = ()
) -> str:
    mapping = replace(tried.proposal.mapping, text=material.written, answers=tuple(answers))
    if path is not None:
        mapping = replace(mapping, id=choose_free_id(mapping.id, mapping.flow, collect_used_ids(path)))
    return write(mapping, build_comments(tried.proposal, tried.questions))


def choose_free_id(wanted: str, flow: str, taken: Collection[str]) -> str:
    """Return a mapping id that is not in use.

    >>> choose_free_id("MAP_A", "DF_POP", ()), choose_free_id("MAP_A", "DF_POP", {"MAP_A", "MAP_A_POP"})
    ('MAP_A', 'MAP_A_POP_2')
    """
    if wanted not in taken:
        return wanted
    with_flow = f"{wanted}_{flow.removeprefix('DF_')}"
    numbered = (f"{with_flow}_{number}" for number in itertools.count(2))
    return next(id_ for id_ in itertools.chain([with_flow], numbered) if id_ not in taken)


def collect_used_ids(path: Path) -> frozenset[str]:
    ids = set()
    for other in sorted(path.parent.glob("*.toml")) if path.parent.is_dir() else ():
        if other.name != path.name:
            with suppress(SdmxmigError, OSError):
                ids.add(Declared.parse(other.name, read_bytes(other)).text("id", ""))
    return frozenset(ids)
