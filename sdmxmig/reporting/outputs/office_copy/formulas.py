"""Formulas allowed in copies: internal calculations only.

Others, such as ``HYPERLINK``, ``WEBSERVICE``, ``INDIRECT``, become values.
"""

from __future__ import annotations

import re
from collections.abc import Collection

LONGEST = 8_192
FUNCTIONS = frozenset(
    [
        "ABS",
        "ACOS",
        "ACOSH",
        "AGGREGATE",
        "AND",
        "ASIN",
        "ASINH",
        "ATAN",
        "ATAN2",
        "ATANH",
        "AVEDEV",
        "AVERAGE",
        "AVERAGEA",
        "AVERAGEIF",
        "AVERAGEIFS",
        "CEILING",
        "CEILING.MATH",
        "CHAR",
        "CHOOSE",
        "CLEAN",
        "CODE",
        "COLUMN",
        "COLUMNS",
        "COMBIN",
        "CONCAT",
        "CONCATENATE",
        "CORREL",
        "COS",
        "COSH",
        "COUNT",
        "COUNTA",
        "COUNTBLANK",
        "COUNTIF",
        "COUNTIFS",
        "COVAR",
        "DATE",
        "DATEDIF",
        "DATEVALUE",
        "DAY",
        "DAYS",
        "DAYS360",
        "DEGREES",
        "DEVSQ",
        "EDATE",
        "EOMONTH",
        "EVEN",
        "EXACT",
        "EXP",
        "FACT",
        "FALSE",
        "FILTER",
        "FIND",
        "FIXED",
        "FLOOR",
        "FLOOR.MATH",
        "FORECAST",
        "FREQUENCY",
        "GCD",
        "GEOMEAN",
        "GROWTH",
        "HARMEAN",
        "HLOOKUP",
        "HOUR",
        "IF",
        "IFERROR",
        "IFNA",
        "IFS",
        "INDEX",
        "INT",
        "INTERCEPT",
        "ISBLANK",
        "ISERR",
        "ISERROR",
        "ISEVEN",
        "ISLOGICAL",
        "ISNA",
        "ISNONTEXT",
        "ISNUMBER",
        "ISODD",
        "ISTEXT",
        "ISOWEEKNUM",
        "KURT",
        "LARGE",
        "LCM",
        "LEFT",
        "LEN",
        "LET",
        "LINEST",
        "LN",
        "LOG",
        "LOG10",
        "LOGEST",
        "LOOKUP",
        "LOWER",
        "MATCH",
        "MAX",
        "MAXA",
        "MAXIFS",
        "MEDIAN",
        "MID",
        "MIN",
        "MINA",
        "MINIFS",
        "MINUTE",
        "MMULT",
        "MOD",
        "MODE",
        "MODE.SNGL",
        "MONTH",
        "MROUND",
        "N",
        "NA",
        "NETWORKDAYS",
        "NORM.DIST",
        "NORM.INV",
        "NORMDIST",
        "NORMINV",
        "NOT",
        "NOW",
        "NUMBERVALUE",
        "ODD",
        "OFFSET",
        "OR",
        "PEARSON",
        "PERCENTILE",
        "PERCENTILE.EXC",
        "PERCENTILE.INC",
        "PERCENTRANK",
        "PI",
        "POWER",
        "PRODUCT",
        "PROPER",
        "QUARTILE",
        "QUARTILE.EXC",
        "QUARTILE.INC",
        "QUOTIENT",
        "RADIANS",
        "RANK",
        "RANK.AVG",
        "RANK.EQ",
        "REPLACE",
        "REPT",
        "RIGHT",
        "ROUND",
        "ROUNDDOWN",
        "ROUNDUP",
        "ROW",
        "ROWS",
        "RSQ",
        "SEARCH",
        "SECOND",
        "SIGN",
        "SIN",
        "SINH",
        "SKEW",
        "SLOPE",
        "SMALL",
        "SORT",
        "SORTBY",
        "SQRT",
        "STANDARDIZE",
        "STDEV",
        "STDEV.P",
        "STDEV.S",
        "STDEVA",
        "STDEVP",
        "SUBSTITUTE",
        "SUBTOTAL",
        "SUM",
        "SUMIF",
        "SUMIFS",
        "SUMPRODUCT",
        "SUMSQ",
        "SWITCH",
        "T",
        "TAN",
        "TANH",
        "TEXT",
        "TEXTJOIN",
        "TIME",
        "TIMEVALUE",
        "TODAY",
        "TRANSPOSE",
        "TREND",
        "TRIM",
        "TRIMMEAN",
        "TRUE",
        "TRUNC",
        "UNICHAR",
        "UNICODE",
        "UNIQUE",
        "UPPER",
        "VALUE",
        "VAR",
        "VAR.P",
        "VAR.S",
        "VARA",
        "VARP",
        "VLOOKUP",
        "WEEKDAY",
        "WEEKNUM",
        "WORKDAY",
        "XLOOKUP",
        "XMATCH",
        "XOR",
        "YEAR",
        "YEARFRAC",
    ]
)
"""Functions that calculate from what they are given and from cells of the workbook."""
PARTS = re.compile(
    r"""
    (?P<text>"(?:[^"]|"")*+")
    | (?P<error>\#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!))
    | '(?P<quoted>(?:[^'\[\]]|'')++)'!
    | (?P<call>(?:_xlfn\.|_xlws\.)*+[A-Za-z][A-Za-z0-9.]*+)\(
    | (?P<cells>\$?[A-Za-z]{1,3}\$?[0-9]{1,7}(?![A-Za-z0-9_.(!]) | \$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}(?![A-Za-z0-9_.(!])
        | \$?[0-9]{1,7}:\$?[0-9]{1,7}(?![A-Za-z0-9_.(!]))
    | (?P<number>[0-9]++(?:\.[0-9]*+)?(?:[eE][+-]?[0-9]++)?+ | \.[0-9]++(?:[eE][+-]?[0-9]++)?+)
    | (?P<word>[^\W\d][\w.]*+)(?P<sheet>!?)
    | (?P<sign>[-+*/^&=<>(),;:%{}@ \t\r\n])
    """,
    re.VERBOSE,
)
LOGICAL = ("TRUE", "FALSE")


