"""Lines of nationals and others: “Kuwaitis”, “non-Kuwaitis”."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.labels import bare
from sdmxmig.conversion.recognition.mentions import COUNTRY, read_title
from sdmxmig.conversion.suggestion.fixed import CITIZENS, FOREIGN, NATIONAL, TOTAL
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge, Line

SURE = 0.97
SAYING_NOTHING = ("NEGATION", "WORDING", "PLAIN", "ARTICLE")
WHY = {FOREIGN: "not its citizens", NATIONAL: "its citizens", TOTAL: "a total"}
NEGATED = {NATIONAL: FOREIGN, FOREIGN: NATIONAL}


def nationals(lines: Sequence[Line], area: str, known: FlowKnowledge) -> Iterator[Fit]:
    """Find the line of one country's citizens, others and total.

    `area` empty: all labels name the same country.
    """
    yield from apart_by_country(
        lines, CITIZENS, area=area, status=partial(status_of, known=known), known=known, why=WHY
    )


def apart_by_country(
    lines: Sequence[Line],
    component: str,
    area: str,
    status: Callable[[str], tuple[str, str]],
    known: FlowKnowledge,
    why: Mapping[str, str],
) -> Iterator[Fit]:
    """The first line whose labels all are those of one country, all others, or their total."""
    code_of_others = next(iter(why))
    for line in lines if known.flow.codelist(component) and component in known.flow.structure.key else ():
        status_by_label = {text: status(text) for text in line.texts}
        countries = {country for _, country in status_by_label.values()} - {""}
        statuses = {code for code, _ in status_by_label.values()}
        if statuses <= why.keys() and {code_of_others} < statuses and countries == {area or min(countries, default="")}:
            meanings = {text: (Candidate(code, SURE, reason=why[code]),) for text, (code, _) in status_by_label.items()}
            yield Fit(line, component, score=1.0, meanings=meanings)
            return


def status_of(label: str, known: FlowKnowledge) -> tuple[str, str]:
    shared = known.recogniser.shared(label)
    if shared and shared[0].is_applied:
        return (TOTAL if shared[0].code == TOTAL else ""), ""
    reading = read_title(" ".join(bare(label).split()), known.recogniser)
    groups = reading.of(CITIZENS)
    distinct = {
        (mention.code, mention.negated): mention for mention in reading.of(COUNTRY)
    }  # in two languages: “قطريون Qataris”
    countries = tuple(distinct.values())
    other_concepts = {mention.concept for mention in reading.mentions} - {COUNTRY, CITIZENS, *SAYING_NOTHING}
    if other_concepts or reading.unexplained or len(countries) > 1 or not (countries or groups):
        return "", ""
    if countries:
        return (FOREIGN if countries[0].negated else NATIONAL), countries[0].code
    codes = {NEGATED.get(mention.code, "") if mention.negated else mention.code for mention in groups}
    return (min(codes) if len(codes) == 1 else ""), ""
