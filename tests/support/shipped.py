"""The shipped declarations, loaded once for all tests of a process; do not change them."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from sdmxmig.catalogue import Catalogue, load, read_catalogue
from sdmxmig.catalogue.areas import read_areas
from sdmxmig.catalogue.folders import list_search_path
from sdmxmig.conversion.recognition import Recogniser, read_recogniser
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx import formats
from sdmxmig.sdmx.formats import Format
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header

try:
    CATALOGUE = load()
except SdmxmigError as error:
    pytest.exit(f"The declarations cannot be loaded. {error}", returncode=2)
AS_LISTED = replace(CATALOGUE, rules={id_: replace(rule, always=False) for id_, rule in CATALOGUE.rules.items()})
"""The same with rules that run only where a flow lists them, so that a test sees one rule at a time."""
MAX_CATALOGUES = 4
CATALOGUES: dict[tuple[tuple[str, bytes], ...], Catalogue] = {}
"""What was read of workspaces with declarations of their own, by their files."""


def catalogue_of(workspace: Path | None) -> Catalogue:
    """The declarations of a workspace: the shipped ones, unless it has its own."""
    declared = declarations_in(workspace) if workspace else ()
    if not declared:
        return CATALOGUE
    known = CATALOGUES.pop(declared, None)
    if known is None:  # without the cache on the disk: to write it takes a quarter as long as to read the declarations
        known = read_catalogue(*(list_search_path(folder, workspace) for folder in ("codelists", "structures")))
    CATALOGUES[declared] = known
    if len(CATALOGUES) > MAX_CATALOGUES:
        CATALOGUES.pop(next(iter(CATALOGUES)))
    return known


def declarations_in(workspace: Path) -> tuple[tuple[str, bytes], ...]:
    """The files with which a workspace declares something of its own."""
    paths = sorted(path for name in ("codelists", "structures") for path in (workspace / name).rglob("*"))
    return tuple((str(path.relative_to(workspace)), path.read_bytes() if path.is_file() else b"") for path in paths)


@functools.cache
def words() -> Recogniser:
    """The words by which tables are understood, read once for the tests that need them."""
    return read_recogniser(read_areas(CATALOGUE.item_scheme("SDMX:CL_AREA(2.0)")))


write = formats.structure_bytes
written: dict[tuple[str, Header, tuple[int, ...]], tuple[tuple[Artefact, ...], bytes | SdmxmigError]] = {}


def written_once(form: Format, artefacts: Iterable[Artefact], header: Header) -> bytes:
    """A structure message or its refusal, as when the same artefacts (not others that are equal) were asked for."""
    given = tuple(artefacts)
    asked = (form.id, header, tuple(map(id, given)))
    if asked not in written:
        try:
            written[asked] = (given, write(form, given, header))
        except SdmxmigError as refusal:
            written[asked] = (given, refusal)
    content = written[asked][1]
    if isinstance(content, SdmxmigError):
        raise content.with_traceback(None)
    return content
