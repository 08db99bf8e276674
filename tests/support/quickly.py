"""Shortcuts for quick tests: shipped files are loaded once, and reports are not printed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from shipped import catalogue_of, words, written_once

from sdmxmig.catalogue import areas
from sdmxmig.catalogue.areas import Areas
from sdmxmig.conversion import recognition
from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.reporting.sections.documents import DOCUMENTS
from sdmxmig.sdmx.model.artefacts import ItemScheme

WORDS = ("codelists/aliases", "codelists/SDMX")
"""Where a workspace would have words and areas of its own."""


def reuse_loaded_declarations(patch: pytest.MonkeyPatch) -> None:
    """Let commands reuse the shipped declarations of the tests, unless a workspace has its own.

    Structures are written once and words are loaded once: that takes longer than the rest of a command in a small
    workspace.
    """

    def has(workspace: Path | None, *folders: str) -> bool:
        return workspace is not None and any((workspace / name).is_dir() for name in folders)

    def names(
        listed: ItemScheme, workspace: Path | None = None, read: Callable[..., Areas] = areas.read_areas
    ) -> Areas:
        return read(listed, workspace) if has(workspace, *WORDS) else words().countries.areas

    def understood(
        known: Areas, workspace: Path | None = None, read: Callable[..., Recogniser] = recognition.read_recogniser
    ) -> Recogniser:
        return read(known, workspace) if has(workspace, *WORDS) else words()

    patch.setattr("sdmxmig.catalogue.load", lambda workspace=None: catalogue_of(workspace))
    patch.setattr("sdmxmig.catalogue.areas.read_areas", names)
    patch.setattr("sdmxmig.conversion.recognition.read_recogniser", understood)
    patch.setattr("sdmxmig.sdmx.formats.structure_bytes", written_once)
    patch.setattr("sdmxmig.sdmx.formats.fitting.structure_bytes", written_once)


def write_readably(patch: pytest.MonkeyPatch) -> None:
    """Let reports come as HTML and Markdown: the other outputs take long, and are written by the same commands."""
    for document, outputs in DOCUMENTS.items():
        patch.setitem(DOCUMENTS, document, tuple(output for output in outputs if output in ("html", "md")))
