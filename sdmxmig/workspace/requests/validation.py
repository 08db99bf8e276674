"""Requests of validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from sdmxmig.workspace.requests import Force, Option, Profile, Request, StrPath


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateRequest(Request):
    """Check data by the rules of their dataflows."""

    profile: Profile = ""
    levels: Annotated[Sequence[int], Option("Run only rules of this level.", flag="--level", metavar="N")] = ()
    reports: Annotated[
        Sequence[StrPath],
        Option(
            "Also write the findings to this file, such as findings.sarif.",
            flag="--report",
            metavar="[REPORT=]FILE",
        ),
    ] = ()
    previous: Annotated[
        Sequence[StrPath],
        Option(
            "An earlier release to compare with.",
            metavar="PATH",
            path="existing",
            default="the folder accepted/",
        ),
    ] = ()
    mirror: Annotated[
        Sequence[StrPath],
        Option("Data of a partner country, as message or workspace.", metavar="PATH", path="any"),
    ] = ()
    force: Force = False
