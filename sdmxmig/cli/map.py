"""``sdmxmig map``: propose a mapping for a workbook."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION, WORKSPACE_OPTION, build_output_option
from sdmxmig.cli.show import find_workspace
from sdmxmig.cli.terminal import FINDINGS, OK, next_step, say, show_formulas, show_json, show_text, stage
from sdmxmig.io.publishing.files import (
    add_signature,
    check_apart,
    check_new,
    check_proposal,
    explain_write_errors,
    is_untouched,
    publish_file,
    publish_proposal,
    strip_signature,
)
from sdmxmig.io.publishing.folders import add_files
from sdmxmig.primitives.errors import SdmxmigError, write_count
from sdmxmig.primitives.places import Place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdmxmig.conversion.messages import ConvertedMessage
    from sdmxmig.conversion.suggestion import Question
    from sdmxmig.conversion.suggestion.answers import Answers
    from sdmxmig.conversion.suggestion.earlier_mapping import CarriedDecisions
    from sdmxmig.conversion.suggestion.table_subjects import Option, SubjectQuestion
    from sdmxmig.sdmx.model.data import Flow, TableMapping
    from sdmxmig.statistics.country import Country
    from sdmxmig.workspace.proposals import TriedProposal
    from sdmxmig.workspace.tasks.drafts import MappingWork
    from sdmxmig.workspace.tasks.messages import IncomingMessage
    from sdmxmig.workspace.tasks.proposing import Material


MAX_SHOWN, MIN_SUBJECTS = 12, 2
WHAT_IS_COUNTED = "What do these figures count?"


def find_country(folder: Path | None) -> Country | None:
    from sdmxmig.workspace.folder import COUNTRY_FILE, open_workspace

    return open_workspace(folder).country if folder and (folder / COUNTRY_FILE).is_file() else None


def find_office_language(folder: Path | None) -> str:
    country = find_country(folder)
    return country.language if country else "en"


def show_options(question: SubjectQuestion, of_sheets: Iterator[str]) -> None:
    """Show the subject of a table, or ask for it."""
    if not question.flow:
        say(WHAT_IS_COUNTED)
    lines = list_options(question)
    for line in (next(lines),) if question.flow else (*lines, *of_sheets):
        say(line)


def list_options(question: SubjectQuestion, language: str = "en") -> Iterator[str]:
    """List the options with their reasons, most likely first, then the other subjects."""
    from sdmxmig.catalogue.folders import read_words_in
    from sdmxmig.conversion.suggestion.wording import list_reasons_in_words

    for number, option in enumerate(question.options, start=1):
        reasons = f": {'; '.join(list_reasons_in_words(option.reasons, language))}" if option.reasons else ""
        yield f"{number}. {option.name.in_language(language)} ({option.flow}){reasons}"
    if question.others:
        yield read_words_in("web", language).say("Or:")
        for number, option in enumerate(question.others, start=len(question.options) + 1):
            yield f"{number}. {option.name.in_language(language)} ({option.flow})"


def list_sheets(by_sheet: Mapping[str, Option | None], language: str = "en") -> Iterator[str]:
    """List the subject of each sheet."""
    from sdmxmig.catalogue.folders import read_words_in

    say_in = read_words_in("web", language).say
    yield say_in("The sheets may count different things:")
    for sheet, option in list(by_sheet.items())[:MAX_SHOWN]:
        name = f"{option.name.in_language(language)} ({option.flow})" if option else say_in("not clear from its texts")
        yield f"  {sheet}: {name}"
    if len(by_sheet) > MAX_SHOWN:
        yield f"  {say_in('Further sheets: {count}', count=str(len(by_sheet) - MAX_SHOWN))}"


def suggest_mapping_sheets(material: Material, workbook: Path) -> Iterator[str]:
    """List the sheets if they have different subjects, and the command that maps the first one alone."""
    from sdmxmig.primitives.text import quote_path
    from sdmxmig.workspace.tasks.proposing import map_likeliest_by_sheet

    by_sheet = map_likeliest_by_sheet(material)
    if len({option and option.flow for option in by_sheet.values()}) < MIN_SUBJECTS:
        return
    yield from list_sheets(by_sheet)
    first, option = next(iter(by_sheet.items()))
    dataflow = option.flow if option else "DATAFLOW"
    command = f"sdmxmig map {quote_path(workbook)} {dataflow} --sheet {quote_path(first)}"
    yield f"To map them separately, name the sheets: {command}"


def show_tried(tried: TriedProposal) -> None:
    from sdmxmig.conversion.suggestion.status_lines import REMARKS_QUESTION
    from sdmxmig.conversion.suggestion.wording import describe_question_in_full, open_question

    for question in tried.questions:
        if question.part == REMARKS_QUESTION:
            say(f"! {describe_question_in_full(question, tried.flow)}")
    for question in tried.open[:MAX_SHOWN]:
        say(open_question(question, tried.flow))
    if len(tried.open) > MAX_SHOWN:
        say(f"… and {len(tried.open) - MAX_SHOWN} more lines; all of them: --format json, or --review FILE")
    say(f"{len(tried.questions) - len(tried.open)} of {len(tried.questions)} lines are certain.")
    if tried.examples:
        say("Is this what the table says?")
    for example in tried.examples:
        say(f"  {example.sentence}")
    for line in describe_unused_notes(tried, "en"):
        say(line)
    if tried.proposal.mapping.also:
        say(f"sdmxmig convert writes these figures also as {', '.join(tried.proposal.mapping.also)}.")


def describe_unused_notes(tried: TriedProposal, language: str) -> Iterator[str]:
    """Yield notes that are not sent with the data but may limit the figures."""
    from sdmxmig.catalogue.folders import read_words_in

    if tried.notes:
        yield f"{read_words_in('web', language).say('Notes of the table that are not sent with the data')}:"
    for note in tried.notes[:MAX_SHOWN]:
        yield f"  {note}"
    if len(tried.notes) > MAX_SHOWN:
        yield f"  … ({len(tried.notes)})"


def show_message_summary(carried: ConvertedMessage, language: str) -> None:
    """Show dataflows, sample figures and omissions of an SDMX message."""
    from sdmxmig.conversion.suggestion.preview import build_examples

    needs_none = " It needs no mapping." if carried.datasets else ""
    say(f"{carried.format} of {', '.join(carried.named)}.{needs_none}")
    for dataset in carried.datasets:
        count = write_count(dataset.observations.height, "observation")
        say(f"{dataset.flow.dataflow.name} ({dataset.flow.id}): {count}")
        for example in build_examples(dataset, language):
            say(f"  {example.sentence}")
    for finding in carried.findings.items:
        if finding.severity != "information":
            say(f"! {finding.sentence()} {finding.remedy()}")


ANSWERS_SUFFIX = ".toml"


@dataclass(frozen=True, kw_only=True)
class Files:
    mapping: Path | None
    review: Path | None
    reviewed: Path | None
    like: Path | None
    language: str


@click.command("map")
@click.argument("workbook", type=click.Path(path_type=Path))
@click.argument("dataflow", default="")
@click.option("--area", default="", metavar="CODE", help="The reporting country, such as GE.")
@build_output_option("file", "The mapping file; with --new-flow, the workspace.")
@click.option("--review", type=click.Path(path_type=Path), help="Write a workbook for confirming the proposal.")
@click.option(
    "--read",
    "reviewed",
    type=click.Path(path_type=Path),
    help="Read the answers of a review workbook or a draft of the workbench.",
)
@click.option(
    "--like",
    type=click.Path(path_type=Path),
    metavar="MAPPING",
    help="The mapping of last year's table, such as mappings/stocks-2025.toml: its answers are used again, and only "
    "changes are asked about.  [default: the mapping of a table with the same titles in the workspace]",
)
@click.option("--sheet", "sheets", multiple=True, metavar="NAME", help="Read only this sheet; repeat for several.")
@click.option("--encoding", default="", help="The encoding of a text file, if it is not detected correctly.")
@click.option("--delimiter", default="", help="The delimiter of a text file; “tab” for tabs.")
@click.option(
    "--new-flow",
    "new_flow",
    default="",
    metavar="ID",
    help="Create a dataflow for the table, with the structure of DATAFLOW if you name one.",
)
@WORKSPACE_OPTION
@FORMAT_OPTION
def map_command(  # noqa: PLR0913, PLR0917 - one for each option
    workbook: Path,
    dataflow: str,
    area: str,
    file: Path | None,
    review: Path | None,
    reviewed: Path | None,
    like: Path | None,
    sheets: tuple[str, ...],
    encoding: str,
    delimiter: str,
    new_flow: str,
    workspace: Path | None,
    listing_format: str,
) -> int:
    """Propose the mapping of a WORKBOOK for a DATAFLOW.

    Without DATAFLOW, you are asked what the figures count, unless the table makes it clear. Each line has a reason; ten
    observations are shown in words with their cells. Uncertain parts are left out and listed with the nearest
    candidates. Confirm them in a review workbook and read it with --read. The exit code is 1 until all are confirmed.

    An SDMX data message needs no mapping: the command shows how its figures are read.

    \b
    Examples:
      sdmxmig map stocks.xlsx
      sdmxmig map stocks.xlsx DF_POP --area GE --review review.xlsx
      sdmxmig map stocks.xlsx DF_POP --area GE --read review.xlsx -o mappings/stocks.toml
      sdmxmig map stocks.xlsx DF_POP --sheet "Table 1" --sheet "Table 2" -o mappings/stocks.toml
      sdmxmig map stocks-2026.xlsx --like mappings/stocks-2025.toml -o mappings/stocks-2026.toml
      sdmxmig map permits.xlsx --new-flow DF_PERMITS_REGION -o mycountry
      sdmxmig map permits.xlsx DF_POP --new-flow DF_POP_PERMIT -o mycountry
    """
    from sdmxmig.conversion.suggestion.answers import Answers
    from sdmxmig.workspace.tasks.drafts import TABLES, find_home
    from sdmxmig.workspace.tasks.messages import find_message
    from sdmxmig.workspace.tasks.proposing import (
        add_currencies,
        add_note_sheets,
        check_flow,
        find_area_code,
        find_last_mappings,
        read_material,
        require_table_subject,
        select_sheets,
    )

    check_dataflow(dataflow)
    folder = find_workspace(workspace or (find_home(file) if file else None) or find_home(workbook, TABLES))
    if not (dataflow or new_flow) and (message := find_message(workbook)):
        return show_message(message, folder, listing_format)
    files = Files(mapping=file, review=review, reviewed=reviewed, like=like, language=find_office_language(folder))
    check_files(workbook, files, is_folder=bool(new_flow))
    answers = load_answers(reviewed)
    chosen = sheets or (answers.sheets if answers else ())
    add_named_parts(reviewed, folder)
    every = read_material(workbook, folder, encoding, delimiter)
    material = select_sheets(every, chosen)
    if material.remark:
        say(f"! {material.remark}")
    country = find_country(folder)
    area = area or (country.area if country else "")
    try:
        area = find_area_code(area, material.catalogue)
    except SdmxmigError as error:
        if folder is None:
            error.hint = f"If a workspace adds this code, name the workspace with --workspace. {error.hint}"
        raise
    material = add_currencies(material, area)
    if new_flow:
        return make_flow(workbook, material, name=new_flow, like=dataflow, area=area, folder=file)
    earlier = read_earlier_mapping(like, material) if like else None
    options: tuple[Option, ...] = ()
    dataflow = dataflow or (answers.flow if answers else "")
    if not dataflow and earlier is None:
        question = require_table_subject(material)
        options, dataflow = question.options, question.flow
        show_options(question, suggest_mapping_sheets(material, workbook))
        if not dataflow:
            say("Add the dataflow after the workbook. If none fits the table, use --new-flow ID.")
            return FINDINGS
    elif not dataflow and earlier is not None:
        dataflow = earlier.flow
    check_flow(dataflow, material.catalogue)
    others = read_other_mappings(file, material)
    material = add_note_sheets(exclude_mapped_sheets(material, dataflow, others), every)
    earlier = earlier or find_last_mappings(material).get(dataflow)
    about = Answers(material.tables[0].file, dataflow, sheets=chosen)
    work = propose_mapping(material, about, area=area, files=files, earlier=earlier)
    write_results(work, options, material=material, files=files, others=others, listing_format=listing_format)
    if work.tried.open and review is not None:
        next_step("answer the questions, save, and run the command again with --read", review)
    return FINDINGS if work.tried.open else OK


def show_message(message: IncomingMessage, folder: Path | None, listing_format: str) -> int:
    """Show the converted figures of an SDMX message and its omissions."""
    from sdmxmig import catalogue
    from sdmxmig.workspace.tasks.messages import build_record as record_of

    carried = message.carry_over(catalogue.load(folder))
    if listing_format == "json":
        show_json(record_of(carried))
    show_message_summary(carried, find_office_language(folder))
    if not carried.datasets:
        return FINDINGS
    next_step("put it into the folder tables/ of a workspace, or run: sdmxmig start", message.path)
    return OK


def check_dataflow(dataflow: str) -> None:
    if Path(dataflow).is_file():
        hint = "Name one workbook, then the id of its dataflow, such as: sdmxmig map stocks.xlsx DF_POP"
        raise SdmxmigError(f"“{dataflow}” is a file, not a dataflow.", hint=hint)


def check_files(workbook: Path, files: Files, *, is_folder: bool) -> None:
    """Raise an error for results that would replace their inputs, or are not workbooks."""
    for target in (files.mapping, files.review):
        if target is not None:
            check_apart(target, workbook, files.reviewed, files.like)
    if files.review is not None:
        check_new(files.review, "--review FILE")
    if files.mapping is not None and not is_folder:
        check_proposal(files.mapping)
    if files.review is not None and files.review.suffix.lower() != ".xlsx":
        raise SdmxmigError(f"“{files.review}” is not the name of a workbook.", hint="Write a name that ends in .xlsx.")


def load_answers(path: Path | None) -> Answers | None:
    from sdmxmig.conversion.suggestion.answers import read_answers
    from sdmxmig.io.intake.files import read_bytes

    if path is None or path.suffix.lower() != ANSWERS_SUFFIX:
        return None
    return read_answers(path.name, read_bytes(path))


def read_earlier_mapping(path: Path, material: Material) -> TableMapping:
    from sdmxmig.conversion import mapping
    from sdmxmig.io.intake.files import read_bytes

    return mapping.load(path.name, read_bytes(path), material.catalogue.flows)


def read_other_mappings(path: Path | None, material: Material) -> list[TableMapping]:
    from sdmxmig.workspace.tasks.drafts import find_home
    from sdmxmig.workspace.tasks.mapping_files import read_mappings

    if path is None or find_home(path) is None:
        return []
    paths = sorted(other for other in path.parent.glob("*.toml") if other.name != path.name)
    return read_mappings(paths, material.catalogue.flows)[0]


def exclude_mapped_sheets(material: Material, dataflow: str, others: Sequence[TableMapping]) -> Material:
    """Exclude sheets that other mappings read; raise `SdmxmigError` if none is left."""
    from sdmxmig.workspace.tasks.drafts import list_mappings_reading, list_sheets_without_mapping

    free = list_sheets_without_mapping(material.tables, dataflow, others)
    if len(free) == len(material.tables):
        return material
    of_flow = [mapping for mapping in others if mapping.flow == dataflow]
    taken = [table for table in material.tables if table not in free]
    readers = {
        mapping.place.file for table in taken for mapping in list_mappings_reading(table, of_flow) if mapping.place
    }
    sheets = f"{', '.join(table.sheet or table.file for table in taken)} (read by {', '.join(sorted(readers))})"
    if not free:
        hint = "Change that mapping in the workbench, or remove it first."
        raise SdmxmigError(f"The workspace already has a {dataflow} mapping: {sheets}.", hint=hint)
    say(f"! Left out, already mapped: {sheets}.")
    return replace(material, tables=free)


def propose_mapping(
    material: Material, about: Answers, *, area: str, files: Files, earlier: TableMapping | None
) -> MappingWork:
    from sdmxmig.conversion.suggestion.answers import add_entries, list_entries
    from sdmxmig.workspace.proposals import propose_like
    from sdmxmig.workspace.tasks.drafts import MappingWork, find_home, read_draft
    from sdmxmig.workspace.tasks.proposing import try_proposal

    flow = material.catalogue.flow(about.flow)
    answers = read_reviewed_answers(files.reviewed, about, flow) if files.reviewed else about
    home = find_home(files.mapping) if files.mapping else None
    draft = read_draft(home, about, flow) if home else None
    answers = add_entries(answers, list_entries(draft)) if draft else answers
    if earlier is None:
        return MappingWork(answers, try_proposal(material, about.flow, area=area, decisions=answers.decisions))
    tried, carried = propose_like(
        earlier,
        material.tables,
        answers,
        material.catalogue,
        material.recogniser,
        area=area,
        mappings=material.mappings,
    )
    if not tried.proposal.mapping.blocks:
        tried = try_proposal(material, about.flow, area=area, decisions={**carried.decisions, **answers.decisions})
    show_carried(carried, files.like or (earlier.place.file if earlier.place else ""))
    return MappingWork(add_entries(answers, carried.answers), tried)


def show_carried(carried: CarriedDecisions, name: Path | str) -> None:
    changed = f", {write_count(len(carried.changed), 'value')} changed" if carried.changed else ""
    stage("like", f"{write_count(carried.count, 'decision')} carried over from {name}{changed}")


def add_named_parts(reviewed: Path | None, folder: Path | None) -> None:
    """Add the parts of the country named in a review workbook to the areas of a workspace."""
    from sdmxmig.conversion import tables
    from sdmxmig.conversion.suggestion.wording import find_named_part
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.workspace.tasks.first_tables import add_own_codes

    if reviewed is None or folder is None or reviewed.suffix.lower() == ANSWERS_SUFFIX:
        return
    cells = (table.cells["text"] for table in tables.read(reviewed.name, read_bytes(reviewed)))
    add_own_codes(folder, filter(None, (find_named_part(text) for texts in cells for text in texts.unique())))


def read_reviewed_answers(path: Path, about: Answers, flow: Flow) -> Answers:
    from sdmxmig.conversion import tables
    from sdmxmig.conversion.suggestion.answers import add_entries, check_answers, list_entries
    from sdmxmig.conversion.suggestion.review_workbook import read_decisions
    from sdmxmig.io.intake.files import read_bytes

    content = read_bytes(path)
    if path.suffix.lower() == ANSWERS_SUFFIX:
        return add_entries(about, list_entries(check_answers(path.name, content, flow)))
    return add_entries(about, read_decisions(path.name, tables.read(path.name, content), flow))


def write_results(
    work: MappingWork,
    options: tuple[Option, ...],
    material: Material,
    files: Files,
    others: Sequence[TableMapping],
    listing_format: str,
) -> None:
    from sdmxmig.conversion.suggestion.review_workbook import write_review
    from sdmxmig.workspace.tasks.drafts import render_mapping
    from sdmxmig.workspace.tasks.proposing import list_optional_statements

    tried = work.tried
    if files.review is not None:
        sayable = list_optional_statements(tried, material.catalogue)
        review = write_review(
            tried.proposal,
            tried.questions,
            work.answers,
            replace(tried, language=files.language).examples,
            material.tables,
            tried.flow,
            unsaid=sayable,
            language=files.language,
        )
        publish_file(files.review, review, "--review FILE")
        stage("review", f"{write_count(len(tried.open), 'question')} to answer in {files.review}")
    if files.mapping is not None:
        write_mapping(files.mapping, work, material, others)
    if listing_format == "json":
        show_json(build_record(tried, options, list_optional_statements(tried, material.catalogue)))
    elif files.mapping is None and files.review is None:
        show_text(render_mapping(work, material, None))
    show_tried(tried)


def write_mapping(path: Path, work: MappingWork, material: Material, others: Sequence[TableMapping]) -> None:
    """Write a mapping file, or a draft in a workspace if questions are open."""
    from sdmxmig.workspace.tasks.drafts import find_home, name_draft_file, render_mapping, save_mapping, write_draft
    from sdmxmig.workspace.tasks.first_tables import describe_new_codes, find_new_codes

    home = find_home(path)
    new = find_new_codes(home, work.tried.proposal.mapping, work.tried.flow)
    if home is None:
        publish_proposal(path, render_mapping(work, material, path).encode())
        stage("map", str(path))
        if new:
            say(f"! The workspace also needs these codes: {describe_new_codes(new)}")
    elif work.tried.open:
        with explain_write_errors(home, "-o FILE"):
            write_draft(home, work.answers)
        stage("draft", str(home / name_draft_file(work.answers)))
        say(f"! {path} was not written: {write_count(len(work.tried.open), 'line')} open. A draft is not converted.")
    else:
        save_mapping(path, work, material, others)
        stage("map", str(path))
        if new:
            stage("codes", describe_new_codes(new))


def build_record(tried: TriedProposal, options: tuple[Option, ...], unsaid: tuple[Question, ...]) -> dict[str, object]:
    return {
        "dataflow": tried.proposal.mapping.flow,
        "also": list(tried.proposal.mapping.also),
        "counted": [
            {"dataflow": option.flow, "name": str(option.name), "reasons": list(option.reasons)} for option in options
        ],
        "lines": [
            {
                "sheet": question.sheet,
                "sheets": list(question.sheets or (question.sheet,)),
                "part": question.part,
                "label": question.label,
                "proposed": question.chosen.code,
                "score": question.chosen.confidence,
                "why": question.chosen.reason,
                "nearest": [candidate.code for candidate in question.others],
                "open": question.is_open,
            }
            for question in tried.questions
        ],
        "unsaid": [
            {
                "sheet": question.sheet,
                "part": question.part,
                "label": question.label,
                "why": question.chosen.reason,
                "codes": [candidate.code for candidate in question.others],
            }
            for question in unsaid
        ],
        "preview": [
            {
                "sentence": example.sentence,
                "key": dict(example.key),
                "value": example.value,
                "cell": str(example.place) if example.place else "",
            }
            for example in tried.examples
        ],
        "notes": list(tried.notes),
    }


TEMPLATE_FLOW = "DF_IMM_TOPIC"
"""The dataflow with the most dimensions: a new structure takes over those that fit."""
OWN_FOLDERS = ("codelists", "structures")
FLOW_LINE = r"^flow *= *(\"[^\"\n]*\"|'[^'\n]*')"


def make_flow(workbook: Path, material: Material, *, name: str, like: str, area: str, folder: Path | None) -> int:
    """Create a dataflow for a table, with a mapping and the structure of the dataflow `like` or its own.

    A mapping of the table to `like` is changed to the new dataflow.
    """
    from sdmxmig.catalogue.rows import check_id
    from sdmxmig.workspace.tasks.proposing import check_flow

    check_id("Dataflow", name, None)
    if name in material.catalogue.flows:
        raise SdmxmigError(f"The dataflow {name} already exists.", hint="Choose another id.")
    if like:
        check_flow(like, material.catalogue)
    files = write_declarations(material, name, like, area)
    moved = move_mappings(workbook, material, flow=like, name=name, folder=folder) if folder and like else {}
    if folder is None or not moved:
        return map_to_own_flow(workbook, material, files, name=name, area=area, folder=folder)
    add_files(folder, files, "-o FOLDER")
    for path, content in moved.items():
        publish_file(path, content)
    stage("map", f"{', '.join(path.name for path in moved)}: its figures now belong to {name}, not to {like}")
    next_step("sdmxmig convert", folder)
    return OK


def write_declarations(material: Material, name: str, like: str, area: str) -> dict[str, bytes]:
    """Return the declarations of a dataflow, with its structure unless it uses that of `like`."""
    from sdmxmig.conversion.suggestion import FlowKnowledge
    from sdmxmig.conversion.suggestion.new_flow import build_flow_file, draft_structure

    flows, recogniser = material.catalogue.flows, material.recogniser
    if not like:
        return dict(draft_structure(material.tables, name, FlowKnowledge(flows[TEMPLATE_FLOW], recogniser), area))
    declared = build_flow_file(flows[like], material.tables, name, recogniser.vocabulary)
    return {f"structures/dataflows/{name}.toml": declared}


def map_to_own_flow(
    workbook: Path, material: Material, files: dict[str, bytes], *, name: str, area: str, folder: Path | None
) -> int:
    from sdmxmig.conversion.suggestion.answers import Answers, write_answers
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.workspace.folder import COUNTRY_FILE
    from sdmxmig.workspace.tasks.drafts import TABLES, name_draft_file
    from sdmxmig.workspace.tasks.proposing import write_mapping_text

    tried = try_flow(files, material, name=name, area=area, folder=folder)
    if tried.open and folder is not None:
        answers = Answers(workbook.name, name)
        files[name_draft_file(answers)] = write_answers(answers)
    else:
        files[f"mappings/{workbook.stem}.toml"] = write_mapping_text(tried, material).encode()
    lists = [path for path in sorted(files) if path.endswith(".csv")]
    for path in lists:
        show_formulas(path, files[path])
    table = f"{TABLES}/{workbook.name}"
    if folder is not None and (folder / COUNTRY_FILE).is_file() and not (folder / table).exists():
        files[table] = read_bytes(workbook)
    if folder is None:
        for path, content in sorted(files.items()):
            show_text(f"# {path}\n{content.decode()}\n")
    else:
        publish_all(files, folder)
        advice = ": check the names of codes, which are the labels of the table" if lists else ""
        stage("map", f"{write_count(len(files), 'file')} in {folder}{advice}")
    show_tried(tried)
    if folder is not None:
        next_step(f"sdmxmig show {name} --workspace", folder)
    return FINDINGS if tried.open else OK


def move_mappings(workbook: Path, material: Material, *, flow: str, name: str, folder: Path) -> dict[Path, bytes]:
    """Return a table's mappings rewritten for another dataflow, with comments."""
    from sdmxmig.conversion.mapping.grid import is_match
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.workspace.tasks.mapping_files import read_mappings

    moved = {}
    for path in sorted((folder / "mappings").glob("*.toml")):
        for mapping in read_mappings([path], material.catalogue.flows)[0]:
            if mapping.flow == flow and is_match(workbook.name, mapping.file):
                moved[path] = replace_flow(read_bytes(path), name, path)
    return moved


