"""The page of the mapping file: every key, with the kind of value that it takes and what it means."""

from __future__ import annotations

from made_pages.asked_keys import Asked, key_tables, keys_of
from made_pages.mapping_examples import EXAMPLES
from sdmxmig.catalogue import load
from sdmxmig.conversion.mapping.mapping_file import load as load_mapping

HEAD = """# Mapping file

A mapping assigns the cells of a table to the observations of a dataflow. It is a TOML file in `mappings/` of the
workspace, one for each family of tables. `sdmxmig start` and `sdmxmig map` propose it, and `sdmxmig init` writes one
with comments. Unknown keys are refused with their place. [Write a mapping](../how-to/mapping.md) has examples.

"""
SECTIONS = {
    "": "The file",
    "text": "`[text]`: how a text file is written",
    "block": "`[[block]]`: one rectangle of observations",
    "block.sections": "`sections = [ … ]`: titles between the rows",
    "block.skip_rows": "`skip_rows = [ … ]`: rows that are left out on purpose",
    "block.skip_columns": "`skip_columns = [ … ]`: columns that are left out on purpose",
    "block.components.TIME_PERIOD": "`[block.components.…]`: where a component is read",
    "block.values": "`[block.values]`: how figures are written",
    "block.footnotes": "`[block.footnotes]`: notes below the table",
    "block.notes": "`[[block.notes]]`: statements about some figures only",
    "derived": "`[[derived]]`: values computed from others",
    "drop": "`[[drop]]`: observations that are left out by their code",
    "ignore": "`[[ignore]]`: figures outside the blocks",
    "answer": "`[[answer]]`: answers to questions",
}
FIXED = """
## `[block.fixed]`: the same value everywhere

Each key is a component of the dataflow, and its value a code or text: `FREQ = "A"`. Set every dimension here or in
`[block.components]`. You can omit dimensions for which the dataflow allows a single code.
"""
SOURCES = """
## Where a component is read: `from`

| from | reads |
| --- | --- |
| `header 1`, `header 2` … | the header row of this number above the figure |
| `column 1`, `column 2` … | the label column of this number beside the figure |
| `column Name` | the column with this header, wherever it is this year |
| `header 1 + header 2` | two places together, such as years above months |
| `section`, `section 2` | the title above the row, of this level |
| `beside 1`, `beside Flag` | the cell this many columns right of the figure, or in the next column with this header |
| `row Source` | the row with this label |
| `sheet`, `file` | the name of the sheet or of the file |
| `cell B2` | this cell |
| `above 1` | the line of text this many rows above the table |
"""


def asked() -> Asked:
    """Every key that the reader of mapping files asks for."""
    flows = load().flows
    return keys_of(lambda content: load_mapping("example.toml", content, flows), EXAMPLES)


def page() -> str:
    return f"{HEAD}{key_tables('mapping', asked(), SECTIONS)}{FIXED}{SOURCES}"