def stays_within(formula: str, sheets: Collection[str], names: Collection[str] = ()) -> bool:
    """Whether a formula only calculates with cells of these sheets and with these names (both casefolded).

    >>> stays_within("SUM(B2:B9)+'Table 1'!C$4", {"table 1"}), stays_within("[1]Sheet1!A1", ())
    (True, False)
    >>> stays_within('HYPERLINK("http://example.org")', ()), stays_within("cmd|'/c calc'!A1", ())
    (False, False)
    """
    if len(formula) > LONGEST:
        return False
    position = 0
    while position < len(formula):
        part = PARTS.match(formula, position)
        if part is None or not _is_known(part, sheets, names):
            return False
        position = part.end()
    return True


def _is_known(part: re.Match[str], sheets: Collection[str], names: Collection[str]) -> bool:
    if part["quoted"] is not None:
        return part["quoted"].replace("''", "'").casefold() in sheets
    if part["call"] is not None:
        return part["call"].removeprefix("_xlfn.").removeprefix("_xlws.").upper() in FUNCTIONS
    if part["word"] is not None:
        word = part["word"].casefold()
        return word in sheets if part["sheet"] else word in names or part["word"].upper() in LOGICAL
    return True


RANGES = re.compile(
    r"(?:(?:'(?:[^'\[\]]|'')+'|[^\W\d][\w.]*)!\$?(?:[A-Za-z]{1,3}\$?[0-9]{1,7}(?::\$?[A-Za-z]{1,3}\$?[0-9]{1,7})?"
    r"|[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}|[0-9]{1,7}:\$?[0-9]{1,7})(?:,(?!$)|$))+"
)


def is_range(formula: str) -> bool:
    """Whether a formula only names cells, as the name of a range does.

    >>> is_range("'Table 1'!$A$1:$B$9"), is_range("Sheet1!$1:$3,Sheet1!$A:$A"), is_range("SUM(A1)")
    (True, True, False)
    """
    return RANGES.fullmatch(formula) is not None
