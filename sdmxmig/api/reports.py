"""Reports on one country or several, in any language and format.

Download of data and structures that agencies publish, with their provenance.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Any

from sdmxmig.api.sources import Listener, StrPath, convert_errors, find_workspace_folder, to_path
from sdmxmig.catalogue.folders import list_search_path
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.summaries import Summary, add_summary
from sdmxmig.reporting import sections as reporting
from sdmxmig.reporting.outputs import Page, typed_json
from sdmxmig.reporting.sections import region
from sdmxmig.reporting.sections.documents import REPORT
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.transmission.retrieval.addresses import build_data_query, build_structure_query
from sdmxmig.transmission.retrieval.fetching import Fetched
from sdmxmig.workspace.folder import COUNTRY_FILE, RESULTS, check_result_links, open_workspace
from sdmxmig.workspace.tasks.assessing import ASSESSMENT
from sdmxmig.workspace.tasks.getting import FetchOptions
from sdmxmig.workspace.tasks.getting import get as fetch
from sdmxmig.workspace.tasks.region_studies import find_requested_study, find_study

COUNTRY, REGION = "country", "region"


@add_summary
@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """A composed report that can be saved in any format; `kind` is ``country`` or ``region``."""

    page: Page = field(repr=False)
    kind: str
    _: KW_ONLY
    areas: tuple[str, ...]
    is_draft: bool

    @property
    def title(self) -> str:
        """The title of the report."""
        return self.page.title

    @property
    def language(self) -> str:
        """The language of the report."""
        return self.page.language

    @property
    def html(self) -> str:
        """The report as one self-contained HTML page."""
        return reporting.write(self.page, "html").decode("utf-8")

    def save(self, target: StrPath) -> Path:
        """Save the report in the format of the suffix: .html, .pdf, .docx, .xlsx or .md; returns the path.

        Raises `SdmxmigError` for other suffixes, and without the library for PDF.
        """
        return save_report(self, target)

    def summary(self) -> Summary:
        """Show title, countries and language."""
        facts = (
            ("of", ", ".join(self.areas)),
            ("language", self.language),
            ("state", "draft: not signed off by the office" if self.is_draft else "signed off"),
            ("save as", ", ".join(f".{output}" for output in reporting.REPORT_FORMATS)),
        )
        return Summary(f"Report: {self.title}", facts)


@convert_errors
def save_report(report: Report, target: StrPath) -> Path:
    """Save a report in the format of the file name."""
    path = to_path(target)
    output = path.suffix.lower().removeprefix(".")
    if output not in reporting.REPORT_FORMATS:
        endings = [f".{report_format}" for report_format in reporting.REPORT_FORMATS]
        hint = did_you_mean(path.suffix, endings) if output else f"Write a name that ends in {', '.join(endings)}."
        raise SdmxmigError(f"“{path}” is not the name of a report.", hint=hint)
    return publish_file(path, reporting.write(report.page, output), "target=…")


@convert_errors
def report(
    *countries: Any, document: str = "report", language: str = "", name: str = "", changed: bool = False
) -> Report:
    """Compose the benchmarking report of a country, or the study of a region if several are given.

    `countries` are assessed workspaces (folders or `Workspace`), assessment files, or results of `Workspace.assess`; a
    region may also be a folder with region.toml. `document` is ``report``, ``brief`` (two pages) or ``annexes``, of one
    country; `language` is en, fr, es, ar, ru or zh, by default that of the workspace; `name` is the name of a regional
    study. Manually changed assessments are rejected unless `changed` is set.
    """
    if not countries:
        raise SdmxmigError("No country is given.", hint="Name one or more workspaces that have been assessed.")
    if len(countries) == 1 and isinstance(countries[0], Assessment):
        return report_on_assessment(countries[0], document, language or "en", None)
    if any(isinstance(country, Assessment) for country in countries):
        hint = "Give the workspaces or the assessment files of the countries."
        raise SdmxmigError("A regional study is made from files.", hint=hint)
    paths = [to_path(getattr(country, "folder", country)) for country in countries]
    if len(paths) == 1 and not is_region(paths[0]):
        output = getattr(countries[0], "output", None)
        return report_on_country(paths[0], output, document, language, changed=changed)
    if document != REPORT:
        raise SdmxmigError(f"A regional study has no {document}.", hint="Request it for one country.")
    sources, request, _ = find_requested_study(paths, name, language)
    study = find_study(sources, request, changed=changed, listener=Listener())
    page = region.compose(study, language=request.language or "en")
    return Report(page, REGION, areas=study.areas, is_draft=study.is_draft)


def is_region(path: Path) -> bool:
    """Check whether a path is a study of several countries."""
    return path.name == "region.toml" or (path / "region.toml").is_file()


def report_on_country(path: Path, output: Path | None, document: str, language: str, *, changed: bool) -> Report:
    """Compose the report of a workspace or assessment file."""
    folder = path if (path / COUNTRY_FILE).is_file() else None
    if folder and output in (None, path / RESULTS):
        check_result_links(path)
    file = (output or path / "out") / ASSESSMENT if path.is_dir() else path
    if path.is_dir() and not file.is_file():
        workspace = open_workspace(path)
        hint = f'Make one first: Workspace("{workspace.folder}").assess(), or .run() for the whole pipeline.'
        raise SdmxmigError("There is no assessment yet.", Place(str(file)), hint)
    assessment = typed_json.read(read_bytes(file), str(file), changed=changed)
    tongue = language or (open_workspace(folder).country.language if folder else "en")
    return report_on_assessment(assessment, document, tongue, folder)


def report_on_assessment(assessment: Assessment, document: str, language: str, folder: Path | None) -> Report:
    """Compose the report of an assessment, with templates of a workspace if available."""
    templates = list_search_path("templates", folder)
    page = reporting.compose(assessment, document=document, language=language, templates=templates)
    return Report(page, COUNTRY, areas=(assessment.area,), is_draft=assessment.is_draft)


@convert_errors
def get(  # noqa: PLR0913 - one for each thing that may be chosen
    agency: str,
    dataflow: str,
    key: str = "",
    *,
    start: str = "",
    end: str = "",
    format: str = "",  # noqa: A002 - what it is called everywhere
    address: str = "",
    api: int = 0,
    private: bool = False,
    credential: str = "",
    offline: bool = False,
    patience: float = 600.0,
    workspace: StrPath | None = None,
) -> Fetched:
    """Fetch the data of a dataflow from an agency; pass ``.path`` of the result to `read`.

    `key` has a code for each dimension, separated by dots: alternatives are joined by a plus, and an empty part means
    all. `start` and `end` are periods. `address` replaces the declared address of the service, `api` is the major
    version of its REST API (1 or 2), `private` permits an address on this machine or network, and `credential` is the
    name of a token in the keyring. Results are kept; if the service is unavailable, or with `offline`, the last copy is
    used. `patience` is the waiting time for a busy service, in seconds.

    Raises `SdmxmigError` if no data are available.
    """
    query = build_data_query(agency, dataflow, key, start=start, end=end)
    how = FetchOptions(
        address=address,
        api=api,
        is_private=private,
        credential=credential,
        format=format,
        is_offline=offline,
        patience=patience,
    )
    return fetch(query, how, workspace=find_workspace_folder(workspace), listener=Listener())


@convert_errors
def get_structures(
    agency: str,
    what: str,
    *,
    references: str = "none",
    address: str = "",
    api: int = 0,
    private: bool = False,
    offline: bool = False,
    workspace: StrPath | None = None,
) -> Fetched:
    """Fetch structures from an agency; pass ``.path`` of the result to `read`.

    `what` is a kind with id and version, such as ``dataflow/DF_POP/1.0``, or only a kind for all artefacts of the
    agency. `references` selects related artefacts: ``none``, ``children``, ``descendants``, ``parents`` or ``all``.
    Other parameters are as for `get`. Raises `SdmxmigError` if no structures are available.
    """
    query = build_structure_query(agency, what, references=references)
    how = FetchOptions(address=address, api=api, is_private=private, is_offline=offline)
    return fetch(query, how, workspace=find_workspace_folder(workspace), listener=Listener())
