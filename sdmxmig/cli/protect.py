"""``sdmxmig protect``: disclosure control."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.stopping import FINDINGS, OK
from sdmxmig.cli.talk import next_step, show_list

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@click.command("protect")
@in_workspace
@click.option("--threshold", type=int, metavar="N", help="Counts below N are confidential.  [default: by the rule]")
@click.option("--round", "base", type=int, default=None, metavar="BASE", help="Round to a base instead of withholding.")
@click.option(
    "--previous",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="An earlier release, which may reveal figures; repeatable.",
)
@click.option(
    "--contributions",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A table of contributions to each figure, for --dominance and --p-percent.",
)
@click.option(
    "--dominance",
    type=(int, float),
    default=None,
    metavar="N K",
    help="Figures of which the N largest contributors give more than K per cent are confidential.",
)
@click.option(
    "--p-percent",
    type=float,
    default=None,
    metavar="P",
    help="Figures whose second largest contributor knows the largest to within P per cent are confidential.",
)
@click.option(
    "--time-limit", "seconds", type=float, default=60.0, show_default=True, metavar="SECONDS", help="The time limit."
)
@FORMAT_OPTION
def protect_command(  # noqa: PLR0913, PLR0917 - one for each option
    session: Session,
    threshold: int | None,
    base: int | None,
    previous: tuple[Path, ...],
    contributions: Path | None,
    dominance: tuple[int, float] | None,
    p_percent: float | None,
    seconds: float,
    listing_format: str,
) -> int:
    """Withhold small and marked figures of the converted data, and further figures that would reveal them.

    Writes the releasable data and, for the office only, withheld.csv: each withheld figure with the interval in which a
    reader can place it, given everything published together. Sums are those of the rules on totals; rates and shares
    are not considered. The exit code is 1 if a confidential figure is not protected, or if the time limit was reached.

    \b
    Examples:
      sdmxmig protect mycountry
      sdmxmig protect mycountry --threshold 5 --time-limit 600
      sdmxmig protect mycountry --round 5
      sdmxmig protect mycountry --contributions employers.csv --dominance 1 75 --p-percent 10
    """
    from sdmxmig.workspace.tasks.protecting import ProtectionRequest, dominance_rules, named, protect, unsafe

    request = ProtectionRequest(
        threshold,
        seconds,
        base=base,
        previous=previous,
        contributions=contributions,
        dominance=dominance_rules(dominance, p_percent),
    )
    protected = protect(session, request)
    left = unsafe(protected)
    show_list([named(figure) for figure in left], listing_format)
    next_step("open", session.out / "protected")
    return FINDINGS if left else OK
