"""Evidence in the data for profile questions, and contradictions between answers and data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sdmxmig.catalogue.benchmarking import COUNTRY_CODE, BenchmarkItem, Probe, Profile, Scale
from sdmxmig.catalogue.indicators import CODE_JOINER, TOTAL, Indicator, Variant
from sdmxmig.catalogue.study import Study
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, format_cell
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.findings import Finding, Findings
from sdmxmig.statistics.calculations.figures import describe_years, find_time_dimension
from sdmxmig.statistics.calculations.roadmap import END, START
from sdmxmig.statistics.model.assessment import Assessment, Roadmap, Score
from sdmxmig.statistics.model.evidence import ANSWERS, DATES, Contradiction, Evidence, Statement
from sdmxmig.statistics.model.indicator_results import IndicatorResult

BRACKETS = re.compile(r"\[([A-Z0-9_,.…\s]+)\]\s*\.?\s*$")
ID_PATTERN = re.compile("[A-Z0-9_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    profile: Profile
    items: Mapping[str, BenchmarkItem]
    scales: Mapping[str, Scale]
    study: Study
    names: Mapping[str, Text] = field(default_factory=dict)

    def scale(self, item: str) -> Scale:
        benchmark_item = self.items.get(item)
        return (self.scales.get(benchmark_item.scale) if benchmark_item else None) or Scale("", (), points=())

    def answer(self, item: str, subject: str = COUNTRY_CODE) -> str:
        return self.profile.of(item, subject).answer

    def label(self, item: str, answer: str) -> Text:
        return self.scale(item).label(answer)

    def points(self, item: str, answer: str) -> Decimal | None:
        return dict(self.scale(item).points).get(answer)

    def question(self, item: str) -> Text:
        return self.items[item].name if item in self.items else Text.of(en=item)

    def name_of(self, code: str) -> Text:
        return self.names.get(code) or Text.of(en=code)


def parse_bracketed_ids(answer: Text) -> tuple[str, ...]:
    """Return the bracketed ids at the end of a text answer; “…” means that the list continues.

    >>> parse_bracketed_ids(Text.of(en="Sex and age of each person. [SEX, AGE, …]"))
    ('SEX', 'AGE')
    """
    for _, words in answer:
        match = BRACKETS.search(words)
        if match:
            return tuple(ID_PATTERN.findall(match[1]))
    return ()


EVIDENT, OWN, ALL, MOST, SOME = "shown", "own", "all", "most", "some"
PARTNER_DIMENSIONS = ("REPORTED_BY", "PARTNER")
"""The code of terms reported by other countries."""
EVIDENCE_SENTENCES = {"attribute": "found", "code": "found"}
Words = tuple[tuple[str, tuple[Text, ...]], ...]


def find_contradictions(
    evidence: Iterable[Evidence], results: Sequence[IndicatorResult], claims: Claims, findings: Findings
) -> tuple[Contradiction, ...]:
    """Find all contradictions, including in `findings`; missing data do not contradict an answer."""
    from_data = [
        build_evidence_contradiction(evidence_item, claims) for evidence_item in evidence if evidence_item.contradicts
    ]
    for result in results:
        for probe in claims.study.probes:
            if probe.kind in KINDS_OF_CONTRADICTION:
                from_data += KINDS_OF_CONTRADICTION[probe.kind](probe, result, claims)
    first_by_question = {(each.subject, each.item): each for each in reversed(from_data)}
    return (*reversed(first_by_question.values()), *find_answer_contradictions(findings, claims))


def suspend_contradicted_answers(assessment: Assessment) -> Assessment:
    """Suspend contradicted answers until confirmed, without gaps or points."""
    contradicted = {
        (each.subject, each.item) for each in assessment.contradictions if each.kind not in (ANSWERS, DATES)
    }

    def of_score(score: Score) -> Score:
        is_contradicted = (COUNTRY_CODE, score.item.id) in contradicted
        return replace(score, points=None, is_gap=False, is_contradicted=True) if is_contradicted else score

    return replace(
        assessment,
        scores=tuple(map(of_score, assessment.scores)),
        indicators=tuple(
            replace(
                result,
                contradicted=tuple(item for item in result.answers if (result.indicator.id, item) in contradicted),
            )
            for result in assessment.indicators
        ),
    )


def build_evidence_contradiction(evidence: Evidence, claims: Claims) -> Contradiction:
    answer = claims.answer(evidence.item)
    years = evidence.first if evidence.first == evidence.last else f"{evidence.first}–{evidence.last}"
    words = (
        *phrase_question(evidence.item, answer, claims),
        ("flows", tuple(name or Text.of(en=code) for code, name in evidence.flows)),
        ("found", tuple(name or Text.of(en=code) for code, name in evidence.found)),
        ("years", (Text.of(en=years),)),
    )
    name = (
        "findings"
        if evidence.kind == "findings"
        else evidence.said or EVIDENCE_SENTENCES.get(evidence.kind, evidence.kind)
    )
    sentence = Statement(f"contradiction.{name}", words)
    return Contradiction(
        evidence.kind,
        COUNTRY_CODE,
        item=evidence.item,
        answer=answer,
        sentence=sentence,
        evidence=evidence.keys,
        places=evidence.places,
    )


def phrase_question(item: str, answer: str, claims: Claims) -> Words:
    return (("question", (claims.question(item),)), ("answer", (claims.label(item, answer),)))


def build_evidence_about_indicator(indicator: Indicator, item: str, claims: Claims) -> Words:
    return (("indicator", (indicator.name,)), *phrase_question(item, claims.answer(item, indicator.id), claims))


def check_values(probe: Probe, result: IndicatorResult, claims: Claims) -> Iterator[Contradiction]:
    answer = claims.answer(probe.item, result.indicator.id)
    values = result.values
    if answer not in probe.contradicts.get(EVIDENT, ()):
        by_partners = {variant.id for variant in result.indicator.variants if is_by_partners(variant)}
        own = [value for value in values if not value.basis or value.variant not in by_partners]
        values = tuple(own) if answer in probe.contradicts.get(OWN, ()) else ()
    if not values:
        return
    years = describe_years([int(value.period) for value in values])
    words = (*build_evidence_about_indicator(result.indicator, probe.item, claims), ("years", (Text.of(en=years),)))
    yield build_value_contradiction(probe, result, answer, Statement("contradiction.values", words))


def is_by_partners(variant: Variant) -> bool:
    return any(PARTNER_DIMENSIONS in term.codes for term in variant.otherwise.values())


def check_topics(probe: Probe, result: IndicatorResult, claims: Claims) -> Iterator[Contradiction]:
    answer = claims.answer(probe.item, result.indicator.id)
    shown_topics = [topic for topic, is_shown in result.topics if is_shown]
    level = (
        ALL
        if len(shown_topics) == len(result.topics)
        else MOST
        if 2 * len(shown_topics) >= len(result.topics)
        else SOME
    )
    if not shown_topics or answer not in probe.contradicts.get(level, ()):
        return
    words = (
        *build_evidence_about_indicator(result.indicator, probe.item, claims),
        ("topics", tuple(claims.name_of(topic) for topic in shown_topics)),
    )
    numbers = (("shown", Decimal(len(shown_topics))), ("total", Decimal(len(result.topics))))
    yield build_value_contradiction(probe, result, answer, Statement("contradiction.topics", words, numbers=numbers))


def check_delay(probe: Probe, result: IndicatorResult, claims: Claims) -> Iterator[Contradiction]:
    answer = claims.answer(probe.item, result.indicator.id)
    if result.delay is None or answer not in probe.contradicts.get(str(result.delay), ()):
        return
    words = (
        *build_evidence_about_indicator(result.indicator, probe.item, claims),
        ("assessed", (Text.of(en=str(int(result.latest) + result.delay)),)),
        ("year", (Text.of(en=result.latest),)),
    )
    yield build_value_contradiction(probe, result, answer, Statement("contradiction.delay", words))


def build_value_contradiction(probe: Probe, result: IndicatorResult, answer: str, sentence: Statement) -> Contradiction:
    latest = [value for value in result.values if value.period == result.latest]
    keys = dict.fromkeys(key for value in latest for key, _ in value.terms)
    places = dict.fromkeys(place for value in latest for place in value.places)
    return Contradiction(
        probe.kind,
        result.indicator.id,
        item=probe.item,
        answer=answer,
        sentence=sentence,
        evidence=tuple(keys),
        places=tuple(places),
    )


def find_answer_contradictions(findings: Findings, claims: Claims) -> Iterator[Contradiction]:
    for finding in findings.items:
        if finding.rule not in claims.study.answers:
            continue
        key = dict(finding.key)
        item, subject = key.get("ITEM", ""), key.get("SUBJECT", COUNTRY_CODE)
        profile_answer = claims.profile.of(item, subject)
        if not profile_answer.answer:
            continue  # not verified
        keys = tuple(f"{name}={code}" for name, code in finding.key if name in ("ITEM", "SUBJECT"))
        places = (profile_answer.place,) if profile_answer.place else ()
        sentence = Statement(f"rule.{finding.rule}", list_finding_words(finding))
        yield Contradiction(
            ANSWERS, subject, item=item, answer=profile_answer.answer, sentence=sentence, evidence=keys, places=places
        )


def find_date_contradictions(roadmap: Roadmap, claims: Claims) -> Iterator[Contradiction]:
    actions = {action.id: action for action in roadmap.actions}
    for action in roadmap.actions:
        item = START if START in action.decided else END
        answer = claims.profile.of(item, action.id)
        for needed in (actions[name] for name in action.early):
            words = (
                ("action", (action.name,)),
                ("begin", (Text.of(en=roadmap.month(action.first)),)),
                ("needed", (needed.name,)),
                ("end", (Text.of(en=roadmap.month(needed.last)),)),
            )
            yield Contradiction(
                DATES,
                action.id,
                item=item,
                answer=str(answer.practice),
                sentence=Statement("contradiction.dates" if needed.dated else "contradiction.dates_proposed", words),
                evidence=(f"{needed.id} {roadmap.month(needed.last)}",),
                places=(answer.place,) if answer.place else (),
            )


def list_finding_words(finding: Finding) -> Words:
    texts_by_place: dict[str, dict[str, str]] = {}
    for name, value in finding.parameters:
        place, _, language = name.partition("@")
        texts_by_place.setdefault(place, {})[language or "en"] = value
    return tuple((place, (Text.of(texts),)) for place, texts in texts_by_place.items())


KINDS_OF_CONTRADICTION: Mapping[str, Callable[[Probe, IndicatorResult, Claims], Iterator[Contradiction]]] = {
    "values": check_values,
    "topics": check_topics,
    "delay": check_delay,
}


NO_FINDINGS = Findings()
UNKNOWN = "_U"
SOURCE, NOT_OWN = "SRC_TYPE", ("EXP", "MIR")
"""Source types that do not show national compilation: estimates and partner data."""
SHOWN, SAME, DIFFERENT, FOUND = "shown", "same", "different", "found"
ROW_COLUMN = "#row"
MAX_PLACES = 3
"""Maximum number of cells given as evidence."""
ProbeResult = tuple[list[Dataset], list[tuple[str, Text]], str]


def list_evidence(
    claims: Claims, datasets: Sequence[Dataset], area: str, findings: Findings = NO_FINDINGS
) -> tuple[Evidence, ...]:
    datasets_in_area = [select_area(dataset, area) for dataset in datasets]
    datasets_in_area = [dataset for dataset in datasets_in_area if dataset.observations.height]
    shown_evidence = []
    for probe in claims.study.probes:
        if probe.kind in PROBE_BY_KIND:
            observed = search_evidence(probe, datasets_in_area, claims.answer(probe.item))
        else:  # a probe of indicators has no rules
            observed = build_finding_evidence(probe, findings, datasets_in_area, claims)
        shown_evidence += [observed] if observed else []
    return tuple(shown_evidence)


def search_evidence(probe: Probe, datasets: Sequence[Dataset], answer: str) -> Evidence | None:
    probed = [dataset for dataset in datasets if not probe.flows or dataset.flow.id in probe.flows]
    showing, codes, verdict = PROBE_BY_KIND[probe.kind](probe, probed)
    if not showing:
        return None
    by_flow: dict[str, set[str]] = {dataset.flow.id: set() for dataset in showing}
    for dataset in showing:
        by_flow[dataset.flow.id].update(dataset.observations[find_time_dimension(dataset.flow)].drop_nulls())
    periods = sorted(set().union(*by_flow.values()))
    results = [verdict] if verdict else [code for code, _ in codes]
    last_period = periods[-1] if periods else ""
    return Evidence(
        item=probe.item,
        kind=probe.kind,
        flows=tuple({dataset.flow.id: dataset.flow.dataflow.name for dataset in showing}.items()),
        found=tuple(codes),
        first=periods[0] if periods else "",
        last=last_period,
        said=verdict,
        contradicts=any(answer in probe.contradicts.get(result, ()) for result in results),
        places=tuple(place for dataset in showing for place in list_cells(dataset, last_period))[:MAX_PLACES],
        keys=tuple(f"{flow} {max(flow_periods, default='')}".strip() for flow, flow_periods in by_flow.items()),
    )


def build_finding_evidence(
    probe: Probe, findings: Findings, datasets: Sequence[Dataset], claims: Claims
) -> Evidence | None:
    relevant = [finding for finding in findings.items if finding.rule in probe.rules]
    if not relevant:
        return None
    names = {dataset.flow.id: dataset.flow.dataflow.name for dataset in datasets}
    rules = dict.fromkeys(finding.rule for finding in relevant)
    return Evidence(
        item=probe.item,
        kind=probe.kind,
        flows=tuple((flow, names.get(flow, Text())) for flow in dict.fromkeys(finding.flow for finding in relevant)),
        found=tuple((rule, claims.name_of(rule)) for rule in rules),
        first="",
        last="",
        said=FOUND,
        contradicts=claims.answer(probe.item) in probe.contradicts.get(FOUND, ()),
        places=tuple(finding.place for finding in relevant if finding.place)[:MAX_PLACES],
        keys=tuple(dict.fromkeys(finding.flow for finding in relevant)),
    )


def find_values(probe: Probe, datasets: Sequence[Dataset]) -> ProbeResult:
    """Find values by all these dimensions together, for the required population."""
    showing = []
    for dataset in datasets:
        columns = dataset.observations.columns
        if not {*probe.by, *probe.of} <= {*columns}:
            continue
        condition = ~pl.col(SOURCE).is_in(NOT_OWN).fill_null(value=False) if SOURCE in columns else pl.lit(value=True)
        for dimension in probe.by:
            condition &= ~pl.col(dimension).is_in([TOTAL, UNKNOWN])
        for dimension, codes in probe.of.items():
            condition &= pl.col(dimension).is_in(codes.split(CODE_JOINER))
        frame = dataset.observations.filter(condition & pl.col(get_measure(dataset.flow)).is_not_null())
        if frame.height:
            showing.append(replace(dataset, observations=frame))
    topics = [(name, showing[0].flow.concepts.get(name, Text())) for name in probe.by] if showing else []
    return showing, topics, SHOWN


def find_yearly_values(probe: Probe, datasets: Sequence[Dataset]) -> ProbeResult:
    showing, topics, verdict = find_values(probe, datasets)
    periods = {
        period for dataset in showing for period in dataset.observations[find_time_dimension(dataset.flow)].drop_nulls()
    }
    years = sorted(int(period) for period in periods if period.isdecimal())
    runs = (set(range(start, start + probe.least)) for start in years)
    return (showing, topics, verdict) if any(run <= set(years) for run in runs) else ([], [], "")


def find_attribute(probe: Probe, datasets: Sequence[Dataset]) -> ProbeResult:
    silent = {""} if UNKNOWN in probe.contradicts else {"", UNKNOWN}
    showing = [dataset for dataset in datasets if dataset.attributes.get(probe.attribute, "") not in silent]
    codes = {dataset.attributes[probe.attribute]: dataset.flow for dataset in showing}
    return showing, [name_code(flow, probe.attribute, code) for code, flow in sorted(codes.items())], ""


def compare_attributes(probe: Probe, datasets: Sequence[Dataset]) -> ProbeResult:
    showing = [dataset for dataset in datasets if dataset.attributes.get(probe.attribute, UNKNOWN) != UNKNOWN]
    codes = {dataset.attributes[probe.attribute]: dataset.flow for dataset in showing}
    if len({dataset.flow.id for dataset in showing}) < len(probe.flows):
        return [], [], ""
    named_codes = [name_code(flow, probe.attribute, code) for code, flow in sorted(codes.items())]
    return showing, named_codes, SAME if len(codes) == 1 else DIFFERENT


def find_code(probe: Probe, datasets: Sequence[Dataset]) -> ProbeResult:
    showing: list[Dataset] = []
    codes: dict[str, Flow] = {}
    having = [dataset for dataset in datasets if probe.attribute in dataset.observations.columns]
    for dataset, frame in zip(
        having, pl.collect_all(select_coded_rows(probe, dataset) for dataset in having), strict=True
    ):
        if frame.height:
            showing.append(replace(dataset, observations=frame))
            codes |= dict.fromkeys(frame[probe.attribute].unique().to_list(), dataset.flow)
    return showing, [name_code(flow, probe.attribute, value) for value, flow in sorted(codes.items())], ""


def select_coded_rows(probe: Probe, dataset: Dataset) -> pl.LazyFrame:
    condition = pl.col(probe.attribute).is_in(list(probe.codes))
    if probe.attribute in dataset.flow.structure.key:  # an empty key shows nothing
        condition &= pl.col(get_measure(dataset.flow)).is_not_null()
    return dataset.observations.lazy().filter(condition)


def find_unknown_codes(probe: Probe, datasets: Sequence[Dataset]) -> ProbeResult:
    showing: list[Dataset] = []
    flow_by_dimension: dict[str, Flow] = {}
    for dataset in datasets:
        for dimension in probe.by:
            if dimension in dataset.observations.columns:
                has_value = pl.col(get_measure(dataset.flow)).is_not_null()
                frame = dataset.observations.filter((pl.col(dimension) == UNKNOWN) & has_value)
                showing += [replace(dataset, observations=frame)] if frame.height else []
                flow_by_dimension |= {dimension: dataset.flow} if frame.height else {}
    return showing, [(name, flow.concepts.get(name, Text())) for name, flow in flow_by_dimension.items()], ""


PROBE_BY_KIND: Mapping[str, Callable[[Probe, Sequence[Dataset]], ProbeResult]] = {
    "shown": find_values,
    "yearly": find_yearly_values,
    "attribute": find_attribute,
    "same": compare_attributes,
    "code": find_code,
    "unknown": find_unknown_codes,
}


def select_area(dataset: Dataset, area: str) -> Dataset:
    rows = dataset.observations.with_row_index(ROW_COLUMN).filter(pl.col("REF_AREA") == area)
    return replace(dataset, observations=rows)


def list_cells(dataset: Dataset, period: str) -> list[Place]:
    if dataset.origins.is_empty():
        return []
    rows = (
        dataset.observations.filter(pl.col(find_time_dimension(dataset.flow)) == period)[ROW_COLUMN]
        .head(MAX_PLACES)
        .to_list()
    )
    in_rows = pl.col("observation").is_in(rows) & (pl.col("component") == get_measure(dataset.flow))
    return [
        Place(origin["file"], origin["sheet"] or "", cell=format_cell(origin["row"], origin["column"]))
        for origin in dataset.origins.filter(in_rows).sort("observation").iter_rows(named=True)
    ]


def name_code(flow: Flow, component: str, code_id: str) -> tuple[str, Text]:
    codelist = flow.codelist(component)
    return code_id, codelist[code_id].name if codelist and code_id in codelist else Text()


def get_measure(flow: Flow) -> str:
    return flow.structure.measure.id
