"""Differences between the versions of SDMX-CSV."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

STRUCTURE, STRUCTURE_ID, STRUCTURE_NAME, ACTION = "STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION"
DATAFLOW = "DATAFLOW"
SERIES_KEY, OBS_KEY = "SERIES_KEY", "OBS_KEY"
KEYS = (SERIES_KEY, OBS_KEY)

KEY_COLUMNS = {"none": (), "series": (SERIES_KEY,), "obs": (OBS_KEY,), "both": KEYS}
TIMES = ("original", "normalized")

DELETE, MERGE = "D", "M"
SWITCHED_OFF = "~"
"""Marks a dimension that an attribute does not describe; in deletions it differs from an empty field."""

KINDS = {"dataflow": "Dataflow", "datastructure": "DataStructure", "dataprovision": "ProvisionAgreement"}

DELIMITERS = ",;|\t^~#!$%&*/\\<>=?@'"
"""Possible delimiters: characters that the first column name cannot contain."""

LABEL = ": "


@dataclass(frozen=True, slots=True)
class CsvVersion:
    """A version of SDMX-CSV.

    `actions` maps each action to its equivalents on reading and writing; without an action column, rows have
    `default_action`. `labels` are the supported ways to show names.
    """

    id: str
    first: str
    _: KW_ONLY
    leading: tuple[str, ...]
    default_action: str
    actions: dict[str, str]
    labels: tuple[str, ...]
    own_rows: bool
    """Whether attributes may have their own rows, without an observation."""

    @property
    def name(self) -> str:
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
