"""Characters that no text may hold: named with their place in every format, passed on by none."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import made
import polars as pl
import pytest
from console import Console
from lxml import etree

from sdmxmig.cli import run
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.exchange import transform
from sdmxmig.sdmx.formats import FORMATS, data_bytes, structure_bytes
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_json import walk as json_forbidden
from sdmxmig.sdmx.formats.sdmx_json.walk import replace_forbidden_content

FLOWS = {made.FLOW.id: made.FLOW}
MARK = "Qq"
SOURCES = ("sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1", "sdmx-json-2.0", "sdmx-json-2.1")
FORBIDDEN = "\x00\x01\x07\x08\x0b\x0c\x0e\x1b\x1f\ufffe\uffff"
HARMLESS = (
    "a\tb",
    "a\nb",
    "\x7f",
    "\x85",
    "\xa0",
    "\ufffd",
    "\ufeffx",
    "\u200b",
    "퟿",
    "😀",
    "\U0001fffe",
    "\\u0000",
    "\\b",
)


def message(form: str, comment: str) -> bytes:
    """Data of which one observation has this comment."""
    texts = [comment, *[None] * (made.SMALL.observations.height - 1)]
    series = made.SMALL.series.drop("NOTE")
    observations = made.SMALL.observations.with_columns(COMMENT_OBS=pl.Series(texts, dtype=pl.String))
    dataset = replace(made.SMALL, observations=observations, series=series, attributes={"RES_RULE": "M12"})
    return data_bytes(FORMATS[form], [dataset], made.HEADER)


def spoilt(form: str, more: str) -> bytes:
    """The same with an unusual comment."""
    text = json.dumps(more)[1:-1] if "json" in form else more
    return message(form, MARK).replace(MARK.encode(), f"{MARK}{text}".encode())


def written(content: bytes, target: str, faults: Faults | None = None) -> bytes:
    form, out = FORMATS[target], io.BytesIO()
    transform("data", io.BytesIO(content), form, out, flows=FLOWS, header=lambda _: made.HEADER, faults=faults)
    return out.getvalue()


def comments(content: bytes, form: str) -> list[str]:
    """The comments that a message gives back."""
    reader = FORMATS[form].read_data
    blocks = [dataset.observations["COMMENT_OBS"] for dataset in reader("data", io.BytesIO(content), FLOWS, None)]
    return pl.concat(blocks).drop_nulls().to_list()


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("character", FORBIDDEN, ids=[f"U+{ord(one):04X}" for one in FORBIDDEN])
def test_forbidden_character_is_named_and_not_written(character: str, source: str) -> None:
    content = spoilt(source, character)
    said = f"The character U+{ord(character):04X} is not allowed in text"
    (problem,) = [problem for problem in identify_and_check("data", content, FLOWS).problems if said in problem.message]
    assert problem.place.line == content[: content.index(MARK.encode())].count(b"\n") + 1
    assert problem.place.column
    with pytest.raises(InputError, match=said.replace("+", r"\+")) as caught:
        written(content, "sdmx-csv-2.0")
    assert caught.value.place == problem.place


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("target", ["sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-json-2.0", "sdmx-csv-2.0"])
def test_lenient_reading_replaces_forbidden_character_by_blank(source: str, target: str) -> None:
    faults = Faults()
    made_of_it = written(spoilt(source, "\x00\x1by"), target, faults)
    assert comments(made_of_it, target) == [f"{MARK}  y"]
    assert [fault.message[:20] for fault in faults.listed][:1] == ["The character U+0000"]
    if target.startswith("sdmx-ml"):
        etree.fromstring(made_of_it)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("text", HARMLESS, ids=[repr(one) for one in HARMLESS])
@pytest.mark.sampled(8)
def test_allowed_characters_are_accepted(text: str, source: str) -> None:
    content = message(source, text)
    assert identify_and_check("data", content, FLOWS).problems == []
    assert comments(written(content, "sdmx-ml-3.0"), "sdmx-ml-3.0") == [text]


def test_forbidden_character_in_table_has_row_and_column(tmp_path: Path, console: Console) -> None:
    content = spoilt("sdmx-csv-2.0", "\x1b")
    column = content.split(b"\n", 1)[0].split(b",").index(b"COMMENT_OBS") + 1
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    out = tmp_path / "out.csv"
    for command in (["check", str(path)], ["transform", str(path), "--to", "sdmx-csv-2.1", "-o", str(out)]):
        assert run(command) in (1, 2)
        captured = "".join(console.readouterr())
        assert f"data.csv:2:{column}" in captured
        assert "The character U+001B is not allowed in text" in captured
        assert "\x1b" not in captured
    assert not out.exists()
    assert "U+001B" in console.errors("transform", path, "--to", "sdmx-csv-2.1", "-o", out, "--lenient", code=1)
    assert b"\x1b" not in out.read_bytes()


@pytest.mark.parametrize("half", [r"\ud800", r"\udc00", r"\ud83dx"])
def test_unpaired_surrogates_are_refused_in_json(half: str) -> None:
    content = message("sdmx-json-2.0", MARK).replace(MARK.encode(), half.encode())
    assert identify_and_check("data", content, FLOWS).problems
    with pytest.raises(InputError):
        written(content, "sdmx-csv-2.0")


def test_json_structures_with_forbidden_character_are_reported() -> None:
    content = structure_bytes(FORMATS["sdmx-json-2.0"], made.ARTEFACTS, made.HEADER)
    name = made.FLOW.dataflow.name.in_language("en").encode()
    assert name in content
    problems = identify_and_check("structures", content.replace(name, name + rb"\u0007", 1), {}).problems
    assert ["U+0007" in problem.message for problem in problems] == [True]
    assert identify_and_check("structures", content.replace(name, name + rb"\\u0007"), {}).problems == []


@pytest.mark.parametrize("before", range(8))
def test_forbidden_escape_across_chunks_is_found(before: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_forbidden, "MIB", 8)
    content = b'"' + b"a" * before + rb"\\u0001\u0001\\\ub" + b'\n\xef\xbf\xbe"'
    faults = Faults()
    assert replace_forbidden_content("x", content, faults) == b'"' + b"a" * before + rb"\\u0001 \\\ub" + b'\n "'
    assert [str(fault.place) for fault in faults.listed] == [f"x:1:{before + 9}", "x:2:1"]


@pytest.mark.parametrize("target", [*SOURCES, "sdmx-ml-3.0"])
@pytest.mark.parametrize("character", "\x00\x08\x1b\uffff", ids=["U+0000", "U+0008", "U+001B", "U+FFFF"])
def test_every_format_refuses_to_write_forbidden_character(character: str, target: str) -> None:
    with pytest.raises(SdmxmigError, match=rf"U\+{ord(character):04X}"):
        message(target, f"x{character}")
