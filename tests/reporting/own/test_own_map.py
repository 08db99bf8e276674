"""The land and places that an office brings for its map: how they are drawn, who is named, and what is refused."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from assessed import georgia
from lxml import html
from other_systems import not_on_windows

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.reporting.charts.origins import land, places, projected
from sdmxmig.reporting.outputs import Page
from sdmxmig.reporting.sections import compose, write
from sdmxmig.reporting.sections.office_templates import read_office_templates
from sdmxmig.statistics.model.availability import Breakdown

TOLD = '[map]\nfile = "land.geojson"\nsource.en = "Survey of Lands, 2025"\n'
SHIPPED = "The map shows land without boundaries."
COAST = [[40, 40], [50, 40], [50, 50], [40, 50], [40, 40]]
LAKE = [[44, 44], [46, 44], [46, 46], [44, 46], [44, 44]]


def feature(kind: str, coordinates: object, **properties: object) -> dict[str, object]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features})


def office(folder: Path, geojson: str | bytes, declaration: str = TOLD) -> Path:
    """The templates of an office with a map of its own."""
    report = folder / "report"
    report.mkdir(exist_ok=True)
    (report / "report.toml").write_text(declaration, encoding="utf-8")
    (report / "land.geojson").write_bytes(geojson if isinstance(geojson, bytes) else geojson.encode())
    return folder


def composed(*templates: Path, language: str = "en") -> Page:
    figures = {"RU": 62304, "UA": 20716, "BY": 13361}
    coming = Breakdown(
        "DF_IMM", "2022", by=("C_CITIZEN",), figures=tuple(((code,), Decimal(value)) for code, value in figures.items())
    )
    return compose(replace(georgia(), breakdowns=(coming,)), language=language, templates=templates)


def below_the_map(page: Page) -> str:
    """All text of the figure that the map is."""
    tree: Any = html.document_fromstring(page.html)
    (drawn,) = tree.xpath("//figure[.//svg//circle[@fill-opacity]]")
    return str(drawn.text_content())


def coast(drawn: str) -> list[str]:
    """The outlines of the land in a drawing."""
    (path,) = re.findall(r'<path d="([^"]*)" fill="#e3e8ec"', drawn)
    return re.findall(r"M[^Z]*Z", path)


def circles(drawn: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', drawn)]


def drawing(page: Page) -> str:
    return page.figures["figure-map"]


def refused(folder: Path, geojson: str | bytes, declaration: str = TOLD) -> str:
    with pytest.raises(SdmxmigError) as caught:
        read_office_templates(office(folder, geojson, declaration) / "report")
    return str(caught.value)


def test_the_map_is_drawn_on_the_land_of_the_office_with_its_lakes(tmp_path: Path) -> None:
    page = composed(office(tmp_path, collection(feature("Polygon", [COAST, LAKE]))))
    assert len(coast(drawing(page))) == 2
    assert len(coast(drawing(composed()))) > 2


@pytest.mark.parametrize("lake", [LAKE, LAKE[::-1]])
@pytest.mark.parametrize("outline", [COAST, COAST[::-1]])
def test_a_lake_runs_against_its_coast_however_the_file_turns_them(
    tmp_path: Path, outline: list[list[int]], lake: list[list[int]]
) -> None:
    """Else a drawing program would fill it."""
    (tmp_path / "report").mkdir()
    geography = read_office_templates(
        office(tmp_path, collection(feature("Polygon", [outline, lake]))) / "report"
    ).geography
    assert geography
    areas = [sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) for ring in geography.land[0]]
    assert areas[0] > 0 > areas[1]


def test_a_place_of_the_file_comes_before_the_shipped_one_and_others_stay(tmp_path: Path) -> None:
    declaration = TOLD + 'code = "iso"\n'
    file = collection(feature("MultiPolygon", [[COAST]]), feature("Point", [37.6, 55.75], iso="RU"))
    geography = read_office_templates(office(tmp_path, file, declaration) / "report").geography
    assert geography
    assert geography.places == {**places(), "RU": projected(37.6, 55.75)}
    assert circles(drawing(composed(tmp_path))) != circles(drawing(composed()))


@pytest.mark.parametrize("language", ["en", "ar"])
def test_source_and_disclaimer_are_below_the_map_in_every_output(tmp_path: Path, language: str) -> None:
    declaration = (
        TOLD + 'source.ar = "هيئة المساحة"\ndisclaimer.en = "As the law has it."\ndisclaimer.ar = "وفقا للقانون."\n'
    )
    page = composed(office(tmp_path, collection(feature("Polygon", [COAST])), declaration), language=language)
    source, disclaimer = {
        "en": ("Land and places on the map: Survey of Lands, 2025", "As the law has it."),
        "ar": ("هيئة المساحة", "وفقا للقانون."),
    }[language]
    below = below_the_map(page)
    with zipfile.ZipFile(io.BytesIO(write(page, "docx"))) as package:
        word = re.sub("<[^>]+>", "", package.read("word/document.xml").decode())
    for output in (below, write(page, "md").decode(), word):
        assert source in output
        assert disclaimer in output
    assert SHIPPED not in page.html


def test_without_a_disclaimer_of_its_own_the_map_implies_no_opinion_and_claims_nothing_about_lines(
    tmp_path: Path,
) -> None:
    """The office's file can have boundaries, so the page does not deny them."""
    page = composed(office(tmp_path, collection(feature("Polygon", [COAST])))).html
    assert "Map lines, the position of circles and the names of countries imply no opinion on the legal status" in page
    assert SHIPPED not in page
    assert SHIPPED in composed().html


