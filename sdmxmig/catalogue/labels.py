"""Names of the codes that an assessment mentions, so that a report needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.topics import TOPIC_LIST
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.sdmx.model.indicators import ALSO, TermSelection

LABELLED = (
    "CL_ACC_ITEM",
    "CL_AGE",
    "CL_BIRTH_STATUS",
    "CL_CTZ_STATUS",
    "CL_DEF_GROUP",
    "CL_EVIDENCE",
    "CL_FEAS_DRIVER",
    "CL_GCM_OBJECTIVE",
    "CL_OBS_STATUS",
    "CL_POLICY_AREA",
    "CL_QUALITY_ISSUE",
    "CL_SEX",
    "CL_SRC_NEED",
    "CL_SRC_REASON",
    "CL_SRC_TYPE",
    "CL_STOCK_METHOD",
    "CL_TIER",
    "CL_UNIT_MEASURE",
)
"""Codelists whose names go with an assessment."""
OWNERS = ("SDMX", "SDMXMIG")
"""Whose lists our structures take; other agencies have lists of the same ids."""
ITEMS = "CL_BENCH_ITEM"


def labels(catalogue: Catalogue) -> dict[str, Text]:
    """The names of codes by ``LIST.CODE``, of columns and topics of indicators by their id alone.

    Modules of the benchmarking study and the questions about indicators, sources and so on stand as
    ``CL_BENCH_ITEM.A`` and ``CL_BENCH_ITEM.S05``, accounting identities as ``ACCOUNTS.A01``, the dataflows from which
    indicators are computed as ``DATAFLOWS.DF_POP``, what their terms fix as ``TERMS.ADM_ITEM`` and, the codes of it,
    as ``TERMS.ADM_ITEM.IRR_CROSS``.
    """
    names_by_code: dict[str, Text] = {}
    topics = {topic for indicator in catalogue.indicators.values() for topic in indicator.primary_topics}
    further = {topic for indicator in catalogue.indicators.values() for topic in indicator.secondary_topics} - topics
    listed = scheme(catalogue, TOPIC_LIST)
    asked_ids = {item.module for item in catalogue.items.values()} | set(catalogue.questions)
    for ref, item_scheme in catalogue.artefacts.items():
        if not isinstance(item_scheme, ItemScheme) or ref.agency not in OWNERS:
            continue
        if ref.kind == "ConceptScheme":
            names_by_code |= {item.id: item.name for item in item_scheme if item.id in topics | further}
        elif ref.id in LABELLED or ref.id == ITEMS:
            mentioned = (item for item in item_scheme if ref.id != ITEMS or item.id in asked_ids)
            names_by_code |= {f"{ref.id}.{item.id}": item.name for item in mentioned}
    names_by_code |= {topic: listed[topic].name for topic in further if listed and topic in listed}
    names_by_code |= {f"ACCOUNTS.{identity.id}": identity.name for identity in catalogue.identities}
    for indicator in catalogue.indicators.values():
        for variant in indicator.variants:
            for term in (*variant.terms.values(), *variant.otherwise.values()):
                names_by_code |= of_term(term, catalogue)
    return dict(sorted(names_by_code.items()))


def of_term(term: TermSelection, catalogue: Catalogue) -> dict[str, Text]:
    """The names of the dataflow of a term, and of the dimensions and codes that it fixes."""
    flow = catalogue.flows.get(term.flow)
    if flow is None:
        return {}
    names_by_code = {f"DATAFLOWS.{term.flow}": flow.dataflow.name}
    for dimension, codes in term.codes:
        codelist = flow.codelist(dimension)
        names_by_code[f"TERMS.{dimension}"] = flow.concepts.get(dimension, Text())
        for code in codes.split(ALSO):
            if codelist and code in codelist:
                names_by_code[f"TERMS.{dimension}.{code}"] = codelist[code].name
    return names_by_code


def names_in(catalogue: Catalogue, codelist: str) -> dict[str, Text]:
    """The names of the codes of a codelist, by code; empty if there is no such list."""
    return {item.id: item.name for item_scheme in [scheme(catalogue, codelist)] if item_scheme for item in item_scheme}


def scheme(catalogue: Catalogue, codelist: str) -> ItemScheme | None:
    """A codelist by its id, ours before those of others; None if there is no such list."""
    schemes = (artefact for ref, artefact in catalogue.artefacts.items() if ref.id == codelist)
    item_schemes = [item_scheme for item_scheme in schemes if isinstance(item_scheme, ItemScheme)]
    return min(item_schemes, key=lambda item_scheme: item_scheme.ref.agency not in OWNERS, default=None)


def names(catalogue: Catalogue) -> Mapping[str, Text]:
    """What sentences call components, dataflows, rules, accounting identities and indicators, by their ids."""
    names_by_id: dict[str, Text] = {}
    for ref, concepts in catalogue.artefacts.items():
        if ref.kind == "ConceptScheme" and ref.agency in OWNERS and isinstance(concepts, ItemScheme):
            names_by_id |= {item.id: item.name for item in concepts}
    for flow in catalogue.flows.values():
        if flow.dataflow.ref.agency in OWNERS:
            names_by_id |= {flow.id: flow.dataflow.name, **flow.concepts}
    names_by_id |= {rule.id: rule.name for rule in catalogue.rules.values()}
    names_by_id |= {identity.id: identity.name for identity in catalogue.identities}
    return names_by_id | {indicator.id: indicator.name for indicator in catalogue.indicators.values()}
