"""Every count of each plural form, as reports print it: a change shows as a sentence that a reader judges.

Written anew by ``python -m benchmarks.plural_forms``, which `make golden` runs.
"""

from __future__ import annotations

import pytest

from benchmarks import plural_forms
from sdmxmig.primitives import text


def test_the_sentences_are_those_that_were_read() -> None:
    assert plural_forms.table() == plural_forms.TABLE.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", plural_forms.LANGUAGES)
def test_the_numbers_have_every_plural_form_of_a_language(language: str) -> None:
    forms = {text.plural_form(number, language) for number in plural_forms.COUNTS}
    assert forms == {text.plural_form(number, language) for number in range(1000)}


def test_a_sentence_has_the_form_of_its_number() -> None:
    sentences = {
        (language, number): sentence
        for message, language, number, sentence in plural_forms.rows()
        if message == "{n} gaps are known"
    }
    assert sentences["ru", 1] == "Известен 1 пробел"
    assert sentences["ru", 3] == "Известны 3 пробела"
    assert sentences["ru", 11] == "Известно 11 пробелов"
    assert sentences["ar", 2] == "فجوتان معروفتان"
