"""Lazy import of python-docx."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import Later

__all__ = ["constants", "docx", "ns", "oxml", "shared", "text_run", "word_enums"]

if TYPE_CHECKING:
    import docx
    from docx import oxml, shared
    from docx.enum import text as word_enums
    from docx.opc import constants
    from docx.oxml import ns
    from docx.text import run as text_run
else:
    docx, oxml, shared = Later("docx"), Later("docx.oxml"), Later("docx.shared")
    word_enums, constants = Later("docx.enum.text"), Later("docx.opc.constants")
    ns, text_run = Later("docx.oxml.ns"), Later("docx.text.run")
