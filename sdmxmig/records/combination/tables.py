"""Tables passed between steps, choices where sources differ, and checks against disclosure by subtraction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, permutations, product

from sdmxmig.primitives.errors import SdmxmigError, did_you_mean, write_count
from sdmxmig.primitives.lazily import Floats, np, pl
from sdmxmig.records.rows import RowNumbers, describe_rows, locate_row
from sdmxmig.statistics.model.integration import ConflictRule, TargetDeviation

VALUE, PERSONS, YEAR, PERIOD = "value", "persons", "year", "period"
TOTAL_CODE = "_T"
NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
MAX_SHOWN = 5
"""Maximum number of missing codes or periods named."""
FIGURES_HINT = "Write digits without blanks, and a point before decimals."
MIN_SHOWN = 3
"""Minimum count of persons shown."""


MATCH, LINKAGE, RULE, RESIDUAL, PRECISION, DIFFERENCE, COMPILATION = (
    "match",
    "linkage",
    "rule",
    "residual",
    "precision",
    "difference",
    "compilation",
)


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    topic: str = COMPILATION
    conflict: ConflictRule | None = None
    reached: TargetDeviation | None = None


@dataclass(frozen=True, slots=True)
class NamedTable:
    name: str
    frame: pl.DataFrame
    numbers: RowNumbers | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The table and notes of a step; `withheld` lists groups with too few `persons`."""

    table: pl.DataFrame
    notes: tuple[Note, ...] = ()
    withheld: pl.DataFrame = field(default_factory=pl.DataFrame)


