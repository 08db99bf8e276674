"""Words of integration codes."""

from __future__ import annotations

import csv
from functools import lru_cache

from sdmxmig.catalogue.folders import shipped

FILE = "integrated.csv"
REMARK = "#"


@lru_cache(maxsize=1)
def rows() -> tuple[tuple[str, str, str], ...]:
    lines = (shipped("templates") / "report" / FILE).read_text(encoding="utf-8-sig").splitlines()
    table = csv.DictReader(line for line in lines if not line.startswith(REMARK))
    return tuple((row["of"], row["code"], row["en"]) for row in table)


def words_of(kind: str) -> dict[str, str]:
    """The words for the codes of one kind, in the order of the table.

    >>> words_of("step")["fit"]
    'table fitted to margins'
    """
    return {code: words for of, code, words in rows() if of == kind}
