"""Questionnaires: generated workbooks, and those of agencies."""

from __future__ import annotations

from sdmxmig.forms.questionnaires.control import is_questionnaire
from sdmxmig.forms.questionnaires.plan import Layouts, Questionnaire, plan, read_layouts
from sdmxmig.forms.questionnaires.reading import Answers, index_rules_in_forms, read
from sdmxmig.forms.questionnaires.writing import write_workbook

__all__ = [
    "Answers",
    "Layouts",
    "Questionnaire",
    "index_rules_in_forms",
    "is_questionnaire",
    "plan",
    "read",
    "read_layouts",
    "write_workbook",
]
