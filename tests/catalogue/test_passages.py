"""Statements that are attributed to the UN expert group cite a passage that exists."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

import pytest
from folders import ROOT, SHARED

PASSAGES = ROOT / "structures" / "passages.csv"
DOCUMENTS = SHARED.parent / "documents"
TITLES = re.compile(r"conclusions of June 2020|presentation, technical meeting on indicators, Rabat|work programme")
TOML_ENTRY = re.compile(r'^status = "verified"\n(?:[^\[\n].*\n)*?source = "(?P<source>.*)"$', re.MULTILINE)


def passages() -> list[dict[str, str]]:
    lines = PASSAGES.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def verified_sources() -> Iterator[tuple[str, str]]:
    """The place and the source of every row and entry that is marked verified."""
    for path in sorted((ROOT / "codelists").rglob("*.csv")):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines(keepends=True) if line[:1] != "#"]
        for row in csv.DictReader(lines):
            if row.get("status") == "verified":
                yield f"{path.name} {row['id']}", row["source"]
    for path in sorted((ROOT / "structures").rglob("*.toml")):
        for match in TOML_ENTRY.finditer(path.read_text(encoding="utf-8")):
            yield path.name, match["source"]


def test_verified_rows_cite_a_passage_of_the_index() -> None:
    citations = sorted((row["citation"] for row in passages()), key=len, reverse=True)
    wrong = []
    for place, source in verified_sources():
        rest = source
        for citation in citations:
            rest = rest.replace(citation, "")
        if TITLES.search(rest):
            wrong.append(f"{place}: {source}")
    assert not wrong


@pytest.mark.skipif(not DOCUMENTS.is_dir(), reason="the documents are not here")
def test_terms_of_a_passage_occur_in_its_document() -> None:
    texts = {
        path.name: " ".join(path.read_text(encoding="utf-8").replace("*", "").casefold().split())
        for path in DOCUMENTS.glob("*.txt")
    }
    missing = [
        f"{row['citation']}: {term}"
        for row in passages()
        for term in row["terms"].split("; ")
        if " ".join(term.casefold().split()) not in texts[row["file"]]
    ]
    assert not missing
