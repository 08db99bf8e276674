"""Rules in VTL 2.1 for use in other systems.

A translation handles one kind of rule:

@TRANSLATIONS.add("NOT-NEGATIVE") def counts_are_not_negative(subject: Subject) -> Iterable[Part]: ...

Unsupported rules raise `NotExpressibleError` with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sdmxmig.catalogue.accounting import Identity
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.plugins import Kind
from sdmxmig.quality.vtl.syntax import strip_markup
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Rule


class NotExpressibleError(Exception):
    """A rule cannot be expressed in VTL; `reason` is a sentence of `templates/vtl/words.csv`."""

    def __init__(self, reason: str, **names: str) -> None:
        super().__init__(reason.format(**names))
        self.reason = reason
        self.names = names


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A rule and a dataflow; `filled` are dataflows with data."""

    rule: Rule
    flow: Flow
    flows: Mapping[str, Flow]
    filled: Collection[str] = ()
    identities: tuple[Identity, ...] = ()

    @property
    def name(self) -> str:
        """Return the name of this rule's results for this dataflow.

        >>> from types import SimpleNamespace as Named
        >>> Subject(rule=Named(id="SUM-1"), flow=Named(id="DF_POP"), flows={}).name
        'SUM_1_DF_POP'
        """
        return strip_markup(f"{self.rule.id} {self.flow.id}")

    @property
    def parameters(self) -> Declared:
        place = self.rule.place or Place(self.rule.id)
        return Declared(self.rule.parameters, Place(place.file, key=f"{place.key}.parameters"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A transformation; `persistent` results are kept."""

    result: str
    expression: str
    persistent: bool = False

    @property
    def statement(self) -> str:
        return f"{self.result} {'<-' if self.persistent else ':='} {self.expression};"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A test in VTL, with its datapoint rulesets by name.

    Result `name` has a row per figure with ``bool_var``, ``errorcode`` and ``errorlevel`` (3 error, 2 warning, 1
    information). `untested` may be empty.
    """

    name: str
    inputs: tuple[str, ...]
    assignments: tuple[Assignment, ...]
    rulesets: Mapping[str, str] = field(default_factory=dict)
    untested: str = ""


Translate = Callable[[Subject], Iterable[Part]]
TRANSLATIONS: Kind[Translate] = Kind("sdmxmig.quality.vtl")
