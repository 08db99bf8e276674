"""Planted faults in the descriptions of figures: reference metadata, definitions and unexplained flags.

The report of the office has all mandatory concepts and some optional ones. `NOTES` explains provisional and estimated
figures; some planters remove it. A general policy on revisions does not explain a flag.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from benchmarks.planted_kinds.cells import first_flow, years_of
from benchmarks.planted_kinds.planting import Plant, planter
from benchmarks.planted_kinds.tables import Published

MANDATORY = {
    "CONTACT_ORGANISATION": "Statistical office, unit on migration",
    "STAT_CONC_DEF": "Immigrants are persons who take up usual residence for at least twelve months.",
    "STAT_UNIT": "Person",
    "STAT_POP": "All usual residents of the country",
    "REF_AREA": "The whole territory of the country",
    "REF_PERIOD": "Calendar year",
    "SOURCE_TYPE": "Population register",
}
"""The concepts that must be filled, with what the office says."""
FURTHER = {
    "CONTACT_EMAIL": "migration@office.example",
    "REV_POLICY": "The office publishes its rules on revisions on its web site.",
    "FREQ_DISS": "Annual",
    "COMPLETENESS": "All mandatory figures are reported.",
}
NOTES = {
    "P": {"REV_PRACTICE": "Figures of the latest year are provisional until the register is closed in autumn."},
    "E": {"DATA_COMP": "Figures of persons who do not deregister are estimated from other registers."},
}
"""What the office says of figures with a status, as long as it says it."""
PLACEHOLDERS = ("tbc", "n/a", "xxx", "TODO", "")
ABSENT = ""
NEWEST = 2
"""So many years at the end of a series are usually provisional."""
RULES_OF_RESIDENCE = {"R12": "R3", "R3": "R12"}
PREPARED_BEFORE = "2025-01-31T12:00:00+00:00"


def described(published: Published, *statuses: str) -> Published:
    notes = {concept: text for status in statuses for concept, text in NOTES[status].items()}
    texts = {**MANDATORY, **FURTHER, **notes}
    return replace(published, metadata={first_flow(published): tuple(texts.items())})


def with_metadata(published: Published, changes: Mapping[str, str | None]) -> Published:
    flow = first_flow(published)
    texts = {**dict(published.metadata[flow]), **changes}
    kept = tuple((concept, text) for concept, text in texts.items() if text is not None)
    return replace(published, metadata={**published.metadata, flow: kept})


@planter("metadata-placeholder", ("DF_POP",), ("DF_IMM",), ("DF_EMI",), ("DF_BIRTHS",), ("DF_DEATHS",), ("DF_CTZ_ACQ",))
def metadata_placeholder(published: Published, rng: np.random.Generator) -> Plant | None:
    """A mandatory concept of the report has a placeholder, an empty text or no text."""
    flow = first_flow(published)
    concept = str(rng.choice(list(MANDATORY)))
    text = str(rng.choice(PLACEHOLDERS))
    is_absent = not text and bool(rng.integers(2))
    clean = described(published)
    planted = with_metadata(clean, {concept: None if is_absent else text})
    size = "no text" if is_absent else f"“{text}”"
    return Plant(planted, flow, ({"component": concept},), column=concept, size=f"{concept} {size}", clean=clean)


@planter("duration-not-declared", ("DF_IMM",), ("DF_EMI",))
def duration_not_declared(published: Published, rng: np.random.Generator) -> Plant | None:
    """The rule of residence, the basis of the duration, the source or the definition of age is declared nowhere."""
    flow = first_flow(published)
    item = str(rng.choice(["RES_RULE", "DUR_BASIS", "SRC_TYPE", "AGEDEF"]))
    planted = clean = described(published)
    if item == "SRC_TYPE":
        table = published.tables[flow].with_columns(SRC_TYPE=pl.lit(ABSENT))
        planted = with_metadata(planted, {"SOURCE_TYPE": None}).with_table(flow, table)
    else:
        left = {name: code for name, code in published.declared[flow].items() if name != item}
        planted = replace(clean, declared={**published.declared, flow: left})
    return Plant(planted, flow, ({"component": item},), column=item, size=item, clean=clean)


@planter("provisional-flag-stays", ("DF_IMM",), ("DF_EMI",), ("DF_BIRTHS",), ("DF_DEATHS",))
def provisional_flag_stays(published: Published, rng: np.random.Generator) -> Plant | None:
    """The note on provisional or estimated figures is removed, but their flags stay.

    The year is final: the newest years are expected to be provisional.
    """
    flow = first_flow(published)
    table = published.tables[flow]
    status, other = [("P", "E"), ("E", "P")][int(rng.integers(2))]
    years = years_of(table)
    chosen = {"TIME_PERIOD": str(rng.choice(years[:-NEWEST] if status == "P" else years))}
    if flow in ("DF_IMM", "DF_EMI") and rng.integers(2):
        chosen = {"C_RESIDENCE": str(rng.choice(published.people.partners))}
    here = pl.all_horizontal(pl.col(name) == code for name, code in chosen.items())
    changed = table.with_columns(OBS_STATUS=pl.when(here).then(pl.lit(status)).otherwise("OBS_STATUS"))
    flagged = published.with_table(flow, changed)
    clean = described(flagged, status, other)
    planted = described(flagged, other) if rng.integers(2) else flagged
    keys = ({**chosen, "OBS_STATUS": status},)
    return Plant(planted, flow, keys, column="OBS_STATUS", size=status, note=f"{chosen}", clean=clean)


@planter("definition-changed-silently", ("DF_IMM",), ("DF_EMI",))
def definition_changed_silently(published: Published, rng: np.random.Generator) -> Plant | None:
    """The rule of residence is another one than in the release before, and no figure is flagged."""
    flow = first_flow(published)
    before = str(rng.choice(list(RULES_OF_RESIDENCE)))
    now = RULES_OF_RESIDENCE[before]
    table = published.tables[flow]
    last = years_of(table)[-1]
    earlier = replace(published, declared=declared_as(published, flow, before), prepared=PREPARED_BEFORE)
    earlier = earlier.with_table(flow, table.filter(pl.col("TIME_PERIOD") != last))
    clean = replace(published, declared=declared_as(published, flow, before), earlier=earlier)
    planted = replace(clean, declared=declared_as(published, flow, now))
    key = {"component": "RES_RULE"}
    return Plant(planted, flow, (key,), column="RES_RULE", size=f"{before} → {now}", clean=clean)


def declared_as(published: Published, flow: str, residence: str) -> dict[str, Mapping[str, str]]:
    """Return declarations with another residence rule for a dataflow."""
    return {**published.declared, flow: {**published.declared[flow], "RES_RULE": residence}}
