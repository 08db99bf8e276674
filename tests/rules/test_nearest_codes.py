"""A text that no code stands for is told which code it may have meant."""

from __future__ import annotations

import pytest
from shipped import CATALOGUE

from sdmxmig.rules.codes import nearest_code


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("Wommen", "F (Female)"),
        ("Femals", "F (Female)"),
        ("Hombrs", "M (Male)"),
        ("Regio Nord", "F, M, _N, _O, _T, _U, _Z"),
    ],
)
def test_words_of_tables_count_where_no_name_is_alike(text: str, nearest: str) -> None:
    sexes = CATALOGUE.flow("DF_POP").codelist("SEX")
    assert sexes is not None
    assert nearest_code(text, sexes, "SEX") == nearest
