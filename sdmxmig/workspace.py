"""Workspaces: the folder of a country, with its tables, mappings, profile and what is made of them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from sdmxmig.declarations import Declared
from sdmxmig.errors import InputError, SdmxmigError
from sdmxmig.intake.files import read_bytes
from sdmxmig.model.artefacts import Text
from sdmxmig.places import Place

COUNTRY_FILE, PROFILE_FILE = "country.toml", "profile.toml"
DECLARED = ("codelists", "structures")
"""The folders of declarations that a workspace, or a release of artefacts, may have."""
AREA = re.compile(r"^[A-Z]{2}$")
LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
ORGANISATION = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*$")


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder of a country: who it is, whom it reports to, and the files that stand there, sorted by name.

    `sender` and `receiver` are organisation ids for the header of messages; `test` marks messages as tests. `profile`
    is None where the folder has no ``profile.toml``.
    """

    folder: Path
    area: str
    name: Text
    office: Text
    language: str
    sender: str
    receiver: str
    test: bool
    tables: tuple[Path, ...]
    mappings: tuple[Path, ...]
    profile: Path | None

    @property
    def out(self) -> Path:
        """Where results are written."""
        return self.folder / "out"


def open_workspace(folder: Path) -> Workspace:
    """Read a workspace: its ``country.toml``, and which files it has.

    Raises `SdmxmigError` if the folder is none, and `DeclarationError` naming the key if ``country.toml`` says
    something that cannot be.
    """
    path = folder / COUNTRY_FILE
    if not os.access(folder, os.X_OK) and folder.is_dir():
        hint = "Ask for the right to read it, or copy it."
        raise InputError("The folder may not be read.", Place(str(folder)), hint)
    if not path.is_file():
        message = f"“{folder}” is not a workspace: there is no {COUNTRY_FILE} in it."
        if folder.is_file():
            hint = f"Name the folder of the workspace, such as {folder.parent}."
            raise SdmxmigError(f"“{folder}” is a file, not a workspace.", hint=hint)
        if not folder.is_dir():
            message = f"There is no folder “{folder}”."
        raise SdmxmigError(message, hint=f"Make a workspace with: sdmxmig init {folder}")
    declared = Declared.parse(str(path), read_bytes(path))
    country, header = declared.table("country", required=True), declared.table("message", required=True)
    profile = folder / PROFILE_FILE
    workspace = Workspace(
        folder=folder,
        area=country.shaped("area", AREA, "Write the two capital letters of ISO 3166-1, such as GE."),
        name=country.texts("name", required=True),
        office=country.texts("office", required=True),
        language=country.shaped("language", LANGUAGE, "Write a language tag, such as en, fr or ar."),
        sender=header.shaped("sender", ORGANISATION, "Write an id of letters and digits, such as GE1."),
        receiver=header.shaped("receiver", ORGANISATION, "Write an id of letters and digits, such as UNSD."),
        test=header.flag("test", default=True),
        tables=_files(folder / "tables", "*"),
        mappings=_files(folder / "mappings", "*.toml"),
        profile=profile if profile.is_file() else None,
    )
    for table in (country, header, declared):
        table.close()
    return workspace


def check_declares(folder: Path) -> None:
    """Refuse a folder that is no workspace and declares nothing; raises `SdmxmigError`."""
    if not (folder / COUNTRY_FILE).is_file() and not any((folder / one).is_dir() for one in DECLARED):
        message = f"“{folder}” is not a workspace: there is no {COUNTRY_FILE}, {' or '.join(DECLARED)} in it."
        raise SdmxmigError(message, hint=f"Make a workspace with: sdmxmig init {folder}")


def _files(folder: Path, pattern: str) -> tuple[Path, ...]:
    """The files of a folder by name, without those that a program has put beside an open document."""
    if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
        hint = "Ask for the right to read it, or copy it."
        raise InputError("The folder may not be read.", Place(str(folder)), hint)
    found = tuple(path for path in sorted(folder.glob(pattern)) if path.is_file() and path.name[0] not in ".~")
    for path in found:
        shown = path.name.encode(errors="replace").decode()
        if shown != path.name:  # results name their files, in UTF-8
            raise InputError("The name of this file is not UTF-8.", Place(str(folder / shown)), "Rename it.")
    return found
