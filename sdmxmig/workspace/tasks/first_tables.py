"""New workspaces from first tables, and start files for the workbench on Linux, Windows and macOS.

The start file for Linux follows the Desktop Entry Specification 1.5.
"""

from __future__ import annotations

import csv
import io
import re
import shlex
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path, PurePath

from sdmxmig import catalogue
from sdmxmig.catalogue.folders import find_shipped_folder, list_search_path, read_word_table, read_words_in
from sdmxmig.catalogue.item_schemes import list_free_codes
from sdmxmig.conversion.mapping.meanings import load_areas, load_country_list
from sdmxmig.conversion.suggestion.new_flow import build_code, make_unique
from sdmxmig.conversion.suggestion.wording import name_codes
from sdmxmig.conversion.tables import list_suffixes
from sdmxmig.io.edited_toml import quote_text as toml_text
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.io.publishing.folders import WORK_FOLDER, make_folder
from sdmxmig.primitives.errors import DeclarationError, OutputError, SdmxmigError, check_known, write_count
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import choose_language
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data import Block, Flow, TableMapping
from sdmxmig.workspace.folder import COUNTRY_FILE, open_workspace
from sdmxmig.workspace.tasks.new_workspace import check_device_name, normalise_name
from sdmxmig.workspace.tasks.sheet_views import check_readable

NON_FOLDER_CHARACTERS = re.compile(r"[^\w-]+")
NON_FILE_CHARACTERS = re.compile(r"[^\w.() -]")
LONGEST_NAME = 100
MAX_NAME_BYTES = 200
"""Maximum bytes of a name in UTF-8; systems allow 255, but temporary names are longer."""
REFUSED_SUFFIXES = frozenset({".xlsb", ".parquet"})
"""Files that look like tables, with the remedy."""
DEFAULT_RECEIVER = "UNSD"
MADE_UP_AREA = "XA"
LISTS_OF_COUNTRIES = ("codelists/SDMX/CL_AREA.2.0+.csv", "codelists/SDMXMIG/CL_PARTNER.1.0.0+.csv")
"""The lists of a workspace to which a made-up country is added."""
AREA_LIST = "SDMX:CL_AREA(2.0)"
OWN_SOURCE = "our office"
ADDED_COLUMNS = "id,name_en,name_fr,name_es,name_ar,name_ru,name_zh,description_en,status,source"
ADDED_LIST = f",Our areas,,,,,,Parts of the country.,national,{OWN_SOURCE}"
ADDED_CODES = f",Our codes,,,,,,Codes of our tables.,national,{OWN_SOURCE}"
EXTENDED_LISTS = ("SDMXMIG:CL_AGE(1.0.0)", "SDMXMIG:CL_UNIT_MEASURE(1.0.0)")
"""Lists that a mapping extends by codes of a pattern: age groups and currencies."""


def read_tables(source: Path) -> tuple[Mapping[str, bytes], list[str]]:
    """Read the tables of a folder by name, with reasons for omitted files; raise `SdmxmigError` without tables."""
    suffixes = list_suffixes()
    paths = [
        path.relative_to(source)
        for path in sorted(source.rglob("*"))
        if path.suffix.lower() in suffixes | REFUSED_SUFFIXES and path.is_file()
    ]
    paths = [path for path in paths if not any(part.startswith((".", "~$")) for part in path.parts)]
    inside = Counter(path.parent for path in paths if len(path.parts) > 1)
    tables: dict[str, bytes] = {}
    left_out = [
        f"{write_count(number, 'table')} in {folder} left out: move them up." for folder, number in inside.items()
    ]
    for path in (source / path for path in paths if len(path.parts) == 1):
        try:
            name = name_table(path.name)
            if not path.resolve().is_relative_to(source.resolve()):
                raise SdmxmigError("It is a link to a file elsewhere.", hint="Copy that file here.")
            if same := next((other for other in tables if name_mapping(other) == name_mapping(name)), ""):
                raise SdmxmigError(f"{same} would have the same mapping.", hint="Rename one of the two.")
            content = read_bytes(path)
            check_readable(name, content)
        except SdmxmigError as error:
            left_out.append(f"{path.name} was left out: {error.message} {error.hint}")
            continue
        tables[name] = content
    if not tables:
        hint = " ".join((f"Name a folder with tables ({', '.join(sorted(suffixes))}).", *left_out))
        raise SdmxmigError("There is no readable table in this folder.", Place(str(source)), hint)
    return tables, left_out


