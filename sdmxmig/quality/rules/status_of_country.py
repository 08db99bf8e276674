"""Status determined by country of birth or citizenship."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from sdmxmig.catalogue.areas import list_groups
from sdmxmig.quality.rules import KINDS, Check, build_untestable_error, report_not_tested, run_by_definition
from sdmxmig.quality.rules.totals import write_rounding_tolerance
from sdmxmig.quality.rules.words import describe_subject, find_code_name, translate_parameters, write_number
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.findings import Fault, NotTestable

TOTAL, NONE = "_T", "_Z"
WANTED_STATUS = "wanted"
AREA = "REF_AREA"


@dataclass(frozen=True, slots=True)
class StatusCountryPair:
    """A status and its country. `own` and `other` statuses; `special` country codes such as stateless or unknown."""

    status: str
    country: str
    own: str
    other: str
    special: Mapping[str, tuple[str, ...]]

    def list_allowed_statuses(self, country: str, area: str) -> tuple[str, ...]:
        """Return the statuses that a country allows, most exact first.

        >>> pair = StatusCountryPair("CTZ_STATUS", "C_CITIZEN", own="NC", other="FC", special={"_U": ("_U", "FC")})
        >>> [pair.list_allowed_statuses(code, "GE") for code in ("GE", "AM", "_O", "_U")]
        [('NC',), ('FC',), ('FC',), ('_U', 'FC')]
        """
        return self.special.get(country, (self.own if country == area else self.other,))


@KINDS.add("STATUS-OF-COUNTRY")
def status_matches_country(check: Check) -> Iterable[Fault | NotTestable]:
    """The status matches the country in the same key, or is the total.

    Parameter `pair`: tables with `status`, `country`, `own`, `other` and `special` (see `StatusCountryPair`). Groups of
    countries, also as reporting area, are not judged.
    """
    pairs = list_present_pairs(check)
    if not pairs:
        raise build_untestable_error("{flow} has no status with a country beside it", flow=check.flow.id)
    judged = [(pair, add_allowed_statuses(check, pair, check.frame)) for pair in pairs]
    if all(frame.is_empty() for _, frame in judged):
        yield report_not_tested("no country of birth or citizenship is named")
    for pair, frame in judged:
        wrong = frame.filter(pl.col(pair.status) != TOTAL, ~pl.col(pair.status).is_in(pl.col(WANTED_STATUS)))
        groups = wrong.group_by(pair.status, pair.country, WANTED_STATUS, maintain_order=True).agg("row")
        for status, country, statuses, rows in groups.iter_rows():
            parameters = build_contradiction_parameters(
                check, pair, status=status, country=country, expected=statuses[0]
            )
            yield check.fault(
                rows,
                parameters,
                component=pair.status,
                observed=status,
                expected=" / ".join(statuses),
                labels=(pair.country,),
            )


@KINDS.add("SAME-UNDER-TOTAL-STATUS")
@run_by_definition
def figures_agree_under_total_status(check: Check) -> Iterable[Fault | NotTestable]:
    """A country's figure is the same under the status that it determines and under the total status.

    Parameter `pair` as for STATUS-OF-COUNTRY. Tolerance: none for whole persons, else half a printed unit for each
    figure.
    """
    structure, measure = check.structure, check.measure
    tested = False
    for pair in list_present_pairs(check):
        if TOTAL not in check.books[0].codes(pair.status):
            continue
        frame = add_allowed_statuses(check, pair, check.books[0].distinct).filter(pl.col("amount").is_not_null())
        if frame.is_empty():
            continue
        other_dimensions = [name for name in structure.key if name != pair.status]
        exact = frame.filter(pl.col(pair.status) == pl.col(WANTED_STATUS).list.first())
        total = frame.filter(pl.col(pair.status) == TOTAL)
        both = total.join(
            exact, on=other_dimensions, how="inner", suffix="_exact", nulls_equal=True, maintain_order="left"
        )
        tested = tested or not both.is_empty()
        unit = 10**check.amounts.scale
        slack = sum(
            pl.when(pl.col(name) == unit).then(0).otherwise(pl.col(name))
            for name in ("printed_step", "printed_step_exact")
        )
        both = both.with_columns(slack=slack)
        differing = both.filter((pl.col("amount") - pl.col("amount_exact")).abs() * 2 > pl.col("slack"))
        for row in differing.iter_rows(named=True):
            parameters = build_difference_parameters(check, pair, row, structure.key)
            exact_figure = row[f"{measure}_exact"]
            yield check.fault(
                (row["row"],),
                parameters,
                observed=row[measure],
                expected=exact_figure,
                related=(row["row_exact"],),
                difference=check.amounts.printed(row["amount"] - row["amount_exact"], row["power"]),
                tolerance=write_rounding_tolerance(check, row["slack"], row["power"]),
            )
    if not tested:
        yield report_not_tested("no figure for a country is reported both under its status and under the total")


def list_present_pairs(check: Check) -> list[StatusCountryPair]:
    with check.parameters as parameters:
        pairs = [read_pair(declared) for declared in parameters.tables("pair")]
    return [pair for pair in pairs if {pair.status, pair.country, AREA} <= set(check.structure.key)]


def read_pair(declared: Declared) -> StatusCountryPair:
    with declared:
        special = declared.table("special")
        codes = {name: special.strings(name, None) for name in special.values}
        status, country = declared.text("status"), declared.text("country")
        return StatusCountryPair(status, country, own=declared.text("own"), other=declared.text("other"), special=codes)


def add_allowed_statuses(check: Check, pair: StatusCountryPair, frame: pl.DataFrame) -> pl.DataFrame:
    silent = {TOTAL, NONE, *list_groups(check.flow.codelist(pair.country))}
    areas = list_groups(check.flow.codelist(AREA))
    with_country = frame.filter(
        pl.col(pair.status).is_not_null(),
        ~pl.col(pair.country).is_in(sorted(silent)),
        ~pl.col(AREA).is_in(sorted(areas)),
    )
    if with_country.is_empty():
        return with_country.with_columns(pl.lit(None, dtype=pl.List(pl.String)).alias(WANTED_STATUS))
    countries = with_country.select(pair.country, AREA).unique(maintain_order=True)
    statuses = [pair.list_allowed_statuses(country, area) for country, area in countries.iter_rows()]
    countries = countries.with_columns(pl.Series(WANTED_STATUS, statuses, pl.List(pl.String)))
    return with_country.join(countries, on=[pair.country, AREA], how="left", maintain_order="left")


def build_contradiction_parameters(
    check: Check, pair: StatusCountryPair, status: str, country: str, expected: str
) -> dict[str, str]:
    flow = check.flow

    def build_parameters(language: str) -> dict[str, str]:
        return {
            "concept": find_concept_name(check, pair.status, language),
            "value": f"{status} ({find_code_name(flow, pair.status, status, language)})",
            "wanted": f"{expected} ({find_code_name(flow, pair.status, expected, language)})",
            "country_concept": find_concept_name(check, pair.country, language),
            "country": f"{country} ({find_code_name(flow, pair.country, country, language)})",
        }

    return translate_parameters(check.rule, build_parameters)


def build_difference_parameters(
    check: Check, pair: StatusCountryPair, row: Mapping[str, str], key: Iterable[str]
) -> dict[str, str]:
    flow, measure = check.flow, check.measure
    about = [(name, row[name]) for name in key if row[name] is not None and name != pair.status]

    def build_parameters(language: str) -> dict[str, str]:
        return {
            "subject": describe_subject(flow, about, language),
            "value": write_number(row[measure], language),
            "other": write_number(row[f"{measure}_exact"], language),
            "status": find_code_name(flow, pair.status, row[f"{pair.status}_exact"], language),
        }

    return translate_parameters(check.rule, build_parameters)


def find_concept_name(check: Check, component: str, language: str) -> str:
    concepts = check.flow.concepts
    return concepts[component].in_language(language) if component in concepts else component


@KINDS.add("PARTNER-ABROAD")
def partner_is_abroad(check: Check) -> Iterable[Fault | NotTestable]:
    """The partner is another country. Parameter `pair`: tables with `partner` and optional `when` codes."""
    with check.parameters as parameters:
        pairs = [(pair.text("partner"), pair.table("when").pairs()) for pair in parameters.tables("pair")]
    structure, frame = check.structure, check.frame
    present = [(partner, when) for partner, when in pairs if all(name in structure for name in (partner, AREA, *when))]
    if not present:
        yield report_not_tested("{flow} has no partner countries", flow=check.flow.id)
    for partner, when in present:
        same = frame.filter(pl.col(partner) == pl.col(AREA))
        for dimension, code in when.items():
            same = same.filter(pl.col(dimension) == code)
        for area, rows in same.group_by(partner, maintain_order=True).agg("row").iter_rows():
            words = {"value": area, "component": partner}
            yield check.fault(rows, words, component=partner, observed=area, expected="another country")
