"""Mapping screen: the sheet and its proposed mapping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sdmxmig.conversion.suggestion.answers import Answers, add_answer, check_decision, interpret_answer
from sdmxmig.conversion.suggestion.wording import find_named_part
from sdmxmig.io.publishing.files import LockedError
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import quote_path
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.web.screens import Redirect, Screen, ScreenContent, Visit, describe_error
from sdmxmig.web.screens.data import find_emptied_cells, find_position, find_table, write_correction
from sdmxmig.web.screens.mapping.facts import (
    MAX_ANSWER_LENGTH,
    assign_drafts,
    choose_unmapped_sheet,
    describe_message,
    describe_proposal,
    find_cell_lines,
    find_complementary_sheet,
    find_shown_table,
    list_possible_flows,
    list_tables_facts,
    list_unstated,
)
from sdmxmig.web.screens.mapping.work import (
    Work,
    compute_proposal,
    find_saved_flow,
    is_mapped,
    list_sheets,
    load_chosen_material,
    load_work,
    open_message,
    read_words,
    resolve_mapping_request,
    try_work,
    write_command,
)
from sdmxmig.workspace.edited_mappings import apply_answers
from sdmxmig.workspace.tasks.converting import list_missing_tables
from sdmxmig.workspace.tasks.drafts import (
    list_mappings_reading,
    name_draft_file,
    read_drafts,
    remove_draft,
    save_mapping,
    write_draft,
    write_map_command,
)
from sdmxmig.workspace.tasks.first_tables import add_own_codes
from sdmxmig.workspace.tasks.history import Conflict, record_changes
from sdmxmig.workspace.tasks.own_tables import remove_mapping, rename_mapping, rename_sheet
from sdmxmig.workspace.tasks.proposal_lines import UNSURE, Line, list_figure_attributes, list_lines, list_scopes
from sdmxmig.workspace.tasks.proposing import check_flow

REOPEN_MARK = "?"

PATH_FIELDS = ("file", "flow", "sheet", "show", "row", "only", "cell")


def show(visit: Visit) -> ScreenContent:
    session = visit.workbench.session()
    mappings, errors = visit.workbench.mappings(session)
    drafts, trouble = read_drafts(visit.workbench.folder)
    errors = [*errors, *list_missing_tables(session.workspace, mappings)]
    facts: dict[str, Any] = {"tables": [], "choose": None, "proposal": None, "message": None}
    facts["tables"] = [assign_drafts(file) for file in list_tables_facts(visit, session, mappings, drafts)]
    facts["emptied"] = find_emptied_cells(visit)
    facts |= {
        "left": choose_unmapped_sheet(facts["tables"]),
        "trouble": None,
        "refused": None,
        "typed": {},
        "typed_elsewhere": [],
    }
    facts["broken"] = [
        {**describe_error(error), "file": Path(error.place.file).name if error.place and error in errors else ""}
        for error in (*errors, *trouble)
    ]
    if "next" in visit.asked and facts["left"]:
        visit = replace(visit, asked=facts["left"])
    name = visit.asked.get("file", "")
    if not name:
        return ScreenContent(
            facts, command=f"sdmxmig map {quote_path(session.workspace.folder / 'tables' / 'WORKBOOK')}"
        )
    path = find_table(session, name)
    if "flow" not in visit.asked and open_message(visit, path) and not is_mapped(path, mappings):
        facts["message"] = describe_message(visit, session, path)
        return ScreenContent(facts, command=f"sdmxmig map {quote_path(path)}")
    material = load_chosen_material(visit, session, name, list_sheets(visit.asked))
    flow = visit.asked.get("flow", "") or find_saved_flow(material, mappings)
    about = Answers(name, flow, sheets=list_sheets(visit.asked))
    if not flow:
        facts["choose"] = list_possible_flows(visit, material, about)
        flow = facts["choose"]["sure"]
        about = Answers(name, flow, sheets=about.sheets)
    command = write_map_command(session, about, is_answered=False)
    if flow:
        check_flow(flow, material.catalogue)
        facts["choose"] = facts["choose"] or list_possible_flows(visit, material, about, is_ranked=False)
        meant = resolve_mapping_request(visit, session, about)
        facts["trouble"], work = try_work(visit, session, meant)
        if work:
            facts["proposal"] = describe_proposal(visit, work, mappings)
            command = write_command(work)
    return ScreenContent(facts, command=command)


def show_again(visit: Visit, error: SdmxmigError) -> ScreenContent:
    asked = {name: visit.form[name] for name in (*PATH_FIELDS, "first") if visit.form.get(name)}
    try:
        shown = show(replace(visit, asked=asked))
    except SdmxmigError:
        raise error from None
    proposal = shown.facts["proposal"]
    if proposal is None:
        raise error
    cell = proposal["sheet"]["cell"] or {"lines": []}
    listed = {line["id"] for line in (*proposal["lines"], *proposal["unsaid"], *cell["lines"])}
    typed = read_typed_fields(visit.form)
    elsewhere = [
        {"name": name, "value": text}
        for name, texts in typed.items()
        for text in texts
        if (text if name == "accept" else name.partition(":")[2]) not in listed
        and name.partition(":")[0] in ("answer", "other", "accept")
    ]
    is_seen = isinstance(error, Conflict)  # the page now shows the answers of the other person
    made_from = proposal["made_from"] | ({} if is_seen else visit.made_from)
    facts = {
        **shown.facts,
        "proposal": proposal | {"made_from": made_from},
        "refused": describe_error(error),
        "typed": typed,
        "typed_elsewhere": elsewhere,
    }
    return ScreenContent(facts, command=shown.command, status=409 if is_seen else 422, asked=asked)


def read_typed_fields(form: Mapping[str, str]) -> dict[str, list[str]]:
    fields = {
        name: [part for part in text.split("\n") if part.strip()]
        for name, text in form.items()
        if name.partition(":")[0] in ("answer", "other", "said", "accept", "which", "name")
    }
    return {name: parts for name, parts in fields.items() if parts}


def read_lines(visit: Visit, work: Work) -> dict[str, Line]:
    lines = [*list_unstated(work), *list_lines(work.tried, work.answers)]
    table, cell = find_shown_table(visit, work), visit.form.get("cell", "")
    if cell and table is not None:
        lines += find_cell_lines(work, table, *find_position(cell))
    return {line.id: line for line in lines}


def list_ticked_lines(form: Mapping[str, str], lines: Mapping[str, Line]) -> list[Line]:
    """Return the lines ticked in the form, or all lines on the page for the button `all`."""
    ticked = {*form.get("accept", "").split(), *form.get("all", "").split()}
    return [line for line in lines.values() if line.state == UNSURE and line.id in ticked]


def apply_form(visit: Visit, work: Work, lines: Mapping[str, Line], accepted: Iterable[Line]) -> Answers:
    answers = merge_fields(work.answers, visit.form, lines, work.flow, language=visit.language)
    fields = read_answered_fields(visit.form)
    for line in accepted:
        if line.id not in fields:
            answers = add_checked_answer(answers, line, line.question.chosen.code, work.flow)
    return add_note(visit, work, answers)


def merge_fields(
    answers: Answers, form: Mapping[str, str], lines: Mapping[str, Line], flow: Flow, *, language: str
) -> Answers:
    """Merge form answers, accepting names in any language; raise `SdmxmigError` for unasked or invalid answers."""
    for name, text in read_answered_fields(form).items():
        line = lines.get(name)
        if line is None:
            raise SdmxmigError(
                "The question that you answered is no longer open.",
                hint="Check the page, and answer the remaining questions.",
            )
        code = interpret_answer(line.question.part, text, flow, language)
        if text == REOPEN_MARK:
            answers = add_answer(answers, line.about, answer="")
        elif code != line.answer:
            answers = add_checked_answer(answers, line, code, flow)
    return answers


def read_answered_fields(form: Mapping[str, str]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, text in form.items():
        field, _, line = name.partition(":")
        if field in ("answer", "other") and text.strip() and (field == "other" or line not in texts):
            texts[line] = "\n".join(dict.fromkeys(each.strip() for each in text.split("\n") if each.strip()))
    return read_checked_texts(texts)


def add_checked_answer(answers: Answers, line: Line, text: str, flow: Flow) -> Answers:
    question = line.question
    proposed_code = answers.proposed.get(line.about, question.chosen.code)
    check_decision(question.part, text, flow, Place(question.label), label=question.label, proposed=proposed_code)
    return add_answer(answers, line.about, answer=text, proposed=question.chosen.code)


def add_note(visit: Visit, work: Work, answers: Answers) -> Answers:
    noted = read_noted_fields(visit.form)
    if not noted:
        return answers
    if not noted.keys() <= set(list_figure_attributes(work.flow)):
        raise SdmxmigError(
            "The question that you answered is no longer open.",
            hint="Check the page, and answer the remaining questions.",
        )
    table, label = find_shown_table(visit, work), visit.form.get("which", "")
    scopes = list_scopes(work.tried, table, *find_position(visit.form.get("cell", ""))) if table is not None else ()
    scope = next((scope for scope in scopes if scope.label == label), None)
    if scope is None:
        raise SdmxmigError(
            "No figures are selected in the form.", hint="Choose the cell again, and select the figures."
        )
    for name, text in noted.items():
        about = scope.about(name)
        check_decision(about[1], text, work.flow, Place(label), label=about[2])
        answers = add_answer(answers, about, answer=text)
    return answers


def read_noted_fields(form: Mapping[str, str]) -> dict[str, str]:
    return read_checked_texts(
        {name[5:]: text.strip() for name, text in form.items() if name[:5] == "said:" and text.strip()}
    )


def read_checked_texts(texts: dict[str, str]) -> dict[str, str]:
    if several := next((text for text in texts.values() if "\n" in text), ""):
        answers = ", ".join(f"“{answer}”" for answer in several.split("\n"))
        raise SdmxmigError(f"One question has several answers: {answers}.", hint="Keep one of them.")
    if any(len(text) > MAX_ANSWER_LENGTH or not text.isprintable() for text in texts.values()):
        raise SdmxmigError(f"An answer is one line of at most {MAX_ANSWER_LENGTH} characters.", hint="Shorten it.")
    return texts


def build_return_path_to_mapping(visit: Visit) -> str:
    pairs = [(name, part) for name in PATH_FIELDS for part in visit.form.get(name, "").split("\n") if part]
    return f"/mapping?{urlencode(pairs)}"


def save(visit: Visit) -> Redirect | ScreenContent:
    try:
        return save_answers(visit)
    except LockedError:
        raise
    except SdmxmigError as error:
        return show_again(visit, error)


def save_answers(visit: Visit) -> Redirect:
    """Save the answers and ticked proposals, all or none; `finish` writes the mapping if no line is open."""
    seen = load_work(visit)
    if add_named_parts(visit):
        seen = load_work(visit)
    lines = read_lines(visit, seen)
    answers = apply_form(visit, seen, lines, list_ticked_lines(visit.form, lines))
    is_changed = answers.decisions != seen.answers.decisions
    if is_changed:
        keep_draft(visit, seen, answers)
    work = load_work(visit) if is_changed else seen
    is_unsaved = work.is_complete and not work.is_saved
    if is_unsaved and "finish" in visit.form:
        return save_work(visit, work, seen)
    section = "#observations" if is_unsaved else ""
    return Redirect(
        build_return_path_to_mapping(visit) + section, "The answers are saved." if is_changed else "No changes to save."
    )


def add_named_parts(visit: Visit) -> bool:
    workbench, names = visit.workbench, [*filter(None, map(find_named_part, read_answered_fields(visit.form).values()))]
    if names:
        with record_changes(workbench.folder, workbench.intent("answer", "", visit.by), visit.made_from):
            add_own_codes(workbench.folder, names)
    return bool(names)


def keep_draft(visit: Visit, work: Work, answers: Answers) -> None:
    if work.mapping.saved and work.mapping.is_edited:
        apply_answers(work.mapping.saved.mapping, answers, work.material.tables)
    else:
        compute_proposal(visit, work.session, work.material, answers)
    workbench = visit.workbench
    command = write_map_command(work.session, answers, is_answered=bool(answers.decisions))
    with record_changes(workbench.folder, workbench.intent("answer", command, visit.by), visit.made_from):
        if answers.decisions or work.mapping.saved:
            write_draft(workbench.folder, answers)
        else:
            remove_draft(workbench.folder, answers)


def save_work(visit: Visit, work: Work, seen: Work) -> Redirect:
    """Write the mapping; show its figures if they differ from those `seen`, else the next sheet."""
    workbench, path = visit.workbench, work.folder / work.target
    mappings, _ = visit.workbench.mappings(work.session)
    others = [mapping for mapping in mappings if not mapping.place or mapping.place.file != path.name]
    seen_files = {name: sha256 for name, sha256 in visit.made_from.items() if name == work.target}
    with record_changes(workbench.folder, workbench.intent("map", write_command(work), visit.by), seen_files):
        save_mapping(path, work.mapping, work.material, others)
    is_seen = not work.mapping.saved and work.figures.equals(seen.figures)
    if is_seen and (left := find_complementary_sheet(work, mappings) or find_next_unmapped_sheet(visit)):
        return Redirect(f"/mapping?{urlencode(left)}", "The mapping is saved. Next: map the sheet below.")
    read = next(
        table.sheet for table in work.material.tables if list_mappings_reading(table, [work.tried.proposal.mapping])
    )
    return Redirect(
        build_return_path_to_mapping(replace(visit, form={**visit.form, "sheet": read})), "The mapping is saved."
    )


def find_next_unmapped_sheet(visit: Visit) -> dict[str, str] | None:
    session = visit.workbench.session()
    files = list_tables_facts(
        visit, session, visit.workbench.mappings(session)[0], read_drafts(visit.workbench.folder)[0]
    )
    return choose_unmapped_sheet(map(assign_drafts, files))


def discard_draft(visit: Visit) -> Redirect:
    workbench = visit.workbench
    session = workbench.session()
    about = Answers(visit.word("file"), visit.word("flow"), sheets=list_sheets(visit.form))
    find_table(session, about.table)
    check_flow(about.flow, session.catalogue)
    command = f"rm {quote_path(workbench.folder / name_draft_file(about))}"
    with record_changes(workbench.folder, workbench.intent("answer", command, visit.by), visit.made_from):
        remove_draft(workbench.folder, about)
    return Redirect(build_return_path_to_mapping(visit), "The answers are undone.")


def rename(visit: Visit) -> Redirect:
    workbench, name, new_name = visit.workbench, visit.word("mapping"), visit.word("name")
    command = f"sdmxmig mapping rename {quote_path(workbench.folder)} {quote_path(name)} {quote_path(new_name)}"
    with record_changes(workbench.folder, workbench.intent("rename", command, visit.by), visit.made_from):
        rename_mapping(workbench.session(), name, new_name)
    return Redirect(build_return_path_to_mapping(visit), "The mapping is renamed.")


def follow_sheet(visit: Visit) -> Redirect:
    workbench, name, sheet, new_name = visit.workbench, visit.word("mapping"), visit.word("sheet"), visit.word("name")
    command = f"sdmxmig mapping sheet {' '.join(map(quote_path, (workbench.folder, name, sheet, new_name)))}"
    with record_changes(workbench.folder, workbench.intent("rename", command, visit.by), visit.made_from):
        rename_sheet(workbench.session(), name, sheet, new_name)
    return Redirect("/mapping", "The mapping reads the sheet under its new name.")


def remove(visit: Visit) -> Redirect:
    workbench, name = visit.workbench, visit.word("mapping")
    command = f"sdmxmig mapping remove {quote_path(workbench.folder)} {quote_path(name)}"
    with record_changes(workbench.folder, workbench.intent("remove", command, visit.by), visit.made_from):
        remove_mapping(workbench.session(), name)
    return Redirect("/mapping", "The mapping is removed.")


def correct(visit: Visit) -> Redirect:
    form = {**visit.form, "cell": visit.form.get("address", "")}
    return Redirect(
        write_correction(replace(visit, form=form), build_return_path_to_mapping(visit)), "The cell is corrected."
    )


SCREEN = Screen(
    name="mapping",
    title="Mapping",
    show=show,
    actions={
        "save": save,
        "correct": correct,
        "forget": discard_draft,
        "rename": rename,
        "sheet": follow_sheet,
        "remove": remove,
    },
    prepare=read_words,
)
