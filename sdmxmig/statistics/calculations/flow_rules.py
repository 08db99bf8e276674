"""Which residence rule the data of each dataflow follow, and what limits them, as the datasets themselves say it."""

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
    """Residence rule, duration basis and comments of the data of an area, by dataflow in the order of their ids.

    A dataflow whose structure asks for no rule is left out. `language` is that in which the workspace writes comments.
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
    """What the datasets say of themselves, each comment once in the order of the datasets."""
    stated = dict.fromkeys(dataset.attributes.get(COMMENT, "") for dataset in datasets)
    return tuple(Text.of({language: comment}) for comment in stated if comment)


def codes(datasets: Sequence[Dataset], attribute: str) -> Codes:
    """The codes that the datasets have for an attribute, in the order of the datasets, with their names.

    A dataset that says nothing beside others that do counts as unknown: theirs need not be its own.
    """
    stated = [dataset.attributes.get(attribute, "") for dataset in datasets]
    distinct_codes = dict.fromkeys(code or UNKNOWN for code in stated) if any(stated) else {}
    codelist = datasets[0].flow.codelist(attribute)
    return tuple(
        (code, codelist[code].name if codelist and code in codelist else Text.of(en=code)) for code in distinct_codes
    )
