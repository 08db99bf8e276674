"""Residence rules (`CL_RES_RULE`), outcomes (`CL_RES_OUTCOME`), and requests for figures by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.records.rows import Period, list_days_between, number_dates
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme

RULE_LIST = "CL_RES_RULE"
PERMIT = "PERMIT"
CROSSING, REFERENCE = "crossing", "reference"
CUMULATIVE, CONTINUOUS = "cumulative", "continuous"
ALL, FIRST_OF_YEAR = "all", "first_of_year"
SETTING_CHOICES = {
    "WINDOW_ANCHOR": (CROSSING, REFERENCE),
    "CONTINUITY": (CUMULATIVE, CONTINUOUS),
    "CROSSINGS": (ALL, FIRST_OF_YEAR),
}
ADJUSTABLE_SETTINGS = frozenset(
    {"THRESHOLD_DAYS", "WINDOW_DAYS", "BEFORE_DAYS", "ABSENCE_DAYS", "ABSENCE_MONTHS", "CONTINUITY"}
)
REQUIRED_SETTINGS = ("threshold_days", "window_days")
"""Parameters that must be at least one night."""
IMMIGRANT = "IMMIGRANT_IN_YEAR"
EMIGRANT = "EMIGRANT_IN_YEAR"
NO_MIGRATION = "NON_MIGRANT_CROSSING"
OPEN_SPELL = "UNDETERMINED_OPEN_SPELL"
MISSING_RECORD = "UNDETERMINED_MISSING_RECORD"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidenceRule:
    """A residence rule: required days, window, total or consecutive.

    With `anchor` ``crossing``, windows begin at the crossing and last `window_days`; with ``reference`` they end at the
    reference date and last `window_months`. `threshold_days` are needed within the window, or `threshold_months` by
    calendar; `before_days` also in the window before the crossing. Absences up to `absence_days`, and those of
    residents under `absence_months`, do not break a stay. Arrivals within the window count by `intention_months` out of
    the next `intention_window_months`. `status` is that of the parameters; `changed` names those that the request set.
    """

    code: str
    anchor: str
    continuity: str
    threshold_days: int | None = None
    threshold_months: int | None = None
    before_days: int | None = None
    window_days: int | None = None
    window_months: int | None = None
    absence_days: int = 0
    absence_months: int = 0
    intention_months: int | None = None
    intention_window_months: int | None = None
    crossings: str = ALL
    status: str = "candidate"
    changed: tuple[tuple[str, str], ...] = ()

    @property
    def by_permits(self) -> bool:
        return self.code == PERMIT

    @property
    def by_nights_alone(self) -> bool:
        return self.before_days is not None or (self.anchor == REFERENCE and self.intention_months is None)

    @property
    def has_stocks(self) -> bool:
        return self.before_days is None


def build_rule(code: str, rules: ItemScheme, changes: tuple[tuple[str, str], ...] = ()) -> ResidenceRule:
    """Return the rule with this code and `changes`. Raises `SdmxmigError` for unknown or incomplete rules."""
    if code not in rules:
        raise SdmxmigError(
            f"“{code}” is not a residence rule.", hint=did_you_mean(code, rules.ids) or "See: sdmxmig show CL_RES_RULE"
        )
    parameters = read_parameters(rules[code])
    for number, (name, value) in enumerate(changes):
        if name in dict(changes[:number]):
            raise SdmxmigError(f"{name} is set twice.", hint="Set it once.")
        if name not in ADJUSTABLE_SETTINGS:
            raise SdmxmigError(
                f"“{name}” is not a parameter that can be set.",
                hint=f"Possible values: {', '.join(sorted(ADJUSTABLE_SETTINGS))}.",
            )
        parameters[name] = value
    place = Place(f"{RULE_LIST}, {code}")
    anchor, continuity = read_choice(parameters, "WINDOW_ANCHOR", place), read_choice(parameters, "CONTINUITY", place)
    rule = ResidenceRule(
        code=code,
        anchor=anchor,
        continuity=continuity,
        threshold_days=read_whole(parameters, "THRESHOLD_DAYS", place),
        threshold_months=read_whole(parameters, "THRESHOLD_MONTHS", place),
        before_days=read_whole(parameters, "BEFORE_DAYS", place),
        window_days=read_whole(parameters, "WINDOW_DAYS", place),
        window_months=read_whole(parameters, "WINDOW_MONTHS", place),
        absence_days=read_whole(parameters, "ABSENCE_DAYS", place) or 0,
        absence_months=read_whole(parameters, "ABSENCE_MONTHS", place) or 0,
        intention_months=read_whole(parameters, "INTENTION_MONTHS", place),
        intention_window_months=read_whole(parameters, "INTENTION_WINDOW_MONTHS", place),
        crossings=read_choice(parameters, "CROSSINGS", place) if "CROSSINGS" in parameters else ALL,
        status="candidate" if changes else parameters.get("PARAMETERS_STATUS", "candidate"),
        changed=changes,
    )
    return check_complete(rule, place)


def read_parameters(item: Item) -> dict[str, str]:
    texts = {annotation.type: annotation.text.in_language("en") for annotation in item.annotations}
    return {name: text for name, text in texts.items() if text}


def read_choice(parameters: dict[str, str], name: str, place: Place) -> str:
    value = parameters.get(name, "")
    if value not in SETTING_CHOICES[name]:
        raise SdmxmigError(
            f"The rule declares {name} as “{value}”." if value else f"The rule declares no {name}.",
            place,
            f"Possible values: {', '.join(SETTING_CHOICES[name])}. See: sdmxmig show {RULE_LIST}",
        )
    return value


def read_whole(parameters: dict[str, str], name: str, place: Place) -> int | None:
    text = parameters.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise SdmxmigError(f"The rule declares {name} as “{text}”.", place, "Give a whole number.")
    return int(text)


def compute_max_nights(months: int) -> int:
    """Return the largest number of nights in calendar months.

    >>> compute_max_nights(12), compute_max_nights(1)
    (366, 31)
    """
    return 366 * months // 12 + (months % 12 > 0)


def check_complete(rule: ResidenceRule, place: Place) -> ResidenceRule:
    if rule.anchor == CROSSING:
        missing = [name for name in ("threshold_days", "window_days") if getattr(rule, name) is None]
    else:
        missing = [] if rule.window_months else ["window_months"]
        if rule.threshold_days is None and rule.threshold_months is None:
            missing.append("threshold_months")
    if missing:
        names = ", ".join(name.upper() for name in missing)
        raise SdmxmigError(f"The rule declares no {names}.", place, f"Declare it in {RULE_LIST} of the workspace.")
    for name in REQUIRED_SETTINGS:
        if getattr(rule, name) == 0:
            raise SdmxmigError(f"{name.upper()} is 0.", place, "Set it to 1 or more.")
    nights = rule.window_days or compute_max_nights(rule.window_months or 0)
    if rule.threshold_days and rule.threshold_days > nights:
        raise SdmxmigError(
            "The threshold is longer than the window.",
            place,
            f"Set THRESHOLD_DAYS to no more than {nights}, the nights of the window.",
        )
    if rule.anchor == CROSSING and rule.continuity == CONTINUOUS and rule.threshold_days != rule.window_days:
        raise SdmxmigError(
            "An unbroken stay that is shorter than its window cannot be counted from a crossing.",
            place,
            "Set THRESHOLD_DAYS and WINDOW_DAYS to the same number, or CONTINUITY to cumulative.",
        )
    return rule


if TYPE_CHECKING:
    from sdmxmig.records.residence_rules import ResidenceRule
    from sdmxmig.records.rows import Observation


ACTUAL, INTENDED, GRANTED, MIXED = "ACT", "INT", "GRT", "MIX"
"""Codes of `CL_DUR_BASIS`."""


@dataclass(frozen=True, slots=True)
class Question:
    rule: ResidenceRule
    observation: Observation
    periods: tuple[Period, ...]
    basis: str = ACTUAL

    @property
    def turning_days(self) -> list[int]:
        return sorted({day for period in self.periods for day in (period.begin, period.end)})

    @property
    def reference_days(self) -> list[int]:
        return list_days_between(self.periods[0], self.observation.first, self.observation.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Tables of records with numbers for persons and days; gaps of up to `bridged` nights in traces are filled."""

    movements: pl.DataFrame | None = None
    persons: pl.DataFrame | None = None
    citizenships: pl.DataFrame | None = None
    nights: pl.DataFrame | None = None
    permits: pl.DataFrame | None = None
    bridged: int = 0


def number_records(tables: Mapping[str, pl.DataFrame], bridged: int = 0) -> Records:
    """Number persons consistently in all tables, and days from 1 January 1970."""
    numbered = pl.Categorical(pl.Categories.random())  # forgets its numbers with the last column that has them
    marked = {name: number_dates(table).cast({"person": numbered}) for name, table in tables.items()}
    person = pl.col("person").to_physical().cast(pl.Int64)
    return Records(**{name: table.with_columns(person) for name, table in marked.items()}, bridged=bridged)


@dataclass(frozen=True, slots=True)
class Derivation:
    records: Records
    question: Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Events of a question.

    `rows`: `person`, `at`, `direction`, `outcome`, `basis`, `weight` (thousandths), `open`, `adjusts`, `TIME_PERIOD`,
    `c_residence`, `purpose`, `settled`, `resided`. `states` are certain residences; `opened` are weights of open
    crossings.
    """

    rows: pl.DataFrame
    states: pl.DataFrame
    opened: pl.DataFrame
    spells: pl.DataFrame
