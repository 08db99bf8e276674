"""Artefacts without the names that SDMX requires are named by their id, and this is reported."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import made
import made_artefacts as of
import made_metadata
import pytest

from sdmxmig.sdmx.exchange import MAX_SHOWN, list_artefact_names, transform
from sdmxmig.sdmx.formats import FORMATS, structure_bytes
from sdmxmig.sdmx.model.artefacts import Contact, Item, ItemScheme, Text
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.structures import Artefact

FORM = {"2.1": "sdmx-ml-2.1", "3.0": "sdmx-ml-3.0", "3.1": "sdmx-ml-3.1"}
EACH = [(version, kind) for version, kinds in of.OF_VERSION.items() for kind in kinds]


def without_names(given: Any) -> Iterator[Any]:
    """The artefact without one of its names, for each name."""
    for field in fields(given):
        value = getattr(given, field.name)
        if field.name == "name" and isinstance(value, Text) and value and not isinstance(given, Contact):
            yield replace(given, name=Text())
        elif isinstance(value, tuple):
            for number, one in enumerate(value):
                if is_dataclass(one):
                    for other in without_names(one):
                        yield replace(given, **{field.name: (*value[:number], other, *value[number + 1 :])})
        elif is_dataclass(value) and not isinstance(value, Text):
            yield from (replace(given, **{field.name: other}) for other in without_names(value))


def of_one(version: str, artefact: Artefact) -> Artefact:
    form = FORMATS[FORM[version]]
    [found] = form.read_structures("x.xml", structure_bytes(form, [artefact], made.HEADER))
    return found


@pytest.mark.parametrize(("version", "kind"), EACH)
def test_each_generated_name_is_reported(version: str, kind: str) -> None:
    artefact = of.OF_VERSION[version][kind]
    assert list_artefact_names([of_one(version, artefact)]) == ""
    for nameless in without_names(artefact):
        is_made = of_one(version, nameless) != nameless
        assert bool(list_artefact_names([nameless])) == is_made


def test_transform_lists_some_generated_names() -> None:
    items = tuple(Item(f"C{number}", Text()) for number in range(MAX_SHOWN + 3))
    scheme = ItemScheme(of.ref("Codelist", "CL"), Text.of(en="List"), items=items)
    content = structure_bytes(FORMATS["sdmx-ml-3.0"], [scheme], made.HEADER)
    for number in range(MAX_SHOWN + 3):
        content = content.replace(f'<com:Name xml:lang="en">C{number}</com:Name>'.encode(), b"")
    assert b">C1</" not in content
    told: list[str] = []
    out = io.BytesIO()
    transform("x.xml", io.BytesIO(content), FORMATS["sdmx-json-2.0"], out, flows={}, tell=told.append)
    [sentence] = told
    assert "C0 of Codelist SDMXMIG:CL(2.1.0), C1" in sentence
    assert sentence.endswith("and 3 more.")
    assert b'"name":"C0"' in out.getvalue()


@pytest.mark.parametrize("given", [made_metadata.NEW, replace(made_metadata.NEW, name=Text())])
@pytest.mark.parametrize("target", ["sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1"])
def test_generated_name_of_a_metadata_set_is_reported(target: str, given: MetadataSet) -> None:
    source, form = FORMATS["sdmx-ml-3.0"], FORMATS[target]
    content = source.write_metadata([made_metadata.NEW], made.HEADER)
    if not given.name:
        body = content.index(b"<mes:MetadataSet")
        content = content[:body] + re.sub(rb"<com:Name .*?</com:Name>", b"", content[body:])
    told: list[str] = []
    out = io.BytesIO()
    transform("x.xml", io.BytesIO(content), form, out, flows={}, tell=told.append)
    [written] = form.read_metadata("out", out.getvalue())
    is_made = written.name != given.name
    assert is_made == (not given.name and target != "sdmx-ml-2.1")
    assert [one for one in told if "QUALITY" in one and "name" in one] == told[: int(is_made)]
