"""What validation says about data: rules, findings and verdicts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.blanks import blanks, filled
from sdmxmig.errors import SdmxmigError
from sdmxmig.lazily import pd, view
from sdmxmig.model.artefacts import Text
from sdmxmig.places import Place
from sdmxmig.summaries import Summary, summarised

SEVERITIES = ("error", "warning", "information")
SHOWN = 5
"""So many findings show themselves, the gravest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The dataflows on which a rule runs by itself, also on those that an office declares.

    `structures` are the data structures that they follow, by id; ``*`` stands for all whose figures are numbers. The
    dataflow leaves all dimensions of `open` and at least one of `any_open` free, and may hold data of this `frequency`.
    `only` names the dataflows one by one, `unless` those that are left out all the same.
    """

    structures: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    any_open: tuple[str, ...] = ()
    frequency: str = ""
    only: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that must hold for data, declared in `structures/rules/`; its kind says how it is checked.

    `message` and `hint` are templates with ``{names}`` of the parameters that the kind gives; `form_hint` is what the
    hint says, if it is something else, to who fills in a questionnaire and has no mapping file. `identities` are the
    accounting identities that it checks, `aliases` the codes that other validation services use for the same trouble.
    A rule that is `always` on runs on every dataset, of whatever flow; the others run on the dataflows that `runs_on`
    reaches and on those that list them.
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
    runs_on: Reach | None = None


def switched_on(rules: Mapping[str, Rule], listed_ids: Iterable[str]) -> tuple[str, ...]:
    """The ids of the rules that run on data of a flow: those that always run, then those that the flow lists."""
    return tuple(dict.fromkeys((*(rule.id for rule in rules.values() if rule.always), *listed_ids)))


@dataclass(frozen=True, slots=True)
class Fault:
    """What a kind of rule reports: the rows that break it, and what it says of them.

    `rows` are positions in the observations of the dataset; `component` names the column that is at fault, and so the
    cell that a finding points at. `severity` overrides that of the rule. `related` are rows that take part without
    being at fault themselves, such as the parts of a total; `elsewhere` are such rows of the datasets of other flows,
    by flow; `labels` are components whose header and label cells take part where those rows have different ones. A
    parameter that reads differently in another language has the language behind it, as in ``parts@fr``. `key` names
    what no row of the dataset has, such as an observation that is gone.
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
    key: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class NotTestable:
    """What a kind of rule reports when it cannot decide, and the reason, so that silence never looks like success.

    `partial` means that the rest of the dataset was tested.
    """

    reason: str
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that validation found: by which rule, where, what was seen and what was expected.

    `key` names the observation (or what its faulty observations share). `place` is the first cell, `others` are the
    further ones with the same fault, `related` those that take part without being at fault themselves, such as the
    parts of a total. The sentence is made from `message` and `hint` when it is shown.
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

    @property
    def fingerprint(self) -> str:
        """The identity of the finding across runs: rule, flow, component and key, not the value."""
        identity = "\n".join([self.rule, self.flow, self.component, *(f"{k}={v}" for k, v in sorted(self.key))])
        return hashlib.sha256(identity.encode()).hexdigest()[:16]

    def parameters_in(self, language: str) -> dict[str, str]:
        """The parameters as they read in a language: those that have it behind their name go before the others."""
        end = f"@{language}"
        in_language = {name.removesuffix(end): value for name, value in self.parameters if name.endswith(end)}
        return {name: value for name, value in self.parameters if "@" not in name} | in_language

    def sentence(self, language: str = "en") -> str:
        """The message in a language, filled in."""
        return filled(self.message.in_language(language), self.parameters_in(language))

    def remedy(self, language: str = "en") -> str:
        """The hint in a language, filled in; empty if a part of it is not known."""
        filled_in = {name: value for name, value in self.parameters_in(language).items() if value}
        hint = self.hint.in_language(language)
        return filled(hint, filled_in) if all(name in filled_in for name in blanks(hint)) else ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one rule ended on one dataset: ``pass``, ``fail`` or ``not testable`` with the reason."""

    rule: str
    flow: str
    _: KW_ONLY
    outcome: str
    reason: str = ""
    findings: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedInputs:
    """The input of a validation: the files of each dataset with their SHA-256, by the id of its dataflow.

    `declarations` is one hash for all codelists, structures and rules by which they were judged.
    """

    datasets: Mapping[str, Mapping[str, str]]
    declarations: str


@summarised
@dataclass(frozen=True, slots=True)
class Findings:
    """All findings of a validation, and the verdict of every rule that ran."""

    items: tuple[Finding, ...] = ()
    verdicts: tuple[Verdict, ...] = ()

    def count(self, severity: str) -> int:
        """How many findings have this severity: ``error``, ``warning`` or ``information``.

        Raises `SdmxmigError` for any other word.
        """
        if severity not in SEVERITIES:
            known = f"Severities are {', '.join(SEVERITIES)}."
            raise SdmxmigError(f"“{severity}” is no severity.", hint=known)
        return sum(finding.severity == severity for finding in self.items)

    @property
    def has_errors(self) -> bool:
        """Whether anything was found that must be mended before sending."""
        return self.count("error") > 0

    @property
    def has_run(self) -> bool:
        """Whether any rule could judge: without that, no finding says nothing about the data."""
        return any(verdict.outcome != "not testable" for verdict in self.verdicts)

    @classmethod
    def join(cls, parts: Iterable[Findings]) -> Findings:
        """Several validations as one."""
        validations = list(parts)
        return cls(
            tuple(finding for part in validations for finding in part.items),
            tuple(verdict for part in validations for verdict in part.verdicts),
        )

    def to_pandas(self, language: str = "en") -> pd.DataFrame:
        """The findings as a pandas table, one row a finding, all of it text: rule, severity, place, sentence, hint."""
        frame: pd.DataFrame = view("sdmxmig.interchange.tables", "findings_to_pandas")(self, language)
        return frame

    def summary(self) -> Summary:
        """How many findings of each severity, how many checks, and the gravest findings, as they show themselves."""
        outcomes = [verdict.outcome for verdict in self.verdicts]
        gravest = sorted(self.items, key=lambda finding: SEVERITIES.index(finding.severity))
        first = [(finding.severity, str(finding.place or ""), finding.sentence()) for finding in gravest[:SHOWN]]
        more = len(self.items) - len(first)
        return Summary(
            "Findings: " + ", ".join(f"{self.count(severity)} {severity}" for severity in SEVERITIES),
            (("checks", f"{outcomes.count('pass')} passed, {outcomes.count('not testable')} could not be made"),),
            columns=("severity", "place", "what") if first else (),
            rows=tuple(first),
            more=f"… {more:,} more" if more else "",
        )
