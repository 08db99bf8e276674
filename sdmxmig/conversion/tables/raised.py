"""Raised digits and letters as characters of their own, so that a footnote mark never joins a figure."""

from __future__ import annotations

PLAIN = "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW"
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ"
TABLE = str.maketrans(PLAIN, RAISED)


def raised(text: str) -> str:
    """A text that a file shows raised, in the characters that Unicode has for that; others stay as they are.

    >>> "2014" + raised("1"), "Total" + raised("a, 2)")
    ('2014¹', 'Totalᵃ, ²⁾')
    """
    return text.translate(TABLE)
