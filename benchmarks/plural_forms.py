"""Every sentence about a number of things, with each number that a language says in its own way, for readers.

``python -m benchmarks.plural_forms`` (`make golden`) writes `tests/golden/plural_forms.csv`: a row for each message,
language and number, with the sentence that a report prints. `tests/reporting/test_plural_forms.py` compares.
"""

from __future__ import annotations

import ast
import csv
import io
from collections.abc import Iterator
from pathlib import Path

from sdmxmig.primitives.blanks import blanks
from sdmxmig.reporting.sections.wording import Wording

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "tests" / "golden" / "plural_forms.csv"
LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
COUNTS = (0, 1, 2, 3, 5, 11, 21, 100, 101)
"""Together they have every plural form of the six languages."""


def messages() -> dict[str, str]:
    """The messages about a number of things that the code of reports says: those for many, and those for one."""
    found = {}
    for path in sorted((ROOT / "sdmxmig" / "reporting" / "sections").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "count":
                texts = [part.value for part in node.args[:2] if isinstance(part, ast.Constant)]
                if len(texts) == 2 and all(isinstance(text, str) for text in texts):
                    found[str(texts[1])] = str(texts[0])
    return dict(sorted(found.items()))


def rows() -> Iterator[tuple[str, str, int, str]]:
    """Message, language, number and sentence; other values stand as their names in brackets."""
    for many, singular in messages().items():
        values = {name: f"[{name}]" for name in blanks(many + singular) if name != "n"}
        for language in LANGUAGES:
            wording = Wording(language)
            for number in COUNTS:
                yield many, language, number, wording.count(singular, many, number, **values)


def table() -> str:
    """The rows as a table."""
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(("message", "language", "n", "sentence"))
    writer.writerows(rows())
    return output.getvalue()


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
