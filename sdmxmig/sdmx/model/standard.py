"""The standard for comparison: a proposal until the published text is verified."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.artefacts import Text


@dataclass(frozen=True, slots=True)
class Standard:
    """The source of indicators and definitions.

    For a proposal, `awaited` is the published text, not verified yet. `removed` indicators are absent from the
    published text; `rewritten` items have new wording, which invalidates earlier answers.
    """

    name: Text = Text()
    _: KW_ONLY
    date: str = ""
    is_published: bool = False
    awaited: Text = Text()
    awaited_date: str = ""
    source: str = ""
    removed: tuple[str, ...] = ()
    rewritten: tuple[str, ...] = ()
