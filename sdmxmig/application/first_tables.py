"""Workspaces that begin with a table of the office: the names they get, and what is written first."""

from __future__ import annotations

import re
from pathlib import Path

from sdmxmig.application.safe_names import composed, first_part, last_part, not_a_device
from sdmxmig.application.sheet_views import check_readable
from sdmxmig.errors import DeclarationError, SdmxmigError
from sdmxmig.mapping.meanings import country_list, country_names
from sdmxmig.places import Place
from sdmxmig.publishing.folders import WORK, make_folder
from sdmxmig.workspace import COUNTRY_FILE

NOT_IN_FOLDERS = re.compile(r"[^\w-]+")
NOT_IN_TABLES = re.compile(r"[^\w.() -]")
LONGEST_NAME = 100


def workspace_with_table(folder: Path, table: str, content: bytes, *, country: str) -> list[Path]:
    """Make a workspace with this table alone; `country` is a code or a name in any language.

    Raises `SdmxmigError`, and writes nothing, if the folder is not empty, the country is not known, or the table cannot
    be read.
    """
    area = country_code(country)
    name = table_name(table)
    check_readable(name, content)
    if folder.is_dir() and any(path.name != WORK for path in folder.iterdir()):
        raise SdmxmigError("This folder is not empty.", Place(str(folder)), "Name a new folder.")
    return make_folder(folder, {COUNTRY_FILE: country_file(area).encode(), f"tables/{name}": content}, "FOLDER")


def country_code(country: str) -> str:
    """The two letters of a country, by its code or its name in any language; raises `SdmxmigError` if it is none."""
    try:
        code = country_names().code(country)
    except DeclarationError as error:
        hint = f"{error.hint} Names in any language are known, and codes such as GE."
        raise SdmxmigError(f"There is no country “{country}”.", hint=hint) from error
    if not re.fullmatch("[A-Z]{2}", code):
        raise SdmxmigError(f"“{country}” is no country.", hint="Write its name, or two letters such as GE.")
    return code


def table_name(name: str) -> str:
    """The name under which a file of a stranger is kept: no path, no sign that a system takes for another.

    >>> table_name("stocks 2025; final?.xlsx")
    'stocks 2025_ final_.xlsx'
    """
    kept = last_part(NOT_IN_TABLES.sub("_", composed(name)).strip(". "), LONGEST_NAME).strip(". ")
    if not kept or "." not in kept:
        raise SdmxmigError(f"“{name}” is no name for a table.", hint="Give it one such as stocks.xlsx.")
    return not_a_device(kept)


def folder_called(name: str) -> str:
    """A name for the folder of a workspace, from what people call it; raises `SdmxmigError` if nothing is left.

    >>> folder_called("Stocks 2025 (final).xlsx"), folder_called("../etc"), folder_called("NUL")
    ('stocks-2025-final-xlsx', 'etc', 'nul_')
    """
    kept = first_part(NOT_IN_FOLDERS.sub("-", composed(name)).strip("-_").lower(), LONGEST_NAME).rstrip("-_")
    if not kept:
        raise SdmxmigError(f"“{name}” is no name for a folder.", hint="Give it one such as mycountry.")
    return not_a_device(kept)


def country_file(area: str) -> str:
    """The first ``country.toml`` of a workspace: what the list of countries calls this one, in every language.

    Letters and reports show these names to whoever gets them, and few people look whether they were written.
    """
    countries = country_list()
    names = countries[area].name.values if area in countries else (("en", area),)
    called = "\n".join(f'name.{language} = "{name}"' for language, name in names)
    return f"""# Who reports what to whom. Write the names of your country and office as you use them.
[country]
area = "{area}"
{called}
office.en = "Statistical office, {dict(names)["en"]}"
language = "en"

[message]
sender = "{area}1"
receiver = "UNSD"
"""
