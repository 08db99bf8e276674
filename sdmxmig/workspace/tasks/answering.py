"""Single answers written to the profile, which keeps its comments."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from sdmxmig.catalogue.benchmarking import Profile
from sdmxmig.forms.profiles import reading
from sdmxmig.forms.profiles.dataset import LIST_SEPARATOR, AnswerCells
from sdmxmig.forms.profiles.plan import BLOCK_KINDS, SPARE_BLOCKS, QuestionPlan, read_questions
from sdmxmig.forms.profiles.reading import read_file
from sdmxmig.forms.profiles.texts import (
    CITED,
    FACT_FIELDS,
    ITEMS,
    SOURCES,
    Key,
    Texts,
    apply_changes,
    edit_texts,
    find_changes,
    find_unit,
    format_key,
    index_texts,
    select_unit_texts,
    split_sources,
    write_profile,
)
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.files import add_signature, is_untouched, publish_file
from sdmxmig.primitives.errors import DeclarationError, OutputError, SdmxmigError, check_known
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import build_notice
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.workspace.folder import PROFILE_FILE
from sdmxmig.workspace.tasks.data_folder import find_reference_year
from sdmxmig.workspace.tasks.history import read_kept
from sdmxmig.workspace.tasks.questionnaires import begin_profile, write_template
from sdmxmig.workspace.tasks.session import Session

LONGEST = 20_000
"""Maximum number of characters in one text of a profile."""
MAX_LINE_LENGTH = 2_000
"""Maximum length of command lines shown."""
FORM_FILE = "profile.xlsx"
"""The name of a profile form without its own name."""


@dataclass(frozen=True, slots=True)
class ProfileState:
    content: bytes
    profile: Profile
    _: KW_ONLY
    findings: Findings
    texts: Texts

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest() if self.content else ""


def read_profile(session: Session) -> Profile:
    path = session.workspace.profile
    if path is None:
        return Profile(session.workspace.country.area, find_reference_year(session), answers={}, about={}, sources={})
    return reading.read_profile(path.name, read_bytes(path), read_questions(session.catalogue))


def build_notice_for_country(session: Session, *, is_fictional: bool) -> str:
    try:
        profile = read_profile(session)
    except SdmxmigError:  # the assessment reports it
        return build_notice(is_draft=True, is_fictional=is_fictional)
    return build_notice(
        is_draft=not profile.signed_off,
        is_fictional=is_fictional,
        is_from_public_sources=profile.is_from_public_sources,
    )


def read_state(content: bytes, asked: QuestionPlan) -> ProfileState:
    profile, findings = read_file(PROFILE_FILE, content, asked)
    return ProfileState(content, profile, findings=findings, texts=index_texts(profile, asked))


def read_present_state(session: Session) -> ProfileState:
    path = session.workspace.folder / PROFILE_FILE
    asked = read_questions(session.catalogue)
    return read_state(read_bytes(path), asked) if path.is_file() else build_first_state(session)


def build_first_state(session: Session) -> ProfileState:
    profile = begin_profile(session.catalogue, None, session.workspace.country.area, find_reference_year(session))
    return ProfileState(
        b"", profile, findings=Findings(), texts=index_texts(profile, read_questions(session.catalogue))
    )


def read_earlier_state(session: Session, sha256: str) -> ProfileState | None:
    if not sha256:
        return build_first_state(session)
    try:
        content = read_kept(session.workspace.folder, sha256)
    except OutputError:
        return None
    return read_state(content, read_questions(session.catalogue))


def answer(session: Session, changes: Texts) -> bool:
    """Write answers by key; an empty text removes one.

    Comments and order are kept. Returns whether anything changed. If an answer is invalid, raises `SdmxmigError` and
    writes nothing.
    """
    before = read_present_state(session)
    content = change_profile(before, normalise_changes(changes), read_questions(session.catalogue))
    if content == before.content:
        return False
    publish_file(session.workspace.folder / PROFILE_FILE, content)
    return True


def change_profile(before: ProfileState, changes: Texts, asked: QuestionPlan) -> bytes:
    changes = {key: text for key, text in changes.items() if before.texts.get(key, "") != text}
    if not changes:
        return before.content
    ours = not before.content or is_untouched(before.content, [write_template(None, "workspace", PROFILE_FILE)])
    content = edit_texts(before.content or write_profile(before.profile, asked), sort_changes(changes, before), asked)
    after = try_state(content, asked)
    if after is not None:
        check_new_findings(before, after)
    if after is None or after.texts != apply_changes(before.texts, changes):
        key = next((key for key in changes if after is None or after.texts.get(key, "") != changes[key]), ("",))
        hint = "Change it by hand, or write it again with: sdmxmig profile read"
        raise SdmxmigError("The layout of this file does not allow changes here.", build_answer_place(key), hint)
    is_sound = not any(finding.severity == "error" for finding in before.findings.items)
    return add_signature(write_profile(after.profile, asked)) if ours and is_sound else content


def try_state(content: bytes, asked: QuestionPlan) -> ProfileState | None:
    try:
        return read_state(content, asked)
    except DeclarationError:
        return None


def sort_changes(changes: Texts, before: ProfileState) -> dict[Key, str]:
    return dict(sorted(changes.items(), key=lambda change: (change[0][0] != SOURCES, change[0] not in before.texts)))


def check_new_findings(before: ProfileState, after: ProfileState) -> None:
    known = {finding.sentence() for finding in before.findings.items}
    for finding in after.findings.items:
        if finding.severity == "error" and finding.sentence() not in known:
            raise SdmxmigError(finding.sentence(), finding.place, finding.remedy())


def normalise_changes(changes: Texts) -> dict[Key, str]:
    texts = {}
    for key, text in changes.items():
        plain = text.replace("\r\n", "\n").replace("\r", "\n").strip()
        texts[key] = LIST_SEPARATOR.join(split_sources(plain)) if key[-1] == CITED and len(key) > 2 else plain
    return texts


def build_answer_place(key: Key) -> Place:
    return Place(PROFILE_FILE, key=format_key(key))


@dataclass(frozen=True, slots=True)
class AnswerConflict:
    unit: Key
    _: KW_ONLY
    mine: Texts
    theirs: Texts


def find_conflicts(base: Texts, mine: Texts, theirs: Texts) -> tuple[AnswerConflict, ...]:
    """Find answers changed differently since `base`.

    >>> find_conflicts({("sources", "G1"): "A"}, {("sources", "G1"): "B"}, {("sources", "G1"): "C"})[0].unit
    ('sources', 'G1')
    """
    wanted = apply_changes(base, mine)
    units = dict.fromkeys(find_unit(key) for key, text in mine.items() if base.get(key, "") != text)
    return tuple(
        AnswerConflict(unit, mine=select_unit_texts(wanted, unit), theirs=select_unit_texts(theirs, unit))
        for unit in units
        if select_unit_texts(theirs, unit) not in (select_unit_texts(base, unit), select_unit_texts(wanted, unit))
    )


def find_form_changes(before: Texts, after: Texts, cells: AnswerCells, asked: QuestionPlan) -> dict[Key, str]:
    """Find the changes made in a form; `cells` are those of the form, empty for a whole profile."""
    changes = find_changes(before, after)
    if not cells:
        return changes
    asked_items = {item for item, _ in cells}
    named = {item for kind in SPARE_BLOCKS for item in asked.about.get(kind, ())}

    def is_asked(key: Key) -> bool:
        if len(key) < 3:
            return len(key) == 1 or key in after
        unit = find_unit(key)
        item, subject = unit[-1], unit[1] if key[0] in BLOCK_KINDS else "_Z"
        return item in asked_items if item in named else (item, subject) in cells

    return {key: text for key, text in changes.items() if text or is_asked(key)}


def write_answer_command(folder: Path, changes: Texts) -> str:
    words = [f"{format_key(key)}={text}" for key, text in changes.items()]
    line = shlex.join(["sdmxmig", "profile", "answer", str(folder), *words])
    form = shlex.join(["sdmxmig", "profile", "read", FORM_FILE, "-o", str(folder), "--update"])
    return line if len(line) <= MAX_LINE_LENGTH else form


def check_answers(changes: Texts, asked: QuestionPlan) -> None:
    for key, text in changes.items():
        if len(text) > LONGEST:
            raise SdmxmigError(f"Text can have at most {LONGEST:,} characters.", build_answer_place(key), "Shorten it.")
        if key[0] in FACT_FIELDS or key[0] == SOURCES:
            continue
        items: Sequence[str] = list(asked.items) if key[0] == ITEMS else list(asked.about[BLOCK_KINDS[key[0]]])
        item = find_unit(key)[-1]
        check_known("item", item, items, build_answer_place(key))
