"""SDG indicator 10.7.2: migration policies in six domains.

Each domain has five sub-categories: yes, no, or for rights only with legal status. Values are mean percentages, grouped
into four levels. Source: official metadata of SDG indicator 10.7.2, computation method.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sdmxmig.catalogue.indicators import TOTAL
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme
from sdmxmig.sdmx.model.data import Dataset

QUESTIONS, ANSWERS, LEVELS = "CL_MIG_POLICY", "CL_POLICY_ANSWER", "CL_POLICY_LEVEL"
QUESTION, ANSWER = "MIG_POLICY", "OBS_VALUE"
PER_CENT = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainValue:
    """The value of a domain or of the country (`_T`) as a percentage; None if incomplete."""

    domain: str
    value: Decimal | None
    level: str
    missing: tuple[str, ...] = ()


def compute_policy_domains(
    answers: Mapping[str, str], question_list: ItemScheme, answer_list: ItemScheme, levels: ItemScheme
) -> tuple[DomainValue, ...]:
    """Compute the domains of `question_list` from answers such as ``{"PD_1A": "Y"}``.

    Raises `DeclarationError` for unknown answers.
    """
    questions = [item for item in question_list if item.parent]
    check_answers(answers, questions)
    domains = [item.id for item in question_list if not item.parent]
    questions_by_domain = {domain: [item.id for item in questions if item.parent == domain] for domain in domains}
    return tuple(
        compute_domain_value(domain, sub_categories, answers, answer_list, levels)
        for domain, sub_categories in {**questions_by_domain, TOTAL: [item.id for item in questions]}.items()
    )


def compute_domain_value(
    domain: str,
    sub_categories: Sequence[str],
    answers: Mapping[str, str],
    answer_list: ItemScheme,
    levels: ItemScheme,
) -> DomainValue:
    missing = tuple(question for question in sub_categories if not answers.get(question))
    if missing or not sub_categories:
        return DomainValue(domain=domain, value=None, level="", missing=missing)
    points = (Decimal(answer_list[answers[question]].note("POINTS")) for question in sub_categories)
    value = PER_CENT * sum(points, Decimal(0)) / len(sub_categories)
    return DomainValue(domain=domain, value=value, level=find_level(value, levels))


def find_level(value: Decimal, levels: ItemScheme) -> str:
    return [item.id for item in levels if value >= Decimal(item.note("FROM"))][-1]


def check_answers(answers: Mapping[str, str], questions: Sequence[Item]) -> None:
    allowed_answers = {item.id: item.note("ANSWERS").split() for item in questions}
    for question, answer in answers.items():
        if question not in allowed_answers:
            raise DeclarationError(
                f"There is no sub-category “{question}”.", hint=did_you_mean(question, allowed_answers)
            )
        if answer and answer not in allowed_answers[question]:
            hint = f"Answer one of: {', '.join(allowed_answers[question])}."
            raise DeclarationError(f"“{answer}” is not an answer to {question}.", hint=hint)


def index_answers(datasets: Iterable[Dataset]) -> dict[tuple[str, str], dict[str, str]]:
    answers: dict[tuple[str, str], dict[str, str]] = {}
    for dataset in datasets:
        if QUESTION in dataset.flow.structure:
            columns = dataset.observations.select("REF_AREA", "TIME_PERIOD", QUESTION, ANSWER)
            for area, period, question, answer in columns.iter_rows():
                answers.setdefault((str(area), str(period)), {})[str(question)] = str(answer or "")
    return answers
