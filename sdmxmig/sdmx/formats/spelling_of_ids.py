"""Ids of others as SDMX can spell them: signs that it does not take become their number, as SQL/XML and .NET do.

So ``A01.1`` becomes ``A01_x002E_1``. The spelling depends on nothing but the id, so that what refers to it is spelt
alike wherever it stands, and it can be undone.
"""

from __future__ import annotations

import re

IN_IDS = r"[A-Za-z0-9_@$\-]+"
"""What ids are made of."""
IN_NAMES = r"[A-Za-z][A-Za-z0-9_\-]*"
"""What the ids of components, concepts, their schemes and codelists are made of."""
BEFORE = "ID_"
"""Stands before what would begin with no letter."""
ORIGINAL_ID = "ORIGINAL_ID"
"""The annotation that keeps the id of something that is spelt otherwise."""
NO_ID, NO_NAME = re.compile(r"[^A-Za-z0-9_@$\-]"), re.compile(r"[^A-Za-z0-9_\-]")


def spelt(original: str, *, name: bool = False) -> str:
    """An id as SDMX can spell it; `name` if it has to begin with a letter and to do without @ and $.

    >>> spelt("A01.1"), spelt("2ND.AREA", name=True), spelt("F4_1")
    ('A01_x002E_1', 'ID_2ND_x002E_AREA', 'F4_1')
    """
    spelling = (NO_NAME if name else NO_ID).sub(lambda sign: f"_x{ord(sign[0]):04X}_", original)
    return f"{BEFORE}{spelling}" if name and not re.match("[A-Za-z]", spelling) else spelling


def spelt_agency(original: str) -> str:
    """The id of an agency, in which dots stand between agencies and their parts.

    >>> spelt_agency("ESTAT.A1"), spelt_agency("4F0")
    ('ESTAT.A1', 'ID_4F0')
    """
    return ".".join(spelt(part, name=True) for part in original.split(".")) if original else ""
