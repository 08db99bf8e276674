"""The site of the framework: whole, quick to find one's way in, honest about status, and open to every reader."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from browsing import AXE, needs_axe, needs_browser
from click.testing import CliRunner
from folders import write_files
from lxml import html
from shipped import CATALOGUE

from sdmxmig.catalogue.documentation import render
from sdmxmig.cli import cli
from sdmxmig.primitives.errors import SdmxmigError

VERSION = CATALOGUE.item_scheme("CL_SUBPOP").ref.version
"""The version of what is ours."""
LIST, STRUCTURE = f"list-SDMXMIG-CL_SUBPOP-{VERSION}.html", f"structure-SDMXMIG-DSD_FLOW-{VERSION}.html"
MAP, CODES = f"map-SDMXMIG-SM_OECD_B11-{VERSION}.html", f"map-SDMXMIG-RM_SDG_SEX-{VERSION}.html"
METADATA = f"metadata-SDMXMIG-MSD_MIGRATION-{VERSION}.html"
PAGES = (
    *("index.html", "definitions.html", "indicators.html", "indicator-MIG_SHARE.html", "search.html"),
    *("accounts.html", "maps.html", "metadata.html", LIST, STRUCTURE, MAP, CODES, METADATA),
)


@pytest.fixture(scope="module")
def site() -> Mapping[str, bytes]:
    return render(CATALOGUE, ("en", "ar"))


@pytest.fixture(scope="module")
def trees(site: Mapping[str, bytes]) -> Mapping[str, Any]:
    return {name: html.document_fromstring(page) for name, page in site.items() if name.endswith(".html")}


def links(tree: Any) -> Iterator[str]:
    for element in tree.iter("a", "link", "script", "form"):
        for attribute in ("href", "src", "action"):
            if element.get(attribute) is not None:
                yield element.get(attribute)


def target(page: str, link: str) -> tuple[str, str]:
    path, _, anchor = link.partition("#")
    if not path:
        return page, anchor
    parts = page.split("/")[:-1]
    for part in path.split("?")[0].split("/"):
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts), unquote(anchor)


@pytest.mark.sampled(12)
def test_every_link_resolves_within_the_site(site: Mapping[str, bytes], trees: Mapping[str, Any]) -> None:
    anchors = {
        name: {element.get("id") for element in tree.iter() if element.get("id")} for name, tree in trees.items()
    }
    wrong = []
    for page, tree in trees.items():
        for link in links(tree):
            name, anchor = target(page, link)
            if name not in site or (anchor and anchor not in anchors.get(name, set())):
                wrong.append((page, link))
    assert not wrong[:10]


def test_site_loads_no_foreign_resource(site: Mapping[str, bytes]) -> None:
    for name, content in site.items():
        text = content.decode()
        assert not re.search(r"""(?:src|href|action)="(?:https?:)?//""", text), name
        if name.startswith("assets/"):
            assert "http" not in text
            assert "url(" not in text
            assert not re.search(r"fetch\(|XMLHttpRequest|@import", text)


def test_any_definition_is_three_clicks_from_the_start(trees: Mapping[str, Any]) -> None:
    reached, seen = {("index.html", "")}, {("index.html", "")}
    for _ in range(3):
        reached = {target(page, link) for page, _ in reached if page in trees for link in links(trees[page])} - seen
        seen |= reached
    definitions = {item.id for item in CATALOGUE.item_scheme("CS_DEFINITIONS")}
    assert {("en/definitions.html", definition) for definition in definitions} <= seen
    assert {("ar/definitions.html", definition) for definition in definitions} <= seen


def test_every_row_of_facts_states_its_status(trees: Mapping[str, Any]) -> None:
    for name, tree in trees.items():
        for table in tree.iter("table"):
            if name.endswith("/index.html"):
                continue  # the table of counts
            statuses = table.xpath("./caption//span[contains(@class, 'status')]")
            for row in table.xpath("./tbody/tr"):
                assert statuses or row.xpath(".//span[contains(@class, 'status')]"), (name, row.text_content()[:80])


def test_status_on_the_page_equals_that_of_the_declaration(trees: Mapping[str, Any]) -> None:
    for item in CATALOGUE.item_scheme("CS_DEFINITIONS"):
        article = trees["en/definitions.html"].get_element_by_id(item.id)
        shown = article.xpath("./p[@class='standing']//span[contains(@class, 'status')]")
        assert [status.text_content() for status in shown] == [item.status], item.id
        if item.note("VERIFIED_PART"):
            assert item.note("VERIFIED_PART") in " ".join(article.text_content().split())
    for indicator in CATALOGUE.indicators.values():
        tree = trees[f"en/indicator-{indicator.id}.html"]
        assert tree.xpath("string(//section[@id='about']//dd[1]//span[contains(@class, 'status')])") == indicator.status
        assert ("not verified" in tree.get_element_by_id("about").text_content()) == (not indicator.un_number)


