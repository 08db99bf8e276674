"""Messages with blanks for values, which may come from a stranger: whole values go in, and nothing is worked out."""

from __future__ import annotations

import re
from collections.abc import Mapping

BLANK = re.compile(r"\{([A-Za-z_]+)\}")
"""A name in braces; a format or the inside of a value behind it is none, and stays as it stands."""


def filled(message: str, values: Mapping[str, object]) -> str:
    """A message with its values put in; a name in braces that nobody gave stays as it stands.

    Only whole values are put in, never parts of them: a message may come from a stranger, and Python's own way would
    show it the inside of objects.

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
