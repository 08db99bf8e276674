"""Definitions behind figures: which residence rule the data of a dataflow follow, and what limits them."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.artefacts import Text

Codes = tuple[tuple[str, Text], ...]
"""Codes, each with the name that its list gives it."""


@dataclass(frozen=True, slots=True)
class FlowRule:
    """What the data of one dataflow say of who counts as resident: the residence rule, and which stay is counted.

    `rules` are the codes of ``RES_RULE`` in the data, `bases` those of ``DUR_BASIS``: one code each, several where
    datasets differ, none where the data do not say it. `comments` are what the datasets say of themselves, such as
    which territory they leave out (``COMMENT_DSET``), each once.
    """

    flow: str
    name: Text
    _: KW_ONLY
    rules: Codes = ()
    bases: Codes = ()
    comments: tuple[Text, ...] = ()
