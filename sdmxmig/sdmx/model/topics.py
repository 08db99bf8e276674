"""Topics of indicators: by what a value is divided, and where that stands in dataflows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.sdmx.model.artefacts import ItemScheme

TOPIC, TOPIC_CODE = "TOPIC", "TOPIC_CODE"
"""The pair of dimensions for topics that have none of their own: which topic, and which code of it."""


@dataclass(frozen=True, slots=True)
class Topics:
    """Where topics stand, where that is not the dimension of the same name.

    `aliases` are other names of topics by dataflow, `further` the dataflows that hold the figures of another one by
    further topics, with the codes under which they stand there. `listed` are the topics of TOPIC, each with the list
    of its codes (None where the codes are the country's own). `own_terms` says which code of IND_TERM a term has in
    `own_flow`, the dataflow of numerators and denominators. Topics of `every_term` limit all terms of a formula.
    """

    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _: KW_ONLY
    further: Mapping[str, Mapping[str, tuple[tuple[str, str], ...]]] = field(default_factory=dict)
    listed: Mapping[str, ItemScheme | None] = field(default_factory=dict)
    own_flow: str = ""
    own_terms: Mapping[str, str] = field(default_factory=dict)
    every_term: frozenset[str] = frozenset()

    def dimension(self, flow_id: str, topic: str) -> str:
        """What a topic is called in a dataflow, whether or not it has such a dimension.

        >>> Topics({"DF_EMISTOCK": {"C_RESIDENCE": "COUNTERPART_AREA"}}).dimension("DF_EMISTOCK", "C_RESIDENCE")
        'COUNTERPART_AREA'
        """
        return self.aliases.get(flow_id, {}).get(topic, topic)
