"""``sdmxmig demo``: the whole line on a shipped example."""

from __future__ import annotations

from pathlib import Path

import click

from sdmxmig.cli import talk
from sdmxmig.cli.open import INSTALLATION, has_workbench
from sdmxmig.cli.options import FORMAT_OPTION, NOW_OPTION
from sdmxmig.cli.talk import say, stage
from sdmxmig.cli.whole_line import run_line
from sdmxmig.workspace.tasks.new_workspace import EXAMPLES, copy_workspace, is_copy


@click.command("demo")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("sdmxmig-demo"))
@click.option(
    "--example",
    type=click.Choice(EXAMPLES),
    default="georgia",
    show_default=True,
    help="Which example to run.",
)
@click.option("--one-by-one", is_flag=True, help="Put each result in its place at once, not all of them at the end.")
@NOW_OPTION
@FORMAT_OPTION
def demo_command(folder: Path, example: str, one_by_one: bool, now: str, listing_format: str) -> int:
    """Copy a shipped example to FOLDER (by default sdmxmig-demo) and run the whole line on it.

    \b
    Examples:
      sdmxmig demo
      sdmxmig demo sweden --example sweden
      sdmxmig demo faults --example georgia-faults
      sdmxmig demo alvoria --example fictional
    """
    from sdmxmig.catalogue.folders import shipped
    from sdmxmig.workspace.tasks.session import at_work
    from sdmxmig.workspace.tasks.talk import quoted

    if not is_copy(folder, shipped("examples") / example):
        copy_workspace(shipped("examples") / example, folder)
        stage("demo", f"{example} copied to {folder}")
    with at_work(folder, None, now, talk=talk) as session:
        code = run_line(session, listing_format, one_by_one=one_by_one)
    say(f"In the browser: sdmxmig open {quoted(folder)}{'' if has_workbench() else f' (first: {INSTALLATION})'}")
    return code
