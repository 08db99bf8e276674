"""Read once before processes are forked that run commands: all that ships, and what commands import.

Nothing here may start threads, which a forked process would not have.
"""

from __future__ import annotations

from pathlib import Path

import benchmarks.killed_child  # first: it takes the function `run`, which the module of that name hides later on
import sdmxmig.cli.trace
import sdmxmig.cli.whole_line
import sdmxmig.conversion.convert
import sdmxmig.quality.validation
import sdmxmig.reporting.sections
import sdmxmig.sdmx.revision
import sdmxmig.statistics.assessment
import sdmxmig.workspace.tasks.assessing
import sdmxmig.workspace.tasks.building
import sdmxmig.workspace.tasks.converting
import sdmxmig.workspace.tasks.packaging
import sdmxmig.workspace.tasks.reporting
import sdmxmig.workspace.tasks.validating
from sdmxmig import catalogue
from sdmxmig.workspace import results

CATALOGUE = catalogue.load()


def load(_: Path | None = None) -> catalogue.Catalogue:
    """What ships, as it was read already; the workspace of the campaign declares nothing."""
    return CATALOGUE


catalogue.load = load
sdmxmig.reporting.sections.ALL = benchmarks.killed_child.OUTPUTS
results.read_inputs(Path())
