"""The keys of a file, recorded while its reader asks for them, by section and kind of value."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from made_pages.markdown import cell, code, table
from sdmxmig.sdmx.declarations import Declared

Asked = dict[tuple[str, str], set[str]]
"""Section and key, and what the value should be."""
MEANINGS = Path(__file__).with_name("meanings.toml")


@contextmanager
def asked_keys() -> Iterator[Asked]:
    """Note every key that is asked for meanwhile, whether it is there or not."""
    noted: Asked = {}
    ask = Declared._ask

    def note(self: Declared, key: str, kind: Any, wanted: str, default: Any) -> Any:
        section = re.sub(r"\[\d+\]", "", self.place.key)
        noted.setdefault((section, key), set()).add(wanted)
        return ask(self, key, kind, wanted, default)

    Declared._ask = note  # type: ignore[method-assign, assignment]
    try:
        yield noted
    finally:
        Declared._ask = ask  # type: ignore[method-assign]


def keys_of(read: Callable[[bytes], object], examples: Mapping[str, bytes]) -> Asked:
    """The keys that a reader asks for while it reads these examples."""
    with asked_keys() as noted:
        for content in examples.values():
            read(content)
    return noted


def meanings(file: str) -> dict[str, dict[str, str]]:
    """Return the meaning of each key of a file, by section."""
    found: dict[str, dict[str, str]] = tomllib.loads(MEANINGS.read_text(encoding="utf-8"))[file]
    return found


def key_tables(file: str, asked: Asked, heads: Mapping[str, str]) -> str:
    """Build a table of keys by section; raises `KeyError` for a key without stated meaning."""
    told = meanings(file)
    parts = []
    for section, head in heads.items():
        rows = [
            (code(key), " or ".join(sorted(cell(one) for one in asked[section, key])), told[section][key])
            for where, key in asked
            if where == section
        ]
        parts.append(f"## {head}\n\n{table(('key', 'value', 'means'), rows)}")
    return "\n".join(parts)
