"""Questionnaires and profiles of a workspace, marked copies of workbooks, and templates."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Any

from sdmxmig.catalogue import Catalogue, areas
from sdmxmig.catalogue.benchmarking import NOT_APPLICABLE, UNKNOWN, Profile
from sdmxmig.catalogue.folders import list_search_path
from sdmxmig.conversion import convert as conversion
from sdmxmig.conversion.tables import read
from sdmxmig.forms import questionnaires
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
from sdmxmig.forms.profiles.profile_content import AREA, YEAR
from sdmxmig.forms.profiles.reading import read_file, read_form
from sdmxmig.forms.questionnaires import Answers, Questionnaire
from sdmxmig.forms.questionnaires.filling import Filling, determine_fillings, probe
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.intake.incoming import read_message
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.quality import validation
from sdmxmig.quality.validation import validate
from sdmxmig.reporting.outputs import findings_json, marked_workbook, workbook_copy
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.model.data import TableMapping
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.sdmx.model.submission import Header
from sdmxmig.sdmx.words import read_words
from sdmxmig.workspace.folder import COUNTRY_FILE, PROFILE_FILE, open_workspace
from sdmxmig.workspace.tasks.messages import find_dataset
from sdmxmig.workspace.tasks.progress_listener import ProgressListener

YEAR_RANGE = re.compile(r"(\d{4})(?::(\d{4}))?")


def read_area(folder: Path | None) -> str:
    if folder is None:
        raise SdmxmigError("The country is missing.", hint="Name it with --area, such as --area GE.")
    return open_workspace(folder).country.area


def parse_years(text: str) -> tuple[int, int]:
    """Parse a range of years into the first and last year.

    >>> parse_years("2020:2024"), parse_years("2024")
    ((2020, 2024), (2024, 2024))
    """
    matched = YEAR_RANGE.fullmatch(text)
    if not matched:
        message = f"“{text}” is not a range of years." if text else "The years are missing."
        raise SdmxmigError(message, hint="Write the first and the last one: --years 2020:2024.")
    return int(matched[1]), int(matched[2] or matched[1])


ANSWERS_FILE = "answers.json"


def is_test_workspace(folder: Path | None) -> bool:
    return folder is not None and (folder / COUNTRY_FILE).is_file() and open_workspace(folder).test


def check_answers(answers: Answers, catalogue: Catalogue) -> Findings:
    advising = replace(catalogue, rules=questionnaires.index_rules_in_forms(catalogue.rules))
    return Findings.join([answers.findings, validation.validate(answers.dataset, advising)])


def build_answer_files(catalogue: Catalogue, answers: Answers, findings: Findings, header: Header) -> dict[str, bytes]:
    dataset = answers.dataset
    name = dataset.flow.id
    origins = io.BytesIO()
    dataset.origins.write_parquet(origins)
    files = {
        f"{name}.csv": data_bytes(FORMATS["sdmx-csv-2.0"], [dataset], header),
        f"{name}.xml": data_bytes(FORMATS["sdmx-ml-3.0"], [dataset], header),
        f"{name}.origins.parquet": origins.getvalue(),
        ANSWERS_FILE: findings_json.render(findings, catalogue.rules),
    }
    write = FORMATS["sdmx-ml-3.0"].write_metadata
    if answers.metadata and write:
        files[f"{name}.metadata.xml"] = write([answers.metadata], header)
    return files


def mark_file(
    workbook: Path, answers: Answers, findings: Findings, catalogue: Catalogue, *, listener: ProgressListener
) -> dict[str, bytes]:
    if not any(finding.place for finding in findings.items):
        return {}
    # The office reads it in the language of the questionnaire.
    marked = write_marked_copy(workbook, findings, listener, language=answers.language, flows=catalogue.flows)
    return {f"{workbook.stem}.checked.xlsx": marked} if marked is not None else {}


def build_filling(catalogue: Catalogue, name: str, content: bytes, *, mapping: TableMapping, data: Path) -> Filling:
    flow = catalogue.flow(mapping.flow)
    form_mapping = replace(mapping, file=name)  # the form may have another name than in the mapping
    probed = probe(read(name, content), form_mapping, flow)
    return determine_fillings(
        probed, conversion.convert(probed.tables, form_mapping, flow).dataset, find_dataset(data, flow)
    )


def build_questionnaire(
    folder: Path | None,
    dataflow: str,
    *,
    area: str,
    years: tuple[int, int],
    frequency: str = "",
    language: str = "en",
    data: Path | None = None,
    catalogue: Catalogue,
) -> tuple[Questionnaire, bytes]:
    flow = catalogue.flow(dataflow)
    layouts = questionnaires.read_layouts(write_template(folder, "questionnaire", "tables.toml"))
    planned = questionnaires.plan(catalogue, flow, layouts, area=area, years=years, freq=frequency)
    words = read_words(write_template(folder, "questionnaire", "words.csv").decode("utf-8-sig"))
    dataset = find_dataset(data, flow) if data else None
    return planned, questionnaires.write_workbook(planned, catalogue, words, language=language, dataset=dataset)


def warn_about_active_content(name: str, content: bytes) -> str:
    """Return a warning about forms of others that run or fetch content; empty if safe."""
    kinds = ", ".join(workbook_copy.name_outside_parts(name, content))
    return f"The form has {kinds}, and so has the copy: open it only if you trust who made it." if kinds else ""


def write_marked_copy(path: Path, findings: Findings, listener: ProgressListener, **options: Any) -> bytes | None:
    try:
        return marked_workbook.copy_with_marks(path.name, read_bytes(path), findings, **options)
    except Exception as error:  # the library for copies fails in many ways; findings are available elsewhere
        reason = str(error) if isinstance(error, SdmxmigError) else f"{type(error).__name__}: {error}"
        listener.say(f"! No marked copy of {path.name}: {reason} The lists contain all findings.")
        return None


def write_template(workspace: Path | None, part: str, name: str) -> bytes:
    for folder in list_search_path("templates", workspace):
        path = folder / part / name
        if path.is_file():
            return read_bytes(path)
    raise SdmxmigError(f"The template {name} is missing.", hint="Install sdmxmig again.")


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
