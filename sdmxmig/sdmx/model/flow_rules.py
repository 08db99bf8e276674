"""Residence rules and limitations of dataflows."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.artefacts import Text

Codes = tuple[tuple[str, Text], ...]
"""Codes, each with the name that its list gives it."""


@dataclass(frozen=True, slots=True)
class FlowRule:
    """The residence rule of a dataflow's data.

    `rules` (``RES_RULE``) and `bases` (``DUR_BASIS``) have one code, several if datasets differ, none if unstated.
    `comments` are distinct ``COMMENT_DSET`` texts.
    """

    flow: str
    name: Text
    _: KW_ONLY
    rules: Codes = ()
    bases: Codes = ()
    comments: tuple[Text, ...] = ()