def replace_flow(content: bytes, name: str, path: Path) -> bytes:
    """Replace the dataflow of a mapping file; unedited proposals stay marked as such."""
    text = (strip_signature(content) if is_untouched(content) else content).decode()
    changed, count = re.subn(FLOW_LINE, f'flow = "{name}"', text, count=1, flags=re.MULTILINE)
    if not count:
        raise SdmxmigError(
            "The line with the dataflow was not found.", Place(path.name), f'Write flow = "{name}" there.'
        )
    return add_signature(changed.encode()) if is_untouched(content) else changed.encode()


def try_flow(
    files: Mapping[str, bytes], material: Material, name: str, area: str, folder: Path | None
) -> TriedProposal:
    from sdmxmig.catalogue import load
    from sdmxmig.workspace.proposals import propose
    from sdmxmig.workspace.tasks.proposing import add_currencies

    with tempfile.TemporaryDirectory(prefix="sdmxmig-") as place:
        beside = Path(place)
        for own_folder in OWN_FOLDERS:
            if folder is not None and (folder / own_folder).is_dir():
                shutil.copytree(folder / own_folder, beside / own_folder)
        for path, content in files.items():
            (beside / path).parent.mkdir(parents=True, exist_ok=True)
            (beside / path).write_bytes(content)
        own = add_currencies(replace(material, catalogue=load(beside)), area)
        tried = propose(own.tables, name, own.catalogue, own.recogniser, area=area)
    if not tried.proposal.mapping.blocks:
        reasons = "; ".join(question.chosen.reason for question in tried.questions if question.part == "sheet")
        raise SdmxmigError(f"No mapping to {name} fits the table.", hint=reasons)
    return tried


def publish_all(files: Mapping[str, bytes], folder: Path) -> None:
    for path in sorted(files):
        if (folder / path).exists():
            raise SdmxmigError(f"The file {folder / path} already exists.", hint="Choose another id, or remove it.")
    add_files(folder, files, "-o FOLDER")
