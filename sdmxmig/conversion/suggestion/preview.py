"""Sample observations in words, with their cells."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sdmxmig.conversion.recognition.statuses import STATUS
from sdmxmig.conversion.suggestion.questions import EVERYWHERE, Question
from sdmxmig.conversion.suggestion.year_statements import NOTE, parse_label_codes
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.periods import parse
from sdmxmig.primitives.places import Place, format_cell
from sdmxmig.primitives.text import spell_date
from sdmxmig.quality.rules.words import find_code_name, name_in_words, write_number
from sdmxmig.sdmx.frames import join_attributes
from sdmxmig.sdmx.model.data import Dataset, Flow

MAX_SHOWN = 10
"""Maximum number of observations shown, besides one of each further status and the first with a comment."""
HIDDEN_DIMENSIONS = frozenset({"FREQ"})
"""Dimensions that the period implies."""
TOTAL, NOTHING, NORMAL = "_T", "–", "A"
PERIOD_FROM_DAY = re.compile(r"(?P<first>\d{4}-\d\d-\d\d)/P(?P<number>\d{1,3})(?P<unit>[YM])")
MONTHS_PER_UNIT = {"Y": 12, "M": 1}
COMMENT = "COMMENT_OBS"
SHOWN_ATTRIBUTES = ("UNIT_MEASURE", "UNIT_MULT", STATUS, COMMENT)
EXPECTED_VALUES = frozenset({"PS", "0", NORMAL, ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An observation in words: “Kenya, foreign citizens, women, 2019: 510,241 ← Table 1!C7”."""

    sentence: str
    key: tuple[tuple[str, str], ...]
    value: str
    place: Place | None


def build_examples(
    dataset: Dataset, language: str = "en", open_questions: Sequence[Question] = ()
) -> tuple[Example, ...]:
    frame = join_attributes(dataset)
    rows = choose_rows(frame, dataset.flow)
    places = find_places(dataset, rows)
    return tuple(
        build_example(row, dataset.flow, places.get(number), language, open_questions)
        for number, row in zip(rows, frame[list(rows)].iter_rows(named=True), strict=True)
    )


