"""Publication of the final text, rehearsed with the made-up list of the manual: one file, and no Python."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from folders import write_files
from manual_pages import DOCS, blocks
from shipped import CATALOGUE
from small_country import GEORGIA

from sdmxmig.catalogue import Catalogue, load
from sdmxmig.catalogue.standard import read_standard
from sdmxmig.cli import run
from sdmxmig.forms.profiles.plan import read_questions
from sdmxmig.forms.profiles.reading import read_profile
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.reporting.sections.blocks import ReportTable
from sdmxmig.reporting.sections.standard import tabulate_definitions
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.statistics.assessment import assess
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.indicator_results import count_by_status

MADE_UP = next(block.text for block in blocks(DOCS / "how-to" / "published-text.md") if "file" in block.says)
EN = Wording("en")
PASSAGE = "page 12, table 1: departures per 1,000 residents, additional"
NO_PASSAGE = "page 12, table 1 has no such indicator"
PROFILE = b"""
area = "GE"
year = "2024"

[sources]
S1 = "Office, method of the population, 2024"

[items.B01]
answer = "3"
practice.en = "Most of twelve months."
sources = ["S1"]
evidence = "PUBLIC"

[indicators.IMM_RATE.L01]
answer = "3"
quoted = "S1, page 1: every second year"
sources = ["S1"]
evidence = "PUBLIC"

