"""Aliases of rules in other services (``structures/rule_aliases.csv``).

Columns: ``service``, ``version``, ``code``, ``rule``, ``status``, ``source``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path

from sdmxmig.primitives.errors import DeclarationError, check_known
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.findings import Rule
from sdmxmig.sdmx.statuses import checked_status

ALIASES_FILE = "rule_aliases.csv"
COLUMNS = ("service", "version", "code", "rule", "status", "source")


@dataclass(frozen=True, slots=True)
class RuleAlias:
    service: str
    version: tuple[int, ...]
    _: KW_ONLY
    code: str
    rule: str


def with_aliases(rules: Mapping[str, Rule], folders: Sequence[Path]) -> dict[str, Rule]:
    """Add aliases to rules, from the newest version of each service."""
    named = dict(rules)
    for rule_id, alias_by_service in newest(read_aliases(folders, rules)).items():
        if rule_id in named:
            named[rule_id] = replace(named[rule_id], aliases=alias_by_service)
    return named


def newest(aliases: Sequence[RuleAlias]) -> dict[str, dict[str, str]]:
    """By rule and service the code of the newest version that has one; several codes stand after each other."""
    codes: dict[tuple[str, str], tuple[tuple[int, ...], list[str]]] = {}
    for alias in aliases:
        version, listed = codes.get((alias.rule, alias.service), ((), []))
        if alias.version > version:
            codes[alias.rule, alias.service] = (alias.version, [alias.code])
        elif alias.version == version:
            listed.append(alias.code)
    by_rule: dict[str, dict[str, str]] = {}
    for (rule_id, service), (_, listed) in sorted(codes.items()):
        by_rule.setdefault(rule_id, {})[service] = ", ".join(listed)
    return by_rule


def read_aliases(folders: Sequence[Path], rules: Collection[str]) -> list[RuleAlias]:
    """Read rule aliases; raises `DeclarationError`."""
    path = next((folder / ALIASES_FILE for folder in folders if (folder / ALIASES_FILE).is_file()), None)
    if path is None:
        return []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise DeclarationError("The file is not UTF-8 text.", Place(path.name), "Save it as UTF-8.") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    if tuple(reader.fieldnames or ()) != COLUMNS:
        place = Place(path.name, line=1)
        raise DeclarationError("These are not the columns of aliases of rules.", place, f"Write: {','.join(COLUMNS)}.")
    known = rules if path.parent == folders[0] else None
    aliases = [alias_of(row, Place(path.name, line=reader.line_num), known) for row in reader]
    return [alias for alias in aliases if alias.rule]


def alias_of(row: Mapping[str, str], place: Place, rules: Collection[str] | None) -> RuleAlias:
    """One row of the table; `rules` are those that it may name, None for any."""
    if None in row or not (row["service"] and row["code"] and row["source"]):
        raise DeclarationError("A row names a service, its version, a code of it, and the source.", place)
    parts = row["version"].split(".")
    if not all(part.isdecimal() for part in parts):
        raise DeclarationError(f"“{row['version']}” is not a version.", place, "Write numbers and points, as in 1.55.")
    checked_status(row["status"], place, passage="")
    if row["rule"] and rules is not None:
        check_known("rule", row["rule"], rules, place)
    return RuleAlias(row["service"], tuple(int(part) for part in parts), code=row["code"], rule=row["rule"])
