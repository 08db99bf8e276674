"""Accounting identities as they are declared in `structures/accounts.toml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from decimal import Decimal, InvalidOperation

from sdmxmig.declarations import Declared
from sdmxmig.demography.equations import Equation, Summand, Vocabulary, equation
from sdmxmig.errors import DeclarationError, did_you_mean
from sdmxmig.model.artefacts import Text
from sdmxmig.places import Place

ANY = "ITEM"
"""Stands in an equation for each of the identity's items."""
ENDS = ("start", "end")
KINDS = ("account", "balance", "sum", "zero", "derived", "mirror", "bound")
"""Accounts of a resident population; other accounts; parts of a total; what must be nothing; what follows from others;
two reports of one thing; what cannot be less."""
TOLERANCE = "0.0005"


@dataclass(frozen=True, slots=True)
class Held:
    """Where an item of accounts is found when no account reports it: in which flow, and with which codes there.

    `at` is ``start`` or ``end`` for what is counted on a day at the start or end of the period, empty for events;
    `next` names the item at the start of the next period that is the same count; `day` is the code of REF_DATE where
    the flow itself says on which day it counts.
    """

    item: str
    flow: str = ""
    _: KW_ONLY
    codes: tuple[tuple[str, str], ...] = ()
    at: str = ""
    next: str = ""
    day: str = ""
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """What must hold between items of accounts: one equation, or several of one kind.

    `account` is the flow that reports all items together; `held` says where each of them is found otherwise.
    `population` restricts the identity to those codes; `each` to one of several codes; `by` are dimensions beyond
    those of the population that its terms have in common, such as the country at the other end of a corridor.
    `tolerance` is a share of the population at the start, or of the left side where there is none.
    """

    id: str
    name: Text
    _: KW_ONLY
    account: str
    equations: tuple[Equation, ...]
    held: Mapping[str, Held]
    population: tuple[tuple[str, str], ...] = ()
    each: tuple[tuple[str, tuple[str, ...]], ...] = ()
    by: tuple[str, ...] = ()
    kind: str = "account"
    tolerance: Decimal = Decimal(TOLERANCE)
    description: Text = Text()
    status: str = "candidate"
    source: str = ""
    place: Place | None = field(default=None, compare=False)

    @property
    def is_account(self) -> bool:
        """Whether it is the account of a resident population, as a whole or of a group by birth and citizenship."""
        return self.kind == "account"

    @property
    def start(self) -> Held | None:
        """The item at the start of the period from which that at its end follows; None if there is none."""
        first = self.equations[0]
        ends = self.held[first.left.item].at == "end"
        starts = (self.held[term.item] for term in first.terms if self.held[term.item].at == "start")
        return next(starts, None) if ends else None

    @property
    def items(self) -> tuple[str, ...]:
        """Every item of its equations, in their order."""
        return tuple(dict.fromkeys(term.item for equation in self.equations for term in equation.all_terms))

    @property
    def flows(self) -> frozenset[str]:
        """The flows in which its items are found."""
        return frozenset({self.account, *(self.held[item].flow for item in self.items)} - {""})


def parse_identities(
    name: str, content: bytes, hierarchies: Mapping[str, Sequence[str]] | None = None
) -> tuple[Identity, ...]:
    """The accounting identities of a file, in the order in which they are declared.

    `hierarchies` are the codes below the top of each hierarchy that an equation may name. Raises `DeclarationError`
    with file and key if one is incomplete, cannot be read, is declared twice or names an item that is not declared.
    """
    declared = Declared.parse(name, content)
    account = declared.text("account", "")
    words = Vocabulary(hierarchies or {}, declared.table("key").pairs())
    items = declared.table("item")
    held = {item: held_of(item, items.table(item)) for item in items.values}
    for one in held.values():
        if one.next and one.next not in held:
            raise DeclarationError(f"There is no item “{one.next}”.", one.place, did_you_mean(one.next, held))
    found = tuple(identity_of(one, account, held, words) for one in declared.tables("identity"))
    declared.close()
    ids = [identity.id for identity in found]
    for identity in found:
        if ids.count(identity.id) > 1:
            raise DeclarationError(f"The identity {identity.id} is declared twice.", identity.place)
    return found


