"""Residence rules and limits of dataflows."""

from __future__ import annotations

from collections.abc import Sequence

from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.flow_rules import Codes, FlowRule
from sdmxmig.statistics.calculations.evidence import of_area

RULE, BASIS = "RES_RULE", "DUR_BASIS"
COMMENT = "COMMENT_DSET"
UNKNOWN = "_U"


def flow_rules(datasets: Sequence[Dataset], area: str, language: str) -> tuple[FlowRule, ...]:
    """Return rule, basis and comments by dataflow.

    Dataflows without a rule are left out.
    """
    with_rule = [
        dataset for dataset in datasets if dataset.flow.codelist(RULE) and of_area(dataset, area).observations.height
    ]
    names = {dataset.flow.id: dataset.flow.dataflow.name for dataset in with_rule}
    return tuple(
        FlowRule(
            flow,
            names[flow],
            rules=codes(of_flow, RULE),
            bases=codes(of_flow, BASIS),
            comments=comments(of_flow, language),
        )
        for flow in sorted(names)
        for of_flow in [[dataset for dataset in with_rule if dataset.flow.id == flow]]
    )


def comments(datasets: Sequence[Dataset], language: str) -> tuple[Text, ...]:
    stated = dict.fromkeys(dataset.attributes.get(COMMENT, "") for dataset in datasets)
    return tuple(Text.of({language: comment}) for comment in stated if comment)


def codes(datasets: Sequence[Dataset], attribute: str) -> Codes:
    stated = [dataset.attributes.get(attribute, "") for dataset in datasets]
    distinct_codes = dict.fromkeys(code or UNKNOWN for code in stated) if any(stated) else {}
    codelist = datasets[0].flow.codelist(attribute)
    return tuple(
        (code, codelist[code].name if codelist and code in codelist else Text.of(en=code)) for code in distinct_codes
    )
