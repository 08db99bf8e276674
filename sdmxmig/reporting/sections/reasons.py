"""Reasons for missing values, translated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from sdmxmig.primitives import text
from sdmxmig.reporting.sections.wording import Labelled, Wording, lowered
from sdmxmig.sdmx.model.artefacts import Text

REASONS = (
    "no data for {flow}",
    "the reference date of {flow} is not given, neither 1 January nor 31 December",
    "the reference date of {flow} is “{date}”, neither 1 January nor 31 December",
    "no single value of {name} for {years}",
    "no {name} that can be compared with the year before on 1 January {years}",
    "no {name} on 1 January {years}",
    "no {name} at both ends of any year",
    "no {name} other than zero for {years}",
    "no {name} for {years}",
    "no {name}",
)
"""As `terms` and `figures` of `sdmxmig.statistics.calculations` write them; the first that fits is taken."""
SHAPES = {message: re.compile(re.sub(r"\\{([a-z]+)\\}", r"(?P<\1>.+)", re.escape(message))) for message in REASONS}
NAMED = ("flow", "name")
FLOWS = "DATAFLOWS."
PART = re.compile(r"[^(),:]+")
"""A name within a term such as “immigration (birth status: native-born)”."""


def reasons(english: Iterable[str], labelled: Labelled, wording: Wording) -> list[str]:
    if wording.language == "en":
        return list(english)
    labels = sorted(labelled.labels.items(), reverse=True)
    flows = {label.in_language("en").lower().split(" by ")[0]: label for key, label in labels if key.startswith(FLOWS)}
    names = {label.in_language("en").lower(): label for _, label in labels}
    return [_reason(reason, {**flows, **names}, wording) for reason in english]


def _reason(reason: str, names: Mapping[str, Text], wording: Wording) -> str:
    for message, shape in SHAPES.items():
        if fitting := shape.fullmatch(reason):
            values = {
                place: _term(value, names, wording) if place in NAMED else value
                for place, value in fitting.groupdict().items()
            }
            return wording.say(message, **values)
    return wording.of(Text.of({"en": reason}))


def _term(value: str, names: Mapping[str, Text], wording: Wording) -> str:
    phrase = PART.sub(lambda part: _named(part[0], names, wording), value)
    return phrase.replace(": ", wording.say(": ")).replace(", ", wording.say(", "))


def _named(part: str, names: Mapping[str, Text], wording: Wording) -> str:
    name = part.strip()
    label = lowered(wording.of(names[name.lower()])) if name.lower() in names else text.isolated(name, wording.language)
    return part.replace(name, label) if name else part
