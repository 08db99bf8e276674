"""Groups by codelist hierarchy in VTL.

Status and country in VTL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sdmxmig.quality.rules.groups import NEVER, Link, links_by_list
from sdmxmig.quality.rules.status_of_country import NONE, UNKNOWN, StatusCountryPair, pair_of
from sdmxmig.quality.vtl import TRANSLATIONS, Assignment, NotExpressibleError, Part, Ruleset, Subject
from sdmxmig.quality.vtl.figures import (
    NOTHING,
    SLACK,
    TOTAL,
    UNITS,
    figures_of,
    groups_of,
    judged,
    known,
    looked_at,
    step,
)
from sdmxmig.quality.vtl.observations import AREA, observations, part_of
from sdmxmig.quality.vtl.reasons import ALL_CODES, SILENT
from sdmxmig.quality.vtl.syntax import (
    among,
    calculated,
    chosen,
    every,
    filtered,
    grouped,
    literal,
    name,
    negated,
    plain,
)
from sdmxmig.sdmx.model.data import Flow

RULE_ID, IMBALANCE = name("ruleid"), name("imbalance")
SUMS = {UNITS: "GAP", SLACK: "SLACK_GAP", "REPORTED": "LACKING"}
MOST_CODES = 60
Levels = dict[str, list[Link]]


@TRANSLATIONS.add("GROUP-IS-SUM")
def group_is_sum(subject: Subject) -> Iterable[Part]:
    """For each breakdown: groups with the codes inside them, by level of the hierarchy of its codelist."""
    by, written = subject.parameters.text("by"), False
    if by != "list":
        raise NotExpressibleError(ALL_CODES)
    for number, dimension in enumerate(subject.parameters.strings("dimensions", None), 1):
        if dimension not in subject.flow.structure.series_key:
            continue
        levels = levels_of(subject.flow, dimension)
        if levels:
            written = True
            yield groups(subject, dimension, f"_{number}", levels)
    if not written:
        raise NotExpressibleError(SILENT, flow=subject.flow.id)


def levels_of(flow: Flow, dimension: str) -> Levels:
    codelist = flow.codelist(dimension)
    levels: Levels = {}
    for link in links_by_list(codelist, codelist.ids) if codelist else ():
        levels.setdefault(plain(f"R {link.whole} {link.way + 1}"), []).append(link)
    return levels


def groups(subject: Subject, dimension: str, number: str, levels: Levels) -> Part:
    """The part that tests the groups of one breakdown; rounding, and whether a level is reported whole, come last."""
    flow, component = subject.flow, name(dimension)
    wholes = among(component, dict.fromkeys(links[0].whole for links in levels.values()))
    partners = f"{component} <> {AREA}" if AREA in flow.structure.key and component != AREA else ""
    fits = [f"0 - GAP * 2 <= SLACKS + {NOTHING}", f"not (INSIDE = NEEDED) or GAP * 2 <= SLACKS + {NOTHING}"]
    is_small = sum(map(len, levels.values())) <= MOST_CODES
    ruleset = f"RULES_{subject.name}{number}"
    steps = [
        step("ALL", filtered(figures_of(flow), *looked_at(subject), known(), partners)),
        step("WHOLES", f"{filtered('@ALL', wholes)}[keep {UNITS}, {SLACK}]"),
        *(by_ruleset(ruleset, component, levels) if is_small else by_level(flow, dimension, levels)),
        step("TESTED", f"@BESIDE{calculated(HOLDS=every(*fits), DIFFERENCE='GAP')}"),
    ]
    part = judged(subject, number, steps)
    if not is_small:
        return part
    sums = Ruleset(name=ruleset, kind="hierarchical", definition=definition(ruleset, component, levels))
    return replace(part, rulesets=(sums,))


def by_ruleset(ruleset: str, component: str, levels: Levels) -> Iterator[Assignment]:
    """The groups BESIDE what is inside them, added up by a hierarchical ruleset."""
    for measure, gap in SUMS.items():
        made = "" if measure in (UNITS, SLACK) else calculated(**{measure: "1"})
        checked = f"check_hierarchy(@ALL{made}[keep {measure}], {ruleset} rule {component} partial_zero all)"
        yield step(gap, f"{checked}[keep {IMBALANCE}][rename {IMBALANCE} to {gap}]")
    yield step("GAPS", f"inner_join({', '.join(f'@{gap} as g{n}' for n, gap in enumerate(SUMS.values()))})")
    needed = "0"
    for rule, links in levels.items():
        needed = chosen(among(RULE_ID, [rule]), str(links[0].needed), needed) if links[0].needed != NEVER else needed
    sums = calculated(SLACKS=f"{SLACK} * 2 - SLACK_GAP", INSIDE="1 - LACKING", NEEDED=needed)
    yield step("BESIDE", f"inner_join(@GAPS as g, @WHOLES as w){sums}[filter INSIDE > 0]")


def definition(ruleset: str, component: str, levels: Levels) -> str:
    rules = [
        f"  {rule}: {name(links[0].whole)} = {' + '.join(name(link.code) for link in links)}"
        for rule, links in levels.items()
    ]
    head = f"define hierarchical ruleset {ruleset} (variable rule {component}) is"
    return "\n".join([head, ";\n".join(rules), "end hierarchical ruleset;"])


def by_level(flow: Flow, dimension: str, levels: Levels) -> Iterator[Assignment]:
    """The groups BESIDE what is inside them, added up level by level: a code has one group so many levels above it."""
    component = name(dimension)
    others = [name(other) for other in flow.structure.key if other != dimension]
    ways = sorted({links[0].way for links in levels.values()})
    for way in ways:
        of_way = [links for links in levels.values() if links[0].way == way]
        codes = among(component, [link.code for links in of_way for link in links])
        whole, needed = literal(of_way[-1][0].whole), "0"
        for links in reversed(of_way[:-1]):
            whole = chosen(among(component, [link.code for link in links]), literal(links[0].whole), whole)
        for links in of_way:
            if links[0].needed != NEVER:
                needed = chosen(among(component, [links[0].whole]), str(links[0].needed), needed)
        made = f"[calc identifier WHOLE_CODE := {whole}, identifier LEVEL := {way + 1}]"
        sums = grouped(
            [*others, "WHOLE_CODE", "LEVEL"],
            PARTS=f"sum({UNITS})",
            SLACK_OF_PARTS=f"sum({SLACK})",
            INSIDE=f"count({UNITS})",
        )
        named = f"[rename WHOLE_CODE to {component}]{calculated(NEEDED=needed)}"
        yield step(f"LEVEL_{way + 1}", f"{filtered('@ALL', codes)}{made}{sums}{named}")
    listed = [f"@LEVEL_{way + 1}" for way in ways]
    yield step("LEVELS", f"union({', '.join(listed)})" if len(listed) > 1 else listed[0])
    sides = calculated(GAP=f"{UNITS} - PARTS", SLACKS=f"{SLACK} + SLACK_OF_PARTS")
    yield step("BESIDE", f"inner_join(@LEVELS as l, @WHOLES as w){sides}")


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
