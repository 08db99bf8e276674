"""Deterministic linkage by unique keys, without contradictory pairs such as twins or parent and child."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.linkage.declaration import LIST_COLUMNS, Block, Condition, LinkageRules, Separation
from sdmxmig.records.linkage.preparation import ONE, OTHER, SOURCE, UNIT

KEY, PERSON, STAGE = "key", "person", "stage"
MAX_NAMES = 3
PERSON_COLUMNS = {f"person_{ONE}": ONE, f"person_{OTHER}": OTHER}
OTHER_UNIT = pl.col(UNIT).alias(OTHER)


@dataclass(frozen=True, slots=True)
class StageCount:
    """The result of a stage; `apart` counts pairs that agree but are different persons."""

    name: str
    linked: int
    doubles: int
    ambiguous: int
    apart: int


def compute_keys(records: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Compute keys of records (`unit`, `source`, `key`); hash collisions are negligible."""
    frame = records.select(UNIT, SOURCE, *dict.fromkeys(columns))
    for column in dict.fromkeys(columns):
        if column in LIST_COLUMNS:
            frame = frame.explode(column)
    frame = frame.drop_nulls(list(columns))
    return frame.select(UNIT, SOURCE, pl.struct(list(columns)).hash(seed=0).alias(KEY)).unique()


def link_by_stages(
    records: pl.DataFrame, rules: LinkageRules, known: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, list[StageCount]]:
    """Link records by keys; `known` pairs are the same person.

    Returns `unit_l`, `unit_r`, `stage` (from 1), duplicates and counts. Ambiguous keys are not used.
    """
    everybody = records.select(UNIT, SOURCE, pl.col(UNIT).alias(PERSON))
    person = select_persons_joined(everybody, known)
    linked = pl.DataFrame(schema={ONE: pl.Int64, OTHER: pl.Int64, STAGE: pl.Int64})
    doubles = linked.clear()
    counts: list[StageCount] = []
    for number, stage in enumerate(rules.stages, 1):
        of_stage = pl.lit(number, dtype=pl.Int64).alias(STAGE)
        keys, before = compute_keys(records, stage.equal), doubles.height
        crowded, apart = 0, 0
        if stage.within:
            agreeing, crowded = find_doubles(keys, person, records)
            agreeing = add_persons(agreeing, person).filter(pl.col(PERSON) != pl.col(f"{PERSON}_r")).select(ONE, OTHER)
            joined = drop_contradictions(records, agreeing, rules.apart)
            apart = agreeing.height - joined.height
            doubles = pl.concat([doubles, combine_person_pairs(joined, person).with_columns(of_stage)])
            person = select_persons_joined(everybody, pl.concat([known, doubles.select(ONE, OTHER)]))
        agreeing, ambiguous = find_pairs(keys, person, linked)
        pairs = drop_contradictions(records, agreeing, rules.apart)
        apart += agreeing.height - pairs.height
        linked = pl.concat([linked, pairs.select(f"person_{ONE}", f"person_{OTHER}", of_stage).rename(PERSON_COLUMNS)])
        counts.append(
            StageCount(
                stage.name, pairs.height, doubles=doubles.height - before, ambiguous=ambiguous + crowded, apart=apart
            )
        )
    return linked.sort(ONE, OTHER), doubles.sort(ONE, OTHER), counts


