"""The pages of the manual as a list of blocks, with the comments before each.

A comment before a block sets how it is run; readers of the page do not see it:

- ``<!-- not run: why -->`` the block is not run, for this reason;
- ``<!-- typed: SE | | y -->`` input of the reader, one answer for each question;
- ``<!-- exit code: 1, 0 -->`` the exit codes of the last commands of the block, if they are not 0;
- ``<!-- keeps running -->`` the command runs until the end of the page, as in another terminal;
- ``<!-- file: path -->`` the block is saved as this file; ``<!-- append: path -->`` added to its end.

``<!-- by hand: …Python… -->`` does the manual work that the text before it describes, such as changing a cell in a
spreadsheet. Above the first heading, ``<!-- long: why -->`` leaves the page to ``make long``. Comments cannot bring
files, since the reader has none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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
    """One fenced block of a page with the paragraph before it, or a step by hand (language ``by hand``)."""

    language: str
    text: str
    _: KW_ONLY
    line: int
    before: str = ""
    says: dict[str, str] = field(default_factory=dict)


def pages() -> list[Path]:
    """The written pages: the README, and those in docs/ that are not generated."""
    made = {DOCS / "reference" / f"{name}.md" for name in MADE}
    return [ROOT / "README.md", *sorted(set(DOCS.rglob("*.md")) - made)]


def blocks(page: Path, replaced: Mapping[str, str] | None = None) -> Iterator[Block]:
    """The blocks of a page in their order, with the comments right before each; some texts may be replaced."""
    text = page.read_text(encoding="utf-8")
    for old, new in (replaced or {}).items():
        text = text.replace(old, new)
    says: dict[str, str] = {}
    before = ""
    end = 0
    for match in PIECE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if between := text[end : match.start()].strip():
            says, before = {}, between.rpartition("\n\n")[2]
        end = match.end()
        if match["comment"] is None:
            indent = len(match["indent"])
            lines = (line[indent:] for line in match["text"].splitlines(keepends=True))
            yield Block(match["language"], "".join(lines), line=line, before=before, says=says)
            says = {}
        elif match["comment"].startswith("by hand:"):
            yield Block("by hand", dedent(match["comment"].removeprefix("by hand:")).strip(), line=line)
        else:
            key, _, value = match["comment"].partition(":")
            says[key.strip()] = value.strip()


def head(page: Path) -> dict[str, str]:
    """The comments above the first heading, which apply to the whole page."""
    above = re.split(r"(?m)^# ", page.read_text(encoding="utf-8"), maxsplit=1)[0]
    matches = re.findall(r"(?s)<!--\s*([\w ]+):\s*(.*?)\s*-->", above)
    return dict(matches)


def expected(shown: str) -> re.Pattern[str]:
    """The output that a page shows, as a pattern: ``…`` matches anything in its line, and alone any number of lines."""
    lines = [line.rstrip() for line in shown.strip("\n").splitlines()]
    written = []
    for line in lines:
        if line.strip() in ("…", "..."):
            written.append(r"(?:[^\n]*\n)*?")
        else:
            written.append(re.sub("…", "[^\n]*?", re.escape(line)) + r"[ ]*\n")
    return re.compile("".join(written))
