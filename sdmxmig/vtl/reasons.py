"""Why rules of some kinds are not in VTL."""

from __future__ import annotations

KINDS_BY_REASON = {
    "it is found while files are read, before there are data": ("CONVERSION", "LEFT-OUT-FITS-TOTAL"),
    "a data set of VTL holds each key whole and only once, so that there is nothing to test": (
        "DIMENSION-PRESENT",
        "KEY-UNIQUE",
    ),
    "VTL is given numbers, not how they are written": (
        "VALUE-OF-TYPE",
        "NUMBERS-ARE-PLAIN",
        "FIGURES-TAKE-PART",
        "ROUNDED-TO-BASE",
    ),
    "which component is the unit it finds by its concept, which is not written in VTL yet": ("NUMBER-OF-NOT-NEGATIVE",),
    "it asks the office about its own rules": ("THRESHOLD-IS-KNOWN",),
    "how likely chance makes it depends on how many tables or series there are, which is not written in VTL yet": (
        "SMALL-PERIOD-IS-NEW",
        "SERIES-VARIES",
    ),
    "it looks at messages and times of preparation, which are no data": (
        "ACTION-ALLOWED",
        "IN-TIME",
        "PERIOD-IS-OVER",
    ),
    "it looks at reference metadata, which are no data": (
        "TEXTS-FILLED",
        "DEFINITIONS-DECLARED",
        "DEFINITIONS-STAY",
        "STATUS-EXPLAINED",
        "METADATA-COVER-PERIODS",
        "CONTACT-GIVEN",
        "QUALITY-REPORTED",
    ),
    "it compares with earlier releases, which are no data sets of the program": (
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
    "it compares with data of others, which are no data sets of the program": (
        "REPORTS-IN-RATIO",
        "REPORTS-EQUAL",
        "ASYMMETRY-AS-USUAL",
        "PARTNERS-RANK-ALIKE",
        "CORRECTED-REPORTS-AGREE",
        "NET-AGREES",
        "MORTALITY-AS-OTHERS",
    ),
    "from which dataflow an account takes an item depends on what is reported, which is not written in VTL yet": (
        "ACCOUNT-BALANCES",
        "ADJUSTMENT-SMALL",
        "IDENTITY-HOLDS",
        "AREA-BALANCES",
    ),
    "which parts can be added up depends on all codes that are reported together, which VTL cannot look up": (
        "PARTS-WITHIN-TOTAL",
        "EVERY-TOTAL-FITS",
        "GROUP-IS-SUM",
        "AGES-WITHOUT-HOLE",
    ),
    "what readers could work out takes a solver of equations": (
        "NO-LINE-GIVES-IT-AWAY",
        "WITHHELD-IS-UNCERTAIN",
        "WITHHELD-EVERYWHERE",
        "REST-IS-NOT-SMALL",
        "WITHHELD-WITH-MORE-THAN-ONES",
        "AGGREGATE-OF-CONFIDENTIAL",
    ),
}
REASONS = {kind: reason for reason, kinds in KINDS_BY_REASON.items() for kind in kinds}
NOT_YET = "rules of the kind {} are not written in VTL yet"


def reason_of(kind: str) -> str:
    """Why rules of a kind are not in VTL.

    >>> reason_of("KEY-UNIQUE")
    'a data set of VTL holds each key whole and only once, so that there is nothing to test'
    >>> reason_of("NO-OUTLIER")
    'rules of the kind NO-OUTLIER are not written in VTL yet'
    """
    return REASONS.get(kind) or NOT_YET.format(kind)
