"""Rules, findings and verdicts of validation, and profiles of rules for an agency or country."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import import_function, pd
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.summaries import Summary, add_summary
from sdmxmig.primitives.text import fill_message, list_placeholders, shorten_text
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.rule_ids import RuleId

SEVERITIES = ("error", "warning", "information")
MAX_SHOWN = 5
"""Maximum number of findings shown, the gravest first."""


SENTENCE_END = re.compile(r"(?<=[.?!؟。？！] )|(?<=[。？！])(?! )")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleScope:
    """The dataflows on which a rule runs automatically.

    `structures` are DSD ids; ``*`` means all numeric ones. All dimensions of `open` and one of `any_open` must be free.
    """

    structures: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    any_open: tuple[str, ...] = ()
    frequency: str = ""
    only: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A validation rule declared in `structures/rules/`.

    `message` and `hint` are templates; `form_hint` is the hint for questionnaires. `aliases` are codes of other
    validation services. `always` rules run on every dataset.
    """

    id: str
    version: str
    _: KW_ONLY
    kind: str
    level: int
    severity: str
    name: Text
    message: Text
    hint: Text = Text()
    parameters: Mapping[str, object] = field(default_factory=dict)
    identities: tuple[str, ...] = ()
    status: str = "candidate"
    source: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)
    form_hint: Text = Text()
    place: Place | None = field(default=None, compare=False)
    always: bool = False
    runs_on: RuleScope | None = None


def list_active_rules(rules: Mapping[str, Rule], listed_ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(rule.id for rule in rules.values() if rule.always), *listed_ids)))


