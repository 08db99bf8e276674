"""Accounting identities, declared in `structures/accounts.toml`, and their equations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path

from sdmxmig.catalogue.ages import find_same_ages
from sdmxmig.primitives.errors import DeclarationError, check_known, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Rule
from sdmxmig.sdmx.model.structures import Artefact, Hierarchy

EVERY_CODE = "*"
ANY_CODE = "ANY"
YOUNGER_AGE = "AGE-1"
UNKNOWN = "_U"
COHORT = re.compile(r"^(?P<ages>AGE|BORN|LEAST|MOST)-(?P<years>[1-9]\d?)$")
COMPARISONS = (">=", "<=", "=")
TERM_PATTERN = re.compile(
    r"\s*(?P<sign>[+−-])?\s*(?P<factor>\d+(?=[\s*·]))?[\s*·]*"
    r"(?P<item>[A-Z][A-Z0-9_]*)(?:\[(?P<key>[^\]]*)\])?(?P<optional>\?)?\s*"
)
DIVISION = re.compile(r"^(?P<above>.*?)/\s*(?:\((?P<below>.*)\)|(?P<number>[1-9]\d*))\s*$")
PARENTHESES = re.compile(r"^\s*\([^()]*\)\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPart:
    """A dimension of a key pattern; `rule` is empty, ``*``, ``ANY``, ``AGE-1``, ``AGE-5`` or ``@DIMENSION``."""

    dimension: str
    codes: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    rule: str = ""

    @property
    def is_sum(self) -> bool:
        return len(self.codes) > 1 or self.rule == EVERY_CODE


@lru_cache(maxsize=1024)
def find_cohort(key: tuple[KeyPart, ...]) -> tuple[str, int]:
    rules = (match for part in key if (match := COHORT.match(part.rule)))
    return next(((str(rule["ages"]), int(rule["years"])) for rule in rules), ("", 0))


@dataclass(frozen=True, slots=True)
class Summand:
    item: str
    factor: int = 1
    optional: bool = False
    key: tuple[KeyPart, ...] = ()
    written: str = ""

    @property
    def cohort(self) -> tuple[str, int]:
        return find_cohort(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation:
    left: Summand
    terms: tuple[Summand, ...]
    divisor: tuple[Summand, ...]
    number: int
    comparison: str
    written: str

    @property
    def all_terms(self) -> tuple[Summand, ...]:
        return (self.left, *self.terms, *self.divisor)

    @property
    def is_of_cohorts(self) -> bool:
        return any(part.rule == YOUNGER_AGE for term in self.all_terms for part in term.key)

    @property
    def years(self) -> int:
        years = {term.cohort[1] for term in self.terms}
        return years.pop() if len(years) == 1 else 0


@dataclass(frozen=True, slots=True)
class EquationNames:
    hierarchies: Mapping[str, Sequence[str]]
    keys: Mapping[str, str]


def parse_equation(text: str, words: EquationNames, place: Place) -> Equation:
    """Parse an equation; raise `DeclarationError` if invalid.

    >>> nothing = EquationNames({}, {})
    >>> net = parse_equation("NET_MIG = FLW_IMM - FLW_EMI", nothing, Place(""))
    >>> [(term.item, term.factor) for term in net.terms]
    [('FLW_IMM', 1), ('FLW_EMI', -1)]
    """
    comparison = next((sign for sign in COMPARISONS if f" {sign} " in text), "")
    sides = text.split(f" {comparison} ") if comparison else []
    if len(sides) != 2:
        hint = "Separate the two sides with “ = ”, “ >= ” or “ <= ”."
        raise DeclarationError(f"“{text}” is not an equation.", place, hint)
    division = DIVISION.match(sides[1])
    dividend, divisor_text = (division["above"], division["below"] or "") if division else (sides[1], "")
    dividend = dividend.strip()[1:-1] if PARENTHESES.match(dividend) else dividend
    number = int((division["number"] if division else None) or 1)
    first, *moved = list_summands(sides[0], words, place) or [Summand("")]
    if first.factor != 1 or not first.item:
        hint = "Begin with an item without a sign or factor."
        raise DeclarationError(f"The left side of “{text}” does not begin with an item.", place, hint)
    if moved and division:
        raise DeclarationError(
            f"“{text}” has a division and two items on its left.", place, "Keep one item on the left."
        )
    terms = [*list_summands(dividend, words, place), *(replace(term, factor=-term.factor) for term in moved)]
    return Equation(
        left=first,
        terms=tuple(terms),
        divisor=tuple(list_summands(divisor_text, words, place)),
        number=number,
        comparison=comparison,
        written=text,
    )


def list_summands(side: str, words: EquationNames, place: Place) -> list[Summand]:
    if side.strip() in ("", "0"):
        return []
    terms: list[Summand] = []
    position = 0
    while position < len(side):
        match = TERM_PATTERN.match(side, position)
        if not match or (terms and not match["sign"]):
            hint = "Separate items with + or -."
            raise DeclarationError(f"“{side[position:].strip()}” cannot be read in an equation.", place, hint)
        factor = int(match["factor"] or 1) * (-1 if match["sign"] in ("-", "−") else 1)
        key = parse_key(match["key"] or "", words, place)
        label = match["item"] + (f"[{match['key']}]" if match["key"] else "")
        terms.append(Summand(match["item"], factor, optional=bool(match["optional"]), key=key, written=label))
        position = match.end()
    return terms


def parse_key(text: str, words: EquationNames, place: Place) -> tuple[KeyPart, ...]:
    """Parse a key pattern: parts separated by commas, each ``DIMENSION=codes`` or the name of a pattern."""
    parts: list[KeyPart] = []
    for part_text in filter(None, (part.strip() for part in text.split(","))):
        dimension, equals, codes = part_text.partition("=")
        if equals:
            parts.append(parse_key_part(dimension.strip(), codes.strip(), words, place))
        elif part_text in words.keys:
            parts += parse_key(words.keys[part_text], words, place)
        else:
            raise DeclarationError(
                f"There is no key pattern “{part_text}”.", place, did_you_mean(part_text, words.keys)
            )
    return tuple(parts)


def parse_key_part(dimension: str, text: str, words: EquationNames, place: Place) -> KeyPart:
    if text in (EVERY_CODE, ANY_CODE) or COHORT.match(text) or text.startswith("@"):
        return KeyPart(dimension=dimension, rule=text)
    codes: list[str] = []
    optional: list[str] = []
    for code_text in (code.strip() for code in text.split("+")):
        if code_text.startswith("H_"):
            check_known("hierarchy", code_text, words.hierarchies, place)
            codes += words.hierarchies[code_text]
            optional += [code for code in words.hierarchies[code_text] if code == UNKNOWN]
        else:
            codes.append(code_text.removesuffix("?"))
            optional += [code_text.removesuffix("?")] if code_text.endswith("?") else []
    return KeyPart(dimension=dimension, codes=tuple(codes), optional=tuple(optional))


ANY_ITEM = "ITEM"
PERIOD_ENDS = ("start", "end")
ACCOUNT_KINDS = ("account", "balance", "sum", "zero", "derived", "mirror", "bound")
TOLERANCE = "0.0005"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSource:
    """The source of an item: dataflow and codes. `at` is ``start``, ``end`` or empty; `day` is a code of REF_DATE."""

    item: str
    flow: str = ""
    codes: tuple[tuple[str, str], ...] = ()
    at: str = ""
    next: str = ""
    day: str = ""
    migration: bool = False
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """An accounting identity.

    `population` and `each` limit it; `tolerance` is a share of the start population; `is_balanced` includes it in
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
    declared = Declared.parse_once(name, content)
    account = declared.text("account", "")
    words = EquationNames(hierarchies or {}, declared.table("key").pairs())
    items = declared.table("item")
    item_sources = {item: read_item_source(item, items.table(item)) for item in items.values}
    for item_source in item_sources.values():
        if item_source.next:
            check_known("item", item_source.next, item_sources, item_source.place)
    identities = tuple(read_identity(entry, account, item_sources, words) for entry in declared.tables("identity"))
    declared.close()
    ids = [identity.id for identity in identities]
    for identity in identities:
        if ids.count(identity.id) > 1:
            raise DeclarationError(f"The identity {identity.id} is declared twice.", identity.place)
    return identities


