"""Answers to metadata queries, reports on a key and periods (API 1.x), and registrations of releases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.patterns import pattern
from sdmxmig.sdmx.formats.sdmx_ml.dialects import SDMX_31
from sdmxmig.sdmx.formats.sdmx_ml.registry import write_registrations
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, Target
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Agreement, Artefact
from sdmxmig.sdmx.model.submission import Party, Registration
from sdmxmig.transmission.pull.data import format_moment
from sdmxmig.transmission.pull.holdings import Holdings, Release, choose_refs
from sdmxmig.transmission.pull.queries import (
    Key,
    MetadataRequest,
    RegistrationRequest,
    find_bounds,
    matches_provider,
    wrong,
)

MEDIA_TYPE = "application/vnd.sdmx.registry+xml;version=3.1.0"
ANY_PARTY = Party("ANY")


def answer(holdings: Holdings, request: MetadataRequest) -> list[MetadataSet]:
    if request.by == "metadataset":
        refs = choose_refs((each.ref for each in holdings.metadata if each.ref), request.wanted)
        sets = [each for each in holdings.metadata if each.ref in refs]
    elif request.by == "metadataflow":
        flows = {artefact.ref for artefact in holdings.collection.matching(request.wanted)}
        sets = [
            each for each in holdings.metadata if list_flows(holdings, each) & flows and is_from_provider(each, request)
        ]
    else:
        urns = [artefact.ref.urn for artefact in holdings.collection.matching(request.wanted)]
        sets = [each for each in holdings.metadata if is_about(each, urns)]
    if any(request.key) or any(request.periods):
        sets = select_reports(sets, holdings.collection.artefacts, request.key, request.periods)
    return sorted(sets, key=lambda each: str(each.ref))


def list_flows(holdings: Holdings, metadata_set: MetadataSet) -> set[Ref]:
    if metadata_set.describes is None:
        return set()
    agreement = holdings.collection.artefacts.get(metadata_set.describes)
    return {agreement.flow if isinstance(agreement, Agreement) else metadata_set.describes}


def is_from_provider(metadata_set: MetadataSet, request: MetadataRequest) -> bool:
    providers: list[tuple[str, str]] = []
    if metadata_set.provider is not None:
        providers.append((metadata_set.provider.agency, metadata_set.provider.item))
    if metadata_set.ref is not None:
        agency, _, name = metadata_set.ref.agency.rpartition(".")
        providers.append((agency, name))
    return not request.providers or any(matches_provider(request.providers, *provider) for provider in providers)


def is_about(metadata_set: MetadataSet, urns: Iterable[str]) -> bool:
    targets = [
        pattern(re.escape(target.value).replace(r"\*", ".*") + r"(?:\..*)?")
        for report in metadata_set.reports
        for target in report.targets
        if target.kind == "object"
    ]
    return any(
        target.fullmatch(urn) or target.written.startswith(re.escape(f"{urn}.")) for urn in urns for target in targets
    )


def build_stub(metadata_set: MetadataSet) -> MetadataSet:
    return replace(metadata_set, describes=None, reports=(), details=replace(metadata_set.details, external=True))


def select_reports(
    sets: Iterable[MetadataSet], artefacts: Mapping[Ref, Artefact], key: Key, periods: tuple[str, str]
) -> list[MetadataSet]:
    for period in filter(None, periods):
        if find_bounds(period) is None:
            raise wrong(f"“{period}” is not a period.", "Write it as 2026, 2026-Q1, 2026-01 or 2026-01-31.")
    kept = []
    for each in sets:
        reports = tuple(
            report
            for report in each.reports
            if (not any(key) or concerns_key(report, artefacts, key)) and is_between(report, *periods)
        )
        if reports or not each.reports:
            kept.append(each if reports == each.reports else replace(each, reports=reports))
    return kept


def concerns_key(report: Report, artefacts: Mapping[Ref, Artefact], key: Key) -> bool:
    return any(
        matches_key(target, list_dimensions(report, target, artefacts), key) for target in list_targets(report, "key")
    )


def list_targets(report: Report, kind: str) -> Iterator[Target]:
    return (target for target in report.targets if target.kind == kind)


def list_dimensions(report: Report, keyed: Target, artefacts: Mapping[Ref, Artefact]) -> Sequence[str]:
    for target in list_targets(report, "object"):
        structure = find_structure(target.value, artefacts)
        if structure is not None:
            return structure.series_key
    return [name for name, _ in keyed.key]


def find_structure(urn: str, artefacts: Mapping[Ref, Artefact]) -> DataStructure | None:
    try:
        artefact = artefacts.get(Ref.parse(urn))
    except SdmxmigError:
        return None
    if isinstance(artefact, Agreement):
        artefact = artefacts.get(artefact.flow)
    if isinstance(artefact, Dataflow):
        artefact = artefacts.get(artefact.structure) if artefact.structure else None
    return artefact if isinstance(artefact, DataStructure) else None


def matches_key(target: Target, dimensions: Sequence[str], key: Key) -> bool:
    if len(key) != len(dimensions):
        hint = f"Its parts are {', '.join(dimensions)}; leave a part empty for any code, or write “all”."
        raise wrong(f"The key has {len(key)} parts, but the data have {len(dimensions)} dimensions.", hint)
    reported = dict(target.key)
    pairs = zip(dimensions, key, strict=True)
    return all(not codes or name not in reported or {*codes} & {*reported[name]} for name, codes in pairs)


def is_between(report: Report, start: str, end: str) -> bool:
    reported = [
        limits for target in list_targets(report, "period") if (limits := find_bounds(target.value)) is not None
    ]
    first, last = find_bounds(start) if start else None, find_bounds(end) if end else None
    return not reported or any(
        (first is None or limits[0] >= first[0]) and (last is None or limits[1] <= last[1]) for limits in reported
    )


Entry = tuple[Release, Agreement]


def find_registrations(holdings: Holdings, request: RegistrationRequest, base: str) -> bytes | None:
    """Return matching registrations, or None; releases without an agreement are not registered."""
    entries = [entry for entry in list_registered_releases(holdings) if is_requested(holdings, entry, request)]
    if not entries:
        return None
    header = replace(holdings.header("REGISTRATIONS"), receivers=(ANY_PARTY,))
    return write_registrations((build_registration(*entry, base) for entry in entries), header, SDMX_31)


def list_registered_releases(holdings: Holdings) -> Iterator[Entry]:
    for flow in sorted(holdings.releases):
        for agreement in holdings.agreements:
            if agreement.flow == flow:
                yield from ((release, agreement) for release in holdings.releases[flow])


def build_registration(release: Release, agreement: Agreement, base: str) -> Registration:
    return Registration(
        agreement.ref,
        write_address(release, base),
        id=build_id(release, agreement),
        prepared=format_moment(release.prepared),
    )


def build_id(release: Release, agreement: Agreement) -> str:
    return f"{release.id}_{agreement.ref.agency.replace('.', '_')}_{agreement.ref.id}".replace(".", "_")


def write_address(release: Release, base: str) -> str:
    ref = release.flow.dataflow.ref
    return f"{base}/sdmx/v2/data/dataflow/{ref.agency}/{ref.id}/{ref.version}?asOf={format_moment(release.prepared)}"


def is_requested(holdings: Holdings, entry: Entry, request: RegistrationRequest) -> bool:
    release, agreement = entry
    if request.updated_after and release.prepared <= request.updated_after:
        return False
    if request.updated_before and release.prepared >= request.updated_before:
        return False
    if request.by == "id":
        return build_id(release, agreement) == request.id
    if request.by == "provider":
        return matches_provider(request.providers, agreement.provider.agency, agreement.provider.item)
    meant = {artefact.ref for artefact in holdings.collection.matching(request.wanted)}
    return bool(meant & {agreement.ref, agreement.flow, release.flow.structure.ref})
