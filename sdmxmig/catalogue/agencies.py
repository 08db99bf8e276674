"""Receiving agencies from TOML."""

from __future__ import annotations

import string

from sdmxmig.declarations import Declared
from sdmxmig.errors import DeclarationError, did_you_mean
from sdmxmig.model.submission import Agency

FIELDS = ("flow", "area", "prepared", "suffix")


def read_agency(declared: Declared) -> Agency:
    """An agency from its TOML file; the pattern of file names may use flow, area, prepared and suffix."""
    agency = Agency(
        declared.text("id"),
        declared.texts("name", required=True),
        declared.strings("formats", None),
        declared.text("file_name"),
        declared.text("role", ""),
        declared.text("status"),
        declared.text("source"),
        declared.place,
    )
    declared.close()
    for _, field, _, _ in string.Formatter().parse(agency.file_name):
        if field is not None and field not in FIELDS:
            raise DeclarationError(
                f"“{{{field}}}” is not a part of a file name.", declared.at("file_name"), did_you_mean(field, FIELDS)
            )
    return agency
