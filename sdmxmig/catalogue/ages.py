"""Age codes (Y15T64) as intervals and partitions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from heapq import heappop, heappush

from sdmxmig.sdmx.model.artefacts import ItemScheme, Text

Span = tuple[int, int]
"""Completed years: the first, and the first after the last."""
OPEN_END = 1000
AGE_LIST = "SDMXMIG:CL_AGE(1.0.0)"

MONTHS_OF_A_YEAR = 12
AGE = re.compile(
    r"^(?P<unit>[YM])(?:(?P<from>\d{1,3})T(?P<to>\d{1,3})|_GE(?P<ge>\d{1,3})|_LT(?P<lt>\d{1,3})|(?P<one>\d{1,3}))$"
)


def parse_age_code(code: str) -> tuple[int, int] | None:
    """Return the completed years of an age code (first, end), or None.

    >>> (parse_age_code("Y15T64"), parse_age_code("Y_GE65"),
    ...  parse_age_code("Y_LT15"), parse_age_code("Y7"), parse_age_code("_U"))
    ((15, 65), (65, 1000), (0, 15), (7, 8), None)
    """
    match = AGE.match(code)
    return read_span(match) if match and match["unit"] == "Y" else None


def find_interval_in_months(code: str) -> tuple[int, int] | None:
    """Return the range of completed months that an age code covers; None for other codes.

    >>> (find_interval_in_months("Y1"), find_interval_in_months("M12T23"),
    ...  find_interval_in_months("Y_GE65"), find_interval_in_months("_U"))
    ((12, 24), (12, 24), (780, 12000), None)
    """
    match = AGE.match(code)
    if not match:
        return None
    months = 1 if match["unit"] == "M" else MONTHS_OF_A_YEAR
    first, after = read_span(match)
    return first * months, (MONTHS_OF_A_YEAR if after == OPEN_END else months) * after


def convert_to_usual_code(code: str) -> str:
    """Return the CL_AGE code for the same ages, such as Y0T14; other codes are unchanged.

    >>> tuple(map(convert_to_usual_code, ("Y_LT15", "Y_LT1", "M12T23", "M_LT6", "M0T59")))
    ('Y0T14', 'Y0', 'Y1', 'M0T5', 'Y0T4')
    >>> convert_to_usual_code("Y_GE65"), convert_to_usual_code("M6T11"), convert_to_usual_code("_U")
    ('Y_GE65', 'M6T11', '_U')
    """
    span = find_interval_in_months(code)
    if span is None or span[1] == OPEN_END * MONTHS_OF_A_YEAR or span[0] >= span[1]:
        return code
    in_years = not any(edge % MONTHS_OF_A_YEAR for edge in span)
    unit, months = ("Y", MONTHS_OF_A_YEAR) if in_years else ("M", 1)
    first, last = span[0] // months, span[1] // months - 1
    return f"{unit}{first}" if first == last else f"{unit}{first}T{last}"


def format_age_code(first: int, end: int) -> str:
    """Return the CL_AGE code for completed years from `first` to before `end`.

    >>> format_age_code(0, 5), format_age_code(7, 8), format_age_code(85, OPEN_END)
    ('Y0T4', 'Y7', 'Y_GE85')
    """
    if end >= OPEN_END:
        return f"Y_GE{first}"
    return f"Y{first}" if end == first + 1 else f"Y{first}T{end - 1}"


@lru_cache(maxsize=1 << 16)
def compose_ages(spans: frozenset[Span], first: int, end: int) -> tuple[tuple[int, Span], ...] | None:
    """Express ages as a sum or difference of as few known spans as possible; None if impossible.

    >>> compose_ages(frozenset({(0, 5), (5, 10), (10, OPEN_END)}), 0, 10)
    ((1, (0, 5)), (1, (5, 10)))
    >>> compose_ages(frozenset({(4, OPEN_END), (9, OPEN_END)}), 4, 9), compose_ages(frozenset({(0, 5)}), 1, 6)
    (((1, (4, 1000)), (-1, (9, 1000))), None)
    """
    steps: dict[int, list[tuple[int, int, int, Span]]] = {}
    for span in sorted(spans):
        steps.setdefault(span[0], []).append((0, span[1], 1, span))
        steps.setdefault(span[1], []).append((1, span[0], -1, span))
    waiting: list[tuple[int, int, int, tuple[tuple[int, Span], ...]]] = [(0, 0, first, ())]
    passed: set[int] = set()
    while waiting:
        length, subtracted, age, way = heappop(waiting)
        if age == end:
            return way
        if age in passed:
            continue
        passed.add(age)
        for minus, after, sign, span in steps.get(age, ()):
            if after not in passed:
                heappush(waiting, (length + 1, subtracted + minus, after, (*way, (sign, span))))
    return None


def find_same_ages(code: str, codes: Iterable[str]) -> str:
    """Return the first of these codes for the same ages, or an empty text.

    >>> find_same_ages("Y_LT15", ["Y_GE15", "Y0T14"]), find_same_ages("Y_LT13", ["Y_GE15", "Y0T14"])
    ('Y0T14', '')
    """
    span = find_interval_in_months(code)
    return next((other for other in codes if span and find_interval_in_months(other) == span), "")


NUMBER = re.compile(r"\d+")
SMALL_NUMBER, TEENS = 10, range(11, 15)
"""Arabic counts up to 10 years in another form; in Russian, the numbers from 11 to 14 are like 5."""


def name_age_group(code: str, codelist: ItemScheme) -> Text:
    """Name a group of ages in years like a listed one whose last number has the same grammatical form."""
    numbers, shape = NUMBER.findall(code), NUMBER.sub("#", code)
    alike = [item for item in codelist if NUMBER.sub("#", item.id) == shape and is_named_by_numbers(item.name, item.id)]
    if not alike:
        return Text()
    form = find_number_form(int(numbers[-1]))
    model = next((item for item in alike if find_number_form(int(NUMBER.findall(item.id)[-1])) == form), alike[0])
    return Text.of({language: replace_numbers(name, numbers) for language, name in model.name})


def is_named_by_numbers(name: Text, code: str) -> bool:
    return all(NUMBER.findall(each) == NUMBER.findall(code) for _, each in name)


def replace_numbers(name: str, numbers: Iterable[str]) -> str:
    given = iter(numbers)
    return NUMBER.sub(lambda _: next(given), name)


def find_number_form(number: int) -> tuple[bool, int]:
    last = 5 if number % 100 in TEENS else number % 10
    return number <= SMALL_NUMBER, 1 if last == 1 else 2 if last in range(2, 5) else 5


def read_span(match: re.Match[str]) -> tuple[int, int]:
    if match["one"]:
        return int(match["one"]), int(match["one"]) + 1
    if match["ge"]:
        return int(match["ge"]), OPEN_END
    if match["lt"]:
        return 0, int(match["lt"])
    return int(match["from"]), int(match["to"]) + 1


def find_partitions(codes: Iterable[str]) -> tuple[tuple[tuple[str, ...], ...], tuple[int, ...]]:
    """Find partitions by age codes from 0 to an open class, and the ages at which a code is missing.

    >>> find_partitions(["Y0T14", "Y15T64", "Y_GE65"])
    ((('Y0T14', 'Y15T64', 'Y_GE65'),), ())
    >>> find_partitions(["Y_LT15", "Y_LT30"])
    ((), (15, 30))
    """
    starting: dict[int, list[tuple[int, str]]] = {}
    for code in sorted(codes):
        span = parse_age_code(code)
        if span:
            starting.setdefault(span[0], []).append((span[1], code))
    divisions: list[tuple[str, ...]] = []
    stops: set[int] = set()
    for choose in (min, max):
        chain: list[str] = []
        age = 0
        while age in starting:
            age, code = choose(starting[age])
            chain.append(code)
        if age == OPEN_END and tuple(chain) not in divisions:
            divisions.append(tuple(chain))
        elif age != OPEN_END:
            stops.add(age)
    if divisions:
        return tuple(divisions), ()
    return (), tuple(sorted(stops))


def choose_disjoint(codes: Iterable[str]) -> tuple[str, ...]:
    """Choose as many non-overlapping age groups as possible, those with the earliest end first.

    >>> choose_disjoint(["Y_LT30", "Y_LT15", "Y_GE65"])
    ('Y_LT15', 'Y_GE65')
    """
    disjoint_codes: list[str] = []
    reached = 0
    spans = ((span, code) for code in codes if (span := parse_age_code(code)))
    for (start, end), code in sorted(
        spans, key=lambda span_and_code: (span_and_code[0][1], -span_and_code[0][0], span_and_code[1])
    ):
        if start >= reached:
            disjoint_codes.append(code)
            reached = end
    return tuple(disjoint_codes)