TOTAL, SHARE = "total", "share"
COUNT, SURVEY = "count", "survey"
"""The kinds of steps whose figures readers could subtract from each other."""
MIN_COUNT = 3
"""Minimum number of persons in a published figure, unless a step states another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTable:
    """The table of a source or step with its origin.

    `measured` sources provide figures; others only a distribution over time. `least` is the minimum group size;
    `withheld` lists suppressed groups.
    """

    name: str
    table: pl.DataFrame
    is_records: bool
    sources: tuple[str, ...]
    measured: tuple[str, ...]
    methods: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    despite: tuple[str, ...] = ()
    kind: str = ""
    asked: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    least: int = 0
    fewest: int | None = None
    withheld: pl.DataFrame = field(default_factory=pl.DataFrame)
    numbers: RowNumbers | None = None

    @property
    def has_shares(self) -> bool:
        return self.kind == SURVEY and self.asked[-1] in ("", SHARE)


def check_columns(table: NamedTable, columns: Sequence[str]) -> None:
    missing = [column for column in columns if column not in table.frame.columns]
    if missing:
        raise SdmxmigError(
            f"{table.name} has no column {', '.join(missing)}.", hint=did_you_mean(missing[0], table.frame.columns)
        )


def check_rows(table: NamedTable, wrong: pl.Series, what: str, hint: str) -> None:
    rows = (wrong.fill_null(value=True).arg_true() + 1).to_list()
    if rows:
        words = describe_rows(rows, len(rows), table.numbers or RowNumbers(file=table.name))
        place = locate_row(rows[0], table.numbers) if table.numbers else None
        raise SdmxmigError(f"{table.name}: {what} in {words}.", place, hint)


def parse_numbers(table: NamedTable, column: str, *, is_above_zero: bool = False) -> Floats:
    cells = table.frame[column]
    if cells.dtype.is_numeric():
        values = cells.cast(pl.Float64)
    else:
        text = pl.first().cast(pl.String).str.strip_chars()
        number = pl.when(text.str.contains(NUMBER)).then(text).cast(pl.Float64, strict=False)
        values = cells.to_frame().select(number).to_series()
    check_rows(table, ~values.is_finite(), f"{column} is not a number", FIGURES_HINT)
    if is_above_zero:
        check_rows(
            table, values <= 0, f"{column} is not above 0", "Correct these rows, or remove them and document it."
        )
    return values.to_numpy()


def convert_to_text(table: NamedTable) -> NamedTable:
    return replace(table, frame=table.frame.with_columns(pl.all().exclude(VALUE, PERSONS).cast(pl.String)))


def list_dimensions(table: NamedTable, allowed: Sequence[str] | None = None) -> list[str]:
    check_columns(table, [VALUE])
    dimensions = [column for column in table.frame.columns if column not in (VALUE, PERSONS)]
    others = [] if allowed is None else [column for column in dimensions if column not in allowed]
    if not dimensions or others:
        what = f"has {', '.join(others)}, which the table has not" if others else "has no column of the table"
        hint = f"Keep only columns of the table and {VALUE} in a margin."
        raise SdmxmigError(f"{table.name} {what}.", hint=hint)
    if table.frame.is_empty():
        raise SdmxmigError(f"{table.name} has no rows.", hint="Give a table with rows.")
    for column in dimensions:
        codes = table.frame[column].cast(pl.String)
        check_rows(table, codes.is_null(), f"{column} has no code", "Give each row its codes; _U is unknown.")
        check_rows(table, codes == TOTAL_CODE, f"{column} is {TOTAL_CODE}", "Leave out the rows of totals.")
    return dimensions


def convert_to_array(
    table: NamedTable, dimensions: Sequence[str], codes: Sequence[Sequence[str]], *, whole: bool = False
) -> Floats:
    """Arrange a table as an array; raise `SdmxmigError` for unknown, duplicate or missing cells."""
    places = []
    for column, known in zip(dimensions, codes, strict=True):
        place = table.frame[column].replace_strict({code: at for at, code in enumerate(known)}, default=None)
        check_rows(table, place.is_null(), f"{column} has a code missing from the table", "Use the same codes in both.")
        places.append(place.cast(pl.Int64).to_numpy())
    values = parse_numbers(table, VALUE)
    again = table.frame.select(~pl.struct(dimensions).is_first_distinct()).to_series()
    check_rows(table, again, "a cell is listed again", "Give each cell one value.")
    array = np.full(tuple(map(len, codes)), np.nan)
    array[tuple(places)] = values
    missing = np.argwhere(np.isnan(array))
    if whole and len(missing):
        lacking = "; ".join(
            ", ".join(known[at] for known, at in zip(codes, cell, strict=True)) for cell in missing[:MAX_SHOWN]
        )
        raise SdmxmigError(
            f"{table.name} lacks {write_count(len(missing), 'code')} of the table: {lacking}.",
            hint="Give a total for each code, 0 if there is none.",
        )
    return np.asarray(np.nan_to_num(array))


def describe_small_count(count: int, noun: str) -> str:
    """Describe a number of persons without disclosing small numbers.

    >>> describe_small_count(0, "person"), describe_small_count(2, "person"), describe_small_count(1200, "person")
    ('no person', 'fewer than 3 persons', '1,200 persons')
    """
    if 0 < count < MIN_SHOWN:
        return f"fewer than {MIN_SHOWN} {noun}s"
    return write_count(count, noun) if count else f"no {noun}"


FIRST, MAJORITY, LATEST = "first", "majority", "latest"
CONFLICT_RULES = (FIRST, MAJORITY, LATEST)
DAY_FORMAT = "%Y-%m-%d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A rule for choosing a variable's value. The order of sources breaks ties; the rule `latest` uses `date`."""

    sources: tuple[str, ...]
    rule: str = FIRST
    date: str = ""


def merge_sources(tables: Mapping[str, NamedTable], key: str, choices: Mapping[str, Choice]) -> Result:
    keyed = {name: prepare_key(table, key) for name, table in tables.items()}
    number = pl.concat([table.frame.select(key) for table in keyed.values()]).group_by(key).len()
    result, notes = number.select(key).sort(key), [Note(describe_match(number, keyed, key), topic=MATCH)]
    shared = number.filter(pl.col("len") > 1)
    alone = [name for name, table in keyed.items() if table.frame.join(shared, on=key, how="semi").is_empty()]
    if alone and len(keyed) > 1:
        words = (
            f"no {key} of {', '.join(alone)} is in another source: where it is written otherwise, persons count twice"
        )
        notes.append(Note(words, topic=MATCH))
    for variable, choice in choices.items():
        check_choice(variable, choice, key, keyed)
        result, note = choose_value(result, variable, choice, keyed, key)
        notes.append(note)
    return Result(result, tuple(notes))


