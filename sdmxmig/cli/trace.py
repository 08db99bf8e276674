"""``sdmxmig trace``: source cells and their use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION
from sdmxmig.cli.session import of_workspace
from sdmxmig.cli.talk import say, show_list
from sdmxmig.primitives.errors import SdmxmigError, counted

if TYPE_CHECKING:
    from sdmxmig.conversion.convert.tracing import Use
    from sdmxmig.workspace.tasks.session import Session

SHOWN = 50


@click.command("trace")
@of_workspace
@click.argument("what", nargs=-1)
@click.option("--usage", is_flag=True, help="Count the figures of every sheet: used, skipped, unread.")
@click.option("--cells", is_flag=True, help="With --usage: list every figure that was skipped or not read.")
@click.option("--against", default="", metavar="TABLE", help="List the cells that differ from this table.")
@FORMAT_OPTION
def trace_command(
    session: Session, *, what: Sequence[str], usage: bool, cells: bool, against: str, listing_format: str
) -> None:
    """Trace observations to their source cells, or a cell to its observations.

    Name a cell (file, sheet and cell, separated by ! or ›), or a dataflow with conditions. Run convert first. With
    --against, name a table of the workspace to compare with another one, such as that of last year.

    \b
    Examples:
      sdmxmig trace mycountry "stocks.xlsx!Table 3!C14"
      sdmxmig trace mycountry DF_POP SEX=F TIME_PERIOD=2023
      sdmxmig trace mycountry --usage
      sdmxmig trace mycountry --usage --cells --format json
      sdmxmig trace mycountry stocks-2026.xlsx --against stocks-2025.xlsx
    """
    from sdmxmig.conversion.convert.tracing import coverage_of, place_of, usage_of
    from sdmxmig.workspace.tasks.data_folder import (
        names_a_cell,
        read_datasets,
        read_unused_cells,
        record,
        traced,
        unused_cells,
    )

    if usage and what:
        raise SdmxmigError(
            f"--usage covers all cells and cannot be combined with “{what[0]}”.", hint="Leave out one of them."
        )
    if against:
        show_list(changed_cells(session, " ".join(what), against), listing_format)
        return
    if cells and not usage:
        raise SdmxmigError("--cells requires --usage.", hint="Write --usage --cells.")
    session.tell_if_older("data")
    datasets = read_datasets(session)
    if usage:
        unused = read_unused_cells(session)
        if listing_format == "text":
            say(
                "file, sheet, figures used, skipped, not read" if not cells else f"{unused.height} cells were not used."
            )
        show_list(unused_cells(unused) if cells else coverage_of(datasets, unused), listing_format)
        return
    if not what:
        raise SdmxmigError("There is nothing to trace.", hint="Name a cell, a dataflow, or write --usage.")
    if names_a_cell(what[0]):
        fate = usage_of(place_of(" ".join(what)), datasets, read_unused_cells(session))
        rows: list[dict[str, object]] = [{"cell": str(fate.place), "fate": fate.fate, "reason": fate.reason}]
        show_list(
            [*rows, *first_uses(fate.uses, listing_format)]
            if listing_format == "text"
            else [*rows, *map(record, fate.uses)],
            listing_format,
        )
        return
    uses = traced(datasets, what[0], conditions_in(what[1:]))
    show_list(first_uses(uses, listing_format) if listing_format == "text" else [*map(record, uses)], listing_format)


def changed_cells(session: Session, name: str, against: str) -> list[dict[str, object]]:
    from sdmxmig.conversion.tables import read
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.workspace.tasks.correcting import table_of
    from sdmxmig.workspace.tasks.mapping_files import readable_mappings, text_format_of
    from sdmxmig.workspace.tasks.sheet_views import differences

    mappings, _ = readable_mappings(session)
    before, after = (
        read(path.name, read_bytes(path), text_format_of(mappings, path.name))
        for path in (table_of(session, against), table_of(session, name))
    )
    listed, count = differences(before, after)
    say(f"{counted(count, 'cell')} of {name} differ from those in {against}.")
    return [asdict(cell) for cell in listed]


def conditions_in(words: Sequence[str]) -> dict[str, str]:
    wrong = [word for word in words if "=" not in word]
    if wrong:
        raise SdmxmigError(f"“{wrong[0]}” is not a condition.", hint="Write component and code, such as SEX=F.")
    return dict(word.split("=", 1) for word in words)


def first_uses(uses: Sequence[Use], listing_format: str) -> list[dict[str, object]]:
    """List the source cells of observations, limited to the first if many."""
    if len(uses) > SHOWN and listing_format == "text":
        say(f"{len(uses) - SHOWN:,} more lines; --format json lists them all.")
    return [
        {
            "key": " ".join([use.flow, *(code for _, code in use.key)]),
            "component": f"{use.component} {use.value}",
            "cells": ", ".join(map(str, use.cells)),
        }
        for use in uses[:SHOWN]
    ]