[indicators.NET_RATE.L01]
answer = "3"
quoted = "S1, page 1: every second year"
sources = ["S1"]
evidence = "PUBLIC"
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that declares nothing but the made-up list."""
    return write_files(tmp_path_factory.mktemp("published"), {"structures/standard.toml": MADE_UP})


@pytest.fixture(scope="module")
def catalogue(workspace: Path) -> Catalogue:
    """The declarations with the list in place."""
    return load(workspace)


def assessed(catalogue: Catalogue, compared_with: str = "") -> Assessment:
    profile = read_profile("profile.toml", PROFILE, read_questions(catalogue))
    country = replace(GEORGIA, compared_with=compared_with)
    return assess(country, catalogue, datasets=[], findings=Findings(), profile=profile)


def core(catalogue: Catalogue) -> list[str]:
    return [one.id for one in catalogue.indicators.values() if (one.part, one.tier) == ("A", "core")]


def definitions(assessment: Assessment) -> ReportTable:
    scores = [score for score in assessment.scores if score.item.id == "B01"]
    return tabulate_definitions(scores, assessment, EN)


def test_published_list_renames_removes_and_adds_indicators(catalogue: Catalogue) -> None:
    shown = {
        name: (str(one.name), one.tier, one.un_number, one.status, bool(one.checked))
        for name in ("IMM_RATE", "EMI_RATE", "MADE_UP_SHARE", "TMP_INFLOW")
        for one in [catalogue.indicators[name]]
    }
    ours = CATALOGUE.indicators["TMP_INFLOW"]
    assert shown == {
        "IMM_RATE": (str(CATALOGUE.indicators["IMM_RATE"].name), "core", "X.2", "verified", True),
        "EMI_RATE": ("Departure rate", "additional", "", "verified", True),
        "MADE_UP_SHARE": ("Share of made-up movers", "core", "", "verified", True),
        "TMP_INFLOW": (str(ours.name), "additional", "", ours.status, False),
    }
    assert "NET_RATE" not in catalogue.indicators
    assert set(core(CATALOGUE)) - set(core(catalogue)) == {"EMI_RATE", "NET_RATE"}
    assert set(core(catalogue)) - set(core(CATALOGUE)) == {"MADE_UP_SHARE"}
    assert not catalogue.indicators["EMI_RATE"].name.has("fr"), "our translation is of another wording"


def test_code_missing_from_the_standard_is_kept_and_marked(catalogue: Catalogue) -> None:
    codes = catalogue.item_scheme("CL_INDICATOR")
    assert (codes["NET_RATE"].note("TIER"), codes["NET_RATE"].note("NOT_IN_STANDARD")) == ("", NO_PASSAGE)
    assert (codes["EMI_RATE"].note("TIER"), codes["MADE_UP_SHARE"].note("TIER")) == ("ADD", "CORE")


def test_definition_takes_published_wording_with_passage(catalogue: Catalogue) -> None:
    scheme = catalogue.item_scheme("CS_DEFINITIONS")
    assert isinstance(scheme, ItemScheme)
    item = scheme["RESIDENT_POP_A"]
    assert (item.note("CRITERION"), item.note("CHECKED"), item.status, item.source) == (
        "Everybody who slept in the country for 200 nights.",
        "paragraph 7: 200 nights",
        "verified",
        "Made-up Recommendations, 2031",
    )
    assert not item.description, "what we said of it was about another wording"


def test_headlines_count_core_indicators_of_published_list(catalogue: Catalogue) -> None:
    """Eleven core indicators of Part A before; one goes down, one goes, one comes: ten, of which two are checked."""
    assert (len(core(CATALOGUE)), len(core(catalogue))) == (11, 10)
    for each, counts in ((catalogue, (1, 10, 9)), (CATALOGUE, (2, 11, 9))):
        counted = count_by_status(assessed(each).of("A", "core"))
        assert (counted.produced, counted.total, counted.unknown) == counts


def test_published_document_replaces_statement_on_proposal(catalogue: Catalogue) -> None:
    _, document, checked, *_, removed, outdated = VIEWS["definitions"](assessed(catalogue), EN)["statement"]
    assert "“Made-up Recommendations” (2031)" in document
    assert "3 of 60 indicators, 1 of 29 definitions" in checked
    assert removed.endswith(": 1.")
    assert "B01" in outdated


def test_answer_on_earlier_wording_counts_after_review(catalogue: Catalogue) -> None:
    def row(assessment: Assessment) -> list[tuple[str, str, str]]:
        shown = definitions(assessment)
        cells = {column.label: cell for column, cell in zip(shown.columns, shown.rows[-1].cells, strict=True)}
        heads = ("Reference text (paraphrase)", "National practice", "Alignment")
        return [(cells[head].text, cells[head].note, cells[head].mark) for head in heads if head in cells]

    wording = ("Residents are those who slept in the country for 200 nights.", "paragraph 7: 200 nights", "verified")
    practice = "Most of twelve months."
    assert row(assessed(catalogue)) == [wording, (practice, "", "")]
    assert row(assessed(catalogue, "2031-05")) == [
        wording,
        (practice, "", ""),
        ("Aligned", "provisional: not confirmed by the office", ""),
    ]
    assert assessed(catalogue, "2031-05").outdated == ()


def test_diff_lists_changes_of_the_published_list(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", str(workspace)]) == 1, "the lists changed and kept their version"
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    for line in (
        "minor  item-added MADE_UP_SHARE",
        "patch  text EMI_RATE: name: Emigration rate → Departure rate",
        f"none   annotation NET_RATE: NOT_IN_STANDARD: nothing → {NO_PASSAGE}; TIER: CORE → nothing",
    ):
        assert line in lines
    rank = f"none   annotation EMI_RATE: CHECKED: nothing → {PASSAGE}"
    assert [line.endswith("; TIER: CORE → ADD") for line in lines if line.startswith(rank)] == [True]
    assert any(line.startswith("patch  text B01: description: ") for line in lines)
    assert any("200 nights" in line and line.startswith("none   annotation RESIDENT_POP_A: ") for line in lines)


PUBLISHED = '[document]\npublished = true\nname.en = "Made-up"\ndate = "2031"\nsource = "Made-up"\n'
PROPOSAL = PUBLISHED.replace("true", "false") + 'awaited.en = "The text"\nawaited_date = "2031"\n'
ENTRY = '[[indicator]]\nid = "IMM_RATE"\npassage = "page 1"\n'
WRONG = {
    "an entry without its passage": (PUBLISHED + '[[item]]\nid = "B01"\n', "“passage” is missing"),
    "an empty passage": (PUBLISHED + '[[item]]\nid = "B01"\npassage = " "\n', "An entry without a passage"),
    "entries of a proposal": (PROPOSAL + ENTRY, "Only a published text can change"),
    "a proposal that awaits nothing": (PUBLISHED.replace("true", "false"), "“awaited” is missing"),
    "an entry twice": (PUBLISHED + ENTRY + ENTRY, "“IMM_RATE” occurs twice"),
    "a key of another kind": (PUBLISHED + ENTRY + 'text.en = "x"\n', "“text” is not a valid key here"),
}


@pytest.mark.parametrize("case", WRONG)
def test_faulty_declaration_is_refused(case: str, tmp_path: Path) -> None:
    text, message = WRONG[case]
    with pytest.raises(DeclarationError, match=message):
        read_standard([write_files(tmp_path, {"standard.toml": text})])


UNKNOWN = {
    "a slip in an id adds nothing": ('[[indicator]]\nid = "IMM_RAT"\npassage = "page 1"\n', "no indicator “IMM_RAT”"),
    "existing code cannot be added": (ENTRY + "added = true\n", "already an indicator “IMM_RATE”"),
    "an item that is not asked": ('[[item]]\nid = "B99"\npassage = "page 1"\n', "no item “B99”"),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_entry_of_unknown_item_is_refused(case: str, tmp_path: Path) -> None:
    text, message = UNKNOWN[case]
    with pytest.raises(DeclarationError, match=message):
        load(write_files(tmp_path, {"structures/standard.toml": PUBLISHED + text}))
