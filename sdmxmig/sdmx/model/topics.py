"""Topics: breakdowns of indicators and their dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.sdmx.model.artefacts import ItemScheme

TOPIC, TOPIC_CODE = "TOPIC", "TOPIC_CODE"
"""The dimensions for topics without their own."""


@dataclass(frozen=True, slots=True)
class Topics:
    """Dimensions of topics that have another name.

    `aliases` are by dataflow. `listed` are topics of TOPIC with codelists (None: national codes). `own_terms` are codes
    of IND_TERM in `own_flow`. `every_term` topics limit all terms.
    """

    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _: KW_ONLY
    further: Mapping[str, Mapping[str, tuple[tuple[str, str], ...]]] = field(default_factory=dict)
    listed: Mapping[str, ItemScheme | None] = field(default_factory=dict)
    own_flow: str = ""
    own_terms: Mapping[str, str] = field(default_factory=dict)
    every_term: frozenset[str] = frozenset()

    def dimension(self, flow_id: str, topic: str) -> str:
        """Return the dimension of a topic in a dataflow, existing or not.

        >>> Topics({"DF_EMISTOCK": {"C_RESIDENCE": "COUNTERPART_AREA"}}).dimension("DF_EMISTOCK", "C_RESIDENCE")
        'COUNTERPART_AREA'
        """
        return self.aliases.get(flow_id, {}).get(topic, topic)
