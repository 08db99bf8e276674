"""Deterministic workbooks."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl import Workbook

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time that every part of an archive carries."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MOMENT = b"2000-01-01T00:00:00Z"
STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def free_title(existing: Iterable[str], wanted: str) -> str:
    folded = {title.casefold() for title in existing}
    title, number = wanted[:31], 1
    while title.casefold() in folded:
        number += 1
        title = f"{wanted[:27]} {number}"
    return title


def saved(workbook: Workbook) -> bytes:
    """The bytes of a workbook, the same each time: no clock in its properties or its archive."""
    buffer = io.BytesIO()
    workbook.save(buffer)
    stamped = io.BytesIO()
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(stamped, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == "docProps/core.xml":
                content = STAMP.sub(rb"\g<1>" + MOMENT, content)
            entry = zipfile.ZipInfo(info.filename, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # the same on every system
            target.writestr(entry, content)
    return stamped.getvalue()
