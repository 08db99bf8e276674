"""Region screen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.files import compute_hashes, read_record
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.text import quote_path
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.region import Corridor, RegionalStudy, StudyRequest
from sdmxmig.web.screens import Document, Redirect, Screen, ScreenContent, Visit
from sdmxmig.web.screens.report import serve_report
from sdmxmig.workspace.folder import COUNTRY_FILE, RESULTS
from sdmxmig.workspace.results import read_consistently
from sdmxmig.workspace.tasks.assessing import ASSESSMENT
from sdmxmig.workspace.tasks.codelists import find_flow_name as flow_name
from sdmxmig.workspace.tasks.finding_lists import find_store
from sdmxmig.workspace.tasks.new_workspace import has_file
from sdmxmig.workspace.tasks.progress_listener import SILENCE
from sdmxmig.workspace.tasks.region_studies import (
    CountryState,
    Overview,
    build_overview,
    build_rows,
    determine_country_state,
    find_study,
    find_workspaces,
)

MAX_YEARS = 25
SHADE_COUNT = 4
REPORT_FILE = re.compile(r"region(-draft)?\.[a-z]{2}\.(html|pdf|docx|xlsx|md)")


def show(visit: Visit) -> ScreenContent:
    base = visit.workbench.base
    overview = build_overview([determine_state(visit, folder) for folder in find_workspaces([base])])
    workbench = visit.workbench
    declared = workbench.catalogue(base if workbench.at_start else workbench.folder).flows
    flow = visit.asked.get("flow", "") or next(iter(overview.expected), "")
    if flow and flow not in overview.expected:
        raise SdmxmigError(f"No country has “{flow}”.", hint=did_you_mean(flow, overview.expected))
    facts = {
        "base": str(base),
        "reports": list_reports(base),
        "is_older": has_newer_assessment(base),
        "flows": [
            {
                "flow": each,
                "name": flow_name(declared[each], visit.language) if each in declared else each,
                "expected": year,
            }
            for each, year in overview.expected.items()
        ],
        "countries": [describe_country(overview, country) for country in overview.countries],
        "flow": flow,
        "years": overview.years[flow][-MAX_YEARS:] if flow else [],
        "heat": build_heat_map(overview, flow) if flow else [],
        "mirror": describe_mirror_flows(visit, overview) if "mirror" in visit.asked else None,
    }
    return ScreenContent(facts, command=f"sdmxmig region {quote_path(base)} --overview")


def determine_state(visit: Visit, folder: Path) -> CountryState:
    watched = (folder, folder / COUNTRY_FILE, *list_result_paths(folder))
    return visit.workbench.kept(
        f"region {visit.language} {folder}",
        lambda: read_consistently([folder / RESULTS], lambda: determine_country_state(folder, visit.language)),
        *watched,
    )


def list_result_paths(folder: Path) -> tuple[Path, ...]:
    out = folder / "out"
    return out / "data", find_store(out), out / ASSESSMENT


def describe_country(overview: Overview, country: CountryState) -> dict[str, Any]:
    return {
        "folder": str(country.folder),
        "area": country.area,
        "name": country.name,
        "trouble": country.trouble,
        "flows": build_rows(overview, country),
    }


def build_heat_map(overview: Overview, flow: str) -> list[dict[str, Any]]:
    years = overview.years[flow][-MAX_YEARS:]
    counts = {
        country.folder: [country.observations[flow].get(year, 0) for year in years]
        for country in overview.countries
        if flow in country.observations
    }
    most = max((max(row, default=0) for row in counts.values()), default=0)
    return [
        {
            "area": country.area,
            "name": country.name,
            "cells": [{"count": count, "shade": compute_shade(count, most)} for count in counts[country.folder]],
        }
        for country in overview.countries
        if country.folder in counts
    ]


def compute_shade(count: int, most: int) -> int:
    """Return the shade of a count by its number of digits, so that small counts are visible.

    >>> [compute_shade(count, 10_000) for count in (0, 1, 30, 4_000, 10_000)]
    [0, 1, 2, 4, 4]
    """
    if not count:
        return 0
    return max(1, min(SHADE_COUNT, -(-SHADE_COUNT * count.bit_length() // most.bit_length())))


def describe_mirror_flows(visit: Visit, overview: Overview) -> dict[str, Any]:
    folders = [country.folder for country in overview.countries if (country.folder / "out" / ASSESSMENT).is_file()]
    lacking = [country.name for country in overview.countries if country.folder not in folders]
    try:
        if len(folders) < 2:
            raise SdmxmigError("At least two assessed countries are needed.", hint="Run all stages in each of them.")
        study: RegionalStudy = visit.workbench.kept(
            "mirror",
            lambda: read_consistently(
                [folder / RESULTS for folder in folders],
                lambda: find_study(folders, StudyRequest(Text.of(en="Region")), listener=SILENCE),
            ),
            *(path for folder in folders for path in list_result_paths(folder)),
        )
    except SdmxmigError as error:
        return {"areas": [], "rows": [], "lacking": lacking, "trouble": error.message, "hint": error.hint}
    names = {country.area: country.name for country in overview.countries}
    by_pair = {(corridor.origin, corridor.destination): corridor for corridor in study.corridors}
    return {
        "areas": [names.get(area, area) for area in study.areas],
        "rows": [
            {
                "origin": names.get(origin, origin),
                "cells": [
                    describe_corridor(by_pair[origin, area]) if (origin, area) in by_pair else None
                    for area in study.areas
                ],
            }
            for origin in study.areas
        ],
        "lacking": lacking,
        "trouble": "",
        "hint": "",
    }


def describe_corridor(corridor: Corridor) -> dict[str, Any]:
    return {
        "period": corridor.period,
        "emigration": str(corridor.emigration.value) if corridor.emigration else "",
        "immigration": str(corridor.immigration.value) if corridor.immigration else "",
        "ratio": f"{corridor.ratio:.2f}" if corridor.ratio is not None else "",
        "is_comparable": corridor.is_comparable,
    }


def list_reports(base: Path) -> list[str]:
    out = base / "out"
    return sorted(
        path.name for path in out.glob("region*") if REPORT_FILE.fullmatch(path.name) and has_file(out, path.name)
    )


def has_newer_assessment(base: Path) -> bool:
    made = read_record(base / "out").results.get("region")
    paths = {f"{folder.name}/out/{ASSESSMENT}": folder / "out" / ASSESSMENT for folder in find_workspaces([base])}
    contents = {name: read_bytes(path) for name, path in paths.items() if path.is_file()}
    hashes = compute_hashes(contents) if made else {}
    return any(hashes.get(name, sha256) != sha256 for name, sha256 in (made.made_from if made else {}).items())


def serve(visit: Visit) -> Document:
    base, name = visit.workbench.base, visit.form["path"]
    if name not in list_reports(base):
        raise SdmxmigError(f"There is no file “{name}”.")
    return serve_report(visit, base / "out", name, saved_as=name)


def open_findings(visit: Visit) -> Redirect:
    folder = Path(visit.word("folder"))
    if folder not in find_workspaces([visit.workbench.base]):
        raise SdmxmigError(f"“{folder}” is not a workspace of this region.")
    return Redirect("/findings", "The workspace is open.", opened=folder)


SCREEN = Screen(
    name="region",
    title="Region",
    show=show,
    actions={"open": open_findings},
    documents={"of": serve},
    of_workspace=False,
)
