"""Requests of transmission."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Annotated, Literal

from sdmxmig.workspace.requests import By, Option, Request


@dataclass(frozen=True, slots=True)
class SendRequest(Request):
    """Send a sealed submission to its receiver."""

    submission: Annotated[str, Option("The submission.", metavar="ID", default="the newest")] = ""
    _: KW_ONLY
    action: Annotated[
        Literal["", "append", "replace", "merge", "delete"],
        Option("How the receiver changes its data.", default="replace"),
    ] = ""
    deletions: Annotated[
        int | None, Option("The number of observations to delete, which you have checked.", metavar="COUNT")
    ] = None
    older: Annotated[bool, Option("The data are intentionally older than the receiver’s.")] = False
    again: Annotated[bool, Option("Send a withdrawn submission after all.")] = False
    by: By = ""
