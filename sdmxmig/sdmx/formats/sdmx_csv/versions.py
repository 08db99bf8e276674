"""What sets the versions of SDMX-CSV apart, and the words that they share."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

STRUCTURE, STRUCTURE_ID, STRUCTURE_NAME, ACTION = "STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION"
DATAFLOW = "DATAFLOW"
SERIES_KEY, OBS_KEY = "SERIES_KEY", "OBS_KEY"
KEYS = (SERIES_KEY, OBS_KEY)
"""Columns that only repeat what others say; they are not read."""

KEY_COLUMNS = {"none": (), "series": (SERIES_KEY,), "obs": (OBS_KEY,), "both": KEYS}
"""Which of them stand in a table, by the word of the standard; SDMX-CSV 1.0 has none."""
TIMES = ("original", "normalized")
"""How periods are shown: as they are, or as the days on which they begin."""

DELETE, MERGE = "D", "M"
SWITCHED_OFF = "~"
"""Stands for a dimension that an attribute does not describe; in deletions it differs from an empty field."""

KINDS = {"dataflow": "Dataflow", "datastructure": "DataStructure", "dataprovision": "ProvisionAgreement"}
"""What a row may follow: the word in the column STRUCTURE, and the kind of artefact."""

DELIMITERS = ",;|\t^~#!$%&*/\\<>=?@'"
"""What may stand between fields: none of these can be in the name of the first column."""

LABEL = ": "


@dataclass(frozen=True, slots=True)
class CsvVersion:
    """A version of SDMX-CSV.

    `actions` maps each action to that which it is read as, and written as; without a column for it the rows are of
    `default_action`. `labels` are the ways to show names.
    """

    id: str
    first: str
    _: KW_ONLY
    leading: tuple[str, ...]
    default_action: str
    actions: dict[str, str]
    labels: tuple[str, ...]
    own_rows: bool
    """Whether attributes may stand in rows of their own, without an observation."""

    @property
    def name(self) -> str:
        """How people say it."""
        return f"SDMX-CSV {self.id}"


def _same(actions: str) -> dict[str, str]:
    return {action: action for action in actions}


LABELS = ("id", "name", "both")
LEADING = (STRUCTURE, STRUCTURE_ID, ACTION)
V1_0 = CsvVersion(
    "1.0", DATAFLOW, leading=(DATAFLOW,), default_action="I", actions=_same("I"), labels=("id", "both"), own_rows=False
)
V2_0 = CsvVersion(
    "2.0", STRUCTURE, leading=LEADING, default_action="I", actions=_same("IAMRD"), labels=LABELS, own_rows=True
)
V2_1 = CsvVersion(
    "2.1",
    STRUCTURE,
    leading=LEADING,
    default_action=MERGE,
    actions=_same("MRD") | dict.fromkeys("IA", MERGE),
    labels=LABELS,
    own_rows=True,
)
