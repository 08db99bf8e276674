"""The page of the rules: checks, severities, messages and dataflows."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from made_pages.markdown import cell, code, table
from sdmxmig.catalogue import Catalogue, load
from sdmxmig.quality.rules import KINDS
from sdmxmig.sdmx.model.findings import Rule

HEAD = """# Rules

Rules are declared in `structures/rules/`; workspaces and agencies can add their own. Words in braces are placeholders.
Correct an **error**, and correct or explain a **warning**. **Information** needs no action. Checks that did not run are
counted separately, never as passed. `sdmxmig show MIG-1-101` shows the same text.

"""
LEVELS = {
    0: "Level 0: before conversion",
    1: "Level 1: within one dataset",
    2: "Level 2: between datasets",
    3: "Level 3: with partner countries",
    4: "Level 4: with other statistics of the country",
    5: "Level 5: with other producers",
}


def page() -> str:
    """All rules by level, then the kinds that they use."""
    catalogue = load()
    parts = [HEAD]
    for level in sorted({rule.level for rule in catalogue.rules.values()}):
        rules = sorted((rule for rule in catalogue.rules.values() if rule.level == level), key=lambda rule: rule.id)
        parts.append(f"## {LEVELS.get(level, f'Level {level}')}\n")
        parts.extend(section(rule, catalogue) for rule in rules)
    parts.append("## Kinds of rules\n\nA kind is a Python function that checks a rule with its parameters.\n")
    parts.append(table(("kind", "check", "rules"), kinds(catalogue)))
    return "\n".join(parts)


def section(rule: Rule, catalogue: Catalogue) -> str:
    flows = sorted(name for name, flow in catalogue.flows.items() if rule.id in flow.dataflow.rules)
    where = "on every dataset" if rule.always else ", ".join(map(code, flows)) or "while tables or forms are read"
    rows = [
        ("message", cell(str(rule.message))),
        ("fix", cell(str(rule.hint))),
        ("severity, status", f"{rule.severity}, {rule.status}"),
        ("kind", code(rule.kind)),
        ("runs", where),
        ("codes of other services", ", ".join(f"{who} {code(name)}" for who, name in rule.aliases.items())),
    ]
    listed = table(("", ""), ((key, value) for key, value in rows if value))
    return f"### {rule.id}\n\n{cell(str(rule.name))}.\n\n{listed}"


def kinds(catalogue: Catalogue) -> Iterator[tuple[str, str, str]]:
    """Yield each kind with its first sentence and the rules that use it."""
    for name in KINDS:
        first = inspect.cleandoc(KINDS[name].__doc__ or "").split("\n\n")[0]
        using = sorted(rule.id for rule in catalogue.rules.values() if rule.kind == name)
        yield code(name), cell(first), ", ".join(f"[{one}](#{one.lower()})" for one in using)
