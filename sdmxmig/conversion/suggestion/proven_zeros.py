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
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, Line, codes_of
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
    first = next((fit for line in free for fit in of_ways(line, around)), None)
    return (*fits, first) if first else tuple(fits)


def with_net(fit: Fit, around: Surroundings) -> Fit:
    """Find the label whose figures are the difference of others."""
    text_by_item = {
        candidates[0].code: text for text, candidates in fit.meanings.items() if candidates and candidates[0].is_applied
    }
    if not text_by_item:
        return next((replace(fit, meanings=way_fit.meanings) for way_fit in of_ways(fit.line, around)), fit)
    nets = [text for text, candidates in fit.meanings.items() if not candidates and way_of(text, around.known) == NET]
    if len(nets) != 1 or NET in text_by_item or not {IN, OUT} <= text_by_item.keys():
        return fit
    if not is_difference(fit.line, around, (text_by_item[IN], text_by_item[OUT], nets[0])):
        return fit
    score = 1.0 if len(text_by_item) + 1 == len(fit.line.texts) else fit.score
    return replace(fit, score=score, meanings={**fit.meanings, nets[0]: (Candidate(NET, SURE, reason=REASON),)})


def of_ways(line: Line, around: Surroundings) -> Iterator[Fit]:
    """Yield a line of arrivals, departures and their difference as migration, if a title mentions it."""
    texts = {way_of(text, around.known): text for text in line.texts}
    if len(line.texts) != len(ITEM_BY_DIRECTION) or texts.keys() != {*ITEM_BY_DIRECTION.values()}:
        return
    readings = [read_title(title, around.known.recogniser) for title in around.titles]
    moving = any(
        measure.code in MIGRATION and not measure.negated for reading in readings for measure in reading.of("MEASURE")
    )
    if moving and is_difference(line, around, (texts[IN], texts[OUT], texts[NET])):
        meanings = {text: (Candidate(way, SURE, reason=REASON),) for way, text in texts.items()}
        yield Fit(line, ITEM, score=ASKED, meanings=meanings)


def way_of(text: str, known: FlowKnowledge) -> str:
    reading = read_title(text, known.recogniser)
    codes = {direction.code for direction in reading.of("DIRECTION")}
    other_concepts = {mention.concept for mention in reading.mentions} - {"DIRECTION", "MEASURE", "ARTICLE", "PLAIN"}
    is_more = other_concepts or reading.unexplained or {measure.code for measure in reading.of("MEASURE")} - OF_MOVES
    return ITEM_BY_DIRECTION.get(codes.pop(), "") if len(codes) == 1 and not is_more else ""


def is_difference(line: Line, around: Surroundings, labels: tuple[str, str, str]) -> bool:
    figures_by_key = figures_by_part(
        around.basis.region, line, [other_line for other_line in around.lines if other_line is not line], None
    )
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
