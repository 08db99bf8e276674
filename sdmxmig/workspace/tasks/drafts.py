"""Tables on their way to a mapping: what is answered so far, which mappings read which sheets, and saving one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.conversion.mapping.texts import matches
from sdmxmig.conversion.suggestion.answers import Answers, check_answers, write_answers
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.io.publishing.proposals import check_proposal, publish_proposal
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.workspace.folder import DRAFTS
from sdmxmig.workspace.tasks.proposing import mapping_text
from sdmxmig.workspace.tasks.safe_names import not_a_device
from sdmxmig.workspace.tasks.talk import quoted

if TYPE_CHECKING:
    from sdmxmig.sdmx.model.data import Flow, Mapping
    from sdmxmig.sdmx.model.tables import Table
    from sdmxmig.workspace.proposals import TriedProposal
    from sdmxmig.workspace.tasks.proposing import Material
    from sdmxmig.workspace.tasks.session import Session

MAPPINGS = "mappings"
NO_NAME = re.compile(r"[^\w-]+")
LONGEST = 60
"""So many letters the name of a file has that is made of those of a table and its sheets."""
NAME = re.compile(r"[^\W_][\w-]{0,99}")


def name_for(table: str, sheets: Sequence[str]) -> str:
    """What a mapping of some sheets of a table is called.

    >>> name_for("Stocks 2024.xlsx", ()), name_for("stocks.xlsx", ("Table 1",))
    ('stocks-2024', 'stocks-table-1')
    """
    words = [NO_NAME.sub("-", word).strip("-_").lower() for word in (Path(table).stem, *sheets)]
    name = "-".join(filter(None, words)) or "table"
    if len(name) <= LONGEST:
        return not_a_device(name)
    digest = hashlib.sha256(name.encode()).hexdigest()[:6]
    return f"{name[: LONGEST - 7].rstrip('-')}-{digest}"


def draft_file(answers: Answers) -> str:
    """The file of answers about some sheets of a table that are to become a dataflow, by its path in the workspace."""
    return f"{DRAFTS}/{name_for(answers.table, answers.sheets)}.{answers.flow}.toml"


def read_draft(folder: Path, about: Answers, flow: Flow) -> Answers:
    """What was answered so far about the same sheets and dataflow; nothing if there is no such file."""
    path = folder / draft_file(about)
    if not path.is_file():
        return about
    answers = check_answers(path.name, read_bytes(path), flow)
    if (answers.table, answers.flow, answers.sheets) != (about.table, about.flow, about.sheets):
        raise SdmxmigError(f"{path.name} holds answers about other tables.", hint="Rename the file, or take it away.")
    return answers


def write_draft(folder: Path, answers: Answers) -> None:
    """Keep answers in the workspace; without any, the file goes."""
    path = folder / draft_file(answers)
    if answers.decisions:
        path.parent.mkdir(exist_ok=True)
        publish_file(path, write_answers(answers))
    else:
        path.unlink(missing_ok=True)


def mapping_file(folder: Path, answers: Answers, mappings: Iterable[tuple[str, str]]) -> str:
    """The name of the mapping file of some sheets; `mappings` are the files that are there, each with its dataflow.

    A file of that name for another dataflow stays, and this one is called after its own dataflow too.
    """
    name = name_for(answers.table, answers.sheets)
    flows = dict(mappings)
    if (folder / MAPPINGS / f"{name}.toml").exists() and flows.get(f"{name}.toml") != answers.flow:
        name = f"{name}-{answers.flow.removeprefix('DF_').lower().replace('_', '-')}"
    return f"{MAPPINGS}/{name}.toml"


def checked_mapping_file(text: str) -> str:
    """The path of the mapping file that somebody has named; raises `SdmxmigError` for what is no name."""
    name = text.strip().removesuffix(".toml")
    if not NAME.fullmatch(name):
        hint = "Write letters, digits and hyphens, such as stocks-2024."
        raise SdmxmigError(f"“{text}” is no name of a mapping.", hint=hint)
    return f"{MAPPINGS}/{not_a_device(name)}.toml"


def save_mapping(path: Path, tried: TriedProposal, material: Material, *, replace_edited: bool = False) -> None:
    """Write the mapping of a proposal, as ``sdmxmig map -o`` writes it.

    Raises `OutputError` rather than replace a file that somebody has edited, unless that is wanted.
    """
    if not replace_edited:
        check_proposal(path, "another name")
    path.parent.mkdir(exist_ok=True)
    publish_proposal(path, mapping_text(tried, material, path).encode(), "another name")


def map_command_line(session: Session, answers: Answers, *, is_answered: bool, target: str = "") -> str:
    """The command that makes the same proposal, and with a target the same mapping file."""
    folder = session.workspace.folder
    words = ["sdmxmig map", quoted(folder / "tables" / answers.table)]
    if is_answered:
        words += ["--read", quoted(folder / draft_file(answers))]
    else:
        words += [answers.flow, *(f"--sheet {quoted(sheet)}" for sheet in answers.sheets)]
    words += ["--area", session.workspace.country.area, "--workspace", quoted(folder)]
    return " ".join(filter(None, [*words, *(["-o", quoted(folder / target)] if target else [])]))


def mappings_reading(table: Table, mappings: Iterable[Mapping]) -> list[Mapping]:
    """The mappings with a block that reads a sheet."""
    return [
        mapping
        for mapping in mappings
        if matches(table.file, mapping.file) and any(matches(table.sheet, block.sheet) for block in mapping.blocks)
    ]
