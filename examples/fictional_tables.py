"""The tables of the made-up country XA: figures of the simulation by sheet and dataflow."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from random import Random

from fictional_figures import (
    FIRST,
    LAST,
    SEED,
    SEEN,
    SIZES,
    Codes,
    Table,
    cube,
    deaths,
    emigrants,
    every_view,
    immigrants,
    natives_abroad,
    naturalised,
    newborn,
    residents,
)

from sdmxmig.records.simulation.populations import HOME_COUNTRY, OTHER_COUNTRY, Year, round_randomly

NOTICE = "Made-up country: all figures are simulated, all texts invented"
Fact = tuple[str, Mapping[str, str], int]

RULE = {"RES_RULE": "R12", "DUR_BASIS": "ACT"}
UNITS = {"FREQ": "A", "UNIT_MEASURE": "PS", "UNIT_MULT": "0", "DECIMALS": "0", "COMMENT_DSET": NOTICE}
STOCK = {**UNITS, **RULE, "REF_DATE": "D0101"}
FOUR = ("BIRTH_STATUS", "CTZ_STATUS", "SEX", "AGE")
FLOW_VIEWS = [view for view in every_view(FOUR) if len(view) < 3 or "AGE" not in view]
"""Flows by age stand with one of the other three at a time: a year has too few moves for all of them."""
PARTNERS = (*(code for code in SIZES if code != HOME_COUNTRY), OTHER_COUNTRY)
TOPICS = Path(__file__).parent / "fictional" / "figures" / "chances.csv"
"""How likely residents are to be counted by each indicator about their life, and other made-up rates."""
SIMULATED = [str(year) for year in range(FIRST, LAST + 1)]


def rest(flow: Sequence[str], shown: Sequence[str], more: Mapping[str, str]) -> dict[str, str]:
    """The components that are not shown: totals, if nothing else is fixed."""
    fixed = {**dict.fromkeys(flow, "_T"), **more}
    return {component: code for component, code in fixed.items() if component not in shown}


def counted(name: str, flow: str, title: str, facts: Sequence[Fact], **more: object) -> Table:
    """A table of numbers of persons: `shown`, `views`, `all` components, and what is `fixed`."""
    workbook, sheet = name.split("/")
    shown, views = tuple(more["shown"]), more.get("views")  # type: ignore[arg-type]
    fixed = rest(more["all"], shown, more["fixed"])  # type: ignore[arg-type]
    rows = cube(facts, shown, views if views is not None else every_view(shown))  # type: ignore[arg-type]
    return Table(workbook, sheet, str(more["mapping"]), flow, title, shown, fixed, rows)


def population_tables(years: Sequence[Year], country: str) -> Iterator[Table]:
    """The population on 1 January by the four groups, sex and age, and by country of birth and of citizenship."""
    facts = list(residents(years, country))
    components = (*FOUR, "C_BIRTH", "C_CITIZEN")
    common = {"all": components, "fixed": {**STOCK, "STOCK_METHOD": "REG", "SRC_TYPE": "REG"}, "mapping": "population"}
    title = "Population on 1 January"
    yield counted(
        "population/Groups", "DF_POP", f"{title} by birth, citizenship, sex and age", facts, shown=FOUR, **common
    )
    birth, citizenship = ("BIRTH_STATUS", "C_BIRTH", "SEX"), ("CTZ_STATUS", "C_CITIZEN", "SEX")
    for sheet, by, shown in (
        ("Country of birth", "country of birth", birth),
        ("Citizenship", "citizenship", citizenship),
    ):
        yield counted(
            f"population/{sheet}",
            "DF_POP",
            f"{title} by {by} and sex",
            facts,
            shown=shown,
            views=[shown[:2], shown],
            **common,
        )


def flow_tables(years: Sequence[Year], country: str) -> Iterator[Table]:
    """Immigrants and emigrants by the four groups, sex and age, and by each of the three countries."""
    for name, flow, direction, facts, side in (
        ("Immigration", "DF_IMM", "I", list(immigrants(years, country)), "previous"),
        ("Emigration", "DF_EMI", "E", list(emigrants(years, country)), "next"),
    ):
        components = (*FOUR, "C_BIRTH", "C_CITIZEN", "C_RESIDENCE")
        fixed = {**UNITS, **RULE, "DIRECTION": direction, "SRC_TYPE": "REG"}
        common = {"all": components, "fixed": fixed, "mapping": name.lower()}
        yield counted(
            f"{name.lower()}/Groups",
            flow,
            f"{name} by birth, citizenship, sex and age",
            facts,
            shown=FOUR,
            views=FLOW_VIEWS,
            **common,
        )
        for sheet, shown, first in (
            ("Residence", ("C_RESIDENCE", "BIRTH_STATUS", "CTZ_STATUS", "SEX"), 1),
            ("Country of birth", ("BIRTH_STATUS", "C_BIRTH", "SEX"), 2),
            ("Citizenship", ("CTZ_STATUS", "C_CITIZEN", "SEX"), 2),
        ):
            views = [(*shown[:first], *more) for more in every_view(shown[first:])]
            by = f"country of {side} residence" if first == 1 else sheet.lower()
            yield counted(f"{name.lower()}/{sheet}", flow, f"{name} by {by}", facts, shown=shown, views=views, **common)


def vital_tables(years: Sequence[Year], country: str) -> Iterator[Table]:
    """Births, deaths and acquisitions of citizenship."""
    for sheet, flow, event, facts, shown, title in (
        (
            "Births",
            "DF_BIRTHS",
            "LBIRTH",
            newborn,
            ("BIRTH_STATUS", "CTZ_STATUS", "SEX"),
            "Live births by citizenship and sex",
        ),
        ("Deaths", "DF_DEATHS", "DEATH", deaths, FOUR, "Deaths by birth, citizenship, sex and age"),
        (
            "Acquisitions",
            "DF_CTZ_ACQ",
            "CTZ_ACQ",
            naturalised,
            ("BIRTH_STATUS", "SEX", "AGE"),
            "Acquisitions of citizenship",
        ),
    ):
        fixed = {**UNITS, **RULE, "EVENT": event, "SRC_TYPE": "CTZ" if event == "CTZ_ACQ" else "CRVS"}
        yield counted(
            f"vital/{sheet}",
            flow,
            title,
            list(facts(years, country)),
            shown=shown,
            all=FOUR,
            fixed=fixed,
            mapping=sheet.lower(),
        )
    former = ("C_FORMER", "SEX")
    yield counted(
        "vital/Former citizenship",
        "DF_CITIZENSHIP",
        "Acquisitions of citizenship by former citizenship and sex",
        list(naturalised(years, country)),
        shown=former,
        views=[(), ("SEX",), ("C_FORMER",), former],
        all=("BIRTH_STATUS", "SEX", "AGE", "CTZ_MODE", "C_FORMER", "C_BIRTH"),
        fixed={**UNITS, **RULE, "CTZ_ITEM": "ACQ", "SRC_TYPE": "CTZ"},
        mapping="former_citizenship",
    )


def account_table(years: Sequence[Year], country: str) -> Table:
    """The population account of every year, for all residents, citizens and foreign citizens."""
    rows: dict[Codes, dict[str, str]] = {}

    def totals(facts: Iterable[Fact]) -> dict[Codes, dict[str, str]]:
        return cube(facts, ("CTZ_STATUS",), every_view(("CTZ_STATUS",)))

    parts = {
        "POP_BEG": totals(residents(years, country)),
        "LBIRTH": totals(newborn(years, country)),
        "DEATH": totals(deaths(years, country)),
        "FLW_IMM": totals(immigrants(years, country)),
        "FLW_EMI": totals(emigrants(years, country)),
    }
    acquired = cube(naturalised(years, country), (), [()])[()]
    for status in ("_T", "NC", "FC"):
        for item, part in parts.items():
            rows[status, item] = {year: part[status,][year] for year in SIMULATED}
        rows[status, "POP_END"] = {year: parts["POP_BEG"][status,][str(int(year) + 1)] for year in SIMULATED}
        for item, plus, minus in (("NET_MIG", "FLW_IMM", "FLW_EMI"), ("NAT_INC", "LBIRTH", "DEATH")):
            rows[status, item] = {
                year: str(int(rows[status, plus][year]) - int(rows[status, minus][year])) for year in SIMULATED
            }
    for status in ("NC", "FC"):
        rows[status, "CTZ_ACQ"] = {year: acquired[year] for year in SIMULATED}
    shown = ("CTZ_STATUS", "ACC_ITEM")
    fixed = rest((*FOUR, "C_BIRTH", "C_CITIZEN"), shown, {**UNITS, **RULE, "STOCK_METHOD": "REG", "SRC_TYPE": "REG"})
    return Table("account", "Account", "account", "DF_ACCOUNT", "Population account", shown, fixed, rows)


def abroad_tables(years: Sequence[Year], country: str) -> Iterator[Table]:
    """Natives who live abroad, and the moves that the neighbours count."""
    shown = ("COUNTERPART_AREA", "SEX", "AGE")
    yield counted(
        "abroad/Natives abroad",
        "DF_EMISTOCK",
        "Persons born in the country who live abroad, by country of residence",
        list(natives_abroad(years, country)),
        shown=shown,
        views=[*every_view(("SEX", "AGE")), ("COUNTERPART_AREA",), ("COUNTERPART_AREA", "SEX")],
        all=shown,
        fixed={**UNITS, "REF_DATE": "D0101", "ID_CRITERION": "CBR", "REPORTED_BY": "PARTNER", "SRC_TYPE": "MIR"},
        mapping="natives_abroad",
    )
    rows: dict[Codes, dict[str, str]] = {}
    for direction, facts, theirs in (("I", immigrants, "E"), ("E", emigrants, "I")):
        own = cube(facts(years, country), ("C_RESIDENCE",), [("C_RESIDENCE",)])
        for partner in SEEN:
            moves = cube(found_by(years, partner, theirs), ("C_RESIDENCE",), [("C_RESIDENCE",)])
            rows[direction, partner, "OWN"] = own[partner,]
            rows[direction, partner, "PARTNER"] = moves[country,]
    shown = ("DIRECTION", "COUNTERPART_AREA", "REPORTED_BY")
    title = "The same moves as this country and its neighbours count them"
    fixed = {**UNITS, "CTZ_STATUS": "_T", "SEX": "_T", "AGE": "_T", "SRC_TYPE": "MIR"}
    yield Table("abroad", "Mirror", "mirror", "DF_MIRROR", title, shown, fixed, rows)


def found_by(years: Sequence[Year], country: str, direction: str) -> list[Fact]:
    """The moves that the statistics of a neighbour find: each group of them with the same chance."""
    random = Random(f"{SEED} {country} {direction}")  # noqa: S311 - a simulation, no secret
    facts = immigrants(years, country) if direction == "I" else emigrants(years, country)
    return [(year, codes, round_randomly(number * SEEN[country], random)) for year, codes, number in facts]


def chances() -> list[dict[str, str]]:
    """The rows of the file of made-up rates."""
    with TOPICS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


AGES = {
    "ALL": ("Y0T17", "Y18T64", "Y_GE65"),
    "ADULT": ("Y15T24", "Y25T64", "Y_GE65"),
    "WOMEN": ("Y15T34", "Y35T49"),
    "CHILD": ("Y5T14", "Y15T17"),
    "UNDER5": ("Y0", "Y1T4"),
    "YOUTH": ("Y15T19", "Y20T24"),
}
"""The age groups by which an indicator is broken down, by who is counted."""
ENDS = {"Y_GE65": (65, 200), "Y0": (0, 0)}


def ends_of(age: str) -> tuple[int, int]:
    """The first and the last year of age of a group.

    >>> ends_of("Y15T24"), ends_of("Y0")
    ((15, 24), (0, 0))
    """
    if age in ENDS:
        return ENDS[age]
    first, _, last = age.removeprefix("Y").partition("T")
    return int(first), int(last)


def life_tables(years: Sequence[Year], country: str) -> Iterator[Table]:
    """Numerators and denominators of the indicators about how residents live, for the last two years."""
    random = Random(SEED + 1)  # noqa: S311 - a simulation, no secret
    shown = ("INDICATOR", "IND_TERM", *FOUR)
    facts: list[Fact] = []
    for chance in chances():
        if chance["kind"] == "SHARE":
            facts += list(share_facts(years, country, chance, random))
    views = [
        ("INDICATOR", "IND_TERM", *more)
        for more in (
            (),
            ("SEX",),
            ("AGE",),
            ("BIRTH_STATUS",),
            ("CTZ_STATUS",),
            ("BIRTH_STATUS", "SEX"),
            ("CTZ_STATUS", "SEX"),
            ("BIRTH_STATUS", "AGE"),
            ("CTZ_STATUS", "AGE"),
        )
    ]
    no_age = {row["indicator"] for row in chances() if not row["ages"]}
    rows = {
        key: by_year for key, by_year in cube(facts, shown, views).items() if key[0] not in no_age or key[-1] == "_T"
    }
    fixed = {**TERM, "C_BIRTH": "_T", "C_CITIZEN": "_T", "COUNTERPART_AREA": "_T"}
    yield Table(
        "life",
        "Numerators and denominators",
        "life",
        "DF_IND_TERM",
        "Counts behind the indicators on living conditions",
        shown,
        fixed,
        rows,
    )
    money = ("INDICATOR", "IND_TERM", *FOUR)
    earned = {key: by for key, by in rows.items() if key[0] == "EMPLOYMENT_RATIO" and key[1] == "NUM"}
    wages = {
        ("HOURLY_EARNINGS", term, *key[2:]): {
            year: str(
                int(number)
                * 1_640
                * (14 + int(year) - LAST + (2 if "FB" not in key and "FC" not in key else 0) if term == "NUM" else 1)
            )
            for year, number in by.items()
        }
        for key, by in earned.items()
        for term in ("NUM", "DEN")
    }
    yield Table(
        "life",
        "Earnings",
        "earnings",
        "DF_IND_TERM",
        "Gross earnings and hours paid",
        money,
        {**fixed, "UNIT_MEASURE": "CUR_LCU"},
        wages,
    )
    costs: dict[Codes, dict[str, str]] = {}
    for partner, sex in product(("_T", *PARTNERS), ("_T", "M", "F")):
        level = 1 if partner == "_T" else 0.7 + 0.1 * PARTNERS.index(partner)
        costs["NUM", partner, sex] = {
            year: str(int(2100 * level * (1.05 if sex == "M" else 1))) for year in SIMULATED[-3:]
        }
        costs["DEN", partner, sex] = {year: str(1450 + 60 * (int(year) - LAST)) for year in SIMULATED[-3:]}
    fixed = {
        **TERM,
        "UNIT_MEASURE": "CUR_LCU",
        "INDICATOR": "RECRUITMENT_COST",
        "BIRTH_STATUS": "_T",
        "CTZ_STATUS": "_T",
        "AGE": "_T",
        "C_BIRTH": "_T",
        "C_CITIZEN": "_T",
    }
    yield Table(
        "life",
        "Recruitment costs",
        "recruitment",
        "DF_IND_TERM",
        "Costs of recruitment and monthly earnings abroad",
        ("IND_TERM", "COUNTERPART_AREA", "SEX"),
        fixed,
        costs,
    )


TERM = {**UNITS, "TOPIC": "_T", "TOPIC_CODE": "_T", "SRC_TYPE": "SURVEY"}


def share_facts(years: Sequence[Year], country: str, chance: Mapping[str, str], random: Random) -> Iterator[Fact]:
    """Yield populations and counts of an indicator; natives and foreign-born have separate chances."""
    bands = AGES[chance["who"]]
    for year in years[-3:-1]:
        asked: dict[Codes, int] = {}
        for group, number in sorted(year.population.items()):
            band = next((age for age in bands if ends_of(age)[0] <= group.age <= ends_of(age)[1]), "")
            if group.residence == country and band and (group.sex == "F" or not chance["women_only"]):
                key = (
                    "NB" if group.birth == country else "FB",
                    "NC" if group.citizenship == country else "FC",
                    group.sex,
                    band,
                )
                asked[key] = asked.get(key, 0) + number
        for key, persons in sorted(asked.items()):
            codes = {"INDICATOR": chance["indicator"], **dict(zip(FOUR, key, strict=True))}
            size = round_randomly(persons * float(chance["asked"]), random)
            likely = float(chance["natives"] if key[0] == "NB" else chance["foreign_born"]) * (
                1 + 0.005 * (year.year - LAST)
            )
            counted_persons = min(
                size, round_randomly(size * likely * (float(chance["women"]) if key[2] == "F" else 1.0), random)
            )
            yield str(year.year), {**codes, "IND_TERM": "DEN"}, size
            yield str(year.year), {**codes, "IND_TERM": "NUM"}, counted_persons


def drawn(
    level: float, parts: Mapping[str, Sequence[str]], random: Random, years: Sequence[str] = SIMULATED
) -> list[Fact]:
    """Made-up numbers of persons or events: a level a year, spread over all codes of some components."""
    weights = {
        component: [1 / (1 + 0.6 * number) for number in range(len(codes))] for component, codes in parts.items()
    }
    facts: list[Fact] = []
    for year in years:
        slump = 0.55 if year == "2020" else 1.0
        for choice in product(*(range(len(codes)) for codes in parts.values())):
            share = 1.0
            for component, number in zip(parts, choice, strict=True):
                share *= weights[component][number] / sum(weights[component])
            codes = {component: parts[component][number] for component, number in zip(parts, choice, strict=True)}
            facts.append(
                (year, codes, round_randomly(level * slump * (1 + 0.02 * (int(year) - FIRST)) * share, random))
            )
    return facts


SEXES, FIVE = ("M", "F"), tuple(f"Y{age}T{age + 4}" for age in (25, 20, 30, 35, 15, 40, 10, 45, 5, 50, 0, 55, 60))
BROAD = ("Y18T34", "Y35T64", "Y0T17", "Y_GE65")
ADMIN = (
    "REASON",
    "DURATION",
    "C_CITIZEN",
    "SEX",
    "AGE",
    "BORDER_TYPE",
    "GROUND",
    "PLACE",
    "RETURN_TYPE",
    "ASSISTANCE",
    "C_DESTINATION",
)


def administrative_tables() -> Iterator[Table]:
    """Permits, border, irregular stay, returns, protection and temporary mobility."""
    random = Random(SEED + 2)  # noqa: S311 - a simulation, no secret
    who = {"C_CITIZEN": PARTNERS, "SEX": SEXES, "AGE": BROAD}
    border, ground = ("LAND", "AIR", "SEA"), ("OVERSTAY", "STATUS", "ENTRY", "WORK")
    for sheet, item, unit, level, more, title in (
        (
            "Refused entry",
            "REFUSED",
            "PS",
            640,
            {"BORDER_TYPE": border, "GROUND": ("NO_PURPOSE", "NO_VISA", "NO_DOC", "FALSE_DOC", "NO_MEANS")},
            "Persons refused entry",
        ),
        (
            "Irregular crossings",
            "IRR_CROSS",
            "NUMBER",
            210,
            {"BORDER_TYPE": border},
            "Irregular crossings of the border that were detected",
        ),
        ("Overstays", "OVERSTAY", "PS", 830, {"BORDER_TYPE": border}, "Persons who stayed longer than allowed"),
        (
            "Found irregular",
            "FOUND_IRREG",
            "PS",
            520,
            {"GROUND": ground, "PLACE": ("INLAND", "BORDER")},
            "Persons found to be irregularly present",
        ),
        ("Orders to leave", "ORDER_LEAVE", "PS", 410, {}, "Persons ordered to leave"),
        (
            "Returned",
            "RETURNED",
            "PS",
            260,
            {"RETURN_TYPE": ("VOL", "FORCED"), "ASSISTANCE": ("ASSISTED", "NOT_ASSISTED"), "C_DESTINATION": PARTNERS},
            "Persons returned",
        ),
        ("Regularised", "REGULARISED", "PS", 150, {"GROUND": ("STATUS", "WORK", "OVERSTAY")}, "Persons regularised"),
        ("Smuggled", "SMUGGLED", "PS", 60, {}, "Smuggled migrants who were detected"),
        ("Detained", "DETAINED", "PS", 190, {}, "Persons detained for reasons of migration"),
        ("Unaccompanied minors", "UAM_DETECTED", "PS", 35, {}, "Unaccompanied minors who were detected"),
        ("Dead or missing", "DEAD_MISSING", "PS", 4, {}, "Migrants who died or disappeared"),
    ):
        ages = {"AGE": ("Y15T17", "Y10T14", "Y5T9")} if item == "UAM_DETECTED" else {}
        parts = {**who, **ages, **more}
        views: list[Codes] = [(), *((component,) for component in parts), ("SEX", "AGE")]
        fixed = {
            **UNITS,
            "UNIT_MEASURE": unit,
            "ADM_ITEM": item,
            "SRC_TYPE": "BOR" if "BORDER_TYPE" in more else "ADMIN",
        }
        yield counted(
            f"administrative/{sheet}",
            "DF_ADMIN",
            title,
            drawn(level, parts, random),
            shown=tuple(parts),
            views=views,
            all=ADMIN,
            fixed=fixed,
            mapping="administrative",
        )
    reasons = {
        "REASON": ("EMP", "FAM", "EDU", "PROT", "OTH"),
        "DURATION": ("M_GE12", "M6T11", "M3T5"),
        "C_CITIZEN": PARTNERS,
        "SEX": SEXES,
    }
    for sheet, item, level in (("First permits", "PERMIT_FIRST", 3900), ("Valid permits", "PERMIT_VALID", 21_500)):
        views = [(), *((component,) for component in reasons), ("REASON", "C_CITIZEN"), ("REASON", "DURATION")]
        fixed = {**UNITS, "ADM_ITEM": item, "SRC_TYPE": "PER_RES"}
        yield counted(
            f"permits/{sheet}",
            "DF_PERMIT",
            f"{sheet} by reason, duration, citizenship and sex",
            drawn(level, reasons, random),
            shown=tuple(reasons),
            views=views,
            all=ADMIN,
            fixed=fixed,
            mapping="permits",
        )
    crossing = {"C_CITIZEN": (HOME_COUNTRY, *PARTNERS), "BORDER_TYPE": border}
    for sheet, item, level in (("Entries", "ENTRY", 1_400_000), ("Exits", "EXIT", 1_396_000)):
        fixed = {**UNITS, "UNIT_MEASURE": "EVENT", "ADM_ITEM": item, "SRC_TYPE": "BOR"}
        yield counted(
            f"border/{sheet}",
            "DF_BORDER",
            f"{sheet} at the border",
            drawn(level, crossing, random),
            shown=tuple(crossing),
            all=ADMIN,
            fixed=fixed,
            mapping="border",
        )
    yield from protection_tables(random)
    yield from mobility_tables(random)


def protection_tables(random: Random) -> Iterator[Table]:
    """Applications for protection, decisions, and who is protected."""
    components = ("PROT_STATUS", "DECISION_STAGE", "DECISION_ACTION", "C_CITIZEN", "SEX", "AGE", "ACCOMPANIED")
    who = {"C_CITIZEN": PARTNERS, "SEX": SEXES, "AGE": BROAD}
    for sheet, item, level, more, title in (
        ("Applications", "APPLIED", 480, {}, "Applicants for protection"),
        (
            "Decisions",
            "DECIDED",
            430,
            {"DECISION_ACTION": ("GRANT", "REJECT")},
            "Persons about whom was decided at first instance",
        ),
        (
            "Protected",
            "STOCK",
            1900,
            {"PROT_STATUS": ("REFUGEE", "SUBS", "TEMP")},
            "Persons under protection on 31 December",
        ),
    ):
        parts = {**who, **more}
        views: list[Codes] = [(), *((component,) for component in parts), ("SEX", "AGE")]
        fixed = {**UNITS, "PROT_ITEM": item, "SRC_TYPE": "ASY"}
        if item == "DECIDED":
            fixed["DECISION_STAGE"] = "FIRST"
        yield counted(
            f"protection/{sheet}",
            "DF_PROTECTION",
            title,
            drawn(level, parts, random),
            shown=tuple(parts),
            views=views,
            all=components,
            fixed=fixed,
            mapping="protection",
        )


def mobility_tables(random: Random) -> Iterator[Table]:
    """Temporary stays in the country and abroad by purpose."""
    purposes = {"TMP_LAB": "TMP_LAB", "TMP_EDU": "TMP_EDU", "TMP_HLT": "TMP_HLT", "TMP_OTH": "TMP_OTH"}
    parts = {"MOB_TYPE": tuple(purposes), "SEX": SEXES, "AGE": FIVE, "C_CITIZEN": PARTNERS, "C_RESIDENCE": PARTNERS}
    for sheet, item, unit, level in (
        ("Arrivals", "ARR", "NUMBER", 18_000),
        ("Departures", "DEP", "NUMBER", 9_000),
        ("Present", "PRES", "PS", 5_200),
    ):
        own = {**parts, "C_CITIZEN": (HOME_COUNTRY,)} if item == "DEP" else parts
        views: list[Codes] = [(), ("MOB_TYPE",), ("SEX",), ("AGE",), ("SEX", "AGE"), ("C_RESIDENCE",)]
        if item != "DEP":
            views.append(("C_CITIZEN",))
        fixed = {**UNITS, "TMP_ITEM": item, "UNIT_MEASURE": unit, "SRC_TYPE": "BOR"}
        facts = drawn(level, own, random, SIMULATED[-5:])
        table = counted(
            f"mobility/{sheet}",
            "DF_TEMPMOB",
            f"Temporary stays: {sheet.lower()}",
            facts,
            shown=tuple(own),
            views=views,
            all=("TMP_LAB", "STAY_DUR"),
            fixed=fixed,
            mapping="mobility",
        )
        place = table.shown.index("MOB_TYPE")
        rows = {
            (*key[:place], "TMP" if key[place] == "_T" else key[place], *key[place + 1 :]): by
            for key, by in table.rows.items()
        }
        yield Table(table.workbook, table.sheet, table.mapping, table.flow, table.title, table.shown, table.fixed, rows)


def topic_tables(years: Sequence[Year], country: str) -> Iterator[Table]:
    """Residents by education, labour force status, region and duration of stay, drawn from the simulated population."""
    random = Random(SEED + 3)  # noqa: S311 - a simulation, no secret
    topics = {
        "EDUCATION_LEV": (
            ("ISCED11_1", 0.12, 0.16),
            ("ISCED11_2", 0.2, 0.19),
            ("ISCED11_3", 0.4, 0.33),
            ("AGG_5T8", 0.28, 0.32),
        ),
        "LF_STATUS": (("EMP", 0.58, 0.61), ("UNE", 0.04, 0.07), ("OLF", 0.38, 0.32)),
        "REGION": (("XA-N", 0.35, 0.2), ("XA-C", 0.4, 0.6), ("XA-S", 0.25, 0.2)),
        "DUR_STAY": (("Y_LT1", 0.0, 0.06), ("Y1T4", 0.0, 0.2), ("Y5T9", 0.0, 0.22), ("Y_GE10", 0.0, 0.52)),
    }
    components = (
        "BIRTH_STATUS",
        "CTZ_STATUS",
        "SEX",
        "AGE",
        "C_BIRTH",
        "C_CITIZEN",
        "C_RESIDENCE",
        "REGION",
        "EDUCATION_LEV",
        "LF_STATUS",
        "OCCUPATION",
        "ACTIVITY",
        "EMP_STATUS",
        "DUR_STAY",
        "REASON",
        "PARENT_BIRTH",
    )
    people = list(residents(years[-6:-1], country))
    for topic, shares in topics.items():
        adults = topic in ("EDUCATION_LEV", "LF_STATUS")
        cells = cube(people, FOUR, [FOUR])
        facts: list[Fact] = []
        for key, numbers in cells.items():
            codes = dict(zip(FOUR, key, strict=True))
            if (adults and codes["AGE"] in ("Y0T4", "Y5T9", "Y10T14")) or (
                topic == "DUR_STAY" and codes["BIRTH_STATUS"] == "NB"
            ):
                continue
            for year, number in numbers.items():
                left = int(number)
                for place, (code, native, foreign) in enumerate(shares):
                    share = native if codes["BIRTH_STATUS"] == "NB" else foreign
                    part = left if place == len(shares) - 1 else min(left, round_randomly(int(number) * share, random))
                    left -= part
                    facts += (
                        [(year, {**codes, topic: code, "AGE": age}, part) for age in adult_ages(codes["AGE"])]
                        if adults
                        else [(year, {**codes, topic: code}, part)]
                    )
        shown = (topic, "BIRTH_STATUS", "CTZ_STATUS", "SEX", *(("AGE",) if adults else ()))
        views = [(topic, *more) for more in every_view(shown[1:])]
        if topic == "DUR_STAY":
            views = [view for view in views if "BIRTH_STATUS" in view]
        if adults:
            views = [view for view in views if "AGE" in view]
        fixed = {**STOCK, "POP_BASE": "RES", "SRC_TYPE": "REG"}
        yield counted(
            f"topics/{topic}",
            "DF_POP_TOPIC",
            f"Population on 1 January by {TITLES[topic]}",
            facts,
            shown=shown,
            views=views,
            all=components,
            fixed=fixed,
            mapping="topics",
        )


TITLES = {
    "EDUCATION_LEV": "education",
    "LF_STATUS": "labour force status",
    "REGION": "region",
    "DUR_STAY": "duration of stay",
}


def irregular_tables() -> Iterator[Table]:
    """The estimate of residents without a right to stay, and incidents by place and border point."""
    random = Random(SEED + 4)  # noqa: S311 - a simulation, no secret
    parts = {"C_CITIZEN": PARTNERS, "SEX": SEXES, "AGE": FIVE}
    facts = [
        (year, {**codes, "CTZ_STATUS": "FC"}, number)
        for year, codes, number in drawn(2_300, parts, random, SIMULATED[-3:])
    ]
    shown = ("CTZ_STATUS", "C_CITIZEN", "SEX", "AGE")
    fixed = {**TERM, "SRC_TYPE": "EXP", "INDICATOR": "IRR_STOCK_SHARE", "IND_TERM": "NUM"}
    views: list[Codes] = [(), ("SEX",), ("AGE",), ("SEX", "AGE"), ("CTZ_STATUS", "C_CITIZEN")]
    every = ("BIRTH_STATUS", *shown, "C_BIRTH", "COUNTERPART_AREA")
    yield counted(
        "irregular/Irregular residents",
        "DF_IND_TERM",
        "Estimated residents without a right to stay",
        facts,
        shown=shown,
        views=views,
        all=every,
        fixed=fixed,
        mapping="irregular",
    )
    for sheet, indicator, topic, codes, level in (
        ("Dead or missing by place", "DEATHS_MISSING", "AREA_INCIDENT", ("XB", "XA"), 4),
        ("Overstays by point", "OVERSTAY", "BORDER_POINT", ("Airport", "Harbour", "Northern bridge"), 830),
    ):
        places = drawn(level, {"TOPIC_CODE": codes}, random)
        fixed = {**TERM, "SRC_TYPE": "BOR", "INDICATOR": indicator, "IND_TERM": "NUM", "TOPIC": topic}
        yield counted(
            f"irregular/{sheet}",
            "DF_IND_TERM",
            sheet,
            places,
            shown=("TOPIC_CODE",),
            views=[("TOPIC_CODE",)],
            all=(*FOUR, "C_BIRTH", "C_CITIZEN", "COUNTERPART_AREA"),
            fixed=fixed,
            mapping="irregular",
        )


def published_tables() -> Iterator[Table]:
    """Indicators that are published as values: an index, a score and the cost of remittances."""
    fixed = {
        **UNITS,
        "TOPIC": "_T",
        "TOPIC_CODE": "_T",
        "C_BIRTH": "_T",
        "C_CITIZEN": "_T",
        "AGE": "_T",
        "SRC_TYPE": "ADMIN",
    }
    years = SIMULATED[-5:]
    groups = {("_T", "_T"): 0, ("NB", "_T"): 1, ("FB", "_T"): -5, ("_T", "NC"): 1, ("_T", "FC"): -7}
    index: dict[Codes, dict[str, str]] = {}
    for (birth, citizenship), shift in groups.items():
        for sex, more in (("_T", 0), ("M", -1), ("F", 1)):
            index[birth, citizenship, sex, "_T"] = {y: str(76 + shift + more + int(y) - LAST) for y in years}
        for age, more in (("Y0T17", 3), ("Y18T64", 0), ("Y_GE65", -4)):
            index[birth, citizenship, "_T", age] = {y: str(76 + shift + more + int(y) - LAST) for y in years}
    by_age = {key: value for key, value in fixed.items() if key != "AGE"}
    yield Table(
        "indicators",
        "Health coverage",
        "indicators",
        "DF_INDICATOR",
        "Index of coverage by essential health services",
        FOUR,
        {**by_age, "INDICATOR": "HEALTH_COVERAGE", "COUNTERPART_AREA": "_T", "UNIT_MEASURE": "IX"},
        index,
    )
    score = {
        (birth, citizenship, sex): {y: str(round(2.4 - shift / 10 - more / 20, 2)) for y in years}
        for (birth, citizenship), shift in groups.items()
        for sex, more in (("_T", 0), ("M", 1), ("F", -1))
    }
    yield Table(
        "indicators",
        "Labour rights",
        "indicators",
        "DF_INDICATOR",
        "Score of compliance with labour rights (0 best, 10 worst)",
        ("BIRTH_STATUS", "CTZ_STATUS", "SEX"),
        {**fixed, "INDICATOR": "LABOUR_RIGHTS", "COUNTERPART_AREA": "_T", "UNIT_MEASURE": "SCORE", "DECIMALS": "2"},
        score,
    )
    cost = {
        (partner,): {y: str(round(6.4 - 0.1 * (int(y) - LAST) + 0.3 * number, 1)) for y in years}
        for number, partner in enumerate(("_T", *PARTNERS))
    }
    yield Table(
        "indicators",
        "Remittance cost",
        "indicators",
        "DF_INDICATOR",
        "Cost of sending money as a percentage of the amount",
        ("COUNTERPART_AREA",),
        {
            **fixed,
            "INDICATOR": "REMITTANCE_COST",
            "BIRTH_STATUS": "_T",
            "CTZ_STATUS": "_T",
            "SEX": "_T",
            "UNIT_MEASURE": "PT",
            "DECIMALS": "1",
        },
        cost,
    )


def complete_tables(years: Sequence[Year], country: str) -> list[Table]:
    """All tables of the country whose report is complete."""
    return [
        *population_tables(years, country),
        *flow_tables(years, country),
        *vital_tables(years, country),
        account_table(years, country),
        *abroad_tables(years, country),
        *topic_tables(years, country),
        *administrative_tables(),
        *irregular_tables(),
        *life_tables(years, country),
        *published_tables(),
    ]


def neighbour_tables(years: Sequence[Year], country: str) -> list[Table]:
    """The tables of a neighbour, which publishes less: population, and flows by citizenship and other country.

    Its statistics find only a share of the moves (`SEEN`); the error is made up too.
    """
    people = list(residents(years, country))
    components = (*FOUR, "C_BIRTH", "C_CITIZEN")
    common = {"all": components, "fixed": {**STOCK, "STOCK_METHOD": "REG", "SRC_TYPE": "REG"}, "mapping": "population"}
    title, sexes = "Population on 1 January", ("BIRTH_STATUS", "CTZ_STATUS", "SEX")
    tables = [
        counted("population/Groups", "DF_POP", f"{title} by birth, citizenship and sex", people, shown=sexes, **common)
    ]
    for name, flow, direction in (("Immigration", "DF_IMM", "I"), ("Emigration", "DF_EMI", "E")):
        moves = found_by(years, country, direction)
        fixed = {**UNITS, **RULE, "DIRECTION": direction, "SRC_TYPE": "REG"}
        common = {"all": (*components, "C_RESIDENCE"), "fixed": fixed, "mapping": name.lower()}
        for sheet, shown, views in (
            ("Residence", ("C_RESIDENCE",), [(), ("C_RESIDENCE",)]),
            ("Citizenship", ("CTZ_STATUS", "C_CITIZEN"), [("CTZ_STATUS", "C_CITIZEN")]),
        ):
            heading = f"{name} by {HEADINGS[sheet]}"
            tables.append(counted(f"{name.lower()}/{sheet}", flow, heading, moves, shown=shown, views=views, **common))
    return tables


def adult_ages(age: str) -> tuple[str, str]:
    """The wide age groups to which a group of five years belongs, in the tables about adults.

    >>> adult_ages("Y60T64"), adult_ages("Y_GE85")
    (('Y_GE15', 'Y15T64'), ('Y_GE15', 'Y_GE65'))
    """
    return "Y_GE15", "Y15T64" if age < "Y65" else "Y_GE65"


HEADINGS = {"Residence": "other country", "Citizenship": "citizenship"}
