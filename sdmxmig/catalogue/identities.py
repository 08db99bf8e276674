"""Identities bound to existing flows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sdmxmig.catalogue.accounting.equations import KeyPart, Summand
from sdmxmig.catalogue.accounting.identities import Identity, ItemSource, parse_identities
from sdmxmig.catalogue.ages import same_ages
from sdmxmig.primitives.errors import DeclarationError, check_known, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Rule
from sdmxmig.sdmx.model.hierarchies import Hierarchy
from sdmxmig.sdmx.model.structures import Artefact

FILE = "accounts.toml"
ITEM = "ACC_ITEM"


def read_identities(
    folders: Sequence[Path], artefacts: Iterable[Artefact], flows: Mapping[str, Flow]
) -> tuple[Identity, ...]:
    """Read identities; raises `DeclarationError`."""
    path = next((folder / FILE for folder in folders if (folder / FILE).is_file()), None)
    if path is None:
        return ()
    identities = parse_identities(path.name, path.read_bytes(), codes_below_top(artefacts))
    for identity in identities:
        check_identity(identity, flows)
    return identities


def codes_below_top(artefacts: Iterable[Artefact]) -> dict[str, tuple[str, ...]]:
    hierarchies = (
        hierarchy for hierarchy in artefacts if isinstance(hierarchy, Hierarchy) and len(hierarchy.codes) == 1
    )
    return {
        hierarchy.ref.id: tuple(child.code.item for child in hierarchy.codes[0].children) for hierarchy in hierarchies
    }


def check_identity(identity: Identity, flows: Mapping[str, Flow]) -> None:
    """Refuse an identity of which a term is found nowhere."""
    account = flow_of(identity.account, flows, identity.place)
    items = account.codelist(ITEM)
    for item in identity.items:
        item_source = identity.item_sources[item]
        if item_source.flow:
            check_item_source(item_source, flow_of(item_source.flow, flows, item_source.place))
        elif items is not None and item not in items:
            hint = did_you_mean(item, items.ids)
            raise DeclarationError(f"“{item}” is no code of {items.ref.short}.", identity.place, hint)
    for equation in identity.equations:
        for term in equation.all_terms:
            check_key(term, identity, flows)
    for dimension, codes in (*((name, (code,)) for name, code in identity.population), *identity.each):
        check_codes(KeyPart(dimension, codes), account, identity.place)


def check_item_source(item_source: ItemSource, flow: Flow) -> None:
    for dimension, code in item_source.codes:
        check_codes(KeyPart(dimension, (code,)), flow, item_source.place)


def check_key(term: Summand, identity: Identity, flows: Mapping[str, Flow]) -> None:
    term_flows = [flows[name] for name in (identity.account, identity.item_sources[term.item].flow) if name]
    for part in term.key:
        fitting = [flow for flow in term_flows if part.dimension in flow.structure.series_key]
        if not fitting:
            dimensions = [dimension for flow in term_flows for dimension in flow.structure.series_key]
            hint = did_you_mean(part.dimension, dimensions)
            raise DeclarationError(f"{term.item} has no dimension “{part.dimension}”.", identity.place, hint)
        check_codes(part, fitting[0], identity.place)


def check_codes(part: KeyPart, flow: Flow, place: Place | None) -> None:
    if part.dimension not in flow.structure.series_key:
        hint = did_you_mean(part.dimension, flow.structure.series_key)
        raise DeclarationError(f"{flow.id} has no dimension “{part.dimension}”.", place, hint)
    codelist = flow.codelist(part.dimension)
    for code in part.codes:
        if codelist is not None and code not in codelist:
            hint = did_you_mean(same_ages(code, codelist.ids) or code, codelist.ids)
            raise DeclarationError(f"“{code}” is no code of {codelist.ref.short}.", place, hint)


def flow_of(name: str, flows: Mapping[str, Flow], place: Place | None) -> Flow:
    check_known("flow", name, flows, place)
    return flows[name]


def check_rules_of_identities(rules: Mapping[str, Rule], identities: Sequence[Identity]) -> None:
    identity_ids = [identity.id for identity in identities]
    for rule in rules.values():
        for identity_id in rule.identities:
            check_known("accounting identity", identity_id, identity_ids, rule.place)
