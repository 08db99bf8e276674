"""A small profile with what forms, data and reference metadata may lose: languages, tags, quotation marks, signs."""

from __future__ import annotations

from sdmxmig.catalogue.benchmarking import Answer, Profile
from sdmxmig.sdmx.model.artefacts import Text

SMALL = Profile(
    "GE",
    "2024",
    answers={
        "A01": Answer(
            "A01",
            "Y",
            practice=Text.of(en="A law.", fr="Une loi.\nDeux."),
            sources=("G1", "G 2"),
            evidence="PUBLIC",
            quoted="G1, page 3: “of residents”",
            question=Text.of(en="Since when?", fr="Depuis quand ?\nDeux."),
        ),
        "B01": Answer("B01", practice=Text.of(fr="Douze mois.")),
        "C01": Answer("C01", "NA", practice=Text.of(en="[en] Tagged by chance.")),
    },
    about={
        "MIG_SHARE": {
            "L01": Answer(
                "L01",
                "3",
                evidence="REPORTED",
                quoted="G1, page 4: foreign citizens",
                sources=("G1",),
                subject="MIG_SHARE",
            ),
            "L04": Answer("L04", "M7T12", practice=Text.of(en="=2+2"), subject="MIG_SHARE"),
            "L06_COST": Answer("L06_COST", "2", subject="MIG_SHARE"),
        },
        "H01": {
            "S06": Answer("S06", "4", subject="H01"),
            "S01": Answer("S01", "", practice=Text.of(en="NSO"), subject="H01"),
        },
        "INTEGRATED": {"P04": Answer("P04", "", practice=Text.of(en="DET"), subject="INTEGRATED")},
        "NEW_REGISTER": {"R17": Answer("R17", "01", subject="NEW_REGISTER")},
    },
    sources={"G1": "Law of 2023, “Official Gazette”, 1", "G 2": "@not a formula, \\ kept as it is"},
    signed_off="Head of department, 1 May 2026",
)
