"""Figures of a region with their signs, and columns of codes beside labels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from sdmxmig.conversion.mapping.sourced_values import ERROR_LITERALS
from sdmxmig.conversion.recognition.calendars import convert_numerals, find_part_of_year
from sdmxmig.conversion.recognition.labels import NOTE_SIGNS, Candidate, bare, plain
from sdmxmig.conversion.recognition.mentions import find_mentions, split_words
from sdmxmig.conversion.recognition.statuses import ABSENT, STATUS
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.periods import are_of_another_calendar, read_serial_days, split_years_from_marks
from sdmxmig.sdmx.model.data import Attributes, Values

FIGURE = re.compile(
    r"[+\-−–]?\s?\d{1,3}(?:(?P<group>[\s.,'’٬])\d{3})*(?:(?P<sign>[.,٫])\d+)?|[+\-−–]?\d+(?:[.,٫]\d+)?%?"
)
MARKED = re.compile(
    r"(?P<figure>[+\-−–]?\d[\d\s.,'’٬٫]*)\s*(?P<mark>[^\W\d_]{1,2}|[^\W\d_]/|[*†‡]+|\([a-z*]\)|\[[a-z*]\]|[¹²³⁴-⁹]+|\d\))"
)
YEAR = re.compile(
    rf"(?P<year>(?:1[5-9]|2[0145])\d\d|1[01]\d(?=年))\s*(?:[(\[]?[^\W\d_]{{1,2}}[)\]/]?\.?|[{NOTE_SIGNS}]+\)?|[(\[⁽]?[¹²³⁴-⁹]+[)\]⁾]?|\.?\(?\d{{1,2}}\))?"
)
"""A year, perhaps with the mark of a provisional or revised one behind it: “2022p”, “2023 (p)”, “2021*”, “2020年”."""
SCIENTIFIC = re.compile(r"[+\-−–]?\d+(?:[.,]\d+)?[eE][+\-]?\d{1,3}")
"""A number as a spreadsheet program exports a long one, “1.2E+05”. Its last digits may be lost, so it is never read."""
ZERO, SEVERAL_ZEROS = "ZERO", re.compile("0{2,}")
MAX_SIGN_LENGTH = 4
MISTYPED_FIGURE = re.compile(r"[1-9](?=\d*[OolI])[\dOolI]{2,}")
INTENDED_DIGITS = str.maketrans("OolI", "0011")
"""Letters typed for digits: 3200O."""
BOUND = re.compile(r"[<‹＜≤]\s?\d{1,3}")
"""A small number that an office does not publish: “<5”."""
NOT_PUBLISHED = Candidate("Q", 0.5, reason="the number is not published")
NOT_A_NUMBER = Candidate("", 0.0, reason="it is not a number, and the table does not explain it")
USUAL_MEANING = 0.75
"""Confidence in the usual meaning of an unexplained mark."""
SIGNS = "the signs in numbers"
UNGROUPED_FIGURE = re.compile(r"0|\d{4,}")
"""Digits that a thousands separator cannot follow: zero, or more than three."""
MAX_UNGROUPED_DIGITS = 4
"""Maximum number of digits written without a separator where longer numbers have one."""
BRACKETS = "figures in brackets"
BRACKETED_FIGURE = re.compile(rf"[(\[](?P<figure>{FIGURE.pattern})[)\]]")
PAIR = 2
"""Number of letters of two adjacent marks: “358239 ep”."""


@lru_cache(maxsize=65536)
def is_figure(text: str, vocabulary: Vocabulary) -> bool:
    written = " ".join(text.split())
    marked = MARKED.fullmatch(written) if not vocabulary.codes("MONTH", written) else None
    marked = None if marked and find_part_of_year(written, vocabulary) else marked  # “1. Quartal”
    is_marked = bool(
        marked and (len(marked["mark"]) != PAIR or not marked["mark"].isalpha() or find_statuses(written, vocabulary))
    )
    is_number = bool(FIGURE.fullmatch(written) or SCIENTIFIC.fullmatch(written) or written in ERROR_LITERALS)
    return is_number or is_marked or bool(find_missing(written, vocabulary)[0])


def find_statuses(text: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    match = MARKED.fullmatch(text)
    mark = match["mark"].strip("()[]/").casefold() if match else ""
    whole = vocabulary.codes(STATUS, mark)[:1]
    if whole or len(mark) != PAIR or not mark.isalpha():
        return whole
    codes = tuple(code for letter in mark for code in vocabulary.codes(STATUS, letter)[:1])
    return codes if len(codes) == PAIR else ()


def find_missing(text: str, vocabulary: Vocabulary) -> tuple[str, str]:
    sign, _, mark = text.partition(" ")
    whole = vocabulary.signs.get(text.casefold(), "")
    if whole or not re.fullmatch(r"[a-z]{1,2}", mark) or sign.isalnum():
        return whole, ""
    return vocabulary.signs.get(sign, ""), mark


def is_year(text: str) -> bool:
    return bool(parse_year(text))


def parse_year(text: str) -> int:
    """Return the year that a text resembles; 0 if it resembles none.

    >>> parse_year("2022p"), parse_year(" 1999 "), parse_year("٢٠٢١"), parse_year("2022-23"), parse_year("12")
    (2022, 1999, 2021, 0, 0)
    """
    match = YEAR.fullmatch(convert_numerals(text.strip()))
    return int(match["year"]) if match else 0


def has_fractions(texts: Iterable[str]) -> bool:
    """Check whether figures have decimals: one, two or more than three digits after a separator.

    >>> has_fractions(["23.1", "12"]), has_fractions(["1,234.5"]), has_fractions(["1.234", "12,000", "4,60,00"])
    (True, True, False)
    """
    return any(re.search(r"^[^.,]*(?:([.,])\d{3})*(?!\1)[.,](?:\d{1,2}|\d{4,})$", text.strip()) for text in texts)


def detect_notation(
    texts: Iterable[str], file_signs: Mapping[str, str], vocabulary: Vocabulary, *, stored: bool
) -> tuple[Values, Mapping[str, Candidate]]:
    """Determine the notation of value cells, with uncertainties; numbers `stored` as such have no separators."""
    written = [" ".join(text.split()) for text in texts]
    typed = find_mistyped_numbers(written)
    unsure = {
        f"the sign “{text}”": Candidate(number, 0.5, reason=f"“{text}” is not a number: letters may stand for digits")
        for text, number in typed.items()
    }
    missing: dict[str, str] = {}
    numbers: dict[str, str] = {}
    marks: dict[str, str] = {}
    plain = []
    known = {*typed, *filter(SCIENTIFIC.fullmatch, written)}  # validation reports the latter
    for text in dict.fromkeys(text for text in written if text not in known):
        code, flag = find_missing(text, vocabulary)
        marked = MARKED.fullmatch(text)
        in_brackets = BRACKETED_FIGURE.fullmatch(text)
        if code == ZERO or SEVERAL_ZEROS.fullmatch(text):
            numbers[text] = "0"
            unsure[f"the sign “{text}”"] = Candidate("0", 0.6, reason="often zero, but not always")
        elif code:
            missing[text] = code
            if flag:
                unsure[f"the sign “{text}”"] = Candidate(code, 0.6, reason=f"“{flag}” is not explained")
        elif in_brackets:
            plain.append(in_brackets["figure"])
            reason = f"brackets as in “{text}” may mean a negative figure, or one of lower quality"
            unsure.setdefault(BRACKETS, Candidate("", 0.0, reason=reason))
        elif marked and not FIGURE.fullmatch(text):
            plain.append(marked["figure"])
            codes = find_statuses(text, vocabulary)
            status = codes[-1] if codes else ""  # as for two separate marks: the last one counts
            if status:
                marks[marked["mark"]] = status
            # an office may mean something else by a usual letter
            meaning = Candidate(status, USUAL_MEANING if status else 0.0, reason="the table does not explain it")
            unsure[f"the mark “{marked['mark']}”"] = meaning
        elif FIGURE.fullmatch(text) or len(text) > MAX_SIGN_LENGTH:
            plain.append(text)
        else:
            unsure[f"the sign “{text}”"] = NOT_PUBLISHED if BOUND.fullmatch(text) else NOT_A_NUMBER
    thousands, decimal, doubt = ("", ".", None) if stored else detect_separators(plain, file_signs)
    if doubt:
        unsure[SIGNS] = doubt
    values = Values(
        thousands,
        decimal,
        missing=tuple((sign, (("OBS_STATUS", code),)) for sign, code in sorted(missing.items())),
        marks=tuple((mark, (("OBS_STATUS", code),)) for mark, code in sorted(marks.items())),
        numbers=tuple(sorted(numbers.items())),
    )
    return values, unsure


def find_mistyped_numbers(texts: Sequence[str]) -> Mapping[str, str]:
    """Return the numbers with letters in place of digits; a letter after several figures is a mark.

    >>> dict(find_mistyped_numbers(["3200O", "33l00", "410o", "420o"]))
    {'3200O': '32000', '33l00': '33100'}
    """
    counts = Counter(text[-1] for text in set(texts) if MISTYPED_FIGURE.fullmatch(text))
    return {
        text: text.translate(INTENDED_DIGITS)
        for text in texts
        if MISTYPED_FIGURE.fullmatch(text) and (text[-1].isdecimal() or counts[text[-1]] == 1)
    }


def find_redefined_symbols(
    missing: Iterable[tuple[str, Attributes]], notes: Sequence[str], vocabulary: Vocabulary
) -> Iterator[tuple[str, Candidate]]:
    """Yield symbols of missing values that a note explains with an unusual meaning.

    A status of figures (“too unreliable”) is no meaning of a missing value: it is asked without a proposal.

    >>> from sdmxmig.conversion.recognition.words import read_vocabulary
    >>> words = read_vocabulary(concepts=frozenset({"OBS_STATUS"}))
    >>> signs = [("x", (("OBS_STATUS", "M"),)), ("..", (("OBS_STATUS", "O"),)), (":", (("OBS_STATUS", "O"),))]
    >>> notes = ["x = confidential", ".. not available", ": low reliability"]
    >>> [(sign, code.code) for sign, code in find_redefined_symbols(signs, notes, words)]
    [('x', 'Q'), (':', '')]
    """
    for sign, attributes in missing:
        bracketed = rf"[(\[\"“«„‘']?{re.escape(sign)}[)\]\"”“»’']?"
        explained = re.compile(rf"\s*{bracketed}(?:\s*[=:–—-]|\s)\s*(?P<meaning>.*\w.*)")
        for match in filter(None, map(explained.fullmatch, notes)):
            note, mentions = match[0].strip(), find_mentions(split_words(match["meaning"]), vocabulary)[0]
            codes = [mention.code for mention in mentions if mention.concept == STATUS and mention.code in ABSENT]
            if codes and codes[0] != attributes[0][1]:
                yield sign, Candidate(codes[0], 0.6, reason=f"a note says “{note}”", phrase=note)
            elif not codes:
                yield sign, Candidate("", 0.0, reason=f"a note says “{note}”", phrase=note)


def detect_separators(texts: Iterable[str], file_signs: Mapping[str, str]) -> tuple[str, str, Candidate | None]:
    """Determine thousands and decimal separators.

    A separator is decimal if it is not followed by three digits, if it follows zero or more than three digits, or if
    long numbers have none. A repeated separator separates thousands. Other cases are asked.
    """
    texts, without = [*texts], 0
    last: Counter[str] = Counter()
    thousands_signs: set[str] = set()
    text_by_decimal: dict[str, str] = {}
    for text in texts:
        signs = re.findall(r"[.,'’٬٫\s]", text.strip())
        if not signs:
            without = max(without, len(text.strip("-−+% ")))
            continue
        tail = re.search(r"([.,'’٬٫\s])(\d+)%?$", text.strip())
        whole = text.strip("-−+ ")[: -len(tail[0])] if tail else ""
        if tail and (len(tail[2]) != 3 or len(set(signs)) > 1 or tail[1] == "٫" or UNGROUPED_FIGURE.fullmatch(whole)):
            text_by_decimal.setdefault(tail[1], text)
            thousands_signs.update(signs[:-1])
        elif len(signs) > 1 or signs[0] in "'’٬" or signs[0].isspace():
            thousands_signs.add(signs[0])
        elif tail:
            last[tail[1]] += 1
    decimals = [sign for sign in text_by_decimal if sign in ".,٫"]
    of_file = file_signs.get("decimal", "")  # several separators are joined by “and”
    decimal = of_file if len(of_file) == 1 else decimals[0] if decimals else ""
    groups = sorted({" " if sign.isspace() else sign for sign in thousands_signs} - {decimal})
    of_file = file_signs.get("thousands", "")
    thousands = of_file if len(of_file) == 1 else groups[0] if groups else ""
    open_signs = [sign for sign in last if sign not in (decimal, thousands)]
    doubt = None
    if {",", "."} <= {*decimals}:
        listed = " and ".join(f"“{text_by_decimal[sign]}”" for sign in decimals)
        doubt = Candidate("", 0.0, reason=f"the decimal separators differ: {listed}")
    if open_signs and without > MAX_UNGROUPED_DIGITS and not (decimal or thousands):
        decimal, open_signs = open_signs[0], []
    if open_signs:
        thousands = thousands or open_signs[0]
        if not decimal:
            doubt = Candidate(
                open_signs[0],
                0.7,
                reason=f"“{open_signs[0]}” always comes before three digits: does it separate thousands?",
            )
    decimal = decimal or ("," if thousands == "." else ".")
    return ("" if thousands == decimal else thousands), decimal, doubt


Rows = Mapping[int, Mapping[int, str]]
MAX_YEARS_BETWEEN = 25
"""Maximum distance of two neighbouring years in a column or row of years."""
MIN_MOST_SHARE = 0.9
"""Minimum share of years in such a column."""
COUNTED = ("SEX", "TOTAL", "MEASURE", "DIRECTION", "CTZ_STATUS", "BIRTH_STATUS", "GROUP")


def find_counting_columns(rows: Rows, vocabulary: Vocabulary) -> Mapping[int, frozenset[int]]:
    """Find the columns with figures or missing values in each row; rows with years only are headers."""
    figures = {
        row: {at: text for at, text in cells.items() if is_figure(text, vocabulary)} for row, cells in rows.items()
    }
    beside = find_adjacent_years(rows, figures, vocabulary)
    counted_columns: dict[int, frozenset[int]] = {}
    heads: set[tuple[str, ...]] = set()
    begun = False
    lettered = sum(len(next(iter(cells.values())).strip()) == 1 for cells in rows.values() if cells)
    for row in sorted(rows):
        row_figures = {column: text for column, text in figures[row].items() if column not in beside}
        labels = tuple(text for column, text in rows[row].items() if text.strip() and column not in figures[row])
        dated = any(parse_year(text) for column, text in figures[row].items() if column in beside)
        again = not labels or bool({labels, tuple(row_figures.values())} & heads)
        if not begun and is_numbering(rows[row]) and lettered == 1 and has_labels(min(rows[row]), row, figures, rows):
            row_figures = {}
        elif are_first_days(row, rows, row_figures) or (
            not (dated or is_figure_below_head(row, rows, row_figures))
            and is_header(row_figures.values())
            and (again or not (heads or begun))
        ):
            heads |= {labels, tuple(row_figures.values())}
            row_figures = {}
        begun = begun or bool(row_figures)
        counted_columns[row] = frozenset(row_figures)
    return counted_columns


def are_first_days(row: int, rows: Rows, figures: Mapping[int, str]) -> bool:
    """Check whether figures without headers above them are stored day numbers."""
    is_first = all(len(cells) == 1 or cells.keys().isdisjoint(figures) for above, cells in rows.items() if above < row)
    return is_first and bool(read_serial_days([text.strip() for text in figures.values()]))


def is_figure_below_head(row: int, rows: Rows, figures: Mapping[int, str]) -> bool:
    """Check whether a single figure that looks like a year is below a head such as “Number” and beside its label."""
    above = {column: text.strip() for column, text in rows.get(row - 1, {}).items()}
    if len(figures) != 1:
        return False
    (column,) = figures
    labels = {at: text.strip() for at, text in rows[row].items() if at not in figures and text.strip()}
    differ = all(above.get(at, text) not in (text, "", above.get(column)) for at, text in labels.items())
    return bool(above.get(column)) and not is_year(above[column]) and bool(labels) and differ


def find_adjacent_years(rows: Rows, figures: Rows, vocabulary: Vocabulary) -> frozenset[int]:
    years = {column for column in find_year_columns(figures) if not has_year_head(rows, figures, column, vocabulary)}
    other_columns = {column for cells in figures.values() for column in cells} - years
    return frozenset(years if other_columns or not years else {min(years)})


def has_year_head(rows: Rows, figures: Rows, column: int, vocabulary: Vocabulary) -> bool:
    first = min(row for row, cells in figures.items() if column in cells)
    above = (rows.get(row, {}).get(column, "").strip() for row in range(first - 1, 0, -1))
    head = next(filter(None, above), "")
    has_label = any(at not in figures[first] and text.strip() for at, text in rows[first].items())
    return is_count_head(head, vocabulary) or (not head and has_label and is_header(figures[first].values()))


def is_count_head(head: str, vocabulary: Vocabulary) -> bool:
    spelt = plain(bare(head))
    if set(vocabulary.codes("ROLE", spelt)) - {"OBS_VALUE"}:
        return False
    return bool(spelt) and any(vocabulary.codes(concept, spelt) for concept in COUNTED)


def is_numbering(cells: Mapping[int, str]) -> bool:
    """Check whether a row numbers the columns below the heads: “A, 1, 2, 3”, or “1, 2, 3” with labels.

    >>> is_numbering({1: "А", 2: "1", 3: "2"}), is_numbering({1: "1", 2: "2", 3: "3"}), is_numbering({1: "Age", 2: "1"})
    (True, True, False)
    """
    listed = [cells[at].strip() for at in sorted(cells) if cells[at].strip()]
    numbers = [text for text in listed if text.isdecimal()]
    letters = [text for text in listed if not text.isdecimal()]
    follow = len(numbers) > 1 and numbers == [str(at) for at in range(1, len(numbers) + 1)]
    return follow and (not letters or (len(letters) == 1 and len(letters[0]) == 1 and letters[0].isalpha()))


def has_labels(column: int, besides: int, figures: Rows, rows: Rows) -> bool:
    filled = [row for row, cells in rows.items() if row != besides and cells.get(column, "").strip()]
    return sum(column not in figures[row] for row in filled) * 2 > len(filled)


def is_header(texts: Collection[str]) -> bool:
    """Check whether these texts are years; those of the Solar Hijri calendar must be evenly spaced.

    >>> [is_header(years) for years in (["2021", "2022"], ["۱۴۰۰", "۱۴۰۱"], ["1395", "1400"], ["1312", "1480"])]
    [True, True, True, False]
    """
    years = [parse_year(text) for text in texts]
    are_years = bool(years) and all(years) and is_series(years)
    return are_years or bool(split_years_from_marks([*texts])) or are_of_another_calendar([*texts])


def find_year_columns(figures: Rows) -> frozenset[int]:
    by_column: dict[int, list[int]] = {}
    for cells in figures.values():
        for column, text in cells.items():
            by_column.setdefault(column, []).append(parse_year(text))
    return frozenset(
        column
        for column, years in by_column.items()
        if len(years) > 1 and sum(map(bool, years)) >= MIN_MOST_SHARE * len(years) and is_series(filter(None, years))
    )


def is_series(years: Iterable[int]) -> bool:
    """Check whether numbers are spaced like the years of a table.

    >>> is_series([2020, 2020, 2021]), is_series([1960, 1980, 2000]), is_series([1510, 2030])
    (True, True, False)
    """
    listed = sorted(set(years))
    return all(after - before <= MAX_YEARS_BETWEEN for before, after in pairwise(listed))


REPEATED_SHARE = 1.5
MAX_SHORT = 3
WIDE_TABLE_CONCEPTS = ("TOTAL", "SEX", "UNIT_MEASURE")


def find_code_columns(rows: Rows, by_column: Mapping[int, Sequence[str]], labels: set[int]) -> set[int]:
    """Return number columns that are codes or years of the rows; `labels` are the text columns."""
    if not labels:
        return set()
    columns = [column for column in sorted(by_column) if column not in labels]
    coded_columns = {
        column
        for column in columns
        if column < min(labels) and any(later_column > min(labels) for later_column in columns)
    }
    coded_columns |= {column for column in columns if column < max(labels) and counts_up(by_column[column])}
    years = find_year_columns({row: {at: cells[at] for at in columns if at in cells} for row, cells in rows.items()})
    coded_columns |= {column for column in years if len(set(by_column[column])) < len(by_column[column])}
    coded_columns |= {column for column in columns if has_names(rows, column, labels | coded_columns)}
    return coded_columns if len(coded_columns) < len(columns) else set()


def has_names(rows: Rows, column: int, labels: Collection[int]) -> bool:
    return any(is_code_column(rows, column, neighbour) for neighbour in (column - 1, column + 1) if neighbour in labels)


def counts_up(texts: Sequence[str]) -> bool:
    """Check whether a column numbers its rows as a sort order; figures may rise too.

    >>> counts_up(["4", "8", "12"]), counts_up(["1001", "1002"]), counts_up(["5036000", "5063000", "5100000"])
    (True, True, False)
    """
    if not all(text.isdecimal() for text in texts):
        return False
    numbers = [int(text) for text in texts]
    steps = {after - before for before, after in pairwise(numbers)}
    return numbers == sorted(set(numbers)) and (len(steps) < 2 or len(str(numbers[-1])) <= MAX_SHORT)


def is_code_column(rows: Rows, column: int, label_column: int) -> bool:
    pairs = [(cells.get(column, "").strip(), cells.get(label_column, "").strip()) for cells in rows.values()]
    filled_pairs = {pair for pair in pairs if all(pair)}
    numbers, names = {number for number, _ in filled_pairs}, {name for _, name in filled_pairs}
    again = sum(all(pair) for pair in pairs) >= REPEATED_SHARE * len(filled_pairs)
    lengths = set(map(len, numbers))
    shaped = all(map(str.isdecimal, numbers)) and (len(lengths) == 1 or all(length <= MAX_SHORT for length in lengths))
    coded = shaped and not any(map(is_year, numbers))
    return again and coded and len(filled_pairs) == len(numbers) == len(names) > 1


def is_value_head(head: str, vocabulary: Vocabulary) -> bool:
    spelt = plain(bare(head))
    if any(vocabulary.codes(concept, spelt) for concept in WIDE_TABLE_CONCEPTS):
        return False
    return "OBS_VALUE" in vocabulary.codes("ROLE", spelt)
