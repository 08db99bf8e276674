"""Counts of linked records, survey weights, and survey estimates with their precision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from decimal import Decimal

from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import Flags, Floats, np, pl
from sdmxmig.records.combination.margins import check_not_negative
from sdmxmig.records.combination.tables import (
    LINKAGE,
    MATCH,
    MIN_SHOWN,
    PERSONS,
    PRECISION,
    RESIDUAL,
    RULE,
    SHARE,
    TOTAL,
    TOTAL_CODE,
    VALUE,
    NamedTable,
    Note,
    Result,
    check_columns,
    check_rows,
    describe_small_count,
    list_dimensions,
    parse_numbers,
)
from sdmxmig.records.linkage_errors import BETWEEN, FALSE_LINKS, MISSED_LINKS, SHARE_MEASURES, LinkageError
from sdmxmig.records.reading import FALSE_WORDS, TRUE_WORDS
from sdmxmig.statistics.demography.surveys import (
    MIN_PERSONS,
    Sample,
    SurveyEstimate,
    WeightChange,
    calibrate_weights,
    estimate_scaled_total,
    estimate_share,
    estimate_total,
)
from sdmxmig.statistics.model.integration import TargetDeviation

ROW, WEIGHT = "#row", "#weight"


def count_records(table: NamedTable, by: Sequence[str], weight: str) -> Result:
    """Count records, or sum weights, by columns; empty cells become ``_U``.

    Returns the groups, value and, with weights, persons. Raises `SdmxmigError` for weights not above 0 and for total
    codes.
    """
    check_columns(table, [*by, *([weight] if weight else [])])
    codes = select_codes(table, by)
    each = parse_numbers(table, weight, is_above_zero=True) if weight else np.ones(table.frame.height)
    sums = [pl.col(WEIGHT).sum().alias(VALUE), *([pl.len().alias(PERSONS)] if weight else [])]
    words = f"{table.name} counted by {', '.join(by)}" if by else f"{table.name} counted"
    counts = sum_by_columns(codes.with_columns(pl.Series(WEIGHT, each)), by, sums)
    return Result(counts, (Note(words + (f", weighted by {weight}" if weight else "")),))


def add_figures(table: NamedTable, by: Sequence[str]) -> Result:
    """Sum figures by columns; empty cells become ``_U``."""
    check_columns(table, [*by, VALUE])
    further = [PERSONS] if PERSONS in table.frame.columns else []
    # rejects rows of totals
    select_codes(table, [column for column in table.frame.columns if column not in (VALUE, PERSONS)])
    check_not_negative(table)
    each = [pl.Series(column, parse_numbers(table, column)) for column in (VALUE, *further)]
    sums = [pl.col(column).sum() for column in (VALUE, *further)]
    words = f"figures of {table.name} summed" + (f" by {', '.join(by)}" if by else "")
    return Result(sum_by_columns(select_codes(table, by).with_columns(each), by, sums), (Note(words),))


def select_codes(table: NamedTable, by: Sequence[str]) -> pl.DataFrame:
    if {VALUE, PERSONS} & set(by) or len(set(by)) < len(by):
        raise SdmxmigError(f"Do not count by {VALUE} or {PERSONS}, or by the same column twice.", hint="Leave it out.")
    if table.frame.is_empty():
        raise SdmxmigError(f"{table.name} has no rows.", hint="Give a table with rows.")
    codes = table.frame.select(
        pl.int_range(pl.len()).alias(ROW), *(pl.col(column).cast(pl.String).fill_null("_U") for column in by)
    )
    for column in by:
        hint = f"Give each row its own code; {TOTAL_CODE} is the total."
        check_rows(table, codes[column] == TOTAL_CODE, f"{column} is {TOTAL_CODE}", hint)
    return codes


def sum_by_columns(rows: pl.DataFrame, by: Sequence[str], sums: Sequence[pl.Expr]) -> pl.DataFrame:
    return rows.group_by(by, maintain_order=True).agg(sums).sort(by) if by else rows.select(sums)


RECORD, SOURCE, PERSON, METHOD = "record", "source", "person", "method"
PROBABILISTIC, DETERMINISTIC = "PROB", "DET"


def merge_person_records(
    table: NamedTable, links: NamedTable, column: str, source: str, *, key: str = PERSON
) -> Result:
    """Merge the records of each person in the order of the sources.

    `column` has the records of `source`. The first value is kept; conflicts are counted. `links` is a file written by
    `sdmxmig link`. Raises `SdmxmigError` for records with no person or two persons.
    """
    check_columns(table, [column])
    check_columns(links, [RECORD, SOURCE, PERSON])
    mine = links.frame.filter(pl.col(SOURCE) == source)
    if mine.is_empty():
        known = links.frame[SOURCE].unique().drop_nulls().sort().to_list()
        raise SdmxmigError(f"No link refers to the source “{source}”.", hint=did_you_mean(source, known))
    pairs = mine.select(
        pl.col(RECORD).cast(pl.String).alias("#record"), pl.col(PERSON).cast(pl.String).alias("#person")
    )
    pairs = pairs.unique(maintain_order=True)
    several = (pl.col(SOURCE) == source) & (pl.col(PERSON).n_unique().over(SOURCE, RECORD) > 1)
    again = links.frame.select(several.fill_null(value=False)).to_series()
    check_rows(links, again, f"a record of {source} has two persons", "Link the sources again.")
    records = table.frame.with_columns(pl.col(column).cast(pl.String).alias("#record"))
    joined = records.join(pairs, on="#record", how="left", maintain_order="left")
    check_rows(table, joined["#person"].is_null(), "no link has the record", "Link this version of the source.")
    others = [name for name in table.frame.columns if name not in (column, key)]
    named = joined.sort("#record", maintain_order=True).group_by("#person", maintain_order=True)
    persons = named.agg(pl.col(others).drop_nulls().first())
    differing = named.agg(pl.col(others).drop_nulls().n_unique() > 1)
    doubles = table.frame.height - persons.height
    words = f"{table.name} has {table.frame.height:,} records of {persons.height:,} persons by {links.name}"
    note = Note(f"{words}; {describe_small_count(doubles, 'record')} more of persons who have several", topic=MATCH)
    notes = [
        Note(
            f"{name}: records of {describe_small_count(count, 'person')} differ; "
            f"the first in the order of {column} counts",
            topic=RULE,
        )
        for name in others
        if (count := int(differing[name].sum()))
    ]
    return Result(persons.rename({"#person": key}).select(key, *others), (note, *notes))


def get_method(links: NamedTable, source: str) -> str:
    if METHOD not in links.frame.columns:
        return PROBABILISTIC
    methods = links.frame.filter(pl.col(SOURCE) == source)[METHOD].drop_nulls().to_list()
    return PROBABILISTIC if PROBABILISTIC in methods or not methods else DETERMINISTIC


def describe_errors(errors: Sequence[LinkageError], sources: Sequence[str]) -> tuple[Note, ...]:
    """Describe the effect of linkage errors on figures, with their sum.

    A missed link counts one person twice, a false link two as one. Raises `SdmxmigError` for unknown sources.
    """
    mine = [error for error in errors if error.source in sources]
    if not mine:
        known = ", ".join(dict.fromkeys(error.source for error in errors))
        raise SdmxmigError("The linkage errors cover none of these sources.", hint=f"They cover: {known}.")
    words: dict[str, list[str]] = {}
    for error in mine:
        where = f"{error.source} {'with those before' if error.kind == BETWEEN else 'within itself'}"
        interval = f" ({error.low} to {error.high})" if error.low else ""
        if error.measure in SHARE_MEASURES:
            words.setdefault(f"{where}, by {error.basis}", []).append(f"{error.measure} {error.value}{interval}")
    rates = [Note(f"linkage of {where}: {', '.join(shares)}", topic=LINKAGE) for where, shares in words.items()]
    linkages = {(error.source, error.kind) for error in mine}
    numbers = ([error.number for error in mine if error.measure == measure] for measure in (MISSED_LINKS, FALSE_LINKS))
    missed, false = (
        describe_small_count(round(sum(known)), "person")
        if len(known) == len(linkages)
        else "an unknown number of persons"
        for known in numbers
    )
    residual = (
        f"residual of linkage: {missed} counted twice since links are missed, "
        f"{false} counted with another since links are false"
    )
    return (*rates, Note(residual, topic=LINKAGE))


SCALED = "scaled"
INTERVAL, UNRELIABLE = ("error", "low", "high"), "unreliable"
PRECISION_COLUMNS = (*INTERVAL, UNRELIABLE)
MIN_THRESHOLD = 2
TOLERANCE = 1e-9
"""Relative tolerance of equal sums of totals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyDesign:
    """The design columns of a survey; `size` is the number of clusters or persons in the stratum."""

    weight: str
    stratum: str = ""
    cluster: str = ""
    size: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A survey question: the total or share of `of` by groups. `missing` is SCALED or empty."""

    of: str
    _: KW_ONLY
    measure: str
    by: tuple[str, ...] = ()
    least: int = MIN_PERSONS
    missing: str = ""


def calibrate_survey(survey: NamedTable, weight: str, margins: Sequence[NamedTable], change: WeightChange) -> Result:
    check_columns(survey, [weight])
    check_unique_persons(survey)
    columns, totals = [], []
    for margin in margins:
        parts, wanted = list_groups(survey, margin)
        columns.append(parts)
        totals.append(wanted)
    check_sums(margins, totals)
    weights = parse_numbers(survey, weight, is_above_zero=True)
    factors, error = calibrate_weights(weights, np.column_stack(columns), np.concatenate(totals), change)
    names = ", ".join(margin.name for margin in margins)
    gap = compute_residual(weights, columns, totals)
    note = (
        f"weights calibrated ({change.method}) to {names}; they change by factors of {factors.min():.3f} to "
        f"{factors.max():.3f}, largest error {error:.1g} of the largest total, residual before calibration "
        f"{gap:.1%}"
    )
    calibrated_frame = survey.frame.with_columns(pl.Series(weight, weights * factors))
    named = tuple(margin.name for margin in margins)
    reached = TargetDeviation("", named, error=Decimal(f"{error:.1g}"), kind="weights")
    return Result(calibrated_frame, (Note(note, topic=RESIDUAL, reached=reached),))


def check_unique_persons(survey: NamedTable) -> None:
    for column in {"record", PERSON} & {*survey.frame.columns}:
        names = survey.frame[column]
        again = names.is_not_null() & ~names.is_first_distinct()
        check_rows(survey, again, f"a {column} is listed again", "List each person once; weights count for the rest.")


def list_groups(survey: NamedTable, margin: NamedTable) -> tuple[Floats, Floats]:
    """Return which persons belong to which groups of a margin (persons, groups), and the totals (groups,)."""
    dimensions = list_dimensions(margin, survey.frame.columns)
    totals = parse_numbers(margin, VALUE)
    check_rows(margin, pl.Series(totals < 0), f"{VALUE} is negative", "Enter 0 or more in each total.")
    codes = margin.frame.select(pl.col(dimensions).cast(pl.String))
    again = codes.select(~pl.struct(pl.all()).is_first_distinct()).to_series()
    check_rows(margin, again, "a group occurs twice", "Give each group one total.")
    place = survey.frame.select(pl.col(dimensions).cast(pl.String)).join(
        codes.with_row_index("#group"), on=dimensions, how="left", maintain_order="left"
    )["#group"]
    listed = ", ".join(dimensions)
    hint = (
        f"Give {margin.name} a total for each group of {listed}, or remove these persons from the file and document it."
    )
    check_rows(survey, place.is_null(), f"no total of {margin.name} is for this {listed}", hint)
    parts = (place.to_numpy()[:, None] == np.arange(margin.frame.height)).astype(np.float64)
    empty = pl.Series((totals == 0) & parts.any(axis=0))
    check_rows(margin, empty, f"{VALUE} is 0 for a group with persons in {survey.name}", "Correct one of the two.")
    return parts, totals


def check_sums(margins: Sequence[NamedTable], totals: Sequence[Floats]) -> None:
    sums = [float(wanted.sum()) for wanted in totals]
    for margin, total in zip(margins, sums, strict=True):
        if abs(total - sums[0]) > TOLERANCE * max(abs(sums[0]), 1.0):
            both = f"{margins[0].name} and {margin.name}"
            raise SdmxmigError(
                f"{both} contradict each other: their sums are {sums[0]:,g} and {total:,g}.",
                hint="Adjust them to the same totals first.",
            )


def compute_residual(weights: Floats, columns: Sequence[Floats], totals: Sequence[Floats]) -> float:
    wanted = np.concatenate(totals)
    return float(np.abs(np.column_stack(columns).T @ weights - wanted).max() / max(float(wanted.max()), 1.0))


def estimate_by_group(survey: NamedTable, design: SurveyDesign, question: Question) -> Result:
    """Return estimates by group with standard error and 95% interval: value, error, low, high, persons.

    Small groups are suppressed. `of` is boolean; unknown answers are excluded from shares. Raises `SdmxmigError` for
    totals with missing answers unless scaled.
    """
    if survey.frame.is_empty():
        raise SdmxmigError("The survey has no rows.", hint="Give a file with persons.")
    if question.least < MIN_THRESHOLD:
        raise SdmxmigError(
            f"least = {question.least} gives no protection.", hint=f"The usual value is least = {MIN_PERSONS}."
        )
    used = [
        name for name in (design.weight, design.stratum, design.cluster, design.size, question.of, *question.by) if name
    ]
    check_columns(survey, used)
    check_unique_persons(survey)
    sample = build_sample(survey, design)
    has, known = read_answers(survey, question)
    groups = select_codes(survey, question.by).select(question.by)
    rows, withheld, notes = [], [], [Note(describe_design(question, design), topic=PRECISION)]
    silent = list_missing_notes(question, sample.weights, known)
    notes += silent
    for codes in groups.unique().sort(question.by).rows() if question.by else [()]:
        members = [pl.col(name) == code for name, code in zip(question.by, codes, strict=True)]
        cell = (
            groups.select(pl.all_horizontal(members)).to_series().to_numpy() if members else np.full(len(known), True)
        )
        count = int((cell & known).sum())
        try:
            estimate = estimate_cell(sample, has, known, cell, question)
        except SdmxmigError as error:
            if count >= question.least:
                raise
            notes.append(Note(f"no figure for {', '.join(codes) or 'all'}: {error.message}", topic=PRECISION))
            withheld.append((*codes, count))
            continue
        figures = (estimate.value, estimate.error, estimate.low, estimate.high, estimate.persons)
        rows.append((*codes, *figures, estimate.is_unreliable))
    names = (*question.by, VALUE, *INTERVAL, PERSONS, UNRELIABLE)
    if not rows:
        hint = " ".join(note.text for note in (notes[-1], *silent))
        raise SdmxmigError("The survey gives no figure for any group.", hint=hint)
    return Result(
        pl.DataFrame(rows, schema=list(names), orient="row"),
        tuple(notes),
        withheld=pl.DataFrame(withheld, schema=[*question.by, PERSONS], orient="row"),
    )


def read_answers(survey: NamedTable, question: Question) -> tuple[Floats, Flags]:
    quality = survey.frame[question.of].cast(pl.String).str.strip_chars().str.to_lowercase()
    known = quality.is_in([*TRUE_WORDS, *FALSE_WORDS]).fill_null(value=False)
    recode = "Recode it; leave the cell empty if a person did not answer; the number of empty cells is reported."
    check_rows(survey, quality.is_not_null() & ~known, f"{question.of} is not 1 or 0", recode)
    if question.measure == TOTAL and question.missing != SCALED:
        stand = f'A total of those who answered is too low. Write missing = "{SCALED}" to let them represent the others'
        check_rows(survey, ~known, f"{question.of} is empty", f"{stand} of their group, or fill the cells in.")
    return quality.is_in(TRUE_WORDS).fill_null(value=False).to_numpy().astype(np.float64), known.to_numpy()


def estimate_cell(sample: Sample, has: Floats, known: Flags, cell: Flags, question: Question) -> SurveyEstimate:
    share = estimate_share(sample, has, cell & known, question.least)
    if question.measure == SHARE:
        return share
    if known.all():
        total = estimate_total(sample, has, cell, question.least)
    else:
        total = estimate_scaled_total(sample, (has, known.astype(np.float64)), cell, question.least)
    most = total.high if total.value > 0 else share.high * float(sample.weights[cell].sum())
    return replace(total, low=max(0.0, total.low), high=most)


def list_missing_notes(question: Question, weights: Floats, known: Flags) -> list[Note]:
    missing = int((~known).sum())
    if not missing:
        return []
    part = f", {float(weights[~known].sum() / weights.sum()):.1%} by weight" if missing >= MIN_SHOWN else ""
    done = "those of their group who answered stand for them" if question.measure == TOTAL else "they are left out"
    words = f"{question.of} is empty for {describe_small_count(missing, 'person')} of {len(known):,}{part}; {done}"
    return [Note(words, topic=PRECISION)]


def describe_design(question: Question, design: SurveyDesign) -> str:
    named = {"strata by": design.stratum, "clusters by": design.cluster, "drawn of as many as in": design.size}
    drawn = ", ".join(f"{what} {column}" for what, column in named.items() if column)
    weighted_by = f"{question.measure} of {question.of}, weighted by {design.weight}"
    return f"{weighted_by}, {drawn or 'every person drawn for itself'}, 95% intervals"


def compute_sizes(survey: NamedTable, design: SurveyDesign, stratum: pl.Series) -> Floats:
    sizes = parse_numbers(survey, design.size, is_above_zero=True)
    first = pl.DataFrame({"stratum": stratum, "size": sizes}).select(pl.col("size").first().over("stratum")).to_series()
    where = f"{design.stratum} has" if design.stratum else "there are no strata, and the whole has"
    check_rows(survey, first != pl.Series(sizes), f"{where} another {design.size}", "Give each stratum one size.")
    return sizes


def build_sample(survey: NamedTable, design: SurveyDesign) -> Sample:
    frame, hint = survey.frame, "Give each person the stratum and cluster in which it was drawn."
    weights = parse_numbers(survey, design.weight, is_above_zero=True)
    for column in filter(None, (design.stratum, design.cluster)):
        check_rows(survey, frame[column].is_null(), f"{column} is empty", hint)
    everybody = pl.Series([""] * frame.height)
    stratum = frame[design.stratum].cast(pl.String) if design.stratum else everybody
    strata = stratum.rank("dense").to_numpy().astype(np.int64) - 1
    sizes = compute_sizes(survey, design, stratum) if design.size else None
    if not design.cluster:
        return Sample(weights, strata, clusters=np.arange(frame.height), sizes=sizes)
    both = pl.DataFrame({"stratum": stratum, "cluster": frame[design.cluster].cast(pl.String)})
    cluster = both.select(pl.concat_str("stratum", "cluster", separator="\x1f").rank("dense")).to_series()
    return Sample(weights, strata, clusters=cluster.to_numpy().astype(np.int64) - 1, sizes=sizes)
