"""Age groups that the list lacks are read by their pattern and added to the list of the workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdmxmig import catalogue
from sdmxmig.catalogue.ages import AGE_LIST
from sdmxmig.workspace.proposals import propose
from sdmxmig.workspace.tasks.first_tables import save_age_groups
from sdmxmig.workspace.tasks.proposing import read_material


@pytest.mark.parametrize(
    ("title", "head", "labels", "added"),
    [
        (
            "Ausländische Bevölkerung am 31.12.2023",
            "Alter",
            ("0 bis unter 13 Jahre", "13 bis unter 33 Jahre", "33 Jahre und älter"),
            {"Y0T12": "0–12 лет", "Y13T32": "13–32 года", "Y_GE33": "33 года и старше"},
        ),
        (
            "Иностранное население на 1 января 2024 года",
            "Возраст",
            ("0-6 лет", "7-61 год", "62 года и старше"),
            {"Y0T6": "0–6 лет", "Y7T61": "7–61 лет"},
        ),
        (
            "Population étrangère au 1er janvier 2024",
            "Groupe d’âges",
            ("Moins de 12 ans", "12-26 ans", "27 ans et plus"),
            {"Y0T11": "0–11 лет", "Y12T26": "12–26 лет", "Y_GE27": "27 лет и старше"},
        ),
    ],
)
def test_age_groups_of_the_table_extend_the_list(
    tmp_path: Path, title: str, head: str, labels: tuple[str, ...], added: dict[str, str]
) -> None:
    table = tmp_path / "ages.csv"
    table.write_text(f"{title};\n{head};2024\n" + "".join(f"{label};10\n" for label in labels))
    material = read_material(table, None)
    tried = propose(material.tables, "DF_POP", material.catalogue, material.recogniser, area="SN")
    mapping = tried.proposal.mapping
    (ages,) = (each.codes for block in mapping.blocks for each in block.components if each.component == "AGE")
    assert dict(ages).keys() == {*labels}
    save_age_groups(tmp_path, mapping, tried.flow)
    shipped, own = (catalogue.load(folder).item_scheme(AGE_LIST) for folder in (None, tmp_path))
    assert {item.id: item.name.in_language("ru") for item in own if item.id not in shipped} == added