def read_item_source(item: str, declared: Declared) -> ItemSource:
    """Read the source of an item; raise `DeclarationError` for a time other than start or end."""
    item_source = declared.read(ItemSource, item=item, codes=tuple(declared.table("codes").pairs().items()))
    if item_source.at and item_source.at not in PERIOD_ENDS:
        raise DeclarationError(
            f"“{item_source.at}” is not an end of a period.", declared.at("at"), "Write start or end."
        )
    return item_source


def read_identity(
    declared: Declared, account: str, item_sources: Mapping[str, ItemSource], words: EquationNames
) -> Identity:
    each_table = declared.table("each")
    kind = declared.choice("kind", ACCOUNT_KINDS, default="account", called="a kind of identity")
    identity = declared.read(
        Identity,
        account=declared.text("account", account),
        equations=read_equations(declared, words),
        item_sources=item_sources,
        population=tuple(declared.table("population").pairs().items()),
        each=tuple((dimension, read_codes(each_table, dimension, words)) for dimension in each_table.values),
        tolerance=read_tolerance(declared),
        kind=kind,
        is_balanced=declared.flag("balanced", default=kind == "account"),
        status=declared.status("candidate"),
    )
    for item in identity.items:
        check_known("item", item, item_sources, declared.at("equation"))
    return identity


