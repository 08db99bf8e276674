"""Dashes that totals prove to be zero, and net migration that figures prove.

Complete rows or columns of dashes prove nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.lists import TOTAL
from sdmxmig.conversion.recognition.mentions import read_title
from sdmxmig.conversion.suggestion.line_sources import LineSource
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, Line, codes_of, is_total
from sdmxmig.conversion.suggestion.mixed_lines import Surroundings
from sdmxmig.conversion.suggestion.questions import Question
from sdmxmig.conversion.suggestion.sums_of_parts import figures_by_part
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.tables import Table

SIGN = re.compile("the sign “(.*)”")
MIN_TOTALS = 3
"""Minimum number of totals that are sums; fewer may be chance."""
TELLING = 2
PRECISION = 38, 6
"""Digits of numbers added up, and how many are decimals."""


def without_proven_zeros(
    questions: Sequence[Question], dataset: Dataset, tables: Sequence[Table]
) -> tuple[Question, ...]:
    match_by_label = {
        question.label: SIGN.fullmatch(question.label)
        for question in questions
        if question.part == "values" and question.is_open
    }
    signs = {label: match[1] for label, match in match_by_label.items() if match}
    proven = proven_zeros(dataset, tables, [*signs.values()]) if signs else frozenset()
    certain = Candidate("0", 1.0, reason="only with this value do the totals of the table add up")
    return tuple(
        replace(question, chosen=certain)
        if question.part == "values"
        and question.chosen.code == "0"
        and all((sheet, signs.get(question.label, "")) in proven for sheet in question.sheets or (question.sheet,))
        else question
        for question in questions
    )


def proven_zeros(dataset: Dataset, tables: Sequence[Table], signs: Sequence[str]) -> frozenset[tuple[str, str]]:
    """Find proven zero symbols by sheet.

    `dataset` reads the symbol as zero.
    """
    measure = dataset.flow.structure.measure.id
    places = dataset.origins.filter(pl.col("component") == measure).select(
        "observation", pl.col("sheet").cast(pl.String), "row", "column"
    )
    cells = [table.cells.select("row", "column", "text").with_columns(sheet=pl.lit(table.sheet)) for table in tables]
    placed = places.join(pl.concat(cells), on=["sheet", "row", "column"], how="inner")
    figures = dataset.observations.with_row_index("observation").join(placed, on="observation", how="inner")
    figures = figures.with_columns(
        amount=pl.col(measure).cast(pl.Decimal(*PRECISION), strict=False), text=pl.col("text").str.strip_chars()
    )
    proven = set()
    for sign in signs:
        for (sheet,), alone in figures.group_by("sheet", maintain_order=True):
            marked = alone.with_columns(is_sign=pl.col("text") == sign)
            if is_scattered(marked) and is_proven(marked, dataset.flow.structure.key):
                proven.add((str(sheet), sign))
    return frozenset(proven)


def is_scattered(figures: pl.DataFrame) -> bool:
    return all(
        figures.group_by(line).agg(pl.col("is_sign").all())["is_sign"].any() is False for line in ("row", "column")
    )


def is_proven(figures: pl.DataFrame, key: Sequence[str]) -> bool:
    for sums in sums_by_breakdown(figures, key):
        signs = sums.filter("has_sign")
        fit = signs.height and signs["is_sum"].all()
        if fit and (signs.height >= MIN_TOTALS or (sums.height >= MIN_TOTALS and sums["is_sum"].all())):
            return True
    return False


def sums_by_breakdown(figures: pl.DataFrame, key: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Yield, for each breakdown without regions, whether each total equals its parts including a symbol."""
    for name in key:
        codes = figures[name].unique().drop_nulls().to_list()
        if TOTAL not in codes or len(codes) <= TELLING or any(code.isdecimal() for code in codes):
            continue
        other_dimensions = [dimension for dimension in key if dimension != name]
        parts = (
            figures.filter(pl.col(name) != TOTAL)
            .group_by(other_dimensions)
            .agg(
                sum=pl.col("amount").sum(),
                has_sign=pl.col("is_sign").any(),
                known=(pl.col("amount") != 0).sum(),
            )
        )
        totals = figures.filter(pl.col(name) == TOTAL).group_by(other_dimensions).agg(total=pl.col("amount").first())
        sums = parts.filter(pl.col("known") >= TELLING).join(totals, on=other_dimensions, nulls_equal=True)
        yield sums.drop_nulls("total").with_columns(is_sum=pl.col("sum") == pl.col("total"))


