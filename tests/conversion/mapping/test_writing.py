"""A mapping that is written reads back equal, with all that a mapping file can say."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from folders import ROOT

from sdmxmig.catalogue import load as load_catalogue
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.mapping.writing import write
from sdmxmig.sdmx.model.data import Flow

EXAMPLES = ROOT / "examples"
ALL_KEYS = r"""
id = "MAP_ALL"
name.en = "All that can be said"
name.fr = "Tout"
flow = "DF_POP"
file = "a \"quoted\" file*.xlsx"

[text]
encoding = "windows-1251"
delimiter = ";"

[[ignore]]
sheet = "*"
cells = "A1:F3"
reason = "title"

[[block]]
sheet = "/^Table \\d/"
anchor = ["Year", "Jahr"]
every = true
gaps = true
labels = "right"
last = "K40"
header_rows = 2
header_columns = 2
until = ["Source*", "Quelle*"]
sections = [
    { match = "/^(MALES|FEMALES)$/", alone = false }, { column = 2 },
    { indent = 1, alone = true }, { indent = 2, column = 2 },
]
skip_rows = [ { match = "of which*", reason = "not additive", header = 2 } ]
skip_columns = [ { match = "*%*", reason = "shares" } ]

[block.fixed]
FREQ = "A"
REF_AREA = "GE"
CTZ_STATUS = "_T"
AGE = "_T"
C_BIRTH = "_T"
UNIT_MEASURE = "PS"
UNIT_MULT = "0"

[block.components.TIME_PERIOD]
from = "column 1"
take = '(\d{4}/\d\d)$'
pattern = ["yyyy/YY", "yyyy"]
months = { "Jänner" = "01" }
span = "first"
year_start = "07-01"

[block.components.SEX]
from = "section 1"
codes = { "MALES" = "M" }
fold = true
empty = "_T"
otherwise = "_U"

[block.components.BIRTH_STATUS]
from = "header 2"
carried = true
codes = { "a.b" = "FB" }

[block.components.C_CITIZEN]
from = "header 1"
areas = true
language = "fr"

[block.components.OBS_STATUS]
from = "beside Flag*"
codes = { "p" = "P" }

[block.values]
thousands = " "
decimal = ","
sign = "minus"
multiply = "1000"
as_shown = true
columns = ["Value", "*count*"]
comments = "COMMENT_OBS"
missing = { "–" = "O", "c" = { OBS_STATUS = "Q", CONF_STATUS = "C" } }
numbers = { "nil" = "0" }
marks = { "*" = { OBS_STATUS = "P" }, "(a)" = { COMMENT_OBS = "see note" } }

[block.footnotes]
marks = '[¹²³]+'
component = "COMMENT_OBS"

[[block.notes]]
where = { TIME_PERIOD = "2024", SEX = "F" }
set = { OBS_STATUS = "P", COMMENT_OBS = "“quoted” text" }

[[block.notes]]
where = { SEX = "M" }
set = { CONF_STATUS = "F" }

[[derived]]
component = "SEX"
code = "M"
formula = "_T - F"
set = { OBS_STATUS = "E" }

[[derived]]
component = "SEX"
code = "F"
formula = "'All, ''known''' - M + 'Others - not known'"

[[drop]]
component = "SEX"
code = "_T"
reason = "recomputed by the receiver"
"""


@cache
def flows(workspace: Path | None = None) -> Mapping[str, Flow]:
    return load_catalogue(workspace).flows


def test_every_key_comes_back() -> None:
    mapping = load("all.toml", ALL_KEYS.encode(), flows())
    assert load("all.toml", write(mapping).encode(), flows()) == mapping


@pytest.mark.parametrize(
    "path", sorted(EXAMPLES.glob("*/mappings/*.toml")), ids=lambda path: f"{path.parts[-3]}-{path.stem}"
)
def test_the_mappings_of_the_examples_come_back(path: Path) -> None:
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
