"""Validation rules from TOML."""

from __future__ import annotations

from collections.abc import Collection

from sdmxmig.declarations import Declared
from sdmxmig.errors import DeclarationError
from sdmxmig.model.findings import SEVERITIES, Rule
from sdmxmig.model.rule_ids import RuleId
from sdmxmig.places import Place
from sdmxmig.statuses import checked_status


def read_rules(declared: Declared) -> list[Rule]:
    """The rules of one file; raises `DeclarationError` for an unknown key or severity."""
    rules = [rule_of(rule) for rule in declared.tables("rule")]
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
        status=checked_status(
            declared.text("status", "candidate"), declared.at("status"), passage=declared.text("passage", "")
        ),
        source=declared.text("source", ""),
        form_hint=declared.texts("form_hint"),
        place=declared.place,
        always=declared.flag("always", default=False),
    )
    declared.close()
    return rule


def check_rules_of_code(declared_ids: Collection[str]) -> None:
    """Refuse declarations that lack a rule by which tables, questionnaires or profiles are judged while they are read.

    Without it what is wrong there would be passed over in silence.
    """
    missing = [rule_id for rule_id in RuleId if rule_id not in declared_ids]
    if missing:
        raise DeclarationError(
            f"What is read cannot be judged without these rules, which nothing declares: {', '.join(missing)}.",
            Place("structures/rules"),
            "Declare them there; a file in the folder of a workspace hides the whole shipped file of its name.",
        )
