"""First steps: from a table to its dataflow, its own structure, last year's mapping, a workspace."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from case_tables import cases_from, listed, pairs, text_from
from console import Console
from markdown_workbooks import workbook
from proposed import WORDS, codes
from shipped import CATALOGUE

from sdmxmig import catalogue
from sdmxmig.cli import run
from sdmxmig.cli.map import list_options
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.suggestion import FlowKnowledge, suggest
from sdmxmig.conversion.suggestion.answers import add_answer, read_answers, write_answers
from sdmxmig.conversion.suggestion.table_subjects import SubjectQuestion, ask_about_table_subject
from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import propose

IN_PERSONS = {("*", "fixed UNIT_MEASURE", ""): "PS"}


def csv(title: str, head: str, rows: str) -> bytes:
    return f"{title};;\n{head};2021;2022\n{rows}".encode()


COUNTRIES = "Uganda;100;50\nEthiopia;60;30\nNorway;40;20\nTotal;200;100\n"
SEXES = "Men;10;20\nWomen;30;40\n"


def counted(title: str, head: str = "Country", rows: str = COUNTRIES) -> SubjectQuestion:
    """Return the question about what a table counts, with its options."""
    return ask_about_table_subject(read("t.csv", csv(title, head, rows)), CATALOGUE.flows, WORDS, CATALOGUE.counted)


@cases_from("conversion/cases/dataflow_is_chosen_if_the_table_is_clear.csv")
def test_dataflow_is_chosen_if_the_table_is_clear(title: str, head: str, flow: str) -> None:
    question = counted(title, head)
    assert question.flow == flow
    assert question.options[0].flow == flow
    assert question.options[0].reasons


@cases_from("conversion/cases/a_noun_for_people_or_conflicting_evidence_is_asked_about.csv")
def test_unclear_or_conflicting_subject_is_asked_about(title: str, head: str) -> None:
    question = counted(title, head)
    assert not question.flow
    assert len(question.options) > 1


@pytest.mark.parametrize("chapter", ["2 - POPULATION", "Kapitel 3: Bevölkerung", "Население"])
def test_name_of_a_chapter_above_a_title_is_no_subject(chapter: str) -> None:
    title = "Etrangers ayant acquis la nationalité marocaine, selon l'ancienne nationalité"
    assert counted(f"{chapter};;\n{title}", "Ancienne nationalité").flow == "DF_CITIZENSHIP"


@cases_from("conversion/cases/question_offers_what_the_title_may_count.csv", offered=listed)
def test_question_offers_what_the_title_may_count(title: str, flow: str, offered: tuple[str, ...]) -> None:
    question = counted(title, "Sex", SEXES)
    assert question.flow == flow
    assert {option.flow for option in question.options} >= {*offered}
    assert flow or {option.flow for option in question.options} == {*offered}


@pytest.mark.parametrize(
    "title",
    [
        "Población extranjera por comunidades y ciudades autónomas, 1 de enero de 2024",
        "Ausländische Bevölkerung nach Bundesländern, 1. Januar 2024",
        "Population étrangère par région, 1er janvier 2024",
    ],
)
def test_labels_without_a_head_are_regions_if_the_title_names_places(title: str) -> None:
    assert counted(title, "", "01 Andalucía;10;20\nTirol;30;40\nBretagne;9;8\n").flow == "DF_POP_TOPIC"


@pytest.mark.parametrize(
    ("title", "heads", "labels"),
    [
        ("Миграция населения по регионам", ("Прибыло", "Выбыло", "Сальдо миграции"), ("Абай", "Улытау", "г. Астана")),
        (
            "Międzynarodowe migracje według województw",
            ("Imigracja", "Emigracja", "Saldo migracji"),
            ("Śląskie", "Opolskie"),
        ),
        (
            "Migración internacional por departamentos",
            ("Inmigrantes", "Emigrantes", "Saldo migratorio"),
            ("Boyacá", "Huila"),
        ),
        ("Migrazioni internazionali per regione", ("Immigrati", "Emigrati", "Saldo migratorio"), ("Lazio", "Molise")),
    ],
)
def test_moves_by_region_are_offered_with_regions_not_as_an_account(
    title: str, heads: tuple[str, ...], labels: tuple[str, ...]
) -> None:
    rows = "".join(f"{label};{40 + at};{30 + at};10\n" for at, label in enumerate(labels))
    table = f"{title}, 2022;;;\n;{';'.join(heads)}\n{rows}".encode()
    question = ask_about_table_subject(read("t.csv", table), CATALOGUE.flows, WORDS, CATALOGUE.counted)
    assert {"DF_IMM_TOPIC", "DF_EMI_TOPIC"} <= {option.flow for option in question.options}
    assert question.flow != "DF_ACCOUNT"


def test_other_subjects_can_be_chosen_for_an_account() -> None:
    table = b"Migration, 2022;;\nYear;Immigrants;Emigrants\n2021;10;20\n2022;30;40\n"
    question = ask_about_table_subject(read("t.csv", table), CATALOGUE.flows, WORDS, CATALOGUE.counted)
    assert question.flow == "DF_ACCOUNT"
    assert {"DF_IMM", "DF_EMI"} <= {option.flow for option in question.others}


@pytest.mark.parametrize(
    ("title", "contrary"),
    [
        ("Persons arriving in the country by sex", "DF_EMI"),
        ("Persons leaving the country by sex", "DF_IMM"),
        ("Weggezogene Personen nach Geschlecht", "DF_IMM"),
        ("Emigrants by sex", "DF_POP"),
        ("Emigrants from Latvia by age and sex", "DF_POP"),
    ],
)
def test_reasons_do_not_contradict_their_subject(title: str, contrary: str) -> None:
    question = counted(title, "Sex", SEXES)
    assert [option.reasons for option in question.options if option.flow == contrary and option.reasons] == []


@pytest.mark.parametrize(
    ("title", "leaving"),
    [
        ("Türkiye'ye gelen ve Türkiye'den giden göç, cinsiyete göre", "giden"),
        ("Persons arriving and emigration by sex", "emigration"),
        ("Inmigrantes y emigración por sexo", "emigración"),
    ],
)
def test_words_for_leaving_are_no_reason_for_arrivals(title: str, leaving: str) -> None:
    options = [option for option in counted(title, "Sex", SEXES).options if option.flow == "DF_IMM"]
    assert not any(f"“{leaving}" in reason.casefold() for option in options for reason in option.reasons)


def test_subjects_with_reasons_are_offered_first() -> None:
    title = "Emigrants by country of destination (residents leaving for 12 months or more)"
    question = counted(title, "Destination")
    assert question.options[0].flow == "DF_EMI"
    has_reasons = [bool(option.reasons) for option in question.options]
    assert has_reasons == sorted(has_reasons, reverse=True)


def test_word_in_different_capitals_is_one_reason() -> None:
    assert len(counted("Immigrants and other immigrants by sex", "Sex", SEXES).options[0].reasons) == 1


@pytest.mark.parametrize("title", ["Immigrants, residence of at least 12 months", "Einwanderer nach Geschlecht"])
def test_residents_are_offered_for_movers_with_the_reason(title: str) -> None:
    question = counted(title, "Sex", SEXES)
    (first, second) = question.options[:2]
    assert (first.flow, second.flow) == ("DF_IMM", "DF_POP")
    assert first.reasons != second.reasons
    assert "moved there earlier" in second.reasons[0]


@cases_from("conversion/cases/people_abroad_are_never_taken_for_residents.csv")
def test_people_abroad_are_not_taken_for_residents(title: str) -> None:
    question = counted(title)
    assert not question.flow
    assert "DF_EMISTOCK" in {option.flow for option in question.options}


def test_people_born_abroad_are_residents() -> None:
    question = counted("Population born abroad, 1 January 2023", "Country of birth")
    assert question.flow == "DF_POP"


def test_subjects_without_evidence_in_the_table_can_be_chosen(tmp_path: Path, console: Console) -> None:
    table = tmp_path / "t.csv"
    table.write_bytes(csv("Migration programme outcome", "Citizenship", COUNTRIES))
    assert "Residence and work permits (DF_PERMIT)" in console.errors("map", table, "--area", "AU", code=1)


@cases_from("conversion/cases/a_day_makes_people_a_stock_in_any_language.csv")
def test_day_in_any_language_means_a_stock(title: str) -> None:
    question = counted(title)
    assert question.flow == "DF_POP"


def test_columns_five_years_apart_mean_a_stock() -> None:
    table = "Immigrants by country of birth;;\nCountry;2015;2020\n" + COUNTRIES
    question = ask_about_table_subject(read("t.csv", table.encode()), CATALOGUE.flows, WORDS, CATALOGUE.counted)
    assert question.flow == "DF_POP"


@pytest.mark.parametrize("title", ["", "Persons", "Table 3", "Migrants by year"])
def test_table_with_too_little_text_gets_no_dataflow(tmp_path: Path, console: Console, title: str) -> None:
    table = tmp_path / "t.csv"
    table.write_bytes(csv(title, "Country", COUNTRIES))
    assert run(["map", str(table), "--area", "KE"]) == 1
    message = console.readouterr()
    assert message.out == ""
    assert "What do these figures count?" in message.err
    assert "\n3. " in message.err


def test_options_and_observations_are_available_as_data(tmp_path: Path, console: Console) -> None:
    table = tmp_path / "t.csv"
    table.write_bytes(csv("Immigration by country of citizenship", "Citizenship", COUNTRIES))
    run(["map", str(table), "--area", "KE", "--format", "json"])
    message = json.loads(console.readouterr().out)
    assert message["dataflow"] == "DF_IMM"
    assert message["counted"][0]["dataflow"] == "DF_IMM"
    assert {"sheet", "part", "label", "proposed", "score", "why", "nearest", "open"} <= message["lines"][0].keys()
    assert {"fixed SRC_TYPE", "note OBS_STATUS"} <= {line["part"] for line in message["unsaid"]}
    assert message["preview"][0] == {
        "sentence": "Kenya, Immigration, Foreign citizens, Uganda (country of citizenship), 2021: 100"
        " (residence rule: Unknown?) ← t.csv!B3",
        "key": message["preview"][0]["key"],
        "value": "100",
        "cell": "t.csv › B3",
    }
    assert message["preview"][0]["key"]["C_CITIZEN"] == "UG"


@cases_from("conversion/cases/reasons_for_dataflow_are_in_language_of_the_office.csv")
def test_reasons_for_dataflow_are_in_language_of_the_office(language: str, words: str) -> None:
    first, *_ = list_options(counted("Immigration by country of citizenship"), language)
    assert first.endswith(f": {words}")
    named = list_options(counted("Immigrants by country of birth"), language)
    assert language == "en" or not any(" may be people who" in line for line in named)


LAST_YEAR = text_from("conversion/cases/map_start_last_year.toml")


@pytest.mark.parametrize(("says", "is_same"), [("Immigrants by country of citizenship", True), ("Other title", False)])
def test_last_mapping_answers_known_questions(tmp_path: Path, says: str, *, is_same: bool) -> None:
    table, like, target = (tmp_path / name for name in ("t.csv", "like.toml", "t.toml"))
    rows = COUNTRIES.replace("Ethiopia", "Abyssinia") + "of which children;3;4\n"
    table.write_bytes(csv("Immigrants by country of citizenship", "Citizenship", rows))
    like.write_text(LAST_YEAR.format(says=says), encoding="utf-8")
    code = run(["map", str(table), "--like", str(like), "-o", str(target)])
    mapping = load("t.toml", target.read_bytes(), CATALOGUE.flows)
    block = mapping.blocks[0]
    fixed, countries = (
        dict(block.fixed),
        {component_map.component: dict(component_map.codes) for component_map in block.components}["C_CITIZEN"],
    )
    assert (fixed["REF_AREA"], fixed["RES_RULE"], fixed["DUR_BASIS"]) == ("KE", "R12", "ACT")
    assert countries["Abyssinia"] == "ET"
    assert [skip.match for skip in block.skip_rows] == ["of which children"]
    assert ((fixed["UNIT_MULT"], fixed["CTZ_STATUS"]) == ("3", "FC")) == is_same
    assert code == (0 if is_same else code)


@cases_from(
    "conversion/cases/a_structure_of_its_own_keeps_every_column_that_tells_figures_apart.csv", dimensions=int, count=int
)
def test_own_structure_keeps_every_distinguishing_column(
    tmp_path: Path, rows: str, dimensions: int, count: int
) -> None:
    table, country = tmp_path / "t.csv", tmp_path / "country"
    table.write_text(rows, encoding="utf-8")
    run(["map", str(table), "--new-flow", "DF_OWN", "--area", "JO", "-o", str(country)])
    flows = catalogue.load(country).flows
    own = [one for one in flows["DF_OWN"].structure.key if one not in ("FREQ", "REF_AREA", "TIME_PERIOD")]
    assert len(own) == dimensions
    tables = read("t.csv", table.read_bytes())
    mapping = propose(
        tables, "DF_OWN", catalogue.load(country), WORDS, area="JO", decisions=IN_PERSONS
    ).proposal.mapping
    from sdmxmig.conversion.convert import convert

    conversion = convert(tables, mapping, flows["DF_OWN"], CATALOGUE.rules)
    frame = conversion.dataset.observations
    assert frame.height == count
    assert frame.select(flows["DF_OWN"].structure.key).n_unique() == count


def test_own_dataflow_in_a_workspace_gets_its_table(tmp_path: Path) -> None:
    table, home = tmp_path / "districts.csv", tmp_path / "home"
    table.write_text("Registered foreigners by district,,\nDistrict,2023,2024\nNorth,120,131\nSouth,80,84\n")
    assert run(["init", str(home)]) == 0
    assert run(["map", str(table), "--new-flow", "DF_DISTRICTS", "--area", "GE", "-o", str(home)]) == 1
    draft = home / "drafts" / "districts.DF_DISTRICTS.toml"
    answers = read_answers(draft.name, draft.read_bytes())
    for about, answer in IN_PERSONS.items():
        draft.write_bytes(write_answers(add_answer(answers, about, answer=answer)))
    mapping = home / "mappings" / "districts.toml"
    assert run(["map", str(table), "--area", "GE", "--read", str(draft), "-o", str(mapping)]) == 0
    assert run(["convert", str(home)]) == 0
    assert (home / "out" / "data" / "DF_DISTRICTS.csv").is_file()


def test_own_dataflow_reads_numbered_labels_without_a_head(tmp_path: Path) -> None:
    table, country = tmp_path / "t.csv", tmp_path / "country"
    table.write_bytes(csv("Alloggi per provincia", "", "1. Torino;5;6\n02 Vercelli;7;8\n03 Novara (1);9;9\n"))
    run(["map", str(table), "--new-flow", "DF_OWN", "--area", "IT", "-o", str(country)])
    own = catalogue.load(country)
    tried = propose(read("t.csv", table.read_bytes()), "DF_OWN", own, WORDS, area="IT")
    assert [each.part for each in tried.open] == ["fixed UNIT_MEASURE"]
    assert str(own.flows["DF_OWN"].concepts["BREAKDOWN_1"]) == "1. Torino, 02 Vercelli …"


@pytest.mark.parametrize(
    ("area", "title", "head", "rows"),
    [
        ("KZ", "Число родившихся", "Гражданство матери", ("Граждане Казахстана", "Иностранные граждане", "Россия")),
        ("IT", "Nati vivi", "Cittadinanza della madre", ("Cittadini italiani", "Cittadini stranieri", "Romania")),
        ("DE", "Lebendgeborene", "Staatsangehörigkeit der Mutter", ("Deutsche", "Ausländer", "Türkei")),
    ],
)
def test_country_may_be_answered_as_foreign_citizens(area: str, title: str, head: str, rows: tuple[str, ...]) -> None:
    table = csv(title, head, "".join(f"{row};{number};9\n" for number, row in enumerate(rows)))
    tried = propose(read("t.csv", table), "DF_BIRTHS", CATALOGUE, WORDS, area=area, decisions=IN_PERSONS)
    (asked,) = [each for each in tried.questions if each.label == rows[-1]]
    assert asked.others[0].code == "FC"


REMARK = (
    "Figures of the school census, which " + "counts every pupil of every school once a year and " * 4 + "is revised."
)


@pytest.mark.parametrize(
    ("above", "name"),
    [
        (("Pupils by district",), "Pupils by district"),
        (("Table 7", "Pupils by district"), "Pupils by district"),
        ((REMARK, "Pupils by district"), "Pupils by district"),
        (("Pupils by district", REMARK), "Pupils by district"),
        ((REMARK,), "DF OWN"),
        ((), "DF OWN"),
    ],
)
def test_own_structure_has_the_name_of_its_table(tmp_path: Path, above: tuple[str, ...], name: str) -> None:
    table, country = tmp_path / "t.csv", tmp_path / "country"
    rows = "".join(f"{line};;\n" for line in above) + "District;2021;2022\nNorth;1;2\nSouth;3;4\n"
    table.write_text(rows, encoding="utf-8")
    run(["map", str(table), "--new-flow", "DF_OWN", "--area", "JO", "-o", str(country)])
    flow = catalogue.load(country).flows["DF_OWN"]
    assert dict(flow.dataflow.name.values)["en"] == name


def immigrants(folder: Path) -> Path:
    """A small table of immigrants by citizenship."""
    table = folder / "stocks.csv"
    table.write_bytes(csv("Immigration by country of citizenship", "Citizenship", COUNTRIES))
    return table


def test_start_leads_from_a_table_to_findings(tmp_path: Path, console: Console) -> None:
    table, home = immigrants(tmp_path), tmp_path / "home"
    answers = "KE\n\n1\nR12\ny\n"
    assert console.run("start", table, home, typed=answers) == 0
    assert (home / "tables" / "stocks.csv").read_bytes() == table.read_bytes()
    assert (
        dict(load("m", (home / "mappings" / "stocks.toml").read_bytes(), CATALOGUE.flows).blocks[0].fixed)["RES_RULE"]
        == "R12"
    )
    assert (home / "out" / "findings" / "findings.jsonl").is_file()


@pytest.mark.parametrize(
    ("content", "options", "hint"),
    [
        ("Année;2021\nKenya;1\n".encode("cp1252"), ["--encoding", "utf-8"], "Leave out --encoding: sdmxmig detects"),
        ("Année;2021\nKenya;1\n".encode("utf-16"), ["--encoding", "utf-8"], "the command states the encoding utf-8"),
        (b"PK\3\4", ["--delimiter", ";"], "Leave out --delimiter: sdmxmig detects"),
        (b"Year\0;2021\nKenya;1\n", [], "or name its encoding with --encoding."),
    ],
)
def test_hints_on_encoding_name_the_option(
    tmp_path: Path, console: Console, content: bytes, options: list[str], hint: str
) -> None:
    table = tmp_path / "t.csv"
    table.write_bytes(content)
    errors = console.errors("map", table, "DF_IMM", *options)
    assert hint in errors
    assert "mapping" not in errors


def test_unknown_label_may_get_any_code_of_its_list_or_its_own(tmp_path: Path, console: Console) -> None:
    table, home = tmp_path / "residents.csv", tmp_path / "home"
    lines = ("在留外国人数 令和6年12月末,,,,", "国籍,総数,永住者,留学,家族滞在", "中国,60,30,20,10", "タイ,6,3,2,1")
    table.write_text("\n".join(lines), encoding="utf-8")
    console.run("start", table, home, "--dataflow", "DF_POP_TOPIC", typed="JP\n11\n" + "\n" * 9)
    offered = console.readouterr().err.partition("“永住者”")[2].partition("?. ")[0]
    assert all(f"({code})" in offered for code in ("_T", "EMP", "FAM", "OTH", "_U"))
    own = catalogue.load(home).flows
    (mapping,) = [load("m", path.read_bytes(), own) for path in (home / "mappings").iterdir()]
    reasons = next(each for each in mapping.blocks[0].components if each.component == "REASON")
    names = {item.id: str(item.name) for item in own["DF_POP_TOPIC"].codelist("REASON") or ()}
    assert names[dict(reasons.codes)["永住者"]] == "永住者"


def test_start_writes_open_questions_to_a_review_workbook(tmp_path: Path, console: Console) -> None:
    table, home = tmp_path / "stocks.csv", tmp_path / "home"
    table.write_bytes(csv("Immigration by country of citizenship", "Citizenship", COUNTRIES + "Atlantis;1;2\n"))
    assert console.run("start", table, home, typed="KE\n\n") == 1
    assert (home / "stocks.review.xlsx").is_file()
    assert not (home / "out").exists()
    following = console.readouterr().err.rpartition("Next: ")[2]
    assert f" in {home / 'stocks.review.xlsx'}, then run: sdmxmig map {home / 'tables' / 'stocks.csv'} " in following
    assert f"--read {home / 'stocks.review.xlsx'} -o {home / 'mappings' / 'stocks.toml'}" in following
    assert run(shlex.split(following.partition("run: sdmxmig ")[2])) == 1, "the line is still open"


def test_start_begins_again_after_the_command_in_its_hint(tmp_path: Path, console: Console) -> None:
    home = tmp_path / "home"
    for name in ("a", "b"):
        table = tmp_path / f"{name}.csv"
        table.write_bytes(
            csv("Immigration by country of citizenship", "Citizenship", COUNTRIES + f"Atlantis {name};1;2\n")
        )
        assert console.run("start", table, home, typed="KE\n\n") == 1
    console.readouterr()
    hint = console.errors("start", table, home, typed="").partition("hint: ")[2]
    assert "b.review.xlsx" in hint
    assert "a.review.xlsx" not in hint
    assert run(shlex.split(hint.partition("(sdmxmig ")[2].partition(")")[0])) == 0
    assert not (home / "b.review.xlsx").exists()
    assert console.run("start", table, home, typed="\n") == 1
    assert {path.name for path in home.glob("*.review.xlsx")} == {"a.review.xlsx", "b.review.xlsx"}


def test_omitted_tables_name_their_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, console: Console) -> None:
    home = tmp_path / "home"
    for name, more in (("a", ""), ("b", "Atlantis;1;2\n")):
        (tmp_path / f"{name}.csv").write_bytes(
            csv("Immigration by country of citizenship", "Citizenship", COUNTRIES + more)
        )
        console.run("start", tmp_path / f"{name}.csv", home, typed="KE\n\n\n\n")
    console.readouterr()
    run(["convert", str(home)])
    said = console.readouterr().err
    assert f"b.csv: it is left out. Answer the open lines in {home / 'b.review.xlsx'}" in said
    monkeypatch.chdir(home)
    assert "1 mapping, 1 draft" in console.output()


@cases_from("conversion/cases/start_refuses_what_cannot_be.csv", arguments=listed)
def test_start_refuses_impossible_requests(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    console: Console,
    arguments: tuple[str, ...],
    answers: str,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_bytes(csv("Immigration", "Citizenship", COUNTRIES))
    Path("full").mkdir()
    Path("full/letter.txt").write_text("mine", encoding="utf-8")
    assert message in console.errors("start", *arguments, typed=answers)


def test_start_does_not_replace_an_existing_mapping(tmp_path: Path, console: Console) -> None:
    table, home = tmp_path / "t.csv", tmp_path / "home"
    table.write_bytes(csv("Immigration by country of citizenship", "Citizenship", COUNTRIES))
    console.run("start", table, home, typed="KE\n\n1\nR12\ny\n")
    before = (home / "mappings" / "t.toml").read_bytes()
    assert console.run("start", table, home, typed="\n\n") == 2
    assert (home / "mappings" / "t.toml").read_bytes() == before


def test_remedy_for_a_described_table_allows_a_second_start(tmp_path: Path, console: Console) -> None:
    table, home = immigrants(tmp_path), tmp_path / "home"
    assert console.run("start", table, home, typed="KE\n\n1\nR12\ny\n") == 0
    console.readouterr()
    remedy = console.errors("start", table, home, typed="\n").rpartition("first run: sdmxmig ")[2]
    assert run(shlex.split(remedy)) == 0
    assert console.run("start", table, home, typed="\n1\nR12\ny\n") == 0


def test_refused_file_is_named_in_the_error(tmp_path: Path, console: Console) -> None:
    (tmp_path / "text.xlsx").write_bytes(b"a,b\n1,2\n")
    assert "text.xlsx" in console.errors("map", tmp_path / "text.xlsx", "DF_POP", "--area", "GE")


def test_quiet_start_shows_only_its_questions(tmp_path: Path, console: Console) -> None:
    table, home = immigrants(tmp_path), tmp_path / "home"
    talk = console.errors("start", table, home, "--area", "KE", "-q", typed="\n1\nbanana\nR12\ny\n", code=0)
    assert "1. People who moved to the country in a period (DF_IMM)" in talk
    assert "hich residence rule applies to these figures?" in talk
    assert "“banana” is not a code of RES_RULE" in talk
    assert "Uganda (country of citizenship), 2021: 100" in talk
    assert "✓" not in talk
    assert "Next:" not in talk


def test_residence_rule_cannot_be_left_out(tmp_path: Path, console: Console) -> None:
    table, home = immigrants(tmp_path), tmp_path / "home"
    assert console.run("start", table, home, "--area", "KE", typed="\n1\nleave out\nR12\ny\n") == 0
    assert "“leave out” is not one of the possible answers. Write a code of RES_RULE" in console.readouterr().err


def test_reason_is_printed_once_with_one_full_stop(tmp_path: Path, console: Console) -> None:
    table = tmp_path / "immigrants.csv"
    table.write_text("Immigration by sex; persons\nYear,Both sexes,Men,Women\n2022,80000,45000,34000\n", "utf-8")
    console.run("start", table, tmp_path / "home", "--area", "GE", typed="\nas it is\ny\n")
    talk = console.readouterr().err
    questions = [line for line in talk.splitlines() if "Female 34,000 + Male 45,000. " in line]
    assert questions[0].count("Female 34,000 + Male 45,000. ") == 1
    first = next(line for line in talk.splitlines() if line.startswith("1. ") and "(DF_IMM)" in line)
    assert first.count("the table says “Immigration”") == 1


MAX_ANSWERS = 5
"""The most answers that a plain table may need, with the dataflow and the confirmation."""
PROPOSED = "Foreigners resident in the country, 31 December;;\nCitizenship;2021;2022\nUganda;100;50\nEthiopia;-;30\n"
"""A table whose open questions all have a proposal: residence rule, meaning of “-”."""


@pytest.mark.parametrize("answers", ["", "n\n", "?\n", "1\n", "1\n?\n", "7\n0\n1,7\n", "2\nbanana\n"])
def test_proposals_that_are_not_confirmed_stay_open(answers: str, tmp_path: Path, console: Console) -> None:
    table, home = tmp_path / "t.csv", tmp_path / "home"
    table.write_text(PROPOSED, encoding="utf-8")
    assert console.run("start", table, home, "--area", "KE", "--dataflow", "DF_POP", typed=answers) == 1
    assert not (home / "mappings").exists()
    assert "answer = " not in (home / "drafts" / "t.DF_POP.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("answers", "rule", "sign"),
    [
        ("y\n", "_U", "0"),
        ("\n", "_U", "0"),
        ("1\nR12\n\n", "R12", "0"),
        ("1, 2\nR12\nO\ny\n", "R12", "O"),
        ("2\nO\n1\nR6\n\n", "R6", "O"),
    ],
)
def test_proposals_are_confirmed_together_or_changed_singly(
    answers: str,
    rule: str,
    sign: str,
    tmp_path: Path,
    console: Console,
) -> None:
    table, home = tmp_path / "t.csv", tmp_path / "home"
    table.write_text(PROPOSED, encoding="utf-8")
    assert console.run("start", table, home, "--area", "KE", "--dataflow", "DF_POP", typed=answers) in {0, 1}
    talk = console.readouterr().err
    assert "1. Residence rule: Not stated (_U). The table does not state it." in talk
    assert "Often zero, but not always." in talk
    mapping = load("t.toml", (home / "mappings" / "t.toml").read_bytes(), CATALOGUE.flows)
    assert dict(mapping.blocks[0].fixed)["RES_RULE"] == rule
    assert {(each.part, each.answer) for each in mapping.answers} == {("values", sign), ("fixed RES_RULE", rule)}


@cases_from("conversion/cases/few_answers_describe_a_table.csv", fixed=pairs)
def test_few_answers_describe_a_table(
    area: str, table: str, answers: str, fixed: dict[str, str], tmp_path: Path, console: Console
) -> None:
    typed = answers.split(",")
    assert len(typed) <= MAX_ANSWERS
    file, home = tmp_path / "t.csv", tmp_path / "home"
    file.write_text(table.replace("\\n", "\n"), encoding="utf-8")
    assert console.run("start", file, home, "--area", area, typed="\n".join([*typed, ""])) in {0, 1}
    block = load("t.toml", (home / "mappings" / "t.toml").read_bytes(), CATALOGUE.flows).blocks[0]
    assert dict(block.fixed).items() >= fixed.items()


@pytest.mark.parametrize("answers", ["", "?\n?\n"])
def test_start_without_dataflow_prints_how_to_name_one(tmp_path: Path, console: Console, answers: str) -> None:
    table, home = immigrants(tmp_path), tmp_path / "home"
    talk = console.errors("start", table, home, "--area", "KE", typed=answers)
    assert "Name it with --dataflow ID. Likely: DF_IMM" in talk
    assert "“?”" not in talk


def test_invalid_dataflow_is_asked_for_again(tmp_path: Path, console: Console) -> None:
    table, home = immigrants(tmp_path), tmp_path / "home"
    talk = console.errors("start", table, home, "--area", "KE", typed="99\nDF_IM\n1\ny\n", code=0)
    assert "There is no dataflow “DF_IM”. Did you mean “DF_IMM”?" in talk
    assert "There is no dataflow “99”" not in talk


@cases_from("conversion/cases/a_dataflow_that_no_table_fits_is_asked_for_again.csv")
def test_unsuitable_dataflow_is_asked_for_again(tmp_path: Path, console: Console, title: str, heads: str) -> None:
    table, home = tmp_path / "t.csv", tmp_path / "home"
    table.write_text(f"{title}\n{heads}\n2021,74,42,32\n2022,80,45,35\n", "utf-8")
    answers = "DF_EMI\nDF_IMM\ny\n"
    talk = console.errors("start", table, home, "--area", "GE", typed=answers, code=0)
    assert "No table in the file looks like DF_EMI. It belongs to another dataflow." in talk


BIRTHS = (
    "Live births by area of residence and sex, 2021\n,Urban,,Rural,\nYear,Boys,Girls,Boys,Girls\n"
    "2021,80,76,40,37\n2022,76,72,37,35\n"
)


@pytest.mark.parametrize("answers", ["0\n1\ny\n", "\n7\n1\ny\n"])
def test_table_that_fits_no_dataflow_gets_its_own(answers: str, tmp_path: Path, console: Console) -> None:
    file, home = tmp_path / "births.csv", tmp_path / "home"
    file.write_text(BIRTHS, "utf-8")
    assert console.run("start", file, home, "--area", "AT", typed=answers) == 0
    assert "Tables without a mapping" not in console.readouterr().out
    head, *rows = (home / "out/data/DF_BIRTHS_2.csv").read_text("utf-8").splitlines()
    figures = [row.split(",")[head.split(",").index("OBS_VALUE")] for row in rows]
    assert sorted(figures) == ["35", "37", "37", "40", "72", "76", "76", "80"]


def test_leaving_out_the_only_table_is_reported(tmp_path: Path, console: Console) -> None:
    table = tmp_path / "t.csv"
    table.write_text("Foreign population by sex\nYear,Both sexes,Men,Women\n2021,74,42,32\n2022,80,45,35\n", "utf-8")
    arguments = (str(table), str(tmp_path / "home"), "--area", "GE", "--dataflow", "DF_IMM")
    talk = console.errors("start", *arguments, typed="leave out\n")
    assert "leaves it out" in talk
    assert "labels match no dimension" not in talk


def test_contradictory_answer_is_asked_for_again(tmp_path: Path, console: Console) -> None:
    table, home = tmp_path / "t.csv", tmp_path / "home"
    table.write_text("Residents by citizenship\nCitizenship,Wave,2022\nChad,a,1\nChad,b,2\nNiger,a,3\nNiger,b,4\n")
    answers = "DF_POP\nonly banana\nonly b\n"
    assert console.run("start", table, home, "--area", "KE", typed=answers) == 1
    assert "“banana” is not a label of column 2" in console.readouterr().err
    assert 'answer = "only b"' in (home / "drafts" / "t.DF_POP.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("table", "answers", "arguments"),
    [
        (COUNTRIES, "", ["--area", "XX"]),
        (COUNTRIES, "", ["--area", "Kenya"]),
        (COUNTRIES, "", ["--area", "KE", "--dataflow", "DF_NO"]),
        (COUNTRIES, "?\n", ["--area", "KE"]),
        (COUNTRIES, "ZZ\n", []),
        ("", "", ["--area", "KE"]),
        ("", "", ["--area", "KE", "--dataflow", "DF_IMM"]),
        (COUNTRIES, "\n", ["--area", "KE", "--encoding", "none"]),
    ],
)
@pytest.mark.parametrize("before", ["absent", "empty", "workspace"])
def test_refused_start_changes_no_files(
    tmp_path: Path, console: Console, before: str, table: str, answers: str, arguments: list[str]
) -> None:
    source, home = tmp_path / "t.csv", tmp_path / "deep" / "home"
    source.write_bytes(csv("Immigration by country of citizenship", "Citizenship", table))
    if before == "workspace":
        run(["init", str(home)])
        answers, arguments = answers.removeprefix("ZZ\n") or "?\n", arguments or ["--area", "ZZ"]
    elif before == "empty":
        home.mkdir(parents=True)
    there = {path: path.read_bytes() if path.is_file() else b"" for path in tmp_path.rglob("*")}
    assert console.run("start", source, home, *arguments, typed=answers) == 2
    assert {path: path.read_bytes() if path.is_file() else b"" for path in tmp_path.rglob("*")} == there


def test_start_without_usable_answers_leaves_no_files(tmp_path: Path, console: Console) -> None:
    source, home = tmp_path / "t.csv", tmp_path / "home"
    source.write_bytes(csv("Immigrants excluding students", "Citizenship", COUNTRIES))
    assert console.run("start", source, home, "--area", "KE", typed="DF_IMM\nleave out\n") == 2
    assert not home.exists()


NETS = """Migration flows
Year,Immigration,Emigration,Net migration
2020,1000,-300,700
2021,1100,-350,750
"""


def test_start_chooses_no_dataflow_at_a_tie(tmp_path: Path, console: Console) -> None:
    table, home = tmp_path / "t.csv", tmp_path / "home"
    table.write_text("Migration flows, 2020\nCountry,Immigration,Emigration\nGhana,30,20\nChad,7,4\n", encoding="utf-8")
    assert console.run("start", table, home, "--area", "GE", typed="\n\n\n") == 2
    message = console.readouterr().err
    assert "Give a number from 0 to 14" in message
    assert "Name it with --dataflow ID. Likely: DF_IMM, DF_EMI" in message


MOVES, VITAL = {"DF_IMM", "DF_EMI"}, {"DF_BIRTHS", "DF_DEATHS"}
POLISH = """Imigracja i emigracja w Polsce
Lata,Imigranci,,Emigranci,
,mężczyźni,kobiety,mężczyźni,kobiety
2020,600,400,200,100
2021,610,490,200,150
"""


@pytest.mark.parametrize(
    ("table", "area", "flows"),
    [
        (NETS, "GE", MOVES),
        ("Muuttoliike Suomessa\nVuosi,Maahanmuutto,Maastamuutto\n2020,1000,300\n2021,1100,350\n", "FI", MOVES),
        ("Mouvement de la population\nAnnée,Naissances,Décès\n2020,1000,300\n2021,1100,350\n", "FR", VITAL),
        (POLISH, "PL", MOVES),
    ],
)
def test_counts_side_by_side_become_several_dataflows(
    table: str, area: str, flows: set[str], tmp_path: Path, console: Console
) -> None:
    file, home = tmp_path / "t.csv", tmp_path / "home"
    file.write_text(table.replace("-3", "3"), encoding="utf-8")
    assert console.run("start", file, home, "--area", area, typed="\n" * 4) == 0
    assert {path.stem for path in (home / "out" / "data").glob("*.csv")} == {"DF_ACCOUNT", *flows}


def test_negative_outflows_are_asked_about(tmp_path: Path, console: Console) -> None:
    table, home = tmp_path / "t.csv", tmp_path / "home"
    table.write_text(NETS, encoding="utf-8")
    answers = "1\nminus\ny\n"
    options = ("--area", "GE", "--dataflow", "DF_EMI")
    assert console.run("start", table, home, *options, typed=answers) == 0
    assert "left out: “Immigration”, “Net migration”: it belongs to another dataflow" in console.readouterr().err
    assert load("t.toml", (home / "mappings" / "t.toml").read_bytes(), CATALOGUE.flows).blocks[0].values.turned


def test_inflows_beside_outflows_below_zero_are_not_asked_about() -> None:
    from sdmxmig.conversion.suggestion import FlowKnowledge, suggest

    proposal = suggest(read("t.csv", NETS.encode()), FlowKnowledge(CATALOGUE.flows["DF_IMM"], WORDS), "GE")
    assert "values" not in {question.part for question in proposal.questions}


def test_questions_and_answers_have_names_beside_their_codes(tmp_path: Path, console: Console) -> None:
    console.run("start", immigrants(tmp_path), tmp_path / "home", "--area", "KE", typed="\n1\n3\ny\n")
    lines = console.readouterr().err.splitlines()
    question = next(
        number for number, line in enumerate(lines) if "hich residence rule applies to these figures?" in line
    )
    assert [line.strip() for line in lines[question + 1 : question + 4]] == [
        "1. Not stated (_U) (proposed)",
        "2. Most of the last 12 months (R6)",
        "3. At least 12 months (R12)",
    ]


def test_question_about_a_cell_quotes_its_original_text(tmp_path: Path, console: Console) -> None:
    table = tmp_path / "immigrants.csv"
    table.write_text("Immigrants by sex; persons\nYear,Both sexes,Men,Women\n2021,74,42,32\n2022,80,45,34\n")
    console.run("start", table, tmp_path / "home", "--area", "GE", typed="1\n1\ny\n")
    assert "? immigrants.csv!B4: " in console.readouterr().err


@pytest.mark.parametrize("words", [["--table", "a table.csv"], ["--area", "Cabo Verde"]])
def test_init_without_table_names_a_working_command(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, console: Console
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a table.csv", "stocks.xlsx"):
        table = workbook("## Sheet S\n| Immigrants |\n| Citizenship | 2021 |\n| Ghana | 5 |\n")
        Path(name).write_bytes(csv("Immigration", "Citizenship", COUNTRIES) if name.endswith("csv") else table)
    _, _, command = console.errors("init", "my country", *words).partition("For example: ")
    assert run(shlex.split(command)[1:]) == 0


SIGNS_ASKED = "Which character separates thousands?"


@pytest.mark.parametrize(
    ("table", "asked"),
    [
        ("Year,Men,Men,Women\n2021,74,42,32\n2022,80,45,35\n", ["t.csv!C3: Immigration, 2021, Male: the same"]),
        ("Year,Total\n2021,74\n2022,-80\n", ["t.csv!B4: Immigration, 2022: −80 is negative; a count is zero or more."]),
        ("Year,Total\n2021,-74\n2022,-80\n", ["All figures are negative."]),
        ("Year,Total\n2021,74\n2022,#REF!\n2023,80\n", ["t.csv!B4: The cell contains the error #REF! instead"]),
        (
            'Year,Total\n2021,"1.234,5"\n2022,"1,234.5"\n',
            [f"{SIGNS_ASKED} The decimal separators differ: “1.234,5” (B3) and “1,234.5” (B4)."],
        ),
        ("Year,Total\n2021,1.234.567\n2022,17.5\n", ["t.csv!B3: Texts such as “1.234.567” (number: 1)"]),
        (
            "2021,#DIV/0!\n2022,3\n2023,5\n",
            ["Which characteristic do", "t.csv!B2: The cell contains the error #DIV/0! instead"],
        ),
        ("Year,Total\n2021,74\n2022,n/a*\n2023,80\n", ["How should “n/a*” in place of a figure be read?"]),
    ],
)
def test_each_doubtful_cell_is_asked_about_once(table: str, asked: list[str], tmp_path: Path, console: Console) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"Immigrants by sex; persons\n{table}")
    assert run(["map", str(path), "DF_IMM", "--area", "GE", "-o", str(tmp_path / "m.toml")]) == 1
    questions = [line for line in console.readouterr().err.splitlines() if line[:1] == "?" and "applies" not in line]
    assert [line[2 : 2 + len(start)] for line, start in zip(questions, asked, strict=True)] == asked


@pytest.mark.parametrize(
    ("title", "head", "named"),
    [
        ("Remittances by country, thousand US dollars", "Country", "USD"),
        ("Nights spent by foreign guests", "Region", "PS_DAY"),
        ("Land owned by foreign persons, hectares", "Region", "PS"),
    ],
)
def test_unit_of_an_own_dataflow_is_asked(title: str, head: str, named: str, tmp_path: Path) -> None:
    table, country = tmp_path / "t.csv", tmp_path / "country"
    table.write_text(f"{title};;\n{head};2021;2022\nTotal;300;320\nChad;100;110\nKenya;200;210\n", encoding="utf-8")
    run(["map", str(table), "--new-flow", "DF_OWN", "--area", "JO", "-o", str(country)])
    assert not (country / "mappings" / "t.toml").exists()
    own = catalogue.load(country)
    tried = propose(read("t.csv", table.read_bytes()), "DF_OWN", own, WORDS, area="JO")
    (question,) = [each for each in tried.open if each.part == "fixed UNIT_MEASURE"]
    assert question.others[0].code == named
    assert head.upper() in own.flows["DF_OWN"].structure.key
    answered = propose(read("t.csv", table.read_bytes()), "DF_OWN", own, WORDS, area="JO", decisions=IN_PERSONS)
    assert not [each.label for each in answered.open if each.part in ("title", "fixed UNIT_MEASURE")]


@cases_from("conversion/cases/moves_within_the_country_get_no_dataflow.csv")
def test_moves_within_the_country_get_no_dataflow(title: str, head: str) -> None:
    assert counted(title, head, "A;10;20\nB;20;30\n").flow == ""


@cases_from("conversion/cases/stays_in_years_have_their_codes.csv", labels=listed, expected=listed)
def test_stays_in_years_have_their_codes(title: str, labels: tuple[str, ...], expected: tuple[str, ...]) -> None:
    rows = "".join(f"{label};{at + 100};{at + 200}\n" for at, label in enumerate(labels))
    question = counted(title, "", rows)
    assert question.options[0].flow == "DF_POP_TOPIC"
    tables = read("t.csv", csv(title, "", rows))
    proposal = suggest(tables, FlowKnowledge(CATALOGUE.flows["DF_POP_TOPIC"], WORDS), "KE")
    assert codes(proposal, "DUR_STAY") == dict(zip(labels, expected, strict=True))


def test_returnees_are_not_taken_for_returned_migrants() -> None:
    assert counted("დაბრუნებული მოქალაქეები", "Sex", SEXES).flow == ""
