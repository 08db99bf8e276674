"""Coverage settings from ``structures/coverage.toml``; the settings used are written in the same format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.io.edited_toml import quote_text
from sdmxmig.primitives.errors import DeclarationError, SdmxmigError
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.statistics.demography.capture import Share
from sdmxmig.statistics.demography.signs_of_life import HardToCount, Reliability, ResidenceIndex, check_parameters

COVERAGE_FILE = "coverage.toml"
MIN_BASE = 3
MAX_BASE = 100
"""With a smaller base, comparing two tables could disclose one or two persons."""
MAX_DIGITS = 12
NO_SOURCE = "not stated"


@dataclass(frozen=True, slots=True)
class Rule:
    """A residence index with its accuracy; `measured` is the source of its numbers."""

    index: ResidenceIndex
    reliability: Reliability
    false_exits: Mapping[int, float]
    measured: str = NO_SOURCE


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageRules:
    """Coverage settings; `odds_ratios`, `near` and `misfit` are for sensitivity analysis."""

    base: int
    limits: HardToCount
    odds_ratios: tuple[float, ...]
    near: float
    misfit: float
    index: Rule | None = None
    sources: Mapping[str, tuple[str, str]]


def load_shipped_rules() -> CoverageRules:
    return load_coverage_rules(COVERAGE_FILE, (find_shipped_folder("structures") / COVERAGE_FILE).read_bytes())


def load_coverage_rules(name: str, content: bytes) -> CoverageRules:
    table = Declared.parse(name, content)
    release, hard = table.table("release", required=True), table.table("hard_to_count", required=True)
    dependence = table.table("dependence", required=True)
    rules = CoverageRules(
        base=release.integer("base"),
        limits=HardToCount(
            over_coverage=find_share(hard, "over_coverage"),
            coverage=find_share(hard, "coverage"),
            precision=find_share(hard, "precision"),
            status=hard.text("status"),
        ),
        odds_ratios=list_odds_ratios(dependence),
        near=dependence.decimal("near"),
        misfit=find_share(dependence, "misfit"),
        index=read_index(table.table("index")) if "index" in table.values else None,
        sources={
            key: (part.text("status"), part.text("source"))
            for key, part in (("release", release), ("hard_to_count", hard), ("dependence", dependence))
        },
    )
    for part in (release, hard, dependence, table):
        part.close()
    check_base(rules.base)
    return rules


def check_base(base: int) -> None:
    if base > MAX_BASE:
        raise SdmxmigError(f"Counts rounded to {base:,} are not informative.", hint="Write for example --round 5.")
    if base < MIN_BASE:
        raise SdmxmigError(
            f"Counts rounded to {base} would disclose single persons.",
            hint=f"Use a base of {MIN_BASE} or more, for example --round 5.",
        )


def find_share(table: Declared, key: str) -> float:
    share = table.decimal(key)
    if not 0 <= share <= 1:
        raise DeclarationError(f"“{share:g}” is not a share.", table.at(key), "Write a number from 0 to 1.")
    return share


def list_odds_ratios(table: Declared) -> tuple[float, ...]:
    ratios = table.decimals("odds_ratios")
    if any(ratio <= 0 for ratio in ratios):
        raise DeclarationError(
            "An odds ratio must be above 0.", table.at("odds_ratios"), "Write for example [0.5, 2.0]."
        )
    return ratios


def read_index(table: Declared) -> Rule:
    weights, errors, exits = (table.table(key, required=True) for key in ("weights", "errors", "false_exits"))
    index = ResidenceIndex(
        decay=table.decimal("decay"),
        gain=table.decimal("gain"),
        threshold=table.decimal("threshold"),
        weights={name: weights.decimal(name) for name in weights.values},
        status=table.text("status"),
    )
    try:
        check_parameters(index)
    except SdmxmigError as error:
        raise DeclarationError(error.message, table.place, error.hint) from None
    reliability = Reliability(residents=read_share(errors, "residents"), others=read_share(errors, "others"))
    years = {year: find_share(exits, year) for year in exits.values}
    wrong = [year for year in years if not year.isdecimal()]
    if wrong:
        raise DeclarationError(f"“{wrong[0]}” is not a year.", exits.at(wrong[0]), "Write for example 2023 = 0.001.")
    rule = Rule(
        index,
        reliability,
        false_exits={int(year): share for year, share in years.items()},
        measured=table.text("source"),
    )
    errors.close()
    table.close()
    return rule


def read_share(table: Declared, key: str) -> Share:
    part = table.table(key, required=True)
    share = Share(find_share(part, "share"), part.decimal("variance"))
    if share.variance < 0:
        raise DeclarationError("A variance cannot be negative.", part.at("variance"), "Write 0 if the share is known.")
    part.close()
    return share


def round_to_kept_digits(value: float) -> float:
    return float(f"{value:.{MAX_DIGITS}g}")


def format_rule(rule: Rule) -> Rule:
    index, reliability = rule.index, rule.reliability
    return replace(
        rule,
        index=replace(
            index,
            decay=round_to_kept_digits(index.decay),
            gain=round_to_kept_digits(index.gain),
            threshold=round_to_kept_digits(index.threshold),
            weights={name: round_to_kept_digits(weight) for name, weight in index.weights.items()},
        ),
        reliability=Reliability(residents=parse_share(reliability.residents), others=parse_share(reliability.others)),
        false_exits={year: round_to_kept_digits(share) for year, share in rule.false_exits.items()},
    )


def parse_share(share: Share) -> Share:
    return Share(round_to_kept_digits(share.value), round_to_kept_digits(share.variance))


def write_toml(rules: CoverageRules, rule: Rule | None) -> str:
    """Format the settings used, and any index, as TOML for `load_coverage_rules`."""
    limits = rules.limits
    ratios = ", ".join(repr(ratio) for ratio in rules.odds_ratios)
    parts = {
        "release": [f"base = {rules.base}"],
        "hard_to_count": [
            f"over_coverage = {limits.over_coverage!r}",
            f"coverage = {limits.coverage!r}",
            f"precision = {limits.precision!r}",
        ],
        "dependence": [f"odds_ratios = [{ratios}]", f"near = {rules.near!r}", f"misfit = {rules.misfit!r}"],
    }
    lines = ["# The declaration by which the coverage beside this file was judged; --declaration reads it again.", ""]
    for name, values in parts.items():
        status, source = rules.sources[name]
        lines += [f"[{name}]", *values, f"status = {quote_text(status)}", f"source = {quote_text(source)}", ""]
    return "\n".join([*lines, *(format_index(rule) if rule else [])]).rstrip("\n") + "\n"


def format_index(rule: Rule) -> list[str]:
    index, reliability = rule.index, rule.reliability
    return [
        "[index]",
        "# R(t) = decay * R(t-1) + gain * sum of the weights of the signs of year t.",
        "# Who reaches the threshold is resident.",
        f"decay = {index.decay!r}",
        f"gain = {index.gain!r}",
        f"threshold = {index.threshold!r}",
        f"status = {quote_text(index.status)}",
        f"source = {quote_text(rule.measured)}",
        "",
        "[index.weights]",
        *(f"{quote_text(name)} = {weight!r}" for name, weight in sorted(index.weights.items())),
        "",
        "[index.errors]",
        "# Which share of residents it calls resident, and of others absent, with the variance of that in its sample.",
        *(
            f"{name} = {{ share = {share.value!r}, variance = {share.variance!r} }}"
            for name, share in (("residents", reliability.residents), ("others", reliability.others))
        ),
        "",
        "[index.false_exits]",
        "# Which share of residents it says to have left in a year.",
        *(f"{year} = {share!r}" for year, share in sorted(rule.false_exits.items())),
    ]
