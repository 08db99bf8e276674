"""Registry of country report views."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sdmxmig.primitives.plugins import Kind
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment

View = Callable[[Assessment, Wording], Mapping[str, object]]
VIEWS: Kind[View] = Kind("sdmxmig.reporting.sections")
