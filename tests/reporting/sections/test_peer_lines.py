"""Other countries on page one: a row per measure, years and statuses that differ, and left-out figures.

All countries here are made up: their codes are those that ISO 3166-1 leaves to users, their figures are invented.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from assessed import georgia
from lxml import html

from sdmxmig.catalogue.folders import read_code_words
from sdmxmig.reporting.sections import compose
from sdmxmig.reporting.sections.summary import tabulate_peers
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.assessment import Assessment, CountryFigure, PeerComparison

LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")


def figure(area: str, name: str, value: str, period: str = "2024", status: str = "A") -> CountryFigure:
    return CountryFigure(
        area=area,
        name=Text.of(en=name),
        period=period,
        value=Decimal(value),
        status=status,
        sources=(f"Office of {name}",),
    )


RATE = PeerComparison(
    "IMM_RATE__T",
    Text.of(en="Immigrants in the year per 1,000 residents"),
    unit="PER_1000_POP",
    own=figure("XA", "Alvoria", "7.24", status="P"),
    others=(
        figure("XB", "Borania", "5.06"),
        figure("XC", "Cortania", "9", "2023", "P"),
        figure("XD", "Delmira", "8", "2025"),
    ),
    left_out=(("rule", 2),),
)
SHARE = PeerComparison(
    "MIG_SHARE_FC",
    Text.of(en="Share of foreign citizens among residents"),
    unit="PT",
    own=figure("XA", "Alvoria", "21.6"),
    others=(),
    left_out=(("rule", 1), ("year", 1)),
)
ASSESSMENT = replace(georgia(), peers=(RATE, SHARE))


def cells_of(assessment: Assessment) -> list[list[tuple[str, str]]]:
    table = tabulate_peers(assessment, Wording("en"))
    heads = [(column.label, "") for column in table.columns]
    return [heads, *([(cell.text, cell.note) for cell in row.cells] for row in table.rows)]


def test_other_years_and_missing_peer_figures_are_marked() -> None:
    shares = replace(SHARE, others=RATE.others[:1])
    assert cells_of(replace(georgia(), peers=(RATE, shares))) == [
        [("Indicator", ""), ("Alvoria", ""), ("Borania", ""), ("Cortania", ""), ("Delmira", "")],
        [
            ("Immigrants in the year per 1,000 residents, 2024", ""),
            ("7.2", "provisional"),
            ("5.1", ""),
            ("9.0", "2023, provisional"),
            ("8.0", "2025"),
        ],
        [
            ("Share of foreign citizens among residents, 2024", ""),
            ("21.6%", ""),
            ("5.1%", ""),
            ("–", ""),
            ("–", ""),
        ],
    ]


def test_hidden_peer_figures_are_counted_without_values() -> None:
    shown = tabulate_peers(ASSESSMENT, Wording("en"))
    sources, left_out = shown.notes
    assert all(f"Office of {name}" in sources for name in ("Borania", "Cortania", "Delmira"))
    assert re.findall(r"\((\d)\)", left_out) == ["3", "1"]


def test_peers_without_comparable_figures_yield_one_sentence() -> None:
    page = compose(replace(georgia(), peers=(SHARE,)), document="brief").html
    (element,) = html.document_fromstring(page).xpath("//div[@class='peers']")
    assert [child.tag for child in element] == ["p"]
    assert "not shown" in element.text_content()


@pytest.mark.parametrize("language", LANGUAGES)
def test_peer_lines_are_translated_in_every_language(language: str) -> None:
    every_reason = tuple((reason, 1) for reason in sorted(read_code_words("report", "left out")))
    wording = Wording(language)
    names = Text.of(dict.fromkeys(LANGUAGES, "X"))
    others = tuple(replace(other, name=names) for other in RATE.others)
    comparison = replace(RATE, name=names, own=replace(RATE.own, name=names), others=others, left_out=every_reason)
    shown = tabulate_peers(replace(georgia(), peers=(comparison,)), wording)
    assert wording.untranslated == {}
    assert len(shown.notes) == 2
