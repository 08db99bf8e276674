"""Schema of the validation report of the ESS: our reading, not the published file.

It follows version 1.0.0 of the ESSnet ValiDat Integration's schema (data-cleaning/ValidatReport,
json/validation_report_1.0.0.json, which is invalid JSON: a comma is missing after its `id`), and also forbids other
members of objects. No package with the published schema was found on PyPI or npm.
"""

from __future__ import annotations

import json
from pathlib import Path

ESS = json.loads((Path(__file__).parent / "schemas" / "ess.json").read_text(encoding="utf-8"))
