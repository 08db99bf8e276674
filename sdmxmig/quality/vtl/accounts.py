"""Accounts and identities in VTL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sdmxmig.catalogue.accounting.equations import Summand
from sdmxmig.quality.rules.balance import ADJUSTMENT, ENOUGH_YEARS
from sdmxmig.quality.vtl import TRANSLATIONS, Assignment, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.entries import SOURCE, STATUS, Account, entries
from sdmxmig.quality.vtl.figures import CANDIDATES, NOTHING, SLACK, UNITS, judged, step
from sdmxmig.quality.vtl.syntax import calculated, chosen, every, filtered, grouped, literal, name, plain
from sdmxmig.statistics.demography.accounts import BREAK, COHORT, PARTS
from sdmxmig.statistics.demography.ledger import AREA, TOTAL

SEX, AGE = "SEX", "AGE"
LEFT, BASE, RESIDUAL, BOUND, TOLERANCE = "LEFT_SIDE", "BASE", "RESIDUAL", "BOUND", "TOLERANCE"


@TRANSLATIONS.add("ACCOUNT-BALANCES")
def account_balances(subject: Subject) -> Iterable[Part]:
    """Each account whose end is in the dataflow: whether it closes, within rounding where it does so in other years."""
    by_sex = subject.parameters.flag("by_sex", default=False)
    sex = f"{SEX} {'<>' if by_sex else '='} {literal(TOTAL)}"
    keys = [AREA]
    for number, account in accounts_of(subject):
        keys = [AREA, *map(name, account.population)]
        closing = grouped(keys, CLOSING="sum(CLOSES)", YEARS="count(CLOSES)")
        closes = calculated(CLOSES=chosen(f"abs({RESIDUAL}) <= {BOUND} + {NOTHING}", "1", "0"))
        stands_out = f"CLOSING >= {ENOUGH_YEARS} and CLOSING * 2 > YEARS - 1"
        holds = every(f"abs({RESIDUAL}) <= {TOLERANCE} + {NOTHING}", f"CLOSES = 1 or not ({stands_out})")
        yield tested(
            account,
            number,
            [
                step("CLOSED", filtered(f"@RESIDUALS{closes}", sex)),
                step("COURSE", f"@CLOSED{closing}"),
                step("BESIDE", "inner_join(@CLOSED as c, @COURSE as y)"),
                step("JUDGED", f"@BESIDE{calculated(HOLDS=holds, DIFFERENCE=RESIDUAL)}"),
            ],
            sex,
        )


@TRANSLATIONS.add("IDENTITY-HOLDS")
def identity_holds(subject: Subject) -> Iterable[Part]:
    """Each equation of the identities, wherever all its terms are reported."""
    item, share = subject.parameters.text("item", ""), subject.parameters.text("share", "0")
    for number, account in accounts_of(subject):
        tolerance = TOLERANCE
        for place, term in enumerate(account.equation.terms, 1):
            if term.written == item:
                room = f"{share} * abs({UNITS}_{place})"
                tolerance = f"({chosen(f'{room} > {TOLERANCE}', room, TOLERANCE)})"
        gap = RESIDUAL if account.equation.comparison == ">=" else f"abs({RESIDUAL})"
        if account.equation.comparison == ">=":
            holds = f"{gap} >= 0 - {tolerance} - {NOTHING}"
        else:
            holds = f"{gap} <= {tolerance} + {NOTHING}"
        yield tested(account, number, [step("JUDGED", f"@RESIDUALS{calculated(HOLDS=holds, DIFFERENCE=RESIDUAL)}")], "")


@TRANSLATIONS.add("ADJUSTMENT-SMALL")
def adjustment_small(subject: Subject) -> Iterable[Part]:
    """Each account that closes only with its adjustment, and whether that is a small share of the population."""
    share = subject.parameters.text("share")
    for number, account in accounts_of(subject):
        place = next((n for n, term in enumerate(account.equation.terms, 1) if term.item == ADJUSTMENT), 0)
        adjustment = f"{UNITS}_{place}" if place and account.sources(account.equation.terms[place - 1]) else "0.0"
        needless = f"abs({RESIDUAL} + {adjustment}) <= {BOUND} + {NOTHING}"
        small = f"abs({adjustment}) <= {share} * {BASE} + {NOTHING}"
        judging = calculated(HOLDS=f"{needless} or {small}", DIFFERENCE=adjustment)
        whole = f"{SEX} = {literal(TOTAL)}"
        yield tested(account, number, [step("JUDGED", filtered(f"@ALL_RESIDUALS{judging}", whole))], whole)


def accounts_of(subject: Subject) -> Iterator[tuple[str, Account]]:
    """The equations of the identities of a rule whose left side the dataflow can report, with what ends their names."""
    reasons: list[NotExpressibleError] = []
    made: list[Account] = []
    for identity in subject.identities:
        for place, equation in enumerate(identity.equations if identity.id in subject.rule.identities else (), 1):
            prefix = plain(f"{identity.id} {place}" if len(identity.equations) > 1 else identity.id)
            account = Account(subject=subject, identity=identity, equation=equation, prefix=prefix)
            ends = {source.flow.id for term in lefts(account) for source in account.sources(term)}
            if subject.flow.id not in ends:
                continue
            try:
                list(entries(account))
            except NotExpressibleError as reason:
                reasons.append(reason)
            else:
                made.append(account)
    if not made and reasons:
        raise reasons[0]
    for account in made:
        yield (f"_{account.prefix}" if len(made) > 1 else ""), account


def lefts(account: Account) -> list[Summand]:
    partner = account.partner(account.equation.left)
    return [account.equation.left, *([partner] if partner else [])]


def tested(account: Account, number: str, judging: Sequence[Assignment], condition: str) -> Part:
    """The part that tests one equation: its entries, its residuals, and the steps that judge these as JUDGED."""
    flow = account.subject.flow
    key = flow.structure.key
    lacking = [dimension for dimension in account.population if dimension not in key]
    without = f"[sub {', '.join(f'{name(dimension)} = {code_of(account, dimension)}' for dimension in lacking)}]"
    subspace = without if lacking else ""
    kept = "[keep HOLDS, DIFFERENCE]"
    steps = [
        *residuals(account),
        *judging,
        step(CANDIDATES, f"{filtered('@EXPECTED', condition)}{subspace}"),
        step("TESTED", f"@JUDGED{kept}{subspace}"),
    ]
    sources = (source.flow.id for term in account.terms for source in account.sources(term))
    inputs = tuple(dict.fromkeys([flow.id, *sources]))
    return judged(account.subject, number, steps, inputs=inputs, before=entries(account))


def code_of(account: Account, dimension: str) -> str:
    return literal(dict(account.identity.population).get(dimension, TOTAL))


def residuals(account: Account) -> Iterator[Assignment]:
    """Compute residuals as RESIDUALS, and expected tests as EXPECTED.

    Columns: ``RESIDUAL``, ``BOUND`` (rounding), ``TOLERANCE``, ``BASE``, ``UNITS_1`` …
    """
    equation, flow = account.equation, account.subject.flow
    reported = {term.written: bool(account.sources(term)) or bool(account.partner(term)) for term in account.terms}
    left = f"{account.label(equation.left)}[rename {UNITS} to {LEFT}, {SLACK} to LEFT_SLACK]"
    yield step("EXPECTED", expected(account))
    required, optional = [f"{left} as e"], []
    flags: dict[str, str] = {}
    for place, term in enumerate((*equation.terms, *equation.divisor), 1):
        if not reported[term.written]:
            flags |= {f"{UNITS}_{place}": "0.0", f"{SLACK}_{place}": "0.0"}
            continue
        named = f"[keep {UNITS}, {SLACK}][rename {UNITS} to {UNITS}_{place}, {SLACK} to {SLACK}_{place}]"
        entry = f"{account.label(term)}{named}"
        if term.optional:
            optional.append((place, f"{entry}{calculated(**{f'THERE_{place}': '1'})} as t{place}"))
        else:
            required.append(f"{entry} as t{place}")
    both = f"inner_join({', '.join(required)})" if len(required) > 1 else left
    yield step("SIDES", filtered(both, f"{SOURCE} = {literal(flow.id)}"))
    dataset = "@SIDES"
    for place, entry in optional:
        values = {f"{UNITS}_{place}": f"nvl({UNITS}_{place}, 0.0)", f"{SLACK}_{place}": f"nvl({SLACK}_{place}, 0.0)"}
        complete = f"isnull(THERE_{place}) or not isnull({UNITS}_{place})"
        yield step(
            f"WITH_{place}", f"{filtered(f'left_join({dataset} as s, {entry})', complete)}{calculated(**values)}"
        )
        dataset = f"@WITH_{place}"
    yield step("TERMS", f"{dataset}{calculated(**flags)}" if flags else dataset)
    of_cohorts = f"match_characters({AGE}, {literal(COHORT.pattern)})" if equation.is_of_cohorts else ""
    known_sides = every(f"not isnull({RESIDUAL})", of_cohorts)
    yield step("ALL_RESIDUALS", filtered(f"@TERMS{compared(account)}", known_sides))
    unbroken = f"{STATUS} <> {literal(BREAK)}" if account.identity.start else ""
    yield step("RESIDUALS", filtered("@ALL_RESIDUALS", unbroken))


def compared(account: Account) -> str:
    equation, identity = account.equation, account.identity
    terms = list(enumerate(equation.terms, 1))
    below = list(enumerate(equation.divisor, len(terms) + 1))
    total = added(f"{term.factor} * {UNITS}_{place}" for place, term in terms)
    halves = added(f"{abs(term.factor)} * {SLACK}_{place} / 2" for place, term in terms)
    size = added(f"{term.factor} * {UNITS}_{place}" for place, term in below)
    of_left = "LEFT_SLACK / 2"
    start = next((place for place, term in terms if identity.start and term.item == identity.start.item), 0)
    base = f"abs({LEFT})"
    if start:
        base = chosen(f"nvl({UNITS}_{start}, 0.0) = 0.0", base, f"{UNITS}_{start}")
    if not below:
        right, bound = f"({total}) / {equation.number}", f"({halves}) / {equation.number} + {of_left}"
    else:
        halves_below = added(f"{abs(term.factor)} * {SLACK}_{place} / 2" for place, term in below)
        right = f"({total}) / (({size}) * {equation.number})"
        of_left = f"({chosen('LEFT_SLACK = 0.0', '1.0', 'LEFT_SLACK')}) / 2"
        bound = f"(({halves}) / {equation.number} + abs({right}) * ({halves_below})) / abs({size}) + {of_left}"
    share = f"{identity.tolerance} * {BASE}"
    calculations = calculated(**{RESIDUAL: f"{LEFT} - {right}", BOUND: bound, BASE: base})
    tolerance = calculated(**{TOLERANCE: chosen(f"{share} > {BOUND}", share, BOUND)})
    return (f"[filter {size} <> 0.0]" if below else "") + calculations + tolerance


def added(terms: Iterable[str]) -> str:
    return " + ".join(terms).replace("+ -", "- ") or "0.0"


def expected(account: Account) -> str:
    """For whom there is something to test: events are reported, or all populations are."""
    equation, identity = account.equation, account.identity
    needed = equation.terms if identity.kind == PARTS else equation.all_terms
    there = [term for term in needed if account.sources(term) or account.partner(term)]
    at = {term.written: identity.item_sources[term.item].at for term in needed}
    marked = {term.written: f"{account.label(term)}[keep {UNITS}]" for term in there}
    stocks = [dataset for written, dataset in marked.items() if at[written]]
    events = [dataset for written, dataset in marked.items() if not at[written]]
    if events or len(set(at.values())) > 1:
        stocks = [together(stocks)] if stocks else []
    datasets = [*stocks, *events]
    everybody = f"union({', '.join(datasets)})" if len(datasets) > 1 else datasets[0]
    ours = f"{account.label(equation.left)}[keep {SOURCE}]"
    flow = account.subject.flow.id
    populations = {identity.start.flow}.intersection(account.subject.filled) if identity.start else set()
    also = f"isnull({SOURCE}) or " if identity.is_account and flow in (populations or {flow}) else ""
    return f"left_join({everybody} as x, {ours} as e)[filter {also}{SOURCE} = {literal(flow)}]"


def together(datasets: Sequence[str]) -> str:
    if len(datasets) == 1:
        return datasets[0]
    named = [f"{dataset}[rename {UNITS} to OF_{n}]" for n, dataset in enumerate(datasets)]
    joined = ", ".join(f"{dataset} as j{n}" for n, dataset in enumerate(named))
    return f"inner_join({joined})[keep OF_0][rename OF_0 to {UNITS}]"
