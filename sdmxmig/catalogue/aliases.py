"""Files of aliases (``codelists/aliases/*.tsv``): words that tables use, with their codes, languages and sources."""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path

from sdmxmig.catalogue.folders import search_path
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import Place


def rows_of(
    file: Path, columns: list[str], workspace: Path | None, codes: Container[str] | None = None
) -> Iterator[list[str]]:
    """The rows of a file of aliases below ``codelists``, of the workspace first, then the shipped one.

    `codes` are those that may stand in the first column. Raises `DeclarationError`, with file and line, for other
    columns or codes.
    """
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