def prepare_key(table: NamedTable, key: str) -> NamedTable:
    check_columns(table, [key])
    keyed = replace(table, frame=table.frame.with_columns(pl.col(key).cast(pl.String).str.strip_chars()))
    persons = keyed.frame[key]
    check_rows(keyed, persons.is_null() | (persons == ""), f"{key} is empty", "Give each record its person.")
    check_rows(keyed, ~persons.is_first_distinct(), "a person occurs twice", "Link its records first: sdmxmig link.")
    return keyed


def check_choice(variable: str, choice: Choice, key: str, tables: Mapping[str, NamedTable]) -> None:
    if not choice.sources or variable == key:
        raise SdmxmigError(f"No source is named for {variable}.", hint="Name sources of a variable, in their order.")
    if len(set(choice.sources)) < len(choice.sources):
        raise SdmxmigError(f"A source is named twice for {variable}.", hint="Name each source once.")
    for source in choice.sources:
        if source not in tables:
            raise SdmxmigError(
                f"“{source}” is not a source of this step.", hint=f"Possible values: {', '.join(tables)}."
            )
        check_columns(tables[source], [variable, *([choice.date] if choice.rule == LATEST and choice.date else [])])
    if choice.rule not in CONFLICT_RULES:
        hint = did_you_mean(choice.rule, CONFLICT_RULES)
        raise SdmxmigError(f"“{choice.rule}” is not a rule for choosing a value.", hint=hint)
    if choice.rule == LATEST and not choice.date:
        raise SdmxmigError(
            f"The sources of {variable} have no dates.", hint='Name a column of dates: date = "updated".'
        )


def choose_value(
    result: pl.DataFrame, variable: str, choice: Choice, tables: Mapping[str, NamedTable], key: str
) -> tuple[pl.DataFrame, Note]:
    values, days = [], []
    for source in choice.sources:
        value, day = f"#{source}", f"#{source}#"
        table = tables[source].frame.select(key, pl.col(variable).cast(pl.String).alias(value))
        if choice.rule == LATEST:
            table = table.with_columns(parse_days(tables[source], choice.date).alias(day))
        result = result.join(table, on=key, how="left", maintain_order="left")
        values.append(value)
        days.append(day)
    candidates = [pl.col(name) for name in values]
    if choice.rule == MAJORITY:
        candidates = build_best_choices(candidates, [count_votes(value, candidates) for value in candidates])
    elif choice.rule == LATEST:
        known_days = [
            pl.when(pl.col(value).is_not_null()).then(pl.col(day)) for value, day in zip(values, days, strict=True)
        ]
        candidates = build_best_choices(candidates, known_days)
    known = pl.concat_list(values).list.drop_nulls()
    facts = result.select(differ=(known.list.n_unique() > 1).sum(), unknown=(known.list.len() == 0).sum()).row(0)
    dropped = [name for name in (*values, *days) if name in result.columns]
    result = result.with_columns(pl.coalesce(*candidates, *values).alias(variable)).drop(dropped)
    differ, unknown = facts
    shown = None if 0 < differ < MIN_SHOWN else int(differ)
    conflict = ConflictRule(variable, choice.sources, differing=shown, persons=result.height, rule=choice.rule)
    return result, Note(describe_choice(variable, choice, differ, unknown), topic=RULE, conflict=conflict)


def build_best_choices(candidates: Sequence[pl.Expr], weights: Sequence[pl.Expr]) -> list[pl.Expr]:
    best = pl.max_horizontal(*weights)
    return [pl.when(weight == best).then(value) for value, weight in zip(candidates, weights, strict=True)]


def count_votes(value: pl.Expr, candidates: list[pl.Expr]) -> pl.Expr:
    return pl.sum_horizontal(*((value == other).fill_null(value=False).cast(pl.Int64) for other in candidates))


