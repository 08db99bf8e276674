"""The standard with which practice is compared: a proposal as long as nobody has read the published text."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.artefacts import Text


@dataclass(frozen=True, slots=True)
class Standard:
    """The document from which indicators and definitions are taken, and whether it is the published text.

    `name` is that of the document that was read, `date` when it appeared. While that is a proposal, `awaited` names the
    published text that nobody has read, and `awaited_date` when it was adopted. `removed` are the indicators of
    sdmxmig that the published text does not have: nothing is asked or told of them any more. `rewritten` are the items
    that it words otherwise: an answer about the earlier wording says nothing about the new one.
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
