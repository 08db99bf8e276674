"""Every sentence of the reports of the examples is one that a reader can go through, with the message that made it.

Written anew by ``python -m benchmarks.sentences``, which `make golden` runs.
"""

from __future__ import annotations

import pytest
from assessed import georgia

from benchmarks import sentences
from sdmxmig.reporting.sections.wording import Wording

CASES = [(country, language) for country in sentences.COUNTRIES for language in sentences.LANGUAGES]


@pytest.mark.sampled(30)
@pytest.mark.parametrize(("country", "language"), CASES)
def test_the_sentences_are_those_that_are_written_down(country: str, language: str) -> None:
    assert sorted(sentences.rows(sentences.assessed(country), language)) == sorted(sentences.known(language, country))


def test_a_sentence_has_the_message_that_made_it() -> None:
    rows = sentences.rows(georgia(), "fr")
    made = {sentence: template for _, template, sentence in rows}
    assert made["Résidu"] == "Residual"
    assert any(template.startswith("Known gaps: {n}.") for template in made.values())


def test_a_paragraph_of_several_sentences_has_all_their_messages() -> None:
    recorder = sentences.Recorder()
    for message, text in (("one", "Erster Satz."), ("two", "Zweiter Satz."), ("inner", "Satz")):
        recorder.remember(message, text)
    assert recorder.of("Zweiter Satz. Erster Satz.") == "two + one"
    assert recorder.of("nobody said this") == ""


def test_words_are_recorded_only_as_long_as_asked() -> None:
    with sentences.recording() as recorder:
        Wording("fr").say("Year")
    Wording("fr").say("Month")
    assert recorder.templates == {"Année": "Year"}
