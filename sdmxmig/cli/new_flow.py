"""``sdmxmig map --new-flow``: a new structure with a mapping."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.cli.exit_codes import FINDINGS, OK
from sdmxmig.cli.proposing import say_tried
from sdmxmig.cli.talk import next_step, say_formulas, show_text, stage
from sdmxmig.io.publishing.folders import add_files
from sdmxmig.primitives.errors import SdmxmigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdmxmig.workspace.proposals import TriedProposal
    from sdmxmig.workspace.tasks.proposing import Material

TEMPLATE = "DF_IMM_TOPIC"
"""The dataflow with the most dimensions: a new structure takes over those that fit."""
OWN = ("codelists", "structures")


def make_flow(workbook: Path, material: Material, name: str, area: str, folder: Path | None) -> int:
    """Create a structure and mapping for a table without a dataflow."""
    from sdmxmig.catalogue.naming import check_id
    from sdmxmig.conversion.suggestion import FlowKnowledge
    from sdmxmig.conversion.suggestion.answers import Answers, write_answers
    from sdmxmig.conversion.suggestion.new_flow import propose
    from sdmxmig.workspace.tasks.drafts import draft_file
    from sdmxmig.workspace.tasks.proposing import mapping_text

    check_id("Dataflow", name, None)
    if name in material.catalogue.flows:
        raise SdmxmigError(f"There is a dataflow {name} already.", hint="Choose another id.")
    files = dict(propose(material.tables, name, FlowKnowledge(material.catalogue.flows[TEMPLATE], material.recogniser)))
    tried = tried_with(files, material, name=name, area=area, folder=folder)
    if tried.open and folder is not None:
        answers = Answers(workbook.name, name)
        files[draft_file(answers)] = write_answers(answers)
    else:
        files[f"mappings/{workbook.stem}.toml"] = mapping_text(tried, material).encode()
    for path, content in sorted(files.items()):
        if path.endswith(".csv"):
            say_formulas(path, content)
    if folder is None:
        for path, content in sorted(files.items()):
            show_text(f"# {path}\n{content.decode()}\n")
    else:
        publish_all(files, folder)
        stage("map", f"{len(files)} files in {folder}: look at the names of codes, they are the labels of the table")
    say_tried(tried)
    if folder is not None:
        next_step(f"sdmxmig show {name} --workspace", folder)
    return FINDINGS if tried.open else OK


def tried_with(
    files: Mapping[str, bytes], material: Material, name: str, area: str, folder: Path | None
) -> TriedProposal:
    from sdmxmig.catalogue import load
    from sdmxmig.workspace.proposals import propose

    with tempfile.TemporaryDirectory(prefix="sdmxmig-") as place:
        beside = Path(place)
        for own_folder in OWN:
            if folder is not None and (folder / own_folder).is_dir():
                shutil.copytree(folder / own_folder, beside / own_folder)
        for path, content in files.items():
            (beside / path).parent.mkdir(parents=True, exist_ok=True)
            (beside / path).write_bytes(content)
        tried = propose(material.tables, name, load(beside), material.recogniser, area=area)
    if not tried.proposal.mapping.blocks:
        reasons = "; ".join(question.chosen.reason for question in tried.questions if question.part == "sheet")
        raise SdmxmigError(f"No mapping to {name} fits the table.", hint=reasons)
    return tried


def publish_all(files: Mapping[str, bytes], folder: Path) -> None:
    for path in sorted(files):
        if (folder / path).exists():
            raise SdmxmigError(f"There is a file {folder / path} already.", hint="Choose another id, or remove it.")
    add_files(folder, files, "-o FOLDER")
