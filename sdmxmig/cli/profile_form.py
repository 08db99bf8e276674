"""``sdmxmig profile form`` and ``read``: forms for the answers of a country, and reading them back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.application.clock import moment
from sdmxmig.cli import FINDINGS, OK
from sdmxmig.cli.options import FORMAT_OPTION, WORKSPACE_OPTION, language_option, output_option
from sdmxmig.cli.show import at_work
from sdmxmig.cli.talk import next_step, say, show, show_json_text, show_text, stage
from sdmxmig.errors import InputError, SdmxmigError, counted, did_you_mean
from sdmxmig.places import Place
from sdmxmig.publishing.files import publish_file
from sdmxmig.publishing.proposals import check_proposal, publish_proposal
from sdmxmig.publishing.refusing import check_apart, check_new
from sdmxmig.workspace import COUNTRY_FILE, PROFILE_FILE

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.model.findings import Findings
    from sdmxmig.model.profile import Profile
    from sdmxmig.profiles.missing import Cells

FORMS = {"workbook": "xlsx", "text": "toml"}
MESSAGES = (".csv", ".xml", ".json", ".gz", ".zip")
"""How the names of SDMX messages end; any other file is a form."""


@click.command("form")
@WORKSPACE_OPTION
@click.option("--area", default="", metavar="CODE", help="The country.  [default: that of the profile]")
@click.option("--year", default="", help="Year of the assessment.  [default: that of the profile, or the present]")
@language_option(default="en", show_default=True)
@click.option("--from", "known", type=click.Path(path_type=Path), metavar="PROFILE", help="What is known already.")
@click.option("--short", is_flag=True, help="Only the core items, and availability of the core indicators.")
@click.option(
    "--as",
    "kind",
    type=click.Choice(list(FORMS)),
    default="workbook",
    show_default=True,
    help="A workbook, or a commented text file.",
)
@click.option("--now", default="", metavar="TIME", help="The time whose year is taken.  [default: the present]")
@output_option("out", "The file.  [default: profile-AREA.xlsx]")
def form_command(  # noqa: PLR0913, PLR0917 - one for each option
    workspace: Path | None,
    area: str,
    year: str,
    language: str,
    known: Path | None,
    short: bool,
    kind: str,
    now: str,
    out: Path | None,
) -> int:
    """Make a form in which a country answers the benchmarking study: a workbook, or a commented text file.

    It asks all items with what the Recommendations say, offers the codes of every scale, and counts what is answered.
    What a profile says already stands in it.

    \b
    Examples:
      sdmxmig profile form --area GE --language fr
      sdmxmig profile form --from mycountry --year 2026 -o profile-2026.xlsx
      sdmxmig profile form --area GE --short --as text -o profile.toml
    """
    from sdmxmig.application.templates import template
    from sdmxmig.catalogue import load
    from sdmxmig.profiles.text_form import to_text
    from sdmxmig.profiles.writing import to_workbook
    from sdmxmig.words import read_words

    folder = at_work(workspace)
    catalogue = load(folder)
    profile = begun(catalogue, known, area, year or ("" if known else str(moment(now).year)))
    words = read_words(template(folder, "profile", "words.csv").decode("utf-8-sig"))
    target = out or Path(f"profile-{profile.area}.{FORMS[kind]}")
    if target.suffix.lower() != f".{FORMS[kind]}":
        hint = f"Write a name that ends in .{FORMS[kind]}, or --as {' or '.join(FORMS)}."
        raise SdmxmigError(f"“{target}” is not the name of a {kind}.", hint=hint)
    check_new(target)
    make = to_workbook if kind == "workbook" else to_text
    publish_file(target, make(profile, catalogue, words, language=language, short=short), "-o FILE")
    stage("profile", f"a form for {profile.area} {profile.year}, {counted(len(list(profile.every())), 'answer')} in it")
    show(str(target))
    next_step("fill it in, then: sdmxmig profile read", target)
    return OK


def begun(catalogue: Catalogue, known: Path | None, area: str, year: str) -> Profile:
    """The profile that a form begins with: one that is known, or an empty one of a country and year."""
    from sdmxmig.model.profile import Profile
    from sdmxmig.profiles.dataset import FLOW
    from sdmxmig.profiles.written import AREA, YEAR

    profile = opened(known, catalogue)[0] if known else Profile(area, year, answers={}, about={}, sources={})
    if area and profile.area != area:
        raise SdmxmigError(f"This is a profile of {profile.area}, not of {area}.", profile.place, "Leave --area away.")
    profile = replace(profile, area=area or profile.area, year=year or profile.year)
    areas = catalogue.flow(FLOW).codelist("REF_AREA")
    ids = [code for code in areas.ids if AREA.fullmatch(code)] if areas else []
    if profile.area not in ids:
        message = f"“{profile.area}” is not a country." if profile.area else "The country is missing."
        raise SdmxmigError(message, hint=did_you_mean(profile.area, ids) if profile.area else "Name it: --area GE.")
    if not YEAR.fullmatch(profile.year):
        raise SdmxmigError(f"“{profile.year}” is not a year.", hint="Write four digits: --year 2026.")
    return profile


def opened(path: Path, catalogue: Catalogue) -> tuple[Profile, Findings, Cells]:
    """A profile from a workspace, a file, a form or data of DF_ASSESS, what is wrong in it, and the cells of its items.

    Raises `SdmxmigError` if nothing of the kind is there.
    """
    from sdmxmig.intake.files import read_bytes
    from sdmxmig.model.findings import Findings
    from sdmxmig.profiles.asked import asked_by
    from sdmxmig.profiles.file import read_file
    from sdmxmig.profiles.reading import read_form
    from sdmxmig.tables import read

    file = path / PROFILE_FILE if path.is_dir() else path
    if not file.is_file():
        raise InputError("There is no profile here.", Place(str(file)), "Make a form with: sdmxmig profile form")
    suffix = file.suffix.lower()
    if suffix == ".toml":
        return (*read_file(file.name, read_bytes(file), asked_by(catalogue)), {})
    if suffix in MESSAGES:
        return in_message(file, catalogue), Findings(), {}
    return read_form(read(file.name, read_bytes(file)), asked_by(catalogue))


def in_message(file: Path, catalogue: Catalogue) -> Profile:
    """A profile from an SDMX message: data of DF_ASSESS, or reference metadata with one set."""
    from sdmxmig.application.messages import dataset_in
    from sdmxmig.formats import FORMATS
    from sdmxmig.formats.detection import detect
    from sdmxmig.intake.packed import read_message
    from sdmxmig.profiles.dataset import FLOW, profile_of
    from sdmxmig.profiles.metadata import profile_of_metadata

    name, content = read_message(file)
    detected = detect(name, content)
    read = FORMATS[detected.format].read_metadata if detected.kind == "metadata" else None
    if read is None:
        return profile_of(dataset_in(file, catalogue.flow(FLOW)))
    sets = read(name, content)
    if len(sets) != 1:
        message = f"A profile is one set of reference metadata, not {len(sets)}."
        raise InputError(message, Place(name), "Keep the set that is meant.")
    return profile_of_metadata(sets[0])


@click.command("read")
@click.argument("file", type=click.Path(path_type=Path))
@WORKSPACE_OPTION
@output_option("out", "profile.toml, or the folder for it.")
@click.option(
    "--marked", type=click.Path(path_type=Path), metavar="FILE", help="A copy with the cells at fault marked."
)
@language_option(default="en", show_default=True)
@FORMAT_OPTION
def read_command(
    file: Path, workspace: Path | None, out: Path | None, marked: Path | None, language: str, output: str
) -> int:
    """Read a form or a profile file back, and name all that is wrong or missing with its cell.

    Answers that are no codes, sources that nobody cited, rows that were moved and answers that contradict each other
    are listed, and so are core items that are not answered yet. With -o the profile is written, unless there are
    errors: then the exit code is 1.

    \b
    Examples:
      sdmxmig profile read profile.xlsx
      sdmxmig profile read profile.xlsx -o mycountry --language fr
      sdmxmig profile read profile.xlsx --marked profile.checked.xlsx
    """
    from sdmxmig.application.templates import template
    from sdmxmig.catalogue import load
    from sdmxmig.intake.files import read_bytes
    from sdmxmig.outputs import findings_json, findings_text, marked_workbook
    from sdmxmig.profiles.asked import asked_by
    from sdmxmig.profiles.file import profile_file

    target = out if out is None or out.suffix.lower() == Path(PROFILE_FILE).suffix else out / PROFILE_FILE
    for result in (target, marked):
        if result is not None:
            check_apart(result, file)
    if target:
        check_proposal(target, known=[template(None, "workspace", PROFILE_FILE)])
    if marked:
        check_new(marked, "--marked FILE")
    catalogue = load(at_work(workspace))
    profile, read_findings, cells = opened(file, catalogue)
    findings = checked(profile, read_findings, cells, catalogue)
    if output == "json":
        show_json_text(findings_json.render(findings, catalogue.rules).decode())
    else:
        show_text(findings_text.render(findings, language=language, flows=catalogue.flows))
    if marked:
        content = read_bytes(file)
        publish_file(marked, marked_workbook.mark(file.name, content, findings, language=language), "--marked FILE")
    stage("read", f"{counted(len(list(profile.every())), 'answer')}, {counted(len(profile.sources), 'source')}")
    if findings.has_errors:
        say("Nothing was written: mend the errors first." if out else "Mend the errors, and read it again.")
        return FINDINGS
    if target:
        publish_proposal(target, profile_file(profile, asked_by(catalogue)))
        is_used = (target.parent / COUNTRY_FILE).is_file()
        next_step(*("sdmxmig assess", target.parent) if is_used else ("sdmxmig profile data", target))
    return OK


def checked(profile: Profile, read_findings: Findings, cells: Cells, catalogue: Catalogue) -> Findings:
    """All that is to be said of a profile: what reading noticed, what contradicts itself, what is missing."""
    from sdmxmig.model.findings import Findings
    from sdmxmig.profiles.asked import asked_by
    from sdmxmig.profiles.dataset import FLOW, dataset_of, located
    from sdmxmig.profiles.missing import missing
    from sdmxmig.validation import validate

    parts = [read_findings]
    if profile.area and profile.year:
        dataset = dataset_of(profile, catalogue.flow(FLOW), asked_by(catalogue), profile.area)
        parts.append(located(validate(dataset, catalogue), profile))
    parts.append(missing(profile, catalogue, cells))
    return Findings.join(parts)
