"""Corrections that a new file would undo, by cell address.

Undo state of changes.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.conversion.convert.tracing import place_of
from sdmxmig.conversion.tables import read, reader_of
from sdmxmig.conversion.tables.text import with_text
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place, cell_name, cell_position
from sdmxmig.reporting.outputs.patched_workbook import patch
from sdmxmig.workspace.tasks.correcting import cell_of
from sdmxmig.workspace.tasks.history import CORRECTED, Step, kept, read_history
from sdmxmig.workspace.tasks.sheet_views import CellAt, changed_cells, texts_among

if TYPE_CHECKING:
    from sdmxmig.sdmx.model.tables import TextFormat


@dataclass(frozen=True, slots=True)
class UndoneCorrection:
    place: Place
    before: str
    _: KW_ONLY
    now: str
    is_text: bool = False


def undone_corrections(workspace: Path, path: Path, new: bytes, written: TextFormat) -> tuple[UndoneCorrection, ...]:
    """Find undone corrections.

    Raises `SdmxmigError` for unreadable files.
    """
    steps = [step for step in read_history(workspace) if step.what == CORRECTED and f"tables/{path.name}" in step.files]
    if not steps or not path.is_file():
        return ()
    coming = read(path.name, new, written)
    try:
        now = read(path.name, read_bytes(path), written)
    except SdmxmigError:
        return ()
    changes = changed_cells(now, coming)
    corrected: dict[CellAt, set[str]] = {}
    for step in steps:
        for at, before in correction_of(workspace, step, written).items():
            corrected.setdefault(at, set()).add(before)
    texts = texts_among(now, corrected)
    return tuple(
        UndoneCorrection(
            Place(path.name, at[0], cell=cell_name(*at[1])), changes[at][1], now=changes[at][0], is_text=at in texts
        )
        for at in sorted(corrected.keys() & changes.keys())
        if changes[at][1] in corrected[at]
    )


def correction_of(workspace: Path, step: Step, written: TextFormat) -> Mapping[CellAt, str]:
    try:
        place, was = place_and_text(step.command)
    except (ValueError, SdmxmigError):
        return {}
    at = (place.sheet, cell_position(place.cell))
    if was is not None:
        return {at: was.strip()}
    try:
        before = read(place.file, kept(workspace, step.before[f"tables/{place.file}"]), written)
        return {at: cell_of(before, place).text}
    except (KeyError, StopIteration, SdmxmigError):  # not kept, or another table then
        return {}


def place_and_text(command: str) -> tuple[Place, str | None]:
    words = iter(shlex.split(command)[3:])
    address, was = "", None
    for word in words:
        if word in ("--to", "--was"):
            text = next(words, "")
            was = text if word == "--was" else was
        elif word != "--":
            address = word
    place = place_of(address)
    if not place.cell:
        raise ValueError(command)
    return place, was


def with_corrections(name: str, new: bytes, corrections: Sequence[UndoneCorrection], written: TextFormat) -> bytes:
    cells = {
        (correction.place.sheet, cell_position(correction.place.cell)): correction.now for correction in corrections
    }
    if reader_of(name, new).name == "xlsx":
        texts = {
            (correction.place.sheet, cell_position(correction.place.cell))
            for correction in corrections
            if correction.is_text
        }
        content = patch(name, new, cells, kept_as_text=texts).content
    else:
        content = new
        for (_, at), text in cells.items():
            content = with_text(name, content, at=at, text=text, written=written)
    merged = changed_cells(read(name, new, written), read(name, content, written))
    if {at: text for at, (_, text) in merged.items()} != cells:
        hint = "Correct the cells in it first, or let the corrections be undone."
        raise SdmxmigError("The new file cannot take the corrected cells.", Place(name), hint)
    return content


UNDO, REDO = "undo", "redo"


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a step: subject, `is_undo`, `taken_back`, `offers`."""

    of: int
    _: KW_ONLY
    is_undo: bool = False
    taken_back: int = 0
    offers: str = ""


def standings(steps: Sequence[Step]) -> Mapping[int, Standing]:
    about: dict[int, tuple[int, bool]] = {}
    last: dict[int, Step] = {}
    for step in steps:
        origin, was_undo = about.get(step.undoes, (step.number, True))
        about[step.number] = (origin, not was_undo)
        last[origin] = step
    return {step.number: standing(step, about, last) for step in steps}


def standing(step: Step, about: Mapping[int, tuple[int, bool]], last: Mapping[int, Step]) -> Standing:
    origin, is_undo = about[step.number]
    latest = last[origin].number
    is_gone = about[latest][1]
    is_own = origin == step.number
    offers = ""
    if step.number > 1 and (latest == step.number or (is_own and not is_gone)):
        offers = REDO if is_undo else UNDO
    return Standing(origin, is_undo=is_undo, taken_back=latest if is_own and is_gone else 0, offers=offers)
