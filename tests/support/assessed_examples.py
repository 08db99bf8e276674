"""The shipped examples, from their workbooks to the assessment."""

from __future__ import annotations

from functools import cache

from folders import ROOT
from shipped import catalogue_of

from sdmxmig.conversion.convert import convert, merge
from sdmxmig.conversion.mapping import load as load_mapping
from sdmxmig.conversion.tables import read
from sdmxmig.forms.profiles.plan import read_questions
from sdmxmig.forms.profiles.reading import read_profile
from sdmxmig.io.disk_cache import load_or_make
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.statistics.assessment import assess
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.workspace.folder import open_workspace

EXAMPLES = ROOT / "examples"


@cache
def example(name: str, *, has_data: bool = True) -> Assessment:
    """An example read, converted and assessed without files between the stages, or its profile assessed alone.

    The two processes of a run share it: the largest takes half a minute.
    """
    declared = [ROOT / "codelists", ROOT / "structures"]
    kept = f"example-{name}-{has_data}"
    return load_or_make(kept, declared, lambda: assess_example(name, has_data=has_data), own=[EXAMPLES / name])


def assess_example(name: str, *, has_data: bool) -> Assessment:
    workspace, catalogue = open_workspace(EXAMPLES / name), catalogue_of(EXAMPLES / name)
    converted: dict[str, list[Dataset]] = {}
    sheets = {table: read(table.name, table.read_bytes()) for table in workspace.tables if has_data}
    for path in workspace.mappings:
        mapping = load_mapping(path.name, path.read_bytes(), catalogue.flows)
        for table in (table for table in sheets if table.match(mapping.file)):
            result = convert(sheets[table], mapping, catalogue.flow(mapping.flow), catalogue.rules)
            converted.setdefault(mapping.flow, []).append(result.dataset)
    assert workspace.profile is not None
    content = workspace.profile.read_bytes()
    profile = read_profile("profile.toml", content, read_questions(catalogue))
    return assess(
        workspace.country,
        catalogue,
        datasets=[merge(found) for found in converted.values()],
        findings=Findings(),
        profile=profile,
    )