def name_mapping(table: str) -> str:
    """Return the name of a table's mapping, normalised as by file systems."""
    return Path(table).stem.casefold()


def create_workspace_with_tables(
    folder: Path,
    tables: Mapping[str, bytes],
    *,
    country: str,
    office: str = "",
    receiver: str = "",
    is_made_up: bool = False,
    language: str = "",
) -> list[Path]:
    """Create a workspace with these tables; `country` is a code or a name in any language, `receiver` an agency.

    The default `language` is that of the country's name. With `is_made_up`, the name must not be that of a country, the
    code is one that ISO 3166-1 reserves for users, and all outputs state that the country is fictional. For a folder
    with content, an unknown country or unreadable tables, raises `SdmxmigError` and writes nothing.
    """
    if is_made_up:
        described = describe_made_up_country(country, office, receiver, check_language(language) or "en")
    else:
        area, spoken = find_country_code(country), check_language(language) or detect_name_language(country)
        described = {COUNTRY_FILE: write_country_file(area, office, receiver, spoken).encode()}
    contents = {f"tables/{name_table(name)}": content for name, content in tables.items()}
    for path, content in contents.items():
        check_readable(path.partition("/")[2], content)
    if folder.is_dir() and any(path.name != WORK_FOLDER for path in folder.iterdir()):
        raise SdmxmigError("This folder is not empty.", Place(str(folder)), "Name a new folder.")
    return make_folder(folder, {**described, **contents}, "the argument FOLDER")


def describe_made_up_country(name: str, office: str, receiver: str, language: str) -> dict[str, bytes]:
    called = " ".join(name.split())
    if not called or len(called) > LONGEST_NAME or not called.isprintable():
        raise SdmxmigError(
            "The fictional country needs a valid name.", hint=f"Write at most {LONGEST_NAME} characters."
        )
    if load_areas().candidates(called):
        hint = "Choose a name that is not the name of a country, or do not mark the country as fictional."
        raise SdmxmigError(f"“{called}” is a real country.", hint=hint)
    rows, note = io.StringIO(newline=""), "Made-up country; ISO 3166-1 leaves its code to users."
    csv.writer(rows, lineterminator="\n").writerows(
        (
            ("id", "name_en", "description_en", "status", "source"),
            ("", "Made-up countries", "They do not exist.", "national", "This workspace"),
            (MADE_UP_AREA, called, note, "national", "This workspace"),
        )
    )
    code_list = rows.getvalue().encode()
    described = f"""# A country that does not exist: every report says so, and its messages are tests.
[country]
area = "{MADE_UP_AREA}"
fictional = true
name.en = {toml_text(called)}
office.en = {toml_text(office or f"Statistical office, {called} (made up)")}
language = "{language}"

[message]
sender = "{MADE_UP_AREA}1"
receiver = "{find_receiver(receiver)}"
test = true
"""
    return {COUNTRY_FILE: described.encode(), **dict.fromkeys(LISTS_OF_COUNTRIES, code_list)}


def add_own_codes(folder: Path, names: Iterable[str], list_name: str = AREA_LIST) -> None:
    """Add labels to a list of a workspace; parts of a country get the first free user-assigned codes.

    Labels that the list knows get no other code. Raises `SdmxmigError`, and adds none, if too few codes are free.
    """
    codelist = catalogue.load(folder).item_scheme(list_name)
    unknown = [name for name in dict.fromkeys(names) if not name_codes(name, codelist)]
    if list_name == AREA_LIST:
        codes = [*list_free_codes(codelist, list_search_path("structures", folder))]
    else:
        codes = list[str]()
        for name in unknown:
            codes.append(make_unique(build_code(name) or "OWN", {*codelist.ids, *codes}))
    if len(unknown) > len(codes):
        message = f"{codelist.ref.short} has {len(codes)} codes left for users, but {len(unknown)} labels need one."
        hint = "Leave some of them out, or create a dataflow with this characteristic."
        raise SdmxmigError(message, Place(str(folder)), hint)
    head = ADDED_LIST if list_name == AREA_LIST else ADDED_CODES
    items = [Item(code, Text.of(en=name), status="national") for name, code in zip(unknown, codes, strict=False)]
    if items:
        add_items(folder / name_added_file(codelist), head, items)


