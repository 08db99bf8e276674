"""Validation rules from TOML."""

from __future__ import annotations

from sdmxmig.declarations import Declared
from sdmxmig.errors import DeclarationError
from sdmxmig.model.findings import SEVERITIES, Rule


def read_rules(declared: Declared) -> list[Rule]:
    """The rules of one file; raises `DeclarationError` for an unknown key or severity."""
    rules = [rule_of(one) for one in declared.tables("rule")]
    declared.close()
    return rules


def rule_of(declared: Declared) -> Rule:
    """One validation rule from its table; an unknown severity is refused."""
    severity = declared.text("severity")
    if severity not in SEVERITIES:
        hint = f"Write one of: {', '.join(SEVERITIES)}."
        raise DeclarationError(f"“{severity}” is not a severity.", declared.at("severity"), hint)
    rule = Rule(
        declared.text("id"),
        declared.text("version"),
        kind=declared.text("kind"),
        level=declared.integer("level"),
        severity=severity,
        name=declared.texts("name", required=True),
        message=declared.texts("message", required=True),
        hint=declared.texts("hint"),
        parameters=dict(declared.table("parameters").values),
        identities=declared.strings("identities"),
        status=declared.text("status", "candidate"),
        source=declared.text("source", ""),
        aliases=declared.table("aliases").pairs(),
        form_hint=declared.texts("form_hint"),
        place=declared.place,
        always=declared.flag("always", default=False),
    )
    declared.close()
    return rule
