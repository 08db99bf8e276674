"""The rows of an account from records, before their reliability is judged."""

from __future__ import annotations

from sdmxmig.records.accounts import build_account_rows, compute_account_sums
from sdmxmig.records.counting import Row
from sdmxmig.records.residence_rules import Derivation, Events


def account_rows(derivation: Derivation, events: Events) -> list[Row]:
    return build_account_rows(
        compute_account_sums(derivation, events), [period.label for period in derivation.question.periods]
    )
