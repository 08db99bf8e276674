"""Return migration of natives and citizens with earlier residence.

Known from records, register, or a resident mother; otherwise unknown and counted as such.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import nw, pl
from sdmxmig.records.counting import CERTAIN, Row, Statement, dataset_of, figure_of, finest_by, said_of, totals_of
from sdmxmig.records.days import PERIOD, numbered
from sdmxmig.records.engines import collected
from sdmxmig.records.ordered import FAR
from sdmxmig.records.people import CITIZEN, NATIVE, described
from sdmxmig.records.reliability import UNJUDGED, Reliability
from sdmxmig.records.residence_rules import MISSING_RECORD
from sdmxmig.records.rows import whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdmxmig.records.counting import Counts
    from sdmxmig.records.questions import Derivation, Events, Question
    from sdmxmig.records.rows import Rows
    from sdmxmig.sdmx.model.data import Dataset, Flow

FLOW = "DF_IND_TERM"
INDICATOR, RETURNED, ALL = "RETURN_SHARE", "NUM", "DEN"
GROUPS = ((), ("SEX",), ("SEX", "AGE"), ("BIRTH_STATUS", "CTZ_STATUS"), ("COUNTERPART_AREA",))
KNOWN = "returns"
NOBODY_KNOWS = -1


def return_sums(derivation: Derivation, events: Events, _flows: Mapping[str, Flow]) -> Counts:
    rows = immigrants(derivation, events).with_columns(**{KNOWN: nw.col(KNOWN).fill_null(NOBODY_KNOWS)})
    lost = (nw.col("direction") == "I") & ~nw.col(PERIOD).is_null() & (nw.col("outcome") == MISSING_RECORD)
    unjudged = events.rows.filter(lost).group_by(PERIOD).agg(nw.len().cast(nw.Int64).alias(UNJUDGED))
    return {
        KNOWN: finest_by(derivation.engine, rows, GROUPS, always=(PERIOD, KNOWN)),
        UNJUDGED: collected(derivation.engine, unjudged),
    }


def returns_in(question: Question, counts: Counts, flows: Mapping[str, Flow], statement: Statement) -> Dataset:
    """Return ``NUM`` (returns) and ``DEN`` (immigrants) by period.

    Comments count unknown ones. Open immigrations make figures provisional; many unknown ones unreliable.
    """
    lost = dict(counts[UNJUDGED].group_by(PERIOD).agg(pl.col(UNJUDGED).sum()).rows())
    finest = counts[KNOWN]
    open_periods = set(finest.filter(pl.col("open") > 0)[PERIOD])
    lacking = totals_of(finest.filter(pl.col(KNOWN) == NOBODY_KNOWS), [()], always=(PERIOD,))
    not_known = dict(lacking.select(PERIOD, "weight").rows())
    figures: list[Row] = []
    for term, counted in ((RETURNED, finest.filter(pl.col(KNOWN) == 1)), (ALL, finest)):
        sums = totals_of(counted, GROUPS, always=(PERIOD,)).filter(pl.col("weight") != 0)
        names = [name for name in sums.columns if name not in {"weight", "open"}]
        lines = [({name: row[name] for name in names}, row["weight"]) for row in sums.iter_rows(named=True)]
        wholes = dict(totals_of(counted, [()], always=(PERIOD,)).select(PERIOD, "weight").rows())
        totals = {key[PERIOD] for key, _ in lines}
        lines += [({PERIOD: period.label}, 0) for period in question.periods if period.label not in totals]
        for key, weight in lines:
            label = key[PERIOD]
            lived = figure_of(not_known.get(label, 0))
            comment = f"at least; of {lived} further immigrants it is not known whether they lived here before"
            row = {
                **key,
                "INDICATOR": INDICATOR,
                "IND_TERM": term,
                "OBS_VALUE": figure_of(weight),
                **said_of(unsettled=label in open_periods),
                **({"COMMENT_OBS": comment} if term == RETURNED and lived != "0" else {}),
            }
            whole_of = Decimal(wholes.get(label, 0)) / CERTAIN
            row = Reliability(lost.get(label, 0), whole_of).said_of(row)
            if term == RETURNED:
                silent = not_known.get(label, 0) // CERTAIN
                row = Reliability(lost.get(label, 0) + silent, whole_of).status_of(row)
            figures.append(row)
    return dataset_of(flows[FLOW], figures, statement)


def immigrants(derivation: Derivation, events: Events) -> Rows:
    """The immigrations of the periods with what is known of the persons, and of an earlier residence (`returns`)."""
    records, observation = derivation.records, derivation.question.observation
    if records.persons is None:
        raise SdmxmigError("No persons are named.", hint="Name the table of persons with --persons.")
    named = nw.col("c_residence").fill_null("_U").alias("COUNTERPART_AREA")
    counts = (nw.col("weight") > 0) | (nw.col("open") == 1)
    coming = events.rows.filter((nw.col("direction") == "I") & ~nw.col(PERIOD).is_null() & counts)
    rows = described(
        coming.select("person", "at", "weight", "open", PERIOD, named),
        records.persons,
        records.citizenships,
        observation,
    )
    lived = homes_of(derivation, events).group_by("person").agg(nw.col("since").min())
    of_birth = nw.when(nw.col("birth_date").is_null()).then(whole(-FAR)).otherwise(numbered("birth_date"))
    births = records.persons.select("person", born=of_birth, mother="c_mother")
    rows = rows.join(lived, on="person", how="left").join(births, on="person", how="left")
    own = (nw.col("BIRTH_STATUS") == NATIVE) | (nw.col("CTZ_STATUS") == CITIZEN)
    before = (nw.col("since") < nw.col("at")).fill_null(value=False)
    to_resident = (nw.col("mother") == observation.area).fill_null(value=False) & (nw.col("born") > -FAR)
    watched = nw.col("born") >= observation.first
    maybe_own = own | (nw.col("BIRTH_STATUS") == "_U") | (nw.col("CTZ_STATUS") == "_U")
    returns = (
        nw.when(own & (before | (to_resident & (nw.col("born") < nw.col("at"))))).then(whole(1))
        .when(~maybe_own | watched).then(whole(0))
    )  # fmt: skip
    return rows.with_columns(**{KNOWN: returns})


def homes_of(derivation: Derivation, events: Events) -> Rows:
    records, first = derivation.records, derivation.question.observation.first
    homes = [events.states.filter(nw.col("settled") == 1).select("person", since="begin")]
    if records.persons is not None:
        born = nw.when(nw.col("birth_date").is_null()).then(whole(-FAR)).otherwise(numbered("birth_date"))
        registered = records.persons.filter(nw.col("resident") & (born < first))
        homes.append(registered.select("person", since=whole(first - 1)))
    return nw.concat(homes, how="vertical")
