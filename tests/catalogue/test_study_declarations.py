"""Declarations of the study on data, sources and sentences: complete in every language, and all names resolve."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from shipped import CATALOGUE

from sdmxmig.catalogue.benchmarking import Declarations
from sdmxmig.catalogue.study import read_study
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.artefacts import ItemScheme

LISTS = {ref.id: artefact for ref, artefact in CATALOGUE.artefacts.items() if isinstance(artefact, ItemScheme)}
KNOWN = Declarations(
    items={**CATALOGUE.items, **CATALOGUE.questions},
    scales=CATALOGUE.scales,
    flows=CATALOGUE.flows,
    rules=CATALOGUE.rules,
    identities=[identity.id for identity in CATALOGUE.identities],
    indicators=CATALOGUE.indicators,
    lists=LISTS,
)
NEED = '[[need]]\nindicators = ["IMM_RATE"]\nterm = "t"\nsources = ["H06"]\nstatus = "candidate"\nsource = "s"\n'
SENTENCE = '[some.thing]\nen = "Something."\n'


def test_sentences_have_six_languages_and_equal_placeholders() -> None:
    for name, text in CATALOGUE.study.sentences.items():
        assert [language for language, _ in text] == ["en", "fr", "es", "ar", "ru", "zh"], name
        places = {tuple(sorted(re.findall(r"\{(\w+)\}", said))) for _, said in text}
        assert len(places) == 1, name


@pytest.mark.parametrize(
    ("file", "written", "said"),
    [
        ("evidence.toml", '[[evidence]]\nitem = "L99"\nkind = "values"', "There is no benchmarking item “L99”"),
        ("evidence.toml", 'answers = ["MIG-9-999"]', "There is no rule “MIG-9-999”"),
        (
            "effects.toml",
            '[[effect]]\nitems = ["B01"]\nkind = "pair"\nsentence = "some.thing"\nfirst = { flow = "DF_PO" }',
            "There is no dataflow “DF_PO”",
        ),
        (
            "effects.toml",
            '[[effect]]\nitems = ["B01"]\nkind = "pair"\nsentence = "no.thing"',
            "There is no sentence “no.thing”",
        ),
        (
            "quality.toml",
            '[[quality]]\nissue = "Q99"\nkind = "rules"\nsentence = "some.thing"',
            "There is no quality issue “Q99”",
        ),
        (
            "quality.toml",
            '[[quality]]\nissue = "Q01"\nkind = "feeling"\nsentence = "some.thing"',
            "There is no kind of sign “feeling”",
        ),
        ("needs.toml", NEED + 'conditions = { S11 = ["YES"] }', "There is no answer to S11 “YES”"),
        ("needs.toml", NEED.replace("IMM_RATE", "IMM_RAT"), "There is no indicator “IMM_RAT”"),
    ],
)
def test_unknown_names_are_refused_with_their_place(tmp_path: Path, file: str, written: str, said: str) -> None:
    (tmp_path / "sentences.toml").write_text(SENTENCE, encoding="utf-8")
    (tmp_path / file).write_text(written, encoding="utf-8")
    with pytest.raises(DeclarationError, match=said) as caught:
        read_study([tmp_path], KNOWN)
    assert str(caught.value.place).startswith(file)
