"""Confidentiality in VTL."""

from __future__ import annotations

from collections.abc import Iterable

from sdmxmig.quality.rules.withheld import Marks, marks_in
from sdmxmig.quality.vtl import TRANSLATIONS, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.figures import (
    CONFIDENTIALITY,
    OBSERVATION_STATUS,
    SLACK,
    UNITS,
    figures_of,
    is_attribute,
    judged,
    known,
    looked_at,
    step,
)
from sdmxmig.quality.vtl.reasons import LACKING, RELEASE
from sdmxmig.quality.vtl.syntax import among, calculated, chosen, every, filtered, grouped, negated

EVERYTHING = "EVERYTHING"
ALL_TOGETHER = f"[calc identifier {EVERYTHING} := 1]"
APART = f"[sub {EVERYTHING} = 1]"


@TRANSLATIONS.add("SMALL-IS-CONFIDENTIAL")
def small_is_confidential(subject: Subject) -> Iterable[Part]:
    """Each count of single persons, in data in which some figures are withheld; small ones are marked."""
    parameters = subject.parameters
    threshold, zero = parameters.integer("threshold"), parameters.flag("zero", default=False)
    always, marks = parameters.flag("always", default=False), marks_in(parameters)
    confidentiality, status = codes_of(subject)
    withheld = f"{among(confidentiality, marks.of_confidentiality)} or {among(status, marks.suppressed)}"
    marked = among(confidentiality, (*marks.primary, *marks.restricted))
    small = every(f"{UNITS} < {threshold}", f"{UNITS} {'>=' if zero else '>'} 0")
    nothing = every(f"isnull({UNITS})", among(status, marks.nothing))
    counts = filtered("@ALL", f"{known()} or ({nothing})", f"{SLACK} = 0")
    steps = [
        step("ALL", filtered(figures_of(subject.flow), *looked_at(subject))),
        step("MARKS", f"{figures_of(subject.flow)}{calculated(MARKED=chosen(withheld, '1', '0'))}{ALL_TOGETHER}"),
        step("ANY_MARK", f"@MARKS{grouped([EVERYTHING], MARKED='max(MARKED)')}"),
        step("COUNTS", f"inner_join({counts}{ALL_TOGETHER} as c, @ANY_MARK as m)"),
        step("JUDGED", filtered("@COUNTS", "" if always else "MARKED = 1") + APART),
        step("TESTED", "@JUDGED" + calculated(HOLDS=f"{marked} or not nvl({small}, false)", DIFFERENCE=UNITS)),
    ]
    yield judged(subject, "", steps)


@TRANSLATIONS.add("WITHHELD-HAS-NO-VALUE")
def withheld_has_no_value(subject: Subject) -> Iterable[Part]:
    """Each figure that is not for publication, in data in which some of them are left out."""
    parameters = subject.parameters
    if parameters.flag("release", default=False):
        raise NotExpressibleError(RELEASE)
    marks = marks_in(parameters)
    confidentiality, status = codes_of(subject)
    steps = [
        step(
            "ALL", filtered(figures_of(subject.flow), *looked_at(subject), withheld_by(marks, confidentiality, status))
        ),
        step("WITHHELD", f"@ALL{calculated(VALUED=chosen(has_value(marks, status), '1', '0'))}{ALL_TOGETHER}"),
        step("ANY_LEFT_OUT", f"@WITHHELD{grouped([EVERYTHING], LEAST='min(VALUED)')}"),
        step("JUDGED", f"inner_join(@WITHHELD as w, @ANY_LEFT_OUT as l)[filter LEAST = 0]{APART}"),
        step("TESTED", f"@JUDGED{calculated(HOLDS='VALUED = 0', DIFFERENCE=UNITS)}"),
    ]
    yield judged(subject, "", steps)


def codes_of(subject: Subject) -> tuple[str, str]:
    present = [is_attribute(subject.flow, component) for component in (CONFIDENTIALITY, OBSERVATION_STATUS)]
    if not any(present):
        raise NotExpressibleError(LACKING, flow=subject.flow.id, component=f"{CONFIDENTIALITY}, {OBSERVATION_STATUS}")
    confidentiality, status = (
        f'nvl({component}, "")' if there else '""'
        for component, there in zip((CONFIDENTIALITY, OBSERVATION_STATUS), present, strict=True)
    )
    return confidentiality, status


def withheld_by(marks: Marks, confidentiality: str, status: str) -> str:
    without_value = every(f"isnull({UNITS})", among(status, marks.suppressed))
    return f"{among(confidentiality, marks.of_confidentiality)} or ({without_value})"


def has_value(marks: Marks, status: str) -> str:
    return f"{negated(f'isnull({UNITS})')} or {among(status, marks.nothing)}"
