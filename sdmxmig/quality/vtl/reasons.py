"""Reasons for rules without VTL: `templates/vtl/words.csv`."""

from __future__ import annotations

TIME = "TIME_PERIOD"
LACKING = "{flow} has no {component}."
UNCODED = "{component} in {flow} has no codelist."
SILENT = "The rule says nothing about {flow}."
ONE_FREQUENCY = "{flow} has only one frequency."
TWO_GROUPED = "Several breakdowns have groups within groups: {component}."
BY_ATTRIBUTE = "The rule leaves out figures by their attribute {component}."
NO_DAY = "{flow} does not say on which day people are counted."
UNREPORTED = "No dataflow that the workspace fills reports {item}."
UNFILLED = "The rule compares with {flow}, which the workspace does not fill."
AGES = "Which age groups together cover all ages cannot be said in VTL."
ALL_CODES = "Which parts can be added up depends on all codes reported together, which VTL cannot look up."
RARER = "Which multiplier is the rarer in a series cannot be said in VTL."
RELEASE = "Rules on data that are all meant for release are not written in VTL yet."
SEVERAL_SUMS = "Sums over all codes of several breakdowns are not written in VTL yet."
NAME_TAKEN = "The program uses the name {component} for something else."
NOT_YET = "Rules of the kind {kind} are not written in VTL yet."
KINDS_BY_REASON = {
    "The rule looks at files while they are read, before there are data.": ("CONVERSION", "LEFT-OUT-FITS-TOTAL"),
    "A VTL dataset has each key complete and only once, so there is nothing to test.": (
        "DIMENSION-PRESENT",
        "KEY-UNIQUE",
    ),
    "VTL receives numbers, not the way they are written.": (
        "VALUE-OF-TYPE",
        "NUMBERS-ARE-PLAIN",
        "FIGURES-TAKE-PART",
        "ROUNDED-TO-BASE",
    ),
    "The rule finds the unit by its concept, which is not written in VTL yet.": ("NUMBER-OF-NOT-NEGATIVE",),
    "What it needs to know is asked of the office, and stands in no data.": ("THRESHOLD-IS-KNOWN",),
    "How likely chance makes it depends on how many tables or series there are, which is not written in VTL yet.": (
        "SMALL-PERIOD-IS-NEW",
        "SERIES-VARIES",
    ),
    "The rule looks at messages and dates of preparation, which are not data.": (
        "ACTION-ALLOWED",
        "IN-TIME",
        "PERIOD-IS-OVER",
    ),
    "The rule looks at reference metadata, which are not data.": (
        "TEXTS-FILLED",
        "DEFINITIONS-DECLARED",
        "DEFINITIONS-STAY",
        "STATUS-EXPLAINED",
        "METADATA-COVER-PERIODS",
        "CONTACT-GIVEN",
        "QUALITY-REPORTED",
    ),
    "The rule compares with earlier releases, which are not datasets of the program.": (
        "STAYS-CONFIDENTIAL",
        "CHANGE-TELLS-NOTHING",
        "REVISION-WITHIN-LIMITS",
        "FIGURES-STAY",
        "FIGURES-AS-BEFORE",
        "RELEASE-IS-LATER",
        "RELEASE-IS-NEW",
        "STATUS-STAYS-FINAL",
        "REVISIONS-BALANCE",
        "REVISED-TOGETHER",
        "OLD-REVISION-NOTED",
    ),
    "The rule compares with data of other countries or agencies, which are not datasets of the program.": (
        "REPORTS-IN-RATIO",
        "REPORTS-EQUAL",
        "ASYMMETRY-AS-USUAL",
        "PARTNERS-RANK-ALIKE",
        "CORRECTED-REPORTS-AGREE",
        "NET-AGREES",
        "AREA-BALANCES",
        "MORTALITY-AS-OTHERS",
    ),
    RARER: ("UNIT-ALLOWED",),
    ALL_CODES: ("PARTS-WITHIN-TOTAL", "EVERY-TOTAL-FITS", "AGES-WITHOUT-HOLE"),
    "What readers could work out takes a solver of equations.": (
        "NO-LINE-GIVES-IT-AWAY",
        "WITHHELD-IS-UNCERTAIN",
        "WITHHELD-EVERYWHERE",
        "REST-IS-NOT-SMALL",
        "WITHHELD-WITH-MORE-THAN-ONES",
        "AGGREGATE-OF-CONFIDENTIAL",
    ),
}
REASONS = {kind: reason for reason, kinds in KINDS_BY_REASON.items() for kind in kinds}


def reason_of(kind: str) -> str:
    """Why rules of a kind are not in VTL; `NOT_YET` where nothing is against it.

    >>> reason_of("VALUE-OF-TYPE")
    'VTL receives numbers, not the way they are written.'
    >>> reason_of("NO-OUTLIER")
    'Rules of the kind {kind} are not written in VTL yet.'
    """
    return REASONS.get(kind, NOT_YET)
