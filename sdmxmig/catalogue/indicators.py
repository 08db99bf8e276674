"""Indicators in TOML, one file each.

Keys: ``id``, ``order``, ``name``, ``part``, ``tier``, ``policy_area``, ``measure``, ``unit``, ``status``, ``source``,
``passage``, ``un_number``, ``un_number_status``, ``numerator``, ``denominator``, ``note``, ``primary``, ``secondary``,
``[sdg]``, ``[purpose]``. Formula: ``calculation``, ``proxy``, ``[terms]``, ``populations``, ``divided``,
``[otherwise]`` with ``basis``.

The codelist of indicators is generated from these files and ``structures/indicators.toml``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sdmxmig.catalogue.ages import find_same_ages
from sdmxmig.catalogue.artefact_heads import read_head
from sdmxmig.catalogue.rows import check_id
from sdmxmig.catalogue.topics import Topics
from sdmxmig.primitives.errors import DeclarationError, check_known, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import PASSAGE, Declared, check_status
from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme, Text
from sdmxmig.sdmx.model.data import Flow

CODE_JOINER = "+"
"""Separates codes to be added, as in SDMX queries: ``IRR_CROSS+REFUSED``."""

TOTAL = "_T"
POPULATION_LIST = "CL_SUBPOP"


@dataclass(frozen=True, slots=True)
class TermSelection:
    """A term of a calculation: a dataflow and codes, joined by ``+`` to add them; other dimensions are `_T`."""

    flow: str
    codes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """A population of an indicator with its terms.

    `otherwise` are substitutes for periods without values, described by `basis`; they are not evidence of regular
    production.
    """

    id: str
    name: Text
    terms: Mapping[str, TermSelection]
    otherwise: Mapping[str, TermSelection] = field(default_factory=dict)
    basis: Text = Text()


@dataclass(frozen=True, slots=True, kw_only=True)
class SdgIndicator:
    """An SDG indicator that is disaggregated or repeated.

    `series` are codes of ``IAEG-SDGs:CL_SERIES``. `official_name` is empty if not verified. `disaggregation` is ``N``
    (migrants in the name), ``R`` (breakdown recommended or planned), ``none``, or empty if not verified. `status` is
    that of these facts, not of the choice of indicator.
    """

    number: str
    series: tuple[str, ...] = ()
    official_name: str = ""
    former_name: str = ""
    disaggregation: str = ""
    asks: str = ""
    status: str = "candidate"
    source: str = ""
    passage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """The purpose of an indicator: policy question and objectives (``CL_GCM_OBJECTIVE``)."""

    question: Text = Text()
    question_status: str = "candidate"
    objectives: tuple[str, ...] = ()
    objectives_status: str = "candidate"
    by_sex: bool = False
    by_sex_status: str = "candidate"
    for_children: bool = False
    for_children_status: str = "candidate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """An indicator of the framework.

    `id` is permanent; `un_number` is empty until verified. `part` is ``A`` or ``B``; `tier` is ``core`` or
    ``additional``; `policy_area` is ``PA1`` to ``PA6``. `checked` is the passage of the published standard with which
    the text was compared, or empty. Without a `calculation`, only the profile assesses it; if `is_proxy`, its values
    are approximations.
    """

    id: str
    name: Text
    part: str
    tier: str
    policy_area: str
    measure: str
    unit: str
    calculation: str = ""
    is_proxy: bool = False
    variants: tuple[Variant, ...] = ()
    primary_topics: tuple[str, ...] = ()
    secondary_topics: tuple[str, ...] = ()
    status: str = "candidate"
    source: str = ""
    passage: str = ""
    checked: str = ""
    place: Place | None = field(default=None, compare=False)
    order: int = 0
    un_number: str = ""
    un_number_status: str = ""
    numerator: Text = Text()
    denominator: Text = Text()
    note: Text = Text()
    divided: tuple[str, ...] = ()
    sdg: SdgIndicator | None = None
    purpose: Purpose = Purpose()
    topics: Topics = field(default=Topics(), compare=False, repr=False)

    @property
    def code(self) -> str:
        return self.un_number or self.id


YIELDED, PARTLY, NOT_YIELDED, UNKNOWN = "Y", "P", "N", "?"
"""Codes of the scale YNP; `UNKNOWN` if undeclared."""

YIELDS_BY_PROMISE = (NOT_YIELDED, UNKNOWN, PARTLY, YIELDED)
"""Answers from the least to the most favourable."""


@dataclass(frozen=True, slots=True)
class SourceYield:
    """The yield of a source for an indicator or topic; `why` has codes of CL_SRC_REASON, `needs` of CL_SRC_NEED."""

    answer: str
    why: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    status: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceYields:
    """The yield of each source type (CL_SRC_TYPE) by indicator and topic."""

    indicators: Mapping[tuple[str, str], SourceYield] = field(default_factory=dict)
    topics: Mapping[tuple[str, str], SourceYield] = field(default_factory=dict)
    fulfilled: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def of(self, source: str, indicator: str, topic: str = "") -> SourceYield:
        """Return a source's yield; a topic's never exceeds the indicator's. An undeclared yield is `UNKNOWN`."""
        whole = self.indicators.get((source, indicator), SourceYield(UNKNOWN))
        if not topic or whole.answer in (NOT_YIELDED, UNKNOWN):
            return whole
        part = self.topics.get((source, topic), SourceYield(UNKNOWN))
        answer = min(whole.answer, part.answer, key=YIELDS_BY_PROMISE.index)
        why = part.why if part.answer == answer else whole.why
        needs = tuple(dict.fromkeys((*whole.needs, *part.needs)))
        return SourceYield(answer, why, needs=needs, status=part.status or whole.status, reference=part.reference)

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(source for source, _ in self.indicators))


