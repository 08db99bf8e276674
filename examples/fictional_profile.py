"""Write the profile of the made-up country: every item answered, every indicator described.

Run ``python examples/fictional_profile.py``. Answers on items are in ``fictional/figures/answers.csv``; answers on
indicators, sources, products and actions are composed here from small tables. The record of the assessment of 2022
(``previous/2022.json``) comes from the same answers with those of `IN_2022`.
"""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import sdmxmig

HERE = Path(__file__).parent
HOME = HERE / "fictional"
SOURCES = {
    "F1": "Statistics Alvoria (made-up), Handbook of migration statistics, 2025.",
    "F2": "Statistics Alvoria (made-up), Quality report on population and migration, 2025.",
    "F3": "Government of Alvoria (made-up), Statistics Act of 2016 and by-laws.",
    "F4": "Migration Department of Alvoria (made-up), Yearbook of permits, asylum and return, 2025.",
    "F5": "Statistics Alvoria (made-up), Yearly report 2026: agreements, staff, strategy and working group.",
}
IN_2022 = {
    "A08": "N",
    "A14": "P",
    "C04": "2",
    "D07": "1",
    "D09": "1",
    "E05": "1",
    "H12": "N",
    "I03": "N",
    "K02": "N",
    "J07": "",
    "F05": "",
}
"""Answers of the made-up assessment of 2022 that have changed since; empty where there was none."""
THEN = "2022-11-15T09:00:00Z"
PREVIOUS = "2022.json"
BY_MODULE = {"A": "F5", "F": "F4", "J": "F2"}
"""The source of the answers of a module, if it is not the handbook."""
IN_LAW = ("A01", "A13", "A14")
"""Answers that the Statistics Act or its by-laws give."""
TITLES = {
    "population": "the population register",
    "survey": "the survey of living conditions",
    "labour": "the labour force survey",
    "border": "matched entries and exits",
    "administration": "records of the migration department",
}
KINDS = {
    "population": ("H02", "H17"),
    "survey": ("H12",),
    "labour": ("H11",),
    "border": ("H06",),
    "administration": ("H04", "H09"),
}
OF_INDICATORS = {
    "population": "CTZ_ACQ_RATE EMI_RATE EMI_STOCK_RATIO IMM_RATE MIG_SHARE NET_RATE RETURN_SHARE BIRTH_REGISTRATION",
    "labour": (
        "EMPLOYMENT_RATIO UNEMPLOYMENT_RATE LF_PARTICIPATION INFORMAL_EMPLOYMENT OVERQUALIFICATION YOUTH_NEET "
        "HOURLY_EARNINGS WORK_INJURIES TERTIARY_EDUCATION LABOUR_RIGHTS"
    ),
    "border": "ENTRY_REFUSED IRR_CROSS OVERSTAY TMP_INFLOW TMP_OUTFLOW TMP_POP_RATIO DEATHS_MISSING SMUGGLED",
    "administration": "DETAINED IRR_FOUND IRR_STOCK_SHARE REGULARISED RETURNED UAM_DETECTED TRAFFICKING_VICTIMS",
}
WEAK: Mapping[str, Mapping[str, str]] = {
    "IRR_STOCK_SHARE": {
        "L01": "2",
        "L05": "1",
        "L06": "F2",
        "why": "The estimate rests on two lists and is experimental.",
    },
    "RECRUITMENT_COST": {"L01": "2", "L05": "2", "L06": "F3", "why": "Only returning workers were asked."},
    "DEATHS_MISSING": {"L05": "2", "why": "Disappearances abroad are known in part."},
    "LABOUR_RIGHTS": {
        "L05": "2",
        "L06": "F4",
        "why": "The score by group is an experiment of the office.",
    },
    "CHILD_LABOUR": {
        "L05": "3",
        "L06": "F4",
        "why": "Few foreign-born children are in the sample.",
    },
    "LANGUAGE_PROFICIENCY": {"L01": "2", "L05": "2", "L06": "F3", "why": "Tested in 2023 with a short scale."},
}
"""Indicators that are less complete than the others: their answers, and why."""
OWNERS = {
    "H01": "Statistics Alvoria",
    "H02": "the Ministry of the Interior",
    "H04": "the Migration Department",
    "H05": "the Labour Office",
    "H06": "the Border Guard",
    "H08": "the Ministry of Foreign Affairs",
    "H09": "the Asylum Office",
    "H10": "the Ministry of the Interior",
    "H11": "Statistics Alvoria",
    "H12": "Statistics Alvoria",
    "H14": "the Social Insurance Fund",
    "H15": "the Ministry of Education",
    "H16": "the Health Insurance Fund",
    "H17": "the civil registries",
    "H18": "one operator of mobile phones",
    "H19": "the central bank",
    "H20": "the statistical offices of the six neighbours",
}
USES = {
    "H01": "Checks of the population register every ten years.",
    "H02": "Population, immigrants and emigrants.",
    "H04": "Permits, reasons and durations of stay.",
    "H05": "Seasonal workers.",
    "H06": "Border movements, temporary stays and overstays.",
    "H08": "Natives abroad.",
    "H09": "Applicants, decisions and protected persons.",
    "H10": "Acquisitions and losses of citizenship.",
    "H11": "Indicators of the labour market.",
    "H12": "Indicators of living conditions.",
    "H14": "Signs of life and employment.",
    "H15": "Students and signs of life.",
    "H16": "Signs of life.",
    "H17": "Births and deaths.",
    "H18": "A test of the temporary population.",
    "H19": "Quoted beside the statistics.",
    "H20": "Natives abroad and the mirror comparison.",
}
TWO_WAYS = ("H02", "H06", "H18")
"""Sources in which both coming and going are seen, so that duration can be measured."""
SAMPLES = ("H11", "H12", "H18", "H19", "H20")
PARTIAL = ("H08", "H16", "H18", "H19")
ACTIONS = {
    "RESOURCES": (
        "Give migration statistics a budget line of their own",
        "A17",
        "CAPACITY",
        "01",
        "2027-03",
        "2028-01",
        "1",
        "Ministry of Finance",
    ),
    "AGREE_PERMITS": (
        "Sign one agreement on consular records for all six neighbouring countries",
        "A09",
        "LEGAL",
        "02",
        "2026-12",
        "2027-11",
        "1",
        "Ministry of Foreign Affairs",
    ),
    "PROVISIONAL_FLOWS": (
        "Publish quarterly provisional flows from the weekly changes of the register",
        "D16",
        "METHOD",
        "01",
        "2026-12",
        "2027-11",
        "1",
        "Ministry of the Interior",
    ),
    "FLOWS_REASON": (
        "Link immigrants to permits, ask departing residents why they leave, and publish both reasons",
        "D05",
        "METHOD",
        "05",
        "2027-04",
        "2028-03",
        "2",
        "Migration Department",
    ),
    "AGREE_SERVICES": (
        "Extend the agreement with the Health Insurance Fund to country of birth",
        "A12 G06",
        "LEGAL",
        "03",
        "2026-12",
        "2027-10",
        "1",
        "Health Insurance Fund",
    ),
    "IRREGULAR_ESTIMATE": (
        "Add a third list to the estimate of irregular residents",
        "F08",
        "METHOD",
        "07",
        "2030-07",
        "2031-12",
        "2",
        "Migration Department and a university",
    ),
    "USER_CONSULTATION": (
        "Ask users about their satisfaction and publish the result",
        "J14",
        "DISSEM",
        "10",
        "2027-09",
        "2028-02",
        "1",
        "Associations of users",
    ),
}
"""Actions that the office has decided on: what, gaps closed, type, phase, first and last month, cost class, partners."""  # noqa: E501 - a sentence of the profile
WORDS = {"type": "R05", "phase": "R17", "cost": "R11"}


