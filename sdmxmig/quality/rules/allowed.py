"""Constraints of flow, structure and agreement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, dataclass
from functools import partial

import polars as pl

from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.columns import ROW, VALUE, column
from sdmxmig.quality.rules.constraints import (
    Refusal,
    codes_phrase,
    named_in,
    range_phrase,
    refusals,
    shown,
    times_in,
    unjudged,
    unreadable,
)
from sdmxmig.quality.rules.words import because, in_languages, name_of
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.sdmx.model.structures import Constraint, Selection

SINGLE = ("dataset", "series", "observation")
"""Where attributes stand that each observation has for itself."""


@dataclass(frozen=True, slots=True)
class Phrases:
    combination: Text
    some_value: Text
    _: KW_ONLY
    no_value: Text


@KINDS.add("KEY-ALLOWED")
def key_allowed(check: Check) -> Iterable[Fault | NotTestable]:
    """Every observation satisfies the constraints of the flow, its structure and its agreement.

    Each component is judged by itself where a single region is allowed, so that the finding names the code; where
    several are, and for keys that are listed or forbidden, the whole key is at fault. Values not sent are not checked.
    Parameters `combination`, `some_value`, `no_value`: the wording of allowed values in messages.
    """
    parameters = check.parameters
    phrases = Phrases(
        parameters.texts("combination", required=True),
        parameters.texts("some_value", required=True),
        no_value=parameters.texts("no_value", required=True),
    )
    parameters.close()
    flow = check.dataset.flow
    if not flow.constraints:
        yield NotTestable(because("{flow} has no constraint", flow=flow.id))
        return
    frame = with_components(check)
    for constraint in flow.constraints:
        for refusal in refusals(flow, frame, constraint):
            yield from faults_of(check, frame, refusal, constraint=constraint, phrases=phrases)
    unknown = unreadable(flow, flow.constraints)
    for reason in unjudged(flow, flow.constraints):
        yield NotTestable(reason, partial=reason not in unknown)


def with_components(check: Check) -> pl.DataFrame:
    flow = check.dataset.flow
    named = {name for constraint in flow.constraints for name in (*named_in(constraint), *times_in(flow, constraint))}
    frame = check.frame
    for name in sorted(named - set(frame.columns)):
        if name in flow.structure and flow.structure[name].attachment in SINGLE:
            values = column(check, flow.structure[name]).get_column(VALUE)
            frame = frame.with_columns(values.alias(name))
    return frame


def faults_of(
    check: Check, frame: pl.DataFrame, refusal: Refusal, *, constraint: Constraint, phrases: Phrases
) -> Iterator[Fault]:
    """One fault for each combination of values that is refused; the last component that is named is at fault."""
    names = list(refusal.components)
    if not names:
        return
    refused = frame.filter(refusal.wrong).select(*names, ROW)
    for *values, rows in refused.group_by(names, maintain_order=True).agg(ROW).iter_rows():
        row = dict(zip(names, (shown(value) for value in values), strict=True))
        words = partial(words_of, check.dataset.flow, refusal, row, phrases=phrases)
        parameters = in_languages(check.rule, words) | {"constraint": constraint.ref.id}
        at_fault = refusal.selection.component if refusal.selection else names[-1]
        yield Fault(
            tuple(rows), at_fault, parameters=parameters, observed=row[at_fault], expected=parameters["allowed"]
        )


def words_of(flow: Flow, refusal: Refusal, row: dict[str, str], language: str, *, phrases: Phrases) -> dict[str, str]:
    if refusal.selection is None:
        combination = ", ".join(f"{name} = {value}" for name, value in row.items())
        return {"value": combination, "allowed": phrases.combination.in_language(language)}
    sent = [named(flow, component, code, language) for component, code in row.items()]
    return {"value": ", ".join(sent), "allowed": allowed_phrase(refusal.selection, phrases, language)}


def named(flow: Flow, component: str, code: str, language: str) -> str:
    name = name_of(flow, component, code, language)
    return f"{component} = {code}" + (f" ({name})" if name != code else "")


def allowed_phrase(selection: Selection, phrases: Phrases, language: str) -> str:
    if selection.time_range or selection.members:
        return range_phrase(selection) or codes_phrase(selection)
    return (phrases.some_value if selection.include else phrases.no_value).in_language(language)
