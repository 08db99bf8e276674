"""Line numbers of keys in mapping files."""

from __future__ import annotations

import re
from collections import Counter

SECTION = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?")
KEY = re.compile(r"\s*(\"[^\"]*\"|'[^']*'|[A-Za-z0-9_-]+)\s*=")


def line_of_key(text: str, key: str) -> int:
    r"""Find the line of a key such as ``block[2].fixed.SEX``, else of its section, else 0.

    List items are counted from 1.

    >>> text = 'id = "M"\n[[block]]\nsheet = "*"\n[block.fixed]\nSEX = "_T"\n'
    >>> line_of_key(text, "block[1].fixed.SEX"), line_of_key(text, "block[1].fixed.AGE"), line_of_key(text, "flow")
    (5, 4, 0)
    """
    counts: Counter[str] = Counter()
    section, best, length = "", 0, 0
    for number, line in enumerate(text.splitlines(), start=1):
        if match := SECTION.fullmatch(line):
            name = match[2]
            if match[1] == "[[":
                counts[name] += 1
            section = numbered_section(name, counts)
            line_key = section
        elif match := KEY.match(line):
            name = match[1].strip("\"'")
            line_key = f"{section}.{name}" if section else name
        else:
            continue
        if len(line_key) > length and (key == line_key or key.startswith(f"{line_key}.")):
            best, length = number, len(line_key)
    return best


def numbered_section(name: str, counts: Counter[str]) -> str:
    parts, path = [], ""
    for part in name.split("."):
        path = f"{path}.{part}" if path else part
        parts.append(f"{part}[{counts[path]}]" if counts[path] else part)
    return ".".join(parts)
