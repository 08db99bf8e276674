"""Names of codes, concepts and dataflows for assessments and profiles."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.indicators import CODE_JOINER, TermSelection
from sdmxmig.catalogue.topics import TOPIC_LIST
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text

LABELLED_LISTS = (
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
    "CL_ROADMAP_ACTION",
    "CL_SEX",
    "CL_SRC_NEED",
    "CL_SRC_REASON",
    "CL_SRC_TYPE",
    "CL_STOCK_METHOD",
    "CL_TIER",
    "CL_UNIT_MEASURE",
)
OWNER_AGENCIES = ("SDMX", "SDMXMIG")
ITEM_LIST = "CL_BENCH_ITEM"


def collect_labels(catalogue: Catalogue) -> dict[str, Text]:
    """Return labels by ``LIST.CODE``; columns and topics are by id.

    Other keys are such as ``CL_BENCH_ITEM.A``, ``ACCOUNTS.A01``, ``DATAFLOWS.DF_POP`` and ``TERMS.ADM_ITEM``.
    """
    names_by_code: dict[str, Text] = {}
    topics = {topic for indicator in catalogue.indicators.values() for topic in indicator.primary_topics}
    further = {topic for indicator in catalogue.indicators.values() for topic in indicator.secondary_topics} - topics
    listed = find_scheme(catalogue, TOPIC_LIST)
    asked_ids = {item.module for item in catalogue.items.values()} | set(catalogue.questions)
    for ref, item_scheme in catalogue.artefacts.items():
        if not isinstance(item_scheme, ItemScheme) or ref.agency not in OWNER_AGENCIES:
            continue
        if ref.kind == "ConceptScheme":
            names_by_code |= {item.id: item.name for item in item_scheme if item.id in topics | further}
        elif ref.id in LABELLED_LISTS or ref.id == ITEM_LIST:
            mentioned = (item for item in item_scheme if ref.id != ITEM_LIST or item.id in asked_ids)
            names_by_code |= {f"{ref.id}.{item.id}": item.name for item in mentioned}
    names_by_code |= {topic: listed[topic].name for topic in further if listed and topic in listed}
    names_by_code |= {f"ACCOUNTS.{identity.id}": identity.name for identity in catalogue.identities}
    for indicator in catalogue.indicators.values():
        for variant in indicator.variants:
            for term in (*variant.terms.values(), *variant.otherwise.values()):
                names_by_code |= collect_term_labels(term, catalogue)
    return dict(sorted(names_by_code.items()))


def collect_term_labels(term: TermSelection, catalogue: Catalogue) -> dict[str, Text]:
    flow = catalogue.flows.get(term.flow)
    if flow is None:
        return {}
    names_by_code = {f"DATAFLOWS.{term.flow}": flow.dataflow.name}
    for dimension, codes in term.codes:
        codelist = flow.codelist(dimension)
        names_by_code[f"TERMS.{dimension}"] = flow.concepts.get(dimension, Text())
        for code in codes.split(CODE_JOINER):
            if codelist and code in codelist:
                names_by_code[f"TERMS.{dimension}.{code}"] = codelist[code].name
    return names_by_code


def index_names(catalogue: Catalogue, codelist: str) -> dict[str, Text]:
    return {item.id: item.name for item in find_scheme(catalogue, codelist) or ()}


def find_scheme(catalogue: Catalogue, codelist: str) -> ItemScheme | None:
    schemes = (artefact for ref, artefact in catalogue.artefacts.items() if ref.id == codelist)
    item_schemes = [item_scheme for item_scheme in schemes if isinstance(item_scheme, ItemScheme)]
    return min(item_schemes, key=lambda item_scheme: item_scheme.ref.agency not in OWNER_AGENCIES, default=None)


def load_names(catalogue: Catalogue) -> Mapping[str, Text]:
    names_by_id: dict[str, Text] = {}
    for ref, concepts in catalogue.artefacts.items():
        if ref.kind == "ConceptScheme" and ref.agency in OWNER_AGENCIES and isinstance(concepts, ItemScheme):
            names_by_id |= {item.id: item.name for item in concepts}
    for flow in catalogue.flows.values():
        if flow.dataflow.ref.agency in OWNER_AGENCIES:
            names_by_id |= {flow.id: flow.dataflow.name, **flow.concepts}
    names_by_id |= {rule.id: rule.name for rule in catalogue.rules.values()}
    names_by_id |= {identity.id: identity.name for identity in catalogue.identities}
    return names_by_id | {indicator.id: indicator.name for indicator in catalogue.indicators.values()}