def held_of(item: str, declared: Declared) -> Held:
    """Where one item of an identity is found: flow, codes and moment, which is start or end; others are refused."""
    found = Held(
        item,
        declared.text("flow", ""),
        codes=tuple(declared.table("codes").pairs().items()),
        at=declared.text("at", ""),
        next=declared.text("next", ""),
        day=declared.text("day", ""),
        place=declared.place,
    )
    if found.at and found.at not in ENDS:
        raise DeclarationError(f"“{found.at}” is no end of a period.", declared.at("at"), "Write start or end.")
    declared.close()
    return found


def identity_of(declared: Declared, account: str, held: Mapping[str, Held], words: Vocabulary) -> Identity:
    """One accounting identity from its table; an unknown kind or item is refused."""
    each = declared.table("each")
    identity = Identity(
        declared.text("id"),
        declared.texts("name", required=True),
        account=declared.text("account", account),
        equations=equations_of(declared, words),
        held=held,
        population=tuple(declared.table("population").pairs().items()),
        each=tuple((dimension, codes_of(each, dimension, words)) for dimension in each.values),
        by=declared.strings("by"),
        kind=declared.text("kind", "account"),
        tolerance=tolerance_of(declared),
        description=declared.texts("description"),
        status=declared.text("status", "candidate"),
        source=declared.text("source", ""),
        place=declared.place,
    )
    if identity.kind not in KINDS:
        hint = f"Write one of: {', '.join(KINDS)}."
        raise DeclarationError(f"“{identity.kind}” is no kind of identity.", declared.at("kind"), hint)
    for item in identity.items:
        if item not in held:
            hint = did_you_mean(item, held)
            raise DeclarationError(f"There is no item “{item}”.", declared.at("equation"), hint)
    declared.close()
    return identity


def codes_of(each: Declared, dimension: str, words: Vocabulary) -> tuple[str, ...]:
    """The codes of a dimension for each of which an identity holds: a list, or those of a hierarchy."""
    if isinstance(each.values[dimension], str):
        name = each.text(dimension)
        if name not in words.hierarchies:
            hint = did_you_mean(name, words.hierarchies)
            raise DeclarationError(f"There is no hierarchy “{name}”.", each.at(dimension), hint)
        return tuple(words.hierarchies[name])
    return each.strings(dimension)


def equations_of(declared: Declared, words: Vocabulary) -> tuple[Equation, ...]:
    """The equations of an identity; one in which ITEM stands is made for each of its items."""
    written = [declared.text("equation")] if isinstance(declared.values.get("equation", ""), str) else []
    written = written or list(declared.strings("equation"))
    items = declared.strings("items")
    found: list[Equation] = []
    for text in written:
        one = equation(text, words, declared.at("equation"))
        if any(term.item == ANY for term in one.all_terms):
            found += [with_item(one, item) for item in items]
        else:
            found.append(one)
    if not found:
        hint = 'Write them, such as items = ["POP_BEG"].'
        raise DeclarationError(f"No items are named for {ANY}.", declared.at("items"), hint)
    return tuple(found)


def with_item(one: Equation, item: str) -> Equation:
    """The equation with an item in place of ITEM."""

    def put(term: Summand) -> Summand:
        if term.item != ANY:
            return term
        return replace(term, item=item, written=term.written.replace(ANY, item, 1))

    return Equation(
        put(one.left),
        tuple(map(put, one.terms)),
        divisor=tuple(map(put, one.divisor)),
        number=one.number,
        comparison=one.comparison,
        written=one.written.replace(ANY, item),
    )


def tolerance_of(declared: Declared) -> Decimal:
    """The tolerance of an identity, a decimal number in quotes; anything else is refused."""
    written = declared.text("tolerance", TOLERANCE)
    try:
        return Decimal(written)
    except InvalidOperation:
        hint = 'Write a share, such as "0.0005".'
        raise DeclarationError(f"“{written}” is not a number.", declared.at("tolerance"), hint) from None
