"""Superscripts as Unicode characters, so that marks never join figures."""

from __future__ import annotations

PLAIN = "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW"
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ"
TABLE = str.maketrans(PLAIN, RAISED)


def raised(text: str) -> str:
    """Convert a text to Unicode superscripts where they exist.

    >>> "2014" + raised("1"), "Total" + raised("a, 2)")
    ('2014¹', 'Totalᵃ, ²⁾')
    """
    return text.translate(TABLE)
