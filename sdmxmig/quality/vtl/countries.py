"""Status and country in VTL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sdmxmig.quality.rules.status_of_country import NONE, UNKNOWN, StatusCountryPair, pair_of
from sdmxmig.quality.vtl import TRANSLATIONS, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.figures import NOTHING, SLACK, TOTAL, UNITS, figures_of, groups_of, judged, known, step
from sdmxmig.quality.vtl.observations import AREA, observations, part_of
from sdmxmig.quality.vtl.reasons import SILENT
from sdmxmig.quality.vtl.syntax import among, calculated, chosen, filtered, grouped, literal, name, negated


@TRANSLATIONS.add("STATUS-OF-COUNTRY")
def status_of_country(subject: Subject) -> Iterable[Part]:
    """The status is the total, or one that the country beside it allows."""
    for number, pair in present_pairs(subject):
        dataset = observations(subject.flow, *named_countries(subject, pair))
        condition = chosen(among(name(pair.status), [TOTAL]), "true", allowed(pair, every_status=True))
        yield part_of(subject, dataset, [pair.status, pair.country, AREA], {"R1": condition}, number=f"_{number}")


@TRANSLATIONS.add("SAME-UNDER-TOTAL-STATUS")
def same_under_total_status(subject: Subject) -> Iterable[Part]:
    """Each figure for a country under the total of the status, with that under the status which the country fixes."""
    flow = subject.flow
    for number, pair in present_pairs(subject):
        others = [name(dimension) for dimension in flow.structure.key if dimension != pair.status]
        exact = grouped(others, EXACT=f"max({UNITS})", SLACK_OF_EXACT=f"max({SLACK})")
        holds = f"abs({UNITS} - EXACT) * 2 <= {SLACK} + SLACK_OF_EXACT + {NOTHING}"
        at_total = f"{name(pair.status)} = {literal(TOTAL)}"
        steps = [
            step("ALL", filtered(figures_of(flow), known(), *named_countries(subject, pair))),
            step("TOTALS", f"{filtered('@ALL', at_total)}[keep {UNITS}, {SLACK}]"),
            step("UNDER_STATUS", filtered("@ALL", allowed(pair, every_status=False)) + exact),
            step("BOTH", "inner_join(@TOTALS as t, @UNDER_STATUS as u)"),
            step("TESTED", f"@BOTH{calculated(HOLDS=holds, DIFFERENCE=f'{UNITS} - EXACT')}"),
        ]
        yield judged(subject, f"_{number}", steps)


def present_pairs(subject: Subject) -> Iterator[tuple[int, StatusCountryPair]]:
    key = subject.flow.structure.key
    pairs = [pair_of(declared) for declared in subject.parameters.tables("pair")]
    present = [(n, pair) for n, pair in enumerate(pairs, 1) if {pair.status, pair.country, AREA} <= set(key)]
    if not present:
        raise NotExpressibleError(SILENT, flow=subject.flow.id)
    yield from present


def named_countries(subject: Subject, pair: StatusCountryPair) -> Iterator[str]:
    flow = subject.flow
    yield negated(among(name(pair.country), (TOTAL, NONE, *groups_of(flow, pair.country))))
    if groups := groups_of(flow, AREA):
        yield negated(among(AREA, groups))


def allowed(pair: StatusCountryPair, *, every_status: bool) -> str:
    status, country = name(pair.status), name(pair.country)
    condition = chosen(f"{country} = {AREA}", among(status, [pair.own]), among(status, [pair.other]))
    condition = chosen(among(country, [UNKNOWN]), among(status, [UNKNOWN]), condition)
    for special, statuses in pair.special.items():
        wanted = statuses if every_status else statuses[:1]
        condition = chosen(among(country, [special]), among(status, wanted), condition)
    return condition