def quoted(text: str) -> str:
    """A text as TOML writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def entry(head: str, *, answer: str = "", practice: str = "", source: str = "F1") -> list[str]:
    lines = ["", f"[{head}]"]
    if answer:
        lines.append(f"answer = {quoted(answer)}")
    lines.append('evidence = "CONFIRMED"')
    if practice:
        lines.append(f"practice.en = {quoted(practice)}")
    return [*lines, f'sources = ["{source}"]']


def item_answers(changed: Mapping[str, str]) -> Iterator[str]:
    """Yield the answers about the country."""
    with (HOME / "figures" / "answers.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            row |= {"answer": changed.get(row["item"], row["answer"])}
            source = "F3" if row["item"] in IN_LAW else BY_MODULE.get(row["item"][0], "F1")
            yield from entry(f"items.{row['item']}", answer=row["answer"], practice=row["practice"], source=source)


def kind_of(indicator: str) -> str:
    """Return the kind of source of an indicator."""
    return next((kind for kind, ids in OF_INDICATORS.items() if indicator in ids.split()), "survey")


def topics_said(topics: int, share: str) -> str:
    """By how many of its primary topics an indicator is published, in words."""
    if share != "ALL":
        return "By most of its primary topics."
    return f"By all {topics} primary topics." if topics > 1 else "By its one primary topic."


def indicator_answers(indicator: Mapping[str, Any]) -> Iterator[str]:
    """Yield the answers about an indicator, from its declaration and the table of weak ones."""
    name, weak = indicator["id"], WEAK.get(indicator["id"], {})
    kind = kind_of(name)
    head, shown = f"indicators.{name}", len(indicator["primary"])
    how = "each year" if kind != "survey" else "every year from a part of the sample"
    says = {
        "L01": f"Produced {how}." if weak.get("L01") != "2" else f"Produced for the years 2023 to 2025. {weak['why']}",
        "L02": topics_said(shown, weak.get("L02", "ALL")),
        "L03": f"From {TITLES[kind]}. [{', '.join(KINDS[kind])}]",
        "L04": "2025, released in May 2026.",
        "L05": weak.get("why", "Computed as the handbook describes it."),
        "L06": "Produced now." if not weak else "Produced in part; the rest needs a better source.",
    }
    answers = {"L01": "4", "L02": "ALL", "L04": "M_LE6", "L05": "3", "L06": "F4"}
    answers |= {item: code for item, code in weak.items() if item != "why"}
    for item, practice in says.items():
        yield from entry(f"{head}.{item}", answer=answers.get(item, ""), practice=practice)
    for driver in ("SOURCE", "ACCESS", "METHOD", "STAFF", "IT", "COST", "LEGAL", "POLITICAL"):
        hard = "1" if weak and driver in ("SOURCE", "METHOD") else "0"
        yield from entry(f"{head}.L06_{driver}", answer=hard)
    yield from entry(
        f"{head}.L07",
        answer="Y" if weak.get("L01") == "2" else "N",
        practice="Named by the working group." if weak.get("L01") == "2" else "",
    )
    if weak:
        yield from entry(f"{head}.L08", practice=weak["why"])


def source_sheets() -> Iterator[str]:
    """A sheet for each source that exists."""
    for source, owner in OWNERS.items():
        head, partial = f"inventory.{source}", source in PARTIAL
        texts = {
            "S01": f"{owner[:1].upper()}{owner[1:]} (made-up).",
            "S02": "Statistics Act of 2016." if source != "H18" else "Contract for a test.",
            "S03": "Persons."
            if source not in ("H06", "H19")
            else "Border crossings."
            if source == "H06"
            else "Money transfers.",
            "S04": "Statistical identifier." if source not in SAMPLES[2:] else "None.",
            "S05": "Sex, age and citizenship; country of birth where the population register is linked. [SEX, AGE, C_CITIZEN]",  # noqa: E501 - a sentence of the profile
            "S10": "Stays are closed after 12 months without signs of life."
            if source == "H02"
            else "Records are closed by their owner.",
            "S12": "Statistical identifier." if source not in SAMPLES[2:] else "None.",
            "S13": USES[source],
        }
        codes = {
            "S06": "3" if partial else "4",
            "S07": "Y" if source in TWO_WAYS else "P",
            "S08": "Y" if source in TWO_WAYS else "N",
            "S09": "M_LE6" if source != "H01" else "M13T18",
            "S11": "P" if partial else "Y",
            "S14": {"H01": "C", "H12": "B", "H18": "D"}.get(source, "A"),
            "S15": "B" if partial else "A",
            "S16": {"H18": "2"}.get(source, "3" if partial else "4"),
        }
        for item in sorted({*texts, *codes}):
            yield from entry(f"{head}.{item}", answer=codes.get(item, ""), practice=texts.get(item, ""))


def products_and_actions() -> Iterator[str]:
    """The integrated product, the actions that are decided, comments, abbreviations and thanks."""
    product = {
        "P01": "Population register, civil registration, permits, asylum, social security, education and health insurance records. [H02, H04, H09, H14, H15, H16, H17]",  # noqa: E501 - a sentence of the profile
        "P02": "Yearly since 2016; the files of 1 January are kept.",
        "P03": "Statistical identifier.",
        "P04": "Deterministic linkage; stays are confirmed by signs of life.",
        "P05": "98.4 per cent.",
        "P06": "The population register wins for identity, permits win for reasons.",
        "P07": "None: all residents are in it.",
        "P08": "0.3 per cent of records have no sign of life and are left out.",
        "P09": "Under-coverage of 0.6 per cent by the survey of 2022.",
        "P10": "Statistics Act of 2016.",
    }
    for item, text in product.items():
        yield from entry(f"products.STATISTICAL_REGISTER.{item}", practice=text)
    for name, (what, gaps, kind, phase, first, last, cost, partners) in ACTIONS.items():
        head = f"actions.{name}"
        for item, text in (
            ("R01", what),
            ("R02", gaps),
            ("R07", partners),
            ("R08", first),
            ("R09", last),
        ):
            yield from entry(f"{head}.{item}", practice=text)
        for field, code in (("type", kind), ("cost", cost), ("phase", phase)):
            yield from entry(f"{head}.{WORDS[field]}", answer=code)
    for subject, text in (
        (
            "ACKNOWLEDGEMENTS",
            "The office thanks the eleven members of the made-up working group and the six neighbouring offices.",
        ),
        ("F08", "The estimate stays experimental until a third list is found."),
        ("MIG-2-053", "Cortania and Faranta find fewer moves than we do; both offices know it."),
        ("PROVISIONAL_FLOWS", "The budget for 2027 was approved in November 2026."),
        (
            "DF_EMI",
            "Moves count in the year in which 12 months of stay or absence are completed: those of 2025 began in 2024.",
        ),
    ):
        yield from entry(f"comments.{subject}.O01", practice=text)
    for short, meaning in (("STATISTICAL_REGISTER", "Statistical population register"),):
        yield from entry(f"abbreviations.{short}.W01", practice=meaning)


def profile(changed: Mapping[str, str]) -> bytes:
    """The whole profile as a file, some of its answers changed."""
    lines = [
        "# Written by python examples/fictional_profile.py. Made-up country: all texts are invented.",
        'area = "XA"',
        'year = "2025"',
        'signed_off = "Statistics Alvoria"',
        "",
        "[sources]",
        *(f"{key} = {quoted(text)}" for key, text in SOURCES.items()),
        *item_answers(changed),
    ]
    for path in sorted((HERE.parent / "structures" / "indicators").glob("*.toml")):
        lines += indicator_answers(tomllib.loads(path.read_text(encoding="utf-8")))
    return ("\n".join([*lines, *source_sheets(), *products_and_actions()]) + "\n").encode()


def earlier() -> bytes:
    """Write the record of the assessment of 2022: its day, number of answers, and gaps."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(HOME / "codelists", Path(folder, "codelists"))
        country = (HOME / "country.toml").read_text(encoding="utf-8").replace(f'previous = "{PREVIOUS}"\n', "")
        Path(folder, "country.toml").write_text(country, encoding="utf-8")
        Path(folder, "profile.toml").write_bytes(profile(IN_2022))
        sdmxmig.Workspace(folder, now=THEN, progress=False).assess()
        document = json.loads(Path(folder, "out", "assessment.json").read_bytes())
    whole = document["assessment"]
    kept = {
        "area": whole["area"],
        "year": "2022",
        "provenance": [["prepared", THEN]],
        "scores": [{"item": {"id": score["item"]["id"]}, "answer": score["answer"]} for score in whole["scores"]],
        "indicators": [
            {
                "indicator": {"id": result["indicator"]["id"]},
                "declared": result["declared"],
                "answers": {"L02": {"answer": result["answers"].get("L02", {}).get("answer", "")}},
            }
            for result in whole["indicators"]
        ],
        "quality": [{"issue": issue["issue"], "state": issue["state"]} for issue in whole["quality"]],
        "gaps": [
            {"statement": gap["statement"], "reasons": [{"subject": reason["subject"]} for reason in gap["reasons"]]}
            for gap in whole["gaps"]
        ],
    }
    return (
        json.dumps({"schema": document["schema"], "assessment": kept}, ensure_ascii=False, indent=1) + "\n"
    ).encode()


if __name__ == "__main__":
    (HOME / "profile.toml").write_bytes(profile({}))
    (HOME / "previous").mkdir(exist_ok=True)
    (HOME / "previous" / PREVIOUS).write_bytes(earlier())
