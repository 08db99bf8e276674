"""Return migration: immigrants who were born in the country, or are its citizens, and lived in it before.

That somebody lived here before is known from the records themselves, from the register of before, or from a birth to a
mother who lived here. Where none of it is known, the immigrant is no return migrant and no first-time immigrant either:
how many these are is said with the figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.errors import SdmxmigError
from sdmxmig.lazily import nw
from sdmxmig.records.counting import Row, Statement, dataset_of, figure_of, said_of, summed_by
from sdmxmig.records.days import numbered
from sdmxmig.records.ordered import FAR
from sdmxmig.records.people import CITIZEN, NATIVE, described
from sdmxmig.records.rows import whole
from sdmxmig.records.spans import PERIOD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdmxmig.model.data import Dataset, Flow
    from sdmxmig.records.derivation import Derivation, Events
    from sdmxmig.records.rows import Rows

FLOW = "DF_IND_TERM"
INDICATOR, RETURNED, ALL = "RETURN_SHARE", "NUM", "DEN"
GROUPS = ((), ("SEX",), ("SEX", "AGE"), ("BIRTH_STATUS", "CTZ_STATUS"), ("COUNTERPART_AREA",))
KNOWN = "returns"
"""1 where a return is known, 0 where it is known that there is none, null where nobody knows."""


def returns_of(derivation: Derivation, events: Events, flows: Mapping[str, Flow], statement: Statement) -> Dataset:
    """Return migrants (``NUM``) and all immigrants (``DEN``) of each period, as terms of the share of return.

    Of the immigrants who may have lived here before, and of whom nobody knows, the comment of each figure says how many
    there are. Raises `SdmxmigError` if persons are not known.
    """
    rows = immigrants(derivation, events)
    unknown = rows.filter(nw.col(KNOWN).is_null())
    lacking = summed_by(derivation.engine, unknown, [()], always=(PERIOD,))
    not_known = {row[PERIOD]: row["weight"] for row in lacking.iter_rows(named=True)}
    figures: list[Row] = []
    for term, counted in ((RETURNED, rows.filter(nw.col(KNOWN) == 1)), (ALL, rows)):
        sums = summed_by(derivation.engine, counted, GROUPS, always=(PERIOD,))
        open_periods = {row[PERIOD] for row in sums.iter_rows(named=True) if row["open"]}
        names = [name for name in sums.columns if name not in {"weight", "open"}]
        lines = [({name: row[name] for name in names}, row["weight"]) for row in sums.iter_rows(named=True)]
        totals = {key[PERIOD] for key, _ in lines}
        lines += [({PERIOD: period.label}, 0) for period in derivation.question.periods if period.label not in totals]
        for key, weight in lines:
            label = key[PERIOD]
            lived = figure_of(not_known.get(label, 0))
            comment = f"at least; of {lived} further immigrants it is not known whether they lived here before"
            figures.append(
                {
                    **key,
                    "INDICATOR": INDICATOR,
                    "IND_TERM": term,
                    "OBS_VALUE": figure_of(weight),
                    **said_of(unsettled=label in open_periods),
                    **({"COMMENT_OBS": comment} if term == RETURNED and lived != "0" else {}),
                }
            )
    return dataset_of(flows[FLOW], figures, statement)


def immigrants(derivation: Derivation, events: Events) -> Rows:
    """The immigrations of the periods with what is known of the persons, and of an earlier residence (`returns`).

    Who is neither native-born nor a citizen does not return, nor who was born while the records go on and never lived
    here before.
    """
    records, observation = derivation.records, derivation.question.observation
    if records.persons is None:
        raise SdmxmigError("No persons are named.", hint="Name the table of persons with --persons.")
    named = nw.col("c_residence").fill_null("_U").alias("COUNTERPART_AREA")
    coming = events.rows.filter((nw.col("direction") == "I") & ~nw.col(PERIOD).is_null() & (nw.col("weight") > 0))
    rows = described(
        coming.select(*("person", "at", "weight", "open", PERIOD), named),
        records.persons,
        records.citizenships,
        observation,
    )
    lived = events.states.filter(nw.col("settled") == 1).group_by("person").agg(nw.col("begin").min().alias("since"))
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
