"""Regional studies of assessments, and overviews of several countries."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path
from typing import Any

from sdmxmig import catalogue as declared
from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.folders import list_search_path
from sdmxmig.catalogue.regional import read_comparisons
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.files import compute_hashes, read_record
from sdmxmig.io.publishing.folders import is_aside
from sdmxmig.primitives.errors import InputError, MissingLibrary, SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import quote_path
from sdmxmig.reporting.outputs import typed_json
from sdmxmig.reporting.sections import choose_documents, region, write, write_all
from sdmxmig.reporting.sections.documents import REPORT
from sdmxmig.reporting.sections.region.naming import name_country_file, name_file
from sdmxmig.sdmx.formats import FORMATS, read_all
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.comparison import compare
from sdmxmig.statistics.comparison.groups import REGION_FILE, read_request
from sdmxmig.statistics.model.region import Country, RegionalStudy, StudyRequest
from sdmxmig.workspace.folder import COUNTRY_FILE, check_links, check_result_links, open_workspace
from sdmxmig.workspace.results import Results
from sdmxmig.workspace.tasks.assessing import ASSESSMENT
from sdmxmig.workspace.tasks.data_folder import DISK_FORMAT, name_data
from sdmxmig.workspace.tasks.finding_lists import FindingList, find_store
from sdmxmig.workspace.tasks.new_workspace import is_workspace, list_workspaces
from sdmxmig.workspace.tasks.progress_listener import ProgressListener
from sdmxmig.workspace.tasks.session import describe_outdated


def find_study(
    sources: Sequence[Path], request: StudyRequest, *, changed: bool = False, listener: ProgressListener
) -> RegionalStudy:
    countries = [read_country(source, changed=changed, listener=listener) for source in sources]
    catalogue = declared.load()
    datasets = {
        country.area: read_compared_data(source, catalogue)
        for source, country in zip(sources, countries, strict=True)
        if country.has_data
    }
    return compare(countries, request, catalogue, datasets=datasets)


def read_country(source: Path, *, changed: bool, listener: ProgressListener) -> Country:
    path = source
    if source.is_dir():
        path = source / "out" / ASSESSMENT
        check_results(source, changed=changed, listener=listener)
        if not path.is_file():
            message = f"“{source}” has no assessment yet."
            raise SdmxmigError(message, Place(str(path)), f"Run first: sdmxmig run {quote_path(source)}")
    elif not source.exists():
        raise SdmxmigError(f"There is no workspace or file “{source}”.", hint="Name the folder of a workspace.")
    elif source.suffix != ".json":
        hint = f"Name the folder of a workspace, or its out/{ASSESSMENT}."
        raise SdmxmigError(f"“{source}” is not an assessment.", hint=hint)
    content = read_bytes(path)
    assessment = typed_json.read(content, str(path), changed=changed)
    is_changed = typed_json.is_changed(content, str(path)) or bool(list_changed_data(source))
    if is_changed:
        listener.say(f"! {source} was edited by hand after sdmxmig wrote it. The study marks it.")
    name = f"{source.resolve().name}/out/{ASSESSMENT}" if source.is_dir() else path.name
    has_data = source.is_dir() and any((source / "out" / "data").glob("*.csv"))
    return Country(
        assessment,
        name,
        sha256=hashlib.sha256(content).hexdigest(),
        has_data=has_data,
        is_changed=is_changed,
        language=open_workspace(source).country.language if (source / COUNTRY_FILE).is_file() else "",
    )


def check_results(workspace: Path, *, changed: bool, listener: ProgressListener) -> None:
    """Repair and check the results of a workspace; warn if the assessment is stale."""
    check_links(workspace)
    check_result_links(workspace)
    results = Results(workspace, workspace / "out")
    results.reading()
    reasons = results.older("assessment")
    if reasons:
        listener.say(f"! {workspace}: {describe_outdated('assessment', reasons)}")
    edited = list_changed_data(workspace)
    if edited and not changed:
        hint = f"To use the changed data, add --changed. To convert them again: sdmxmig run {quote_path(workspace)}"
        raise SdmxmigError("These data have changed since sdmxmig made them.", Place(str(edited[0])), hint)


def list_changed_data(workspace: Path) -> list[Path]:
    folder = workspace / "out" / "data"
    if not folder.is_dir():
        return []
    results = Results(workspace, workspace / "out")
    record = results.made("data")
    unrecorded = [path for path in sorted(folder.glob("*.csv")) if record is None or path.name not in record.files]
    return [
        *(folder / name for name in results.changed("data")),
        *(path for path in unrecorded if not is_aside(path.name)),
    ]


def read_compared_data(workspace: Path, catalogue: Catalogue) -> tuple[Dataset, ...]:
    comparisons = read_comparisons(list_search_path("structures"), catalogue)
    flows = {mirrored.flow for mirrored in comparisons.mirrored} | {figure.flow for figure in comparisons.one_source}
    return list_workspace_data(workspace, catalogue, sorted(flows))


def list_workspace_data(folder: Path, catalogue: Catalogue, flows: Sequence[str]) -> tuple[Dataset, ...]:
    check_links(folder)
    check_result_links(folder)
    has_own = any((folder / name).is_dir() for name in ("structures", "codelists"))
    known = declared.load(folder) if has_own else catalogue
    paths = [folder / "out" / "data" / name_data(flow, DISK_FORMAT) for flow in flows]
    return tuple(
        dataset
        for path in paths
        if path.is_file()
        for dataset in read_all(FORMATS[DISK_FORMAT], path.name, read_bytes(path), known.flows)
    )


def find_requested_study(
    paths: Sequence[Path], name: str, language: str
) -> tuple[list[Path], StudyRequest, Path | None]:
    file = next(
        (path for path in (paths[0], paths[0] / REGION_FILE) if path.suffix == ".toml" and path.is_file()), None
    )
    if file is None:
        return list(paths), StudyRequest(Text.of(en=name), language=language), None
    if len(paths) > 1:
        raise SdmxmigError(
            f"“{file}” already names its workspaces.", hint="Give only this file, or only the workspaces."
        )
    request = read_request(str(file), read_bytes(file))
    if name:
        request = replace(request, name=Text.of(en=name))
    request = replace(request, language=language or request.language)
    return [file.parent / workspace for workspace in request.workspaces], request, file.parent / "out"


def yield_pages(study: RegionalStudy, language: str, listener: ProgressListener) -> Iterator[tuple[str, bytes]]:
    page = region.compose(study, language=language)
    for _, output, content in write_all({REPORT: page}, choose_documents(REPORT)):
        if isinstance(content, MissingLibrary):
            listener.say(f"no {output}: {content}")
        else:
            yield f"{name_file(study, page.language)}.{output}", content
    for area, country_page in region.build_country_pages(study, language=language):
        yield name_country_file(area, country_page.language), write(country_page, "html")


def collect_sources(study: RegionalStudy) -> dict[str, str]:
    return {country.file: country.sha256 for country in study.countries}


def index_other_editions(folder: Path, files: Mapping[str, bytes], made_from: Mapping[str, str]) -> dict[str, bytes]:
    record = read_record(folder).results.get("region")
    if record is None or record.made_from != made_from:
        return {}
    other_files = {name: folder / name for name in record.files.keys() - files.keys()}
    contents = {name: path.read_bytes() for name, path in other_files.items() if path.is_file()}
    return {
        name: content
        for name, content in contents.items()
        if compute_hashes({name: content})[name] == record.files[name]
    }


TIME = "TIME_PERIOD"
YEAR = 4
"""Number of characters of a period that are its year."""


@dataclass(frozen=True, slots=True)
class CountryState:
    """A country's observations by dataflow and year, and findings by dataflow and severity; None before validation."""

    folder: Path
    _: KW_ONLY
    area: str = ""
    name: str = ""
    observations: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    findings: Mapping[str, Mapping[str, int]] | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """Countries by code, and for each dataflow the year that half of them have reached."""

    countries: tuple[CountryState, ...]
    expected: Mapping[str, str]

    @property
    def years(self) -> dict[str, list[str]]:
        years: dict[str, set[str]] = {flow: set() for flow in self.expected}
        for country in self.countries:
            for flow in country.observations.keys() & years.keys():
                years[flow].update(country.observations[flow])
        return {flow: sorted(of_flow) for flow, of_flow in years.items()}

    def state(self, country: CountryState, flow: str) -> str:
        years = country.observations.get(flow)
        if not years:
            return "missing"
        if country.findings and country.findings[flow].get("error", 0):
            return "faulty"
        if max(years) < self.expected[flow]:
            return "late"
        return "unchecked" if country.findings is None else "sound"


