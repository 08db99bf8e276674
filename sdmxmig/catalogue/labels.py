"""Names of the codes that an assessment mentions, so that a report needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.catalogue import Catalogue
from sdmxmig.model.artefacts import ItemScheme, Text
from sdmxmig.model.indicators import ALSO, TermSelection

LABELLED = (
    "CL_ACC_ITEM",
    "CL_AGE",
    "CL_BIRTH_STATUS",
    "CL_CTZ_STATUS",
    "CL_DEF_GROUP",
    "CL_FEAS_DRIVER",
    "CL_GCM_OBJECTIVE",
    "CL_OBS_STATUS",
    "CL_POLICY_AREA",
    "CL_QUALITY_ISSUE",
    "CL_SEX",
    "CL_SRC_TYPE",
    "CL_TIER",
    "CL_UNIT_MEASURE",
)
"""Codelists whose names go with an assessment."""
OWNERS = ("SDMX", "SDMXMIG")
"""Whose lists our structures take; other agencies have lists of the same ids."""
ITEMS = "CL_BENCH_ITEM"


def labels(catalogue: Catalogue) -> dict[str, Text]:
    """The names of codes by ``LIST.CODE``, of columns by their concept alone.

    Modules of the benchmarking study and the questions about indicators, sources and so on stand as
    ``CL_BENCH_ITEM.A`` and ``CL_BENCH_ITEM.S05``, accounting identities as ``ACCOUNTS.A01``, the dataflows from which
    indicators are computed as ``DATAFLOWS.DF_POP``, what their terms fix as ``TERMS.ADM_ITEM`` and, the codes of it,
    as ``TERMS.ADM_ITEM.IRR_CROSS``.
    """
    found: dict[str, Text] = {}
    topics = {topic for indicator in catalogue.indicators.values() for topic in indicator.primary_topics}
    asked = {item.module for item in catalogue.items.values()} | set(catalogue.questions)
    for ref, scheme in catalogue.artefacts.items():
        if not isinstance(scheme, ItemScheme) or ref.agency not in OWNERS:
            continue
        if ref.kind == "ConceptScheme":
            found |= {item.id: item.name for item in scheme if item.id in topics}
        elif ref.id in LABELLED or ref.id == ITEMS:
            shown = (item for item in scheme if ref.id != ITEMS or item.id in asked)
            found |= {f"{ref.id}.{item.id}": item.name for item in shown}
    found |= {f"ACCOUNTS.{identity.id}": identity.name for identity in catalogue.identities}
    for one in catalogue.indicators.values():
        for own in one.variants:
            for term in (*own.terms.values(), *own.otherwise.values()):
                found |= of_term(term, catalogue)
    return dict(sorted(found.items()))


def of_term(term: TermSelection, catalogue: Catalogue) -> dict[str, Text]:
    """The names of the dataflow of a term, and of the dimensions and codes that it fixes."""
    flow = catalogue.flows.get(term.flow)
    if flow is None:
        return {}
    found = {f"DATAFLOWS.{term.flow}": flow.dataflow.name}
    for dimension, codes in term.codes:
        codelist = flow.codelist(dimension)
        found[f"TERMS.{dimension}"] = flow.concepts.get(dimension, Text())
        for code in codes.split(ALSO):
            if codelist and code in codelist:
                found[f"TERMS.{dimension}.{code}"] = codelist[code].name
    return found


def names_in(catalogue: Catalogue, codelist: str) -> dict[str, Text]:
    """The names of the codes of a codelist, by code; empty if there is no such list."""
    return {item.id: item.name for item_scheme in [scheme(catalogue, codelist)] if item_scheme for item in item_scheme}


def scheme(catalogue: Catalogue, codelist: str) -> ItemScheme | None:
    """A codelist by its id, ours before those of others; None if there is no such list."""
    schemes = (one for ref, one in catalogue.artefacts.items() if ref.id == codelist)
    listed = [item_scheme for item_scheme in schemes if isinstance(item_scheme, ItemScheme)]
    return min(listed, key=lambda item_scheme: item_scheme.ref.agency not in OWNERS, default=None)


def names(catalogue: Catalogue) -> Mapping[str, Text]:
    """What sentences call components, dataflows, rules, accounting identities and indicators, by their ids."""
    found: dict[str, Text] = {}
    for ref, concepts in catalogue.artefacts.items():
        if ref.kind == "ConceptScheme" and ref.agency in OWNERS and isinstance(concepts, ItemScheme):
            found |= {item.id: item.name for item in concepts}
    for flow in catalogue.flows.values():
        if flow.dataflow.ref.agency in OWNERS:
            found |= {flow.id: flow.dataflow.name, **flow.concepts}
    found |= {rule.id: rule.name for rule in catalogue.rules.values()}
    found |= {identity.id: identity.name for identity in catalogue.identities}
    return found | {indicator.id: indicator.name for indicator in catalogue.indicators.values()}
