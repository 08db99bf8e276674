"""Portable file names."""

from __future__ import annotations

from pathlib import Path
from unicodedata import normalize

from sdmxmig.transmission.sealing.submission import is_part_name

DEVICES = frozenset(
    (
        "CON",
        "PRN",
        "AUX",
        "NUL",
        "CONIN$",
        "CONOUT$",
        *(f"{port}{n}" for port in ("COM", "LPT") for n in "0123456789¹²³"),
    )
)
LONGEST_BYTES = 200
"""Maximum bytes of a name in UTF-8; systems allow 255, but temporary names are longer."""


def composed(name: str) -> str:
    return normalize("NFC", name)


def not_a_device(name: str) -> str:
    """A name with a sign more if Windows would take it for a device.

    >>> not_a_device("con.csv"), not_a_device("Aux"), not_a_device("contracts.csv")
    ('con_.csv', 'Aux_', 'contracts.csv')
    """
    stem, stop, rest = name.partition(".")
    return f"{stem}_{stop}{rest}" if stem.rstrip(" ").upper() in DEVICES else name


def last_part(name: str, signs: int) -> str:
    name = name[-signs:]
    while len(name.encode(errors="replace")) > LONGEST_BYTES:
        name = name[1:]
    return name


def first_part(name: str, signs: int) -> str:
    name = name[:signs]
    while len(name.encode(errors="replace")) > LONGEST_BYTES:
        name = name[:-1]
    return name


def is_file_in(folder: Path, name: str) -> bool:
    path = folder / name
    return is_part_name(name) and path.is_file() and path.resolve().is_relative_to(folder.resolve())