def name_added_file(codelist: ItemScheme) -> str:
    return f"codelists/{codelist.ref.agency}/{codelist.ref.id}.{codelist.ref.version}+.csv"


def save_new_codes(folder: Path, mapping: TableMapping, flow: Flow) -> str:
    """Add the codes of a mapping that the lists of a workspace lack to them; return their names and files."""
    added = find_new_codes(folder, mapping, flow)
    for file, items in added.items():
        add_items(folder / file, ADDED_CODES, items)
    return describe_new_codes(added)


def find_new_codes(folder: Path | None, mapping: TableMapping, flow: Flow) -> dict[str, list[Item]]:
    """Return the codes of a mapping that the lists of a workspace, or the shipped ones, lack, by file."""
    known = catalogue.load(folder)
    used = {code for block in mapping.blocks for code in list_used_codes(block)}
    new: dict[str, list[Item]] = {}
    for listed in map(known.item_scheme, EXTENDED_LISTS):
        wider = next((each for each in flow.codelists.values() if each.ref == listed.ref), ())
        if items := [item for item in wider if item.id in used and item.id not in listed]:
            new[name_added_file(listed)] = items
    return new


def describe_new_codes(codes: Mapping[str, Sequence[Item]]) -> str:
    """Name codes and the files of their lists.

    >>> describe_new_codes({"codelists/SDMXMIG/CL_AGE.1.0.0+.csv": [Item("Y19T27", Text.of(en="19 to 27 years"))]})
    '19 to 27 years (Y19T27) in codelists/SDMXMIG/CL_AGE.1.0.0+.csv'
    """
    return "; ".join(
        f"{', '.join(f'{item.name} ({item.id})' for item in items)} in {file}" for file, items in codes.items()
    )


def list_used_codes(block: Block) -> Iterator[str]:
    yield from dict(block.fixed).values()
    for component_map in block.components:
        yield from dict(component_map.codes).values()


def add_items(path: Path, head: str, items: Sequence[Item]) -> None:
    """Add items to a list of codes of a workspace, which begins with `head` if it is new."""
    rows = read_bytes(path).decode("utf-8-sig").splitlines() if path.is_file() else [ADDED_COLUMNS, head]
    added = io.StringIO()
    writer = csv.DictWriter(added, next(csv.reader(rows)), restval="", extrasaction="ignore")
    for item in items:
        names = {f"name_{language}": name for language, name in item.name}
        writer.writerow({"id": item.id, **names, "status": item.status, "source": OWN_SOURCE})
    path.parent.mkdir(parents=True, exist_ok=True)
    publish_file(path, "\n".join([*rows, added.getvalue()]).encode())


class UnknownCountryError(SdmxmigError):
    """No country has this name; it may be fictional."""


def find_country_code(country: str) -> str:
    try:
        code = load_areas().code(country)
    except DeclarationError as error:
        hint = f"{error.hint} Names in any language are known, and codes such as GE."
        raise UnknownCountryError(f"There is no country “{country}”.", hint=hint) from error
    if not re.fullmatch("[A-Z]{2}", code):
        raise SdmxmigError(f"“{country}” is not a country.", hint="Write its name, or two letters such as GE.")
    return code


