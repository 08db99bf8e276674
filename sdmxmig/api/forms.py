"""Questionnaires and profile forms (make, fill in, read), and the framework as a website."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sdmxmig.api.sources import Listener, StrPath, convert_errors, find_workspace_folder, load_catalogue, to_path
from sdmxmig.api.tasks import read_mapping
from sdmxmig.catalogue import Catalogue, documentation
from sdmxmig.catalogue.benchmarking import Profile
from sdmxmig.conversion.tables import read as read_tables
from sdmxmig.forms import questionnaires
from sdmxmig.forms.profiles.dataset import ASSESSMENT_FLOW, build_dataset
from sdmxmig.forms.profiles.plan import read_questions
from sdmxmig.forms.profiles.texts import write_profile
from sdmxmig.forms.profiles.writing import write_form
from sdmxmig.forms.questionnaires import Answers
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.files import check_apart, check_new, publish_file, publish_proposal
from sdmxmig.io.publishing.folders import publish_folder
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.summaries import Summary, add_summary
from sdmxmig.reporting.outputs.patched_workbook import patch
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.sdmx.words import read_words
from sdmxmig.workspace.tasks.questionnaires import (
    begin_profile,
    build_filling,
    build_questionnaire,
    check_profile,
    open_profile,
    parse_years,
    read_area,
    warn_about_active_content,
    write_template,
)
from sdmxmig.workspace.tasks.questionnaires import check_answers as checked_answers
from sdmxmig.workspace.tasks.session import parse_moment

TARGET_HINT = "target=…"


@convert_errors
def make_questionnaire(
    flow: str,
    target: StrPath,
    *,
    years: str,
    area: str = "",
    frequency: str = "",
    language: str = "en",
    data: StrPath | None = None,
    workspace: StrPath | None = None,
) -> Path:
    """Make a questionnaire workbook for a dataflow, with choices of codes and live checks.

    `years` is a range such as ``2020:2024``; `area` is the country, by default that of the workspace; `frequency` is A,
    Q or M; `data` are figures to prefill. Returns the path; existing files are not replaced.
    """
    path = check_workbook_path(target)
    folder = find_workspace_folder(workspace)
    content = build_questionnaire(
        folder,
        flow,
        area=area or read_area(folder),
        years=parse_years(years),
        frequency=frequency,
        language=language,
        data=None if data is None else to_path(data),
        catalogue=load_catalogue(workspace),
    )[1]
    return publish_file(path, content, TARGET_HINT)


def check_workbook_path(target: StrPath) -> Path:
    """Return the path of a new workbook; raise `SdmxmigError` for other suffixes and existing files."""
    path = to_path(target)
    if path.suffix.lower() != ".xlsx":
        raise SdmxmigError(f"“{path}” is not the name of a workbook.", hint="Write a name that ends in .xlsx.")
    check_new(path, TARGET_HINT)
    return path


@convert_errors
def read_questionnaire(workbook: StrPath, *, workspace: StrPath | None = None) -> Answers:
    """Read a completed questionnaire without a mapping: dataset, sources and methods, and findings.

    Missing, moved or renamed parts are reported with their cells, and the answers are validated.
    """
    path, catalogue = to_path(workbook), load_catalogue(workspace)
    answers = questionnaires.read(read_tables(path.name, read_bytes(path)), catalogue)
    return replace(answers, findings=checked_answers(answers, catalogue))


@convert_errors
def fill_questionnaire(
    workbook: StrPath, target: StrPath, *, mapping: StrPath, data: StrPath, workspace: StrPath | None = None
) -> Path:
    """Fill in a workbook of another agency: write figures into the cells of a mapping, and change nothing else.

    Returns the path; figures without a cell are reported as progress.
    """
    path, form, catalogue = to_path(target), to_path(workbook), load_catalogue(workspace)
    check_apart(path, form, to_path(mapping), to_path(data), option=TARGET_HINT)
    check_new(path, TARGET_HINT)
    content, listener = read_bytes(form), Listener()
    filling = build_filling(catalogue, form.name, content, mapping=read_mapping(mapping, catalogue), data=to_path(data))
    publish_file(path, patch(form.name, content, filling.cells).content, TARGET_HINT)
    if notice := warn_about_active_content(form.name, content):
        listener.say(notice)
    for left_out in filling.left_out:
        listener.say(f"not in the workbook: {left_out}")
    return path


@add_summary
@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ProfileAnswers:
    """Answers of a country to the benchmarking study, with errors and missing answers."""

    profile: Profile
    findings: Findings
    catalogue: Catalogue

    def to_dataset(self, respondent: str = "") -> Dataset:
        """Convert the answers to a dataset of DF_ASSESS; `respondent` is the answering organisation."""
        flow, questions = self.catalogue.flow(ASSESSMENT_FLOW), read_questions(self.catalogue)
        return build_dataset(self.profile, flow, questions, respondent or self.profile.area)

    def save(self, target: StrPath) -> Path:
        """Save the answers as profile.toml; edited files are not replaced."""
        path = to_path(target)
        publish_proposal(path, write_profile(self.profile, read_questions(self.catalogue)))
        return path

    def summary(self) -> Summary:
        """Count the answers, and list the first findings."""
        findings = self.findings.summary()
        facts = (
            ("answers", str(len(list(self.profile.iterate_answers())))),
            ("findings", findings.title.removeprefix("Findings: ")),
        )
        title = f"Profile of {self.profile.area} {self.profile.year}"
        return Summary(title, facts, columns=findings.columns, rows=findings.rows, more=findings.more)


@convert_errors
def make_profile_form(
    target: StrPath,
    *,
    area: str = "",
    year: str = "",
    language: str = "en",
    known: StrPath | None = None,
    short: bool = False,
    workspace: StrPath | None = None,
) -> Path:
    """Make a workbook in which a country answers the benchmarking study.

    `known` is a profile to prefill: a workspace, a file or a form. `short` includes only core items. Returns the path;
    existing files are not replaced.
    """
    path, catalogue = check_workbook_path(target), load_catalogue(workspace)
    before = None if known is None else to_path(known)
    profile = begin_profile(catalogue, before, area, year, default_year=str(parse_moment("").year))
    words = read_words(write_template(find_workspace_folder(workspace), "profile", "words.csv").decode("utf-8-sig"))
    return publish_file(path, write_form(profile, catalogue, words, language=language, short=short), TARGET_HINT)


@convert_errors
def read_profile(source: StrPath, *, workspace: StrPath | None = None) -> ProfileAnswers:
    """Read a profile from a workspace, profile.toml, a completed form, or data of DF_ASSESS.

    Errors and missing answers are reported with their cells.
    """
    catalogue = load_catalogue(workspace)
    profile, reading, cells = open_profile(to_path(source), catalogue)
    return ProfileAnswers(
        profile=profile, findings=check_profile(profile, reading, cells, catalogue), catalogue=catalogue
    )


@convert_errors
def write_docs(target: StrPath, *, languages: Sequence[str] = (), workspace: StrPath | None = None) -> Path:
    """Render the framework as a website, in six or the given languages; returns its first page."""
    path = to_path(target)
    files = documentation.render(load_catalogue(workspace), tuple(languages) or documentation.LANGUAGES)
    publish_folder(path, "docs", files, maker="sdmxmig docs", option=TARGET_HINT)
    return path / "index.html"
