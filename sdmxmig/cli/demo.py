"""``sdmxmig demo``: copy and run an example."""

from __future__ import annotations

from pathlib import Path

import click

from sdmxmig.cli import talk
from sdmxmig.cli.open import INSTALLATION, has_workbench
from sdmxmig.cli.options import FORMAT_OPTION, NOW_OPTION
from sdmxmig.cli.region import region_command
from sdmxmig.cli.talk import next_step, say, stage
from sdmxmig.cli.whole_line import run_line
from sdmxmig.workspace.tasks.new_workspace import EXAMPLES, FILES, STUDIES, copy_workspace, is_copy


@click.command("demo")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option(
    "--example",
    type=click.Choice((*EXAMPLES, *STUDIES, *FILES)),
    default="georgia",
    show_default=True,
    help="Which example to copy.",
)
@click.option("--copy-only", is_flag=True, help="Copy the example without running it.")
@click.option("--one-by-one", is_flag=True, help="Put each result in its place at once, not all of them at the end.")
@NOW_OPTION
@FORMAT_OPTION
@click.pass_context
def demo_command(
    context: click.Context,
    *,
    folder: Path | None,
    example: str,
    copy_only: bool,
    one_by_one: bool,
    now: str,
    listing_format: str,
) -> int:
    """Copy an example to FOLDER (by default a folder of its name) and run the whole pipeline on it.

    Examples of records and tables have no pipeline. They are copied only.

    \b
    Examples:
      sdmxmig demo
      sdmxmig demo alvoria --example fictional
      sdmxmig demo --example georgia-faults
      sdmxmig demo --example region
      sdmxmig demo --example border-records
    """
    from sdmxmig.catalogue.folders import shipped
    from sdmxmig.workspace.tasks.session import at_work
    from sdmxmig.workspace.tasks.talk import quoted

    folder, source = folder or Path(example), shipped("examples") / example
    if not is_copy(folder, source):
        copy_workspace(source, folder)
        stage("demo", f"{example} copied to {folder}")
    if copy_only or example in FILES:
        next_step("read", folder / "README.md")
        return 0
    workspaces = sorted(path.parent for path in folder.glob("*/country.toml")) if example in STUDIES else [folder]
    codes = []
    for workspace in workspaces:
        with at_work(workspace, None, now, talk=talk) as session:
            codes.append(run_line(session, listing_format, one_by_one=one_by_one))
    if example in STUDIES:
        context.invoke(region_command, workspaces=(folder,), listing_format=listing_format)
    say(f"In the browser: sdmxmig open {quoted(folder)}{'' if has_workbench() else f' (first: {INSTALLATION})'}")
    return max(codes)
