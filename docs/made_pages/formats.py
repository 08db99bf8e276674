"""The page of the formats: readable and writable ones, with media types."""

from __future__ import annotations

from collections.abc import Callable

from made_pages.markdown import cell, code, table
from sdmxmig.conversion.tables.readers import READERS
from sdmxmig.sdmx.formats import FORMATS, Format

HEAD = """# Formats

## SDMX messages

Use the id with `--to` of `sdmxmig transform` and with `format=` in Python. Content that a format cannot express is
reported, never dropped silently; see [What is left out](../explanation/left-out.md).

"""
TABLES = """
## Tables of statistical offices

The content of a file counts more than its name: a text file called `.xls` is read as text.

"""


def page() -> str:
    """The formats of messages, their media types, and those of tables."""
    forms = [FORMATS[name] for name in FORMATS]
    able = table(
        ("format", "id", "structures", "data", "reference metadata", "file name ends in"),
        (
            (cell(form.name), code(form.id), *(able_to(form, what) for what in KINDS), code(form.suffix))
            for form in sorted(forms, key=lambda one: one.id)
        ),
    )
    types = table(
        ("format", "structures", "data", "reference metadata"),
        (
            (cell(form.name), *(code(one) for one in media_types(form)))
            for form in sorted(forms, key=lambda one: one.id)
            if any(media_types(form))
        ),
    )
    readers = [READERS[name] for name in READERS]
    files = table(
        ("format", "file names usually end in"),
        ((cell(one.name), ", ".join(map(code, one.suffixes))) for one in sorted(readers, key=lambda one: one.name)),
    )
    return f"{HEAD}{able}\n## Media types\n\n{types}{TABLES}{files}"


KINDS = ("structures", "data", "metadata")


def able_to(form: Format, what: str) -> str:
    """Whether a format reads and writes a kind of message."""
    does: list[tuple[str, Callable[..., object] | None]] = [
        (verb, getattr(form, f"{verb}_{what}")) for verb in ("read", "write")
    ]
    return ", ".join(verb for verb, function in does if function) or "–"


def media_types(form: Format) -> tuple[str, str, str]:
    """Return the media types for manifests of submissions and headers of web services."""
    return form.structure_media_type, form.data_media_type, form.metadata_media_type
