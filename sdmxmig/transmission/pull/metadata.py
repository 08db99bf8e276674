"""Metadata queries."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from sdmxmig.primitives.patterns import pattern
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Agreement
from sdmxmig.transmission.pull.holdings import Holdings
from sdmxmig.transmission.pull.metadata_keys import about
from sdmxmig.transmission.pull.questions import MetadataQuestion
from sdmxmig.transmission.pull.shelf import chosen, fits


def answer(holdings: Holdings, question: MetadataQuestion) -> list[MetadataSet]:
    if question.by == "metadataset":
        sets = named(holdings, question)
    elif question.by == "metadataflow":
        flows = {artefact.ref for artefact in holdings.shelf.matching(question.wanted)}
        sets = [each for each in holdings.metadata if followed(holdings, each) & flows and is_by(each, question)]
    else:
        urns = [artefact.ref.urn for artefact in holdings.shelf.matching(question.wanted)]
        sets = [each for each in holdings.metadata if describes(each, urns)]
    if any(question.key) or any(question.periods):
        sets = about(sets, holdings.shelf.artefacts, question.key, question.periods)
    return sorted(sets, key=lambda each: str(each.ref))


def named(holdings: Holdings, question: MetadataQuestion) -> list[MetadataSet]:
    """The sets of these providers, ids and versions."""
    versions: dict[tuple[str, str], list[str]] = {}
    for each in holdings.metadata:
        if each.ref is not None and fits(each.ref, question.wanted):
            versions.setdefault((each.ref.agency, each.ref.id), []).append(each.ref.version)
    refs = {
        Ref("MetadataSet", agency, id=name, version=version)
        for (agency, name), there in versions.items()
        for version in chosen(question.wanted.versions, there)
    }
    return [each for each in holdings.metadata if each.ref in refs]


def followed(holdings: Holdings, metadata_set: MetadataSet) -> set[Ref]:
    if metadata_set.describes is None:
        return set()
    agreement = holdings.shelf.artefacts.get(metadata_set.describes)
    return {agreement.flow if isinstance(agreement, Agreement) else metadata_set.describes}


def is_by(metadata_set: MetadataSet, question: MetadataQuestion) -> bool:
    """Whether a set is by one of the providers that are meant."""
    providers: list[tuple[str, str]] = []
    if metadata_set.provider is not None:
        providers.append((metadata_set.provider.agency, metadata_set.provider.item))
    if metadata_set.ref is not None:
        agency, _, name = metadata_set.ref.agency.rpartition(".")
        providers.append((agency, name))
    return not question.providers or any(
        name == known and agency in ("", known_agency)
        for agency, name in question.providers
        for known_agency, known in providers
    )


def describes(metadata_set: MetadataSet, urns: Iterable[str]) -> bool:
    targets = [
        pattern(re.escape(target.value).replace(r"\*", ".*") + r"(?:\..*)?")
        for report in metadata_set.reports
        for target in report.targets
        if target.kind == "object"
    ]
    return any(
        target.fullmatch(urn) or target.written.startswith(re.escape(f"{urn}.")) for urn in urns for target in targets
    )


def stub(metadata_set: MetadataSet) -> MetadataSet:
    return replace(metadata_set, describes=None, reports=(), details=replace(metadata_set.details, external=True))
