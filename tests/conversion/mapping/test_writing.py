"""A written mapping reads back equal, with everything that a mapping file can hold."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from case_tables import text_from
from folders import ROOT

from sdmxmig.catalogue import load as load_catalogue
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.mapping.writing import write
from sdmxmig.sdmx.model.data import Flow

EXAMPLES = ROOT / "examples"
ALL_KEYS = text_from("conversion/cases/writing_all_keys.toml")


@cache
def flows(workspace: Path | None = None) -> Mapping[str, Flow]:
    return load_catalogue(workspace).flows


def test_every_key_survives_a_round_trip() -> None:
    mapping = load("all.toml", ALL_KEYS.encode(), flows())
    assert load("all.toml", write(mapping).encode(), flows()) == mapping


@pytest.mark.parametrize(
    "path", sorted(EXAMPLES.glob("*/mappings/*.toml")), ids=lambda path: f"{path.parts[-3]}-{path.stem}"
)
def test_example_mappings_survive_a_round_trip(path: Path) -> None:
    known = flows(path.parents[1] if (path.parents[1] / "codelists").is_dir() else None)
    mapping = load(path.name, path.read_bytes(), known)
    assert load(path.name, write(mapping).encode(), known) == mapping


def test_comments_are_written_above_their_keys() -> None:
    mapping = load("all.toml", ALL_KEYS.encode(), flows())
    notes = {
        "": ["Proposed."],
        "block[1].components.SEX": ["score 0.9"],
        "block[1].components.SEX.codes": ['"X" = "M"'],
    }
    lines = write(mapping, notes).splitlines()
    assert lines[0] == "# Proposed."
    assert lines[lines.index("[block.components.SEX]") - 1] == "# score 0.9"
    assert lines[lines.index('MALES = "M"') + 1] == '# "X" = "M"'
