"""One answer of a profile changed at a time: only what names that answer among its inputs may change.

Every question of a profile is answered differently once; `make long` tries all of them on the example of Georgia.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, fields, replace
from pathlib import Path
from typing import TypeVar

from benchmarks import planted_faults
from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.benchmarking import COUNTRY_CODE, Answer, Profile
from sdmxmig.conversion.convert import merge
from sdmxmig.forms.profiles.dataset import build_dataset
from sdmxmig.forms.profiles.plan import read_questions
from sdmxmig.forms.profiles.reading import read_profile
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.statistics.assessment import assess
from sdmxmig.statistics.country import Country
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.evidence import Contradiction, ExplainedNumber
from sdmxmig.statistics.model.indicator_results import IndicatorResult
from sdmxmig.workspace.folder import open_workspace

Record = TypeVar("Record")
OF_DATA = (
    *("accounts", "series", "breakdowns", "flow_rules", "identities", "unknown_shares", "findings", "rules"),
    *("labels", "scales", "sentences", "sources", "provenance", "tested", "tested_years"),
)
"""What rests on data and declarations only."""
OF_VALUES = ("indicator", "values", "parts", "missing", "undivided", "topics", "delay")
"""What of an indicator rests on data only."""


@dataclass(frozen=True, slots=True)
class Change:
    """A question with a different answer: its subject and the new code."""

    item: str
    code: str
    _: KW_ONLY
    subject: str = COUNTRY_CODE

    @property
    def id(self) -> str:
        return f"{self.subject} {self.item} {self.code}"


class Answers:
    """The profile of a country, of which one answer is changed at a time."""

    def __init__(self, country: Country, catalogue: Catalogue, datasets: Sequence[Dataset], profile: Profile) -> None:
        self.country, self.catalogue, self.datasets, self.profile = country, catalogue, datasets, profile
        self.before = self.assessed(profile)

    def assessed(self, profile: Profile) -> Assessment:
        asked = read_questions(self.catalogue)
        answers = validate(build_dataset(profile, self.catalogue.flow("DF_ASSESS"), asked), self.catalogue)
        return assess(
            self.country, self.catalogue, datasets=self.datasets, findings=Findings(), profile=profile, answers=answers
        )

    def cases(self) -> Iterator[Change]:
        """Yield every question with a scale, answered by another code: the last one with points."""
        asked = read_questions(self.catalogue)
        subjects = {"indicator": asked.subjects["indicator"], "source": asked.subjects["source"]}
        questions = [(item, COUNTRY_CODE) for item in asked.items]
        questions += [
            (item, item_id) for kind, ids in subjects.items() for item in asked.about[kind] for item_id in ids
        ]
        for item, subject in questions:
            scale = asked.scale(item)
            codes = [code for code, points in scale.points if points is not None] if scale else []
            now = self.profile.of(item, subject).answer
            others = [code for code in codes if code != now]
            if others:
                yield Change(item, others[-1], subject=subject)

    def outcome(self, case: Change) -> str:
        """Return ``equal`` if only dependents of the answer changed, else the changes."""
        after = self.assessed(answered(self.profile, case.item, case.code, case.subject))
        return "; ".join(unexplained(self.before, after, case.item, case.subject)) or "equal"


def of_example(folder: Path) -> Answers:
    workspace, example = open_workspace(folder), planted_faults.Example(folder)
    flows: dict[str, list[Dataset]] = {}
    for dataset in example.datasets:
        flows.setdefault(dataset.flow.id, []).append(dataset)
    content = read_bytes(folder / "profile.toml")
    profile = read_profile("profile.toml", content, read_questions(example.catalogue))
    return Answers(workspace.country, example.catalogue, [merge(own) for own in flows.values()], profile)


def answered(profile: Profile, item: str, code: str, subject: str = COUNTRY_CODE) -> Profile:
    given = replace(profile.of(item, subject), answer=code)
    if subject == COUNTRY_CODE:
        return replace(profile, answers={**profile.answers, item: given})
    own: Mapping[str, Answer] = {**profile.about.get(subject, {}), item: given}
    return replace(profile, about={**profile.about, subject: own})


def unexplained(before: Assessment, after: Assessment, item: str, subject: str = COUNTRY_CODE) -> list[str]:
    """Return the changed parts of an assessment that do not depend on this answer."""
    key = item if subject == COUNTRY_CODE else f"{subject}.{item}"
    found = [name for name in OF_DATA if getattr(before, name) != getattr(after, name)]
    defines = key in {definition.item for definition in before.alignment}  # definitions have effects on quality
    found += ["quality"] if before.quality != after.quality and not defines else []
    found += [f"score {a.item.id}" for a, b in pairs(before.scores, after.scores) if a != b and a.item.id != key]
    found += list(of_indicators(before, after, key, subject))
    module = next((score.item.module for score in before.scores if score.item.id == key), "")
    found += [f"module {a.module}" for a, b in pairs(before.modules, after.modules) if a != b and a.module != module]
    found += [f"formula of {a.module}" for a, b in pairs(before.modules, after.modules) if off(a.score, b.score, key)]
    found += list(of_areas(before, after))
    for name, about in (("alignment", "item"), ("evidence", "item")):
        for a, b in pairs(getattr(before, name), getattr(after, name)):
            if a != b and getattr(a, about) != key:
                found.append(f"{name} {getattr(a, about)}")
    for name, about in (("gaps", "subject"), ("challenges", "indicator")):
        changed = set(getattr(before, name)) ^ set(getattr(after, name))
        found += [f"{name} {one}" for one in changed if getattr(one, about) not in (key, subject)]
    against = set(before.contradictions) ^ set(after.contradictions)
    found += [f"contradiction {one.subject} {one.item}" for one in against if not rests_on(one, item, subject)]
    facts = {name for name in {*before.about, *after.about} if before.about.get(name) != after.about.get(name)}
    return found + [f"about {name}" for name in facts - {subject}]


def pairs(before: Iterable[Record], after: Iterable[Record]) -> Iterable[tuple[Record, Record]]:
    return zip(before, after, strict=True)


def off(before: ExplainedNumber, after: ExplainedNumber, key: str) -> bool:
    """Check whether a number changed without the answer among its inputs."""
    return before != after and key not in {*dict(before.inputs), *dict(after.inputs)}


def of_indicators(before: Assessment, after: Assessment, key: str, subject: str) -> Iterator[str]:
    """Yield changes of indicators other than the one answered and its feasibility."""
    for a, b in pairs(before.indicators, after.indicators):
        name = a.indicator.id
        for field in fields(IndicatorResult):
            if getattr(a, field.name) == getattr(b, field.name):
                continue
            used = key in {*dict(a.feasibility.inputs), *dict(b.feasibility.inputs)}
            of_source = key.partition(".")[0] in {chance.item for chance in (*a.chances, *b.chances)}
            own = name == subject and field.name not in OF_VALUES
            explained = {"feasibility": used, "chances": of_source}.get(field.name, False)
            if not own and not explained:
                yield f"{name} {field.name}"


def of_areas(before: Assessment, after: Assessment) -> Iterator[str]:
    """Yield policy areas whose counts changed although none of their indicators did."""
    changed = {
        (a.indicator.policy_area, a.indicator.tier) for a, b in pairs(before.indicators, after.indicators) if a != b
    }
    for a, b in pairs(before.areas, after.areas):
        if a != b and (a.area, a.tier) not in changed:
            yield f"area {a.area} {a.tier}"


def rests_on(contradiction: Contradiction, item: str, subject: str) -> bool:
    """Check whether a contradiction names the answer as question or evidence."""
    told = repr(contradiction)
    return bool(re.search(rf"\b{item}\b", told)) and (subject == COUNTRY_CODE or subject in told)
