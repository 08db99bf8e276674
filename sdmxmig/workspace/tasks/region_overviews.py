"""Overviews of several countries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Any

from sdmxmig.io.publishing.keeping import is_aside
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.statistics.comparison.request import FILE
from sdmxmig.workspace.folder import check_links_of_results, open_workspace
from sdmxmig.workspace.tasks.data_folder import DISK_FORMAT
from sdmxmig.workspace.tasks.finding_lists import FindingList, store_of
from sdmxmig.workspace.tasks.recent_workspaces import is_workspace, workspaces_in
from sdmxmig.workspace.tasks.region_studies import requested_study

STATES = ("missing", "faulty", "late", "unchecked", "sound")
TIME = "TIME_PERIOD"
YEAR = 4
"""So many signs of a period are its year."""


@dataclass(frozen=True, slots=True)
class FlowState:
    observations: Mapping[str, int]
    findings: Mapping[str, int] | None = None

    @property
    def last(self) -> str:
        return max(self.observations, default="")


@dataclass(frozen=True, slots=True)
class CountryState:
    """One workspace: its folder, its country, and what it has by dataflow; `trouble` if it cannot be read."""

    folder: Path
    _: KW_ONLY
    area: str = ""
    name: str = ""
    flows: Mapping[str, FlowState] = field(default_factory=dict)
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """Several countries in the order of their codes, and for each dataflow the year that half of them have reached."""

    countries: tuple[CountryState, ...]
    expected: Mapping[str, str]

    @property
    def years(self) -> dict[str, list[str]]:
        years: dict[str, set[str]] = {flow: set() for flow in self.expected}
        for country in self.countries:
            for flow in country.flows.keys() & years.keys():
                years[flow].update(country.flows[flow].observations)
        return {flow: sorted(of_flow) for flow, of_flow in years.items()}

    def state(self, country: CountryState, flow: str) -> str:
        of_flow = country.flows.get(flow)
        if of_flow is None or not of_flow.observations:
            return "missing"
        if of_flow.findings and of_flow.findings.get("error", 0):
            return "faulty"
        if of_flow.last < self.expected[flow]:
            return "late"
        return "unchecked" if of_flow.findings is None else "sound"


def workspaces_of(paths: Sequence[Path]) -> list[Path]:
    """The workspaces that are meant: those named, those that a ``region.toml`` names, those beneath a folder."""
    folders: list[Path] = []
    for path in paths:
        if is_workspace(path):
            folders.append(path)
        elif path.name == FILE or (path / FILE).is_file():
            folders += [folder.resolve() for folder in requested_study([path], "", "")[0]]
        else:
            folders += workspaces_in(path)
    return list(dict.fromkeys(folders))


def overview_of(countries: Sequence[CountryState]) -> Overview:
    reached: dict[str, list[str]] = {}
    for country in countries:
        for flow, state in country.flows.items():
            if state.observations:
                reached.setdefault(flow, []).append(state.last)
    expected = {flow: sorted(years, reverse=True)[(len(years) - 1) // 2] for flow, years in sorted(reached.items())}
    return Overview(tuple(sorted(countries, key=lambda country: (country.area, str(country.folder)))), expected)


def country_state(folder: Path, language: str = "en") -> CountryState:
    try:
        workspace = open_workspace(folder)
        check_links_of_results(folder)
        findings = findings_by_flow(workspace.out)
        flows = {
            path.name.removesuffix(FORMATS[DISK_FORMAT].suffix): path
            for path in sorted((workspace.out / "data").glob(f"*{FORMATS[DISK_FORMAT].suffix}"))
            if not is_aside(path.name)
        }
        return CountryState(
            folder,
            area=workspace.country.area,
            name=workspace.country.name.in_language(language),
            flows={flow: FlowState(years_of(path), of_flow(findings, flow)) for flow, path in flows.items()},
        )
    except SdmxmigError as error:
        return CountryState(folder, name=folder.name, trouble=error.message)
    except OSError as error:
        return CountryState(folder, name=folder.name, trouble=error.strerror or str(error))


def of_flow(findings: Mapping[str, Mapping[str, int]] | None, flow: str) -> Mapping[str, int] | None:
    return None if findings is None else findings.get(flow, {})


def years_of(path: Path) -> dict[str, int]:
    try:
        periods = pl.scan_csv(path, infer_schema=False).select(pl.col(TIME).str.head(YEAR).alias("year"))
        counts = periods.drop_nulls().group_by("year").len().sort("year").collect()
    except pl.exceptions.PolarsError as error:
        first = str(error).split("\n", 1)[0]
        raise InputError(f"These are no data ({first}).", Place(str(path)), "Convert again.") from None
    return dict(counts.iter_rows())


def findings_by_flow(out: Path) -> dict[str, dict[str, int]] | None:
    store = store_of(out)
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


def as_rows(overview: Overview) -> list[dict[str, Any]]:
    """An overview line by line, as a list or in JSON: a line for each country and dataflow."""
    rows = []
    for country in overview.countries:
        for flow in overview.expected:
            state = country.flows.get(flow, FlowState({}))
            rows.append(
                {
                    "area": country.area or country.folder.name,
                    "flow": flow,
                    "state": overview.state(country, flow),
                    "first": min(state.observations, default=""),
                    "last": state.last,
                    "observations": sum(state.observations.values()),
                    "errors": (state.findings or {}).get("error", 0),
                }
            )
    return rows
