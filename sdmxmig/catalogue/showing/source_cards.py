"""Cards of source types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdmxmig.catalogue import Catalogue
from sdmxmig.sdmx.model.indicators import Indicator
from sdmxmig.sdmx.model.source_yields import CAN, CANNOT, PARTLY, UNKNOWN

SOURCE_TYPES, REASONS, NEEDS = "CL_SRC_TYPE", "CL_SRC_REASON", "CL_SRC_NEED"
WORDS = {CAN: "yes", PARTLY: "partly", CANNOT: "no", UNKNOWN: "not known"}
COLUMNS = ("indicator", "gives it", "why", "needs", "by topic")
Row = tuple[tuple[str, ...], str, str]
"""The cells of a line, its status and its source."""


def lines_of_source(source: str, catalogue: Catalogue, language: str) -> Iterator[Row]:
    yields = catalogue.study.yields
    for indicator in catalogue.indicators.values():
        whole = yields.of(source, indicator.id)
        if whole.answer != UNKNOWN:
            cells = (
                indicator.id,
                WORDS[whole.answer],
                names(REASONS, whole.why, catalogue, language),
                names(NEEDS, whole.needs, catalogue, language),
                topics(source, indicator, catalogue),
            )
            yield cells, whole.status, whole.reference


def facts_of_indicator(indicator: Indicator, catalogue: Catalogue, language: str) -> Iterator[tuple[str, str]]:
    yields = catalogue.study.yields
    for answer in (CAN, PARTLY):
        for source in yields.sources:
            whole = yields.of(source, indicator.id)
            if whole.answer == answer:
                needs = names(NEEDS, whole.needs, catalogue, language)
                parts = (
                    f"{WORDS[answer]}. {names(REASONS, whole.why, catalogue, language)}",
                    f"Needs: {needs}" if needs else "",
                    topics(source, indicator, catalogue),
                )
                yield f"from {source}", f"{' '.join(filter(None, parts))}  [{whole.status}]"


def topics(source: str, indicator: Indicator, catalogue: Catalogue) -> str:
    yields = catalogue.study.yields
    if yields.of(source, indicator.id).answer not in (CAN, PARTLY):
        return ""
    listed: dict[str, list[str]] = {}
    for topic in (*indicator.primary_topics, *indicator.secondary_topics):
        listed.setdefault(yields.of(source, indicator.id, topic).answer, []).append(topic)
    return "; ".join(f"{WORDS[answer]}: {', '.join(listed[answer])}" for answer in WORDS if answer in listed)


def names(codelist: str, codes: Sequence[str], catalogue: Catalogue, language: str) -> str:
    scheme = catalogue.item_scheme(codelist)
    return " ".join(scheme[code].name.in_language(language) for code in codes)
