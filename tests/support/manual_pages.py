"""The pages of the manual as a walker reads them: blocks with what stands before them in comments, in their order.

A comment before a block says how it is run; readers of the page do not see it:

- ``<!-- not run: why -->`` it is not run, for this reason;
- ``<!-- typed: SE | | y -->`` what the reader types when a command asks, one answer for each question;
- ``<!-- exit code: 1, 0 -->`` the exit codes of the last commands of the block, if they are not 0;
- ``<!-- file: path -->`` the block is written to this file; ``<!-- append: path -->`` to its end.

Comments of their own do what the text of the page says that the reader does by hand: ``<!-- by hand: …Python… -->``.
At the top of a page, ``<!-- from: georgia -->`` puts a shipped example into the folder, ``<!-- from: georgia, run -->``
with its results, and ``<!-- brings: file -->`` a file beside the page. ``<!-- long: why -->`` leaves the page to
``make long``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from textwrap import dedent

from folders import ROOT

DOCS = ROOT / "docs"
PIECE = re.compile(
    r"(?ms)^ *<!--\s*(?P<comment>.*?)\s*-->\s*$"
    r"|^(?P<indent> *)(?P<fence>```+)(?P<language>[\w{}-]*)[^\n]*\n(?P<text>.*?)^ *(?P=fence)\s*$"
)
MADE = ("commands", "python", "mapping-keys", "rules", "formats", "receivers", "settings", "workbench", "packages")
"""The pages of the reference that are made from the code."""


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block of a page, or a step that the reader does by hand (language ``by hand``)."""

    language: str
    text: str
    _: KW_ONLY
    line: int
    says: dict[str, str] = field(default_factory=dict)


def pages() -> list[Path]:
    """The pages that people wrote: the README, and what stands in docs/ and is not made from the code."""
    made = {DOCS / "reference" / f"{name}.md" for name in MADE}
    return [ROOT / "README.md", *sorted(set(DOCS.rglob("*.md")) - made)]


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page in their order, with what the comments right before each say."""
    text = page.read_text(encoding="utf-8")
    says: dict[str, str] = {}
    end = 0
    for match in PIECE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if text[end : match.start()].strip():
            says = {}
        end = match.end()
        if match["comment"] is None:
            indent = len(match["indent"])
            lines = (line[indent:] for line in match["text"].splitlines(keepends=True))
            yield Block(match["language"], "".join(lines), line=line, says=says)
            says = {}
        elif match["comment"].startswith("by hand:"):
            yield Block("by hand", dedent(match["comment"].removeprefix("by hand:")).strip(), line=line)
        else:
            key, _, value = match["comment"].partition(":")
            says[key.strip()] = value.strip()


def head(page: Path) -> dict[str, str]:
    """What the comments above the first heading say of the whole page."""
    above = re.split(r"(?m)^# ", page.read_text(encoding="utf-8"), maxsplit=1)[0]
    matches = re.findall(r"(?s)<!--\s*([\w ]+):\s*(.*?)\s*-->", above)
    return dict(matches)


def expected(shown: str) -> re.Pattern[str]:
    """What a page shows, as a pattern: ``…`` stands for anything in its line, and alone for any number of lines."""
    lines = [line.rstrip() for line in shown.strip("\n").splitlines()]
    written = []
    for line in lines:
        if line.strip() in ("…", "..."):
            written.append(r"(?:[^\n]*\n)*?")
        else:
            written.append(re.sub("…", "[^\n]*?", re.escape(line)) + r"[ ]*\n")
    return re.compile("".join(written))
