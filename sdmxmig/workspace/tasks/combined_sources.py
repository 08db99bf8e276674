"""Sources of a combination."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TypeVar

from sdmxmig.catalogue import Catalogue
from sdmxmig.conversion.mapping.block_keys import hint_for_code
from sdmxmig.io.intake.files import open_file
from sdmxmig.primitives.errors import DeclarationError, SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.files import explain_trouble, open_table
from sdmxmig.records.reading import check_area
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.workspace.tasks.record_files import digest

Thing = TypeVar("Thing")
NAME = re.compile("[A-Za-z][A-Za-z0-9_-]{0,40}")
AREA = re.compile("[A-Z0-9_]{1,20}")
SOURCES = "CL_SRC_TYPE"
UNIVERSE = "universe"
STATED = {
    "UNIT_MEASURE": "CL_UNIT_MEASURE",
    "AGEDEF": "CL_AGEDEF",
    "REF_DATE": "CL_REF_DATE",
    "RES_RULE": "CL_RES_RULE",
    "DUR_BASIS": "CL_DUR_BASIS",
    UNIVERSE: "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source: file, type, version, legal basis; `about` is what it counts."""

    name: str
    path: Path
    type: str
    version: str
    legal_basis: str
    sha256: str
    is_simulated: bool = False
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Product:
    name: str
    area: str
    _: KW_ONLY
    legal_basis: str
    attributes: Mapping[str, str]
    sources: Mapping[str, Source]
    folder: Path


def read_product(declared: Declared, folder: Path, catalogue: Catalogue) -> Product:
    """Read the product and sources.

    Raises `DeclarationError` for duplicates and unreadable files.
    """
    sources: dict[str, Source] = {}
    for table in declared.tables("source"):
        with add_error_context("Source", table):
            source = read_source(table, folder, catalogue)
            check_new(source, sources, table)
        sources[source.name] = source
    if not sources:
        raise DeclarationError("There is no source.", declared.at("source"), "Add [[source]] with name, file and type.")
    attributes = declared.table("attributes").pairs()
    for name in attributes:
        if name in STATED:
            check_code(attributes[name], STATED[name], declared.table("attributes"), name, catalogue)
    return Product(
        declared.text("name"),
        read_area(declared, catalogue),
        legal_basis=declared.text("legal_basis", ""),
        attributes=attributes,
        sources=sources,
        folder=folder,
    )


def check_new(source: Source, sources: Mapping[str, Source], declared: Declared) -> None:
    """Reject a source with the name or content of another one."""
    if source.name in sources:
        hint = "Give each its own name."
        raise DeclarationError(f"There are two sources “{source.name}”.", declared.at("name"), hint)
    for other in sources.values():
        if other.sha256 == source.sha256:
            raise DeclarationError(
                f"{other.name} and {source.name} are the same: their files do not differ.",
                declared.at("file"),
                "Name a source once, and use its table in several steps.",
            )


@contextmanager
def add_error_context(what: str, declared: Declared) -> Iterator[None]:
    try:
        yield
    except SdmxmigError as error:
        name = declared.values.get("name", "without a name")
        place = error.place or declared.at("kind")
        raise DeclarationError(f"{what} {name}: {error.message}", place, error.hint) from None


def read_area(declared: Declared, catalogue: Catalogue) -> str:
    area = declared.shaped("area", AREA, "Write the code of the country from CL_AREA.")
    try:
        check_area(area, catalogue)
    except SdmxmigError as error:
        raise DeclarationError(error.message, declared.at("area"), error.hint) from None
    return area


def read_source(declared: Declared, folder: Path, catalogue: Catalogue) -> Source:
    declared.shaped("name", NAME, "Begin the name with a letter, and use only letters, digits, - and _.")
    type_ = declared.text("type")
    check_code(type_, SOURCES, declared, "type", catalogue)
    file = declared.text("file")
    if not file.isprintable():
        hint = 'Write / between folders: "data/register.csv".'
        raise DeclarationError("“file” contains a character that file names cannot have.", declared.at("file"), hint)
    path = folder / file
    with open_file(path):
        sha256 = digest(path)
    about = declared.table("about")
    stated = {key: about.text(key).strip() for key in STATED if key in about.values}
    about.close()
    for key, value in stated.items():
        check_code(value, STATED[key], about, key, catalogue)
    return declared.read(
        Source, path=path, legal_basis=declared.text("legal_basis", ""), sha256=sha256, is_simulated=False, about=stated
    )


def check_code(code: str, list_name: str, declared: Declared, key: str, catalogue: Catalogue) -> None:
    if not list_name:
        return
    codes = catalogue.item_scheme(list_name)
    if code not in codes:
        hint = hint_for_code(code, codes, key)
        raise DeclarationError(f"“{code}” is not a code of {list_name}.", declared.at(key), hint)


def differences(sources: Iterable[Source]) -> dict[str, dict[str, str]]:
    stated = {name: {source.name: source.about[name] for source in sources if name in source.about} for name in STATED}
    return {name: values for name, values in stated.items() if len(set(map(str.casefold, values.values()))) > 1}


def difference_words(name: str, values: Mapping[str, str]) -> str:
    return f"{name} ({', '.join(f'{source} {value}' for source, value in values.items())})"


def source_table(path: Path) -> pl.DataFrame:
    scan = open_table(path)
    try:
        texts = pl.col(pl.String).str.strip_chars()
        return scan.with_columns(pl.when(texts != "").then(texts).name.keep()).collect()
    except pl.exceptions.PolarsError:
        raise explain_trouble(path) from None


def drop_duplicates(things: Iterable[Thing]) -> tuple[Thing, ...]:
    return tuple(dict.fromkeys(things))


def select_sources(sources: Mapping[str, Source], names: Collection[str]) -> list[Source]:
    return [source for name, source in sources.items() if name in names]
