"""What validation says about data: rules, findings and verdicts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.blanks import blanks, filled
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pd, view
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.summaries import Summary, summarised
from sdmxmig.primitives.visible import shortened
from sdmxmig.sdmx.model.artefacts import Text

SEVERITIES = ("error", "warning", "information")
SHOWN = 5
"""So many findings show themselves, the gravest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The dataflows on which a rule runs by itself, also on those that an office declares.

    `structures` are the data structures that they follow, by id; ``*`` stands for all whose figures are numbers. The
    dataflow leaves all dimensions of `open` and at least one of `any_open` free, and may hold data of this `frequency`.
    `only` names the dataflows one by one, `unless` those that are left out all the same, or whose structures are.
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
    what no row of the dataset has, such as an observation that is gone; `place` is where it is wrong, if in no cell.

    `observed`, `expected`, `difference` and `tolerance` are in the unit of the cell. `difference` is what was observed
    less what was expected, `tolerance` how far apart they may be; both are empty where nothing is added up or bounded.
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
    """Why something could not be tested: an English message, by which it is known, and what its ``{names}`` stand for.

    A parameter that reads differently in another language has the language behind it, as in ``terms@fr``.
    """

    message: str
    parameters: tuple[tuple[str, str], ...] = ()

    def parameters_in(self, language: str) -> dict[str, str]:
        """The parameters as they read in a language."""
        return parameters_in(self.parameters, language)

    def sentence(self) -> str:
        """The reason in English."""
        return filled(self.message, self.parameters_in("en"))


@dataclass(frozen=True, slots=True)
class NotTestable:
    """What a kind of rule reports when it cannot decide, and the reason, so that silence never looks like success.

    `partial` means that the rest of the dataset was tested.
    """

    reason: Reason
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Justification:
    """Why an office lets a warning stand: the finding by its fingerprint, the reason, who gave it, and when.

    `rule` and `flow` say what the finding was about, so that the reason can be read without it; `at` is a time as
    ISO 8601 writes it. `observed` is the figure for which it was given, as far as that is known: a finding stays the
    same while its figure changes.
    """

    fingerprint: str
    text: str
    rule: str = ""
    flow: str = ""
    by: str = ""
    at: str = ""
    observed: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that validation found: by which rule, where, what was seen and what was expected.

    `key` names the observation (or what its faulty observations share). `place` is the first cell, `others` are the
    further ones with the same fault, `related` those that take part without being at fault themselves, such as the
    parts of a total. The sentence is made from `message` and `hint` when it is shown.

    `observed`, `expected`, `difference` (observed less expected) and `tolerance` are texts in the unit of the cell,
    empty where they mean nothing. `cells` stands for the keys of all faulty observations where `key` does not name
    them, and for the dimensions by which those that take part differ. `state` is ``new`` or ``unchanged`` against the
    earlier run, empty without one; among what is gone it is ``fixed``, or ``not tested`` where no rule looked again.
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
        """The identity of the finding across runs: rule, flow, component and cells; neither values nor file names."""
        return fingerprint_of(self.rule, self.flow, self.component, cells_named(self.key, self.cells))

    @property
    def is_justified(self) -> bool:
        """Whether it is a warning for which the office has given a reason; errors have to be mended."""
        return self.severity == "warning" and self.justification is not None

    @property
    def justified_figure(self) -> str:
        """The figure for which the reason was given, if it is another one now; else empty."""
        then = self.justification.observed if self.justification else ""
        return then if then and then != shortened(self.observed) else ""

    def parameters_in(self, language: str) -> dict[str, str]:
        """The parameters as they read in a language: those that have it behind their name go before the others."""
        return parameters_in(self.parameters, language)

    def sentence(self, language: str = "en") -> str:
        """The message in a language, filled in."""
        return filled(self.message.in_language(language), self.parameters_in(language))

    def remedy(self, language: str = "en") -> str:
        """The hint in a language, filled in; empty if a part of it is not known."""
        filled_in = {name: value for name, value in self.parameters_in(language).items() if value}
        hint = self.hint.in_language(language)
        return filled(hint, filled_in) if all(name in filled_in for name in blanks(hint)) else ""


def parameters_in(parameters: Sequence[tuple[str, str]], language: str) -> dict[str, str]:
    """Parameters as they read in a language: those that have it behind their name go before the others.

    >>> parameters_in([("part", "men"), ("part@fr", "hommes"), ("code", "M")], "fr")
    {'part': 'hommes', 'code': 'M'}
    """
    end = f"@{language}"
    in_language = {name.removesuffix(end): value for name, value in parameters if name.endswith(end)}
    return {name: value for name, value in parameters if "@" not in name} | in_language


def fingerprint_of(rule: str, flow: str, component: str, cells: Sequence[str]) -> str:
    """The identity of a finding across runs, 16 signs of a hash: by which rule, in which cells of which component."""
    return hashlib.sha256("\n".join([rule, flow, component, *cells]).encode()).hexdigest()[:16]