def name_table(name: str) -> str:
    """Return a safe file name for an uploaded file, without path or characters that a system rejects.

    >>> name_table("stocks 2025; final?.xlsx")
    'stocks 2025_ final_.xlsx'
    """
    kept = find_last_part(NON_FILE_CHARACTERS.sub("_", normalise_name(name)).strip(". ")).strip(". ")
    if not kept or "." not in kept:
        raise SdmxmigError(f"“{name}” cannot be the name of a table.", hint="Choose a name such as stocks.xlsx.")
    return check_device_name(kept)


def find_last_part(name: str) -> str:
    name = name[-LONGEST_NAME:]
    while len(name.encode(errors="replace")) > MAX_NAME_BYTES:
        name = name[1:]
    return name


def find_first_part(name: str) -> str:
    name = name[:LONGEST_NAME]
    while len(name.encode(errors="replace")) > MAX_NAME_BYTES:
        name = name[:-1]
    return name


def name_folder(name: str) -> str:
    """Build a folder name from a display name; raise `SdmxmigError` if no characters are left.

    >>> name_folder("Stocks 2025 (final).xlsx"), name_folder("../etc"), name_folder("NUL")
    ('stocks-2025-final-xlsx', 'etc', 'nul_')
    """
    kept = find_first_part(NON_FOLDER_CHARACTERS.sub("-", normalise_name(name)).strip("-_").lower()).rstrip("-_")
    if not kept:
        raise SdmxmigError(f"“{name}” cannot be the name of a folder.", hint="Choose a name such as mycountry.")
    return check_device_name(kept)


def detect_name_language(country: str) -> str:
    """Return the only language in which a country has this name; English for codes and ambiguous names.

    >>> [detect_name_language(name) for name in ("Sénégal", "Казахстан", "Ecuador", "EC", "Perú")]
    ['fr', 'ru', 'en', 'en', 'es']
    """
    name = " ".join(country.split()).casefold()
    names = index_country_names(find_country_code(country))
    languages = [language for language, called in names.items() if called.casefold() == name]
    return languages[0] if len(languages) == 1 else "en"


def check_language(language: str) -> str:
    """Return a language of outputs, or an empty text; raise `SdmxmigError` for other languages."""
    chosen = choose_language(language, read_word_table("web")) if language else ""
    if language and not chosen:
        check_known("language", language, read_word_table("web"))
    return chosen


def index_country_names(area: str) -> dict[str, str]:
    countries = load_country_list()
    return dict(countries[area].name.values if area in countries else (("en", area),))


def index_receivers() -> dict[str, Text]:
    files = sorted(find_shipped_folder("structures").glob("agencies/*.toml"))
    declared = (tomllib.loads(path.read_text(encoding="utf-8")) for path in files)
    return {each["id"]: Text.of(each["name"]) for each in declared}


def find_receiver(receiver: str) -> str:
    check_known("receiver", receiver or DEFAULT_RECEIVER, index_receivers())
    return receiver or DEFAULT_RECEIVER


def write_country_file(area: str, office: str = "", receiver: str = "", language: str = "en") -> str:
    names = index_country_names(area)
    called = "\n".join(f"name.{each} = {toml_text(name)}" for each, name in names.items())
    country, words = Text.of(names).in_language(language), read_words_in("submission", language)
    return f"""# Who reports what to whom. Write the names of your country and office as you use them.
[country]
area = {toml_text(area)}
{called}
office.{language} = {toml_text(office or words.say("Statistical office, {country}", country=country))}
language = "{language}"

[message]
sender = {toml_text(f"{area}1")}
receiver = "{find_receiver(receiver)}"
"""


WINDOWS, MACOS = "win32", "darwin"
"""Names of these systems in Python; all others follow the desktop specification of freedesktop.org."""
FILE_MODE = 0o755
"""Executable for everyone, writable for the owner."""
UNPRINTABLE = re.compile(r"[\0-\x1f\x7f\ud800-\udfff]")
SHELL_SIGNS = re.compile(r'(["`$\\])')


@dataclass(frozen=True, slots=True)
class StartFile:
    python: str
    folder: str
    _: KW_ONLY
    title: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        return (self.python, "-P", "-m", "sdmxmig", "open", "--clicked", self.folder)


