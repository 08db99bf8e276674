"""Names that every system takes for files: what somebody calls a thing is cut, composed, and never a device."""

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
"""What Windows takes for a device, such as the printer, whatever follows behind a full stop."""
LONGEST_BYTES = 200
"""So many bytes of UTF-8 a name has at most; systems take 255, and files that are being written have longer ones."""


def composed(name: str) -> str:
    """A name with letters and their accents as one sign each: some systems send them apart, and know them as others."""
    return normalize("NFC", name)


def not_a_device(name: str) -> str:
    """A name with a sign more if Windows would take it for a device.

    >>> not_a_device("con.csv"), not_a_device("Aux"), not_a_device("contracts.csv")
    ('con_.csv', 'Aux_', 'contracts.csv')
    """
    stem, stop, rest = name.partition(".")
    return f"{stem}_{stop}{rest}" if stem.rstrip(" ").upper() in DEVICES else name


def last_part(name: str, signs: int) -> str:
    """The end of a name, of so many signs and of no more bytes than systems take."""
    name = name[-signs:]
    while len(name.encode(errors="replace")) > LONGEST_BYTES:
        name = name[1:]
    return name


def first_part(name: str, signs: int) -> str:
    """The beginning of a name, of so many signs and of no more bytes than systems take."""
    name = name[:signs]
    while len(name.encode(errors="replace")) > LONGEST_BYTES:
        name = name[:-1]
    return name


def is_file_in(folder: Path, name: str) -> bool:
    """Whether this is the name of a file in a folder, and no link out of it."""
    path = folder / name
    return is_part_name(name) and path.is_file() and path.resolve().is_relative_to(folder.resolve())
