"""Reversible conversion of foreign ids: invalid characters become codes, as in SQL/XML and .NET.

``A01.1`` becomes ``A01_x002E_1``. The result depends only on the id, so references stay consistent.
"""

from __future__ import annotations

import re

IN_IDS = r"[A-Za-z0-9_@$\-]+"
IN_NAMES = r"[A-Za-z][A-Za-z0-9_\-]*"
BEFORE = "ID_"
ORIGINAL_ID = "ORIGINAL_ID"
"""The annotation that keeps the id of something that is spelt otherwise."""
NO_ID, NO_NAME = re.compile(r"[^A-Za-z0-9_@$\-]"), re.compile(r"[^A-Za-z0-9_\-]")


def spelt(original: str, *, name: bool = False) -> str:
    """Convert an id; `name` also requires a leading letter and excludes @ and $.

    >>> spelt("A01.1"), spelt("2ND.AREA", name=True), spelt("F4_1")
    ('A01_x002E_1', 'ID_2ND_x002E_AREA', 'F4_1')
    """
    spelling = (NO_NAME if name else NO_ID).sub(lambda sign: f"_x{ord(sign[0]):04X}_", original)
    return f"{BEFORE}{spelling}" if name and not re.match("[A-Za-z]", spelling) else spelling


def spelt_agency(original: str) -> str:
    """Convert an agency id; dots separate agencies.

    >>> spelt_agency("ESTAT.A1"), spelt_agency("4F0")
    ('ESTAT.A1', 'ID_4F0')
    """
    return ".".join(spelt(part, name=True) for part in original.split(".")) if original else ""
