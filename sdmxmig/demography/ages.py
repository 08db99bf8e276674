"""Ages as intervals of completed years, read from codes such as Y15T64, and how they divide a population."""

from __future__ import annotations

import re
from collections.abc import Iterable

OPEN_END = 1000
"""Stands for the upper end of an open age class; nobody is as old."""

AGE = re.compile(r"^Y(?:(?P<from>\d{1,3})T(?P<to>\d{1,3})|_GE(?P<ge>\d{1,3})|_LT(?P<lt>\d{1,3})|(?P<one>\d{1,3}))$")


def interval(code: str) -> tuple[int, int] | None:
    """The completed years that an age code covers: the first one, and the first one after it; None for other codes.

    >>> interval("Y15T64"), interval("Y_GE65"), interval("Y_LT15"), interval("Y7"), interval("_U")
    ((15, 65), (65, 1000), (0, 15), (7, 8), None)
    """
    match = AGE.match(code)
    if not match:
        return None
    if match["one"]:
        return int(match["one"]), int(match["one"]) + 1
    if match["ge"]:
        return int(match["ge"]), OPEN_END
    if match["lt"]:
        return 0, int(match["lt"])
    return int(match["from"]), int(match["to"]) + 1


def partitions(codes: Iterable[str]) -> tuple[tuple[tuple[str, ...], ...], str]:
    """The ways in which these age codes divide a whole population, and the reason if there is none.

    A partition begins at age 0, ends with an open class, and has neither overlap nor hole. When age groups of
    several widths are mixed, the finest and the coarsest partition are found.

    >>> partitions(["Y0T14", "Y15T64", "Y_GE65"])
    ((('Y0T14', 'Y15T64', 'Y_GE65'),), '')
    >>> partitions(["Y_LT15", "Y_LT30"])
    ((), 'no age group begins at 15 or 30')
    """
    starting: dict[int, list[tuple[int, str]]] = {}
    for code in sorted(codes):
        span = interval(code)
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
        return tuple(divisions), ""
    return (), f"no age group begins at {' or '.join(str(age) for age in sorted(stops))}"


def disjoint(codes: Iterable[str]) -> tuple[str, ...]:
    """As many of these age groups as do not overlap, those that end first being chosen first.

    >>> disjoint(["Y_LT30", "Y_LT15", "Y_GE65"])
    ('Y_LT15', 'Y_GE65')
    """
    disjoint_codes: list[str] = []
    reached = 0
    spans = ((span, code) for code in codes if (span := interval(code)))
    for (start, end), code in sorted(
        spans, key=lambda span_and_code: (span_and_code[0][1], -span_and_code[0][0], span_and_code[1])
    ):
        if start >= reached:
            disjoint_codes.append(code)
            reached = end
    return tuple(disjoint_codes)
