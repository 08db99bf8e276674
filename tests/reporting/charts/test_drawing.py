"""Drawings are kept between runs, and drawn again when anything differs on which they depend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import vl_convert

from sdmxmig.reporting.charts import svg
from sdmxmig.reporting.charts.svg import chart_as_svg, svg_as_png

CHART = {
    "data": {"values": [{"year": "2023", "persons": 1200}]},
    "mark": "bar",
    "encoding": {"x": {"field": "year"}, "y": {"field": "persons", "type": "quantitative"}},
}
NUMBERS = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""]}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="9" height="9"/></svg>'


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Drawings of vl-convert; the cache and the folder of fonts are empty at first."""
    calls: list[str] = []
    for name in ("vegalite_to_svg", "svg_to_png"):
        function = getattr(vl_convert, name)
        monkeypatch.setattr(
            vl_convert, name, lambda *a, name=name, function=function, **k: calls.append(name) or function(*a, **k)
        )
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "fonts").mkdir()
    monkeypatch.setattr(svg, "FONT_FOLDERS", {})
    monkeypatch.setattr(svg, "FONT_FOLDERS_OF_LINUX", (str(tmp_path / "fonts"), str(tmp_path / "none")))
    svg.renderer.cache_clear()
    yield calls
    svg.renderer.cache_clear()


def test_same_chart_and_picture_are_drawn_once(drawn: list[str]) -> None:
    first = chart_as_svg(CHART, NUMBERS), svg_as_png(SVG, 2)
    assert (chart_as_svg(CHART, NUMBERS), svg_as_png(SVG, 2)) == first
    assert drawn == ["vegalite_to_svg", "svg_to_png"]


def test_other_data_or_another_notation_give_another_drawing(drawn: list[str]) -> None:
    corrected = {**CHART, "data": {"values": [{"year": "2023", "persons": 1100}]}}
    kept = [
        chart_as_svg(CHART, NUMBERS),
        chart_as_svg(corrected, NUMBERS),
        chart_as_svg(CHART, {**NUMBERS, "thousands": "."}),
    ]
    assert len({*kept}) == len(drawn) == 3
    assert len({svg_as_png(SVG, 1), svg_as_png(SVG, 2), svg_as_png(SVG.replace('"9"', '"8"'), 2)}) == 3


def test_new_font_or_library_draws_again(drawn: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    svg_as_png(SVG, 2)
    (tmp_path / "fonts" / "New.ttf").write_bytes(b"")
    svg.renderer.cache_clear()  # as in another process
    svg_as_png(SVG, 2)
    monkeypatch.setattr(svg, "version", lambda _: "another")
    svg.renderer.cache_clear()
    svg_as_png(SVG, 2)
    assert len(drawn) == 3
