"""Circular mobility and return migration.

A crossing counts if it is in the window, the stay after it is long enough, and the last such stay was on the other side
of the border (our interpretation of the definition). Windows must be covered by records.

The last stay is known from records, the register, or a resident mother; otherwise it counts as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.periods import shift_months
from sdmxmig.primitives.places import Place
from sdmxmig.records.accounts import add_groups, list_weights, mark_certain
from sdmxmig.records.counting import (
    CERTAIN_WEIGHT,
    UNJUDGED,
    WEIGHT,
    Counts,
    Flows,
    Reliability,
    Row,
    Statement,
    build_dataset,
    compute_detailed_sums,
    format_thousandths,
    state_columns,
    sum_totals,
)
from sdmxmig.records.crossing_rules import SPELL_ORDER
from sdmxmig.records.residence_rules import MISSING_RECORD, Derivation, Events, Question, read_parameters
from sdmxmig.records.residence_rules import read_whole as number_in
from sdmxmig.records.rows import (
    BLOCK_STEP,
    CITIZEN,
    NATIVE,
    PERIOD,
    Observation,
    Period,
    add_months,
    arrange,
    compute_last_seen,
    compute_previous,
    flag,
    to_date,
    to_number,
    write_int_literal,
)
from sdmxmig.records.spells import CROSSING
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data import Dataset, Flow

LIST, FLOW, KIND = "CL_CIRCULAR", "DF_CIRCULAR", "CIRCULAR"
WINDOW_MONTHS = 12
SIDES, EITHER = 2, 2
KIND_COLUMNS = (PERIOD, KIND, "answer")
BREAKDOWNS = ((), ("SEX",), ("SEX", "AGE"), ("C_CITIZEN",))


@dataclass(frozen=True, slots=True, kw_only=True)
class CircularRule:
    code: str
    crossings: int
    years: int
    days: int | None
    months: int | None


def read_circular_rules(codes: ItemScheme) -> tuple[CircularRule, ...]:
    rules = []
    for item in codes:
        parameters, place = read_parameters(item), Place(f"{LIST}, {item.id}")
        crossings, years = number_in(parameters, "CROSSINGS", place), number_in(parameters, "YEARS", place)
        if crossings is None or years is None:
            continue
        days, months = number_in(parameters, "STAY_DAYS", place), number_in(parameters, "STAY_MONTHS", place)
        if days is None and months is None:
            raise SdmxmigError("The length of stays is missing.", place, "Declare STAY_DAYS or STAY_MONTHS.")
        rules.append(CircularRule(code=item.id, crossings=crossings, years=years, days=days, months=months))
    return tuple(rules)


def count_circular(derivation: Derivation, events: Events, flows: Mapping[str, Flow]) -> Counts:
    """Count persons of each kind at the end of each period, by `answer`: certain, open, unknown."""
    parts = []
    records, question = derivation.records, derivation.question
    for rule in read_circular_rules(flows[FLOW].codelists[KIND]):
        for period in question.periods:
            begin = to_number(shift_months(to_date(period.end), -rule.years * WINDOW_MONTHS))
            check_window(question.observation, rule, period, begin)
            judged = select_judged_persons(derivation, events, rule, Period(period.label, begin, end=period.end))
            counted = judged.filter(pl.col("answer") != "no").select("person", "answer")
            label = {KIND: pl.lit(rule.code), PERIOD: pl.lit(period.label)}
            rows = mark_certain(counted.with_columns(at=write_int_literal(period.end - 1), **label))
            if records.persons is not None:
                rows = add_groups(derivation, rows)
            groups = BREAKDOWNS if records.persons is not None else ((),)
            parts.append(compute_detailed_sums(rows, groups, always=KIND_COLUMNS))
    return {KIND: pl.concat(parts)}


def build_circular_rows(question: Question, counts: Counts, flows: Mapping[str, Flow], statement: Statement) -> Dataset:
    """Return persons who are certainly circular as rows of DF_CIRCULAR.

    Comments state how many more are open (figures are then provisional) or unknown (unreliable above the limit for
    flows).
    """
    kinds = read_circular_rules(flows[FLOW].codelists[KIND])
    detailed_sums = counts[KIND]
    groups = BREAKDOWNS if "SEX" in detailed_sums.columns else ((),)
    sums = sum_totals(detailed_sums, groups, always=KIND_COLUMNS)
    names = [name for name in sums.columns if name not in {"weight", "open", "answer"}]
    persons: dict[tuple[str, ...], dict[str, int]] = {}
    for row in sums.iter_rows(named=True):
        of_key = persons.setdefault(tuple(row[name] for name in names), {})
        of_key[row["answer"]] = row["weight"] // CERTAIN_WEIGHT
    figures = [build_row(dict(zip(names, key, strict=True)), answers) for key, answers in persons.items()]
    reliability = find_reliability_by_kind(detailed_sums)
    figures = [reliability[row[PERIOD], row[KIND]].with_status(row) for row in figures]
    totals = {(row[PERIOD], row[KIND]) for row in figures}
    figures += [
        build_row({PERIOD: period.label, KIND: rule.code}, {})
        for period in question.periods
        for rule in kinds
        if (period.label, rule.code) not in totals
    ]
    comment = f"{describe_kind(kinds)}. {statement.dataset.get('COMMENT_DSET', '')}".strip()
    described_so = {**statement.dataset, "COMMENT_DSET": comment, "REF_DATE": "_Z"}
    return build_dataset(flows[FLOW], figures, replace(statement, dataset=described_so))


def find_reliability_by_kind(detailed_sums: pl.DataFrame) -> Flows:
    by_kind = detailed_sums.group_by(PERIOD, KIND).agg(
        *(pl.col(WEIGHT).filter(pl.col("answer") == answer).sum().alias(answer) for answer in ("yes", "unknown"))
    )
    return {
        (label, kind): Reliability(unknown // CERTAIN_WEIGHT, Decimal(sure) / CERTAIN_WEIGHT)
        for label, kind, sure, unknown in by_kind.select(PERIOD, KIND, "yes", "unknown").rows()
    }


def build_row(key: Row, answers: Mapping[str, int]) -> Row:
    open_, unknown = answers.get("open", 0), answers.get("unknown", 0)
    comment = (
        f"at least; undecided, because their stay continues: {open_:,} more persons; "
        f"unknown, because a record is missing: {unknown:,}"
    )
    return {
        **key,
        "OBS_VALUE": str(answers.get("yes", 0)),
        "PERSONS_OPEN": str(open_),
        "PERSONS_UNKNOWN": str(unknown),
        **state_columns(undecided=open_ > 0),
        **({"COMMENT_OBS": comment} if open_ or unknown else {}),
    }


def describe_kind(kinds: Sequence[CircularRule]) -> str:
    declared = "; ".join(
        f"{kind.code}: {kind.crossings} crossings in {kind.years} years, each with a stay of "
        + (f"{kind.days} days" if kind.days is not None else f"{kind.months} months")
        for kind in kinds
    )
    return (
        f"{declared}; a crossing counts if the last stay so long was on the other side of the border; "
        "each kind is counted for itself; years end with the period"
    )


def check_window(observation: Observation, rule: CircularRule, period: Period, begin: int) -> None:
    if begin < observation.first:
        raise SdmxmigError(
            f"{rule.code} looks back {rule.years} years from the end of {period.label}, to {to_date(begin)}, "
            f"but the records begin on {to_date(observation.first)}.",
            hint=f"Choose later years, or add records from {to_date(begin)} and set --from to that day.",
        )


def select_judged_persons(derivation: Derivation, events: Events, rule: CircularRule, window: Period) -> pl.DataFrame:
    """Return persons with evidence for the kind, and their `answer`: ``yes``, ``open``, ``unknown`` or ``no``."""
    observation = derivation.question.observation
    spells = arrange(events.spells.filter(pl.col("end") > pl.col("begin")), SPELL_ORDER)
    long = pl.col("end") >= pl.col("begin") + (rule.days or 0)
    if rule.days is None:  # before the observation, only years known to the register exist
        end = add_months(pl.col("begin"), rule.months or 0)
        long = (pl.col("begin") < observation.first) | (pl.col("end") >= end)
    lasting = (pl.col("end") >= observation.until) & (pl.col("gone") >= observation.until) & ~long
    rows = spells.with_columns(long=flag(long), at=pl.col("begin"))
    # An unknown interval may contain a long stay on either side, which is then unknown.
    least = rule.days or (rule.months or 0) * 28
    may_hide = pl.col("here").is_null() & (pl.col("end") - pl.col("begin") >= least)
    side = pl.when(may_hide).then(write_int_literal(EITHER)).when(pl.col("long") == 1).then(pl.col("here"))
    rows = rows.with_columns(side=side)
    rows = rows.with_columns(side=compute_last_seen("side")).with_columns(before=compute_previous("side"))
    inside = (pl.col("begin") >= window.begin) & (pl.col("begin") < window.end) & (pl.col("origin") == CROSSING)
    other = (pl.col("before") != pl.col("after")).fill_null(value=True)
    touched = (pl.col("begin") < window.end) & (pl.col("end") > window.begin)
    # It may contain as many long stays as fit, and a crossing on either side.
    overlap = pl.min_horizontal("end", write_int_literal(window.end)) - pl.max_horizontal(
        "begin", write_int_literal(window.begin)
    )
    hides = pl.when(pl.col("here").is_null() & touched).then(overlap // least + SIDES).otherwise(write_int_literal(0))
    seen = inside & other & pl.col("here").is_not_null()
    either = (pl.col("before") == EITHER).fill_null(value=False)
    counts = seen & (lasting | (pl.col("long") == 1))
    rows = rows.with_columns(
        sure=flag(seen & ~either & (pl.col("long") == 1)),
        waits=flag(seen & ~either & lasting),
        hides=pl.when(counts & either).then(hides + 1).otherwise(hides),
    )
    sums = rows.group_by("person").agg(*[pl.col(name).sum() for name in ("sure", "waits", "hides")])
    needed = rule.crossings
    return sums.with_columns(
        answer=pl.when(pl.col("sure") >= needed).then(pl.lit("yes"))
        .when(pl.col("sure") + pl.col("waits") >= needed).then(pl.lit("open"))
        .when(pl.col("sure") + pl.col("waits") + pl.col("hides") >= needed).then(pl.lit("unknown"))
        .otherwise(pl.lit("no"))
    )  # fmt: skip


RETURN_FLOW = "DF_IND_TERM"
INDICATOR, RETURNED, ALL = "RETURN_SHARE", "NUM", "DEN"
RETURN_GROUPS = ((), ("SEX",), ("SEX", "AGE"), ("BIRTH_STATUS", "CTZ_STATUS"), ("COUNTERPART_AREA",))
KNOWN_RETURNS = "returns"
UNKNOWN_RETURN = -1


def sum_returns(derivation: Derivation, events: Events, _flows: Mapping[str, Flow]) -> Counts:
    rows = select_immigrants(derivation, events).with_columns(
        **{KNOWN_RETURNS: pl.col(KNOWN_RETURNS).fill_null(UNKNOWN_RETURN)}
    )
    lost = (pl.col("direction") == "I") & pl.col(PERIOD).is_not_null() & (pl.col("outcome") == MISSING_RECORD)
    unjudged = events.rows.filter(lost).group_by(PERIOD).agg(pl.len().cast(pl.Int64).alias(UNJUDGED))
    return {
        KNOWN_RETURNS: compute_detailed_sums(rows, RETURN_GROUPS, always=(PERIOD, KNOWN_RETURNS)),
        UNJUDGED: unjudged,
    }


def count_returns(question: Question, counts: Counts, flows: Mapping[str, Flow], statement: Statement) -> Dataset:
    """Return ``NUM`` (returns) and ``DEN`` (immigrants) by period.

    Comments count immigrants whose last residence is unknown; many of them make figures unreliable. Open immigrations
    make figures provisional.
    """
    lost = dict(counts[UNJUDGED].group_by(PERIOD).agg(pl.col(UNJUDGED).sum()).rows())
    detailed_sums = counts[KNOWN_RETURNS]
    open_periods = set(detailed_sums.filter(pl.col("open") > 0)[PERIOD])
    lacking = sum_totals(detailed_sums.filter(pl.col(KNOWN_RETURNS) == UNKNOWN_RETURN), [()], always=(PERIOD,))
    not_known = dict(lacking.select(PERIOD, "weight").rows())
    figures: list[Row] = []
    for term, counted in ((RETURNED, detailed_sums.filter(pl.col(KNOWN_RETURNS) == 1)), (ALL, detailed_sums)):
        sums = sum_totals(counted, RETURN_GROUPS, always=(PERIOD,)).filter(pl.col("weight") != 0)
        wholes = dict(sum_totals(counted, [()], always=(PERIOD,)).select(PERIOD, "weight").rows())
        for key, weight in list_weights(sums, question.periods):
            label = key[PERIOD]
            lived = format_thousandths(not_known.get(label, 0))
            comment = f"at least; unknown whether they lived here before: {lived} more immigrants"
            row = {
                **key,
                "INDICATOR": INDICATOR,
                "IND_TERM": term,
                "OBS_VALUE": format_thousandths(weight),
                **state_columns(undecided=label in open_periods),
                **({"COMMENT_OBS": comment} if term == RETURNED and lived != "0" else {}),
            }
            whole_of = Decimal(wholes.get(label, 0)) / CERTAIN_WEIGHT
            row = Reliability(lost.get(label, 0), whole_of).with_comment(row)
            if term == RETURNED:
                silent = not_known.get(label, 0) // CERTAIN_WEIGHT
                row = Reliability(lost.get(label, 0) + silent, whole_of).with_status(row)
            figures.append(row)
    return build_dataset(flows[RETURN_FLOW], figures, statement)


def select_immigrants(derivation: Derivation, events: Events) -> pl.DataFrame:
    records, observation = derivation.records, derivation.question.observation
    if records.persons is None:
        raise SdmxmigError("The table of persons is missing.", hint="Add it with --persons.")
    named = pl.col("c_residence").fill_null("_U").alias("COUNTERPART_AREA")
    counts = (pl.col("weight") > 0) | (pl.col("open") == 1)
    coming = events.rows.filter((pl.col("direction") == "I") & pl.col(PERIOD).is_not_null() & counts)
    rows = add_groups(derivation, coming.select("person", "at", "weight", "open", PERIOD, named))
    lived = list_residence_starts(derivation, events).group_by("person").agg(pl.col("since").min())
    born = pl.col("birth_date").fill_null(-BLOCK_STEP)
    births = records.persons.select("person", born=born, mother="c_mother")
    rows = rows.join(lived, on="person", how="left").join(births, on="person", how="left")
    own = (pl.col("BIRTH_STATUS") == NATIVE) | (pl.col("CTZ_STATUS") == CITIZEN)
    before = (pl.col("since") < pl.col("at")).fill_null(value=False)
    to_resident = (pl.col("mother") == observation.area).fill_null(value=False) & (pl.col("born") > -BLOCK_STEP)
    watched = pl.col("born") >= observation.first
    maybe_own = own | (pl.col("BIRTH_STATUS") == "_U") | (pl.col("CTZ_STATUS") == "_U")
    returns = (
        pl.when(own & (before | (to_resident & (pl.col("born") < pl.col("at"))))).then(write_int_literal(1))
        .when(~maybe_own | watched).then(write_int_literal(0))
    )  # fmt: skip
    return rows.with_columns(**{KNOWN_RETURNS: returns})


def list_residence_starts(derivation: Derivation, events: Events) -> pl.DataFrame:
    records, first = derivation.records, derivation.question.observation.first
    homes = [events.states.filter(pl.col("settled") == 1).select("person", since="begin")]
    if records.persons is not None:
        born = pl.col("birth_date").fill_null(-BLOCK_STEP)
        registered = records.persons.filter(pl.col("resident") & (born < first))
        homes.append(registered.select("person", since=write_int_literal(first - 1)))
    return pl.concat(homes)