Lists = Mapping[str, ItemScheme]
"""Codelists by id."""

POLICY_AREAS, UNITS, OBJECTIVES = "CL_POLICY_AREA", "CL_UNIT_MEASURE", "CL_GCM_OBJECTIVE"
PART_LIST = "CL_PART"
TIER_NAMES = ("core", "additional")
MEASURE_KINDS = ("stock", "flow")
DISAGGREGATIONS = ("N", "R", "none", "")
STATUS_DIMENSIONS = ("BIRTH_STATUS", "CTZ_STATUS")
"""Dimensions of populations, also named in annotations of CL_SUBPOP."""


def read_indicator(declared: Declared, flows: Mapping[str, Flow], lists: Lists) -> Indicator:
    check_id("Code", declared.text("id"), declared.at("id"))
    number = declared.text("un_number", "")
    number_status = declared.text("un_number_status", "")
    if bool(number) != bool(number_status):
        hint = "Write both un_number and un_number_status, or neither."
        raise DeclarationError("The number or its status is missing.", declared.place, hint)
    passage = declared.text("passage", "")
    terms = index_terms(declared.table("terms"), flows)
    check_divided(declared, terms)
    divided_terms = declared.strings("divided") or tuple(terms)
    variants: tuple[Variant, ...] = ()
    if terms:
        substitutes, basis = substitute_terms(declared.table("otherwise"), terms, flows)
        for population in list_population_ids(declared):
            name, codes = find_population(declared, population, lists)
            regular, spare = (
                {
                    key: read_limit(declared, term, codes, flows) if key in divided_terms else term
                    for key, term in selections.items()
                }
                for selections in (terms, substitutes)
            )
            variants += (Variant(population, name, terms=regular, otherwise=spare, basis=basis),)
    return declared.read(
        Indicator,
        part=check_code(declared, "part", code=declared.text("part"), lists=lists, codelist=PART_LIST),
        tier=declared.choice("tier", TIER_NAMES),
        policy_area=check_code(
            declared, "policy_area", code=declared.text("policy_area"), lists=lists, codelist=POLICY_AREAS
        ),
        measure=declared.choice("measure", MEASURE_KINDS),
        unit=check_code(declared, "unit", code=declared.text("unit"), lists=lists, codelist=UNITS),
        is_proxy=declared.flag("proxy", default=False),
        primary_topics=declared.strings("primary"),
        secondary_topics=declared.strings("secondary"),
        status=declared.status(),
        source=declared.text("source"),
        order=declared.integer("order"),
        un_number_status=number_status
        and check_status(number_status, declared.at("un_number_status"), passage=passage),
        sdg=read_sdg(declared.table("sdg")),
        purpose=read_purpose(declared.table("purpose"), lists),
        variants=variants,
        divided=divided_terms,
        topics=Topics(),
    )


def check_code(declared: Declared, key: str, code: str, lists: Lists, codelist: str) -> str:
    codes = lists[codelist].ids if codelist in lists else ()
    if code not in codes:
        raise DeclarationError(f"“{code}” is not a code of {codelist}.", declared.at(key), did_you_mean(code, codes))
    return code


def read_sdg(declared: Declared) -> SdgIndicator | None:
    if not declared.values:
        return None
    return declared.read(
        SdgIndicator,
        number=declared.text("indicator"),
        disaggregation=declared.choice("official_disaggregation", DISAGGREGATIONS),
        status=declared.status(),
        source=declared.text("source"),
    )