ITEM, IN, OUT, NET = "ACC_ITEM", "FLW_IMM", "FLW_EMI", "NET_MIG"
ITEM_BY_DIRECTION: Mapping[str, str] = {"I": IN, "E": OUT, "NET": NET}
MIGRATION = frozenset({"MIG", "IMM", "EMI"})
OF_MOVES = MIGRATION | {"NET", "BORDER_IN", "BORDER_OUT"}
SURE, ASKED = 0.95, 0.6
NET_CODE, IN_BRACKETS, HYPHEN = "NET", re.compile(r"\([^()]*\)"), re.compile(r"(?<=[^\W\d_])-\s*(?=[^\W\d_])")
MIN_DIFFERENCES = 3
"""Minimum number of differences beyond chance."""
REASON = "in every row it equals immigration minus emigration"


def with_proven_nets(fits: Sequence[Fit], around: Surroundings, decided: Collection[LineSource]) -> tuple[Fit, ...]:
    """Apply balances proven by figures to items."""
    if not {IN, OUT, NET} <= codes_of(around.known.flow, ITEM):
        return tuple(fits)
    if any(fit.component == ITEM for fit in fits):
        return tuple(with_net(fit, around) if fit.component == ITEM else fit for fit in fits)
    taken = {*decided, *(fit.line.source for fit in fits)}
    free = (line for line in around.lines if line.source not in taken and line.source.is_numbered)
    unread = (Fit(line, ITEM, score=0.0, meanings=dict.fromkeys(line.texts, ())) for line in free)
    proven = (fit for fit in (with_net(fit, around) for fit in unread) if fit.score)
    return (*fits, *(replace(fit, score=ASKED) for fit in list(proven)[:1]))


def with_net(fit: Fit, around: Surroundings) -> Fit:
    """Read arrivals, departures and balances of migration that figures prove."""
    read = {text: candidates[0].code for text, candidates in fit.meanings.items() if is_read(candidates)}
    items = {text: read.get(text) or way_of(text, around.known) for text in fit.meanings}
    texts = {item: [text for text, each in items.items() if each == item] for item in (IN, OUT, NET)}
    if any(len(listed) != 1 for listed in texts.values()) or not (read or is_moving(around)):
        return fit
    labels = [text for listed in texts.values() for text in listed]
    if not is_difference(fit.line, around, (labels[0], labels[1], labels[2])):
        return fit
    found = {text: (Candidate(items[text], SURE, reason=REASON),) for text in labels if text not in read}
    score = 1.0 if len({*read, *found}) == len(fit.line.texts) else fit.score
    return replace(fit, score=score, meanings={**fit.meanings, **found})


def is_read(candidates: Sequence[Candidate]) -> bool:
    return bool(candidates) and candidates[0].is_applied


def is_moving(around: Surroundings) -> bool:
    """Whether a title mentions migration."""
    readings = [read_title(title, around.known.recogniser) for title in around.titles]
    return any(
        measure.code in MIGRATION and not measure.negated for reading in readings for measure in reading.of("MEASURE")
    )


def way_of(text: str, known: FlowKnowledge) -> str:
    """Return the item that a label names without other words, except in brackets; a hyphen may only end a line."""
    written = IN_BRACKETS.sub("", text).strip()
    return next(filter(None, (_way_of(each, known) for each in (written, HYPHEN.sub("", written)))), "")


def _way_of(text: str, known: FlowKnowledge) -> str:
    reading = read_title(text, known.recogniser)
    codes = {direction.code for direction in reading.of("DIRECTION")}
    measures = {measure.code for measure in reading.of("MEASURE")}
    codes = {NET_CODE} if NET_CODE in codes | measures else codes
    other_concepts = {mention.concept for mention in reading.mentions} - {"DIRECTION", "MEASURE", "ARTICLE", "PLAIN"}
    is_more = other_concepts or reading.unexplained or measures - OF_MOVES
    return ITEM_BY_DIRECTION.get(codes.pop(), "") if len(codes) == 1 and not is_more else ""


def is_difference(line: Line, around: Surroundings, labels: tuple[str, str, str]) -> bool:
    others = [other_line for other_line in around.lines if other_line is not line]
    totals = (text for each in others for text in each.texts if is_total(text, around.known.recogniser))
    undivided = {*totals, *(text for each in others for text in each.spanned)}
    figures_by_key = figures_by_part(around.basis.region, line, others, None, undivided)
    triples = [tuple(figures.get(label) for label in labels) for figures in figures_by_key.values()]
    complete = [
        (into, out, net) for into, out, net in triples if into is not None and out is not None and net is not None
    ]
    differing = [triple for triple in complete if triple[0] and triple[1]]
    return len(differing) >= MIN_DIFFERENCES and all(is_less(*triple) for triple in complete)


def is_less(into: Decimal, out: Decimal, net: Decimal) -> bool:
    """Check whether a figure is the difference of two others, allowing for rounding.

    >>> is_less(Decimal("465.25"), Decimal("281.22"), Decimal("184.04")), is_less(Decimal(9), Decimal(4), Decimal(6))
    (True, False)
    """
    digits = int(net.as_tuple().exponent)
    return abs(into - out - net) <= (Decimal((0, (1,), digits)) if digits < 0 else 0)
