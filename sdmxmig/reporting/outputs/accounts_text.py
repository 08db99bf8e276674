"""Accounts as terminal text: the whole population by year, and all tests that do not balance exactly."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rich.cells import cell_len

from sdmxmig.catalogue.folders import read_words_in
from sdmxmig.primitives import text
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
    OUTCOME_CLASSES,
    PRECISE_OUTCOMES,
    ROUNDING,
    TOLERATED,
    UNBALANCED,
    AccountResult,
    ResidualMigration,
)
from sdmxmig.statistics.demography.ledger import POPULATION_DIMENSIONS
from sdmxmig.statistics.demography.mirror import BENCHMARK_WITHOUT_PAIRS, IMMIGRATION, Correction

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
CONSTRUCTED_MARK = " *"
MIRROR = "mirror"
"""The kind of identities between reports of two countries, in a separate table."""
MIN_VISIBLE_AMOUNT = 0.5
"""Minimum shift in persons of a figure shown."""
UNKNOWN = "–"
PERIOD, TOTAL = "TIME_PERIOD", "_T"
MAX_NAMED_TERMS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Speaker:
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
    speaker = Speaker(read_words_in("accounts", language), flow)
    groups = enumerate(study.balanced or (), start=1)
    blocks = [
        speaker.say("Accounts of {area}", area=speaker.area(study.area)),
        write_class_lines(study, speaker),
        write_test_lines(study, speaker),
        write_untestable_lines(study, speaker),
        write_residual_lines(study, speaker),
        *(block for number, group in groups for block in write_balance_lines(number, group, speaker)),
        *(write_mirror_lines(study.mirror, speaker) if study.mirror else ()),
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def align_columns(
    head: Sequence[str], rows: Sequence[Sequence[str]], speaker: Speaker, shown: int = MAX_SHOWN_LINES
) -> str:
    first = [head, *rows[:shown]]
    widths = [max(cell_len(row[at]) for row in first) for at in range(len(head))]
    lines = ["  ".join(map(pad_cell, row, widths)).rstrip() for row in first]
    if len(rows) > shown:
        rest = speaker.number(Decimal(len(rows) - shown))
        lines.append(speaker.say("Further lines in the files: {count}", count=rest))
    return "\n".join(lines)


def pad_cell(cell: str, width: int) -> str:
    return cell + " " * (width - cell_len(cell))


def write_class_lines(study: AccountStudy, speaker: Speaker) -> str:
    counts = study.counts
    rows = [f"  {speaker.say(LABELS[name])}: {speaker.number(Decimal(counts[name]))}" for name in OUTCOME_CLASSES]
    return "\n".join([speaker.say("Number of tests by result"), *rows])


def write_test_lines(study: AccountStudy, speaker: Speaker) -> str:
    whole = {id(result) for result in select_whole_accounts(study.results) if result.test.account.residual is not None}
    tested = {id(result) for result in study.results if result.result_class not in (*PRECISE_OUTCOMES, NOT_TESTABLE)}
    shown = (result for result in study.results if result.identity.kind != MIRROR)
    results = [result for result in shown if id(result) in whole | tested]
    say = speaker.say
    head = [say("Year"), say("Account"), say("Population"), say("Published"), say("Computed"), say("Residual")]
    rows = [build_test_row(result, speaker) for result in results]
    if not rows:
        return ""
    table = align_columns([*head, say("In standard errors"), say("Result")], rows, speaker)
    constructed = any(result.test.account.is_by_construction for result in results)
    note = say(
        "* The population at the end may have been computed from the other terms. If so, the account tests nothing."
    )
    return f"{table}\n{note}" if constructed else table


def build_test_row(result: AccountResult, speaker: Speaker) -> list[str]:
    account = result.test.account
    name = f"{account.identity} {speaker.words.of(result.identity.name).text}"
    decimals = 0 if account.residual is None or account.residual == account.residual.to_integral_value() else 1
    return [
        account.period,
        name,
        speaker.population(account.population),
        speaker.number(account.published_end, decimals),
        speaker.number(account.computed_end, decimals),
        speaker.change(account.residual, decimals),
        speaker.change(result.in_errors, 1),
        describe_outcome(result, speaker),
    ]


def describe_outcome(result: AccountResult, speaker: Speaker) -> str:
    account = result.test.account
    if account.is_by_construction:
        return speaker.say(LABELS[result.result_class]) + CONSTRUCTED_MARK
    missing = join_names(map(speaker.term, account.missing))
    sentence = speaker.say(LABELS[result.result_class])
    return speaker.say("{result}; missing: {terms}", result=sentence, terms=missing) if missing else sentence


def write_untestable_lines(study: AccountStudy, speaker: Speaker) -> str:
    tested = {result.identity.id for result in study.results if result.result_class != NOT_TESTABLE}
    untested = {identity.id: identity for identity in study.identities if identity.id not in tested}
    if not untested:
        return ""
    missing: dict[str, tuple[str, ...]] = {}
    for result in study.results:
        terms, id_ = tuple(result.test.account.missing), result.identity.id
        if terms and (id_ not in missing or len(terms) < len(missing[id_])):
            missing[id_] = terms
    nothing = speaker.say("no figures to test")
    lines = [
        f"  {id_} {speaker.words.of(identity.name).text}: "
        f"{join_names(map(speaker.term, missing.get(id_, ()))) or nothing}"
        for id_, identity in untested.items()
    ]
    return "\n".join([speaker.say("Not testable anywhere, with the missing terms"), *lines])


def join_names(names: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(names))
    return "; ".join(distinct[:MAX_NAMED_TERMS]) + (" …" if len(distinct) > MAX_NAMED_TERMS else "")


def write_residual_lines(study: AccountStudy, speaker: Speaker) -> str:
    known = [residual for residual in study.residuals if is_whole(residual) and residual.net is not None]
    if not known:
        return ""
    say = speaker.say
    head = [say("Year"), say("Net migration"), say("Interval of 90%"), say("Measured"), say("Discrepancy")]
    rows = [
        [
            residual.test.account.period,
            speaker.change(residual.net),
            speaker.interval(residual.low, residual.high),
            speaker.change(residual.measured),
            speaker.change(residual.discrepancy),
        ]
        for residual in known
    ]
    return f"{say('Net migration by the residual method')}\n{align_columns(head, rows, speaker)}"


def is_whole(residual: ResidualMigration) -> bool:
    return residual.identity.is_account and not residual.test.account.population


def write_balance_lines(number: int, group: BalancedAccounts, speaker: Speaker) -> Iterator[str]:
    balance, say = group.balance, speaker.say
    verdict = [say("Balanced accounts, group {number}", number=number)]
    if balance.broken:
        names = join_names(f"{name} ({speaker.change(amount, 1)})" for name, amount in balance.broken)
        yield "\n".join(
            [*verdict, say("The fixed figures contradict each other, so no figure was changed: {names}", names=names)]
        )
        return
    verdict.append(write_verdict(group, speaker))
    if any(figure.stated is not None and figure.stated.is_chosen for figure in group.figures.values()):
        verdict.append(
            say(
                "The standard errors are equal by choice, not from evidence: the probability does "
                "not describe the data."
            )
        )
    if balance.undetermined:
        sentence = "Without a figure, and not computable from the others: {names}"
        verdict.append(say(sentence, names=join_names(balance.undetermined)))
    if group.below_zero:
        names = join_names(name_figure(figure, group, speaker) for figure in group.below_zero)
        verdict.append(say("Below zero after balancing: {names}", names=names))
    yield "\n".join(verdict)
    head = [say("Figure"), say("Reported"), say("Standard error"), say("Balanced"), say("Adjustment")]
    shown = [figure for figure in balance.figures if figure.moved is None or abs(figure.moved) >= MIN_VISIBLE_AMOUNT]
    figures = sorted(shown, key=lambda figure: -round(abs(figure.in_errors or 0.0), 6))
    rows = [build_figure_row(figure, group, speaker) for figure in figures]
    if rows:
        yield align_columns([*head, say("In standard errors")], rows, speaker)


def write_verdict(group: BalancedAccounts, speaker: Speaker) -> str:
    balance, say = group.balance, speaker.say
    if balance.probability is None:
        return say("No account is tested: each one lacks a term, which is computed from the others.")
    numbers = say(
        "Chi-square {statistic}, degrees of freedom {degrees}, probability {probability}",
        statistic=speaker.number(balance.statistic, 2),
        degrees=balance.degrees,
        probability=speaker.number(balance.probability, 3),
    )
    contradicts = "The figures contradict their accounts: standard errors as stated do not explain the residuals."
    agrees = "The figures do not contradict their accounts: standard errors as stated explain the residuals."
    return f"{numbers}\n{say(contradicts if balance.contradicts else agrees)}"


def name_figure(figure: BalancedFigure, group: BalancedAccounts, speaker: Speaker) -> str:
    reported = group.figures.get(figure.name)
    if reported is None:
        missing = group.missing[figure.name]
        account = missing.test.account
        return f"{speaker.term(missing.written)} {account.period}, {speaker.population(account.population)}"
    codes = {name: code for name, code in reported.codes if name in (*POPULATION_DIMENSIONS, PERIOD)}
    period = codes.pop(PERIOD, "")
    of_part = [(name, code) for name, code in codes.items() if code != TOTAL]
    return f"{speaker.code(ITEM, reported.item)} {period}, {speaker.population(of_part)}"


def build_figure_row(figure: BalancedFigure, group: BalancedAccounts, speaker: Speaker) -> list[str]:
    return [
        name_figure(figure, group, speaker),
        speaker.number(figure.reported),
        speaker.number(figure.error),
        speaker.number(figure.balanced),
        speaker.change(figure.moved),
        speaker.change(figure.in_errors, 1),
    ]


def write_mirror_lines(mirror: MirrorStudy, speaker: Speaker) -> Iterator[str]:
    say, correction = speaker.say, mirror.correction
    complete = [pair for pair in mirror.pairs if pair.is_complete]
    counted = say(
        "Number of flows that both countries report: {both} of {all}",
        both=speaker.number(Decimal(len(complete))),
        all=speaker.number(Decimal(len(mirror.pairs))),
    )
    head = [say("Year"), say("From"), say("To"), say("Emigration"), say("Immigration"), say("Difference")]
    flows = {(f.pair.origin, f.pair.destination, f.pair.period): f for f in correction.flows} if correction else {}
    rows = []
    for pair in sorted(complete, key=lambda pair: -abs(pair.difference or 0.0)):
        flow = flows.get((pair.origin, pair.destination, pair.period))
        rows.append(
            [
                pair.period,
                speaker.area(pair.origin),
                speaker.area(pair.destination),
                speaker.number(pair.emigration),
                speaker.number(pair.immigration),
                speaker.change(pair.difference),
                speaker.change(pair.asymmetry, 2),
                speaker.number(flow.estimate if flow else None),
                speaker.interval(flow.low if flow else None, flow.high if flow else None),
            ]
        )
    table = align_columns([*head, say("Asymmetry"), say("Estimate"), say("Interval of 90%")], rows, speaker)
    yield f"{say('Flows as both countries report them')}\n{counted}\n{table}"
    notes = [] if correction else [say("A benchmark country gives correction factors: {option}", option="--benchmark")]
    if mirror.reports.ambiguous:
        sentence = "Two different figures for one country, so neither was used: {names}"
        names = join_names(" ".join(map(speaker.area, route)) for route, _ in mirror.reports.ambiguous)
        notes.append(say(sentence, names=names))
    yield "\n".join([*notes, *(write_correction_lines(correction, speaker) if correction else ())])


def write_correction_lines(correction: Correction, speaker: Speaker) -> Iterator[str]:
    say, benchmark = speaker.say, speaker.area(correction.benchmark)
    if correction.reason == BENCHMARK_WITHOUT_PAIRS:
        yield say("No correction factors: no other country reports the flows to {benchmark}.", benchmark=benchmark)
    elif correction.reason:
        yield say(
            "No correction factors: the corridors with two reports ({corridors}) are too few for the factors of their "
            "countries.",
            corridors=correction.corridors,
        )
    else:
        yield say("Correction factors to the immigration of {benchmark}", benchmark=benchmark)
        head = [say("Country"), say("Reports of"), say("Factor"), say("Interval of 90%"), say("Corridors")]
        rows = [
            [
                speaker.area(factor.country),
                say("Immigration") if factor.direction == IMMIGRATION else say("Emigration"),
                speaker.number(factor.factor, 2),
                speaker.interval(factor.low, factor.high, 2),
                str(factor.corridors),
            ]
            for factor in correction.factors
        ]
        yield align_columns(head, rows, speaker, shown=len(rows))
    if correction.unlinked and not correction.reason:
        sides = ((name, "Immigration" if side == IMMIGRATION else "Emigration") for name, side in correction.unlinked)
        names = join_names(f"{speaker.area(name)} ({say(side)})" for name, side in sides)
        yield say("Not linked to the benchmark by flows with two reports, so not corrected: {names}", names=names)
    if correction.odd:
        names = join_names(f"{speaker.area(o)} → {speaker.area(d)}" for (o, d), _ in correction.odd)
        yield say("Not explained by the factors: {names}", names=names)
