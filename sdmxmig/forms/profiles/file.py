"""Reading of ``profile.toml``.

``[items.A01]``, ``[indicators.IMM_RATE.L01]``, ``[inventory.H01.S06]``, ``[products.X.P04]``, ``[actions.X.R05]``,
``[comments.X.O01]``, ``[abbreviations.X.W01]``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sdmxmig.catalogue.benchmarking import COUNTRY_CODE, Profile
from sdmxmig.forms.profiles import keys
from sdmxmig.forms.profiles.dataset import ASSESSMENT_FLOW
from sdmxmig.forms.profiles.plan import BLOCK_KINDS, QuestionPlan
from sdmxmig.forms.profiles.written import PlacedText, WrittenAnswer, WrittenProfile, build_profile
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.findings import FindingCollector, Findings
from sdmxmig.sdmx.model.rule_ids import RuleId


def read_profile(name: str, content: bytes, asked: QuestionPlan) -> Profile:
    profile, findings = read_file(name, content, asked)
    for finding in findings.items:
        if finding.severity == "error":
            raise DeclarationError(finding.sentence(), finding.place, finding.remedy())
    return profile


def read_file(name: str, content: bytes, asked: QuestionPlan) -> tuple[Profile, Findings]:
    collector = FindingCollector(ASSESSMENT_FLOW, asked.rules)
    written = FileReader(collector).read(Declared.parse(name, content))
    profile = build_profile(written, asked, collector)
    return profile, Findings(tuple(collector.findings))


class FileReader:
    def __init__(self, collector: FindingCollector) -> None:
        self.collector = collector

    def read(self, declared: Declared) -> WrittenProfile:
        written = WrittenProfile(place=declared.place)
        for name in (keys.AREA, keys.YEAR, keys.SIGNED_OFF):
            written.facts[name] = PlacedText("", declared.at(name))
            with self.reporting_refusals():
                written.facts[name] = PlacedText(declared.text(name, ""), declared.at(name))
        with self.reporting_refusals():
            sources = declared.table("sources")
            at = sources.at
            written.sources = [
                (PlacedText(key, at(key)), PlacedText(text, at(key))) for key, text in sources.pairs().items()
            ]
        with self.reporting_refusals():
            written.entries += self.entries(declared.table("items"), "", COUNTRY_CODE)
        for table, kind in BLOCK_KINDS.items():
            with self.reporting_refusals():
                subjects = declared.table(table)
                for key in subjects.values:
                    with self.reporting_refusals():
                        written.entries += self.entries(subjects.table(key), kind, key)
        with self.reporting_refusals():
            declared.close()
        return written

    @contextmanager
    def reporting_refusals(self) -> Iterator[None]:
        try:
            yield
        except DeclarationError as error:
            places = [error.place] if error.place else []
            self.collector.add(RuleId.UNREADABLE_PART, places, said=error.message, remedy=error.hint)

    def entries(self, declared: Declared, kind: str, subject: str) -> Iterator[WrittenAnswer]:
        for key in declared.values:
            with self.reporting_refusals():
                yield self.entry(declared.table(key), (kind, subject, key), declared.place)

    @staticmethod
    def entry(declared: Declared, address: tuple[str, str, str], above: Place) -> WrittenAnswer:
        """Read the answer to an item about the subject `above`."""
        kind, subject, item = address
        names = {keys.ANSWER: "answer", keys.EVIDENCE: "evidence", keys.CITED: "sources"}
        places = {name: declared.at(key) for name, key in names.items()}
        entry = WrittenAnswer(
            kind=kind,
            subject=subject,
            item=item,
            answer=declared.text("answer", ""),
            evidence=declared.text("evidence", ""),
            quoted=declared.text("quoted", ""),
            practice=declared.texts("practice"),
            question=declared.texts("question"),
            sources=declared.strings("sources"),
            places={**places, keys.ID: declared.place, keys.OF: above},
        )
        declared.close()
        return entry
