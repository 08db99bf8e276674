"""Simulated household survey."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np, pl
from sdmxmig.records.simulation.made_up import HOME
from sdmxmig.records.simulation.work import characteristics_of

if TYPE_CHECKING:
    from sdmxmig.records.simulation.source import Seen, Source

NAME = "survey"
SHARE, LEAST = 0.05, 400
"""The share of residents who are asked, and how many are at least."""
SILENT, MORE_SILENT = "NON-RESPONSE", "NON-RESPONSE-IF-CITIZENSHIP-ASKED"
CITIZENS, FOREIGNERS = "native-citizens", "foreign-citizens"
DIGITS = 4


def survey_of(source: Seen) -> Source:
    """The answers of a sample of those who live in the country at the end."""
    truth = source.truth
    residents = characteristics_of(truth)
    size = min(residents.height, max(LEAST, round(residents.height * SHARE)))
    sample = residents[np.sort(source.chance.distinct(residents.height, size))]
    foreign = (source.identities["c_citizen"].gather(sample["person"]) != HOME).to_numpy()
    silent = np.zeros(size, dtype=bool)
    for kind, group, asked in (
        (SILENT, CITIZENS, ~foreign),
        (SILENT, FOREIGNERS, foreign),
        (MORE_SILENT, FOREIGNERS, foreign),
    ):
        happened = source.happens(kind, group, asked & ~silent)
        source.note(kind, group, "-" + truth.persons["id"].gather(sample.filter(pl.Series(happened))["person"]))
        silent |= happened
    answers = sample.filter(pl.Series(~silent))
    records = source.records(answers["person"], "V")
    identities = source.identified(records)
    weight = f"{residents.height / size:.{DIGITS}f}"
    rows = records.select("record", "person", "born").join(answers, on="person", how="left", maintain_order="left")
    table = rows.join(identities, on="record", how="left", maintain_order="left").select(
        "record",
        weight=pl.lit(weight),
        sex="sex",
        age=truth.world.last_year - pl.col("born").cast(pl.Int32).cast(pl.Date).dt.year().cast(pl.Int64),
        c_birth="c_birth",
        c_citizen="c_citizen",
        employed="employed",
        schooling="schooling",
        source_detail=pl.lit("simulated"),
    )
    return source.finished(records, survey=table.sort("record"), identities=identities)
