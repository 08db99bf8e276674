"""Accounts as terminal text: the whole population by year, and all tests that do not balance exactly."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from rich.cells import cell_len

from sdmxmig.catalogue.accounting import Identity
from sdmxmig.catalogue.folders import find_shipped_folder, read_words_in
from sdmxmig.primitives import text
from sdmxmig.primitives.templating import Templates
from sdmxmig.quality.rules.words import name_account_term, name_equation
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.words import Words
from sdmxmig.statistics.demography.accounts import NOT_TESTABLE, OTHER_DEFINITIONS, SERIES_BREAK
from sdmxmig.statistics.demography.balanced_accounts import (
    AccountStudy,
    BalancedAccounts,
    MirrorStudy,
    select_whole_accounts,
)
from sdmxmig.statistics.demography.balancing import BalancedFigure
from sdmxmig.statistics.demography.closing import (
    BALANCED,
    CONTRADICTED,
    PRECISE_OUTCOMES,
    ROUNDING,
    TOLERATED,
    UNBALANCED,
    AccountResult,
    ResidualMigration,
)
from sdmxmig.statistics.demography.ledger import POPULATION_DIMENSIONS
from sdmxmig.statistics.demography.mirror import BENCHMARK_WITHOUT_PAIRS, IMMIGRATION, HarmonisedFlow, MirrorPair

LABELS = {
    BALANCED: "closes exactly",
    ROUNDING: "closes within rounding",
    TOLERATED: "closes within the tolerance",
    UNBALANCED: "does not close",
    CONTRADICTED: "contradicts its figures",
    NOT_TESTABLE: "cannot be tested",
}
MAX_SHOWN_LINES = 30
"""Maximum number of lines of a table shown; the files have all of them."""
ITEM, AREA = "ACC_ITEM", "REF_AREA"
CELL_SEPARATOR = " ¦ "
"""Separates the cells of a table in the template."""
MIRROR = "mirror"
"""The kind of identities between reports of two countries, in a separate table."""
MIN_VISIBLE_AMOUNT = 0.5
"""Minimum shift in persons of a figure shown."""
UNKNOWN = "–"
PERIOD, TOTAL = "TIME_PERIOD", "_T"
MAX_NAMED_TERMS = 5


@dataclass(frozen=True, slots=True, eq=False)
class AccountWording:
    """Names of items and codes in a language; `others` are dataflows for dimensions that accounts lack."""

    words: Words
    flow: Flow
    others: Collection[Flow] = ()

    @property
    def say(self) -> Callable[..., str]:
        return self.words.say

    def code(self, dimension: str, code: str) -> str:
        codelist = self.flow.codelist(dimension)
        return self.words.of(codelist[code].name).text if codelist and code in codelist else code

    def area(self, code: str) -> str:
        return self.code(AREA, code)

    def term(self, written: str) -> str:
        if written == SERIES_BREAK:
            return self.say("series break")
        if written == OTHER_DEFINITIONS:
            return self.say("different definitions")
        return name_account_term(written, (self.flow, *self.others), self.words.language)

    def equation(self, written: str) -> str:
        return name_equation(written, (self.flow, *self.others), self.words.language)

    def figure(self, key: str) -> str:
        """Return a key such as “SEX=F AGE=_T” in words, without totals."""
        pairs = (part.split("=", 1) for part in key.split() if "=" in part)
        names = [self.code(dimension, code) for dimension, code in pairs if code != TOTAL]
        return ", ".join(names) or self.say("Whole population")

    def population(self, codes: Iterable[tuple[str, str]]) -> str:
        return ", ".join(self.code(dimension, code) for dimension, code in codes) or self.say("Whole population")

    def number(self, value: Decimal | float | None, decimals: int = 0) -> str:
        return (
            UNKNOWN if value is None else text.format_number(convert_to_decimal(value), self.words.language, decimals)
        )

    def change(self, value: Decimal | float | None, decimals: int = 0) -> str:
        return (
            UNKNOWN if value is None else text.format_signed(convert_to_decimal(value), self.words.language, decimals)
        )

    def interval(self, low: float | None, high: float | None, decimals: int = 0) -> str:
        if low is None or high is None:
            return UNKNOWN
        return f"{self.number(low, decimals)} … {self.number(high, decimals)}"


def convert_to_decimal(value: Decimal | float) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def render(study: AccountStudy, flow: Flow, language: str = "en") -> str:
    """Write the study as plain text; `flow` of the accounts provides names of codes."""
    speaker = AccountWording(read_words_in("accounts", language), flow)
    template = Templates(
        [find_shipped_folder("templates") / "accounts"],
        words={
            "_": speaker.say,
            "text": lambda name: speaker.words.of(name).text,
            "area": speaker.area,
            "population": speaker.population,
            "number": speaker.number,
            "change": speaker.change,
            "interval": speaker.interval,
            "direction": lambda side: speaker.say("Immigration" if side == IMMIGRATION else "Emigration"),
            "figure_name": lambda figure, group: name_figure(figure, group, speaker),
            "moved_figures": list_moved_figures,
        },
        filters={
            "aligned": lambda lines, shown=MAX_SHOWN_LINES: align_columns(lines, shown, speaker),
            "area": speaker.area,
            "names": join_names,
            "term": speaker.term,
        },
        finalize=keep_in_cell,
    )
    return template.fill(
        "study.txt.j2",
        study=study,
        labels=LABELS,
        tests=select_tests(study),
        untestable=list_untestable(study),
        residuals=[residual for residual in study.residuals if is_whole(residual) and residual.net is not None],
        pairs=list_pairs(study.mirror) if study.mirror else [],
        without_pairs=BENCHMARK_WITHOUT_PAIRS,
    )


def keep_in_cell(value: object) -> str:
    return str(value).replace(CELL_SEPARATOR, " | ")


def align_columns(lines: str, shown: int | None, speaker: AccountWording) -> str:
    head, *rows = ([cell.strip() for cell in line.split(CELL_SEPARATOR)] for line in lines.splitlines())
    first = [head, *rows[:shown]]
    widths = [max(map(cell_len, column)) for column in zip(*first, strict=True)]
    aligned = ["  ".join(map(pad_cell, row, widths)).rstrip() for row in first]
    if rest := len(rows) + 1 - len(first):
        aligned.append(speaker.say("Further lines in the files: {count}", count=speaker.number(rest)))
    return "\n".join([*aligned, ""])


def pad_cell(cell: str, width: int) -> str:
    return cell + " " * (width - cell_len(cell))


def select_tests(study: AccountStudy) -> list[AccountResult]:
    whole = {id(result) for result in select_whole_accounts(study.results) if result.test.account.residual is not None}
    tested = {id(result) for result in study.results if result.result_class not in (*PRECISE_OUTCOMES, NOT_TESTABLE)}
    return [result for result in study.results if result.identity.kind != MIRROR and id(result) in whole | tested]


def list_untestable(study: AccountStudy) -> list[tuple[Identity, tuple[str, ...]]]:
    """List the identities that no data can test, with the missing terms of the test that lacks the fewest."""
    tested = {result.identity.id for result in study.results if result.result_class != NOT_TESTABLE}
    missing: dict[str, tuple[str, ...]] = {}
    for result in study.results:
        terms, id_ = tuple(result.test.account.missing), result.identity.id
        if terms and (id_ not in missing or len(terms) < len(missing[id_])):
            missing[id_] = terms
    untested = {identity.id: identity for identity in study.identities if identity.id not in tested}
    return [(identity, missing.get(id_, ())) for id_, identity in untested.items()]


def join_names(lines: str) -> str:
    distinct = list(dict.fromkeys(lines.splitlines()))
    return "; ".join(distinct[:MAX_NAMED_TERMS]) + (" …" if len(distinct) > MAX_NAMED_TERMS else "")


def is_whole(residual: ResidualMigration) -> bool:
    return residual.identity.is_account and not residual.test.account.population


def list_moved_figures(group: BalancedAccounts) -> list[BalancedFigure]:
    figures = group.balance.figures
    shown = [figure for figure in figures if figure.moved is None or abs(figure.moved) >= MIN_VISIBLE_AMOUNT]
    return sorted(shown, key=lambda figure: -round(abs(figure.in_errors or 0.0), 6))


def name_figure(figure: BalancedFigure, group: BalancedAccounts, speaker: AccountWording) -> str:
    reported = group.figures.get(figure.name)
    if reported is None:
        missing = group.missing[figure.name]
        account = missing.test.account
        return f"{speaker.term(missing.written)} {account.period}, {speaker.population(account.population)}"
    codes = {name: code for name, code in reported.codes if name in (*POPULATION_DIMENSIONS, PERIOD)}
    period = codes.pop(PERIOD, "")
    of_part = [(name, code) for name, code in codes.items() if code != TOTAL]
    return f"{speaker.code(ITEM, reported.item)} {period}, {speaker.population(of_part)}"


def list_pairs(mirror: MirrorStudy) -> list[tuple[MirrorPair, HarmonisedFlow | None]]:
    flows = mirror.correction.flows if mirror.correction else ()
    flow_by_pair = {(flow.pair.origin, flow.pair.destination, flow.pair.period): flow for flow in flows}
    complete = sorted(
        (pair for pair in mirror.pairs if pair.is_complete), key=lambda pair: -abs(pair.difference or 0.0)
    )
    return [(pair, flow_by_pair.get((pair.origin, pair.destination, pair.period))) for pair in complete]
