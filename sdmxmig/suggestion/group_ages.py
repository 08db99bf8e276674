"""The ages of minors and adults: as another label, a title or a note says it, else asked about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from sdmxmig.recognition import Candidate
from sdmxmig.recognition.mentions import read_title
from sdmxmig.suggestion.ages_inside import AGE, ages_in
from sdmxmig.suggestion.label_codes import ADULTS, GROUP, MAJORITY, MINORS, LabelCodes
from sdmxmig.suggestion.lines import FlowKnowledge

YOUNG, GROWN_UP = "Y_LT18", "Y_GE18"
SURE, ASKED = 0.95, 0.3
"""How sure an age is that is said, and one that is only usual: too little to be read among other ages."""


def group_ages(
    labels: Mapping[str, LabelCodes | None], texts: Iterable[str], answers: Mapping[str, str], known: FlowKnowledge
) -> Iterator[tuple[str, Candidate]]:
    """The age of each label that names minors or adults and does not say it; `texts` are titles and notes.

    It is sure where a person (`answers`), another label or a text says that minors are under 18.
    """
    ages = [
        label_codes.codes.get(AGE, "")
        for label_codes in labels.values()
        if label_codes is not None and not label_codes.group
    ]
    ages += [
        answers[text] for text, label_codes in labels.items() if label_codes is not None and label_codes.group == MINORS
    ]
    is_said = any(code in MAJORITY for code in ages) or any(defines_minors(text, known) for text in texts)
    for text, label_codes in labels.items():
        if label_codes is not None and label_codes.group in (MINORS, ADULTS):
            code = YOUNG if label_codes.group == MINORS else GROWN_UP
            reason = "minors are under 18" if is_said else "of which age are they?"
            age = Candidate(code, SURE if is_said else ASKED, reason=reason)
            yield text, replace(age, code=answers[text], confidence=1.0) if answers[text] else age


def defines_minors(text: str, known: FlowKnowledge) -> bool:
    """Whether a title or a note says of minors that they are under 18."""
    ages = {candidate.code for candidate in ages_in([text], known.recogniser)}
    groups = {mention.code for mention in read_title(" ".join(text.split()), known.recogniser).of(GROUP)}
    return bool(ages) and ages <= MAJORITY and MINORS in groups
