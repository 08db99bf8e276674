"""Sums in VTL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sdmxmig.quality.rules.times import FREQUENCY, PARTS_OF_A_YEAR
from sdmxmig.quality.rules.totals import KEY_SEPARATOR, MIN_PROOFS
from sdmxmig.quality.vtl import TRANSLATIONS, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.figures import (
    TOTAL,
    build_written_part,
    collect_groups,
    find_definition,
)
from sdmxmig.quality.vtl.syntax import (
    AGES_UNSUPPORTED,
    LACKING_COMPONENT,
    ONE_FREQUENCY,
    SEVERAL_GROUPED,
    UNCODED_COMPONENT,
    is_in,
    join_conditions,
    name,
    name_domain,
    negate_condition,
    quote_literal,
    write_conditional,
)
from sdmxmig.sdmx.model.data import Flow

NON_PART_CODES = ("_Z",)
MAX_NUMBERED = 52
"""Sums of this many powers of two are exact numbers."""


@TRANSLATIONS.add("TOTAL-IS-SUM")
def total_is_sum(subject: Subject) -> Iterable[Part]:
    parameters = subject.parameters
    if parameters.flag("ages", default=False):
        raise NotExpressibleError(AGES_UNSUPPORTED)
    dimensions, required = parameters.strings("dimensions", None), parameters.strings("required")
    yield build_sum_part(subject, "", dimensions, required, parameters.text("total", TOTAL))


@TRANSLATIONS.add("TOTALS-ARE-SUMS")
def totals_are_sums(subject: Subject) -> Iterable[Part]:
    required = subject.parameters.table("required")
    for number, dimension in enumerate(subject.parameters.strings("dimensions", None), 1):
        if dimension in subject.flow.structure.series_key:
            yield build_sum_part(subject, f"_{number}", [dimension], required.strings(dimension), TOTAL)


def build_sum_part(
    subject: Subject, number: str, dimensions: Sequence[str], required: Sequence[str], total: str
) -> Part:
    """Compare totals with the sums of the finest parts, those inside no other reported part."""
    flow = subject.flow
    if missing := [component for component in dimensions if component not in flow.structure.series_key]:
        raise NotExpressibleError(LACKING_COMPONENT, flow=flow.id, component=", ".join(missing))
    strange = " or ".join(f"not ({name(component)} in {write_list(subject, component)})" for component in dimensions)
    grouped = {component: groups for component in dimensions if (groups := find_parted_groups(subject, component))}
    if len(grouped) > 1:
        raise NotExpressibleError(SEVERAL_GROUPED, component=", ".join(grouped))
    others = [*(name(other) for other in flow.structure.key if other not in dimensions), *find_definition(flow)]
    return build_written_part(
        subject,
        number,
        others=others,
        broken_down=[*map(name, dimensions)],
        at_total=[f"{name(component)} = {quote_literal(total)}" for component in dimensions],
        parted=[negate_condition(is_in(name(component), (total, *NON_PART_CODES))) for component in dimensions],
        needs=[
            join_conditions(*write_equals(dict(zip(dimensions, codes.split(KEY_SEPARATOR), strict=True))))
            for codes in required
        ],
        strange=strange,
        grouped=grouped,
        numbers=number_codes(flow, dimensions, total) if required else "",
        proofs=MIN_PROOFS,
        definition=find_definition(flow),
        within=[*others, *(name(component) for component in dimensions if component not in grouped)],
    )


def number_codes(flow: Flow, dimensions: Iterable[str], total: str) -> str:
    """Number the parts so that their sum identifies the parts reported together; empty for long codelists."""
    factors, places = [], 1
    for dimension in dimensions:
        codelist = flow.codelist(dimension)
        codes = [code for code in codelist.ids if code not in (total, *NON_PART_CODES)] if codelist else []
        number = "0"
        for place, code in enumerate(codes[:MAX_NUMBERED]):
            number = write_conditional(is_in(name(dimension), [code]), str(2 ** (place * places)), number)
        factors.append(f"({number})")
        places *= len(codes)
    return " * ".join(factors) if places <= MAX_NUMBERED else ""


def write_list(subject: Subject, dimension: str) -> str:
    codelist = subject.flow.codelist(dimension)
    if codelist is None:
        raise NotExpressibleError(UNCODED_COMPONENT, flow=subject.flow.id, component=dimension)
    return name_domain(codelist)


def find_parted_groups(subject: Subject, dimension: str) -> dict[str, tuple[str, ...]]:
    groups = collect_groups(subject.flow, dimension)
    return {group: codes for group, codes in groups.items() if group not in (TOTAL, *NON_PART_CODES)}


@TRANSLATIONS.add("PART-WITHIN-TOTAL")
def part_within_total(subject: Subject) -> Iterable[Part]:
    for number, joined in enumerate(subject.parameters.strings("dimensions", None), 1):
        dimensions = joined.split(KEY_SEPARATOR)
        if set(dimensions) <= set(subject.flow.structure.series_key):
            is_part = [negate_condition(is_in(name(dimension), (TOTAL, *NON_PART_CODES))) for dimension in dimensions]
            yield build_share_part(subject, f"_{number}", is_part, dict.fromkeys(dimensions, TOTAL), "1")


@TRANSLATIONS.add("SHARE-WITHIN")
def share_within(subject: Subject) -> Iterable[Part]:
    parameters = subject.parameters
    for number, pair in enumerate(parameters.tables("pair"), 1):
        part, whole = pair.table("part").pairs(), pair.table("whole").pairs()
        if set(part) <= set(subject.flow.structure.series_key):
            margins = require_totals(subject, part) if parameters.flag("margins", default=False) else []
            yield build_share_part(subject, f"_{number}", write_equals(part), whole, parameters.text("most"), margins)


def build_share_part(
    subject: Subject, number: str, part: list[str], whole: Mapping[str, str], most: str, margins: Sequence[str] = ()
) -> Part:
    return build_written_part(
        subject, number, "share", part=part, whole=write_equals(whole), most=most, margins=margins
    )


def write_equals(codes: Mapping[str, str]) -> list[str]:
    return [f"{name(component)} = {quote_literal(code)}" for component, code in codes.items()]


@TRANSLATIONS.add("JOINT-WITHIN-BOUNDS")
def joint_within_bounds(subject: Subject) -> Iterable[Part]:
    for number, pair in enumerate(subject.parameters.tables("pairs"), 1):
        first, second = pair.text("first"), pair.text("second")
        if {first, second} <= set(subject.flow.structure.series_key):
            yield build_written_part(subject, f"_{number}", first=name(first), second=name(second))


@TRANSLATIONS.add("TOTAL-REPORTED")
def total_reported(subject: Subject) -> Iterable[Part]:
    flow, declared = subject.flow, subject.parameters.table("parts")
    for number, dimension in enumerate(declared.values, 1):
        if dimension in flow.structure.series_key:
            for is_zero in (False, True):
                yield build_written_part(
                    subject,
                    f"_{number}_ZERO" if is_zero else f"_{number}",
                    is_zero=is_zero,
                    dimension=name(dimension),
                    codes=declared.strings(dimension),
                    others=[name(other) for other in flow.structure.key if other != dimension],
                    margins=[] if is_zero else require_totals(subject, [dimension]),
                )


def require_totals(subject: Subject, but: Collection[str]) -> list[str]:
    flow = subject.flow
    return [
        f"{name(component)} = {quote_literal(TOTAL)}"
        for component in flow.structure.series_key
        if component not in but and (codes := flow.codelist(component)) is not None and TOTAL in codes
    ]


@TRANSLATIONS.add("YEAR-IS-SUM")
def year_is_sum(subject: Subject) -> Iterable[Part]:
    flow = subject.flow
    time = flow.structure.time
    if time is None or FREQUENCY not in flow.structure.series_key:
        raise NotExpressibleError(ONE_FREQUENCY, flow=flow.id)
    others = [*(name(other) for other in flow.structure.series_key if other != FREQUENCY), *find_definition(flow)]
    for frequency, count in PARTS_OF_A_YEAR.items():
        yield build_written_part(
            subject, f"_{frequency}", frequency=frequency, count=count, time=name(time.id), others=others
        )
