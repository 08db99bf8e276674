"""The mappings of the examples run backwards: workbooks that were emptied are filled in again as they were."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from shipped import CATALOGUE

from sdmxmig import conversion, tables
from sdmxmig.cli.convert import beside_file
from sdmxmig.mapping import load as load_mapping
from sdmxmig.model.data import Dataset
from sdmxmig.outputs.patched_workbook import patch
from sdmxmig.questionnaires.filling import Filling, fillings, probe

EXAMPLES = Path(__file__).parents[1] / "examples"
MAPPINGS = sorted(EXAMPLES.glob("[!.]*/mappings/*.toml"))


class Form:
    """A workbook of an example with the mapping that reads it."""

    def __init__(self, path: Path) -> None:
        self.mapping = load_mapping(path.name, path.read_bytes(), CATALOGUE.flows, beside_file(path))
        self.flow = CATALOGUE.flow(self.mapping.flow)
        self.content = (path.parents[1] / "tables" / self.mapping.file).read_bytes()

    def read(self, content: bytes) -> Dataset:
        return conversion.convert(tables.read(self.mapping.file, content), self.mapping, self.flow).dataset

    def emptied(self) -> bytes:
        probed = probe(tables.read(self.mapping.file, self.content), self.mapping)
        return patch(self.mapping.file, self.content, dict.fromkeys(probed.numbers, "")).content

    def filling(self, content: bytes, dataset: Dataset) -> Filling:
        probed = probe(tables.read(self.mapping.file, content), self.mapping)
        read = conversion.convert(probed.tables, self.mapping, self.flow).dataset
        return fillings(probed, read, dataset)


def figures(dataset: Dataset) -> pl.DataFrame:
    structure = dataset.flow.structure
    return dataset.observations.select([*structure.key, "OBS_VALUE"]).sort(structure.key)


@pytest.mark.parametrize(
    "path",
    [path for path in MAPPINGS if "faults" not in str(path)],
    ids=lambda path: f"{path.parents[1].name}-{path.stem}",
)
def test_an_emptied_workbook_is_filled_in_as_it_was(path: Path) -> None:
    form = Form(path)
    dataset = form.read(form.content)
    assert dataset.observations.height
    empty = form.emptied()
    filling = form.filling(empty, dataset)
    assert filling.left_out == ()
    filled = patch(form.mapping.file, empty, filling.cells).content
    assert figures(form.read(filled)).equals(figures(dataset))
