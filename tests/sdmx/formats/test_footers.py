"""A footer after structures or metadata, such as a warning, does not stop the reader."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sdmxmig.sdmx.formats import FORMATS, metadata_bytes, structure_bytes
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import Header, Note, Party

LIST = ItemScheme(
    Ref("Codelist", "XX", id="CL", version="1.0.0"), Text.of(en="List"), items=(Item("A", Text.of(en="A")),)
)
HEADER = Header(
    "X",
    "2026-01-01T00:00:00Z",
    sender=Party("XX"),
    notes=(Note("LEFT_OUT", Text.of(en="Something was left out."), severity="Warning"),),
)


@pytest.mark.parametrize("form", ["sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1"])
def test_structures_before_a_footer_are_parsed(form: str) -> None:
    content = structure_bytes(FORMATS[form], [LIST], HEADER)
    assert b"Something was left out." in content
    assert FORMATS[form].structure_problem(content) == ""
    reader = FORMATS[form].read_structures
    assert reader("message.xml", content) == (LIST,)


@pytest.mark.parametrize("form", ["sdmx-ml-3.0", "sdmx-ml-3.1"])
def test_metadata_before_a_footer_are_parsed(form: str) -> None:
    described = MetadataSet(
        Ref("Metadataflow", "XX", id="MDF", version="1.0.0"),
        (Report((Target(LIST.ref.urn),), (ReportedAttribute("NOTE", ("Text",)),)),),
        ref=Ref("MetadataSet", "XX", id="MS", version="1.0.0"),
        name=Text.of(en="Set"),
    )
    content = metadata_bytes(FORMATS[form], [described], HEADER)
    assert b"Something was left out." in content
    reader = FORMATS[form].read_metadata
    (read,) = reader("message.xml", content)
    assert replace(read, action="") == described
