"""VTL 2.1 syntax, reserved words, and reasons for rules without VTL (`templates/vtl/words.csv`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from sdmxmig.primitives.text import read_csv_rows
from sdmxmig.sdmx.model.artefacts import ItemScheme

TIME = "TIME_PERIOD"
LACKING_COMPONENT = "{flow} has no {component}."
UNCODED_COMPONENT = "{component} in {flow} has no codelist."
RULE_NOT_APPLICABLE = "The rule does not apply to {flow}."
ONE_FREQUENCY = "{flow} has only one frequency."
SEVERAL_GROUPED = "Several breakdowns have groups within groups: {component}."
ATTRIBUTE_FILTER = "The rule leaves out figures by their attribute {component}."
NO_DAY = "{flow} does not state the day on which people are counted."
UNREPORTED_FLOW = "No dataflow that the workspace fills reports {item}."
NO_REPORTS = "The workspace has no data of others that follow {item}."
UNFILLED_FLOW = "The rule compares with {flow}, which the workspace does not fill."
AGES_UNSUPPORTED = "VTL cannot express which age groups together cover all ages."
COHORTS_UNSUPPORTED = "VTL cannot express through which age groups a cohort passes."
ALL_CODES_NEEDED = "Which parts can be added up depends on all codes reported together, which VTL cannot look up."
RELEASE_UNSUPPORTED = "Rules on data that are all for release are not written in VTL yet."
SEVERAL_SUMS = "Sums over all codes of several breakdowns are not written in VTL yet."
NAME_TAKEN_REASON = "The program uses the name {component} for something else."
UNSUPPORTED_KIND = "Rules of the kind {kind} are not written in VTL yet."
REASONS = {row["kind"]: row["reason"] for row in read_csv_rows(Path(__file__).with_name("reasons.csv"))}
"""Why rules of a kind are not in VTL."""


def explain_kind(kind: str) -> str:
    """Return the reason why a kind of rule has no VTL; `UNSUPPORTED_KIND` if not implemented yet.

    >>> explain_kind("VALUE-OF-TYPE")
    'VTL receives numbers, not the way they are written.'
    >>> explain_kind("NO-OUTLIER")
    'Rules of the kind {kind} are not written in VTL yet.'
    """
    return REASONS.get(kind, UNSUPPORTED_KIND)


OTHER_SIGNS = re.compile(r"[^A-Za-z0-9]+")
REGULAR_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
ERROR_LEVELS = {"error": 3, "warning": 2, "information": 1}
"""Severities as numbers, whose meaning VTL leaves open."""


def name(text: str) -> str:
    """Write a name in VTL, quoted if reserved or irregular.

    >>> name("SEX"), name("imbalance"), name("2nd")
    ('SEX', "'imbalance'", "'2nd'")
    """
    return text if REGULAR_NAME.fullmatch(text) and text not in RESERVED_WORDS else f"'{text}'"


def strip_markup(text: str) -> str:
    """Convert a text to a part of a regular name.

    >>> strip_markup("SUM-1"), strip_markup("DF$X")
    ('SUM_1', 'DF_X')
    """
    return OTHER_SIGNS.sub("_", text)


def name_domain(codelist: ItemScheme) -> str:
    """Return the name of a codelist's value domain.

    >>> from types import SimpleNamespace as Named
    >>> name_domain(Named(ref=Named(agency="SDMX", id="CL_SEX", version="2.1")))
    'CL_SEX_SDMX_2_1'
    """
    return strip_markup(f"{codelist.ref.id} {codelist.ref.agency} {codelist.ref.version}")


def quote_literal(text: str) -> str:
    """Write a text as a VTL literal.

    >>> print(quote_literal('a "b" c'))
    "a ""b"" c"
    """
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def is_in(component: str, codes: Iterable[str]) -> str:
    """Return the condition that a component has one of these codes.

    >>> is_in("SEX", ["F", "M"]), is_in("SEX", ["F"]), is_in("SEX", [])
    ('SEX in {"F", "M"}', 'SEX = "F"', 'false')
    """
    literals = [quote_literal(code) for code in codes]
    if not literals:
        return "false"
    return f"{component} = {literals[0]}" if len(literals) == 1 else f"{component} in {{{', '.join(literals)}}}"


def join_conditions(*conditions: str) -> str:
    """Join conditions with “and”; ``true`` for no conditions.

    >>> join_conditions("A = 1", "", "B = 2"), join_conditions("")
    ('(A = 1) and (B = 2)', 'true')
    """
    wanted = [condition for condition in conditions if condition]
    return wanted[0] if len(wanted) == 1 else " and ".join(f"({condition})" for condition in wanted) or "true"


def negate_condition(condition: str) -> str:
    return f"not ({condition})" if condition else ""


def filter_dataset(dataset: str, *conditions: str) -> str:
    return dataset + write_filter(conditions)


def write_filter(conditions: Iterable[str]) -> str:
    wanted = [condition for condition in conditions if condition]
    return f"[filter {join_conditions(*wanted)}]" if wanted else ""


def write_union(datasets: Sequence[str]) -> str:
    return f"union({', '.join(datasets)})" if len(datasets) > 1 else datasets[0]


def write_conditional(condition: str, then: str, otherwise: str) -> str:
    return f"if {condition} then {then} else {otherwise}"


def calculate_measures(**measures: str) -> str:
    return f"[calc {', '.join(f'measure {key} := {value}' for key, value in measures.items())}]"


def aggregate_measures(by: Iterable[str], **measures: str) -> str:
    return f"[aggr {', '.join(f'{key} := {value}' for key, value in measures.items())} group by {', '.join(by)}]"


def match_forms(time: str, forms: Sequence[str]) -> str:
    plain = "|".join(dict.fromkeys(form.replace(r"\d", "[0-9]") for form in forms))
    return f"match_characters({time}, {quote_literal(f'^({plain})$')})"


RESERVED_WORDS = frozenset(Path(__file__).with_name("reserved.txt").read_text(encoding="utf-8").split())
