"""Identities declared in `structures/accounts.toml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from decimal import Decimal, InvalidOperation

from sdmxmig.catalogue.accounting.equations import Equation, EquationNames, Summand, equation
from sdmxmig.primitives.errors import DeclarationError, check_known
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.statuses import checked_status

ANY = "ITEM"
ENDS = ("start", "end")
KINDS = ("account", "balance", "sum", "zero", "derived", "mirror", "bound")
"""Kinds: population accounts, other accounts, parts, zeros, derived, duplicates, bounds."""
TOLERANCE = "0.0005"


@dataclass(frozen=True, slots=True)
class ItemSource:
    """The source of an item: flow and codes.

    `at`: ``start``, ``end`` or empty; `day` is a code of REF_DATE.
    """

    item: str
    flow: str = ""
    _: KW_ONLY
    codes: tuple[tuple[str, str], ...] = ()
    at: str = ""
    next: str = ""
    day: str = ""
    migration: bool = False
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """An accounting identity.

    `population` and `each` limit it; `tolerance` is a share of the population at start; `is_balanced`: used for
    balancing.
    """

    id: str
    name: Text
    _: KW_ONLY
    account: str
    equations: tuple[Equation, ...]
    item_sources: Mapping[str, ItemSource]
    population: tuple[tuple[str, str], ...] = ()
    each: tuple[tuple[str, tuple[str, ...]], ...] = ()
    by: tuple[str, ...] = ()
    kind: str = "account"
    tolerance: Decimal = Decimal(TOLERANCE)
    is_balanced: bool = False
    description: Text = Text()
    status: str = "candidate"
    source: str = ""
    place: Place | None = field(default=None, compare=False)

    @property
    def is_account(self) -> bool:
        return self.kind == "account"

    @property
    def start(self) -> ItemSource | None:
        first = self.equations[0]
        ends_period = self.item_sources[first.left.item].at == "end"
        starts = (self.item_sources[term.item] for term in first.terms if self.item_sources[term.item].at == "start")
        return next(starts, None) if ends_period else None

    @property
    def items(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(term.item for equation in self.equations for term in equation.all_terms))

    @property
    def flows(self) -> frozenset[str]:
        return frozenset({self.account, *(self.item_sources[item].flow for item in self.items)} - {""})


def parse_identities(
    name: str, content: bytes, hierarchies: Mapping[str, Sequence[str]] | None = None
) -> tuple[Identity, ...]:
    """Read identities; raises `DeclarationError` with file and key."""
    declared = Declared.parse_once(name, content)
    account = declared.text("account", "")
    words = EquationNames(hierarchies or {}, declared.table("key").pairs())
    items = declared.table("item")
    item_sources = {item: item_source_of(item, items.table(item)) for item in items.values}
    for item_source in item_sources.values():
        if item_source.next:
            check_known("item", item_source.next, item_sources, item_source.place)
    identities = tuple(identity_of(entry, account, item_sources, words) for entry in declared.tables("identity"))
    declared.close()
    ids = [identity.id for identity in identities]
    for identity in identities:
        if ids.count(identity.id) > 1:
            raise DeclarationError(f"The identity {identity.id} is declared twice.", identity.place)
    return identities


def item_source_of(item: str, declared: Declared) -> ItemSource:
    """Where one item of an identity is found: flow, codes and moment, which is start or end; others are refused."""
    item_source = ItemSource(
        item,
        declared.text("flow", ""),
        codes=tuple(declared.table("codes").pairs().items()),
        at=declared.text("at", ""),
        next=declared.text("next", ""),
        day=declared.text("day", ""),
        migration=declared.flag("migration", default=False),
        place=declared.place,
    )
    if item_source.at and item_source.at not in ENDS:
        raise DeclarationError(f"“{item_source.at}” is no end of a period.", declared.at("at"), "Write start or end.")
    declared.close()
    return item_source


def identity_of(
    declared: Declared, account: str, item_sources: Mapping[str, ItemSource], words: EquationNames
) -> Identity:
    """One accounting identity from its table; an unknown kind or item is refused."""
    each_table = declared.table("each")
    identity = Identity(
        declared.text("id"),
        declared.texts("name", required=True),
        account=declared.text("account", account),
        equations=equations_of(declared, words),
        item_sources=item_sources,
        population=tuple(declared.table("population").pairs().items()),
        each=tuple((dimension, codes_of(each_table, dimension, words)) for dimension in each_table.values),
        by=declared.strings("by"),
        kind=declared.text("kind", "account"),
        tolerance=tolerance_of(declared),
        is_balanced=declared.flag("balanced", default=declared.text("kind", "account") == "account"),
        description=declared.texts("description"),
        status=checked_status(
            declared.text("status", "candidate"), declared.at("status"), passage=declared.text("passage", "")
        ),
        source=declared.text("source", ""),
        place=declared.place,
    )
    if identity.kind not in KINDS:
        hint = f"Write one of: {', '.join(KINDS)}."
        raise DeclarationError(f"“{identity.kind}” is no kind of identity.", declared.at("kind"), hint)
    for item in identity.items:
        check_known("item", item, item_sources, declared.at("equation"))
    declared.close()
    return identity


def codes_of(each_table: Declared, dimension: str, words: EquationNames) -> tuple[str, ...]:
    if isinstance(each_table.values[dimension], str):
        name = each_table.text(dimension)
        check_known("hierarchy", name, words.hierarchies, each_table.at(dimension))
        return tuple(words.hierarchies[name])
    return each_table.strings(dimension)


def equations_of(declared: Declared, words: EquationNames) -> tuple[Equation, ...]:
    """The equations of an identity; one in which ITEM stands is made for each of its items."""
    texts = [declared.text("equation")] if isinstance(declared.values.get("equation", ""), str) else []
    texts = texts or list(declared.strings("equation"))
    items = declared.strings("items")
    equations: list[Equation] = []
    for text in texts:
        parsed = equation(text, words, declared.at("equation"))
        if any(term.item == ANY for term in parsed.all_terms):
            equations += [with_item(parsed, item) for item in items]
        else:
            equations.append(parsed)
    if not equations:
        hint = 'Write them, such as items = ["POP_BEG"].'
        raise DeclarationError(f"No items are named for {ANY}.", declared.at("items"), hint)
    return tuple(equations)


def with_item(pattern: Equation, item: str) -> Equation:
    """The equation with an item in place of ITEM."""

    def substituted(term: Summand) -> Summand:
        if term.item != ANY:
            return term
        return replace(term, item=item, written=term.written.replace(ANY, item, 1))

    return Equation(
        substituted(pattern.left),
        tuple(map(substituted, pattern.terms)),
        divisor=tuple(map(substituted, pattern.divisor)),
        number=pattern.number,
        comparison=pattern.comparison,
        written=pattern.written.replace(ANY, item),
    )


def tolerance_of(declared: Declared) -> Decimal:
    text = declared.text("tolerance", TOLERANCE)
    try:
        return Decimal(text)
    except InvalidOperation:
        hint = 'Write a share, such as "0.0005".'
        raise DeclarationError(f"“{text}” is not a number.", declared.at("tolerance"), hint) from None
