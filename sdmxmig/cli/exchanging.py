"""The options that the commands on messages share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

STRUCTURE_OPTION: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--structure",
    "structures",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A structure message that the data follow; may be given several times.",
)
FLOW_OPTION: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--flow",
    default="",
    metavar="ID",
    help="The dataflow or structure that data follow if they name no known one.",
)
FOLLOWS_OPTION: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--follows", is_flag=True, help="The data follow the one structure of --structure, whatever they name."
)
