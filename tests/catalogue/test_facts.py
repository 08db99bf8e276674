"""Facts retyped from public documents are in the artefacts, and none has a better status than it deserves.

``facts.csv`` has one row a fact, with its mark: V verified, K general knowledge, U our own proposal. `expected` are
codes with blanks between them, or pieces of text with ``&`` between them; a number or a code must be equal.
"""

from __future__ import annotations

import csv
from collections import Counter

from each import each
from folders import TESTS
from shipped import CATALOGUE
from stated import LISTS, is_verified, stated

FACTS = list(csv.DictReader((TESTS / "catalogue" / "facts.csv").read_text(encoding="utf-8").splitlines()))
EQUAL = ("count", "parent", "status", "tier", "measure", "unit", "sdg", "disaggregation")


def of(*marks: str) -> list[dict[str, str]]:
    return [fact for fact in FACTS if fact["mark"] in marks]


def name_of(fact: dict[str, str]) -> str:
    return f"{fact['id']} {fact['statement']}"


@each("fact", of("V"), name_of)
def test_verified_facts_match_the_catalogue(fact: dict[str, str]) -> None:
    found = stated(CATALOGUE, fact["artefact"], fact["item"], fact["field"])
    assert found is not None, f"{fact['artefact']} {fact['item']} does not exist"
    expected = fact["expected"]
    if fact["field"] in LISTS:
        assert not isinstance(found, str)
        assert set(expected.split()) <= set(found)
    elif fact["field"] in EQUAL:
        assert found == expected
    else:
        text = str(found).casefold()
        assert [piece for piece in expected.casefold().split(" & ") if piece not in text] == [], text


@each("fact", of("K", "U"), name_of)
def test_unverified_facts_are_not_marked_verified(fact: dict[str, str]) -> None:
    found = stated(CATALOGUE, fact["artefact"], fact["item"], fact["field"])
    assert found is not None, f"{fact['artefact']} {fact['item']} does not exist"
    assert not is_verified(CATALOGUE, fact["artefact"], fact["item"], fact["field"])


def test_every_fact_is_named_once_and_has_a_mark() -> None:
    assert [count for count in Counter(fact["id"] for fact in FACTS).values() if count > 1] == []
    assert {fact["mark"] for fact in FACTS} == {"V", "K", "U"}
    assert all(fact["expected"] for fact in FACTS if fact["mark"] == "V")
