"""Reading of a region: lines, periods, texts, assignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.year_ends import YearEnd
from sdmxmig.conversion.suggestion.coded_lines import is_one_code
from sdmxmig.conversion.suggestion.components import ComponentReading, read_line
from sdmxmig.conversion.suggestion.empty_heads import with_empty_heads
from sdmxmig.conversion.suggestion.fits import fits_of
from sdmxmig.conversion.suggestion.line_sources import LeftOut
from sdmxmig.conversion.suggestion.lines import Fit, Line
from sdmxmig.conversion.suggestion.lines_apart import LinesApart, lines_apart
from sdmxmig.conversion.suggestion.part_years import (
    PartOfYear,
    in_that_part,
    named_end,
    part_named,
    partial_years,
    with_named_end,
    with_proven_years,
    without_partial,
)
from sdmxmig.conversion.suggestion.questions import Basis, decided
from sdmxmig.conversion.suggestion.status_lines import has_gaps, status_lines
from sdmxmig.conversion.suggestion.texts_around import (
    BESIDE,
    NAME,
    TITLE,
    SurroundingText,
    TextsAround,
    beside_years,
    short_notes,
    texts_of,
    titles_in,
)
from sdmxmig.conversion.suggestion.title_doubts import countries_in
from sdmxmig.conversion.suggestion.year_and_month import PartedLines, is_of_years, with_parts_of_years
from sdmxmig.conversion.suggestion.year_statements import YearStatement, year_statements


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodLines:
    """Lines with years and parts combined.

    `freqs` are alternatives to ask, the read one first; `part` and `end` are the part and the end of the years that
    texts name.
    """

    lines: tuple[Line, ...]
    left_out: tuple[LeftOut, ...]
    freqs: tuple[Candidate, ...]
    part: PartOfYear | None
    end: YearEnd | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRegion:
    """A region as recognised; `readings` are in the order of `fits`."""

    basis: Basis
    apart: LinesApart
    around: TextsAround
    periods: PeriodLines
    fits: tuple[Fit, ...]
    readings: tuple[ComponentReading, ...]
    of_years: tuple[YearStatement, ...]


def read_region(basis: Basis) -> ReadRegion:
    apart = lines_apart(basis)
    parted = parted_lines(apart.telling, basis)
    around = texts_beside(parted.lines, apart.names, basis)
    periods = in_named_part(parted, around, basis)
    fits = fits_of(basis, periods.lines, around.titles)
    return ReadRegion(
        basis=basis,
        apart=apart,
        around=around,
        periods=periods,
        fits=fits,
        readings=readings_of(fits, periods.lines, around, basis),
        of_years=year_statements(around.texts, fits, basis.known),
    )


def parted_lines(lines: Sequence[Line], basis: Basis) -> PartedLines:
    region, known = basis.region, basis.known
    titles = titles_in(texts_of(region, lines, known.recogniser))
    freq = decided(basis.decisions, basis.sheet, "fixed FREQ")
    parted = with_parts_of_years(lines, region, known, titles, freq=freq)
    return replace(parted, lines=with_proven_years(parted.lines, region, known))


def texts_beside(lines: Sequence[Line], names: Sequence[str], basis: Basis) -> TextsAround:
    """Collect the texts around figures.

    Excludes lines with statuses of some figures.
    """
    region, known = basis.region, basis.known
    of_some = {line.source for line, _ in status_lines(region, lines, known) if has_gaps(region, line)}
    of_all = [line for line in lines if not (line.source in of_some or is_one_code(line))]
    words_beside = tuple(words for line in lines if (words := beside_years(line, known)))
    texts = (
        *texts_of(region, of_all, known.recogniser),
        *(SurroundingText(text=text, where=TITLE) for text in names),
        *(SurroundingText(text=words[0], where=BESIDE) for words in words_beside if len(set(words)) == 1),
    )
    return TextsAround(texts=texts, beside_years=words_beside)


def in_named_part(parted: PartedLines, around: TextsAround, basis: Basis) -> PeriodLines:
    known = basis.known
    years = next((line.texts for line in parted.lines if is_of_years(line, known)), ())
    part = part_named((*around.titles, *short_notes(around.texts, known)), years, known)
    lines = in_that_part(parted.lines, part, decided(basis.decisions, basis.sheet, "fixed FREQ"), known)
    end = named_end(lines, [text.text for text in around.texts], known)
    lines = with_named_end(lines, end, known)
    return PeriodLines(lines=lines, left_out=parted.left_out, freqs=parted.freqs, part=part, end=end)


def readings_of(
    fits: Sequence[Fit], lines: Sequence[Line], around: TextsAround, basis: Basis
) -> tuple[ComponentReading, ...]:
    known, sheet = basis.known, basis.sheet
    sources = [fit.line.source for fit in fits]
    titled = countries_in([text.text for text in around.texts if text.where in (TITLE, NAME)], known)
    area = area_of_all(fits, basis)
    readings = [
        read_line(
            fit, sheet, known, basis.decisions, alone=sources.count(fit.line.source) < 2, titled=titled, area=area
        )
        for fit in fits
    ]
    partial = partial_years(basis.region, lines, known)
    readings = [with_empty_heads(reading, fit, basis) for fit, reading in zip(fits, readings, strict=True)]
    return tuple(without_partial(reading, partial, sheet) for reading in readings)


def area_of_all(fits: Sequence[Fit], basis: Basis) -> str | None:
    if any(fit.component == "REF_AREA" for fit in fits):
        return None
    return decided(basis.decisions, basis.sheet, "fixed REF_AREA") or basis.area
