"""Workspaces: the folder of a country, with its tables, mappings, profile and what is made of them."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from sdmxmig.declarations import Declared
from sdmxmig.errors import DeclarationError, InputError, SdmxmigError, did_you_mean
from sdmxmig.intake.files import read_bytes
from sdmxmig.model.artefacts import Text
from sdmxmig.model.profile import Answer, BenchmarkItem, Profile, Scale
from sdmxmig.places import Place

COUNTRY_FILE, PROFILE_FILE = "country.toml", "profile.toml"
AREA = re.compile(r"^[A-Z]{2}$")
LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
ORGANISATION = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*$")
YEAR = re.compile(r"^\d{4}$")
MARKS = ("A", "B")
INDICATOR_SCALE = "AVAIL"


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
        area=_shaped(country, "area", AREA, "Write the two capital letters of ISO 3166-1, such as GE."),
        name=country.texts("name", required=True),
        office=country.texts("office", required=True),
        language=_shaped(country, "language", LANGUAGE, "Write a language tag, such as en, fr or ar."),
        sender=_shaped(header, "sender", ORGANISATION, "Write an id of letters and digits, such as GE1."),
        receiver=_shaped(header, "receiver", ORGANISATION, "Write an id of letters and digits, such as UNSD."),
        test=header.flag("test", default=True),
        tables=_files(folder / "tables", "*"),
        mappings=_files(folder / "mappings", "*.toml"),
        profile=profile if profile.is_file() else None,
    )
    for table in (country, header, declared):
        table.close()
    return workspace


def _files(folder: Path, pattern: str) -> tuple[Path, ...]:
    """The files of a folder by name, without those that a program has put beside an open document."""
    if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
        hint = "Ask for the right to read it, or copy it."
        raise InputError("The folder may not be read.", Place(str(folder)), hint)
    return tuple(path for path in sorted(folder.glob(pattern)) if path.is_file() and path.name[0] not in ".~")


def _shaped(declared: Declared, key: str, shape: re.Pattern[str], hint: str) -> str:
    value = declared.text(key)
    if not shape.fullmatch(value):
        raise DeclarationError(f"“{value}” cannot be the {key}.", declared.at(key), hint)
    return value


def read_profile(
    name: str,
    content: bytes,
    items: Mapping[str, BenchmarkItem],
    indicators: Collection[str],
    scales: Mapping[str, Scale],
) -> Profile:
    """Read what a country answers to the benchmarking items, and which indicators it declares to produce.

    Raises `DeclarationError` with the key and the nearest known name for an item, an indicator, an answer or a source
    that does not exist.
    """
    declared = Declared.parse(name, content)
    sources = declared.table("sources").pairs()
    by_item = {item.id: _scale(scales, item.scale) for item in items.values()}
    by_indicator = {indicator: _scale(scales, INDICATOR_SCALE) for indicator in indicators}
    profile = Profile(
        area=_shaped(declared, "area", AREA, "Write the two capital letters of ISO 3166-1, such as GE."),
        year=_shaped(declared, "year", YEAR, "Write a year, such as 2024."),
        answers=_answers(declared.table("items"), "benchmarking item", by_item, sources),
        indicators=_answers(declared.table("indicators"), "indicator", by_indicator, sources),
        sources=sources,
        signed_off=declared.text("signed_off", ""),
        place=declared.place,
    )
    declared.close()
    return profile


def _scale(scales: Mapping[str, Scale], scale_id: str) -> Scale:
    if scale_id not in scales:
        raise DeclarationError(f"There is no answer scale “{scale_id}”.", hint=did_you_mean(scale_id, scales))
    return scales[scale_id]


def _answers(declared: Declared, kind: str, asked: Mapping[str, Scale], sources: Collection[str]) -> dict[str, Answer]:
    """The answers of one part of a profile, in the order in which they are asked."""
    for key in declared.values:
        _check_known(key, kind, asked, declared.at(key))
    return {key: _answer(declared.table(key), key, asked[key], sources) for key in asked if key in declared.values}


def _check_known(name: str, kind: str, known: Collection[str], place: Place) -> None:
    if name not in known:
        raise DeclarationError(f"There is no {kind} “{name}”.", place, did_you_mean(name, known))


def _answer(declared: Declared, key: str, scale: Scale, known_sources: Collection[str]) -> Answer:
    """One answer; what is not known is left out of the file, so an empty answer is not a mistake."""
    answer, mark = declared.text("answer", ""), declared.text("mark", "")
    codes = [code for code, _ in scale.labels]
    if answer and answer not in codes:
        hint = f"Its codes are: {', '.join(codes)}."
        raise DeclarationError(f"“{answer}” is not an answer of the scale {scale.id}.", declared.at("answer"), hint)
    if mark and mark not in MARKS:
        hint = "Write A for what was read in a publication of the office, B for what others quote of it."
        raise DeclarationError(f"“{mark}” is not a mark.", declared.at("mark"), hint)
    sources = declared.strings("sources")
    for source in sources:
        _check_known(source, "source", known_sources, declared.at("sources"))
    found = Answer(key, answer, declared.texts("practice"), sources, mark, declared.place)
    declared.close()
    return found
