"""``sdmxmig questionnaire``: workbooks to be filled in, made from a dataflow, and read back without a mapping."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from sdmxmig.cli import FINDINGS, OK
from sdmxmig.cli.exchanging import dataset_in
from sdmxmig.cli.marking import marked_copy
from sdmxmig.cli.session import moment, open_session
from sdmxmig.cli.show import WORKSPACE_OPTION, at_work
from sdmxmig.cli.talk import FORMAT_OPTION, next_step, say, say_otherwise, show, show_json_text, show_text, stage
from sdmxmig.cli.templates import template
from sdmxmig.errors import SdmxmigError
from sdmxmig.model.submission import Header, Party
from sdmxmig.publishing.files import publish_file
from sdmxmig.publishing.folders import publish_folder
from sdmxmig.publishing.refusing import check_new

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdmxmig.catalogue import Catalogue
    from sdmxmig.model.findings import Findings
    from sdmxmig.questionnaires import Answers

YEARS = re.compile(r"(\d{4})(?::(\d{4}))?")
GOES_WITH = {"form": ("mapping", "data"), "correct": ("data", "now"), "back": ("now", "output")}
"""What can be asked for besides a new questionnaire, with the options that have a meaning there."""
MAKING = ("area", "years", "frequency", "language", "data")
ANYWHERE = ("workspace", "out")
READ_BACK = "answers.json"


@click.command("questionnaire")
@click.argument("dataflow", default="")
@WORKSPACE_OPTION
@click.option("--area", default="", metavar="CODE", help="The country that is asked.  [default: that of the workspace]")
@click.option("--years", default="", metavar="FIRST:LAST", help="The years that are asked for, such as 2020:2024.")
@click.option("--frequency", default="", metavar="CODE", help="Years (A), quarters (Q), months (M).  [default: A]")
@click.option("--language", default="en", show_default=True, help="Language of the workbook: en, fr, es, ar, ru or zh.")
@click.option("--data", type=click.Path(path_type=Path), metavar="FILE", help="Figures that stand in it already.")
@click.option(
    "--read", "back", type=click.Path(path_type=Path), metavar="FILE", help="Read a workbook that was filled in."
)
@click.option("--fill", "form", type=click.Path(path_type=Path), metavar="FILE", help="Fill in a workbook of others.")
@click.option("--mapping", type=click.Path(path_type=Path), metavar="FILE", help="With --fill: what its cells mean.")
@click.option("--correct", is_flag=True, help="Write figures of --data into the workspace's own workbooks, marked.")
@click.option("--output", "-o", "out", type=click.Path(path_type=Path), help="The workbook, or the folder of results.")
@click.option("--now", default="", metavar="TIME", help="The time to write into headers.  [default: the present]")
@FORMAT_OPTION
def questionnaire_command(  # noqa: PLR0913, PLR0917 - one for each option
    dataflow: str,
    workspace: Path | None,
    area: str,
    years: str,
    frequency: str,
    language: str,
    data: Path | None,
    back: Path | None,
    form: Path | None,
    mapping: Path | None,
    correct: bool,
    out: Path | None,
    now: str,
    output: str,
) -> int:
    """Make a workbook that asks for the figures of a dataflow; read one, or fill in one of another agency.

    It has locked headers, codes to choose from, checks that show while one fills it in, definitions, and a sheet on
    sources and methods. No mapping is needed to read it back: hidden cells tell what each figure is. What is missing,
    moved or renamed is named with its cell, and the answers are validated. Exit code 1 if there are findings of
    severity error.

    With --fill, the figures go into the cells of a workbook that a mapping describes; all else in it stays as it is.
    With --correct, they go into the cells of the workspace's own tables from which they came, and these are marked.

    \b
    Examples:
      sdmxmig questionnaire DF_POP --area GE --years 2020:2024 -o pop.xlsx
      sdmxmig questionnaire DF_POP --area EG --years 2024 --language ar --data last-year.csv -o pop.xlsx
      sdmxmig questionnaire --read pop.xlsx -o answers
      sdmxmig questionnaire --fill form.xlsx --mapping form.toml --data pop.csv -o filled.xlsx
      sdmxmig questionnaire --correct --data corrected.csv --workspace mycountry
    """
    from sdmxmig.catalogue import load
    from sdmxmig.cli import filling

    folder = at_work(workspace)
    check_options(click.get_current_context())
    if form:
        filling.fill(load(folder), form, mapping, (data, out))
        return OK
    if correct:
        if folder is None or data is None:
            raise SdmxmigError("Correcting needs a workspace and data.", hint="Name them with --workspace and --data.")
        filling.correct(open_session(folder, None, now), data, out)
        return OK
    if back is None:
        options = {"area": area, "years": years, "frequency": frequency, "language": language}
        make(dataflow, options, (folder, data, out))
        return OK
    return read_back(load(folder), back, out or Path(back.stem), (now, output), test=asks_for_tests(folder))


def check_options(context: click.Context) -> None:
    """Refuse what has no meaning for what is asked for, so that nothing is passed over in silence."""
    named = {
        one.name or "": one.opts[0] if isinstance(one, click.Option) else f"“{context.params['dataflow']}”"
        for one in context.command.params
    }
    given = [name for name in named if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    asked = next((one for one in GOES_WITH if one in given), "dataflow")
    takes = (asked, *GOES_WITH.get(asked, MAKING), *ANYWHERE)
    stray = next((name for name in given if name not in takes), None)
    if stray:
        what = "a new questionnaire" if asked == "dataflow" else named[asked]
        fitting = [named[one] for one, taken in GOES_WITH.items() if stray in taken]
        fitting += ["a new questionnaire"] if stray in MAKING else []
        hint = f"It goes with {' or '.join(fitting)}." if fitting else "Leave one of them away."
        raise SdmxmigError(f"{named[stray]} does not go with {what}.", hint=hint)


def area_of(folder: Path | None) -> str:
    """The country of the workspace."""
    from sdmxmig.workspace import open_workspace

    if folder is None:
        raise SdmxmigError("The country is missing.", hint="Name it with --area, such as --area GE.")
    return open_workspace(folder).area


def asks_for_tests(folder: Path | None) -> bool:
    """Whether the workspace says that its messages are tests; without one nobody does."""
    from sdmxmig.workspace import COUNTRY_FILE, open_workspace

    return folder is not None and (folder / COUNTRY_FILE).is_file() and open_workspace(folder).test


def make(dataflow: str, options: Mapping[str, str], files: tuple[Path | None, Path | None, Path | None]) -> None:
    """Write a questionnaire; `files` are the workspace, the data that stand in it already, and the workbook."""
    from sdmxmig import questionnaires
    from sdmxmig.catalogue import load
    from sdmxmig.words import read_words

    folder, data, out = files
    if not dataflow:
        raise SdmxmigError("The dataflow is missing.", hint="Name it, such as DF_POP; sdmxmig show lists them.")
    area, years = options["area"] or area_of(folder), years_of(options["years"])
    target = out or Path(f"{dataflow}.{area}.xlsx")
    if target.suffix.lower() != ".xlsx":
        raise SdmxmigError(f"“{target}” is not the name of a workbook.", hint="Write a name that ends in .xlsx.")
    check_new(target)
    catalogue = load(folder)
    flow = catalogue.flow(dataflow)
    layouts = questionnaires.read_layouts("tables.toml", template(folder, "questionnaire", "tables.toml"))
    planned = questionnaires.plan(catalogue, flow, layouts, area=area, years=years, freq=options["frequency"])
    words = read_words(template(folder, "questionnaire", "words.csv").decode("utf-8-sig"))
    dataset = dataset_in(data, flow) if data else None
    content = questionnaires.to_workbook(planned, catalogue, words, language=options["language"], dataset=dataset)
    publish_file(target, content, "-o FILE")
    for one in planned.left_out:
        say(f"No table {one}; such figures go to the sheet for further figures.")
    count = sum(len(grid.rows) * len(grid.columns) for grid in planned.grids)
    stage("questionnaire", f"{count} figures in {len(planned.grids)} tables")
    show(str(target))
    next_step("fill it in, then: sdmxmig questionnaire --read", target)


def years_of(text: str) -> tuple[int, int]:
    """The first and the last year that are asked for.

    >>> years_of("2020:2024"), years_of("2024")
    ((2020, 2024), (2024, 2024))
    """
    found = YEARS.fullmatch(text)
    if not found:
        message = f"“{text}” are no years." if text else "The years are missing."
        raise SdmxmigError(message, hint="Write the first and the last one: --years 2020:2024.")
    return int(found[1]), int(found[2] or found[1])


def read_back(catalogue: Catalogue, path: Path, out: Path, told: tuple[str, str], *, test: bool) -> int:
    """Read a questionnaire, validate what it says, write all that came of it, and show the findings."""
    from dataclasses import replace

    from sdmxmig import questionnaires, validation
    from sdmxmig.intake.files import read_bytes
    from sdmxmig.model.findings import Findings
    from sdmxmig.outputs import findings_json, findings_text
    from sdmxmig.tables import read

    now, output = told
    content = read_bytes(path)
    answers = questionnaires.read(read(path.name, content), catalogue)
    advising = replace(catalogue, rules=questionnaires.rules_in_forms(catalogue.rules))
    findings = Findings.join([answers.findings, validation.validate(answers.dataset, advising)])
    prepared = moment(now).isoformat(timespec="seconds")
    message_id = f"{answers.area}_{answers.dataset.flow.id}"
    files = answer_files(
        catalogue, answers, findings, Header(message_id, prepared, sender=Party(answers.area), test=test)
    )
    if any(finding.place for finding in findings.items):
        language, flows = answers.language, catalogue.flows  # the office reads it in the language that it was asked in
        marked = marked_copy(path, findings, language=language, flows=flows)
        files |= {f"{path.stem}.checked.xlsx": marked} if marked is not None else {}
    for note in publish_folder(out, "answers", files, maker="sdmxmig questionnaire", option="-o FOLDER")[1]:
        say(note)
    stage("read", f"{answers.dataset.observations.height} observations of {answers.dataset.flow.id}")
    if output == "json":
        show_json_text(findings_json.render(findings, catalogue.rules).decode())
    else:
        show_text(findings_text.render(findings, flows=catalogue.flows))
    say_otherwise(answers.dataset, "sdmx-csv-2.0")
    next_step("open", out)
    return FINDINGS if findings.has_errors else OK


def answer_files(catalogue: Catalogue, answers: Answers, findings: Findings, header: Header) -> dict[str, bytes]:
    """The answers as files: data, where each value came from, what is said about sources and methods, findings."""
    from sdmxmig.formats import FORMATS, data_bytes
    from sdmxmig.outputs import findings_json

    dataset = answers.dataset
    name = dataset.flow.id
    origins = io.BytesIO()
    dataset.origins.write_parquet(origins)
    files = {
        f"{name}.csv": data_bytes(FORMATS["sdmx-csv-2.0"], [dataset], header),
        f"{name}.xml": data_bytes(FORMATS["sdmx-ml-3.0"], [dataset], header),
        f"{name}.origins.parquet": origins.getvalue(),
        READ_BACK: findings_json.render(findings, catalogue.rules),
    }
    write = FORMATS["sdmx-ml-3.0"].write_metadata
    if answers.metadata and write:
        files[f"{name}.metadata.xml"] = write([answers.metadata], header)
    return files
