"""``sdmxmig start`` with a folder of tables."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from console import Console
from openpyxl import Workbook, load_workbook

import sdmxmig
from sdmxmig.cli import run
from sdmxmig.conversion.suggestion.review_workbook import ANSWER

TABLE = "Immigrants by sex; persons\nYear,Both sexes,Men,Women\n2021,74000,42000,32000\n2022,80000,46000,34000\n"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "my tables"
    folder.mkdir()
    (folder / "first table.csv").write_text(TABLE)
    (folder / "second.csv").write_text(TABLE)
    return folder


@pytest.mark.every_day
def test_folder_becomes_workspace_and_its_next_command_works(source: Path, console: Console) -> None:
    said = console.errors("start", source.name, "new place", "--area", "GE", code=0)
    assert "first table.csv" in said
    assert "second.csv" in said
    command = shlex.split(" ".join(said.split("Next:")[1].split()))
    assert command[:3] == ["sdmxmig", "start", str(Path("new place/tables/first table.csv"))]
    assert console.run(*command[1:], typed="1\n1\n3\ny\n") in {0, 1}  # 1: there are findings
    assert Path("new place/mappings/first-table.toml").is_file()
    assert list(Path("new place").rglob("findings*"))


def test_unreadable_files_are_named_and_lock_files_are_ignored(source: Path, console: Console) -> None:
    (source / "empty.csv").write_bytes(b"")
    (source / "old.xlsx").write_bytes(b"%PDF-1.4")
    (source / "~$first.xlsx").write_bytes(b"x")
    (source / "letter.docx").write_bytes(b"x")
    said = console.errors("start", source.name, "home", "--area", "Georgia", code=0)
    assert "empty.csv was left out" in said
    assert "old.xlsx was left out" in said
    assert "~$" not in said
    assert sorted(path.name for path in Path("home/tables").iterdir()) == ["first table.csv", "second.csv"]


def test_start_in_a_workspace_does_not_ask_for_its_country(
    source: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = source.parent / "home"
    console.errors("start", source.name, "home", "--area", "GE", code=0)
    for table in ("home/tables/second.csv", "../third.csv"):
        console.run("start", table, "--dataflow", "DF_IMM", typed="")
        assert list(home.rglob(f"{Path(table).stem}.*toml")), "a mapping or a draft in the workspace"
        monkeypatch.chdir(home)
        (home.parent / "third.csv").write_text(TABLE.replace("74000", "74001").replace("42000", "42001"))


@pytest.mark.parametrize("table", ["my tables", "my tables/second.csv"])
def test_place_that_cannot_be_written_is_refused_before_questions(source: Path, console: Console, table: str) -> None:
    (source.parent / "taken").write_text("a file")
    said = console.errors("start", table, "taken/home", typed="GE\n")
    assert "taken" in said
    assert "country" not in said


def test_second_start_keeps_the_workspace_and_names_status(source: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["start", source.name, "--area", "GE"]) == 0
    capfd.readouterr()
    assert run(["start", source.name, "--area", "GE"]) == 2
    assert "sdmxmig status my-tables-workspace" in " ".join(capfd.readouterr().err.split())
    assert run(["status", "my-tables-workspace"]) in {0, 1}


@pytest.mark.parametrize("area", ["GX", "Gondwana", "1"])
def test_unknown_country_is_refused_without_writing_files(source: Path, area: str) -> None:
    assert run(["start", source.name, "home", "--area", area]) == 2
    assert not Path("home").exists()


def test_folder_without_tables_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "none").mkdir()
    assert run(["start", "none", "home", "--area", "GE"]) == 2
    assert not Path("home").exists()


def test_omitted_files_are_named_with_the_remedy(source: Path, console: Console) -> None:
    (source / "2020").mkdir()
    (source / "2020" / "stocks.csv").write_text(TABLE)
    (source / "2020" / "flows.csv").write_text(TABLE)
    (source / "a blank.csv").write_text(" ,\n,\n")
    (source / "a letter.csv").write_text("Dear colleague\nthe tables follow\n")
    (source / "Second.tsv").write_text(TABLE.replace(",", "\t"))
    elsewhere = source.parent / "elsewhere.csv"
    elsewhere.write_text(TABLE)
    (source / "link.csv").symlink_to(elsewhere)
    (source / "near.csv").symlink_to(source / "first table.csv")
    said = " ".join(console.errors("start", source.name, "home", "--area", "GE", code=0).split())
    assert "2 tables in 2020 left out" in said
    assert "a blank.csv was left out" in said
    assert "a letter.csv was left out" in said
    assert "link.csv was left out: It is a link" in said
    assert "second.csv was left out: Second.tsv would have the same mapping" in said
    names = sorted(path.name for path in Path("home/tables").iterdir())
    assert names == ["Second.tsv", "first table.csv", "near.csv"]
    assert "home/tables/Second.tsv" in said.partition("Next:")[2]


@pytest.mark.parametrize("what", ["my tables", "my tables/second.csv"])
def test_missing_country_is_reported_with_the_option(what: str, source: Path, console: Console) -> None:
    assert "--area" in console.errors("start", what, "home", typed="")
    assert source.is_dir()
    assert not Path("home").exists()


@pytest.mark.parametrize(
    ("title", "offered"),
    [
        ("Priseljeni prebivalci po spolu, Slovenija, letno", " [Slovenia]:"),
        ("Norway: immigrants by sex", " [Norway]:"),
        ("Immigrants from Poland by sex", " GE):"),
        ("Immigrants born in India by sex, Australia", " GE):"),
        ("Immigration by sex, Norway and Sweden", " GE):"),
    ],
)
def test_only_country_in_a_title_is_offered_but_not_chosen(
    title: str, offered: str, source: Path, console: Console
) -> None:
    (source / "titled.csv").write_text(TABLE.replace("Immigrants by sex; persons", f'"{title}"'))
    assert f"{offered} " in console.errors("start", "my tables/titled.csv", "home", typed="")
    assert not Path("home").exists()


def test_empty_line_accepts_the_country_of_the_title(source: Path, console: Console) -> None:
    (source / "titled.csv").write_text(TABLE.replace("Immigrants by sex; persons", '"Immigrants by sex, Slovenija"'))
    console.run("start", "my tables/titled.csv", "home", typed="\nDF_IMM\n")
    assert 'area = "SI"' in Path("home/country.toml").read_text(encoding="utf-8")


def test_python_and_command_create_equal_workspaces(source: Path) -> None:
    (source / "empty.csv").write_bytes(b"")
    with pytest.warns(sdmxmig.SdmxmigWarning, match=r"empty\.csv was left out"):
        workspace = sdmxmig.Workspace.from_tables(source, "home", area="Georgia")
    assert workspace.area == "GE"
    assert [path.name for path in workspace.tables] == ["first table.csv", "second.csv"]


@pytest.mark.parametrize(("typed", "code"), [("y", {0, 1}), ("Yes", {0, 1}), ("n", {1}), ("NO", {1}), ("", {0, 1})])
def test_prompt_repeats_until_the_answer_is_valid(typed: str, code: set[int], source: Path, console: Console) -> None:
    answers = f"1\nperhaps\n0\n9\n{typed}\n"
    assert console.run("start", f"{source.name}/second.csv", "home", "--area", "GE", typed=answers) in code
    said = console.readouterr().err
    assert said.count("Is all of this right?") == 4
    assert ("answer the 1 open line" in said) is (typed.lower() in ("n", "no"))


@pytest.mark.parametrize(
    ("typed", "code"), [("\x1b", {1}), ("\x1b[A", {1}), ("\x1b\x1bOP", {1}), ("\x1b[Dy", {0, 1}), ("y\x1b[3~", {0, 1})]
)
def test_key_of_the_terminal_is_not_read_as_an_answer(
    typed: str, code: set[int], source: Path, console: Console
) -> None:
    assert console.run("start", f"{source.name}/second.csv", "home", "--area", "GE", typed=f"1\n{typed}\n") in code
    said = console.readouterr().err
    assert "U+001B" not in said
    assert said.count("Is all of this right?") == 1
    assert ("answer the 1 open line" in said) is ("y" not in typed)


def test_unconfirmed_figures_are_not_converted(source: Path, console: Console) -> None:
    assert "correct the mapping" in console.errors(
        "start", f"{source.name}/second.csv", "home", "--area", "GE", typed="1\n1\n3\n", code=1
    )
    assert not (Path("home") / "out").exists()


def test_renamed_table_is_repaired_by_the_command_of_the_message(source: Path, console: Console) -> None:
    assert console.run("start", f"{source.name}/second.csv", "new home", "--area", "GE", typed="1\n1\n3\ny\n") in {0, 1}
    (Path("new home") / "tables" / "second.csv").rename(Path("new home") / "tables" / "other name.csv")
    console.readouterr()
    said = " ".join(console.errors("convert", "new home").split())
    command = shlex.split(said.partition("run: ")[2])
    assert command[:3] == ["sdmxmig", "table", "rename"]
    assert run(command[1:]) == 0
    assert run(["convert", "new home"]) in {0, 1}


@pytest.mark.parametrize("command", [["start", "my tables"], ["init", "new", "--table", "my tables/second.csv"]])
def test_unknown_country_names_option_for_fictional_ones(command: list[str], source: Path, console: Console) -> None:
    assert "--made-up" in console.errors(*command, "--area", "Atlantida")


def test_unknown_code_names_the_option_to_add_codes(source: Path, console: Console) -> None:
    assert "--workspace" in console.errors("map", "my tables/second.csv", "--area", "XA")


def test_status_before_the_first_delivery_names_the_next_step(source: Path, console: Console) -> None:
    assert run(["start", "my tables", "home", "--area", "GE"]) == 0
    console.readouterr()
    said = console.errors("status", "home", code=0)
    assert "There are no deliveries yet." in said
    assert "sdmxmig package home" in said


@pytest.mark.parametrize("command", ["report", "send"])
def test_command_in_a_hint_quotes_a_folder_with_a_space(command: str, tmp_path: Path, console: Console) -> None:
    folder = tmp_path / "my country"
    run(["init", str(folder)])
    console.readouterr()
    assert f'"{folder}"' in console.errors(command, folder).partition("hint:")[2]


def test_map_accepts_a_country_name_as_start_does(source: Path, console: Console) -> None:
    table = str(source / "second.csv")
    run(["map", table, "DF_IMM", "--area", "Pérou"])
    assert 'REF_AREA = "PE"' in console.readouterr().out
    assert "KR (Republic of Korea)" in console.errors("map", table, "DF_IMM", "--area", "Korea")


@pytest.mark.parametrize(
    "rows", ["Purpose,2021\nF,5\nM,7\nS,9\nW,3\n", "Gruppe,2021\nW,5\nM,7\nX,9\nY,3\n", ",2021\nж,5\nм,7\nр,9\nу,1\n"]
)
def test_empty_line_does_not_accept_a_weak_proposal(rows: str, source: Path, console: Console) -> None:
    (source / "letters.csv").write_text(f"Immigrants\n{rows}")
    console.run("start", f"{source.name}/letters.csv", "home", "--area", "GE", typed="DF_IMM\n" + "\n" * 20)
    said = console.readouterr().err
    assert "Answer [?]" in said
    assert "Answer [1]" not in said
    assert "(proposed)" not in said
    assert not (Path("home") / "mappings").exists()


@pytest.mark.parametrize("answer", ["3\nSouthern Georgia", "A part of the country: Southern Georgia"])
def test_part_of_the_country_keeps_its_code_next_year(answer: str, source: Path, console: Console) -> None:
    south = TABLE.replace("Immigrants by", "Immigrants to southern Georgia by")
    Path("south 2022.csv").write_text(south)
    Path("south 2023.csv").write_text(south.replace("2021,", "2023,"))
    assert console.run("start", "south 2022.csv", "home", "--area", "GE", typed=f"1\n2\n{answer}\ny\n") in {0, 1}
    assert "QM,Southern Georgia," in Path("home/codelists/SDMX/CL_AREA.2.0+.csv").read_text()
    assert console.run("start", "south 2023.csv", "home", typed="1\ny\n") in {0, 1}
    assert "Reference area: Southern Georgia (QM)" in console.readouterr().err
    rows = Path("home/out/data/DF_IMM.csv").read_text()
    assert rows.count(",A,QM,") == 9
    assert ",A,GE," not in rows


def test_natives_count_in_the_total_of_part_of_the_country(source: Path, console: Console) -> None:
    born = "Georgia,70000,71000\nArmenia,20000,21000\nUkraine,5000,5500\nTotal,95000,97500\n"
    Path("south.csv").write_text(
        f"Population of southern Georgia by country of birth\nCountry of birth,2021,2022\n{born}"
    )
    assert console.run(
        "start", "south.csv", "home", "--area", "GE", typed="1\n1\n2\nA part of the country: Southern Georgia\ny\n"
    ) in {0, 1}
    assert "Birth status" not in console.readouterr().err
    assert ",A,QM,_T," in Path("home/out/data/DF_POP.csv").read_text()
    assert ",FB," not in Path("home/out/data/DF_POP.csv").read_text()


PERMITS = """Valid residence permits on 31 December 2024 by district
Reference area,Total,Temporary,Permanent
Georgia,600,400,200
Upper Valley,300,200,100
Lower Valley,200,150,50
Seaside,100,50,50
"""


@pytest.mark.parametrize(("same", "coded"), [("y", ["QM", "QN", "QO"]), ("n", ["QM"])])
def test_one_answer_serves_all_unrecognised_labels(same: str, coded: list[str], source: Path, console: Console) -> None:
    Path("permits.csv").write_text(PERMITS)
    console.run("start", "permits.csv", "home", "--area", "GE", typed=f"DF_PERMIT\n2\n\n{same}\n" + "\n" * 3)
    assert "“Lower Valley”, “Seaside”?" in console.readouterr().err
    added = Path("home/codelists/SDMX/CL_AREA.2.0+.csv").read_text().splitlines()[2:]
    assert [line.split(",")[0] for line in added] == coded


def test_more_parts_than_free_codes_are_asked_about_again(source: Path, console: Console) -> None:
    places = [f"{first}{last}" for first in ("Ka", "Mo", "Ti", "Se", "Ru", "Bo", "Ny") for last in ("lowe", "ra", "ti")]
    rows = "".join(f"{start}{place.lower()},30,20,10\n" for start in ("Za", "Vu", "Qe") for place in places)
    head, _, _ = PERMITS.partition("Georgia")
    Path("permits.csv").write_text(f"{head}{rows}")
    console.run("start", "permits.csv", "home", "--area", "GE", typed="DF_PERMIT\n2\n\ny\n1\ny\n" + "\n" * 3)
    shown = console.readouterr().err
    assert "codes left for users" in shown
    assert shown.count("“Zakalowe”? Not recognised") == 2
    assert not Path("home/codelists/SDMX").exists()


def test_part_named_like_a_known_area_gets_no_new_code(source: Path, console: Console) -> None:
    Path("north.csv").write_text(TABLE.replace("Immigrants by", "Immigrants to northern Georgia by"))
    assert console.run("start", "north.csv", "home", "--area", "GE", typed="1\n2\n3\nGeorgia\ny\n") in {0, 1}
    assert not Path("home/codelists").exists()
    assert ",A,GE," in Path("home/out/data/DF_IMM.csv").read_text()


@pytest.mark.parametrize("answer", ["A part of the country: Nakuru", "Une partie du pays : Nakuru"])
def test_answer_in_a_review_workbook_names_a_part_of_the_country(source: Path, answer: str) -> None:
    assert run(["start", source.name, "home", "--area", "KE"]) == 0
    Path("nakuru.csv").write_text(TABLE.replace("Immigrants by", "Immigrants to the municipality of Nakuru by"))
    words = ["map", "nakuru.csv", "DF_IMM", "--area", "KE", "--workspace", "home"]
    assert run([*words, "--review", "review.xlsx"]) == 1
    book = load_workbook("review.xlsx")
    row = next(row for sheet in book for row in sheet.iter_rows() if "fixed REF_AREA" in [cell.value for cell in row])
    row[ANSWER].value = answer
    book.save("review.xlsx")
    run([*words, "--read", "review.xlsx", "-o", "home/mappings/nakuru.toml"])
    assert "QM,Nakuru," in Path("home/codelists/SDMX/CL_AREA.2.0+.csv").read_text()
    assert 'answer = "QM"' in "".join(path.read_text() for path in Path("home").rglob("nakuru*.toml"))


def test_correction_named_in_the_last_line_clears_the_error(source: Path, console: Console) -> None:
    table = source / "first table.csv"
    table.write_text(TABLE.replace("46000", "45000"))
    said = console.errors("start", table, "home", "--area", "GE", typed="1\n1\ny\n", code=1)
    step = " ".join(said.split("Next:")[-1].split())
    named = shlex.split(step.removeprefix("correct the tables in ").split(" (")[0])
    (copied,) = Path(*named).iterdir()
    copied.write_text(TABLE)
    assert run(shlex.split(step.split("then: sdmxmig ")[1])) == 0


def test_options_are_listed_in_the_language_of_the_office(source: Path, console: Console) -> None:
    run(["start", source.name, "home", "--area", "GE"])
    country = Path("home/country.toml")
    country.write_text(re.sub('language = ".."', 'language = "es"', country.read_text()))
    book = Workbook()
    sheet = book.active
    for title in ("Immigrants by sex", "Asylum applications by sex", ""):
        sheet.append([f"{title}; persons"] if title else ["Persons"])
        for row in (["Year", "Men", "Women"], [2021, 42000, 32000], [2022, 46000, 34000]):
            sheet.append(row)
        sheet = book.create_sheet()
    book.save("tables.xlsx")
    console.run("start", "tables.xlsx", "home", typed="")
    said = console.readouterr().err
    assert "O bien:" in said
    assert "Las hojas pueden contar cosas distintas:" in said
    assert "sus textos no lo aclaran" in said
    assert "Or:" not in said
    assert "The sheets" not in said


@pytest.mark.parametrize("flow", ["DF_EMI", "DF_EMISTOCK", "DF_ACCOUNT"])
def test_each_listed_subject_can_be_chosen_by_its_number(flow: str, source: Path, console: Console) -> None:
    console.run("start", "my tables/second.csv", "home", "--area", "GE", typed="")
    listed = re.search(rf"^(\d+)\. .*\({flow}\)", console.readouterr().err, re.MULTILINE)
    assert listed
    console.run("start", "my tables/second.csv", "home", "--area", "GE", typed=f"{listed[1]}\n")
    said = console.readouterr().err
    assert f"looks like {flow}" in said or [*Path("home/drafts").glob(f"*{flow}.toml")]


@pytest.mark.parametrize("typed", ["Germany", "Alemania", "DE"])
def test_country_that_is_not_offered_can_be_typed(typed: str, source: Path, console: Console) -> None:
    rows = "Citizenship,Persons\nIndia,300\nChina,200\nQwertyland,100\nTotal,600\n"
    (source / "countries.csv").write_text(f'"Immigrants by citizenship, 2023"\n{rows}')
    console.run("start", "my tables/countries.csv", "home", "--area", "NO", typed=f"DF_IMM\n{typed}\n")
    said = console.readouterr().err
    assert "Or type another name or code." in said
    assert "“Qwertyland”: Germany (DE)" in said


@pytest.mark.parametrize(
    ("options", "language", "office"),
    [
        (["--area", "Sénégal"], "fr", "Office de statistique, Sénégal"),
        (["--area", "Казахстан"], "ru", "Статистическое ведомство, Казахстан"),
        (["--area", "Perú"], "es", "Oficina de estadística, Perú"),
        (["--area", "Ecuador"], "en", "Statistical office, Ecuador"),
        (["--area", "EC", "--language", "es"], "es", "Oficina de estadística, Ecuador"),
    ],
)
def test_country_name_or_option_sets_the_language(source: Path, options: list[str], language: str, office: str) -> None:
    run(["start", source.name, "home", *options])
    country = sdmxmig.Workspace("home").country
    assert (country.language, country.office.in_language(language)) == (language, office)


def test_other_language_is_refused_before_anything_is_written(source: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["start", source.name, "home", "--area", "BR", "--language", "pt"]) == 2
    assert "Possible values: en, fr, es, ar, ru, zh." in capfd.readouterr().err
    assert not Path("home").exists()


def test_next_unmapped_table_is_named_after_each_table(source: Path, console: Console) -> None:
    run(["start", source.name, "home", "--area", "GE"])
    for table, following in (("first table.csv", "second.csv"), ("second.csv", "")):
        console.readouterr()
        console.run("start", Path("home/tables") / table, "home", typed="1\n1\n3\ny\n")
        said = " ".join(console.readouterr().err.split())
        told = said.partition("Tables without a mapping: 1. Map the next one: ")[2]
        assert shlex.split(told) == (
            ["sdmxmig", "start", str(Path("home/tables") / following), "home"] if following else []
        )


def test_country_of_the_titles_is_offered_for_a_folder(source: Path, console: Console) -> None:
    (source / "second.csv").write_text(TABLE.replace("Immigrants", "Kenya: immigrants"))
    assert "[Kenya]" in console.errors("start", source.name, "home", typed="\n", code=0)
    assert sdmxmig.Workspace("home").country.area == "KE"


def test_country_is_not_offered_if_titles_name_several(source: Path, console: Console) -> None:
    (source / "first table.csv").write_text(TABLE.replace("Immigrants", "Ghana: immigrants"))
    (source / "second.csv").write_text(TABLE.replace("Immigrants", "Kenya: immigrants"))
    assert "The reporting country is missing." in console.errors("start", source.name, "home", typed="\n")


@pytest.mark.parametrize(
    ("language", "refused"),
    [
        ("fr", "Les autres questions dépendent de ce que comptent les chiffres."),
        ("es", "Las demás preguntas dependen de lo que cuenten las cifras."),
        ("ru", "Остальные вопросы зависят от того, что учитывают данные."),
    ],
)
def test_errors_are_in_the_language_of_the_office(source: Path, console: Console, language: str, refused: str) -> None:
    (source / "first table.csv").write_text(TABLE.replace("Immigrants", "Figures"))
    said = console.errors(
        "start", source / "first table.csv", "home", "--area", "GE", "--language", language, typed="99\nDF_NOTHING\n?\n"
    )
    assert refused in said
    assert [
        each for each in ("Give a number", "There is no dataflow", "Did you mean", "Name it with") if each in said
    ] == []


def count_by_citizenship(title: str, year: int, note: str = "Residents for at least 12 months.") -> str:
    figures = ("Georgia,100,60,40", "Armenia,50,30,20", "Ukraine,40,..,..", "Total,190,90,60")
    rows = "\n".join(f"{line},{year}" for line in figures)
    return f"{title} {year}\nCitizenship,Both sexes,Men,Women,Year\n{rows}\n.. too few persons\n{note}\n"


def test_table_of_next_year_needs_only_a_confirmation(source: Path, console: Console) -> None:
    Path("arrivals 2022.csv").write_text(count_by_citizenship("Immigrants by citizenship and sex,", 2022))
    Path("arrivals 2023.csv").write_text(count_by_citizenship("Immigrants by citizenship and sex,", 2023))
    first = "DF_IMM\n3\ny\n"
    assert console.run("start", "arrivals 2022.csv", "home", "--area", "GE", typed=first) in {0, 1}
    console.readouterr()
    assert console.run("start", "arrivals 2023.csv", "home", typed="y\n") in {0, 1}
    assert "carried over from arrivals-2022.toml (DF_IMM)" in console.readouterr().err
    assert ",2023," in Path("home/out/data/DF_IMM.csv").read_text()


@pytest.mark.parametrize(
    ("title", "note"),
    [
        ("Emigrants by citizenship and sex,", "Residents for at least 12 months."),
        ("Immigrants by citizenship and sex,", "Residents for at least 3 months."),
        ("Immigrants by citizenship and sex,", "Residents for at least 12 months. Southern Georgia only."),
        ("Immigrants by citizenship and sex (thousands),", "Residents for at least 12 months."),
    ],
    ids=["subject", "residence rule", "area", "unit"],
)
def test_table_with_other_texts_is_asked_about(source: Path, console: Console, title: str, note: str) -> None:
    Path("last.csv").write_text(count_by_citizenship("Immigrants by citizenship and sex,", 2022))
    Path("now.csv").write_text(count_by_citizenship(title, 2023, note))
    assert console.run("start", "last.csv", "home", "--area", "GE", typed="DF_IMM\n3\ny\n") in {0, 1}
    console.readouterr()
    console.run("start", "now.csv", "home", typed="")
    said = console.readouterr().err
    assert "What do these figures count?" in said
    assert "carried over" not in said


def test_table_of_next_year_may_have_a_provisional_figure(source: Path, console: Console) -> None:
    Path("last.csv").write_text(count_by_citizenship("Immigrants by citizenship and sex,", 2022))
    table = count_by_citizenship("Immigrants by citizenship and sex,", 2023).replace(
        "100,60,40,2023", "100,60,40,2023p"
    )
    Path("now.csv").write_text(f"{table}(p) : provisoire\n")
    assert console.run("start", "last.csv", "home", "--area", "GE", typed="DF_IMM\n3\ny\n") in {0, 1}
    assert console.run("start", "now.csv", "home", typed="y\n") in {0, 1}
    assert "100,P," in Path("home/out/data/DF_IMM.csv").read_text()


def test_start_in_a_subfolder_uses_the_workspace_above(
    source: Path, monkeypatch: pytest.MonkeyPatch, console: Console
) -> None:
    run(["start", source.name, "home", "--area", "GE"])
    monkeypatch.chdir("home/tables")
    assert console.run("start", "second.csv", typed="1\n1\n3\ny\n") in {0, 1}
    assert Path("../mappings/second.toml").is_file()
    assert not Path("second").exists()
