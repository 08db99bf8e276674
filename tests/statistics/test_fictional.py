"""Every page of every result states that the country is fictional, and its messages are tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from assessed import georgia
from case_tables import text_from

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.reporting.sections.page import build_frame
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.workspace.folder import open_workspace

COUNTRY = text_from("statistics/cases/fictional_country.toml")


def test_messages_of_fictional_country_must_be_tests(tmp_path: Path) -> None:
    (tmp_path / "country.toml").write_text(COUNTRY, encoding="utf-8")
    with pytest.raises(DeclarationError, match="Messages of a fictional country must be marked as tests"):
        open_workspace(tmp_path)
    (tmp_path / "country.toml").write_text(COUNTRY + "test = true\n", encoding="utf-8")
    assert open_workspace(tmp_path).country.is_fictional


@pytest.mark.parametrize("signed_off", ["", "the made-up office"])
def test_every_page_marks_a_fictional_country(signed_off: str) -> None:
    assessment = replace(georgia(signed_off), is_fictional=True)
    notice = {tag: build_frame(assessment, "Alvoria", "x", Wording(tag))["notice"] for tag in ("en", "fr", "zh")}
    assert notice == {
        "en": "Made-up country: all figures are simulated, all texts invented",
        "fr": "Pays fictif\xa0: tous les chiffres sont simulés, tous les textes inventés",
        "zh": "虚构国家：所有数字均为模拟，所有文字均为虚构",
    }


def test_existing_country_is_not_marked_as_fictional() -> None:
    assert "Made-up" not in str(build_frame(georgia(), "Georgia", "x", Wording("en"))["notice"])
    assert not build_frame(georgia("Geostat"), "Georgia", "x", Wording("en"))["notice"]