def choose_rows(frame: pl.DataFrame, flow: Flow) -> tuple[int, ...]:
    if frame.is_empty():
        return ()
    keys = [name for name in flow.structure.series_key if name in frame.columns]
    totals = frame.select(pl.sum_horizontal((pl.col(name) == TOTAL).cast(pl.UInt8) for name in keys)).to_series()
    count = min(MAX_SHOWN, frame.height)
    bounds = [frame.height * number // count for number in range(count + 1)]
    spread = [first + int(totals.slice(first, last - first).arg_min() or 0) for first, last in pairwise(bounds)]
    return tuple(sorted({*spread, *find_status_rows(frame, spread)}))


def find_status_rows(frame: pl.DataFrame, rows: Sequence[int]) -> Iterator[int]:
    statuses = frame[STATUS].cast(pl.String).to_list() if STATUS in frame.columns else []
    comments = frame[COMMENT].cast(pl.String).to_list() if COMMENT in frame.columns else []
    for values in (statuses, [bool(comment) for comment in comments]):
        shown = {values[row] for row in rows} if values else set()
        yield from (values.index(value) for value in dict.fromkeys(values) if value and value not in shown)


def find_places(dataset: Dataset, rows: Sequence[int]) -> Mapping[int, Place]:
    measure = dataset.flow.structure.measure.id
    origins = dataset.origins.filter(pl.col("observation").is_in(list(rows)))
    origins = origins.filter(pl.col("component").cast(pl.String) == measure)
    return {
        origin["observation"]: Place(
            origin["file"], origin["sheet"] or "", cell=format_cell(origin["row"], origin["column"])
        )
        for origin in origins.iter_rows(named=True)
    }


def build_example(
    row: Mapping[str, str | None],
    flow: Flow,
    place: Place | None,
    language: str,
    open_questions: Iterable[Question] = (),
    *,
    with_cell: bool = True,
) -> Example:
    measure = flow.structure.measure.id
    key = tuple((name, row.get(name) or "") for name in flow.structure.key)
    value = row.get(measure) or NOTHING
    open_codes = dict(find_open_codes(row, open_questions, place))
    subject = ", ".join(describe_key(key, open_codes, flow, language))
    aside = ", ".join(list_attribute_values(row, open_codes, flow, language))
    cell = f" ← {place.sheet or place.file}!{place.cell}" if place and with_cell else ""
    written = f"{write_number(value, language)}{f' ({aside})' if aside else ''}"
    return Example(sentence=f"{subject}: {written}{cell}", key=key, value=value, place=place)


def find_open_codes(
    row: Mapping[str, str | None], questions: Iterable[Question], place: Place | None
) -> Iterator[tuple[str, str]]:
    """Yield the components of an observation that are asked about, with their proposed codes."""
    for question in questions:
        kind, _, name = question.part.partition(" ")
        sheets = question.sheets or (question.sheet,)
        component = {NOTE: name, "values": STATUS}.get(kind, question.component)
        where = parse_label_codes(question.label) if kind == NOTE else ((component, question.chosen.code),)
        is_here = place is None or question.sheet == EVERYWHERE or any(each.startswith(place.sheet) for each in sheets)
        if component and is_here and (kind in ("fixed", "line") or all(row.get(id_) == code for id_, code in where)):
            yield component, "" if kind == "line" else question.chosen.code


def describe_key(
    key: Sequence[tuple[str, str]], open_codes: Mapping[str, str], flow: Flow, language: str
) -> Iterator[str]:
    time, ambiguous = flow.structure.time_id, find_shared_list_dimensions(flow)
    for component, code in key:
        if component in open_codes:
            yield describe_open(component, open_codes[component], flow, language)
        elif component not in HIDDEN_DIMENSIONS and component != time and code not in ("", TOTAL):
            role = f" ({name_in_words(component, flow, language)})" if component in ambiguous else ""
            yield f"{find_code_name(flow, component, code, language)}{role}"
    times = (code for component, code in key if component == time and component not in open_codes)
    yield from (describe_period(code, language) or NOTHING for code in times)


def describe_open(component: str, code: str, flow: Flow, language: str) -> str:
    return f"{name_in_words(component, flow, language)}: {find_code_name(flow, component, code, language)}?"


def describe_period(code: str, language: str) -> str:
    """Return a period in words if its code is a first day and a length, such as ``2020-07-01/P1Y``.

    >>> describe_period("2020-07-01/P1Y", "en"), describe_period("2023-01-01/P9M", "en"), describe_period("2023", "en")
    ('1 July 2020 – 30 June 2021', '1 January 2023 – 30 September 2023', '2023')
    """
    match = PERIOD_FROM_DAY.fullmatch(code)
    first = parse(match["first"]) if match else None
    if match is None or first is None:
        return code
    year, month = divmod(first.first_day.month - 1 + int(match["number"]) * MONTHS_PER_UNIT[match["unit"]], 12)
    try:
        last = first.first_day.replace(year=first.first_day.year + year, month=month + 1) - dt.timedelta(days=1)
    except ValueError:
        return code
    return f"{spell_date(first.first_day, language)} – {spell_date(last, language)}"


def find_shared_list_dimensions(flow: Flow) -> frozenset[str]:
    lists = {name: codelist.ref for name in flow.structure.series_key if (codelist := flow.codelist(name)) is not None}
    counts = Counter(lists.values())
    return frozenset(name for name, ref in lists.items() if counts[ref] > 1)


def list_attribute_values(
    row: Mapping[str, str | None], open_codes: Mapping[str, str], flow: Flow, language: str
) -> Iterator[str]:
    for component in SHOWN_ATTRIBUTES:
        code = row.get(component) or ""
        if component not in (*flow.structure.key, *open_codes) and code not in EXPECTED_VALUES:
            yield find_code_name(flow, component, code, language)
    for component, code in open_codes.items():
        if component not in flow.structure.key:
            yield describe_open(component, code, flow, language)
