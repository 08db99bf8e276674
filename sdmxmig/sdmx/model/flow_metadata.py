"""Reference metadata of a dataflow by concept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.metadata import MetadataSet


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowMetadata:
    """The reference metadata about a dataflow: every text and code by the concept that it is about."""

    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, Text] = field(default_factory=dict)
    sets: tuple[MetadataSet, ...] = ()
