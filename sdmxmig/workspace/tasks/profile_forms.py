"""Profiles read from workspaces, files, forms, data or metadata, and their progress by module."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path

from sdmxmig.catalogue import Catalogue, areas
from sdmxmig.catalogue.benchmarking import NOT_APPLICABLE, UNKNOWN, Profile
from sdmxmig.conversion.tables import read
from sdmxmig.forms.profiles.dataset import (
    ASSESSMENT_FLOW,
    AnswerCells,
    build_dataset,
    build_profile,
    build_profile_from_metadata,
    locate_findings,
    report_missing,
)
from sdmxmig.forms.profiles.plan import FormQuestion, FormSheet, QuestionPlan, read_questions
from sdmxmig.forms.profiles.reading import read_file, read_form
from sdmxmig.forms.profiles.written import AREA, YEAR
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.intake.incoming import read_message
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.workspace.folder import COUNTRY_FILE, PROFILE_FILE, open_workspace
from sdmxmig.workspace.tasks.messages import find_dataset

MESSAGE_SUFFIXES = (".csv", ".xml", ".json", ".gz", ".zip")
"""Suffix of the names of SDMX messages; any other file is a form."""


def begin_profile(
    catalogue: Catalogue, known_profile: Path | None, area: str, year: str, *, default_year: str = ""
) -> Profile:
    if known_profile and (known_profile / COUNTRY_FILE).is_file() and not (known_profile / PROFILE_FILE).is_file():
        area = area or open_workspace(known_profile).country.area
        known_profile = None
    profile = (
        open_profile(known_profile, catalogue)[0]
        if known_profile
        else Profile(area, default_year, answers={}, about={}, sources={})
    )
    if area and profile.area != area:
        raise SdmxmigError(f"This is a profile of {profile.area}, not of {area}.", profile.place, "Remove --area.")
    profile = replace(profile, area=area or profile.area, year=year or profile.year)
    codelist = catalogue.flow(ASSESSMENT_FLOW).codelist("REF_AREA")
    codes = [code for code in codelist.ids if AREA.fullmatch(code)] if codelist else []
    if not profile.area:
        raise SdmxmigError("The country is missing.", hint="Name it: --area GE.")
    if profile.area not in codes:
        hint = areas.suggest_area(profile.area, codelist, codes) if codelist else ""
        raise SdmxmigError(f"“{profile.area}” is not a country.", hint=hint)
    if not YEAR.fullmatch(profile.year):
        raise SdmxmigError(f"“{profile.year}” is not a year.", hint="Write four digits: --year 2026.")
    return profile


def open_profile(path: Path, catalogue: Catalogue) -> tuple[Profile, Findings, AnswerCells]:
    file = path / PROFILE_FILE if path.is_dir() else path
    if not file.is_file():
        raise InputError("There is no profile here.", Place(str(file)), "Make a form with: sdmxmig profile form")
    suffix = file.suffix.lower()
    if suffix == ".toml":
        return (*read_file(file.name, read_bytes(file), read_questions(catalogue)), {})
    if suffix in MESSAGE_SUFFIXES:
        return read_message_profile(file, catalogue), Findings(), {}
    return read_form(read(file.name, read_bytes(file)), read_questions(catalogue))


def read_message_profile(file: Path, catalogue: Catalogue) -> Profile:
    name, content = read_message(file)
    try:
        detected = detect(name, content)
    except InputError as error:
        hint = "Name a completed form, a profile.toml, or an SDMX message with answers."
        raise InputError("This is not a profile.", Place(name), hint) from error
    read_metadata = FORMATS[detected.format].read_metadata if detected.kind == "metadata" else None
    if read_metadata is None:
        return build_profile(find_dataset(file, catalogue.flow(ASSESSMENT_FLOW)))
    sets = read_metadata(name, content)
    if len(sets) != 1:
        message = f"A profile is one set of reference metadata, not {len(sets)}."
        raise InputError(message, Place(name), "Keep the correct set.")
    return build_profile_from_metadata(sets[0])


def check_profile(profile: Profile, read_findings: Findings, cells: AnswerCells, catalogue: Catalogue) -> Findings:
    parts = [read_findings]
    if profile.area and profile.year:
        dataset = build_dataset(profile, catalogue.flow(ASSESSMENT_FLOW), read_questions(catalogue), profile.area)
        parts.append(locate_findings(validate(dataset, catalogue), profile))
    parts.append(report_missing(profile, catalogue, cells))
    return Findings.join(parts)


ANSWERED, BEGUN, UNANSWERED = "answered", "begun", "unanswered"
STATES = (ANSWERED, UNKNOWN, NOT_APPLICABLE, BEGUN, UNANSWERED)


@dataclass(frozen=True, slots=True)
class Progress:
    asked: int
    _: KW_ONLY
    states: dict[str, int]
    core: int
    core_done: int

    @property
    def done(self) -> int:
        return self.states[ANSWERED] + self.states[UNKNOWN] + self.states[NOT_APPLICABLE]


def determine_state(question: FormQuestion, asked: QuestionPlan) -> str:
    answer, scale = question.answer, asked.scales.get(question.item.scale)
    if scale is None:
        return ANSWERED if answer.practice else UNANSWERED
    if not answer.answer:
        return BEGUN if answer.practice else UNANSWERED
    return scale.silence(answer.answer) or ANSWERED


def compute_progress(questions: Iterable[FormQuestion], asked: QuestionPlan) -> Progress:
    questions = list(questions)
    states = [determine_state(question, asked) for question in questions]
    core = [state for question, state in zip(questions, states, strict=True) if question.is_core]
    return Progress(
        len(questions),
        states={name: states.count(name) for name in STATES},
        core=len(core),
        core_done=sum(state not in (BEGUN, UNANSWERED) for state in core),
    )


def list_questions(sheet: FormSheet) -> Sequence[FormQuestion]:
    return [question for block in sheet.blocks if block.subject for question in block.questions]
