"""Registry of regional views."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sdmxmig.primitives.plugins import Kind
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.region import RegionalStudy

View = Callable[[RegionalStudy, Wording], Mapping[str, object]]
REGION_VIEWS: Kind[View] = Kind("sdmxmig.reporting.sections.region")
