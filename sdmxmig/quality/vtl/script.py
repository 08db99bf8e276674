"""Rules as a VTL script and SDMX artefacts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sdmxmig.catalogue import Catalogue
from sdmxmig.primitives.markdown import literal
from sdmxmig.quality.vtl import TRANSLATIONS, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.reasons import NAME_TAKEN, SILENT, reason_of
from sdmxmig.quality.vtl.words import worded
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Rule, switched_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """A rule for a dataflow: its parts, or the reason for none."""

    rule: Rule
    flow: Flow
    parts: tuple[Part, ...] = ()
    reason: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


def translated(flows: Iterable[Flow], catalogue: Catalogue, filled: Collection[str] = ()) -> list[Translated]:
    rules = catalogue.rules
    return [
        translation_of(rules[rule_id], flow, catalogue, filled)
        for flow in flows
        for rule_id in sorted(switched_on(rules, flow.dataflow.rules))
        if rule_id in rules
    ]


def translation_of(rule: Rule, flow: Flow, catalogue: Catalogue, filled: Collection[str] = ()) -> Translated:
    """One rule for one dataflow; `filled` as for `translated`."""
    subject = Subject(
        rule=rule,
        flow=flow,
        flows={**catalogue.flows, flow.id: flow},
        filled=frozenset(filled or catalogue.flows),
        identities=catalogue.identities,
    )
    try:
        parts = parts_of(subject)
    except NotExpressibleError as reason:
        return Translated(rule=rule, flow=flow, reason=reason.reason, names=reason.names)
    return Translated(rule=rule, flow=flow, parts=parts)


def parts_of(subject: Subject) -> tuple[Part, ...]:
    kind = subject.rule.kind
    if taken := sorted(OWN_NAMES.intersection(component.id for component in subject.flow.structure.components)):
        raise NotExpressibleError(NAME_TAKEN, component=taken[0])
    if kind not in TRANSLATIONS:
        raise NotExpressibleError(reason_of(kind), kind=kind)
    parts = tuple(TRANSLATIONS[kind](subject))
    if not parts:
        raise NotExpressibleError(SILENT, flow=subject.flow.id)
    return parts


OWN_NAMES = frozenset(
    """
    ALIKE AMOUNT BASE BEFORE BEST BOTH BOUND CHANGE CLOSES CLOSING COUNTED DIFFERENCE DIGITS EMPTY EVERYTHING EXACT
    EXPLAINED FIRST GAP HALF HALVES HIGH HOLDS INSIDE IS_PART JUMPS KNOWN_SLACK LACKING LAG LARGER LEAST LEFT_SIDE
    LEFT_SLACK LEVEL LOW LOWER LOWER_AMOUNT LOWER_HALF MARKED NEEDED NEXT NEXT_NUMBER OF_ALL OF_YEAR OTHER PART
    PARTS PAST PERIOD_NUMBER POWER RANK_OF_CODES RATIO REPORTED RESIDUAL RESTS SECOND SHIFTED SLACK SLACKS SLACK_GAP
    SLACK_OF_BOTH SLACK_OF_EXACT SLACK_OF_FIRST SLACK_OF_PARTS SLACK_OF_SECOND SLACK_OF_TOTAL SLACK_OF_WHOLE SMALLER
    SOURCE STATUS STEP STEP_OF_PERIODS STRANGE TESTED TOLERANCE TOTAL TOTAL_OF UNITS UP UPPER UP_OF_TOTAL VALUED
    WHOLE WHOLE_CODE YEAR YEARS YEAR_OF_PERIOD
    """.split()  # noqa: SIM905 - a list of names is read better so
)
HEAD = """\
/* Validation rules in VTL 2.1.

   What it expects. Each dataflow is a data set of its id: its dimensions are identifiers of the type string (periods
   too), its measure is a number, and its attributes, also those of series and of the whole data set, stand with each
   observation. The codes of a list are the value domain CODELIST_AGENCY_VERSION.

   What comes of it. MIG_1_101_DF_POP is the result of the rule 101 of level 1 for the dataflow DF_POP: one row for each
   figure that was tested. bool_var says whether it holds, imbalance how far it is from what was expected, errorcode
   names the rule where it does not hold, errorlevel is 3 for an error, 2 for a warning, 1 for an information. What
   could not be tested is in the results that end in _UNTESTED; where a result has no rows, nothing could be tested.

   Rounding. Half a printed unit for each figure, as UNIT_MULT and DECIMALS declare it, and nothing for whole persons.
   Rounding that is not declared, such as to multiples of five, VTL cannot know; sdmxmig validate looks for it.

   How to find your way. A title such as this one stands before each dataflow and each rule: what follows up to the
   next title belongs to that rule, and results are those with the sign <-. Steps that several rules need stand where
   the first of them needs them. */
"""
LEFT_OUT_TITLE = "Not in VTL"
LEFT_OUT_HEAD = (
    "These rules of the dataflows are not in the script or its artefacts. `sdmxmig validate` runs all of them."
)


def script_of(parts: Iterable[Part]) -> str:
    return HEAD + "\n".join(statements(parts, set())) + "\n"


def titled_script(translations: Iterable[Translated], language: str) -> str:
    """The rules of dataflows as a script, with a title in a language before each dataflow and each rule."""
    written: set[str] = set()
    lines = [HEAD]
    flow_id = ""
    for translation in sorted(translations, key=lambda translation: (translation.flow.id, translation.rule.id)):
        if not translation.parts:
            continue
        flow, rule = translation.flow, translation.rule
        if flow.id != flow_id:
            flow_id = flow.id
            lines += ["", comment("=" * TITLE, f"{flow.id}  {flow.dataflow.name.in_language(language)}", "=" * TITLE)]
        lines += ["", comment(f"{rule.id}  {rule.name.in_language(language)}")]
        lines += statements(translation.parts, written)
    return "\n".join(lines) + "\n"


TITLE = 60
"""So long is the line above and below the title of a dataflow."""


def comment(*lines: str) -> str:
    """Lines of text as a comment; the end of a comment within them would end it.

    >>> comment("A */ B")
    '/* A * / B */'
    """
    text = "\n   ".join(line.replace("*/", "* /") for line in lines)
    return f"/* {text} */"


def left_out(translations: Iterable[Translated], language: str) -> str:
    rules: dict[str, dict[str, list[str]]] = {}
    for translation in translations:
        if not translation.parts:
            reason = worded(translation.reason, **translation.names).in_language(language)
            label = f"{translation.rule.id} {literal(translation.rule.name.in_language(language))}"
            rules.setdefault(reason, {}).setdefault(label, []).append(translation.flow.id)
    lines = [f"# {worded(LEFT_OUT_TITLE).in_language(language)}", "", worded(LEFT_OUT_HEAD).in_language(language)]
    for reason, flows_by_rule in rules.items():
        listed = [f"- {label} ({', '.join(flows)})" for label, flows in sorted(flows_by_rule.items())]
        lines += ["", f"## {literal(reason)}", "", *listed]
    return "\n".join(lines) + "\n"


def statements(parts: Iterable[Part], written: set[str]) -> Iterator[str]:
    for part in parts:
        for ruleset in part.rulesets:
            yield ruleset.definition
        for assignment in part.assignments:
            if assignment.result not in written:
                written.add(assignment.result)
                yield assignment.statement
