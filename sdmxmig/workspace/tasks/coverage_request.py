"""Coverage requests: checks, tables and statements of their figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import MAXYEAR, date
from pathlib import Path

from sdmxmig.catalogue import Catalogue
from sdmxmig.conversion.mapping.block_keys import suggest_code
from sdmxmig.io.intake.files import hash_file, read_bytes
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.corrected_emigration import CorrectedYear
from sdmxmig.records.counting import Statement
from sdmxmig.records.coverage_release import Population
from sdmxmig.records.coverage_rules import CoverageRules, Rule, check_base, load_coverage_rules, load_shipped_rules
from sdmxmig.records.files import (
    CITIZENSHIPS,
    LINKS,
    LISTED,
    MOVEMENTS,
    PERSONS,
    SIGNS,
    TRAINING,
    RecordTable,
    number_rows,
)
from sdmxmig.records.group_estimates import Method
from sdmxmig.records.linkage_errors import ListLinks, assume_equal_links, check_links, read_measured_links
from sdmxmig.records.reading import check_area, check_source_type, import_table, index_codes_by_list
from sdmxmig.records.register_coverage import (
    People,
    check_left,
    describe_small_count,
    select_dead,
    select_each_once,
    select_present,
    select_signs_by_year,
)
from sdmxmig.records.residence_rules import RULE_LIST
from sdmxmig.statistics.demography.capture import BIC, NO_FAULTS, LinkErrors, Share
from sdmxmig.statistics.demography.signs_of_life import SAMPLE, estimate_share
from sdmxmig.statistics.demography.signs_of_life import SIGNS as BY_SIGNS
from sdmxmig.workspace.requests.tasks import CoverageChoices, check_file, collect_files, parse_day
from sdmxmig.workspace.tasks.record_files import HASH_SHOWN, open_scratch_folder

DAY_CODES = {(1, 1): "D0101", (7, 1): "D0701", (12, 31): "D1231"}
"""The codes of `CL_REF_DATE` by month and day."""
OTHER_DAY, SIGNS_OF_LIFE = "OTH", "SOL"
LONGEST_COMMENT = 4000


@dataclass(frozen=True, slots=True)
class CoverageRequest:
    """A coverage request.

    `lists` are tables by name, the register first, or None for linked sources. `files` are `persons`, `citizenships`,
    `signs`, `training`, `links` and `movements`. `by` lists dimensions. `precision` and `recall`, or `linkage`, give
    the link quality. If `base` is None, rounding is as declared.
    """

    area: str
    day: date
    _: KW_ONLY
    lists: Mapping[str, Path | None]
    rule: str
    files: Mapping[str, Path] = field(default_factory=dict)
    by: tuple[str, ...] = ()
    precision: Share = NO_FAULTS.precision
    recall: Share = NO_FAULTS.recall
    criterion: str = BIC
    source_type: str = "REG"
    base: int | None = None
    declaration: Path | None = None
    linkage: Path | None = None


NOT_DECLARED = "the index of the declaration is not used, since it was measured anew in the training sample"


def list_notes(request: CoverageRequest, rules: CoverageRules, rule: Rule | None, population: Population) -> list[str]:
    others = "who is on them without living there is taken off" if rule else "nobody is on them without living there"
    supposed = (
        f"the lists are of one closed population, {others}, nobody is on a list twice under different names, and lists "
        "that no model joins are independent within groups"
    )
    limits = rules.limits
    hard = (
        f"hard to count: over-coverage above {limits.over_coverage:g}, coverage below {limits.coverage:g} or half an "
        f"interval above {limits.precision:g} of the estimate ({limits.status})"
    )
    released_as = f"all counts are multiples of {rules.base}, ends of intervals moved outwards"
    groups = f"groups by {', '.join(request.by)}" if request.by else "no groups: persons are taken for alike"
    return [
        groups,
        supposed,
        *([index_words(rule)] if rule else []),
        *([NOT_DECLARED] if rule and rules.index and rule is not rules.index else []),
        *population.doubts,
        hard,
        released_as,
    ]


def describe_method(request: CoverageRequest) -> str:
    names = ", ".join(request.lists)
    if len(request.lists) == 1:
        return f"{names} without those who have left by signs of life"
    if len(request.lists) == 2:
        return f"dual system estimate by Chapman from the lists {names}"
    return f"log-linear models of the lists {names}, chosen by {request.criterion}"


def index_words(rule: Rule) -> str:
    index, tells = rule.index, rule.reliability
    weights = ", ".join(f"{name} {weight:.3f}" for name, weight in sorted(index.weights.items()))
    return (
        f"index of residence {rule.measured} ({index.status}): decay {index.decay:g}, gain {index.gain:g}, threshold "
        f"{index.threshold:.3f}, weights {weights}; it calls {tells.residents.value:.3f} of residents resident and "
        f"{tells.others.value:.3f} of others absent, for which it is corrected in every group alike"
    )


LATE_WORDS = {
    SAMPLE: "without those of persons who had left before or live there, by the exits of which the training sample "
    "knows it",
    BY_SIGNS: "without those of persons who had left before, by how often the training sample has signs of life in the "
    "year of leaving and after it, exits of persons who live there among them",
}
NOT_LATE = (
    "late ones, and those of persons who live there, among them, since neither the training sample nor signs of life "
    "in the year tell them"
)


def describe_flow(year: CorrectedYear) -> str:
    late = [words for name, words in LATE_WORDS.items() if name in year.total.late.known_by.split(", ")]
    return (
        f"emigration of persons who were in the register, from {year.begin} to before {year.end}: exits registered in "
        f"the year, {'; '.join(late) or NOT_LATE}; and those of the register who left in the year, by the training "
        "sample in classes of the last sign of life; it supposes that of persons with alike last signs those outside "
        "the sample left as often as those in it; who is in the register on the day counts there, and not by an exit"
    )


def state_stock(request: CoverageRequest, notes: Sequence[str]) -> Statement:
    day = DAY_CODES.get((request.day.month, request.day.day), OTHER_DAY)
    return Statement(
        {
            "RES_RULE": request.rule,
            "DUR_BASIS": "_U",
            "REF_DATE": day,
            "STOCK_METHOD": "EST",
            "AGEDEF": "COMPLET" if day == "D0101" else "REACH",
            "COMMENT_DSET": write_comment([f"as of the beginning of {request.day}", *notes]),
        },
        observation={**build_observation(request), "INTEG_METHOD": SIGNS_OF_LIFE if len(request.lists) == 1 else "MSE"},
    )


def state_flow(request: CoverageRequest, notes: Sequence[str]) -> Statement:
    return Statement(
        {
            "RES_RULE": request.rule,
            "DUR_BASIS": "_U",
            "REF_DATE": "_Z",
            "COMMENT_DSET": write_comment(list(reversed(notes))),
        },
        observation={**build_observation(request), "INTEG_METHOD": SIGNS_OF_LIFE},
    )


def write_comment(notes: Sequence[str]) -> str:
    text = "; ".join(notes) + "."
    return text if len(text) <= LONGEST_COMMENT else text[: LONGEST_COMMENT - 1] + "…"


def build_observation(request: CoverageRequest) -> dict[str, str]:
    further = (("linkage", request.linkage), ("declaration", request.declaration))
    sources = "; ".join(
        f"{name}: {path.name} (SHA-256 {hash_file(path)[:HASH_SHOWN]})"
        for name, path in (*request.lists.items(), *request.files.items(), *further)
        if path
    )
    return {
        "FREQ": "A",
        "REF_AREA": request.area,
        "UNIT_MEASURE": "PS",
        "UNIT_MULT": "0",
        "SRC_TYPE": request.source_type,
        "SOURCE_DETAIL": sources,
    }


MIN_YEAR, MAX_YEAR = 1900, 2200


def check(request: CoverageRequest, catalogue: Catalogue) -> None:
    check_area(request.area, catalogue)
    check_source_type(request.source_type, catalogue)
    rules = catalogue.item_scheme(RULE_LIST)
    if request.rule not in rules:
        hint = suggest_code(request.rule, rules, "RES_RULE")
        raise SdmxmigError(f"“{request.rule}” is not a residence rule.", hint=hint)
    if not MIN_YEAR <= request.day.year <= MAX_YEAR:
        raise SdmxmigError(
            f"{request.day.year} is not a possible year of lists.", hint="Write for example --year 2024."
        )
    if not request.lists:
        raise SdmxmigError("No list is named.", hint="Name a list: --list register=FILE.")
    check_signs(request)


def check_signs(request: CoverageRequest) -> None:
    signs, training = "signs" in request.files, "training" in request.files
    if (training and not signs) or (signs and not training and request.declaration is None):
        raise SdmxmigError(
            "Signs of life need a training sample, and vice versa.",
            hint="Add both --signs and --training, or neither. A declared index needs no training sample.",
        )
    if "movements" in request.files and not signs:
        raise SdmxmigError("The correction of exits needs signs of life.", hint="Add --signs and --training.")


def read_rules(request: CoverageRequest) -> CoverageRules:
    path = request.declaration
    rules = load_coverage_rules(path.name, read_bytes(path)) if path else load_shipped_rules()
    if request.base is None:
        return rules
    check_base(request.base)
    asked = ("asked for", "--round")
    return rules if request.base == rules.base else replace(
        rules, base=request.base, sources={**rules.sources, "release": asked}
    )  # fmt: skip


def read_links(request: CoverageRequest) -> ListLinks:
    faults = LinkErrors(precision=request.precision, recall=request.recall)
    is_named = (faults != NO_FAULTS) + (request.linkage is not None)
    if is_named > 1 or (is_named and len(request.lists) == 1):
        raise SdmxmigError(
            "Linkage errors need several lists and one way to state them.",
            hint="Use --linkage, or --precision and --recall, with two lists or more.",
        )
    if request.linkage is None:
        return assume_equal_links(faults, len(request.lists))
    return read_measured_links(request.linkage, tuple(request.lists))


def read_method(request: CoverageRequest, rules: CoverageRules, links: ListLinks) -> Method:
    return Method(
        lists=tuple(request.lists),
        links=links.faults,
        order=links.order,
        criterion=request.criterion,
        odds_ratios=rules.odds_ratios,
        near=rules.near,
        misfit=rules.misfit,
    )


TABLE_CHOICES = {
    "links": LINKS,
    "persons": PERSONS,
    "citizenships": CITIZENSHIPS,
    "signs": SIGNS,
    "training": TRAINING,
    "exits": MOVEMENTS,
}


def check_coverage_request(choices: CoverageChoices) -> CoverageRequest:
    """Check the choices of a user; raise `SdmxmigError` for impossible choices and missing files."""
    files = collect_files(choices, *TABLE_CHOICES)
    return CoverageRequest(
        choices.area,
        find_chosen_day(choices),
        lists=index_chosen_lists(choices),
        rule=choices.rule,
        files={TABLE_CHOICES[name].name: path for name, path in files.items()},
        by=tuple(choices.by),
        precision=parse_share(str(choices.precision)),
        recall=parse_share(str(choices.recall)),
        criterion=choices.criterion,
        source_type=choices.source_type,
        base=choices.base,
        declaration=check_file(choices.declaration),
        linkage=check_file(choices.linkage),
    )


def find_chosen_day(choices: CoverageChoices) -> date:
    day = parse_day(choices.day, "--day")
    if (choices.year is None) == (day is None):
        raise SdmxmigError("Name either year or day.", hint="Write for example --year 2024 or --day 2024-05-15.")
    return day or parse_year_start(choices.year)


def index_chosen_lists(choices: CoverageChoices) -> dict[str, Path | None]:
    if isinstance(choices.lists, Mapping):
        return {name: check_file(path) for name, path in choices.lists.items()}
    if isinstance(choices.lists, str):
        raise SdmxmigError("Each list needs a name and a file.", hint="Write for example --list register=register.csv.")
    lists = [parse_list(text) for text in choices.lists]
    if len(dict(lists)) < len(lists):
        raise SdmxmigError("Two lists have the same name.", hint="Give each list its own name.")
    return dict(lists)


def parse_list(text: str) -> tuple[str, Path | None]:
    name, _, path = text.partition("=")
    if not path and Path(name).suffix and Path(name).is_file():
        raise SdmxmigError(f"{name} is a file, but its list has no name.", hint=f"Write --list NAME={name}.")
    if not name.strip():
        raise SdmxmigError(f"“{text}” does not name a list.", hint="Write for example --list register=register.csv.")
    return name.strip(), Path(path) if path else None


def parse_year_start(year: int | None) -> date:
    if year is None or not 1 <= year <= MAXYEAR:
        raise SdmxmigError(f"{year} is not a possible year of lists.", hint="Write for example --year 2024.")
    return date(year, 1, 1)


def parse_share(text: str) -> Share:
    share, _, size = text.partition(":")
    try:
        value, sample = float(share), int(size) if size else None
    except ValueError:
        value, sample = -1.0, None
    if not 0 <= value <= 1 or (sample is not None and sample < 1):
        raise SdmxmigError(
            f"“{text}” is not a share.", hint="Write for example 0.97, or 0.97:500 from a sample of 500."
        )
    return Share(value) if sample is None else estimate_share(value, sample)


TABLES = (PERSONS, CITIZENSHIPS, SIGNS, TRAINING, MOVEMENTS, LINKS)


@dataclass(frozen=True, slots=True, eq=False)
class CoverageInput:
    lists: Mapping[str, pl.DataFrame]
    files: Mapping[str, pl.DataFrame]
    _: KW_ONLY
    notes: Sequence[str]

    @property
    def people(self) -> People | None:
        if "persons" not in self.files:
            return None
        return People(self.files["persons"], citizenships=self.files.get("citizenships"))


def read_coverage_input(request: CoverageRequest, catalogue: Catalogue) -> CoverageInput:
    codes = index_codes_by_list(catalogue)
    with open_scratch_folder() as folder:
        tables = {table.name: table for table in TABLES}
        files = {name: read(path, tables[name], folder, codes) for name, path in request.files.items()}
        links = files.get("links")
        if links is not None:
            check_links(links.lazy(), number_rows(request.files["links"]))
        whole = {
            name: read(path, LISTED, folder, codes) if path else select_source_persons(name, links)
            for name, path in request.lists.items()
        }
    dead = select_dead(request.day, files.get("persons"))
    notes = describe_removed_deaths(whole, dead)
    whole = {name: table.filter(~pl.col("person").is_in(dead.implode())) for name, table in whole.items()}
    register = next(iter(whole))
    if links is not None and "signs" in files:
        files["signs"] = select_by_person(files["signs"], links.filter(pl.col("source") == register))
    if "signs" in files:
        files["signs"] = select_signs_by_year(files["signs"], request.day)
    if "training" in files:
        check_left(files["training"], number_rows(request.files["training"]), request.day)
    lists = {}
    if "movements" in files:
        moves = files["movements"].select("person", "date", "direction").unique(maintain_order=True)
        again = files["movements"].height - moves.height
        notes += [f"{describe_small_count(again, 'move')} of --exits are repeated; each counts once"] if again else []
        files["movements"] = moves
    for name, table in whole.items():
        lists[name], words = select_present(name, table, request.day)
        notes += words
    return CoverageInput(lists, files, notes=notes)


def describe_removed_deaths(lists: Mapping[str, pl.DataFrame], dead: pl.Series) -> list[str]:
    listed = pl.concat([table.select("person") for table in lists.values()]).unique()
    count = int(listed["person"].is_in(dead.implode()).sum())
    return (
        [f"{describe_small_count(count, 'person')} of the lists died before the day, and are removed from all of them"]
        if count
        else []
    )


def read(path: Path, table: RecordTable, folder: Path, codes: Mapping[str, frozenset[str]]) -> pl.DataFrame:
    return pl.read_parquet(import_table(path, table, folder, codes), memory_map=False)


def select_source_persons(name: str, links: pl.DataFrame | None) -> pl.DataFrame:
    if links is None:
        raise SdmxmigError("No links are named.", hint=f"Name the file of the list, {name}=FILE, or --links.")
    persons = links.filter(pl.col("source") == name).select("person")
    if persons.is_empty():
        raise SdmxmigError(f"No link refers to the source “{name}”.", hint="Give the list the name of its source.")
    return persons


def select_by_person(signs: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    persons = links.select("record", "person").unique(maintain_order=True)
    return signs.join(persons, on="record").with_columns(record=pl.col("person")).drop("person")


def read_sample(taken: CoverageInput) -> pl.DataFrame:
    sample = taken.files.get("training", pl.DataFrame(schema={"person": pl.String, "resident": pl.Boolean}))
    return select_each_once(sample.select("person", "resident"), "The training sample")
