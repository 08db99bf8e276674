"""Tables of person records and their columns.

A table is a Parquet or CSV file with the columns of a `RecordTable`; further columns are ignored and reported. `person`
is a pseudonym; names and numbers are only in `identities`, for linkage. Intervals include the first day and exclude the
last, so nights are the difference.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

AREAS = "CL_PARTNER"
"""The codelist of countries of birth, citizenship and residence, with unknown and stateless."""
SIMULATED = "simulated"
"""The column that marks simulated persons; derived tables keep it."""
Kind = Literal["text", "date", "whole", "truth"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table of records.

    `needed`: required and never empty. `several`: values separated by semicolons.
    """

    name: str
    kind: Kind
    _: KW_ONLY
    says: str
    codelist: str = ""
    needed: bool = False
    several: bool = False


@dataclass(frozen=True, slots=True)
class RecordTable:
    """A type of table of records: name, meaning of a row, columns."""

    name: str
    row: str
    _: KW_ONLY
    columns: tuple[Column, ...]

    @property
    def needed(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.needed)


PERSON = Column("person", "text", says="who, by a text that is the same in all tables", needed=True)

MOVEMENTS = RecordTable(
    "movements",
    "a crossing of the border, or a registered move into or out of the country",
    columns=(
        PERSON,
        Column("date", "date", says="the day of the crossing", needed=True),
        Column("direction", "text", says="ENTRY or EXIT", codelist="CL_ADM_ITEM", needed=True),
        Column("sequence", "whole", says="what orders the crossings of one day, such as minutes since midnight"),
        Column("c_residence", "text", says="country of previous residence (entry) or next one (exit)", codelist=AREAS),
        Column("purpose", "text", says="purpose of the journey", codelist="CL_MOB_TYPE"),
        Column("intended_days", "whole", says="days that the person means to stay (entry) or to be away (exit)"),
        Column("granted_days", "whole", says="days for which the stay is allowed, counted from the entry"),
        Column("sex", "text", says="sex, as recorded at the crossing; only compared", codelist="CL_SEX"),
        Column("birth_date", "date", says="day of birth, as recorded at the crossing; only compared"),
    ),
)
PERSONS = RecordTable(
    "persons",
    "a person, as the register has them",
    columns=(
        PERSON,
        Column("sex", "text", says="sex", codelist="CL_SEX"),
        Column("birth_date", "date", says="day of birth; nothing is known of the person before"),
        Column("death_date", "date", says="day of death, in the country or outside"),
        Column("c_birth", "text", says="country in which the person was born", codelist=AREAS),
        Column("c_mother", "text", says="country of residence of the mother at the birth", codelist=AREAS),
        Column(
            "c_citizen", "text", says="citizenship at first; the country's own, if it is one of several", codelist=AREAS
        ),
        Column("resident", "truth", says="whether the person was a resident when observation began"),
    ),
)
CITIZENSHIPS = RecordTable(
    "citizenships",
    "a change of citizenship",
    columns=(
        PERSON,
        Column("date", "date", says="the day from which it holds", needed=True),
        Column("c_citizen", "text", says="the citizenship from then on", codelist=AREAS, needed=True),
    ),
)
PERMITS = RecordTable(
    "permits",
    "a permit or a visa, with the days on which it allows the stay",
    columns=(
        PERSON,
        Column("begin", "date", says="the first day of the permit", needed=True),
        Column("end", "date", says="the first day on which it does not hold any more", needed=True),
    ),
)
NIGHTS = RecordTable(
    "nights",
    "a run of nights in one country, as mobile phone data show it",
    columns=(
        PERSON,
        Column("date", "date", says="the day on which the first of the nights begins", needed=True),
        Column("nights", "whole", says="how many nights in a row; one, if the table has no such column"),
        Column("country", "text", says="the country", codelist=AREAS, needed=True),
    ),
)
DOCUMENTS = RecordTable(
    "documents",
    "a document and the person who travels with it; one person may have several",
    columns=(
        Column("document", "text", says="the document, as `person` of the movements has it", needed=True),
        PERSON,
    ),
)
SPELLS = RecordTable(
    "spells",
    "an interval in which a person was present, absent, or with unknown presence",
    columns=(
        PERSON,
        Column("begin", "date", says="the first night", needed=True),
        Column("end", "date", says="the day after the last night", needed=True),
        Column("here", "truth", says="whether in the country; empty where a record is missing"),
    ),
)
EVENTS = RecordTable(
    "events",
    "a change of the country of residence under one rule, or a crossing whose outcome is not known yet",
    columns=(
        PERSON,
        Column("date", "date", says="the day of the change", needed=True),
        Column("direction", "text", says="I or E", codelist="CL_DIRECTION", needed=True),
        Column("outcome", "text", says="what became of the crossing", codelist="CL_RES_OUTCOME", needed=True),
        Column("weight", "whole", says="thousandths of an event: 1000 if it is certain", needed=True),
        Column("basis", "text", says="what it rests on", codelist="CL_DUR_BASIS", needed=True),
        Column("c_residence", "text", says="country of previous or next residence", codelist=AREAS),
        Column("purpose", "text", says="purpose of the journey", codelist="CL_MOB_TYPE"),
    ),
)
IDENTITIES = RecordTable(
    "identities",
    "a record of a person in one source, with the attributes that identify the person; one person may have several",
    columns=(
        Column("record", "text", says="the record, by a text of its source alone", needed=True),
        Column("person_number", "text", says="number of the person, as the source has it"),
        Column("given_name", "text", says="given names, as the source writes them"),
        Column("family_name", "text", says="family names, as the source writes them"),
        Column("sex", "text", says="sex", codelist="CL_SEX"),
        Column("birth_date", "date", says="day of birth, as the source has it"),
        Column("c_birth", "text", says="country in which the person was born", codelist=AREAS),
        Column("c_citizen", "text", says="citizenships, as the source has them", codelist=AREAS, several=True),
        Column("document", "text", says="numbers of documents, such as passports or permits", several=True),
    ),
)
SIGNS = RecordTable(
    "signs",
    "a sign of life: a record of a person for whom a register shows activity in a year",
    columns=(
        Column("record", "text", says="the record, as `identities` of the same source has it", needed=True),
        Column("year", "whole", says="the calendar year of the activity", needed=True),
        Column("sign", "text", says="the register that shows it, such as social security or health"),
        Column("date", "date", says="a day of the activity, where the source has it"),
    ),
)
SURVEY = RecordTable(
    "survey",
    "a person who answered a survey, with the weight of the answers",
    columns=(
        Column("record", "text", says="the record, as `identities` of the same source has it", needed=True),
        Column("weight", "text", says="for how many persons the answers stand, a number", needed=True),
        Column("stratum", "text", says="the stratum of the sample"),
        Column("cluster", "text", says="the cluster of the sample, such as a household"),
        Column("sex", "text", says="sex", codelist="CL_SEX"),
        Column("age", "whole", says="age in completed years on the last day of the survey"),
        Column("c_birth", "text", says="country in which the person was born", codelist=AREAS),
        Column("c_citizen", "text", says="citizenship", codelist=AREAS),
        Column("employed", "truth", says="whether the person works"),
        Column("schooling", "whole", says="years at school"),
    ),
)
LINKS = RecordTable(
    "links",
    "a record of a source and the person whose it is",
    columns=(
        Column("record", "text", says="the record, as `identities` of the source has it", needed=True),
        Column("source", "text", says="the source", needed=True),
        PERSON,
        Column("method", "text", says="DET or PROB; empty for a record alone", codelist="CL_INTEG_METHOD"),
    ),
)
LISTED = RecordTable(
    "listed",
    "a person on a list of one population, such as a register or a census, and the days of being on it",
    columns=(
        PERSON,
        Column("begin", "date", says="the first day on the list; empty if always"),
        Column("end", "date", says="the first day not on it any more; empty if still"),
    ),
)
TRAINING = RecordTable(
    "training",
    "a person whose residence in the country is known from a survey or a manual check",
    columns=(
        PERSON,
        Column("resident", "truth", says="whether the person lives in the country", needed=True),
        Column("left", "date", says="the day on which who does not live there left, where that is known"),
    ),
)
LINKAGE_ERRORS = RecordTable(
    "linkage_errors",
    "a measure of how well the records of a source were linked to those of others",
    columns=(
        Column("to_source", "text", says="the source that was linked to those before", needed=True),
        Column("kind", "text", says="between sources, or within one (double records)", needed=True),
        Column("measure", "text", says="true_pairs, precision, recall, false_links or missed_links", needed=True),
        Column("value", "text", says="the estimate; empty where it would be a share of nothing"),
        Column("low", "text", says="where its interval of 95 % begins; empty where there is none"),
        Column("high", "text", says="where its interval ends"),
        Column("basis", "text", says="model, or clerical sample", needed=True),
        Column("pairs", "whole", says="how many pairs were linked", needed=True),
        Column("judged", "whole", says="how many pairs people judged", needed=True),
    ),
)
TABLES = (
    MOVEMENTS,
    PERSONS,
    CITIZENSHIPS,
    PERMITS,
    NIGHTS,
    DOCUMENTS,
    IDENTITIES,
    SIGNS,
    SURVEY,
    LINKS,
    LISTED,
    TRAINING,
    SPELLS,
    EVENTS,
)
"""All kinds of tables of records, those that come in before those that are derived."""
