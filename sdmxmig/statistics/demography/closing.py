"""Closing of accounts (class, residual, standard error), and net migration from population change.

No standard error is assumed by default. Rounding is added: to 100 persons, a variance of 100²/12.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from sdmxmig.catalogue.accounting import Equation, Identity, ItemSource
from sdmxmig.primitives.errors import DeclarationError, check_known
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.statistics.demography.accounts import (
    NOT_TESTABLE,
    TermCells,
    TracedAccount,
    compute_rounding,
    compute_total,
    mark_incomplete_accounts,
    trace,
)
from sdmxmig.statistics.demography.balancing import TEST_SIZE
from sdmxmig.statistics.demography.distributions import compute_chi_square_tail, compute_normal_quantile
from sdmxmig.statistics.demography.ledger import Book

VARIANCES_FILE = "variances.toml"
SOURCE_TYPE = "SRC_TYPE"
MIN_ERROR, MAX_ERROR = Decimal("1e-9"), Decimal("1e15")
"""Limits of standard errors; others are slips."""
UNIFORM_VARIANCE_DIVISOR = 12

Observation = tuple[str, int]
"""A flow, and the row of an observation in its dataset."""
BALANCED, ROUNDING, TOLERATED, UNBALANCED = "BALANCED", "ROUNDING", "TOLERATED", "UNBALANCED"
CONTRADICTED = "CONTRADICTED"
OUTCOME_CLASSES = (BALANCED, ROUNDING, TOLERATED, UNBALANCED, CONTRADICTED, NOT_TESTABLE)
STRICT_KINDS = ("zero", "bound")
PRECISE_OUTCOMES = (BALANCED, ROUNDING)
INTERVAL_LEVEL = 0.9
DIRECTION_SIGNS = (1, -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedError:
    """A stated error: in persons, relative, or fixed. `rounded_to` is in persons; `is_chosen` marks an assumption."""

    item: str
    codes: tuple[tuple[str, str], ...] = ()
    error: Decimal | None = None
    relative: Decimal | None = None
    fixed: bool = False
    rounded_to: Decimal | None = None
    source: str = ""
    is_chosen: bool = False
    place: Place | None = field(default=None, compare=False)

    def variance(self, value: Decimal) -> float:
        if self.fixed:
            return 0.0
        error = self.error if self.error is not None else (self.relative or Decimal(0)) * abs(value)
        return float(error) ** 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedFigure:
    """An observation used in accounts; `variance` is None if not stated."""

    item: str
    flow: str
    row: int
    area: str
    value: Decimal
    unit: Decimal
    codes: tuple[tuple[str, str], ...]
    stated: StatedError | None = None

    @property
    def variance(self) -> float | None:
        if self.stated is None:
            return None
        of_rounding = float(self.unit) ** 2 / UNIFORM_VARIANCE_DIVISOR if self.unit > 1 else 0.0
        return self.stated.variance(self.value) + of_rounding

    @property
    def source_type(self) -> str:
        return dict(self.codes).get(SOURCE_TYPE, "")


def parse_variances(name: str, content: bytes, items: Mapping[str, ItemSource]) -> tuple[StatedError, ...]:
    """Read stated errors, each with a source and `error`, `relative` or `fixed`; the last match applies."""
    declared = Declared.parse(name, content)
    stated = tuple(entry for table in declared.tables("variance") for entry in list_stated_errors(table, items))
    declared.close()
    if not stated:
        hint = 'Write [[variance]] with item, such as "FLW_EMI", relative, such as "0.1", and source.'
        raise DeclarationError("No standard error is stated here.", declared.place, hint)
    return stated


def list_stated_errors(table: Declared, items: Mapping[str, ItemSource]) -> tuple[StatedError, ...]:
    names = table.strings("items") or (table.text("item"),)
    for item in names:
        check_known("item", item, items, table.at("item"))
    codes = table.table("codes").pairs()
    source_type = table.text("source_type", "")
    error, relative, fixed = (
        read_positive_decimal(table, "error"),
        read_positive_decimal(table, "relative"),
        table.flag("fixed", default=False),
    )
    rounded_to, source = read_positive_decimal(table, "rounded_to"), table.text("source")
    table.close()
    if [error is not None, relative is not None, fixed].count(True) != 1:
        hint = 'Write error = "500" (persons), relative = "0.1" (a share of the figure), or fixed = true.'
        raise DeclarationError("State the uncertainty of the item once.", table.place, hint)
    codes |= {SOURCE_TYPE: source_type} if source_type else {}
    return tuple(
        StatedError(
            item=items[item].next or item,
            codes=tuple(codes.items()),
            error=error,
            relative=relative,
            fixed=fixed,
            rounded_to=rounded_to,
            source=source,
            place=table.place,
        )
        for item in names
    )


def read_positive_decimal(table: Declared, key: str) -> Decimal | None:
    text = table.text(key, "")
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(0)
    if not number.is_finite() or not MIN_ERROR <= number <= MAX_ERROR:
        hint = 'Write a number above 0 and up to 1e15 in quotes, such as "0.1"; for exact figures, write fixed = true.'
        raise DeclarationError(f"“{text}” is not a standard error.", table.at(key), hint)
    return number


def list_equal_errors(relative: Decimal, items: Mapping[str, ItemSource]) -> tuple[StatedError, ...]:
    source = "equal relative errors, as chosen"
    canonical = dict.fromkeys(source_of_item.next or item for item, source_of_item in items.items())
    return tuple(StatedError(item=item, relative=relative, source=source, is_chosen=True) for item in canonical)


def index_reported_figures(
    books: Iterable[Book], items: Mapping[Observation, str], stated: Sequence[StatedError]
) -> dict[Observation, ReportedFigure]:
    """Return observations in accounts with their stated errors, omitting those without a number."""
    rows_by_flow: dict[str, list[int]] = {}
    for flow, row in items:
        rows_by_flow.setdefault(flow, []).append(row)
    figures: dict[Observation, ReportedFigure] = {}
    for book in books:
        frame = book.amounts.frame.filter(pl.col("row").is_in(rows_by_flow.get(book.flow, [])))
        names = [name for name in (*book.dataset.flow.structure.key, SOURCE_TYPE) if name in frame.columns]
        for cell in frame.filter(pl.col("amount").is_not_null()).iter_rows(named=True):
            at = (book.flow, int(cell["row"]))
            codes = tuple((name, str(cell[name])) for name in names if cell[name] is not None)
            error = find_stated_error(items[at], dict(codes), stated)
            figures[at] = ReportedFigure(
                item=items[at],
                flow=book.flow,
                row=at[1],
                area=str(cell.get("REF_AREA") or ""),
                value=book.amounts.exact(cell["amount"]),
                unit=find_rounding_unit(book, cell, error),
                codes=codes,
                stated=error,
            )
    return figures


def find_rounding_unit(book: Book, cell: Mapping[str, Any], stated: StatedError | None) -> Decimal:
    """Return the rounding of a figure; trailing zeros count only if the precision is undeclared."""
    if stated is not None and stated.rounded_to is not None:
        return stated.rounded_to
    is_known = cell["DECIMALS"] is not None or (stated is not None and stated.fixed)
    return book.amounts.exact(cell["last_digit" if is_known else "printed_step"])


def find_stated_error(item: str, codes: Mapping[str, str], stated: Sequence[StatedError]) -> StatedError | None:
    fitting = (entry for entry in reversed(stated) if entry.item == item)
    return next((entry for entry in fitting if all(codes.get(name) == code for name, code in entry.codes)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountResult:
    """A test of an identity.

    `allowed` is the rounding; `error` is None if incomplete; `probability` is that of such a residual by chance.
    """

    test: TracedAccount
    identity: Identity
    result_class: str
    allowed: Decimal
    error: float | None = None
    probability: float | None = None

    @property
    def in_errors(self) -> float | None:
        residual = self.test.account.residual
        return None if residual is None or not self.error else float(residual) / self.error


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ClosedAccounts:
    results: tuple[AccountResult, ...]
    figures: Mapping[Observation, ReportedFigure]
    items: Mapping[Observation, str]


def close_accounts(
    books: Sequence[Book], identities: Sequence[Identity], area: str = "", stated: Sequence[StatedError] = ()
) -> ClosedAccounts:
    """Test identities for an area; `stated` standard errors decide contradictions."""
    tests = mark_incomplete_accounts(trace(books, identities, {area} if area else ()), identities)
    items = map_items(tests, identities)
    figures = index_reported_figures(books, items, stated)
    by_id = {identity.id: identity for identity in identities}
    return ClosedAccounts(
        results=tuple(classify_test(test, by_id[test.account.identity], figures) for test in tests),
        figures=figures,
        items=items,
    )


def map_items(tests: Sequence[TracedAccount], identities: Sequence[Identity]) -> dict[Observation, str]:
    sources = {item: source for identity in identities for item, source in identity.item_sources.items()}
    items: dict[Observation, str] = {}
    for test in tests:
        left = test.left.partition("[")[0]
        named = [
            *((left, at) for at in test.ends),
            *((term.item, at) for term in test.cells for at in term.observations),
        ]
        for item, at in named:
            items.setdefault(at, sources[item].next or item)
    return items


def build_equation(test: TracedAccount, identity: Identity) -> Equation:
    return next(equation for equation in identity.equations if equation.written == test.equation)


def classify_test(
    test: TracedAccount, identity: Identity, figures: Mapping[Observation, ReportedFigure]
) -> AccountResult:
    account, equation = test.account, build_equation(test, identity)
    allowed = compute_rounding(account, test.divisor, equation.number)
    if account.residual is None or account.outcome == NOT_TESTABLE:
        return AccountResult(test=test, identity=identity, result_class=NOT_TESTABLE, allowed=allowed)
    error = None if test.divisor else find_error(test, equation, figures)
    probability = None
    if error:
        probability = compute_chi_square_tail((float(account.residual) / error) ** 2, 1)
    elif error == 0 and account.residual:
        probability = 0.0
    return AccountResult(
        test=test,
        identity=identity,
        result_class=find_class(account.outcome, identity, probability),
        allowed=allowed,
        error=error,
        probability=probability,
    )


def find_class(outcome: str, identity: Identity, probability: float | None) -> str:
    if outcome in PRECISE_OUTCOMES:
        return outcome
    is_beyond_chance = probability is not None and probability < TEST_SIZE
    is_impossible = identity.kind in STRICT_KINDS and outcome == UNBALANCED
    return CONTRADICTED if is_beyond_chance or is_impossible else outcome


def find_error(test: TracedAccount, equation: Equation, figures: Mapping[Observation, ReportedFigure]) -> float | None:
    weights = find_weights(test, equation)
    variances = {at: figures[at].variance for at in weights if at in figures}
    if len(variances) < len(weights) or None in variances.values():
        return None
    return math.sqrt(sum(weight**2 * float(variances[at] or 0.0) for at, weight in weights.items()))


def find_weights(test: TracedAccount, equation: Equation) -> dict[Observation, float]:
    weights: dict[Observation, float] = dict.fromkeys(test.ends, 1.0)
    for term in test.cells:
        for at in term.observations:
            weights[at] = weights.get(at, 0.0) - term.factor / equation.number
    return weights


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualMigration:
    """Residual net migration in persons.

    `measured` is immigration − emigration, `allowed` the rounding, and `low` to `high` a 90% interval.
    """

    test: TracedAccount
    identity: Identity
    net: Decimal | None
    measured: Decimal | None
    allowed: Decimal
    error: float | None
    low: float | None
    high: float | None
    missing: tuple[str, ...]

    @property
    def discrepancy(self) -> Decimal | None:
        return None if self.net is None or self.measured is None else self.net - self.measured


def list_residual_migration(closed: ClosedAccounts) -> tuple[ResidualMigration, ...]:
    return tuple(
        compute_residual(result.test, result.identity, closed.figures)
        for result in closed.results
        if has_both_directions(result.test, result.identity)
    )


def has_both_directions(test: TracedAccount, identity: Identity) -> bool:
    equation = build_equation(test, identity)
    factors = [term.factor for term in equation.terms if identity.item_sources[term.item].migration]
    is_whole = equation.number == 1 and not equation.divisor and equation.comparison == "="
    return is_whole and identity.start is not None and tuple(factors) == DIRECTION_SIGNS


def compute_residual(
    test: TracedAccount, identity: Identity, figures: Mapping[Observation, ReportedFigure]
) -> ResidualMigration:
    account = test.account
    of_migration = {item for item, source in identity.item_sources.items() if source.migration}
    ways = [term for term in account.terms if build_item_id(term.item) in of_migration and term.value is not None]
    others = [term for term in account.terms if build_item_id(term.item) not in of_migration]
    of_others = [term for term in test.cells if term.item not in of_migration]
    lacking = (*test.left_missing, *(name for term in of_others for name in term.missing))
    missing = tuple(dict.fromkeys(filter(None, (*lacking, test.not_comparable))))
    net = None if missing or account.published_end is None else account.published_end - compute_total(others)
    units = [account.end_unit, *(term.unit * abs(term.sign) for term in others)]
    error = None if net is None else compute_residual_error(test, of_others, figures)
    low, high = compute_interval(net, error)
    return ResidualMigration(
        test=test,
        identity=identity,
        net=net,
        measured=compute_total(ways) if len(ways) == len(DIRECTION_SIGNS) else None,
        allowed=sum((unit / 2 for unit in units if unit > 1), Decimal(0)),
        error=error,
        low=low,
        high=high,
        missing=missing,
    )


def build_item_id(written: str) -> str:
    return written.partition("[")[0]


def compute_residual_error(
    test: TracedAccount, terms: Sequence[TermCells], figures: Mapping[Observation, ReportedFigure]
) -> float | None:
    """Compute the standard error of a test's terms and end figure; None unless all errors are stated."""
    weights: dict[Observation, int] = dict.fromkeys(test.ends, 1)
    for term in terms:
        for at in term.observations:
            weights[at] = weights.get(at, 0) - term.factor
    variances = [figures[at].variance for at in weights if at in figures]
    if len(variances) < len(weights) or None in variances:
        return None
    both = zip(weights.values(), variances, strict=True)
    return math.sqrt(sum(weight**2 * (variance or 0.0) for weight, variance in both))


def compute_interval(net: Decimal | None, error: float | None) -> tuple[float | None, float | None]:
    if net is None or error is None:
        return None, None
    width = compute_normal_quantile((1 + INTERVAL_LEVEL) / 2) * error
    return float(net) - width, float(net) + width
