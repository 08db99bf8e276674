"""The reporting country as the one that people come from: “Refugees from Ukraine”, where Ukraine was asked for.

Such a title says that another country counted them. Of those who leave or return it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.recognition.mentions import Mention, ReadTitle, introduced, words_of
from sdmxmig.recognition.words import Vocabulary

OUT_OF = "OUT_OF"
"""The concept of words for “from” that mean nothing else before a country."""
LONGEST = 3
"""How many words such a phrase has at most."""
LEAVING = frozenset({"EMI", "EMISTOCK", "RETURN", "NET", "MIG", "BORDER_OUT", "CTZ", "CTZ_LOSS", "REMITTANCE"})
"""What is counted of people from the country that counts them."""


def from_here(
    mentions: list[Mention], reading: ReadTitle, measures: frozenset[str], vocabulary: Vocabulary
) -> Iterator[Mention]:
    """The mentions of the reporting country that say that people come from it; `measures` are what is counted."""
    words = [word.plain for word in words_of(reading.title)]
    for mention in mentions if measures.isdisjoint(LEAVING) else ():
        around = range(max(mention.at - LONGEST, 0), mention.end)
        near = (
            " ".join(words[at : at + size])
            for at in around
            for size in range(1, LONGEST + 1)
            if at + size <= mention.end
        )
        if not introduced(mention, reading) and any(vocabulary.codes(OUT_OF, text) for text in near):
            yield mention


def of_people_from_here(mentions: list[Mention], reading: ReadTitle) -> Iterator[Mention]:
    """The mentions of the reporting country right before a word for a group of people: “Ukrainian refugees”."""
    groups = {mention.at for mention in reading.of("GROUP")}
    return (mention for mention in mentions if not introduced(mention, reading) and mention.end in groups)
