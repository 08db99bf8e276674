"""Delimiters of text tables."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from itertools import islice
from pathlib import PurePath

LIKELY = ("\t", ";", "|", ",")
LOOK_AT = 200
TABBED = (".tsv", ".tab")
NAMED = re.compile(r'"?sep=([^\r\n"])"?\s*(?:\r|\n|$)', re.IGNORECASE)
NEARLY = 0.1


def delimiter_of(name: str, head: str) -> str:
    r"""Detect the delimiter: ``sep=;`` line, tab by file name, or the most regular one.

    >>> delimiter_of("a.csv", "Year;Men;Women\n2023;1 793,8;1 942,5\n"), delimiter_of("a.csv", "sep=|\nA|B;C\n")
    (';', '|')
    """
    if delimiter := named_delimiter(head):
        return delimiter
    if PurePath(name).suffix.lower() in TABBED and "\t" in head:
        return "\t"
    shares = {sign: _share(head, sign) for sign in LIKELY}
    best = max(shares.values())
    return next(sign for sign in LIKELY if shares[sign] >= best - NEARLY) if best else ","


def named_delimiter(head: str) -> str:
    match = NAMED.match(head)
    return match[1] if match else ""


def _share(head: str, sign: str) -> float:
    try:
        records = list(islice(csv.reader(io.StringIO(head, newline=""), delimiter=sign), LOOK_AT))
    except csv.Error:
        return 0.0
    widths = Counter(len(fields) for fields in records if any(fields))
    many = max((times for width, times in widths.items() if width > 1), default=0)
    return many / max(1, widths.total())
