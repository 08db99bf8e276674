"""Markdown shows every untrusted text literally, as parsed by markdown-it."""

from __future__ import annotations

import html
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from assessed import georgia
from case_tables import cases_from
from markdown_it import MarkdownIt

from sdmxmig.primitives.text import escape_markdown
from sdmxmig.reporting.outputs import OUTPUTS, Page
from sdmxmig.reporting.outputs.markdown import write_address
from sdmxmig.reporting.sections import compose, write
from sdmxmig.sdmx.formats.fitting import FittedMessage
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.workspace.tasks.building import describe_left_out

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!-- hidden -->",
    "<?php x ?>",
    "</td></tr></table>",
    "<a@b.org>",
    "<javascript:alert(1)>",
    "[click](javascript:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](https://tracker.example/x.png)",
    "[x]: javascript:alert(1)",
    "[x]",
    "`code` ``more``",
    "a | b | c",
    "**bold** __bold__ *x* _y_",
    "&lt;b&gt; &copy; &#60; &#x3c;",
    "\\<b> \\[x](y) \\",
    "# heading",
    "> quoted",
    "- point",
    "1. one",
    "123456789. many",
    "---",
    "```",
    "a\n\n# b",
    "a\n- b\n\n    code",
    "    code",
    "\tcode",
    "a\\\nb",
    "line\u2028# heading",
    "<b>\n</b>",
    "<http://example.org/[x](javascript:y)>",
]
HARMLESS = [
    "Population*",
    "\\\\server\\share",
    "https://example.org/a_b?c=d&e=f",
    "−51 %",
    "“quoted” – ‘so’",
    "Île · 日本 · العربية",
    "¹ ² † ‡ §",
]


def rendered(markdown: str) -> list[Any]:
    """The Markdown rendered with all of CommonMark, tables, strikethrough and links of any kind."""
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    reader.validateLink = bool  # type: ignore[method-assign, assignment]
    return reader.parse(markdown)


def flat(tokens: list[Any]) -> Iterator[Any]:
    for token in tokens:
        yield token
        yield from flat(token.children or [])


def seen(markdown: str) -> str:
    """The words that a reader sees."""
    return " ".join("".join(token.content for token in flat(rendered(markdown)) if token.type == "text").split())


def kinds(markdown: str) -> set[str]:
    """The elements other than words."""
    return {token.type.removesuffix("_open").removesuffix("_close") for token in flat(rendered(markdown))}


def words(text: str) -> str:
    return " ".join(text.split())


AROUND = {
    "{}": {"paragraph"},
    "- {}": {"paragraph", "bullet_list", "list_item"},
    "before {} behind": {"paragraph"},
    "## {}": {"heading"},
    "| a | b |\n| --- | --- |\n| {} | c |": {"table", "thead", "tbody", "tr", "th", "td"},
}
"""What stands around a text, with the elements that it makes."""


def check_literal(text: str, around: str) -> None:
    before, _, behind = around.partition("{}")
    written = before + escape_markdown(text) + behind
    assert kinds(written) <= {"inline", "text", "text_special", *AROUND[around]}, text
    assert seen(written) == words(seen(f"{before}x{behind}").replace("x", words(text), 1)), text


@pytest.mark.parametrize("text", [*HOSTILE, *HARMLESS])
def test_text_is_rendered_literally(text: str) -> None:
    for around in AROUND:
        check_literal(text, around)


def test_any_mixture_of_characters_is_rendered_literally() -> None:
    random_ = random.Random(4)
    signs = "\\`*_[]()<>!&;#|~-+=.1a b\n:/x\"'{}$^@"
    for _ in range(3000):
        text = "".join(random_.choice(signs) for _ in range(random_.randint(1, 14))).strip()
        if text:
            check_literal(text, random_.choice([*AROUND]))


PLACES = (
    "<p>{}</p>",
    "<h2>{}</h2>",
    "<ul><li>{}</li></ul>",
    "<p><strong>{}</strong> <span>{}</span></p>",
    "<p>before<br>{}</p>",
    "<table><caption>{}</caption><thead><tr><th>{}</th></tr></thead><tbody><tr><td>{}</td></tr></tbody></table>",
    "<figure><figcaption>{}</figcaption><div class='drawing'><svg><desc>{}</desc></svg></div></figure>",
    "<p><code>{}</code></p>",
    "<pre>{}</pre>",
    "<p><a href='#a'>{}</a></p>",
    '<p><img src="https://tracker.example/a.png" alt="{}"></p>',
    '<p title="{}">x</p>',
)


@pytest.mark.parametrize("text", HOSTILE)
def test_page_text_creates_no_unintended_markdown(text: str) -> None:
    body = "".join(place.replace("{}", html.escape(text)) for place in PLACES)
    page = Page(html=f"<html><body>{body}</body></html>", title="", language="en", direction="ltr", running="")
    written = OUTPUTS["md"](page).decode()
    expected = {"paragraph", "heading", "bullet_list", "list_item", "strong", "link", "table", "thead", "tbody", "tr"}
    assert kinds(written) <= {"inline", "text", "text_special", "softbreak", "hardbreak", "th", "td", *expected}
    tokens = list(flat(rendered(written)))
    assert {token.attrGet("href") for token in tokens if token.type == "link_open"} <= {"#a"}
    assert sum(token.type == "heading_open" for token in tokens) == 1
    assert sum(token.type == "td_open" for token in tokens) == 1
    assert seen(written).replace(" ", "").count(words(text).replace(" ", "")) >= 10


@cases_from("reporting/cases/a_link_leads_to_the_web_or_within_the_report.csv")
def test_links_lead_to_the_web_or_within_the_report(link: str, address: str) -> None:
    assert write_address(link) == address
    shown = list(flat(rendered(f"[x]({address})")))
    if address:
        assert [token.type for token in shown if token.type == "link_open"] == ["link_open"]


@pytest.mark.parametrize("text", HOSTILE[:12])
@pytest.mark.sampled(4)
def test_report_shows_names_and_answers_literally(text: str) -> None:
    name = Text.of(en=text)
    assessment = georgia()
    assessment = replace(
        assessment,
        country=name,
        office=name,
        signed_off=text,
        sources=dict.fromkeys(assessment.sources, f"{text} https://example.org/a_b {text}"),
        provenance=((text, text),),
        labels=dict.fromkeys(assessment.labels, name),
    )
    written = write(compose(assessment), "md").decode()
    assert not kinds(written) & {
        "html_block",
        "html_inline",
        "image",
        "code_inline",
        "fence",
        "code_block",
        "blockquote",
    }
    links = {str(token.attrGet("href")) for token in flat(rendered(written)) if token.type == "link_open"}
    assert links
    assert all(link.startswith(("#", "https://", "http://")) for link in links)
    assert seen(written).count(words(text)) > 5


def test_left_out_artefacts_are_named_literally() -> None:
    fitted = FittedMessage((), ((Ref("Codelist", "NSO", id="CL_A", version="1.0"), "<b> has [x](javascript:y) | z"),))
    written = describe_left_out({"sdmx-ml-2.1": fitted})
    assert not kinds(written) & {"html_inline", "link", "table"}
    assert "<b> has [x](javascript:y) | z" in seen(written)
