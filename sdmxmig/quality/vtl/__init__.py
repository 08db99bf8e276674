"""Rules as programs of VTL, the language of the SDMX community for validation, so that others can run them.

A translation says, for one kind of rule, what its rules are in VTL 2.1; it reads their parameters, so that a new rule
of a known kind is exported by itself:

    @TRANSLATIONS.add("NOT-NEGATIVE")
    def not_negative(subject: Subject) -> Iterable[Part]: ...

What VTL cannot say is raised as `NotExpressibleError`, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from sdmxmig.catalogue.accounting.identities import Identity
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.plugins import Kind
from sdmxmig.quality.vtl.syntax import plain
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Rule


class NotExpressibleError(Exception):
    """A rule, or what it says of one dataflow, cannot be written in VTL.

    `reason` is a sentence of `templates/vtl/words.csv`, `names` is what stands in it in braces.
    """

    def __init__(self, reason: str, **names: str) -> None:
        super().__init__(reason.format(**names))
        self.reason = reason
        self.names = names


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A rule and the dataflow for which it is to be said in VTL.

    `flows` are all dataflows by id, `filled` the ids of those of which there are data, `identities` those of accounts.
    """

    rule: Rule
    flow: Flow
    flows: Mapping[str, Flow]
    filled: Collection[str] = ()
    identities: tuple[Identity, ...] = ()

    @property
    def name(self) -> str:
        """How results of this rule for this dataflow are called.

        >>> from types import SimpleNamespace as Named
        >>> Subject(rule=Named(id="SUM-1"), flow=Named(id="DF_POP"), flows={}).name
        'SUM_1_DF_POP'
        """
        return plain(f"{self.rule.id} {self.flow.id}")

    @property
    def parameters(self) -> Declared:
        """The parameters of the rule, read by type."""
        place = self.rule.place or Place(self.rule.id)
        return Declared(self.rule.parameters, Place(place.file, key=f"{place.key}.parameters"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One transformation: the name of its result and the expression; a `persistent` result is kept."""

    result: str
    expression: str
    persistent: bool = False

    @property
    def statement(self) -> str:
        """The transformation as a script has it."""
        return f"{self.result} {'<-' if self.persistent else ':='} {self.expression};"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruleset:
    """A datapoint ruleset: conditions on single observations; or a hierarchical one: codes that add up to others."""

    name: str
    definition: str
    kind: str = "datapoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One test of a rule: what it takes and how its result is made.

    `inputs` are the dataflows whose data it needs. The result `name` has one row for each figure that was tested, with
    ``bool_var`` (whether it holds), ``errorcode`` (the id of the rule) and ``errorlevel`` (3 error, 2 warning,
    1 information). `untested` is the result with the figures that could not be tested; empty where there are none.
    """

    name: str
    inputs: tuple[str, ...]
    assignments: tuple[Assignment, ...]
    rulesets: tuple[Ruleset, ...] = ()
    untested: str = ""


Translate = Callable[[Subject], Iterable[Part]]
TRANSLATIONS: Kind[Translate] = Kind("sdmxmig.quality.vtl")
