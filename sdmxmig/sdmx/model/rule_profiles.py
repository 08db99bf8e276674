"""Profiles of rules: which rules an agency or a country wants, how grave they are, and with which parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSetting:
    """What a profile says of one rule: its severity, single parameters, and dataflows on which it runs besides.

    What is empty stays as the rule declares it.
    """

    rule: str
    severity: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    flows: tuple[str, ...] = ()
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class RuleProfile:
    """Which rules run on data for an agency or of a country, declared in `structures/rule_profiles/`.

    `only` are the rules that run, empty for all; `off` those that do not, `settings` what is otherwise than declared.
    """

    id: str
    name: Text
    _: KW_ONLY
    description: Text = Text()
    only: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    settings: tuple[RuleSetting, ...] = ()
    status: str = "candidate"
    source: str = ""
    place: Place | None = field(default=None, compare=False)
