"""Proposal of mappings for new workbooks, with questions."""

from sdmxmig.conversion.suggestion.lines import FlowKnowledge
from sdmxmig.conversion.suggestion.proposal import Proposal, suggest
from sdmxmig.conversion.suggestion.questions import Decisions, Question

__all__ = ["Decisions", "FlowKnowledge", "Proposal", "Question", "suggest"]
