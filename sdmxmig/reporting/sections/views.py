"""Registries of the views of reports on countries and on regions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sdmxmig.primitives.plugins import Kind
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.region import RegionalStudy

VIEWS: Kind[Callable[[Assessment, Wording], Mapping[str, object]]] = Kind("sdmxmig.reporting.sections")
REGION_VIEWS: Kind[Callable[[RegionalStudy, Wording], Mapping[str, object]]] = Kind("sdmxmig.reporting.sections.region")
