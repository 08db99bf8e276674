"""Help is on every screen in each language and agrees with the manual."""

from __future__ import annotations

from pathlib import Path

import pytest
from folders import ROOT
from small_validation import TABLE, workspace
from workbenches import visitor, workbench

from sdmxmig.web.application import SCREENS
from sdmxmig.web.guidance import LABEL, index_help_texts, list_tour_steps
from sdmxmig.web.pages import LANGUAGES, load_web_words

TEXTS = [
    *(text for texts in index_help_texts().values() for text in (texts["purpose"], *texts["ways"])),
    *(text for step in list_tour_steps() for text in (step["look"], step["try"])),
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_and_tour_are_translated_with_their_labels(language: str) -> None:
    table = load_web_words(language).table
    for text in TEXTS:
        translation = table[text]
        assert translation != text or language == "en", text
        assert sorted(LABEL.findall(translation)) == sorted(LABEL.findall(text)), text
        assert all(label in table for label in LABEL.findall(text)), text


def test_labels_named_in_help_exist_on_screens() -> None:
    folder = ROOT / "templates" / "web"
    templates = "".join(path.read_text() for path in sorted(folder.glob("*.j2")))
    titles = {screen.title for screen in SCREENS}
    for label in {label for text in TEXTS for label in LABEL.findall(text)}:
        assert f'_("{label}"' in templates or label in titles, label


def test_page_has_the_help_of_its_screen(tmp_path: Path) -> None:
    client = visitor(workbench(workspace(tmp_path, TABLE)))
    for path in ("/", "/start", "/data", "/mapping", "/findings", "/end"):
        page = client.get(path).text
        assert index_help_texts()[path.strip("/") or "home"]["purpose"] in page
        assert page.count('<details class="help">') == 1