def read_purpose(declared: Declared, lists: Lists) -> Purpose:
    if not declared.values:
        return Purpose()
    for code in declared.strings("objectives"):
        check_code(declared, "objectives", code=code, lists=lists, codelist=OBJECTIVES)
    parts = ("question", "objectives", "by_sex", "for_children")
    return declared.read(Purpose, **{f"{part}_status": read_status(declared, part) for part in parts})


def read_status(declared: Declared, key: str) -> str:
    at = f"{key}_status"
    status = declared.text(at, declared.text("status", "candidate"))
    return check_status(status, declared.at(at), passage=declared.text("passage", ""))


def index_terms(declared: Declared, flows: Mapping[str, Flow]) -> dict[str, TermSelection]:
    return {name: read_selection(declared.table(name), flows) for name in declared.values}


def substitute_terms(
    declared: Declared, terms: Iterable[str], flows: Mapping[str, Flow]
) -> tuple[dict[str, TermSelection], Text]:
    if not declared.values:
        return {}, Text()
    basis = declared.texts("basis", required=True)
    spare = {name: read_selection(declared.table(name), flows) for name in terms}
    declared.close()
    return spare, basis


def check_divided(declared: Declared, terms: Collection[str]) -> None:
    for name in declared.strings("divided"):
        check_known("term", name, terms, declared.at("divided"))


def find_population(declared: Declared, population: str, lists: Lists) -> tuple[Text, Mapping[str, str]]:
    populations = lists.get(POPULATION_LIST)
    if populations is None or population not in populations:
        hint = did_you_mean(population, populations.ids if populations else ())
        raise DeclarationError(f"There is no population “{population}”.", declared.at("populations"), hint)
    return populations[population].name, list_population_codes(populations[population])


def list_population_codes(population: Item) -> dict[str, str]:
    codes = {dimension: population.note(dimension) for dimension in STATUS_DIMENSIONS}
    return {dimension: code for dimension, code in codes.items() if code not in ("", TOTAL)}


def read_limit(
    declared: Declared, term: TermSelection, codes: Mapping[str, str], flows: Mapping[str, Flow]
) -> TermSelection:
    fixed = {**codes, **dict(term.codes)}
    return read_selection(declared.child("populations", {"flow": term.flow, **fixed}), flows)


def read_selection(declared: Declared, flows: Mapping[str, Flow]) -> TermSelection:
    flow_id = declared.known("flow", "dataflow", flows)
    flow = flows[flow_id]
    codes = {key: read_added_codes(declared, key) for key in declared.values if key != "flow"}
    for dimension, dimension_codes in codes.items():
        codelist = flow.codelist(dimension) if dimension in flow.structure.key else None
        if codelist is None:
            hint = did_you_mean(dimension, flow.structure.key)
            raise DeclarationError(f"{flow_id} has no coded dimension “{dimension}”.", declared.at(dimension), hint)
        for code in dimension_codes:
            if code not in codelist:
                hint = did_you_mean(find_same_ages(code, codelist.ids) or code, codelist.ids)
                raise DeclarationError(f"“{code}” is not a code of {codelist.ref.short}.", declared.at(dimension), hint)
    declared.close()
    return TermSelection(
        flow_id,
        tuple(sorted((dimension, CODE_JOINER.join(dimension_codes)) for dimension, dimension_codes in codes.items())),
    )


def read_added_codes(declared: Declared, key: str) -> tuple[str, ...]:
    if isinstance(declared.values[key], list):
        return declared.strings(key)
    return tuple(declared.text(key).split(CODE_JOINER))


TIER_CODES = {"core": "CORE", "additional": "ADD"}
NOTE_FIELDS = {
    "UN_NUMBER": "un_number",
    "UN_NUMBER_STATUS": "un_number_status",
    "PART": "part",
    "TIER": "tier",
    "POLICY_AREA": "policy_area",
    "MEASURE": "measure",
    "UNIT_MEASURE": "unit",
    "CHECKED": "checked",
    "NOT_IN_STANDARD": "removed",
}
RANK_NOTES = ("UN_NUMBER", "UN_NUMBER_STATUS", "TIER")
SDG_NOTES = {
    "SDG_INDICATOR": "indicator",
    "SDG_OFFICIAL_NAME": "official_name",
    "SDG_FORMER_NAME": "former_name",
    "SDG_DISAGGREGATION": "official_disaggregation",
    "SDG_ASKS": "asks",
    "SDG_STATUS": "status",
    "SDG_PASSAGE": "passage",
}

