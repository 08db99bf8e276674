"""Reports about a key and periods (API 1.x).

SDMX 2.1 reports may concern keys; others do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, Target
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Agreement, Artefact
from sdmxmig.transmission.pull.period_bounds import bounds
from sdmxmig.transmission.pull.questions import Key
from sdmxmig.transmission.pull.refusals import wrong


def about(
    sets: Iterable[MetadataSet], artefacts: Mapping[Ref, Artefact], key: Key, periods: tuple[str, str]
) -> list[MetadataSet]:
    for period in filter(None, periods):
        if bounds(period) is None:
            raise wrong(f"“{period}” is no period.", "Write it as 2026, 2026-Q1, 2026-01 or 2026-01-31.")
    kept = []
    for each in sets:
        reports = tuple(
            report
            for report in each.reports
            if (not any(key) or is_of_key(report, artefacts, key)) and is_between(report, *periods)
        )
        if reports or not each.reports:
            kept.append(each if reports == each.reports else replace(each, reports=reports))
    return kept


def is_of_key(report: Report, artefacts: Mapping[Ref, Artefact], key: Key) -> bool:
    return any(fits(target, dimensions_of(report, target, artefacts), key) for target in of_kind(report, "key"))


def of_kind(report: Report, kind: str) -> Iterator[Target]:
    return (target for target in report.targets if target.kind == kind)


def dimensions_of(report: Report, keyed: Target, artefacts: Mapping[Ref, Artefact]) -> Sequence[str]:
    for target in of_kind(report, "object"):
        structure = structure_at(target.value, artefacts)
        if structure is not None:
            return structure.series_key
    return [name for name, _ in keyed.key]


def structure_at(urn: str, artefacts: Mapping[Ref, Artefact]) -> DataStructure | None:
    try:
        artefact = artefacts.get(Ref.parse(urn))
    except SdmxmigError:
        return None
    if isinstance(artefact, Agreement):
        artefact = artefacts.get(artefact.flow)
    if isinstance(artefact, Dataflow):
        artefact = artefacts.get(artefact.structure) if artefact.structure else None
    return artefact if isinstance(artefact, DataStructure) else None


def fits(target: Target, dimensions: Sequence[str], key: Key) -> bool:
    if len(key) != len(dimensions):
        hint = f"Its parts are {', '.join(dimensions)}; write nothing for any code, or all for all of it."
        raise wrong(f"The key has {len(key)} parts, and the data have {len(dimensions)} dimensions.", hint)
    reported = dict(target.key)
    pairs = zip(dimensions, key, strict=True)
    return all(not codes or name not in reported or {*codes} & {*reported[name]} for name, codes in pairs)


def is_between(report: Report, start: str, end: str) -> bool:
    reported = [limits for target in of_kind(report, "period") if (limits := bounds(target.value)) is not None]
    first, last = bounds(start) if start else None, bounds(end) if end else None
    return not reported or any(
        (first is None or limits[0] >= first[0]) and (last is None or limits[1] <= last[1]) for limits in reported
    )
