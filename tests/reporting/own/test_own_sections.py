"""An office's own parts of its report: sections, order, titles, words, colours and a logo."""

from __future__ import annotations

import base64
import io
import re
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from assessed import georgia
from case_tables import cases_from
from lxml import html
from other_systems import not_on_windows

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.reporting.outputs import Page
from sdmxmig.reporting.outputs.sandboxed_templates import require_static_html
from sdmxmig.reporting.sections import compose, write
from sdmxmig.reporting.sections.office_templates import (
    DARK_SCHEME,
    OfficeTemplates,
    apply_colours,
    order_sections,
    read_office_templates,
)

SECTIONS = [(10, "10-summary.html.j2", "summary"), (65, "65-gaps.html.j2", "gaps"), (90, "90-method.html.j2", "method")]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z" fill="#0b5c8a"/></svg>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "report").mkdir()
    return tmp_path / "report"


def put(folder: Path, **files: str | bytes) -> None:
    """Files by their names."""
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def png(side: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + bytes((side + 7) // 8) for _ in range(side)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def refused(folder: Path, **files: str | bytes) -> str:
    put(folder, **files)
    with pytest.raises(SdmxmigError) as caught:
        read_office_templates(folder)
    return str(caught.value)


def page_of(body: str) -> Page:
    html = f'<html lang="en"><head><title>x</title></head><body>{body}</body></html>'
    return Page(html=html, title="x", language="en", direction="ltr", running="")


def names(office: OfficeTemplates) -> list[str]:
    return [name for _, _, name in order_sections(SECTIONS, office, annexes=80)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Page:
    """The report of an office that adds a section, replaces one, removes one, and shows its logo and colour."""
    templates = tmp_path_factory.mktemp("office")
    folder = templates / "report"
    folder.mkdir()
    put(
        folder,
        **{
            "12-register.html.j2": '{% import "_macros.html.j2" as blocks with context %}{% include "_note.html.j2" %}'
            "<p>{{ w.of(assessment.country) }}, {{ w.number(1234567) }}</p>",
            "_note.html.j2": "<p>{{ _('Counted in the register & at the border.') }}</p>",
            "65-gaps.html.j2": "<p>Discussed with the ministry: {{ label }}</p>",
            "45-account.html.j2": "",
            "report.toml": 'order = ["summary", "gaps"]\n[titles]\nregister.en = "The register"\n'
            '[colours]\naccent = "#7a1f5c"\n[logo]\nfile = "logo.svg"\ntext.en = "Office of Statistics"\n',
            "logo.svg": SVG,
        },
    )
    return compose(georgia(), templates=(templates,))


def test_sections_are_added_replaced_removed_and_ordered(made: Page) -> None:
    page: Any = html.document_fromstring(made.html)
    ids = [section.get("id") for section in page.xpath("//section")]
    assert ids[:3] == ["summary", "gaps", "register"]
    assert "account" not in ids
    assert page.xpath("string(//section[@id='register']//h2)") == "The register"
    assert "Counted in the register & at the border." in page.xpath("string(//section[@id='register'])")
    assert "Georgia, 1,234,567" in page.xpath("string(//section[@id='register'])")
    assert "Discussed with the ministry: " in page.xpath("string(//section[@id='gaps'])")


def test_shipped_sections_are_unchanged_beside_own_sections(made: Page) -> None:
    """They are filled in another process then, under the guards; drawings have the colours of the office."""

    def bodies(page: str) -> dict[str, str]:
        tree: Any = html.document_fromstring(re.sub(r"<svg\b.*?</svg>", "", page, flags=re.DOTALL))
        kept = tree.xpath("//section[not(@id='gaps' or @id='register' or @id='account')]")
        return {
            section.get("id"): "".join(html.tostring(part, encoding="unicode") for part in section[1:])
            for section in kept
        }

    assert bodies(made.html) == bodies(compose(georgia()).html)


def test_page_has_the_logo_and_colour(made: Page) -> None:
    page: Any = html.document_fromstring(made.html)
    (logo,) = page.xpath("//header//img")
    kind, content = logo.get("src").split(",")
    assert (kind, logo.get("alt")) == ("data:image/svg+xml;base64", "Office of Statistics")
    assert base64.b64decode(content).decode() == SVG
    assert "img-src data:" in page.xpath("string(//meta[@http-equiv]/@content)")
    assert ":root { --accent: #7a1f5c; --l0: " in page.xpath("string(//style)")


def test_charts_and_word_document_have_the_office_colour(made: Page) -> None:
    page: Any = html.document_fromstring(made.html)
    drawings = "".join(html.tostring(drawing, encoding="unicode") for drawing in page.xpath("//figure//svg"))
    style = page.xpath("string(//style)").partition(DARK_SCHEME)[0].rpartition(":root")[2]
    darkest = re.search(r"--l4: #(.{6});", style)
    assert darkest
    assert "#7a1f5c" in drawings
    assert not {"#0b5c8a", "#23739f", "#0b4a70"} & set(re.findall(r"#[0-9a-f]{6}", drawings))
    with zipfile.ZipFile(io.BytesIO(write(made, "docx"))) as package:
        styles, text = (package.read(f"word/{name}.xml").decode() for name in ("styles", "document"))
    assert "7A1F5C" in styles
    assert f'w:fill="{darkest[1].upper()}"' in text
    assert not re.search("0B5C8A|0B4A70|23739F", styles + text)


def test_page_that_would_fetch_resources_is_not_printed() -> None:
    with pytest.raises(SdmxmigError, match="A report must contain its pictures"):
        write(page_of('<img alt="x" src="http://example.org/x.png">'), "pdf")


def test_number_of_an_own_section_gives_its_position() -> None:
    assert names(OfficeTemplates({"05-gaps.html.j2": "x"})) == ["gaps", "summary", "method"]
    assert names(OfficeTemplates({"70-more.html.j2": "x", "95-end.html.j2": "x"})) == [
        "summary",
        "gaps",
        "more",
        "method",
        "end",
    ]


def test_own_annexes_follow_the_report() -> None:
    assert names(OfficeTemplates(order=("method", "gaps"))) == ["gaps", "summary", "method"]


def test_section_is_removed_by_empty_file_or_by_name(folder: Path) -> None:
    put(folder, **{"65-gaps.html.j2": " \n"})
    assert names(read_office_templates(folder)) == ["summary", "method"]
    put(folder, **{"report.toml": 'remove = ["method"]'})
    assert names(read_office_templates(folder)) == ["summary"]


@pytest.mark.parametrize("key", ["order", "remove"])
def test_unknown_section_is_refused_and_nearest_suggested(folder: Path, key: str) -> None:
    put(folder, **{"report.toml": f'{key} = ["gasp"]'})
    with pytest.raises(SdmxmigError, match=f"report.toml › {key}: There is no section “gasp”. Did you mean “gaps”?"):
        names(read_office_templates(folder))


def test_files_unsuitable_as_templates_are_named(folder: Path) -> None:
    assert refused(folder, **{"context.html.j2": "x"}).startswith("context.html.j2: This cannot be the name")
    (folder / "context.html.j2").unlink()
    assert "10-a.html.j2 is a section of this name too" in refused(folder, **{"10-a.html.j2": "x", "20-a.html.j2": "y"})
    (folder / "20-a.html.j2").unlink()
    assert refused(folder, **{"30-b.html.j2": b"x\n\xff"}).startswith("30-b.html.j2:2: The template is not UTF-8")
    assert "larger than" in refused(folder, **{"30-b.html.j2": "x" * 300_000})


@pytest.mark.parametrize("name", ["_page.html.j2", "style.css", "script.js"])
def test_page_frame_cannot_be_replaced(folder: Path, name: str) -> None:
    assert refused(folder, **{name: "x"}).startswith(f"{name}: The frame of the page cannot be replaced.")


@not_on_windows("links need rights there")
def test_external_links_are_refused(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    (folder / "15-context.html.j2").symlink_to(tmp_path / "secret")
    assert refused(folder).startswith("15-context.html.j2: The template is a link")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "report").symlink_to(folder)
    assert "is a link" in refused(tmp_path / "other" / "report")
    (folder / "15-context.html.j2").unlink()
    (folder / "logo.png").symlink_to(tmp_path / "secret")
    assert refused(folder, **{"report.toml": '[logo]\nfile = "logo.png"'}).startswith("logo.png: The logo is a link")


@cases_from("reporting/cases/faulty_declaration_is_refused_with_its_key.csv")
def test_faulty_declaration_is_refused_with_its_key(folder: Path, declaration: str, message: str) -> None:
    assert message in refused(folder, **{"report.toml": declaration})


def test_colours_require_contrast_with_paper() -> None:
    style = ":root { --paper: #ffffff; --wash: #f4f7f9; }"
    assert (
        apply_colours(style, OfficeTemplates(colours={"ink": "#222222"})) == f"{style}\n:root {{ --ink: #222222; }}\n"
    )
    with pytest.raises(SdmxmigError, match=r"colours.accent: “#8a8a8a” has a contrast of 3\.2 with its "):
        apply_colours(style, OfficeTemplates(colours={"accent": "#8a8a8a"}))
    with pytest.raises(SdmxmigError, match=r"colours.ink: “#555555” has a contrast of 3\.3 with its "):
        apply_colours(
            style, OfficeTemplates(colours={"ink": "#555555"})
        )  # dark enough for paper, too light for a sign on blue


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (SVG.replace("<path", "<script>alert(1)</script><path"), "the element <script>"),
        (SVG.replace("<path", '<image href="http://example.org/x.png"/><path'), "the element <image>"),
        (SVG.replace("<path", "<foreignObject/><path"), "the element <foreignObject>"),
        (SVG.replace("<path", '<path onclick="x()"'), "the attribute onclick"),
        (SVG.replace("<path", '<use href="http://example.org/x.svg#a"/><path'), "the address “http://example.org"),
        (SVG.replace("<path", '<path mask="url(http://example.org/x)"'), "fetches something by url"),
        (SVG.replace("<path", "<style>@import 'http://example.org/x';</style><path"), "Its style imports"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG, "DOCTYPE"),
        ("GIF89a", "neither PNG nor SVG"),
        (png(8)[:40], "a damaged PNG"),
        (png(2001), "too large"),
        (b"\x89PNG\r\n\x1a\n" + bytes(300_000), "too large"),
    ],
)
def test_logo_with_active_content_is_refused(folder: Path, content: str | bytes, message: str) -> None:
    assert message in refused(folder, **{"logo.svg": content, "report.toml": '[logo]\nfile = "logo.svg"'})


@cases_from("reporting/own/cases/a_section_in_which_something_acts_is_refused.csv")
def test_section_with_active_content_is_refused(source: str, message: str) -> None:
    with pytest.raises(SdmxmigError) as caught:
        require_static_html(f"<p>x</p>{source}", "15-context.html.j2")
    assert str(caught.value).startswith("15-context.html.j2: ")
    assert message in str(caught.value)


def test_office_can_supply_its_own_translations(folder: Path) -> None:
    put(
        folder,
        **{
            "15-context.html.j2": "<p>{{ _('Counted at the border.') }} {{ _('Not translated.') }}</p>",
            "words.csv": "en,fr,es\nCounted at the border.,Compté à la frontière.,\n",
        },
    )
    assert "Compté à la frontière." in compose(georgia(), language="fr", templates=(folder.parent,)).html