@dataclass(frozen=True, slots=True)
class Fault:
    """The rows that break a rule, and parameters of the message.

    `rows` and `related` are positions in observations; `elsewhere` rows of other flows; `labels` components whose
    header cells take part. Translated parameters have the language as suffix (``parts@fr``). `key` names an absent
    observation. `observed`, `expected`, `difference` (observed − expected) and `tolerance` are in the unit of the cell.
    """

    rows: tuple[int, ...]
    component: str
    _: KW_ONLY
    parameters: Mapping[str, str]
    observed: str = ""
    expected: str = ""
    severity: str = ""
    related: tuple[int, ...] = ()
    elsewhere: tuple[tuple[str, int], ...] = ()
    labels: tuple[str, ...] = ()
    difference: str = ""
    tolerance: str = ""
    key: tuple[tuple[str, str], ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """The reason why a check was not run. Translated parameters have the language as suffix (``terms@fr``)."""

    message: str
    parameters: tuple[tuple[str, str], ...] = ()

    def build_parameters(self, language: str) -> dict[str, str]:
        return translate_parameters(self.parameters, language)

    def sentence(self) -> str:
        return fill_message(self.message, self.build_parameters("en"))


@dataclass(frozen=True, slots=True)
class NotTestable:
    """A check that could not be run; if `partial`, the rest was tested."""

    reason: Reason
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Justification:
    """The reason for accepting a warning, by fingerprint; `at` is ISO 8601, `observed` the figure then."""

    fingerprint: str
    text: str
    rule: str = ""
    flow: str = ""
    by: str = ""
    at: str = ""
    observed: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A validation finding.

    `place` is the first cell, `others` further ones with the same fault, `related` those involved. `difference` is
    observed − expected. `state`: ``new``, ``unchanged``, or for gone findings ``fixed`` or ``not tested``.
    """

    rule: str
    version: str
    _: KW_ONLY
    severity: str
    level: int
    flow: str
    message: Text
    hint: Text
    parameters: tuple[tuple[str, str], ...] = ()
    key: tuple[tuple[str, str], ...] = ()
    component: str = ""
    observed: str = ""
    expected: str = ""
    place: Place | None = None
    others: tuple[Place, ...] = ()
    observations: int = 1
    related: tuple[Place, ...] = ()
    difference: str = ""
    tolerance: str = ""
    cells: str = ""
    state: str = ""
    justification: Justification | None = None

    @property
    def fingerprint(self) -> str:
        return compute_fingerprint(self.rule, self.flow, self.component, name_cells(self.key, self.cells))

    @property
    def is_justified(self) -> bool:
        return self.severity == "warning" and self.justification is not None

    @property
    def justified_figure(self) -> str:
        then = self.justification.observed if self.justification else ""
        return then if then and then != shorten_text(self.observed) else ""

    def build_parameters(self, language: str) -> dict[str, str]:
        return translate_parameters(self.parameters, language)

    def sentence(self, language: str = "en") -> str:
        return fill_message(self.message.in_language(language), self.build_parameters(language))

    def remedy(self, language: str = "en") -> str:
        """Return the sentences of the hint whose placeholders can be filled."""
        filled_in = {name: value for name, value in self.build_parameters(language).items() if value}
        sentences = SENTENCE_END.split(self.hint.in_language(language))
        known = [sentence for sentence in sentences if all(name in filled_in for name in list_placeholders(sentence))]
        return fill_message("".join(known).strip(), filled_in)


def translate_parameters(parameters: Sequence[tuple[str, str]], language: str) -> dict[str, str]:
    """Select the parameters for a language; translated ones take precedence.

    >>> translate_parameters([("part", "men"), ("part@fr", "hommes"), ("code", "M")], "fr")
    {'part': 'hommes', 'code': 'M'}
    """
    end = f"@{language}"
    in_language = {name.removesuffix(end): value for name, value in parameters if name.endswith(end)}
    return {name: value for name, value in parameters if "@" not in name} | in_language


def compute_fingerprint(rule: str, flow: str, component: str, cells: Sequence[str]) -> str:
    return hashlib.sha256("\n".join([rule, flow, component, *cells]).encode()).hexdigest()[:16]


def name_cells(key: Iterable[tuple[str, str]], cells: str) -> list[str]:
    return [cells] if cells else [f"{name}={value}" for name, value in sorted(key)]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a rule on a dataset: ``pass``, ``fail`` or ``not testable``."""

    rule: str
    flow: str
    _: KW_ONLY
    outcome: str
    reason: str = ""
    findings: int = 0
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidatedInputs:
    """The input of a validation: SHA-256 of files by dataflow, and one hash of all declarations."""

    datasets: Mapping[str, Mapping[str, str]]
    declarations: str
    profile: str = ""
    levels: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlistedFindings:
    """Unlisted findings of a rule and dataflow: counts and 8-byte fingerprints."""

    rule: str
    version: str
    flow: str
    level: int
    severity: str
    fingerprints: bytes
    new: int = 0
    unchanged: int = 0
    justified: int = 0

    @property
    def findings(self) -> int:
        return len(self.fingerprints) // 8


@add_summary
@dataclass(frozen=True, slots=True)
class Findings:
    """The findings and verdicts of a validation.

    `items` is limited for each rule; `unlisted` counts the rest. `gone` are earlier findings: ``fixed`` or ``not
    tested``. `unused` are obsolete justifications. `at` and `against` are ISO 8601 times, empty if unknown.
    """

    items: tuple[Finding, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    _: KW_ONLY
    unlisted: tuple[UnlistedFindings, ...] = ()
    gone: tuple[Finding, ...] = ()
    unused: tuple[Justification, ...] = ()
    more_fixed: int = 0
    at: str = ""
    against: str = ""
    is_of_same_data: bool = False
    is_repeated: bool = False

    def count(self, severity: str) -> int:
        """Count findings by severity: ``error``, ``warning`` or ``information``.

        Raises `SdmxmigError` for other words.
        """
        if severity not in SEVERITIES:
            known = f"Severities are {', '.join(SEVERITIES)}."
            raise SdmxmigError(f"“{severity}” is not a severity.", hint=known)
        listed = sum(finding.severity == severity for finding in self.items)
        return listed + sum(more.findings for more in self.unlisted if more.severity == severity)

    @property
    def justified(self) -> int:
        return sum(finding.is_justified for finding in self.items) + sum(more.justified for more in self.unlisted)

    @property
    def new(self) -> int:
        return sum(finding.state == "new" for finding in self.items) + sum(more.new for more in self.unlisted)

    @property
    def unchanged(self) -> int:
        return sum(finding.state == "unchanged" for finding in self.items) + sum(
            more.unchanged for more in self.unlisted
        )

    @property
    def fixed(self) -> int:
        return sum(finding.state == "fixed" for finding in self.gone) + self.more_fixed

    @property
    def is_compared(self) -> bool:
        return bool(self.new or self.unchanged or self.gone or self.more_fixed)

    @property
    def justified_otherwise(self) -> int:
        return sum(finding.is_justified and bool(finding.justified_figure) for finding in self.items)

    @property
    def unjustified(self) -> int:
        return self.count("warning") - self.justified

    @property
    def unjudged_flows(self) -> tuple[str, ...]:
        flows = dict.fromkeys(verdict.flow for verdict in self.verdicts)
        judged = {verdict.flow for verdict in self.verdicts if verdict.outcome != "not testable"}
        return tuple(flow for flow in flows if flow not in judged)

    @property
    def has_errors(self) -> bool:
        return self.count("error") > 0

    @property
    def has_run(self) -> bool:
        return any(verdict.outcome != "not testable" for verdict in self.verdicts)

    @classmethod
    def join(cls, parts: Iterable[Findings]) -> Findings:
        validations = list(parts)
        return cls(
            tuple(finding for part in validations for finding in part.items),
            tuple(verdict for part in validations for verdict in part.verdicts),
            unlisted=tuple(more for part in validations for more in part.unlisted),
            gone=tuple(finding for part in validations for finding in part.gone),
            unused=tuple(justification for part in validations for justification in part.unused),
            more_fixed=sum(part.more_fixed for part in validations),
        )

    def to_pandas(self, language: str = "en") -> pd.DataFrame:
        frame: pd.DataFrame = import_function("sdmxmig.sdmx.dataframes", "findings_to_pandas")(self, language)
        return frame

    def summary(self) -> Summary:
        outcomes = [verdict.outcome for verdict in self.verdicts]
        gravest = sorted(self.items, key=lambda finding: SEVERITIES.index(finding.severity))
        first = [(finding.severity, str(finding.place or ""), finding.sentence()) for finding in gravest[:MAX_SHOWN]]
        more = sum(self.count(severity) for severity in SEVERITIES) - len(first)
        return Summary(
            "Findings: " + ", ".join(f"{self.count(severity)} {severity}" for severity in SEVERITIES),
            (("checks", f"{outcomes.count('pass')} passed, {outcomes.count('not testable')} not run"),),
            columns=("severity", "place", "what") if first else (),
            rows=tuple(first),
            more=f"… {more:,} more" if more else "",
        )


LIST_PARAMETERS = ("parts", "terms", "others", "equation", "left", "allowed", "years", "periods", "months", "series")
"""Parameters that list many things, each of which is short."""
MAX_LENGTH, MAX_LIST_LENGTH = 300, 4_000
"""Maximum lengths of a foreign text and of a list in a sentence; observed values are kept whole."""


class FindingCollector:
    """Collects findings about one dataflow in order; `rules` are those enabled."""

    def __init__(self, flow: str, rules: Mapping[str, Rule]) -> None:
        self.flow, self.rules = flow, rules
        self.findings: list[Finding] = []

    def add(self, rule_id: RuleId, places: Sequence[Place], component: str = "", /, **parameters: str) -> None:
        """Report a finding on cells; `said` or `value` is the observed parameter, `expected` the expected one."""
        rule = self.rules.get(rule_id)
        if rule is None or not places:
            return
        first_place = places[0]
        fault = Fault(
            (),
            component,
            parameters={"flow": self.flow, **parameters},
            observed=parameters.get("said", parameters.get("value", "")),
            expected=parameters.get("expected", ""),
        )
        key = (("place", f"{first_place.sheet}!{first_place.cell}" if first_place.cell else first_place.key),)
        self.add_fault(rule, fault, places=places, key=key, observations=len(places))

    def add_fault(
        self,
        rule: Rule,
        fault: Fault,
        *,
        places: Sequence[Place],
        key: tuple[tuple[str, str], ...],
        observations: int,
        parameters: Mapping[str, str] | None = None,
        related: tuple[Place, ...] = (),
        cells: str = "",
    ) -> None:
        self.findings.append(
            Finding(
                rule.id,
                rule.version,
                severity=fault.severity or rule.severity,
                level=rule.level,
                flow=self.flow,
                message=rule.message,
                hint=rule.hint,
                parameters=tuple(sorted(shorten_parameters({**(parameters or {}), **fault.parameters}).items())),
                key=key,
                component=fault.component,
                observed=fault.observed,
                expected=fault.expected,
                place=places[0] if places else None,
                others=tuple(places[1:]),
                observations=observations,
                related=related,
                difference=fault.difference,
                tolerance=fault.tolerance,
                cells=cells,
            )
        )


def shorten_parameters(parameters: Mapping[str, str]) -> dict[str, str]:
    """Shorten the parameters of a sentence.

    >>> shorten_parameters({"value": "x" * 301})["value"] == "x" * 300 + "…"
    True
    """
    return {
        name: shorten_text(value, MAX_LIST_LENGTH if name.partition("@")[0] in LIST_PARAMETERS else MAX_LENGTH)
        for name, value in parameters.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSetting:
    """The settings of one rule in a profile; empty values keep the declaration."""

    rule: str
    severity: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    flows: tuple[str, ...] = ()
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleProfile:
    """A rule profile declared in `structures/rule_profiles/`; `only` empty means all."""

    id: str
    name: Text
    description: Text = Text()
    only: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    settings: tuple[RuleSetting, ...] = ()
    status: str = "candidate"
    source: str = ""
    place: Place | None = field(default=None, compare=False)