def cells_named(key: Iterable[tuple[str, str]], cells: str) -> list[str]:
    """What names the cells of a finding: what stands for the keys of several, else the key of the only one."""
    return [cells] if cells else [f"{name}={value}" for name, value in sorted(key)]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one rule ended on one dataset: ``pass``, ``fail`` or ``not testable`` with the reason.

    `reason` is the English sentence; `reasons` are what it is made of, which other languages say in their own words.
    """

    rule: str
    flow: str
    _: KW_ONLY
    outcome: str
    reason: str = ""
    findings: int = 0
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedInputs:
    """The input of a validation: the files of each dataset with their SHA-256, by the id of its dataflow.

    `declarations` is one hash for all codelists, structures and rules by which they were judged; `profile` is the id of
    the profile of rules that was asked for, `levels` are those of the rules that ran, empty for all.
    """

    datasets: Mapping[str, Mapping[str, str]]
    declarations: str
    profile: str = ""
    levels: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlisted:
    """Findings of one rule on one dataflow beyond those that are listed: counted, and known by their fingerprints.

    `fingerprints` are eight bytes each, one behind the other; of them so many are `new` or `unchanged` against the
    earlier run, and so many are `justified`.
    """

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
        """How many they are."""
        return len(self.fingerprints) // 8


@summarised
@dataclass(frozen=True, slots=True)
class Findings:
    """All findings of a validation, and the verdict of every rule that ran.

    Of a rule with very many findings `items` holds the first ones, `unlisted` counts the others. `gone` are findings of
    the earlier run that are no more: ``fixed``, or ``not tested`` again; `more_fixed` were never listed. `unused` are
    justifications of findings that are no more.

    `at` is when these data were first judged by these rules, as ISO 8601 writes it, `against` when the run was with
    which they are compared; both are empty where that is not known. `is_of_same_data` says that this run differs from
    ours in the rules alone, `is_repeated` that these data had been judged so before.
    """

    items: tuple[Finding, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    _: KW_ONLY
    unlisted: tuple[Unlisted, ...] = ()
    gone: tuple[Finding, ...] = ()
    unused: tuple[Justification, ...] = ()
    more_fixed: int = 0
    at: str = ""
    against: str = ""
    is_of_same_data: bool = False
    is_repeated: bool = False

    def count(self, severity: str) -> int:
        """How many findings have this severity: ``error``, ``warning`` or ``information``.

        Raises `SdmxmigError` for any other word.
        """
        if severity not in SEVERITIES:
            known = f"Severities are {', '.join(SEVERITIES)}."
            raise SdmxmigError(f"“{severity}” is no severity.", hint=known)
        listed = sum(finding.severity == severity for finding in self.items)
        return listed + sum(more.findings for more in self.unlisted if more.severity == severity)

    @property
    def justified(self) -> int:
        """How many warnings the office lets stand with a reason."""
        return sum(finding.is_justified for finding in self.items) + sum(more.justified for more in self.unlisted)

    @property
    def new(self) -> int:
        """How many findings the earlier run did not have; none where there is no earlier run."""
        return sum(finding.state == "new" for finding in self.items) + sum(more.new for more in self.unlisted)

    @property
    def unchanged(self) -> int:
        """How many findings the earlier run had too; none where there is no earlier run."""
        return sum(finding.state == "unchanged" for finding in self.items) + sum(
            more.unchanged for more in self.unlisted
        )

    @property
    def fixed(self) -> int:
        """How many findings of the earlier run are mended."""
        return sum(finding.state == "fixed" for finding in self.gone) + self.more_fixed

    @property
    def is_compared(self) -> bool:
        """Whether there is an earlier run with which anything could be compared."""
        return bool(self.new or self.unchanged or self.gone or self.more_fixed)

    @property
    def justified_otherwise(self) -> int:
        """How many warnings have a reason that was given for another figure."""
        return sum(finding.is_justified and bool(finding.justified_figure) for finding in self.items)

    @property
    def unjustified(self) -> int:
        """How many warnings still need a justification."""
        return self.count("warning") - self.justified

    @property
    def unjudged_flows(self) -> tuple[str, ...]:
        """The dataflows of whose data no rule could judge anything: that nothing is said of them is no success."""
        flows = dict.fromkeys(verdict.flow for verdict in self.verdicts)
        judged = {verdict.flow for verdict in self.verdicts if verdict.outcome != "not testable"}
        return tuple(flow for flow in flows if flow not in judged)

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
            unlisted=tuple(more for part in validations for more in part.unlisted),
            gone=tuple(finding for part in validations for finding in part.gone),
            unused=tuple(justification for part in validations for justification in part.unused),
            more_fixed=sum(part.more_fixed for part in validations),
        )

    def to_pandas(self, language: str = "en") -> pd.DataFrame:
        """The findings as a pandas table, one row a finding, all of it text: rule, severity, place, sentence, hint."""
        frame: pd.DataFrame = view("sdmxmig.sdmx.interchange.tables", "findings_to_pandas")(self, language)
        return frame

    def summary(self) -> Summary:
        """Count findings by severity and checks by outcome, and list the most severe findings."""
        outcomes = [verdict.outcome for verdict in self.verdicts]
        gravest = sorted(self.items, key=lambda finding: SEVERITIES.index(finding.severity))
        first = [(finding.severity, str(finding.place or ""), finding.sentence()) for finding in gravest[:SHOWN]]
        more = sum(self.count(severity) for severity in SEVERITIES) - len(first)
        return Summary(
            "Findings: " + ", ".join(f"{self.count(severity)} {severity}" for severity in SEVERITIES),
            (("checks", f"{outcomes.count('pass')} passed, {outcomes.count('not testable')} not run"),),
            columns=("severity", "place", "what") if first else (),
            rows=tuple(first),
            more=f"… {more:,} more" if more else "",
        )
