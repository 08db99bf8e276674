"""Message templates with untrusted parts."""

from __future__ import annotations

import re
from collections.abc import Mapping

BLANK = re.compile(r"\{([A-Za-z_]+)\}")


def filled(message: str, values: Mapping[str, object]) -> str:
    """Fill a message; unknown names stay.

    Unlike `str.format`, untrusted messages cannot access attributes.

    >>> filled("{n} of {all}: {n.real}", {"n": 3, "all": 11})
    '3 of 11: {n.real}'
    """
    return BLANK.sub(lambda match: str(values[match[1]]) if match[1] in values else match[0], message)


def values_in(message: str, text: str) -> dict[str, str] | None:
    """What stands in a text for the blanks of a message; None if the text is not that message with its values.

    >>> values_in("within {share} of {value}", "within 5% of 120"), values_in("about {value}", "after 7")
    ({'share': '5%', 'value': '120'}, None)
    """
    first, *names_and_words = BLANK.split(message)
    if not text.startswith(first):
        return None
    rest, values = text[len(first) :], {}
    for name, words in zip(names_and_words[::2], names_and_words[1::2], strict=True):
        value, between, after = rest.partition(words) if words else (rest, "", "")
        if not value or between != words:
            return None
        values[name], rest = value, after
    return None if rest else values


def blanks(message: str) -> list[str]:
    """The names of the blanks of a message.

    >>> blanks("{n} of {all}")
    ['n', 'all']
    """
    return BLANK.findall(message)
