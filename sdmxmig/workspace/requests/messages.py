"""Requests about messages and tables."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from sdmxmig.workspace.requests import Flow, Folder, Follows, Force, Option, Request, StrPath, Structure


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertRequest(Request):
    """Convert the tables of a workspace."""

    maps: Annotated[
        StrPath | None,
        Option("Write the mapping files as structure maps too, into this file (.xml or .json).", path="file"),
    ] = None
    force: Force = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReading(Request):
    """Read data of given structures."""

    structure: Structure = ()
    flow: Flow = ""
    follows: Follows = False
    workspace: Folder = None

    @property
    def folder(self) -> Path | None:
        return None if self.workspace is None else Path(self.workspace)


@dataclass(frozen=True, slots=True)
class TransformRequest(MessageReading):
    """Write a message in another format."""

    source: StrPath | bytes | BinaryIO
    target: StrPath
    _: KW_ONLY
    format: Annotated[
        str,
        Option(
            "The format to write, such as sdmx-json-2.0.", flag="--to", metavar="FORMAT", default="by the file name"
        ),
    ] = ""
    dimensions: Annotated[str, Option("The dimensions in order, for data without a structure.", metavar="ID,ID…")] = ""
    dimension_at_observation: Annotated[
        str, Option("The dimension at observation level; AllDimensions for flat data.")
    ] = "TIME_PERIOD"
    labels: Annotated[Literal["id", "name", "both"], Option("Codes, names or both in CSV.")] = "id"
    map: Annotated[str, Option("Translate by a structure map, such as SM_OECD_B11.", metavar="ID")] = ""
    back: Annotated[bool, Option("With {map}: from the target of the map to its source.")] = False
    lenient: Annotated[bool, Option("Leave out what cannot be read, and list it.")] = False
    strict: Annotated[bool, Option("Refuse what deviates from the standard.")] = False
    id: Annotated[str, Option("The id of the message.", default="as it was")] = ""
    sender: Annotated[str, Option("The sender.", metavar="ID", default="as it was")] = ""
    now: Annotated[str, Option("The time to write into the header.", metavar="TIME", default="as it was")] = ""
