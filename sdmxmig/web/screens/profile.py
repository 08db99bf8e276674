"""Profile screen: questionnaire, evidence and contradictions. Conflicting edits are shown side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from sdmxmig.catalogue.benchmarking import Scale
from sdmxmig.forms.profiles.plan import (
    BLOCK_KINDS,
    SPARE_BLOCKS,
    FormBlock,
    FormQuestion,
    FormSheet,
    plan,
    read_questions,
)
from sdmxmig.forms.profiles.profile_content import COMMENT_KIND
from sdmxmig.forms.profiles.texts import (
    ANSWER,
    CITED,
    EVIDENCE,
    FACT_FIELDS,
    PRACTICE,
    QUESTION,
    QUOTED,
    SOURCES,
    Key,
    apply_changes,
    find_table,
    find_unit,
    format_key,
    parse_key,
    select_unit_texts,
)
from sdmxmig.forms.profiles.writing import FormWording, build_wording, write_guidance
from sdmxmig.io.publishing.files import LockedError
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import quote_path
from sdmxmig.sdmx.words import FILE, read_words
from sdmxmig.statistics.calculations.figures import describe_years
from sdmxmig.statistics.model.evidence import Evidence
from sdmxmig.web.screens import Redirect, Screen, ScreenContent, Visit, build_data_query, describe_error
from sdmxmig.workspace.folder import COMMENTS_FILE, COUNTRY_FILE, PROFILE_FILE
from sdmxmig.workspace.tasks.answering import (
    AnswerConflict,
    ProfileState,
    answer,
    change_profile,
    check_answers,
    find_conflicts,
    normalise_changes,
    read_earlier_state,
    read_present_state,
    read_state,
    write_answer_command,
)
from sdmxmig.workspace.tasks.assessing import (
    NOTHING_BESIDE,
    AnswerEvidence,
    build_material,
    compare_answers,
    describe_evidence_piece,
)
from sdmxmig.workspace.tasks.finding_lists import find_store
from sdmxmig.workspace.tasks.history import KEPT, Conflict, record_changes, settle
from sdmxmig.workspace.tasks.justifying import (
    Comment,
    create_comment,
    group_by_subject,
    keep_comments,
    read_comments,
    write_comment_command,
)
from sdmxmig.workspace.tasks.questionnaires import compute_progress, determine_state, list_questions, write_template
from sdmxmig.workspace.tasks.session import Session

SIGN_OFF = "sign-off"
COMMENT_PREFIX = "comment:"
TEXT, CHOICE, NEW_KEY, NEW_TEXT = "text:", "choice:", "new-key:", "new-text:"
"""Prefixes of field names: text, choice, new source key and text."""
MAX_CHANGES = 2_000
NEW_SOURCES = 3
MAX_FEW_PLACES = 3


@dataclass(frozen=True)
class ProfileVisit:
    """A visit to the questionnaire; `made_from` is the hash of the file, `clashes` are conflicting edits."""

    visit: Visit
    session: Session
    _: KW_ONLY
    wording: FormWording
    state: ProfileState
    beside: AnswerEvidence
    texts: Mapping[Key, str]
    made_from: str
    refusal: SdmxmigError | None = None
    clashes: tuple[AnswerConflict, ...] = ()

    @cached_property
    def comments(self) -> dict[str, list[dict[str, str]]]:
        return group_by_subject(read_comments(self.visit.workbench.folder / COMMENTS_FILE))

    @property
    def sheets(self) -> tuple[FormSheet, ...]:
        return plan(self.session.catalogue, self.wording.asked, self.state.profile)


def show(visit: Visit) -> ScreenContent:
    session = visit.workbench.session()
    file = visit.workbench.folder / PROFILE_FILE
    country = visit.workbench.folder / COUNTRY_FILE
    state = visit.workbench.kept(
        "profile", lambda: read_present_state(session), file, country, about=session.prepared[:4]
    )
    reading = ProfileVisit(
        visit,
        session,
        wording=read_wording(visit, session),
        state=state,
        beside=collect_evidence(visit, session, state),
        texts=state.texts,
        made_from=state.sha256,
    )
    return show_form(reading, visit.asked)


def show_form(reading: ProfileVisit, asked: Mapping[str, str], status: int = 200) -> ScreenContent:
    visit, sheets = reading.visit, reading.sheets
    workbench, module = visit.workbench, asked.get("module", "")
    made_from = reading.made_from
    if made_from and not (workbench.folder / KEPT / made_from).is_file():
        settle(workbench.folder, workbench.now())  # so that later forms can state their basis
    by_id = {sheet.id: sheet for sheet in sheets}
    if module and module not in (*by_id, SIGN_OFF):
        raise SdmxmigError(f"There is no module “{module}”.", hint=did_you_mean(module, [*by_id, SIGN_OFF]))
    facts = {
        "country": reading.wording.country(reading.state.profile.area),
        "year": reading.state.profile.year,
        "signed_off": reading.state.profile.signed_off,
        "is_there": bool(reading.state.content),
        "has_data": bool(reading.beside.has_data),
        "problems": [finding.sentence(visit.language) for finding in reading.state.findings.items],
        "modules": [describe_module(sheet, reading) for sheet in sheets],
        "contradictions": list_contradictions(reading, sheets),
        "made_from": {PROFILE_FILE: made_from},
        "module": module,
        "sheet": describe_sheet(by_id[module], reading, asked) if module in by_id else None,
        "sources": describe_sources(reading) if module == SIGN_OFF else None,
        "refusal": describe_error(reading.refusal) if reading.refusal else None,
        "clashes": [describe_clash(clash, reading) for clash in reading.clashes],
    }
    command = f"sdmxmig profile progress {quote_path(workbench.folder)}"
    return ScreenContent(facts, command=f"{command} --module {module}" if module in by_id else command, status=status)


def read_wording(visit: Visit, session: Session) -> FormWording:
    words = read_words(write_template(session.workspace.folder, "profile", FILE).decode("utf-8-sig"))
    return build_wording(session.catalogue, words, visit.language)


def collect_evidence(visit: Visit, session: Session, state: ProfileState, *, is_saved: bool = True) -> AnswerEvidence:
    profile, workbench = state.profile, visit.workbench
    if not (profile.area == session.workspace.country.area and profile.year):
        return NOTHING_BESIDE
    files = (session.path("data"), find_store(session.out))
    material = workbench.kept(
        "profile data", lambda: build_material(session, profile), *files, about=(profile.area, profile.year)
    )
    if not is_saved:
        return compare_answers(session, profile, material)
    return workbench.kept(
        "beside answers",
        lambda: compare_answers(session, profile, material),
        *files,
        about=(profile.area, profile.year, state.sha256),
    )


def describe_module(sheet: FormSheet, reading: ProfileVisit) -> dict[str, Any]:
    wording = reading.wording
    progress = compute_progress(list_questions(sheet), wording.asked)
    asked = {(question.item.id, question.answer.subject) for question in sheet.questions}
    return {
        "id": sheet.id,
        "letter": sheet.module,
        "title": wording.title(sheet),
        "kind": sheet.kind,
        "asked": progress.asked,
        "done": progress.done,
        "core": progress.core,
        "core_done": progress.core_done,
        "states": progress.states,
        "contradictions": sum((each.item, each.subject) in asked for each in reading.beside.contradictions),
    }


def describe_sheet(sheet: FormSheet, reading: ProfileVisit, asked: Mapping[str, str]) -> dict[str, Any]:
    wording = reading.wording
    named = [block for block in sheet.blocks if block.subject]
    block = find_chosen_block(sheet, named, asked.get("subject", ""))
    return {
        "id": sheet.id,
        "letter": sheet.module,
        "title": wording.title(sheet),
        "kind": sheet.kind,
        "is_named_by_country": sheet.kind in SPARE_BLOCKS,
        "suggested": list(wording.asked.commented) if sheet.kind == COMMENT_KIND else [],
        "next": find_next_sheet(reading, sheet, block),
        "subjects": [describe_subject(each, reading) for each in named] if sheet.kind else [],
        "subject": block.subject if block and sheet.kind else "",
        "name": wording.words.of(block.name).text if block else "",
        "about": wording.words.of(block.about).text if block else "",
        "values": describe_values(block.subject, reading) if block else None,
        "questions": [describe_question(question, reading) for question in block.questions] if block else [],
    }


def find_chosen_block(sheet: FormSheet, named: list[FormBlock], subject: str) -> FormBlock | None:
    """Return questions about the chosen subject, or the first; new subjects may be added."""
    block = next((each for each in named if each.subject == subject), None)
    empty = next((each for each in sheet.blocks if not each.subject), None)
    if block is None and subject and empty is not None:
        questions = [replace(each, answer=replace(each.answer, subject=subject)) for each in empty.questions]
        return replace(empty, subject=subject, questions=tuple(questions))
    if block is None and subject:
        known = [each.subject for each in named]
        raise SdmxmigError(f"There are no questions about “{subject}”.", hint=did_you_mean(subject, known))
    return block or (named[0] if named else None)


def find_next_sheet(reading: ProfileVisit, sheet: FormSheet, block: FormBlock | None) -> dict[str, str] | None:
    subjects = [each.subject for each in sheet.blocks if each.subject]
    if sheet.kind and block and block.subject in subjects[:-1]:
        return {"module": sheet.id, "subject": subjects[subjects.index(block.subject) + 1]}
    ids = [each.id for each in reading.sheets]
    rest = ids[ids.index(sheet.id) + 1 :]
    return {"module": rest[0]} if rest else None


def describe_subject(block: FormBlock, reading: ProfileVisit) -> dict[str, Any]:
    progress = compute_progress(block.questions, reading.wording.asked)
    name = reading.wording.words.of(block.name).text
    return {"subject": block.subject, "name": name, "asked": progress.asked, "done": progress.done}


def describe_question(question: FormQuestion, reading: ProfileVisit) -> dict[str, Any]:
    item, wording, subject = question.item, reading.wording, question.answer.subject
    table = find_table(item.id, subject, wording.asked)
    key = format_key(table)
    scale = wording.asked.scales.get(item.scale)
    texts = select_unit_texts(reading.texts, table)
    sources = texts.get((*table, CITED), "")
    meant = wording.words.of(item.recommendation)
    return {
        "id": item.id,
        "key": key,
        "comments": reading.comments.get(key, []),
        "comment": reading.visit.form.get(f"{COMMENT_PREFIX}{key}", ""),
        "is_core": question.is_core,
        "state": determine_state(question, wording.asked),
        "question": wording.question(item),
        "meant": meant.text,
        "source": item.source if item.recommendation else "",
        "status": wording.status(item.status) if item.recommendation else "",
        "guidance": write_guidance(wording, item),
        "codes": list_code_facts(scale, wording.language) if scale else [],
        "answer": texts.get((*table, ANSWER), ""),
        "practice": describe_texts((*table, PRACTICE), texts, reading),
        "open_question": describe_texts((*table, QUESTION), texts, reading),
        "sources": sources,
        "quoted": texts.get((*table, QUOTED), ""),
        "citations": list_citations(sources, reading),
        "evidence_class": texts.get((*table, EVIDENCE), ""),
        "evidence_classes": {code: wording.evidence(code) for code in wording.asked.evidence},
        "evidence": [describe_piece(piece, reading) for piece in find_evidence(item.id, table, reading)],
        "against": list_contradiction_facts(item.id, subject, reading),
    }


def list_code_facts(scale: Scale, language: str) -> list[dict[str, str]]:
    return [
        {"code": code, "label": label.in_language(language), "silence": scale.silence(code)}
        for code, label in scale.labels
    ]


def describe_texts(part: Key, texts: Mapping[Key, str], reading: ProfileVisit) -> list[dict[str, str]]:
    unit = {**select_unit_texts(reading.state.texts, part[:-1]), **texts}
    languages = [key[-1] for key in unit if key[:-1] == part]
    return [
        {"language": language, "text": texts.get((*part, language), "")}
        for language in dict.fromkeys([*languages, reading.wording.language])
    ]


def list_citations(sources: str, reading: ProfileVisit) -> list[dict[str, str]]:
    keys = [key.strip() for key in sources.split(";") if key.strip()]
    return [{"key": key, "text": reading.texts[SOURCES, key]} for key in keys if (SOURCES, key) in reading.texts]


def find_evidence(item: str, table: Key, reading: ProfileVisit) -> tuple[Evidence, ...]:
    return reading.beside.evidence.get(item, ()) if table[0] not in BLOCK_KINDS else ()


def describe_piece(piece: Evidence, reading: ProfileVisit) -> dict[str, Any]:
    return {
        "words": describe_evidence_piece(piece, reading.wording.language),
        "years": piece.first if piece.first == piece.last else f"{piece.first}–{piece.last}",
        "contradicts": piece.contradicts,
        "places": list_place_facts(piece.places, reading),
    }


def list_place_facts(places: Sequence[Place], reading: ProfileVisit) -> list[dict[str, Any]]:
    tables = {path.name for path in reading.session.workspace.tables}
    return [
        {"text": str(place), "query": build_data_query(place) if place.cell and place.file in tables else {}}
        for place in places[:MAX_FEW_PLACES]
    ]


def list_contradiction_facts(item: str, subject: str, reading: ProfileVisit) -> list[dict[str, Any]]:
    return [
        {
            "sentence": reading.beside.sentence(each, reading.wording.language),
            "places": list_place_facts(each.places, reading),
        }
        for each in reading.beside.against(item, subject)
    ]


def describe_values(subject: str, reading: ProfileVisit) -> dict[str, Any] | None:
    result = reading.beside.results.get(subject)
    if result is None:
        return None
    return {
        "years": describe_years([int(value.period) for value in result.values]),
        "topics": sum(is_shown for _, is_shown in result.topics),
        "topics_asked": len(result.topics),
    }


def list_contradictions(reading: ProfileVisit, sheets: tuple[FormSheet, ...]) -> list[dict[str, Any]]:
    at = {
        (question.item.id, question.answer.subject): sheet
        for sheet in sheets
        for block in sheet.blocks
        if block.subject
        for question in block.questions
    }
    listed = []
    for each in reading.beside.contradictions:
        sheet = at.get((each.item, each.subject))
        query = {"module": sheet.id if sheet else ""}
        query |= {"subject": each.subject} if sheet and sheet.kind else {}
        sentence = reading.beside.sentence(each, reading.wording.language)
        listed.append(
            {"item": each.item, "query": query, "sentence": sentence, "is_of_data": each.kind != ANSWERS_SHEET}
        )
    return listed


ANSWERS_SHEET = "answers"


def describe_sources(reading: ProfileVisit) -> dict[str, Any]:
    return {
        "citations": [
            {"key": key[1], "name": format_key(key), "text": text}
            for key, text in reading.texts.items()
            if key[0] == SOURCES and len(key) == 2
        ],
        "new": list(range(1, NEW_SOURCES + 1)),
        "facts": {name: reading.texts.get((name,), "") for name in FACT_FIELDS},
    }


def describe_clash(clash: AnswerConflict, reading: ProfileVisit) -> dict[str, Any]:
    unit = clash.unit
    named = reading.wording.name_of(unit[-1]) if len(unit) > 1 and unit[0] != SOURCES else unit[-1]
    return {
        "unit": format_key(unit),
        "name": named,
        "mine": list_side_facts(clash.mine, clash.theirs, reading),
        "theirs": list_side_facts(clash.theirs, clash.mine, reading),
    }


def list_side_facts(texts: Mapping[Key, str], others: Mapping[Key, str], reading: ProfileVisit) -> list[dict[str, Any]]:
    return [
        {
            "part": format_key(key[len(find_unit(key)) :]),
            "text": reading.wording.choice(reading.wording.asked.scale(key[-2]), text) if key[-1] == ANSWER else text,
            "differs": others.get(key, "") != text,
        }
        for key, text in texts.items()
    ]


class EditConflict(Exception):  # noqa: N818 - the name says what is the matter
    """Another person has changed the same answers."""


def save(visit: Visit) -> Redirect | ScreenContent:
    workbench, session = visit.workbench, visit.workbench.session()
    base = read_base(visit, session)
    typed = read_typed_texts(visit, base)
    try:
        check_answers(typed, read_questions(session.catalogue))
        comments = list_comments(visit, session)
        commands = [write_answer_command(workbench.folder, typed)] if typed or not comments else []
        commands += [write_comment_command(workbench.folder, comments)] if comments else []
        with record_changes(workbench.folder, workbench.intent("answer", " && ".join(commands), visit.by)):
            present = read_present_state(session)
            if find_conflicts(base.texts, typed, present.texts):
                raise EditConflict
            is_changed = answer(session, typed)
            keep_comments(workbench.folder, comments)
    except EditConflict:
        return show_again(visit, base, typed)
    except LockedError:
        raise
    except SdmxmigError as refusal:
        return show_again(visit, base, typed, refusal=refusal)
    is_alone = present.texts == base.texts
    done = (
        "The answers are saved."
        if is_alone
        else "The answers are saved. Answers that others saved in the meantime are kept."
    )
    return Redirect(build_next_address(visit), done if is_changed or comments else "No changes to save.")


def save_comments(visit: Visit) -> Redirect:
    workbench = visit.workbench
    comments = list_comments(visit, workbench.session())
    if not comments:
        raise SdmxmigError("No comment was written.", hint="Write it beside the answer to which it refers.")
    with record_changes(
        workbench.folder, workbench.intent("comment", write_comment_command(workbench.folder, comments), visit.by)
    ):
        keep_comments(workbench.folder, comments)
    return Redirect(build_next_address(visit), "The comment is saved.")


def list_comments(visit: Visit, session: Session) -> list[Comment]:
    return [
        create_comment(session, name.removeprefix(COMMENT_PREFIX), text, by=visit.by)
        for name, text in visit.form.items()
        if name.startswith(COMMENT_PREFIX) and text.strip()
    ]


def look(visit: Visit) -> ScreenContent:
    session = visit.workbench.session()
    base = read_base(visit, session)
    typed = read_typed_texts(visit, base)
    asked = read_questions(session.catalogue)
    try:
        check_answers(typed, asked)
        would_be = read_state(change_profile(read_present_state(session), typed, asked), asked)
    except SdmxmigError as refusal:
        return replace(show_again(visit, base, typed, refusal=refusal), status=200)
    return replace(show_again(visit, base, typed, state=would_be), status=200)


def show_again(
    visit: Visit,
    base: ProfileState,
    typed: Mapping[Key, str],
    *,
    refusal: SdmxmigError | None = None,
    state: ProfileState | None = None,
) -> ScreenContent:
    session = visit.workbench.session()
    present = read_present_state(session)
    texts, clashed = apply_changes(present.texts, typed), find_conflicts(base.texts, typed, present.texts)
    for clash in clashed:  # conflicting answers are shown whole, not mixed
        texts = {key: text for key, text in texts.items() if find_unit(key) != clash.unit} | dict(clash.mine)
    beside = collect_evidence(visit, session, state or present, is_saved=state is None)
    reading = ProfileVisit(
        visit,
        session,
        wording=read_wording(visit, session),
        state=state or present,
        beside=beside,
        texts=texts,
        made_from=present.sha256,
        refusal=refusal,
        clashes=clashed,
    )
    return show_form(reading, visit.form, 409 if clashed else 422)


def read_base(visit: Visit, session: Session) -> ProfileState:
    sha256 = visit.made_from.get(PROFILE_FILE, "")
    base = read_earlier_state(session, sha256)
    if base is None:
        raise Conflict({PROFILE_FILE: visit.workbench.hash_result(PROFILE_FILE)})
    return base


def read_typed_texts(visit: Visit, base: ProfileState) -> dict[Key, str]:
    theirs = {
        name.removeprefix(CHOICE)
        for name, choice in visit.form.items()
        if name.startswith(CHOICE) and choice == "theirs"
    }
    typed = {parse_key(name.removeprefix(TEXT)): text for name, text in visit.form.items() if name.startswith(TEXT)}
    for name, key in visit.form.items():
        if name.startswith(NEW_KEY) and key.strip():
            typed[SOURCES, key.strip()] = visit.form.get(f"{NEW_TEXT}{name.removeprefix(NEW_KEY)}", "")
    changes = {
        key: text
        for key, text in normalise_changes(typed).items()
        if base.texts.get(key, "") != text and format_key(find_unit(key)) not in theirs
    }
    if len(changes) > MAX_CHANGES:
        hint = "Save one module at a time, or read a workbook: sdmxmig profile read"
        raise SdmxmigError(f"This form changes more than {MAX_CHANGES:,} texts at once.", hint=hint)
    return changes


def build_next_address(visit: Visit) -> str:
    form = visit.form
    names = ("next-module", "next-subject") if form.get("go") == "next" else ("module", "subject")
    query = {name.removeprefix("next-"): form[name] for name in names if form.get(name)}
    return f"/profile?{urlencode(query)}" if query else "/profile"


SCREEN = Screen(
    name="profile", title="Profile", show=show, actions={"save": save, "look": look, "comment": save_comments}
)