def find_workspaces(paths: Sequence[Path]) -> list[Path]:
    """Find workspaces: given, listed in a ``region.toml``, or below a folder."""
    folders: list[Path] = []
    for path in paths:
        if is_workspace(path):
            folders.append(path)
        elif path.name == REGION_FILE or (path / REGION_FILE).is_file():
            folders += [folder.resolve() for folder in find_requested_study([path], "", "")[0]]
        else:
            folders += list_workspaces(path)
    return list(dict.fromkeys(folders))


def build_overview(countries: Sequence[CountryState]) -> Overview:
    reached: dict[str, list[str]] = {}
    for country in countries:
        for flow, years in country.observations.items():
            if years:
                reached.setdefault(flow, []).append(max(years))
    expected = {flow: sorted(last, reverse=True)[(len(last) - 1) // 2] for flow, last in sorted(reached.items())}
    return Overview(tuple(sorted(countries, key=lambda country: (country.area, str(country.folder)))), expected)


def determine_country_state(folder: Path, language: str = "en") -> CountryState:
    try:
        workspace = open_workspace(folder)
        check_result_links(folder)
        findings = index_findings_by_flow(workspace.out)
        flows = {
            path.name.removesuffix(FORMATS[DISK_FORMAT].suffix): path
            for path in sorted((workspace.out / "data").glob(f"*{FORMATS[DISK_FORMAT].suffix}"))
            if not is_aside(path.name)
        }
        return CountryState(
            folder,
            area=workspace.country.area,
            name=workspace.country.name.in_language(language),
            observations={flow: count_by_year(path) for flow, path in flows.items()},
            findings=None if findings is None else {flow: findings.get(flow, {}) for flow in flows},
        )
    except SdmxmigError as error:
        return CountryState(folder, name=folder.name, trouble=error.message)
    except OSError as error:
        return CountryState(folder, name=folder.name, trouble=error.strerror or str(error))


def count_by_year(path: Path) -> dict[str, int]:
    try:
        periods = pl.scan_csv(path, infer_schema=False).select(pl.col(TIME).str.head(YEAR).alias("year"))
        counts = periods.drop_nulls().group_by("year").len().sort("year").collect()
    except pl.exceptions.PolarsError as error:
        first = str(error).split("\n", 1)[0]
        raise InputError(f"These are not data ({first}).", Place(str(path)), "Convert again.") from None
    return dict(counts.iter_rows())


def index_findings_by_flow(out: Path) -> dict[str, dict[str, int]] | None:
    store = find_store(out)
    if not store.is_file():
        return None
    findings = FindingList(store)
    counts: dict[str, dict[str, int]] = {}
    for severity, flow, count in findings.index.group_by("severity", "flow", maintain_order=True).len().iter_rows():
        counts.setdefault(flow, {})[severity] = count
    for more in findings.unlisted:
        of_one = counts.setdefault(more.flow, {})
        of_one[more.severity] = of_one.get(more.severity, 0) + more.findings
    return counts


def list_rows(overview: Overview) -> list[dict[str, Any]]:
    return [row for country in overview.countries for row in build_rows(overview, country)]


def build_rows(overview: Overview, country: CountryState) -> list[dict[str, Any]]:
    rows = []
    for flow in overview.expected:
        years = country.observations.get(flow, {})
        rows.append(
            {
                "area": country.area or country.folder.name,
                "flow": flow,
                "state": overview.state(country, flow),
                "first": min(years, default=""),
                "last": max(years, default=""),
                "observations": sum(years.values()),
                "errors": (country.findings or {}).get(flow, {}).get("error", 0),
            }
        )
    return rows