@pytest.mark.sampled(3)
def test_details_below_the_resolution_are_left_out(tmp_path: Path) -> None:
    steps = [[40 + 10 * step / 20_000, 40] for step in range(20_000)]
    islet = [[45, 55], [45.0001, 55], [45.0001, 55.0001], [45, 55]]
    file = collection(feature("Polygon", [[*steps, *COAST[1:]]]), feature("Polygon", [islet]))
    outlines = coast(drawing(composed(office(tmp_path, file))))
    assert len(outlines) == 1
    assert outlines[0].count("L") < 600
    xs = [float(x) for x in re.findall(r"[ML](-?[\d.]+) ", outlines[0])]
    plain = coast(drawing(composed(office(tmp_path, collection(feature("Polygon", [COAST]))))))[0]
    wide = [float(x) for x in re.findall(r"[ML](-?[\d.]+) ", plain)]
    assert (min(xs), max(xs)) == pytest.approx((min(wide), max(wide)), abs=0.5)


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    office(tmp_path, collection(feature("Polygon", [COAST, LAKE]), feature("Point", [37.6, 55.75], code="RU")))
    assert composed(tmp_path).html == composed(tmp_path).html


def test_the_shipped_land_is_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    assert drawing(composed(tmp_path)) == drawing(composed())
    assert len(land()) > 100


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        ('[map]\nfile = "land.geojson"', "report.toml › map: “source” is missing"),
        ("[map]", "report.toml › map: “file” is missing"),
        (TOLD.replace("land.g", "../land.g"), "report.toml › map.file: “../land.geojson” leads out of the folder."),
        (TOLD.replace("land.g", "lend.g"), "Did you mean land.geojson?"),
        (TOLD + 'projection = "mercator"', "report.toml › map.projection: “projection” is not a valid key here."),
        (TOLD.replace('"Survey of Lands, 2025"', '""'), "report.toml › map.source: “source” is empty."),
    ],
)
def test_faulty_declaration_is_refused_with_its_key(tmp_path: Path, declaration: str, message: str) -> None:
    assert message in refused(tmp_path, collection(feature("Polygon", [COAST])), declaration)


@pytest.mark.parametrize(
    ("geojson", "message"),
    [
        ("{", "land.geojson:1:2: The JSON is not well formed"),
        ("[1]", "land.geojson › /: This should be a GeoJSON object, not a list."),
        (
            '{"type": "FeatureCollection"}',
            "land.geojson › /features: This should be a list of features, not a missing value.",
        ),
        (collection(feature("Point", [1, 2], code="GE")), "land.geojson › /: There is no land in this file."),
        (
            collection(feature("LineString", COAST)),
            'land.geojson › /features/0/geometry/type: This is not drawn: "LineString". Maps are drawn from',
        ),
        (
            collection(feature("Polygon", [COAST]), feature("Point", [1, 2], code="GEO")),
            'land.geojson › /features/1/properties/code: "GEO" is not a code of a country in CL_AREA. Did you mean',
        ),
        (collection(feature("Point", [1, 2], code=["GE"])), "/properties/code: a list is not a code of a country"),
        (
            collection(feature("Point", [1, 2])),
            "/features/0/properties/code: a missing value is not a code of a country",
        ),
        (collection(*[feature("Point", [1, 2], code="GE")] * 2), '/features/1/properties/code: "GE" has a place'),
        (
            collection(feature("Polygon", [[[400_000, 4_600_000], *COAST[1:-1], [400_000, 4_600_000]]])),
            "/features/0/geometry/coordinates/0/0: This position is not on earth. GeoJSON writes longitude, then",
        ),
        (collection(feature("Polygon", [[[40, 1e999]]])).replace("Infinity", "1e999"), "0/0: This position is not on"),
        (collection(feature("Polygon", [[[10**400, 1]]])), "geojson"),
        (collection(feature("Polygon", [[["40", 40]]])), "coordinates/0/0: This should be a position such as"),
        (collection(feature("Polygon", [[[True, 40]]])), "coordinates/0/0: This should be a position such as"),
        (collection(feature("Polygon", [COAST[:-1]])), "/coordinates/0: The outline is not closed."),
        (collection(feature("Polygon", [])), "/coordinates: This should be a list of outlines, not a list."),
        (
            collection(feature("Polygon", [[[170, 60], [-170, 60], [-170, 70], [170, 60]]])),
            "/coordinates/0/0: The outline crosses the meridian of 180°. Cut it there",
        ),
        ("[" * 100 + "]" * 100, "nested deeper than 64"),
        (b" " * (4 * 1024 * 1024 + 1), "larger than 4 MiB"),
    ],
)
def test_a_file_that_cannot_be_drawn_is_named_with_the_place_of_the_mistake(
    tmp_path: Path, geojson: str | bytes, message: str
) -> None:
    assert message in refused(tmp_path, geojson)


def test_more_points_than_a_map_can_show_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdmxmig.reporting.sections.office_templates.POINTS_LIMIT", 9)
    assert "more than 9 points" in refused(tmp_path, collection(feature("Polygon", [COAST, LAKE])))


def test_land_that_reaches_the_meridian_of_180_on_both_sides_is_drawn(tmp_path: Path) -> None:
    pole = [[-180, -90], [180, -90], [180, -70], [-180, -70], [-180, -90]]
    assert read_office_templates(office(tmp_path, collection(feature("Polygon", [pole]))) / "report").geography


@not_on_windows("links need rights there")
def test_a_link_to_elsewhere_is_refused(tmp_path: Path) -> None:
    office(tmp_path, "x")
    (tmp_path / "report" / "land.geojson").rename(tmp_path / "secret")
    (tmp_path / "report" / "land.geojson").symlink_to(tmp_path / "secret")
    with pytest.raises(SdmxmigError, match=r"land\.geojson: The map is a link to another file"):
        read_office_templates(tmp_path / "report")