def read_codes(each_table: Declared, dimension: str, words: EquationNames) -> tuple[str, ...]:
    if isinstance(each_table.values[dimension], str):
        return tuple(words.hierarchies[each_table.known(dimension, "hierarchy", words.hierarchies)])
    return each_table.strings(dimension)


def read_equations(declared: Declared, words: EquationNames) -> tuple[Equation, ...]:
    """Read the equations of an identity; an equation with ITEM is repeated for each item."""
    texts = [declared.text("equation")] if isinstance(declared.values.get("equation", ""), str) else []
    texts = texts or list(declared.strings("equation"))
    items = declared.strings("items")
    equations: list[Equation] = []
    for text in texts:
        parsed = parse_equation(text, words, declared.at("equation"))
        if any(term.item == ANY_ITEM for term in parsed.all_terms):
            equations += [substitute_item(parsed, item) for item in items]
        else:
            equations.append(parsed)
    if not equations:
        hint = 'Write them, such as items = ["POP_BEG"].'
        raise DeclarationError(f"No items are named for {ANY_ITEM}.", declared.at("items"), hint)
    return tuple(equations)


def substitute_item(pattern: Equation, item: str) -> Equation:
    def substituted(term: Summand) -> Summand:
        if term.item != ANY_ITEM:
            return term
        return replace(term, item=item, written=term.written.replace(ANY_ITEM, item, 1))

    return Equation(
        left=substituted(pattern.left),
        terms=tuple(map(substituted, pattern.terms)),
        divisor=tuple(map(substituted, pattern.divisor)),
        number=pattern.number,
        comparison=pattern.comparison,
        written=pattern.written.replace(ANY_ITEM, item),
    )


def read_tolerance(declared: Declared) -> Decimal:
    text = declared.text("tolerance", TOLERANCE)
    try:
        return Decimal(text)
    except InvalidOperation:
        hint = 'Write a share, such as "0.0005".'
        raise DeclarationError(f"“{text}” is not a number.", declared.at("tolerance"), hint) from None