SENTENCE_NOTES = ("SDG_OFFICIAL_NAME", "SDG_FORMER_NAME", "SDG_ASKS", "SDG_PASSAGE")
PURPOSE_NOTES = {
    "question": "POLICY_QUESTION",
    "objectives": "GCM_OBJECTIVE",
    "by_sex": "RELEVANT_BY_SEX",
    "for_children": "RELEVANT_FOR_CHILDREN",
}


def build_indicator_list(head: Declared, indicators: Iterable[Declared], populations: ItemScheme | None) -> ItemScheme:
    list_head = read_head(head, "Codelist")
    head.close()
    names = {item.id: item.name for item in populations or ()}
    files = sorted(indicators, key=lambda file: (file.text("policy_area"), file.integer("order"), file.text("id")))
    items = tuple(item for file in files for item in build_items(file, names))
    codes: set[str] = set()
    for item in items:
        if item.id in codes:
            raise DeclarationError(f"Two indicators or variants have the code “{item.id}”.", head.place)
        codes.add(item.id)
    return ItemScheme(items=items, **list_head.add_origin())


def list_population_ids(declared: Declared) -> tuple[str, ...]:
    return declared.strings("populations", (TOTAL,))


def build_items(declared: Declared, populations: Mapping[str, Text]) -> Iterator[Item]:
    code, name = declared.text("id"), declared.texts("name", required=True)
    status, source = declared.text("status"), declared.text("source")
    yield Item(code, name, status=status, source=source, annotations=tuple(build_notes(declared)))
    for population in list_population_ids(declared) if declared.table("terms").values else ():
        if population != TOTAL:
            title = join_names(name, populations.get(population, Text()))
            yield Item(f"{code}_{population}", title, parent=code, status=status, source=source)


def join_names(name: Text, variant: Text) -> Text:
    variant_texts = dict(variant)
    marks = {"fr": " : ", "zh": "："}
    return Text.of(
        {
            language: f"{text}{marks.get(language, ': ')}{variant_texts[language]}"
            for language, text in name
            if language in variant_texts
        }
    )


def build_notes(declared: Declared) -> Iterator[Annotation]:
    for kind, key in NOTE_FIELDS.items():
        value = declared.text(key, "")
        if value and not (kind in RANK_NOTES and declared.text("removed", "")):
            yield Annotation(kind, title=TIER_CODES.get(value, value))
    if passage := declared.text("passage", ""):
        yield Annotation(PASSAGE, Text.of(en=passage))
    if formula := write_formula(declared):
        yield Annotation("FORMULA", title=formula)
    for key in ("numerator", "denominator", "note"):
        if text := declared.texts(key):
            yield Annotation(key.upper(), text)
    sdg = declared.table("sdg")
    for kind, key in SDG_NOTES.items():
        value = sdg.text(key, "")
        if value:
            yield Annotation(kind, Text.of(en=value)) if kind in SENTENCE_NOTES else Annotation(kind, title=value)
    for series in sdg.strings("series"):
        yield Annotation("SDG_SERIES", title=series)
    yield from list_purpose_notes(declared.table("purpose"))


def list_purpose_notes(declared: Declared) -> Iterator[Annotation]:
    if question := declared.texts("question"):
        yield Annotation("POLICY_QUESTION", question)
    for code in declared.strings("objectives"):
        yield Annotation("GCM_OBJECTIVE", title=code)
    for key in ("by_sex", "for_children"):
        if key in declared.values:
            yield Annotation(PURPOSE_NOTES[key], title="yes" if declared.flag(key, default=False) else "no")
    for key, kind in PURPOSE_NOTES.items():
        if key in declared.values:
            status = declared.text(f"{key}_status", declared.text("status", "candidate"))
            yield Annotation(f"{kind}_STATUS", title=status)


def write_formula(declared: Declared) -> str:
    terms = declared.table("terms")
    term_texts = [f"{name} = {describe_term(terms.table(name).values)}" for name in terms.values]
    return f"{declared.text('calculation', '')}({', '.join(term_texts)})" if term_texts else ""


def describe_term(term: Mapping[str, object]) -> str:
    codes = {key: "+".join(value) if isinstance(value, list) else value for key, value in term.items() if key != "flow"}
    fixed_codes = ",".join(f"{key}={code}" for key, code in codes.items())
    return f"{term.get('flow', '')}[{fixed_codes}]" if fixed_codes else str(term.get("flow", ""))