def test_every_identity_page_has_equations_terms_and_rules(trees: Mapping[str, Any]) -> None:
    for identity in CATALOGUE.identities:
        section = trees["ar/accounts.html"].get_element_by_id(identity.id)
        text = " ".join(section.text_content().split())
        assert all(equation.written.replace(" - ", " − ") in text for equation in identity.equations), identity.id
        assert {cell.text_content() for cell in section.xpath(".//tbody//td[1]")} == set(identity.items)
        assert section.xpath(".//tbody//a[starts-with(@href, 'flow-')]"), identity.id
        rules = {rule.id for rule in CATALOGUE.rules.values() if identity.id in rule.identities}
        assert rules
        assert all(rule in text for rule in rules)
    section = trees["en/accounts.html"].get_element_by_id("A26")
    assert "0.05% of the population at the start" in section.text_content()
    assert "PROT_ITEM = DECIDED, DECISION_STAGE = FINAL" in section.text_content()


def test_page_of_a_map_lists_mapped_and_unmapped_codes(trees: Mapping[str, Any]) -> None:
    rows = [" ".join(row.text_content().split()) for row in trees[f"en/{MAP}"].xpath("//tbody/tr")]
    assert f"CTZ_STATUS × C_CITIZEN CITIZENSHIP SDMXMIG:RM_OECD_CITIZENSHIP({VERSION})" in rows
    assert "AGE – always _T" in rows
    codes = trees[f"en/map-SDMXMIG-RM_OECD_CITIZENSHIP-{VERSION}.html"]
    assert "FC Foreign citizens × GE Georgia GEO Georgia" in " ".join(
        codes.get_element_by_id("lines").text_content().split()
    )
    assert codes.xpath("//section[@id='alone-0']//tbody/tr")
    assert trees["en/maps.html"].xpath(f"//a[@href='{MAP}']")
    assert trees[f"en/flow-SDMXMIG-DF_OECD_B11-{VERSION}.html"].xpath(f"//section[@id='maps']//a[@href='{MAP}']")


def test_arabic_is_right_to_left_and_marks_english_words(trees: Mapping[str, Any]) -> None:
    for name, tree in trees.items():
        language = name.split("/")[0] if "/" in name else "en"
        assert (tree.get("lang"), tree.get("dir")) == (language, "rtl" if language == "ar" else "ltr"), name
    page = trees["ar/definitions.html"]
    english = [
        element
        for element in page.iter("p", "dd", "h2", "h3")
        if re.fullmatch(r"[A-Za-z ,;.]{25,}", element.text_content().strip())
    ]
    assert english
    assert all(element.get("lang") == "en" or element.xpath(".//*[@lang='en' and @dir='ltr']") for element in english)


def test_docs_writes_equal_sites_and_replaces_only_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    made = []
    for _ in range(2):
        result = CliRunner().invoke(cli, ["docs", "-o", str(folder), "--language", "fr"], catch_exceptions=False)
        assert result.exit_code == 0
        made.append({path: path.read_bytes() for path in folder.rglob("*") if path.is_file()})
    assert made[0] == made[1], "same input, same bytes"
    assert (folder / "fr" / "definitions.html").is_file()
    assert not (folder / "en").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "text.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SdmxmigError, match="not made by sdmxmig"):
        CliRunner().invoke(cli, ["docs", "-o", str(tmp_path / "mine")], catch_exceptions=False)


@pytest.fixture(scope="module")
def opened(site: Mapping[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("site"), site)


@needs_browser
@needs_axe
@pytest.mark.parametrize(
    ("name", "language"),
    [
        pytest.param(name, language, marks=[] if number < 4 and language == usual else pytest.mark.long)
        for number, (name, usual) in enumerate(zip(PAGES, itertools.cycle(("en", "ar")), strict=False))
        for language in ("en", "ar")
    ],
)  # of every two pages one is looked at in each language; the others belong to the long tests
def test_axe_reports_no_accessibility_barrier(browser: Any, opened: Path, name: str, language: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((opened / language / name).as_uri())
    page.add_script_tag(path=AXE)
    rules = {"color-contrast": {"enabled": language == "en"}}  # slow, and colours are the same in all languages
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    asked = {"runOnly": {"type": "tag", "values": tags}, "resultTypes": ["violations"], "rules": rules}
    report = page.evaluate("asked => axe.run(asked)", asked)
    page.close()
    violations = [
        (violation["id"], violation["help"], [node["html"][:120] for node in violation["nodes"][:3]])
        for violation in report["violations"]
    ]
    assert not violations


@needs_browser
@pytest.mark.parametrize(
    ("language", "asked", "first"), [("en", "d05", "RESIDENT_POP_A"), ("ar", "الهجرة الوافدة", "IMMIGRATION")]
)
def test_search_finds_a_definition(browser: Any, opened: Path, language: str, asked: str, first: str) -> None:
    page = browser.new_page()
    asks: list[str] = []
    page.on("request", lambda request: asks.append(request.url))
    page.goto((opened / language / "index.html").as_uri())
    page.fill("#q", asked)
    page.press("#q", "Enter")
    page.wait_for_selector("#results a")
    assert page.get_attribute("#results a >> nth=0", "href") == f"definitions.html#{first}"
    assert not page.is_visible("#all")
    assert all(address.startswith("file:") for address in asks)
    page.close()


@needs_browser
@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", [*PAGES, "flows.html", "framework.html"])
def test_pages_fit_the_screen_of_a_telephone(browser: Any, opened: Path, name: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    for language in ("en", "ar"):
        page.goto((opened / language / name).as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()
