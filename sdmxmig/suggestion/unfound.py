"""What is said of a file in which no table of figures was found: what was looked for, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sdmxmig.errors import InputError, counted
from sdmxmig.model.tables import Table
from sdmxmig.places import Place
from sdmxmig.recognition.words import Vocabulary
from sdmxmig.suggestion.figures import is_figure

IN_WORKBOOK = "Write the names of rows and columns right beside the figures, and numbers as numbers; then run it again."
IN_TEXT = "If its columns are divided by another sign than was read, or its letters are not shown right, say so: "
OPTIONS = "--delimiter, --encoding."


def no_figures(tables: Sequence[Table], vocabulary: Vocabulary, besides: Iterable[str] = ()) -> InputError:
    """The error that a file holds no table of figures; `besides` is what else is known about it."""
    texts = [text for table in tables for text in table.cells["text"] if text.strip()]
    count = sum(any(map(str.isdecimal, text)) and is_figure(text, vocabulary) for text in texts)
    sheets = [table.sheet for table in tables if table.sheet]
    where = (
        "in the file" if not sheets else "in the sheet" if len(sheets) == 1 else f"in any of the {len(sheets)} sheets"
    )
    looked = "Looked for several numbers with names above them or beside them"
    seen = f"{looked}; {counted(count, 'number')} in {counted(len(texts), 'filled cell')}."
    hint = " ".join((seen, *besides, IN_WORKBOOK if sheets else f"{IN_TEXT}{OPTIONS}"))
    return InputError(f"No table of figures was found {where}.", Place(tables[0].file if tables else ""), hint)
