"""Receiving agencies from TOML."""

from __future__ import annotations

import re

from sdmxmig.blanks import blanks, filled
from sdmxmig.declarations import Declared
from sdmxmig.errors import DeclarationError, did_you_mean
from sdmxmig.model.submission import Agency
from sdmxmig.statuses import checked_status

FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
FIELDS = ("flow", "area", "prepared", "suffix")


def read_agency(declared: Declared) -> Agency:
    """An agency from its TOML file; the pattern of file names may use flow, area, prepared and suffix."""
    agency = Agency(
        declared.text("id"),
        declared.texts("name", required=True),
        formats=declared.strings("formats", None),
        file_name=declared.text("file_name"),
        role=declared.text("role", ""),
        status=checked_status(declared.text("status"), declared.at("status"), passage=declared.text("passage", "")),
        source=declared.text("source"),
        place=declared.place,
    )
    declared.close()
    for field in blanks(agency.file_name):
        if field not in FIELDS:
            raise DeclarationError(
                f"“{{{field}}}” is not a part of a file name.", declared.at("file_name"), did_you_mean(field, FIELDS)
            )
    if not FILE_NAME.fullmatch(filled(agency.file_name, dict.fromkeys(FIELDS, "x"))):
        hint = "Write letters, digits, dots, hyphens and underscores, and parts such as {flow}."
        raise DeclarationError(f"“{agency.file_name}” is not the name of a file.", declared.at("file_name"), hint)
    return agency
