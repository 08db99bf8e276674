"""The rules of dataflows as one program of VTL, as a script and as artefacts of SDMX."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sdmxmig.model.data import Flow
from sdmxmig.model.findings import Rule, switched_on
from sdmxmig.vtl import TRANSLATIONS, NotExpressibleError, Part, Subject
from sdmxmig.vtl.reasons import reason_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """One rule for one dataflow: its parts, or the reason why there are none."""

    rule: Rule
    flow: Flow
    parts: tuple[Part, ...] = ()
    reason: str = ""


def translated(flows: Iterable[Flow], rules: Mapping[str, Rule], all_flows: Mapping[str, Flow]) -> list[Translated]:
    """All rules that run on some dataflows, each as parts in VTL or with the reason why it cannot be said there."""
    return [
        translation_of(rules[rule_id], flow, all_flows)
        for flow in flows
        for rule_id in sorted(switched_on(rules, flow.dataflow.rules))
        if rule_id in rules
    ]


def translation_of(rule: Rule, flow: Flow, all_flows: Mapping[str, Flow]) -> Translated:
    """One rule for one dataflow."""
    if taken := sorted(OWN_NAMES.intersection(component.id for component in flow.structure.components)):
        return Translated(rule=rule, flow=flow, reason=f"the program has other uses for the name {taken[0]}")
    if rule.kind not in TRANSLATIONS:
        return Translated(rule=rule, flow=flow, reason=reason_of(rule.kind))
    try:
        parts = tuple(TRANSLATIONS[rule.kind](Subject(rule=rule, flow=flow, flows=all_flows)))
    except NotExpressibleError as reason:
        return Translated(rule=rule, flow=flow, reason=str(reason))
    return Translated(rule=rule, flow=flow, parts=parts, reason="" if parts else f"it says nothing of {flow.id}")


OWN_NAMES = frozenset(
    """
    ALIKE AMOUNT BEFORE BEST BOTH CHANGE COUNTED DIFFERENCE DIGITS EMPTY EVERYTHING EXACT EXPLAINED FIRST HALF
    HALVES HIGH HOLDS JUMPS KNOWN_SLACK LAG LARGER LEAST LOW LOWER LOWER_AMOUNT LOWER_HALF MARKED NEXT NEXT_NUMBER
    OTHER PARTS PAST PERIOD_NUMBER POWER RANK_OF_CODES RATIO SECOND SHIFTED SLACK SLACKS SLACK_OF_BOTH
    SLACK_OF_EXACT SLACK_OF_FIRST SLACK_OF_PARTS SLACK_OF_SECOND SLACK_OF_TOTAL SLACK_OF_WHOLE SMALLER STEP
    STEP_OF_PERIODS STRANGE TESTED TOTAL TOTAL_OF UNITS UP UPPER UP_OF_TOTAL VALUED WHOLE YEAR YEAR_OF_PERIOD
    """.split()  # noqa: SIM905 - a list of names is read better so
)
"""What the steps call their measures and identifiers: a component of this name would be mistaken for them."""
HEAD = """\
/* Validation rules in VTL 2.1.
   Each dataflow is a data set: its dimensions are identifiers of the type string (periods too), its measure is a
   number, and its attributes, also those of series and of the whole data set, stand with each observation.
   The codes of a list are the value domain CODELIST_AGENCY_VERSION.
   Results: bool_var says whether a figure holds, errorcode is the rule, errorlevel 3 an error, 2 a warning,
   1 an information. What could not be tested is in the results that end in _UNTESTED; where a result has no rows,
   nothing could be tested.
   Rounding: half a printed unit for each figure, as UNIT_MULT and DECIMALS declare it, and nothing for whole persons.
   Rounding that is not declared, such as to multiples of five, VTL cannot know; sdmxmig validate looks for it. */
"""
LEFT_OUT_HEAD = """\
# Not in VTL

These rules of the dataflows are not in the script and its artefacts; `sdmxmig validate` runs them all.
"""


def script_of(parts: Iterable[Part]) -> str:
    """Parts as a script of VTL 2.1: rulesets and transformations, each once."""
    return HEAD + "\n".join(statements(parts)) + "\n"


def left_out(translations: Iterable[Translated]) -> str:
    """A text in Markdown on the rules that cannot be said in VTL, with the reasons."""
    rows: dict[tuple[str, str], list[str]] = {}
    for translation in translations:
        if not translation.parts:
            rows.setdefault((translation.rule.id, translation.reason), []).append(translation.flow.id)
    lines = [f"- {rule} ({', '.join(flows)}): {reason}" for (rule, reason), flows in sorted(rows.items())]
    return "\n".join([LEFT_OUT_HEAD, *lines]) + "\n"


def statements(parts: Iterable[Part]) -> Iterator[str]:
    """The definitions and transformations of parts, each once."""
    written: set[str] = set()
    for part in parts:
        for ruleset in part.rulesets:
            yield ruleset.definition
        for assignment in part.assignments:
            if assignment.result not in written:
                written.add(assignment.result)
                yield assignment.statement
