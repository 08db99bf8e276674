"""What the commands on messages share: the files that they name, and the structures that they know."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sdmxmig.publishing.files import STANDARD_OUTPUT

if TYPE_CHECKING:
    from sdmxmig.model.data import Flow
    from sdmxmig.model.structures import Artefact

STRUCTURE_OPTION: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--structure",
    "structures",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A structure message that the data follow; may be given several times.",
)


def check_message(result: Path, option: str = "-o FILE") -> None:
    """Refuse to write a message in place of a file that is none: it is somebody's work. Raises `OutputError`.

    A message, also one that is packed, and an empty file may be replaced.
    """
    from sdmxmig.errors import InputError, OutputError
    from sdmxmig.formats.detection import detect
    from sdmxmig.intake.packed import open_message
    from sdmxmig.places import Place

    if str(result) == STANDARD_OUTPUT or not result.is_file() or not result.stat().st_size:
        return
    try:
        with open_message(result) as (name, message):
            detect(name, message)
    except InputError:
        hint = f"Name another file with {option}, or move that one away."
        told = "There is a file of this name already, and it is no SDMX message."
        raise OutputError(told, Place(str(result)), hint) from None


def known_flows(structures: Sequence[Path]) -> Mapping[str, Flow]:
    """The shipped dataflows and those of the structure messages that are named."""
    from sdmxmig.catalogue import load
    from sdmxmig.exchange import read_structures
    from sdmxmig.intake.packed import read_message

    artefacts = [one for path in structures for one in read_structures(*read_message(path))]
    return load().with_artefacts(artefacts).flows


def artefacts_in(path: Path) -> Sequence[Artefact]:
    """The artefacts of a structure message, or those declared in a workspace or checkout."""
    from sdmxmig.catalogue import load
    from sdmxmig.exchange import read_structures
    from sdmxmig.intake.packed import read_message
    from sdmxmig.workspace import check_declares

    if path.is_dir():
        check_declares(path)
        return list(load(path).artefacts.values())
    return read_structures(*read_message(path))
