"""Observation days and requested periods."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.periods import of_day
from sdmxmig.primitives.places import Place
from sdmxmig.records.days import date_of, months_later, number_of
from sdmxmig.records.observation import Observation
from sdmxmig.records.spans import Period
from sdmxmig.sdmx.model.records import MOVEMENTS, NIGHTS, PERMITS
from sdmxmig.workspace.tasks.derive_request import LAST_MONTH, MONTHS, YEARLY, DeriveRequest

EARLIEST, LATEST = 1900, 2200


def observed(request: DeriveRequest, paths: Mapping[str, Path]) -> Observation:
    """Return the observed country and days, by default first to last movement.

    For permits, the last begin.
    """
    table = next((kind.name for kind in (NIGHTS, PERMITS, MOVEMENTS) if kind.name in paths), "")
    if not table:
        raise SdmxmigError("No movements are named.", hint="Name a table of crossings with --movements.")
    day = last_day = pl.col("begin" if table == PERMITS.name else "date")
    if table == NIGHTS.name:
        last_day = last_day + pl.duration(days=pl.col("nights").fill_null(1) - 1)
    scan = pl.scan_parquet(paths[table]).select(first=day.min(), last=last_day.max())
    days = scan.collect(engine="streaming")
    if days["first"].item() is None:
        file = next(iter(request.files.values()))
        raise InputError("There are no movements.", Place(file.name), "Give a table with rows.")
    first, last = request.first or days["first"].item(), request.last or days["last"].item()
    if last < first:
        raise SdmxmigError(f"Observation ends on {last}, before it begins on {first}.", hint="Change --from or --to.")
    if first.year < EARLIEST or last.year > LATEST:
        raise SdmxmigError(
            f"Observation goes from {first} to {last}; records are of the years from {EARLIEST} to {LATEST}.",
            hint="Say with --from and --to over which days they are complete.",
        )
    return Observation(request.area, number_of(first), until=number_of(last) + 1, birth_place=request.birth_place)


def periods_of(request: DeriveRequest, observation: Observation) -> tuple[Period, ...]:
    """Return complete periods.

    Years are named by their end; fiscal years as ``2021-07-01/P1Y``, quarters ``2021-Q3``, months ``2021-07``.
    """
    if request.every != YEARLY and request.year_ends != LAST_MONTH:
        raise SdmxmigError(
            "Quarters and months are those of the calendar.", hint="Say --year-ends for years, or leave it out."
        )
    first, last = date_of(observation.first), date_of(observation.until)
    covered = f"they go from {first} to {date_of(observation.until - 1)}"
    spans = whole_spans(first, last, MONTHS[request.every], request.year_ends)
    for year in request.years:
        lasting = sum((end - timedelta(days=1)).year == year for _, end in spans)
        if lasting * MONTHS[request.every] != MONTHS[YEARLY]:
            raise SdmxmigError(
                f"The records do not cover the whole of {year}: {covered}.",
                hint="Ask for another year, or say with --from and --to over which days they are complete.",
            )
    asked = [span for span in spans if not request.years or (span[1] - timedelta(days=1)).year in request.years]
    if not asked:
        raise SdmxmigError(
            f"The records cover no whole period: {covered}.",
            hint="Say with --from and --to over which days they are complete.",
        )
    return tuple(Period(label_of(begin, request.every), number_of(begin), end=number_of(end)) for begin, end in asked)


def whole_spans(first: date, last: date, months: int, year_ends: int) -> list[tuple[date, date]]:
    begin, spans = months_later(date(first.year - 1, 1, 1), year_ends % LAST_MONTH), []
    while (end := months_later(begin, months)) <= last:
        spans += [(begin, end)] if begin >= first else []
        begin = end
    return spans


def label_of(begin: date, every: str) -> str:
    if every == YEARLY and begin.month > 1:
        return f"{begin}/P1Y"
    return str(of_day(begin, every))
