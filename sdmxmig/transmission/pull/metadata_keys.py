"""Which reports of metadata sets are about data of a key and of some periods, as API 1.x asks for them.

Reports of SDMX 2.1 may be about a key: about the series that have these values of dimensions, whatever the others are.
Reports on a dataflow as a whole, which are all that SDMX 3 has, are about no key.
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
    """The sets with those of their reports that are about data of a key and between two periods, if these are said.

    Raises `NotAnswered` for what is no period, and for a key that has not as many parts as the data have dimensions.
    """
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
    """Whether a report is about series that a key may mean."""
    return any(fits(target, dimensions_of(report, target, artefacts), key) for target in of_kind(report, "key"))


def of_kind(report: Report, kind: str) -> Iterator[Target]:
    """The targets of a report that are of a kind."""
    return (target for target in report.targets if target.kind == kind)


def dimensions_of(report: Report, keyed: Target, artefacts: Mapping[Ref, Artefact]) -> Sequence[str]:
    """The dimensions in the order of the key: of the structure that the report names, else as it lists them itself."""
    for target in of_kind(report, "object"):
        structure = structure_at(target.value, artefacts)
        if structure is not None:
            return structure.series_key
    return [name for name, _ in keyed.key]


def structure_at(urn: str, artefacts: Mapping[Ref, Artefact]) -> DataStructure | None:
    """The data structure behind the name of an agreement, a dataflow or a structure; None if there is none here."""
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
    """Whether a key may mean some of the series that a report is about; what that leaves open is any code."""
    if len(key) != len(dimensions):
        hint = f"Its parts are {', '.join(dimensions)}; write nothing for any code, or all for all of it."
        raise wrong(f"The key has {len(key)} parts, and the data have {len(dimensions)} dimensions.", hint)
    reported = dict(target.key)
    pairs = zip(dimensions, key, strict=True)
    return all(not codes or name not in reported or {*codes} & {*reported[name]} for name, codes in pairs)


def is_between(report: Report, start: str, end: str) -> bool:
    """Whether a report is about a period between two others, or about none in particular."""
    reported = [limits for target in of_kind(report, "period") if (limits := bounds(target.value)) is not None]
    first, last = bounds(start) if start else None, bounds(end) if end else None
    return not reported or any(
        (first is None or limits[0] >= first[0]) and (last is None or limits[1] <= last[1]) for limits in reported
    )