def find_doubles(keys: pl.DataFrame, person: pl.DataFrame, records: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    named = keys.join(person.select(UNIT, PERSON), on=UNIT).join(records.select(UNIT, "name_key"), on=UNIT)
    named = named.sort(UNIT).filter(pl.len().over(SOURCE, KEY) > 1)
    firsts = named.with_columns(
        first=pl.col(UNIT).min().over(SOURCE, KEY),
        namesake=pl.col(UNIT).min().over(SOURCE, KEY, "name_key"),
        names=pl.col("name_key").n_unique().over(SOURCE, KEY),
        persons=pl.col(PERSON).n_unique().over(SOURCE, KEY),
    ).filter(pl.col("persons") > 1)
    by_name = firsts.filter(pl.col(UNIT) != pl.col("namesake")).select(pl.col("namesake").alias(ONE), OTHER_UNIT)
    across = firsts.filter(
        (pl.col(UNIT) == pl.col("namesake")) & (pl.col(UNIT) != pl.col("first")) & (pl.col("names") <= MAX_NAMES)
    ).select(pl.col("first").alias(ONE), OTHER_UNIT)
    crowded = firsts.filter(pl.col("names") > MAX_NAMES).select(SOURCE, KEY).n_unique()
    return pl.concat([by_name, across]).unique().sort(ONE, OTHER), crowded


def add_persons(pairs: pl.DataFrame, person: pl.DataFrame) -> pl.DataFrame:
    owner = person.select(UNIT, PERSON)
    return pairs.join(owner, left_on=ONE, right_on=UNIT).join(owner, left_on=OTHER, right_on=UNIT, suffix="_r")


def combine_person_pairs(pairs: pl.DataFrame, person: pl.DataFrame) -> pl.DataFrame:
    ordered = add_persons(pairs, person).select(
        pl.min_horizontal(PERSON, f"{PERSON}_r").alias(ONE), pl.max_horizontal(PERSON, f"{PERSON}_r").alias(OTHER)
    )
    return ordered.filter(pl.col(ONE) != pl.col(OTHER)).unique().sort(ONE, OTHER)


def find_pairs(keys: pl.DataFrame, person: pl.DataFrame, linked: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    owner = person.select(UNIT, PERSON)
    taken = pl.concat([linked[ONE], linked[OTHER]]).to_frame(UNIT).join(owner, on=UNIT)[PERSON]
    held = keys.join(owner, on=UNIT).filter(~pl.col(PERSON).is_in(taken.implode()))
    by_key = held.group_by(SOURCE, KEY).agg(
        pl.col(PERSON).min(), pl.col(UNIT).min(), pl.col(PERSON).n_unique().alias("several")
    )
    sources = by_key[SOURCE].unique().sort()
    if sources.len() < 2:
        nobody = linked.select(ONE, OTHER).clear()
        return nobody.with_columns(pl.col(ONE).alias(f"person_{ONE}"), pl.col(OTHER).alias(f"person_{OTHER}")), 0
    sides = [by_key.filter(pl.col(SOURCE) == source).drop(SOURCE) for source in sources]
    both = sides[0].join(sides[1], on=KEY, suffix="_r")
    alone = (pl.col("several") == 1) & (pl.col("several_r") == 1)
    pairs = both.filter(alone).group_by(PERSON, f"{PERSON}_r").agg(pl.col(UNIT).min(), pl.col(f"{UNIT}_r").min())
    single = pairs.filter(~pl.col(PERSON).is_duplicated() & ~pl.col(f"{PERSON}_r").is_duplicated())
    turned = pl.col(PERSON) > pl.col(f"{PERSON}_r")
    columns = {
        f"{prefix}{end}": pl.when(turned).then(second).otherwise(first)
        for prefix, column in (("", UNIT), ("person_", PERSON))
        for end, first, second in ((ONE, column, f"{column}_r"), (OTHER, f"{column}_r", column))
    }
    ordered = single.select(**columns).sort(ONE, OTHER)
    return ordered, both.filter(~alone).height + pairs.height - single.height


def select_persons_joined(person: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    label = label_components(pairs)
    return (
        person.join(label, on=UNIT, how="left", maintain_order="left")
        .with_columns(pl.coalesce("label", UNIT).alias(PERSON))
        .drop("label")
    )


def label_components(pairs: pl.DataFrame) -> pl.DataFrame:
    """Label the records of pairs (`unit`) by the smallest connected record (`label`)."""
    both = pl.concat([pairs.select(a=ONE, b=OTHER), pairs.select(a=OTHER, b=ONE)]).unique()
    labels = both.select(pl.col("a").alias(UNIT)).unique().with_columns(label=pl.col(UNIT))
    while True:
        nearest = both.join(labels, left_on="b", right_on=UNIT).group_by("a").agg(pl.col("label").min().alias("near"))
        moved = labels.join(nearest, left_on=UNIT, right_on="a", how="left").with_columns(
            lower=pl.min_horizontal("label", "near")
        )
        hopped = moved.join(labels.select(lower=UNIT, beyond="label"), on="lower", how="left").select(
            UNIT, "label", lower=pl.min_horizontal("lower", "beyond")
        )
        labels = hopped.select(UNIT, label="lower").sort(UNIT)
        if (hopped["label"] == hopped["lower"]).all():
            return labels


UNLESS_CLAUSE = "not coalesce(%s, false)"


def write_apart_sql(apart: Sequence[Separation]) -> str:
    rules = (
        write_all_sql(rule.conditions) + (f" and {UNLESS_CLAUSE % write_all_sql(rule.unless)}" if rule.unless else "")
        for rule in apart
    )
    return " or ".join(f"({rule})" for rule in rules) or "false"


def write_all_sql(conditions: Iterable[Condition]) -> str:
    return " and ".join(write_condition_sql(condition) for condition in conditions)


def select_contradicting(records: pl.DataFrame, pairs: pl.DataFrame, apart: Sequence[Separation]) -> pl.DataFrame:
    conditions = [condition for rule in apart for condition in (*rule.conditions, *rule.unless)]
    return select_pairs_where(records, pairs, write_apart_sql(apart), list_columns(conditions))


def list_columns(conditions: Iterable[Condition]) -> set[str]:
    return {name for condition in conditions for name in (condition.left, condition.right)}


def select_pairs_where(records: pl.DataFrame, pairs: pl.DataFrame, where: str, columns: set[str]) -> pl.DataFrame:
    """Return pairs of records (`unit_l`, `unit_r`) that satisfy an SQL condition, in order."""
    import duckdb

    if not pairs.height:
        return pairs.select(ONE, OTHER)
    names = sorted(columns)
    sides = [
        records.select(pl.col(UNIT).alias(side), *(pl.col(name).alias(f"{name}{end}") for name in names))
        for side, end in ((ONE, "_l"), (OTHER, "_r"))
    ]
    units = pl.concat([pairs[ONE], pairs[OTHER]]).unique().implode()
    left, right = (side.filter(pl.col(side.columns[0]).is_in(units)) for side in sides)
    with duckdb.connect() as session:
        for name, frame in (("asked", pairs.select(ONE, OTHER)), ("l", left), ("r", right)):
            session.register(name, frame.to_arrow())
        query = f"select {ONE}, {OTHER} from asked join l using ({ONE}) join r using ({OTHER}) where {where}"  # noqa: S608
        answer: pl.DataFrame = session.sql(query).pl()
    return answer.unique().sort(ONE, OTHER)


def drop_contradictions(records: pl.DataFrame, pairs: pl.DataFrame, apart: Sequence[Separation]) -> pl.DataFrame:
    return pairs.join(select_contradicting(records, pairs, apart), on=[ONE, OTHER], how="anti", maintain_order="left")


def write_blocks_sql(blocks: Sequence[Block]) -> tuple[str, set[str]]:
    ways, columns = [], set()
    for block in blocks:
        for mine, theirs in ((block.equal, block.other), (block.other, block.equal)):
            held = [
                Condition("shares" if left in LIST_COLUMNS else "=", left, right=right)
                for left, right in zip(mine, theirs, strict=True)
            ]
            ways.append(" and ".join(f"coalesce({write_condition_sql(condition)}, false)" for condition in held))
            columns |= list_columns(held)
    return " or ".join(f"({way})" for way in ways), columns


INITIAL, SHORTEST_BEGINNING = 1, 3
"""Minimum number of letters that can abbreviate a name."""


def write_condition_sql(condition: Condition) -> str:
    held = write_positive_condition_sql(condition)
    return f"not ({held})" if condition.denied else held


def write_positive_condition_sql(condition: Condition) -> str:
    left, right = f"{condition.left}_l", f"{condition.right}_r"
    if condition.kind == "=":
        return f"{left} = {right}"
    if condition.kind == "shares":
        return f"list_has_any({left}, {right})"
    if condition.kind == "edits":
        edits = f"levenshtein({left}, {right})"
        return f"({edits} <= {condition.most} and 2 * {edits} < least(length({left}), length({right})))"
    if condition.kind == "begins":
        shorter = f"least(length({left}), length({right}))"
        long = f"{shorter} = {INITIAL} or {shorter} >= {SHORTEST_BEGINNING}"
        return f"(({long}) and left({left}, {shorter}) = left({right}, {shorter}))"
    if condition.kind == "within":
        return f"abs({left} - {right}) <= {condition.most}"
    word = " or " if condition.kind == "either" else " and "
    return f"({left}{word}{right})"