ACCOUNTS_FILE = "accounts.toml"
ITEM_DIMENSION = "ACC_ITEM"


def read_identities(
    folders: Sequence[Path], artefacts: Iterable[Artefact], flows: Mapping[str, Flow]
) -> tuple[Identity, ...]:
    path = next((folder / ACCOUNTS_FILE for folder in folders if (folder / ACCOUNTS_FILE).is_file()), None)
    if path is None:
        return ()
    identities = parse_identities(path.name, path.read_bytes(), index_second_level_codes(artefacts))
    for identity in identities:
        check_identity(identity, flows)
    return identities


def index_second_level_codes(artefacts: Iterable[Artefact]) -> dict[str, tuple[str, ...]]:
    hierarchies = (
        hierarchy for hierarchy in artefacts if isinstance(hierarchy, Hierarchy) and len(hierarchy.codes) == 1
    )
    return {
        hierarchy.ref.id: tuple(child.code.item for child in hierarchy.codes[0].children) for hierarchy in hierarchies
    }


def check_identity(identity: Identity, flows: Mapping[str, Flow]) -> None:
    """Raise `DeclarationError` if a term of an identity is not in any dataflow."""
    account = find_flow(identity.account, flows, identity.place)
    items = account.codelist(ITEM_DIMENSION)
    for item in identity.items:
        item_source = identity.item_sources[item]
        if item_source.flow:
            check_item_source(item_source, find_flow(item_source.flow, flows, item_source.place))
        elif items is not None and item not in items:
            hint = did_you_mean(item, items.ids)
            raise DeclarationError(f"“{item}” is not a code of {items.ref.short}.", identity.place, hint)
    for equation in identity.equations:
        for term in equation.all_terms:
            check_key(term, identity, flows)
    for dimension, codes in (*((name, (code,)) for name, code in identity.population), *identity.each):
        check_codes(KeyPart(dimension=dimension, codes=codes), account, identity.place)


def check_item_source(item_source: ItemSource, flow: Flow) -> None:
    for dimension, code in item_source.codes:
        check_codes(KeyPart(dimension=dimension, codes=(code,)), flow, item_source.place)


def check_key(term: Summand, identity: Identity, flows: Mapping[str, Flow]) -> None:
    term_flows = [flows[name] for name in (identity.account, identity.item_sources[term.item].flow) if name]
    for part in term.key:
        fitting = [flow for flow in term_flows if part.dimension in flow.structure.series_key]
        if not fitting:
            dimensions = [dimension for flow in term_flows for dimension in flow.structure.series_key]
            hint = did_you_mean(part.dimension, dimensions)
            raise DeclarationError(f"{term.item} has no dimension “{part.dimension}”.", identity.place, hint)
        check_codes(part, fitting[0], identity.place)


def check_codes(part: KeyPart, flow: Flow, place: Place | None) -> None:
    if part.dimension not in flow.structure.series_key:
        hint = did_you_mean(part.dimension, flow.structure.series_key)
        raise DeclarationError(f"{flow.id} has no dimension “{part.dimension}”.", place, hint)
    codelist = flow.codelist(part.dimension)
    for code in part.codes:
        if codelist is not None and code not in codelist:
            hint = did_you_mean(find_same_ages(code, codelist.ids) or code, codelist.ids)
            raise DeclarationError(f"“{code}” is not a code of {codelist.ref.short}.", place, hint)


def find_flow(name: str, flows: Mapping[str, Flow], place: Place | None) -> Flow:
    check_known("flow", name, flows, place)
    return flows[name]


def check_identity_rules(rules: Mapping[str, Rule], identities: Sequence[Identity]) -> None:
    identity_ids = [identity.id for identity in identities]
    for rule in rules.values():
        for identity_id in rule.identities:
            check_known("accounting identity", identity_id, identity_ids, rule.place)
