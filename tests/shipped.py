"""What ships with sdmxmig, read once for all tests of a process; nobody changes it."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import replace

from sdmxmig import formats
from sdmxmig.areas import read_areas
from sdmxmig.catalogue import load
from sdmxmig.formats import Format
from sdmxmig.model.structures import Artefact
from sdmxmig.model.submission import Header
from sdmxmig.recognition import Recogniser, read_recogniser

CATALOGUE = load()
AS_LISTED = replace(CATALOGUE, rules={id_: replace(rule, always=False) for id_, rule in CATALOGUE.rules.items()})
"""The same with rules that run only where a flow lists them, so that a test sees one rule at a time."""


@functools.cache
def words() -> Recogniser:
    """The words by which tables are understood, read once for the tests that need them."""
    return read_recogniser(read_areas(CATALOGUE.item_scheme("SDMX:CL_AREA(2.0)")))


write = formats.structure_bytes
written: dict[tuple[str, Header, tuple[int, ...]], tuple[tuple[Artefact, ...], bytes]] = {}


def written_once(form: Format, artefacts: Iterable[Artefact], header: Header) -> bytes:
    """A structure message, as it was written when the same artefacts (not others that are equal) were asked for."""
    given = tuple(artefacts)
    asked = (form.id, header, tuple(map(id, given)))
    if asked not in written:
        written[asked] = (given, write(form, given, header))
    return written[asked][1]
