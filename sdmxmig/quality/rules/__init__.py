"""Kinds of rules: each is a function that looks at a dataset and says which observations break a rule.

A kind is registered under a name, and declarations in `structures/rules/` use it with their own parameters:

    @KINDS.add("CODE-IN-LIST")
    def code_in_list(check: Check) -> Iterable[Fault | NotTestable]: ...

It works on whole columns: row positions in, row positions out. What it cannot decide it says as `NotTestable`, with
a reason that `reasons.because` makes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.catalogue.accounting.identities import Identity
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.plugins import Kind
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.findings import Fault, NotTestable, Rule
from sdmxmig.sdmx.model.flow_metadata import FlowMetadata
from sdmxmig.statistics.demography.amounts import Amounts
from sdmxmig.statistics.demography.ledger import Book
from sdmxmig.statistics.demography.outside_data import Outside
from sdmxmig.statistics.demography.revisions import EarlierRelease


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """What a kind of rule is given: the rule, the dataset, and what else it may look at.

    `others` are the datasets of other flows that are validated together with this one; `books` are all of these as
    accounts read them, that of the dataset first. `flows` are all flows by id, for the names of what is not reported.
    `beside` are the rules that run on the dataset, `rules` all that there are by id, for what they declare of totals.
    `unused_cells` are those of its tables that a mapping leaves out (``file``, ``sheet``, ``row``, ``column``,
    ``reason``), None where it is not known. `prepared` is the day on which the data are prepared, as 2026-01-31; empty
    where it is not known. `prepared_at` is that with the time. `previous` are the earlier releases of the dataset,
    oldest first; none where nobody gave any that holds it. `metadata` is what reference metadata say of the dataflow.
    `outside` are data of others, such as what partner countries report of the same moves.
    """

    rule: Rule
    dataset: Dataset
    _: KW_ONLY
    books: tuple[Book, ...]
    others: tuple[Dataset, ...] = ()
    identities: tuple[Identity, ...] = ()
    flows: Mapping[str, Flow] = field(default_factory=dict)
    beside: tuple[Rule, ...] = ()
    rules: Mapping[str, Rule] = field(default_factory=dict)
    unused_cells: pl.DataFrame | None = None
    prepared: str = ""
    prepared_at: str = ""
    previous: tuple[EarlierRelease, ...] = ()
    metadata: FlowMetadata = field(default_factory=FlowMetadata)
    outside: Outside = field(default_factory=Outside)

    @property
    def frame(self) -> pl.DataFrame:
        """The observations with all their columns, and their position `row`."""
        return self.books[0].frame

    @property
    def amounts(self) -> Amounts:
        """The observations with what they amount to; worked out once, when a rule asks for it."""
        return self.books[0].amounts

    @property
    def parameters(self) -> Declared:
        """The parameters of the rule, read by type; a wrong one is a `DeclarationError` at its key."""
        place = self.rule.place or Place(self.rule.id)
        key = f"{place.key}.parameters" if place.key else f"{self.rule.id}.parameters"
        return Declared(self.rule.parameters, Place(place.file, key=key))


KindOfRule = Callable[[Check], Iterable[Fault | NotTestable]]
KINDS: Kind[KindOfRule] = Kind("sdmxmig.quality.rules")


def describe_kinds() -> dict[str, str]:
    """The first sentence about each kind of rule, by its name."""
    return {name: (KINDS[name].__doc__ or "").strip().partition("\n")[0] for name in KINDS}