def parse_days(table: NamedTable, column: str) -> pl.Series:
    cells = table.frame[column]
    if cells.dtype == pl.Date():
        return cells
    texts = cells.cast(pl.String).str.strip_chars()
    days = texts.str.to_date(DAY_FORMAT, strict=False)
    wrong = days.is_null() & texts.is_not_null() & (texts != "").fill_null(value=False)
    check_rows(table, wrong, f"{column} is not a date", "Write days such as 2024-01-31.")
    return days


def describe_choice(variable: str, choice: Choice, differ: int, unknown: int) -> str:
    missing = f", {describe_small_count(unknown, 'person')} have no value" if unknown else ""
    if len(choice.sources) == 1:
        return f"{variable} from {choice.sources[0]}{missing}"
    sources = {
        FIRST: f"from {', else '.join(choice.sources)}",
        MAJORITY: f"as most of {', '.join(choice.sources)} say, else the first of them",
        LATEST: f"as {', '.join(choice.sources)} say latest by {choice.date}, else the first of them",
    }
    return f"{variable} {sources[choice.rule]}; sources differ for {describe_small_count(differ, 'person')}{missing}"


def describe_match(number: pl.DataFrame, tables: Mapping[str, NamedTable], key: str) -> str:
    several = int((number["len"] > 1).sum())
    share = f"{several / max(number.height, 1):.1%} of {number.height:,} persons are"
    if 0 < several < MIN_SHOWN:
        share = f"{describe_small_count(several, 'person')} of {number.height:,} are"
    sizes = ", ".join(f"{name} ({table.frame.height:,})" for name, table in tables.items())
    return f"{sizes} joined by {key}; {share} in several sources"


REMEDIES_HINT = (
    "Merge groups, write between = true in one of the steps, or smallest = 1 in both if figures are protected "
    "before they are published."
)


def check_suppressed(published: Iterable[SourceTable]) -> None:
    """Raise `SdmxmigError` if a suppressed survey estimate can be derived from others."""
    for fine, other in permutations((made for made in published if made.kind == SURVEY), 2):
        if fine.asked != other.asked or fine.withheld.is_empty():
            continue
        common = [column for column in fine.by if column in other.by]
        left = sum_by_columns(fine.withheld, common, PERSONS)
        if not other.withheld.is_empty():
            left = left.join(other.withheld.select(common), on=common, how="anti") if common else left.clear()
        if left.filter(pl.col(PERSONS) < fine.least).height:
            raise SdmxmigError(
                f"Figures suppressed in step {fine.name} follow by subtraction from step {other.name}.",
                hint=REMEDIES_HINT,
            )


def find_overlaps(persons: Mapping[str, pl.Series]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (name, other)
        for name, other in product(persons, repeat=2)
        if name == other or persons[name].is_in(persons[other].implode()).any()
    )


def check_differences(published: Iterable[SourceTable], overlaps: frozenset[tuple[str, str]]) -> None:
    """Raise `SdmxmigError` if counts of overlapping sources differ by few persons."""
    for first, second in combinations((made for made in published if made.kind == COUNT), 2):
        pairs = product(first.sources, second.sources)
        if not any(name == other or (name, other) in overlaps for name, other in pairs):
            continue
        common = [column for column in first.by if column in second.by]
        sums = [
            sum_by_columns(each.table, common, column := find_count_column(each.table)).rename({column: name})
            for each, name in ((first, "#first"), (second, "#second"))
        ]
        both = sums[0].join(sums[1], on=common, how="inner") if common else pl.concat(sums, how="horizontal")
        gap = (both["#first"] - both["#second"]).abs()
        if ((gap > 0) & (gap < MIN_COUNT)).any():
            raise SdmxmigError(
                f"Steps {first.name} and {second.name} differ by so few persons that they could be identified.",
                hint=REMEDIES_HINT,
            )


def find_count_column(table: pl.DataFrame) -> str:
    return PERSONS if PERSONS in table.columns else VALUE


def sum_by_columns(table: pl.DataFrame, by: Sequence[str], column: str) -> pl.DataFrame:
    return (
        table.group_by(by, maintain_order=True).agg(pl.col(column).sum()) if by else table.select(pl.col(column).sum())
    )
