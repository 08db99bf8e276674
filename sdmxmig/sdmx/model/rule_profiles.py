"""Profiles of rules: selection, severities and parameters for an agency or country."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSetting:
    """The settings of one rule in a profile; empty values keep the declaration."""

    rule: str
    severity: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    flows: tuple[str, ...] = ()
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class RuleProfile:
    """A rule profile declared in `structures/rule_profiles/`.

    `only` empty means all.
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
