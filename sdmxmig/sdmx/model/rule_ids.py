"""Rules that code refers to by id."""

from __future__ import annotations

from enum import StrEnum


class RuleId(StrEnum):
    """Rule ids used in code; loading the catalogue fails if one is not declared in `structures/rules/`."""

    # reported by the conversion of tables (level-0.toml); some also for cells of questionnaires
    ERROR_CELL = "MIG-0-012"
    HIDDEN_VALUES = "MIG-0-013"
    FORMULA_WITHOUT_RESULT = "MIG-0-014"
    TEXT_IS_FORMULA = "MIG-0-015"
    TEXT_TURNED = "MIG-0-018"
    HIDDEN_LETTERS = "MIG-0-019"
    MERGED_FIGURE = "MIG-0-021"
    UNREAD_FIGURES = "MIG-0-101"
    TWO_ATTRIBUTE_VALUES = "MIG-0-102"
    DOUBTFUL_DECIMALS = "MIG-0-104"
    OTHER_DIGITS_SHOWN = "MIG-0-105"
    UNEXPLAINED_MARK = "MIG-0-108"
    HEADER_LABEL_OVERLAP = "MIG-0-109"
    UNLISTED_TEXT = "MIG-0-110"
    NO_OBSERVATION = "MIG-0-111"
    LEFT_OUT_UNCONFIRMED = "MIG-0-112"
    REPEATED_OBSERVATION = "MIG-0-113"
    NOTE_NOT_USED = "MIG-0-114"
    OTHER_DECIMAL_SIGN = "MIG-0-115"
    YEAR_IN_PART = "MIG-0-116"
    MOST_LEFT_OUT = "MIG-0-117"
    NOTE_WITHOUT_FIGURES = "MIG-0-118"

    # reported by the conversion of SDMX messages (messages.toml)
    NO_COUNTERPART = "MIG-0-501"
    LEFT_OUT_OF_MESSAGE = "MIG-0-502"
    ATTRIBUTE_LEFT_OUT = "MIG-0-503"

    # reported by the reading of earlier releases
    CHANGED_PART = "MIG-0-016"

    # reported by the reading of questionnaires (questionnaires.toml)
    HEADER_RENAMED = "MIG-0-201"
    HEADER_CONTRADICTS_KEY = "MIG-0-202"
    ROWS_OR_COLUMNS_GONE = "MIG-0-203"
    FIGURES_NOT_GIVEN = "MIG-0-204"
    FIGURE_GIVEN_TWICE = "MIG-0-205"
    AMBIGUOUS_NUMBER = "MIG-0-206"
    CORRECTED_FIGURE = "MIG-0-207"
    UNASKED_FIGURES = "MIG-0-208"
    UNREAD_REMARKS = "MIG-0-209"
    SHEET_GONE = "MIG-0-210"
    UNUSED_NOTE = "MIG-0-211"

    # reported by the reading of profiles (profiles.toml)
    ANSWER_NOT_IN_SCALE = "MIG-0-301"
    UNKNOWN_SOURCE = "MIG-0-302"
    UNKNOWN_EVIDENCE = "MIG-0-303"
    CODE_INSTEAD_OF_WORDS = "MIG-0-304"
    UNKNOWN_ITEM = "MIG-0-305"
    UNKNOWN_SUBJECT = "MIG-0-306"
    UNFIT_NAME = "MIG-0-307"
    ANSWERED_TWICE = "MIG-0-308"
    INCOMPLETE_SOURCE = "MIG-0-309"
    UNFIT_FACT = "MIG-0-310"
    UNREADABLE_PART = "MIG-0-311"
    FORM_PART_GONE = "MIG-0-312"
    FORM_ROW_MOVED = "MIG-0-313"
    ANSWER_OUTSIDE_FORM = "MIG-0-314"
    ERROR_AS_ANSWER = "MIG-0-315"
    CORE_ITEMS_UNANSWERED = "MIG-0-316"
    ANSWERS_WITHOUT_SOURCE = "MIG-0-317"
    ANSWER_WITHOUT_EVIDENCE = "MIG-0-318"

    # reported by the reading of person records (records.toml); the names are also kinds of corrections
    REPEATED = "MIG-0-401"
    OUTSIDE = "MIG-0-402"
    BEFORE_BIRTH = "MIG-0-403"
    AFTER_DEATH = "MIG-0-404"
    ENTRY_AFTER_ENTRY = "MIG-0-405"
    ABSURD_NUMBER = "MIG-0-406"
    NO_PERSON = "MIG-0-407"
    DEATH_BEFORE_BIRTH = "MIG-0-408"
    CONTRADICTED_NIGHTS = "MIG-0-409"
    TWO_CITIZENSHIPS = "MIG-0-410"
    RESIDENCE_CONTRADICTED = "MIG-0-411"
    PERSON_CONTRADICTED = "MIG-0-412"
    UNORDERED_DAY = "MIG-0-413"
    CONTRADICTED_RECORD = "MIG-0-414"
    CROWDED_DAY = "MIG-0-415"
    UNBALANCED_DIRECTIONS = "MIG-0-416"
    MONTH_WITHOUT_RECORDS = "MIG-0-417"
    OWN_COUNTRY = "MIG-0-418"
    TOO_OLD = "MIG-0-419"
    EXIT_AFTER_EXIT = "MIG-0-420"
    UNLINKED = "MIG-0-421"
    DIFFERENT_RECORDS = "MIG-0-422"
    UNREAD_COLUMNS = "MIG-0-423"
    UNRELIABLE_FLOW = "MIG-0-424"
    UNPLACED = "MIG-0-425"
    CITIZEN_AFTER_UNKNOWN = "MIG-0-426"

    # validation rules that a command looks up by name (level-1.toml)
    VALUE_IS_NO_NUMBER = "MIG-1-010"
    NUMBER_WITH_OWN_SIGNS = "MIG-1-133"
