"""``sdmxmig protect``: the data as they may be released, and what a reader could still work out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.exit_codes import FINDINGS, OK
from sdmxmig.cli.options import FORMAT_OPTION
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.talk import next_step, show_list

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@click.command("protect")
@in_workspace
@click.option(
    "--threshold", type=int, metavar="N", help="Counts below N are confidential.  [default: as the rule on them says]"
)
@click.option("--round", "base", type=int, default=None, metavar="BASE", help="Round to a base instead of withholding.")
@click.option(
    "--previous",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="An earlier release, which tells what it tells; may be given several times.",
)
@click.option(
    "--contributions",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A table of who gives how much to each figure, for --dominance and --p-percent.",
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
    "--time-limit", "seconds", type=float, default=60.0, show_default=True, metavar="SECONDS", help="How long to look."
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
    """Withhold small and marked figures of the converted data, and the others that would give them away.

    Writes the data as they may be released, and for the office alone withheld.csv: every withheld figure with the
    interval in which a reader can place it, from all that is published together. Sums are those that the rules on
    totals know; rates and shares are not looked at. Exit code 1 if a confidential figure is not protected, also where
    the time was over before.

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
