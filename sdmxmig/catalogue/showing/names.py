"""Lookup of names, and labels of codes, concepts and dataflows for assessments and profiles."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.indicators import CODE_JOINER, TermSelection
from sdmxmig.catalogue.item_schemes import write_path
from sdmxmig.catalogue.topics import TOPIC_LIST
from sdmxmig.primitives.errors import SdmxmigError, find_nearest
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.sdmx.model.references import ITEM_KINDS, Ref

DEFINITION_SCHEME = "CS_DEFINITIONS"
ID_NOTE = "DEFINITION_ID"
"""The annotation with the number of a definition, such as D05."""


HOME_AGENCIES = ("SDMXMIG", "SDMX")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class NamedThing:
    kind: str
    name: str
    title: Text
    thing: object
    within: ItemScheme | None = None


def list_everything(catalogue: Catalogue) -> Iterator[NamedThing]:
    for ref in sorted(catalogue.artefacts, key=lambda ref: (ref.kind, ref.id, ref.agency, ref.version)):
        artefact = catalogue.artefacts[ref]
        yield NamedThing(kind=ref.kind, name=ref.short, title=artefact.name, thing=artefact)
    for ref, metadata in sorted(catalogue.metadata.items()):
        yield NamedThing(kind=ref.kind, name=ref.short, title=metadata.name, thing=metadata)
    by_kind: dict[str, Iterable[Any]] = {
        "Indicator": catalogue.indicators.values(),
        "Rule": catalogue.rules.values(),
        "RuleProfile": catalogue.rule_profiles.values(),
        "Account": catalogue.identities,
    }
    for kind, things in by_kind.items():
        for thing in things:
            yield NamedThing(kind=kind, name=thing.id, title=thing.name, thing=thing)


def list_items(catalogue: Catalogue) -> Iterator[NamedThing]:
    schemes = [item_scheme for item_scheme in catalogue.artefacts.values() if isinstance(item_scheme, ItemScheme)]
    schemes.sort(key=lambda item_scheme: (item_scheme.ref.id != DEFINITION_SCHEME, item_scheme.ref))
    for scheme in schemes:
        for item in scheme:
            yield NamedThing(
                kind=ITEM_KINDS[scheme.ref.kind],
                name=f"{scheme.ref.short}.{write_path(item, scheme)}",
                title=item.name,
                thing=item,
                within=scheme,
            )


def find(catalogue: Catalogue, name: str) -> tuple[NamedThing, ...]:
    """Find artefacts and items by URN, ``AGENCY:ID(VERSION)``, ``.ITEM``, id, number or name."""
    candidates = list_matching(catalogue, name)
    if candidates:
        return candidates
    asked = name.strip()
    hint = _suggest_names(asked, (*list_everything(catalogue), *list_items(catalogue)))
    raise SdmxmigError(f"There is nothing called “{asked}”.", hint=hint)


def list_matching(catalogue: Catalogue, name: str) -> tuple[NamedThing, ...]:
    asked = name.strip()
    named_things = (*list_everything(catalogue), *list_items(catalogue))
    for normalise in (str, fold_name):  # exact first, then ignoring case and blanks
        for fits in _list_matchers(asked, normalise):
            candidates = tuple(candidate for candidate in named_things if fits(candidate))
            if candidates:
                return candidates
    return ()


def choose_namesake(candidates: tuple[NamedThing, ...]) -> NamedThing | None:
    """Choose between artefacts with the same name, preferring our own, then those of SDMX; None if ambiguous."""
    namesakes = (
        len(
            {
                (find_owner(candidate).id, _shorten_path(candidate) if candidate.within else "")
                for candidate in candidates
            }
        )
        == 1
    )
    for agency in HOME_AGENCIES if len(candidates) > 1 and namesakes else ():
        of_agency = [candidate for candidate in candidates if find_owner(candidate).agency == agency]
        if of_agency:
            return of_agency[0] if len(of_agency) == 1 else None
    return candidates[0] if len(candidates) == 1 else None


def find_owner(named: NamedThing) -> Ref:
    ref = named.within.ref if named.within else getattr(named.thing, "ref", None)
    return ref if isinstance(ref, Ref) else Ref(named.kind, "", id=named.name, version="")


def _list_matchers(asked: str, normalise: Callable[[str], str]) -> Iterator[Callable[[NamedThing], bool]]:
    """Yield functions that match a name, most exact first."""
    wanted = normalise(asked)
    parsed = _parse_reference(asked)
    if parsed:
        yield lambda named: _is_called(named, parsed, normalise)
    yield lambda named: named.kind == "Indicator" and wanted in _list_indicator_names(named, normalise)
    yield lambda named: _is_definition(named) and wanted in map(normalise, (_read_id(named), named.thing.note(ID_NOTE)))  # type: ignore[attr-defined]
    yield lambda named: named.within is None and normalise(named.name) == wanted
    yield lambda named: named.within is not None and normalise(_read_id(named)) == wanted
    for fits in (_is_definition, lambda named: named.within is None, lambda _: True):
        yield lambda named, fits=fits: fits(named) and wanted in (normalise(text) for _, text in named.title)  # type: ignore[misc]


def fold_name(text: str) -> str:
    """Normalise a name to lower case without spaces.

    >>> fold_name("MI 1.3") == fold_name("mi1.3")
    True
    """
    return re.sub(r"\s", "", text).casefold()


def _parse_reference(asked: str) -> Ref | None:
    try:
        return Ref.parse(asked)
    except SdmxmigError:
        return None


def _is_called(named: NamedThing, wanted: Ref, normalise: Callable[[str], str]) -> bool:
    ref = find_owner(named)
    if not ref.agency or bool(wanted.item) != (named.within is not None):
        return False
    kind = named.kind if named.within else ref.kind
    pairs = ((wanted.kind, kind), (wanted.agency, ref.agency), (wanted.version, ref.version))
    if any(asked and normalise(asked) != normalise(actual) for asked, actual in pairs):
        return False
    return normalise(wanted.id) == normalise(ref.id) and (
        not named.within or normalise(wanted.item) == normalise(_shorten_path(named))
    )


def _shorten_path(named: NamedThing) -> str:
    return named.name.rpartition(").")[2]


def _read_id(named: NamedThing) -> str:
    return str(getattr(named.thing, "id", ""))


def _is_definition(named: NamedThing) -> bool:
    return named.within is not None and named.within.ref.id == DEFINITION_SCHEME


def _list_indicator_names(named: NamedThing, normalise: Callable[[str], str]) -> tuple[str, ...]:
    number = str(getattr(named.thing, "un_number", ""))
    return (normalise(_read_id(named)), *((normalise(number),) if number else ()))


def _suggest_names(asked: str, named_things: tuple[NamedThing, ...]) -> str:
    ids: dict[str, None] = {}
    for named in named_things:
        if named.within is None:
            ids[find_owner(named).id] = None
        elif "." in asked:
            ids[f"{named.within.ref.id}.{_shorten_path(named)}"] = None
        elif _is_definition(named):
            ids[_read_id(named)] = None
    guess = find_nearest(asked.rpartition(":")[2].upper(), ids)
    with_word = [
        candidate
        for candidate in named_things
        if any(asked.casefold() in text.casefold() for _, text in candidate.title)
    ]
    examples = ", ".join(f"{candidate.name} ({candidate.title})" for candidate in with_word[:6])
    hints = (f"Did you mean “{guess}”?" if guess else "", f"With this word: {examples}." if examples else "")
    return " ".join(filter(None, hints)) or "List what there is: sdmxmig show"


PLAIN_TYPES = (str, int, bool, type(None))


def convert_to_json(thing: object) -> object:
    """Convert to JSON values: texts by language, references as URNs, without empty values.

    >>> convert_to_json(Text.of(en="Sex", fr="Sexe"))
    {'en': 'Sex', 'fr': 'Sexe'}
    """
    if isinstance(thing, Text):
        return dict(thing)
    if isinstance(thing, Ref):
        return thing.urn if thing.agency and thing.version else str(thing)
    if isinstance(thing, Mapping):
        return {str(key): convert_to_json(value) for key, value in thing.items()}
    if isinstance(thing, (tuple, list, frozenset)):
        return [convert_to_json(element) for element in (sorted(thing) if isinstance(thing, frozenset) else thing)]
    if dataclasses.is_dataclass(thing):
        values = ((field.name, getattr(thing, field.name)) for field in dataclasses.fields(thing))
        plain_values = ((name, convert_to_json(value)) for name, value in values if not isinstance(value, Place))
        return {name: value for name, value in plain_values if value not in ("", None, [], {}, False)}
    return thing if isinstance(thing, PLAIN_TYPES) else str(thing)


LABELLED_LISTS = (
    "CL_ACC_ITEM",
    "CL_AGE",
    "CL_BIRTH_STATUS",
    "CL_CTZ_STATUS",
    "CL_DEF_GROUP",
    "CL_EVIDENCE",
    "CL_FEAS_DRIVER",
    "CL_GCM_OBJECTIVE",
    "CL_OBS_STATUS",
    "CL_POLICY_AREA",
    "CL_QUALITY_ISSUE",
    "CL_ROADMAP_ACTION",
    "CL_SEX",
    "CL_SRC_NEED",
    "CL_SRC_REASON",
    "CL_SRC_TYPE",
    "CL_STOCK_METHOD",
    "CL_TIER",
    "CL_UNIT_MEASURE",
)
OWNER_AGENCIES = ("SDMX", "SDMXMIG")
ITEM_LIST = "CL_BENCH_ITEM"


def collect_labels(catalogue: Catalogue) -> dict[str, Text]:
    """Return labels by ``LIST.CODE``; columns and topics are by id.

    Other keys are, for example, ``CL_BENCH_ITEM.A``, ``ACCOUNTS.A01``, ``DATAFLOWS.DF_POP`` and ``TERMS.ADM_ITEM``.
    """
    names_by_code: dict[str, Text] = {}
    topics = {topic for indicator in catalogue.indicators.values() for topic in indicator.primary_topics}
    further = {topic for indicator in catalogue.indicators.values() for topic in indicator.secondary_topics} - topics
    listed = find_scheme(catalogue, TOPIC_LIST)
    asked_ids = {item.module for item in catalogue.items.values()} | set(catalogue.questions)
    for ref, item_scheme in catalogue.artefacts.items():
        if not isinstance(item_scheme, ItemScheme) or ref.agency not in OWNER_AGENCIES:
            continue
        if ref.kind == "ConceptScheme":
            names_by_code |= {item.id: item.name for item in item_scheme if item.id in topics | further}
        elif ref.id in LABELLED_LISTS or ref.id == ITEM_LIST:
            mentioned = (item for item in item_scheme if ref.id != ITEM_LIST or item.id in asked_ids)
            names_by_code |= {f"{ref.id}.{item.id}": item.name for item in mentioned}
    names_by_code |= {topic: listed[topic].name for topic in further if listed and topic in listed}
    names_by_code |= {f"ACCOUNTS.{identity.id}": identity.name for identity in catalogue.identities}
    for indicator in catalogue.indicators.values():
        for variant in indicator.variants:
            for term in (*variant.terms.values(), *variant.otherwise.values()):
                names_by_code |= collect_term_labels(term, catalogue)
    return dict(sorted(names_by_code.items()))


def collect_term_labels(term: TermSelection, catalogue: Catalogue) -> dict[str, Text]:
    flow = catalogue.flows.get(term.flow)
    if flow is None:
        return {}
    names_by_code = {f"DATAFLOWS.{term.flow}": flow.dataflow.name}
    for dimension, codes in term.codes:
        codelist = flow.codelist(dimension)
        names_by_code[f"TERMS.{dimension}"] = flow.concepts.get(dimension, Text())
        for code in codes.split(CODE_JOINER):
            if codelist and code in codelist:
                names_by_code[f"TERMS.{dimension}.{code}"] = codelist[code].name
    return names_by_code


def index_names(catalogue: Catalogue, codelist: str) -> dict[str, Text]:
    return {item.id: item.name for item in find_scheme(catalogue, codelist) or ()}


def find_scheme(catalogue: Catalogue, codelist: str) -> ItemScheme | None:
    schemes = (artefact for ref, artefact in catalogue.artefacts.items() if ref.id == codelist)
    item_schemes = [item_scheme for item_scheme in schemes if isinstance(item_scheme, ItemScheme)]
    return min(item_schemes, key=lambda item_scheme: item_scheme.ref.agency not in OWNER_AGENCIES, default=None)


def load_names(catalogue: Catalogue) -> Mapping[str, Text]:
    names_by_id: dict[str, Text] = {}
    for ref, concepts in catalogue.artefacts.items():
        if ref.kind == "ConceptScheme" and ref.agency in OWNER_AGENCIES and isinstance(concepts, ItemScheme):
            names_by_id |= {item.id: item.name for item in concepts}
    for flow in catalogue.flows.values():
        if flow.dataflow.ref.agency in OWNER_AGENCIES:
            names_by_id |= {flow.id: flow.dataflow.name, **flow.concepts}
    names_by_id |= {rule.id: rule.name for rule in catalogue.rules.values()}
    names_by_id |= {identity.id: identity.name for identity in catalogue.identities}
    return names_by_id | {indicator.id: indicator.name for indicator in catalogue.indicators.values()}
