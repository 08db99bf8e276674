"""The views of the country report: each prepares what one section shows, under the name of its template."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sdmxmig.primitives.plugins import Kind
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.assessment import Assessment

View = Callable[[Assessment, Wording], Mapping[str, object]]
"""A view that gives nothing has nothing to show: its section is not in the report."""
VIEWS: Kind[View] = Kind("sdmxmig.reporting.sections")
