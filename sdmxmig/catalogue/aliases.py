"""Alias files (``codelists/aliases/*.tsv``)."""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path

from sdmxmig.catalogue.folders import search_path
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import Place


def rows_of(
    file: Path, columns: list[str], workspace: Path | None, codes: Container[str] | None = None
) -> Iterator[list[str]]:
    """Read alias rows, workspace first; raises `DeclarationError`."""
    for path in (folder / file for folder in search_path("codelists", workspace) if (folder / file).is_file()):
        for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
            cells = line.split("\t")
            if number == 1 and cells != columns:
                place = Place(path.name, line=number)
                raise DeclarationError("These are not the columns of aliases.", place, f"Write: {' '.join(columns)}.")
            if len(cells) != len(columns):
                place = Place(path.name, line=number)
                raise DeclarationError(f"A row has {len(columns)} cells, with tabs between.", place)
            if number > 1 and codes is not None and cells[0] not in codes:
                place = Place(path.name, line=number)
                raise DeclarationError(f"“{cells[0]}” is not a code of {file.stem}.", place)
            if number > 1:
                yield cells
