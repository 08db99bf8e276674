"""Questionnaires (create, read and fill), marked copies of workbooks, and templates."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.folders import list_search_path
from sdmxmig.conversion import convert as conversion
from sdmxmig.conversion.tables import read
from sdmxmig.forms import questionnaires
from sdmxmig.forms.questionnaires import Answers, Questionnaire
from sdmxmig.forms.questionnaires.filling import Filling, determine_fillings, probe
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.quality import validation
from sdmxmig.reporting.outputs import findings_json, marked_workbook, workbook_copy
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.model.data import TableMapping
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.sdmx.model.submission import Header
from sdmxmig.sdmx.words import read_words
from sdmxmig.workspace.folder import COUNTRY_FILE, open_workspace
from sdmxmig.workspace.tasks.messages import find_dataset
from sdmxmig.workspace.tasks.talk import Talk

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
    workbook: Path, answers: Answers, findings: Findings, catalogue: Catalogue, *, talk: Talk
) -> dict[str, bytes]:
    if not any(finding.place for finding in findings.items):
        return {}
    # The office reads it in the language of the questionnaire.
    marked = write_marked_copy(workbook, findings, talk, language=answers.language, flows=catalogue.flows)
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


def write_marked_copy(path: Path, findings: Findings, talk: Talk, **options: Any) -> bytes | None:
    try:
        return marked_workbook.copy_with_marks(path.name, read_bytes(path), findings, **options)
    except Exception as error:  # the library for copies fails in many ways; findings are available elsewhere
        reason = str(error) if isinstance(error, SdmxmigError) else f"{type(error).__name__}: {error}"
        talk.say(f"! No marked copy of {path.name}: {reason} The lists contain all findings.")
        return None


def write_template(workspace: Path | None, part: str, name: str) -> bytes:
    for folder in list_search_path("templates", workspace):
        path = folder / part / name
        if path.is_file():
            return read_bytes(path)
    raise SdmxmigError(f"The template {name} is missing.", hint="Install sdmxmig again.")
