"""Choice of values where sources differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.combination.tables import (
    FEW,
    MATCH,
    RULE,
    NamedTable,
    Note,
    Result,
    check_columns,
    check_rows,
    few,
)
from sdmxmig.sdmx.model.integration import ConflictRule

FIRST, MAJORITY, LATEST = "first", "majority", "latest"
RULES = (FIRST, MAJORITY, LATEST)
DAY = "%Y-%m-%d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The rule for choosing a variable's value.

    Order breaks ties; `date` is used by the rule `latest`.
    """

    sources: tuple[str, ...]
    rule: str = FIRST
    date: str = ""


def preferred(tables: Mapping[str, NamedTable], key: str, choices: Mapping[str, Choice]) -> Result:
    """Merge sources into one record per person.

    Raises `SdmxmigError` for duplicate persons and missing columns.
    """
    keyed = {name: with_key(table, key) for name, table in tables.items()}
    number = pl.concat([table.frame.select(key) for table in keyed.values()]).group_by(key).len()
    result, notes = number.select(key).sort(key), [Note(match_words(number, keyed, key), topic=MATCH)]
    shared = number.filter(pl.col("len") > 1)
    alone = [name for name, table in keyed.items() if table.frame.join(shared, on=key, how="semi").is_empty()]
    if alone and len(keyed) > 1:
        words = (
            f"no {key} of {', '.join(alone)} is in another source: where it is written otherwise, persons count twice"
        )
        notes.append(Note(words, topic=MATCH))
    for variable, choice in choices.items():
        check_choice(variable, choice, key, keyed)
        result, note = chosen(result, variable, choice, (keyed, key))
        notes.append(note)
    return Result(result, tuple(notes))


def with_key(table: NamedTable, key: str) -> NamedTable:
    check_columns(table, [key])
    keyed = replace(table, frame=table.frame.with_columns(pl.col(key).cast(pl.String).str.strip_chars()))
    persons = keyed.frame[key]
    check_rows(keyed, persons.is_null() | (persons == ""), f"{key} is empty", "Give each record its person.")
    check_rows(keyed, ~persons.is_first_distinct(), "a person stands twice", "Link its records first: sdmxmig link.")
    return keyed


def check_choice(variable: str, choice: Choice, key: str, tables: Mapping[str, NamedTable]) -> None:
    """Refuse a choice that names no source, one twice, one that is not there, or a rule that is none."""
    if not choice.sources or variable == key:
        raise SdmxmigError(f"No source is named for {variable}.", hint="Name sources of a variable, in their order.")
    if len(set(choice.sources)) < len(choice.sources):
        raise SdmxmigError(f"A source is named twice for {variable}.", hint="Name each source once.")
    for source in choice.sources:
        if source not in tables:
            raise SdmxmigError(f"“{source}” is no source of this step.", hint=f"There are: {', '.join(tables)}.")
        check_columns(tables[source], [variable, *([choice.date] if choice.rule == LATEST and choice.date else [])])
    if choice.rule not in RULES:
        hint = did_you_mean(choice.rule, RULES)
        raise SdmxmigError(f"“{choice.rule}” is no rule by which a value is chosen.", hint=hint)
    if choice.rule == LATEST and not choice.date:
        raise SdmxmigError(
            f"Of which day sources speak of {variable} is not said.", hint='Name a column of days: date = "updated".'
        )


def chosen(
    result: pl.DataFrame, variable: str, choice: Choice, from_: tuple[Mapping[str, NamedTable], str]
) -> tuple[pl.DataFrame, Note]:
    """The persons with the chosen value of a variable, and how it was chosen in words."""
    tables, key = from_
    values, days = [], []
    for source in choice.sources:
        value, day = f"#{source}", f"#{source}#"
        table = tables[source].frame.select(key, pl.col(variable).cast(pl.String).alias(value))
        if choice.rule == LATEST:
            table = table.with_columns(days_of(tables[source], choice.date).alias(day))
        result = result.join(table, on=key, how="left", maintain_order="left")
        values.append(value)
        days.append(day)
    candidates = [pl.col(name) for name in values]
    if choice.rule == MAJORITY:
        candidates = best_of(candidates, [votes_for(value, candidates) for value in candidates])
    elif choice.rule == LATEST:
        known_days = [
            pl.when(pl.col(value).is_not_null()).then(pl.col(day)) for value, day in zip(values, days, strict=True)
        ]
        candidates = best_of(candidates, known_days)
    known = pl.concat_list(values).list.drop_nulls()
    facts = result.select(differ=(known.list.n_unique() > 1).sum(), unknown=(known.list.len() == 0).sum()).row(0)
    dropped = [name for name in (*values, *days) if name in result.columns]
    result = result.with_columns(pl.coalesce(*candidates, *values).alias(variable)).drop(dropped)
    differ, unknown = facts
    shown = None if 0 < differ < FEW else int(differ)
    conflict = ConflictRule(variable, choice.sources, differing=shown, persons=result.height, rule=choice.rule)
    return result, Note(choice_words(variable, choice, differ, unknown), topic=RULE, conflict=conflict)


def best_of(candidates: Sequence[pl.Expr], weights: Sequence[pl.Expr]) -> list[pl.Expr]:
    best = pl.max_horizontal(*weights)
    return [pl.when(weight == best).then(value) for value, weight in zip(candidates, weights, strict=True)]


def votes_for(value: pl.Expr, candidates: list[pl.Expr]) -> pl.Expr:
    return pl.sum_horizontal(*((value == other).fill_null(value=False).cast(pl.Int64) for other in candidates))


def days_of(table: NamedTable, column: str) -> pl.Series:
    cells = table.frame[column]
    if cells.dtype == pl.Date():
        return cells
    texts = cells.cast(pl.String).str.strip_chars()
    days = texts.str.to_date(DAY, strict=False)
    wrong = days.is_null() & texts.is_not_null() & (texts != "").fill_null(value=False)
    check_rows(table, wrong, f"{column} holds no day", "Write days such as 2024-01-31.")
    return days


def choice_words(variable: str, choice: Choice, differ: int, unknown: int) -> str:
    """How a variable was chosen, in words."""
    missing = f", {few(unknown, 'person')} without any" if unknown else ""
    if len(choice.sources) == 1:
        return f"{variable} from {choice.sources[0]}{missing}"
    sources = {
        FIRST: f"from {', else '.join(choice.sources)}",
        MAJORITY: f"as most of {', '.join(choice.sources)} say, else the first of them",
        LATEST: f"as {', '.join(choice.sources)} say latest by {choice.date}, else the first of them",
    }
    return f"{variable} {sources[choice.rule]}; sources differ for {few(differ, 'person')}{missing}"


def match_words(number: pl.DataFrame, tables: Mapping[str, NamedTable], key: str) -> str:
    several = int((number["len"] > 1).sum())
    share = f"{several / max(number.height, 1):.1%} of {number.height:,} persons are"
    if 0 < several < FEW:
        share = f"{few(several, 'person')} of {number.height:,} are"
    sizes = ", ".join(f"{name} ({table.frame.height:,})" for name, table in tables.items())
    return f"{sizes} joined by {key}; {share} in several sources"