def build_start(folder: Path, python: str) -> StartFile:
    folder = folder.resolve()
    if not folder.is_dir():
        raise SdmxmigError(f"There is no folder “{folder}”.", hint="Name a workspace, or a folder for new ones.")
    try:
        workspace = open_workspace(folder)
    except (SdmxmigError, OSError):
        return StartFile(python, str(folder))
    return StartFile(python, str(folder), title=workspace.country.name.in_language(workspace.country.language))


def build_start_file(start: StartFile, system: str) -> tuple[str, bytes]:
    """Return the name and content of the start file for a system."""
    for path in (start.python, start.folder):
        if UNPRINTABLE.search(path):
            message = "The path contains a line break or another character that a start file cannot contain."
            raise SdmxmigError(message, Place(ascii(path)), "Rename the folder.")
    name = NON_FOLDER_CHARACTERS.sub("-", PurePath(start.folder).name).strip("-_")[:LONGEST_NAME] or "workspaces"
    if system == WINDOWS:
        return f"sdmxmig-{name}.cmd", write_command_file(start).encode()
    if system == MACOS:
        return f"sdmxmig-{name}.command", f"#!/bin/sh\nexec {shlex.join(start.words)}\n".encode()
    return f"sdmxmig-{name}.desktop", write_desktop_entry(start).encode()


def write_desktop_entry(start: StartFile) -> str:
    """Write a desktop entry without a terminal, since the workbench is closed in the browser."""
    if "=" in start.python:
        message = "An entry of the desktop cannot name a program whose path has an equals sign."
        raise SdmxmigError(message, Place(start.python), "Install sdmxmig in a folder without it.")
    lines = {
        "Type": "Application",
        "Version": "1.5",
        "Name": quote_string(f"sdmxmig – {' '.join(start.title.split())}" if start.title else "sdmxmig"),
        "Comment": quote_string(start.folder),
        "TryExec": quote_string(start.python),
        "Exec": quote_string(" ".join(map(quote_argument, start.words))),
        "Icon": "x-office-spreadsheet",
        "Terminal": "false",
        "Categories": "Office;",
    }
    return "[Desktop Entry]\n" + "".join(f"{key}={value}\n" for key, value in lines.items())


def quote_argument(word: str) -> str:
    r"""Quote a word of ``Exec``: escape shell characters, and double percent signs.

    >>> print(quote_argument("50% of $x"))
    "50%% of \$x"
    """
    return '"' + SHELL_SIGNS.sub(r"\\\1", word).replace("%", "%%") + '"'


def quote_string(text: str) -> str:
    r"""Escape a value of a desktop entry by doubling backslashes.

    >>> print(quote_string("a\\b"))
    a\\b
    """
    return UNPRINTABLE.sub(" ", text).replace("\\", "\\\\")


def write_command_file(start: StartFile) -> str:
    words = " ".join(map(quote_windows_word, start.words))
    lines = ("@echo off", "setlocal DisableDelayedExpansion", "chcp 65001 >nul", words, "if errorlevel 1 pause")
    return "".join(f"{line}\r\n" for line in lines)


def quote_windows_word(word: str) -> str:
    r"""Quote a word of a command file: double percent signs and a final backslash.

    >>> print(quote_windows_word("D:\\"), quote_windows_word("100% sure & more"))
    "D:\\" "100%% sure & more"
    """
    if '"' in word:  # Windows has no such path
        raise SdmxmigError("The path has a quotation mark.", Place(word), "Rename the folder.")
    end = len(word) - len(word.rstrip("\\"))
    return '"' + word.replace("%", "%%") + "\\" * end + '"'


def write_start_file(folder: Path, name: str, content: bytes) -> Path:
    if not folder.is_dir():
        raise OutputError("There is no such folder.", Place(str(folder)), "Name another one, such as the desktop.")
    path = folder / name
    if path.exists() and (not path.is_file() or path.read_bytes() != content):
        raise OutputError("A file of this name already exists.", Place(str(path)), "Remove it first.")
    publish_file(path, content, "--shortcut FOLDER")
    path.chmod(FILE_MODE)
    return path
