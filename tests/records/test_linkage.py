"""Linkage from files to persons: links are found in any order; ambiguous records are left apart.

The records include those of ``lookalikes.csv``: records that look alike and are two persons, or look different and are
one, written down before the code was run on them. A record without a truth can go with any other of its case.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from case_tables import as_list, cases_from
from console import Console
from made_identities import two_files
from made_records import derive
from shipped import CATALOGUE
from test_linkage_names import RULES, records
from test_linkage_weights import NOBODY

from sdmxmig.cli import run
from sdmxmig.io.network import Secret
from sdmxmig.primitives.errors import InputError
from sdmxmig.records.files import LINKAGE_ERRORS
from sdmxmig.records.linkage import linking as rounds
from sdmxmig.records.linkage.preparation import concatenate_records
from sdmxmig.records.linkage.stages import label_components, link_by_stages
from sdmxmig.workspace.tasks import linking
from sdmxmig.workspace.tasks.linkage_tables import BANDS_TABLE, LinkRequest, compute_judged_errors, write_table
from sdmxmig.workspace.tasks.linking import link

KEY = "9f2c4be07d61a8e35c17aa01"
FIRST, SECOND, OF_BACKGROUND = two_files(240, seed=5)
CASES = pl.read_csv(Path(__file__).parent / "lookalikes.csv", infer_schema=False)
FILES = {
    name: pl.concat(
        [
            others,
            CASES.filter(pl.col("record").str.starts_with(name))
            .with_columns(pl.col("birth_date").str.to_date())
            .select(others.columns),
        ]
    )
    for name, others in (("a", FIRST), ("b", SECOND))
}
TRUTH = {
    **{record: str(person) for record, person in OF_BACKGROUND.items()},
    **{record: truth or record for record, truth in CASES.select("record", "truth").rows()},
}
SAID: list[str] = []


def linked(folder: Path, **files: pl.DataFrame) -> linking.LinkageResult:
    request = LinkRequest(written(folder, **files), Secret(KEY), sample=60)
    return link(request, folder / "out", CATALOGUE, SAID.append)


def written(folder: Path, **files: pl.DataFrame) -> dict[str, Path]:
    folder.mkdir(exist_ok=True)
    for name, frame in files.items():
        frame.write_csv(folder / f"{name}.csv")
    return {name: folder / f"{name}.csv" for name in files}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> linking.LinkageResult:
    return linked(tmp_path_factory.mktemp("linked"), **FILES)


@pytest.fixture(scope="module")
def persons(result: linking.LinkageResult) -> dict[str, str]:
    return dict(result.tables["links.parquet"].select("record", "person").rows())


@pytest.mark.parametrize("case", CASES["case"].unique(maintain_order=True))
def test_similar_records_are_linked_correctly(case: str, persons: dict[str, str]) -> None:
    rows = CASES.filter(pl.col("case") == case).select("record", "truth").rows()
    known = {record: truth for record, truth in rows if truth}
    for (first, truth), (second, other) in combinations(known.items(), 2):
        assert (truth == other) == (persons[first] == persons[second]), (first, second)
    mine, of_case = {persons[record] for record, _ in rows}, {record for record, _ in rows}
    assert not {record for record, person in persons.items() if person in mine} - of_case, "a stranger"


def test_rejected_and_separated_pairs_are_counted(result: linking.LinkageResult) -> None:
    said = "\n".join(SAID)
    assert "b: 1 number ignored, because too many persons have them" in said
    assert "pairs of records kept apart, such as twins" in said
    assert "b: 1 person separated: a chain of links had joined two" in said
    assert result.report["nobodys"] == {"a": {"numbers": 0, "days": 0}, "b": {"numbers": 1, "days": 1}}
    assert result.report["chains"] == {"b": {"parted": 1, "loose": 0, "two_numbers": 0}}
    assert result.tables["stages.csv"]["apart"].sum() > 0


def test_pairs_kept_apart_by_a_rule_are_sampled_as_unlinked(result: linking.LinkageResult) -> None:
    """A rule that keeps twins apart also keeps apart two records of one person: such links are missed."""
    apart = result.tables["bands.csv"].filter(band="kept apart by a rule")
    assert apart["pairs"].sum() > 0
    assert not apart["linked"].any()


def together_pairs(links: pl.DataFrame, by: str) -> set[tuple[str, str]]:
    """All pairs of records that are of one person, whatever their sources."""
    groups = links.group_by(by).agg(pl.col("record").sort())["record"]
    return {(one, other) for group in groups for one in group for other in group if one < other}


def test_persons_and_duplicates_are_found_across_files(result: linking.LinkageResult) -> None:
    links = result.tables["links.parquet"].with_columns(truth=pl.col("record").replace_strict(TRUTH))
    found, true = together_pairs(links, "person"), together_pairs(links, "truth")
    assert len(found & true) / len(found) >= 0.99
    assert len(found & true) / len(true) >= 0.95
    doubles = {pair for pair in true if pair[0][0] == pair[1][0]}
    assert len(doubles) > 10
    assert len(doubles & found) >= 0.8 * len(doubles)
    assert set(links["method"].drop_nulls()) == {"DET", "PROB"}
    alone = links.filter(pl.col("method").is_null())
    assert alone["person"].is_unique().all()


def test_documents_of_a_source_have_the_columns_of_derive(result: linking.LinkageResult) -> None:
    documents = result.tables["documents-b.parquet"]
    assert documents.columns == ["document", "person"]
    assert sorted(documents["document"]) == sorted(FILES["b"]["record"])


def test_outputs_omit_names_numbers_and_birth_dates(result: linking.LinkageResult) -> None:
    texts = {
        str(value)
        for frame in (FIRST, SECOND)
        for name in ("given_name", "family_name", "person_number")
        for value in frame[name].drop_nulls()
    }
    days = {str(value) for value in FIRST["birth_date"]}
    for name, table in result.tables.items():
        cells = {str(value) for column in table.columns for value in table[column].cast(pl.String).drop_nulls()}
        assert not cells & (texts | days | set(FIRST["document"])), name


def test_order_slices_and_interruptions_do_not_change_output(
    result: linking.LinkageResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = written(tmp_path, a=FILES["a"].sample(fraction=1, shuffle=True, seed=1), b=FILES["b"].reverse())
    request = LinkRequest(files, Secret(KEY), slices=2)
    weigh, calls = rounds.weigh_pairs, []

    def breaking(*arguments: object) -> pl.DataFrame:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return weigh(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(rounds, "weigh_pairs", breaking)
    with pytest.raises(KeyboardInterrupt):
        link(request, tmp_path / "out", CATALOGUE)
    monkeypatch.setattr(rounds, "learn_probabilities", lambda *_: pytest.fail("learned twice"))
    said: list[str] = []
    again = link(request, tmp_path / "out", CATALOGUE, said.append)
    assert len(calls) == 4, "the first slices are not weighed again"
    assert any(text.startswith("slice 3 of 3") for text in said)
    for name in again.tables:
        assert write_table(again.tables[name], name) == write_table(result.tables[name], name), name


def stage_pairs(first: list[Mapping[str, object]], second: list[Mapping[str, object]]) -> tuple[object, ...]:
    sources = {
        name: records(*({"record": f"{name}{place}", **row} for place, row in enumerate(rows)))
        for name, rows in (("a", first), ("b", second))
    }
    everybody = concatenate_records(sources)
    pairs, doubles, counts = link_by_stages(everybody, RULES, NOBODY)
    named = dict(everybody.select("unit", "record").rows())
    return (
        [(named[one], named[other]) for one, other in pairs.select("unit_l", "unit_r").rows()],
        [(named[one], named[other]) for one, other in doubles.select("unit_l", "unit_r").rows()],
        sum(count.ambiguous for count in counts),
    )


def test_key_shared_by_two_persons_is_not_linked() -> None:
    same = {"given_name": "Ana", "family_name": "Sol", "sex": "F", "c_birth": "XA", "birth_date": dt.date(1980, 3, 7)}
    assert stage_pairs([same], [same]) == ([("a0", "b0")], [], 0)
    assert stage_pairs([same], [same, same]) == ([], [], 1)


def test_equal_number_and_birth_in_a_source_form_one_person() -> None:
    row = {"person_number": "77", "birth_date": dt.date(1980, 3, 7), "sex": "F"}
    assert stage_pairs([row], [row, row]) == ([("a0", "b0")], [("b0", "b1")], 0)


@pytest.mark.parametrize("many", [6, 30])
def test_any_number_of_equal_records_forms_one_person(many: int) -> None:
    row = {"person_number": "77", "given_name": "Ana", "birth_date": dt.date(1980, 3, 7), "sex": "F"}
    pairs, doubles, ambiguous = stage_pairs([row], [row] * many)
    assert (pairs, doubles, ambiguous) == (
        [("a0", "b0")],
        [("b0", f"b{place}") for place in sorted(range(1, many), key=str)],
        0,
    )


def test_key_with_many_names_is_counted_as_ambiguous() -> None:
    row = {"person_number": "471147", "birth_date": dt.date(1980, 3, 7), "sex": "F"}
    names = ["Abel", "Bruno", "Conrad", "Dietmar", "Egon", "Fritz"]
    pairs, doubles, ambiguous = stage_pairs([row], [{**row, "family_name": name} for name in names])
    assert (pairs, doubles) == ([], [])
    assert ambiguous


def test_connected_records_get_one_label() -> None:
    dice = random.Random(8)
    edges = [tuple(sorted(dice.sample(range(60), 2))) for _ in range(45)]
    parent = {unit: unit for edge in edges for unit in edge}
    for _ in parent:
        for one, other in edges:
            parent[one] = parent[other] = min(parent[one], parent[other])
    labels = label_components(pl.DataFrame(edges, schema={"unit_l": pl.Int64, "unit_r": pl.Int64}, orient="row"))
    assert dict(labels.rows()) == parent


def test_error_rates_are_computed_from_judgements(result: linking.LinkageResult, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    kept(result, out)
    sample = result.tables["clerical.csv"]
    truth = {
        (source, str(row)): TRUTH[record]
        for source, frame in FILES.items()
        for row, record in enumerate(frame["record"], 2)  # lines, of which the first is the header
    }
    words = [
        "yes" if truth[row["first_source"], row["first"]] == truth[row["second_source"], row["second"]] else "no"
        for row in sample.rows(named=True)
    ]
    sample.with_columns(judgement=pl.Series(words)).write_csv(out / "judged.csv")
    errors = compute_judged_errors(out / "judged.csv", out)
    between = {row["measure"]: row for row in errors.filter(pl.col("kind") == "between").rows(named=True)}
    assert between["precision"]["low"] <= 1 <= between["precision"]["high"] + 0.01
    assert between["recall"]["value"] > 0.95
    assert between["true_pairs"]["basis"] == "clerical sample"


def test_unjudged_sample_is_refused(result: linking.LinkageResult, tmp_path: Path, console: Console) -> None:
    kept(result, tmp_path)
    assert run(["link", "--judged", str(tmp_path / "clerical.csv"), "-o", str(tmp_path)]) != 0
    assert "are judged" in console.readouterr().err


def test_sample_of_another_linkage_is_refused(result: linking.LinkageResult, tmp_path: Path) -> None:
    """If the same records are in other rows, the judged pairs are those of other persons."""
    kept(result, tmp_path)
    sample = result.tables["clerical.csv"].with_columns(judgement=pl.lit("yes"))
    sample.with_columns(linkage=pl.lit("0" * 24)).write_csv(tmp_path / "other.csv")
    with pytest.raises(InputError, match="The pairs belong to another linkage"):
        compute_judged_errors(tmp_path / "other.csv", tmp_path)
    sample.write_csv(tmp_path / "judged.csv")
    assert compute_judged_errors(tmp_path / "judged.csv", tmp_path).height


def kept(result: linking.LinkageResult, folder: Path) -> None:
    """A linkage in a folder."""
    for name, content in linking.write_contents(result):
        (folder / name).write_bytes(content)


@cases_from("records/cases/impossible_inputs_are_refused_without_quoting_cells.csv", words=as_list)
def test_impossible_inputs_are_refused_without_quoting_cells(
    words: list[str],
    content: str,
    message: str,
    tmp_path: Path,
    console: Console,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SDMXMIG_SECRET_LINKAGE", KEY)
    (tmp_path / "file.csv").write_text(content, encoding="utf-8")
    named = [word.replace("{file}", str(tmp_path / "file.csv")) for word in words]
    assert run(["link", *named, "-o", str(tmp_path / "out")]) != 0
    said = console.readouterr().err
    assert message in said
    assert "SECRET-1" not in said


def test_link_writes_tables_and_cleans_up(tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDMXMIG_SECRET_LINKAGE", KEY)
    file = written(tmp_path, b=SECOND.head(60))["b"]
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "documents-a.parquet").write_bytes(b"of an earlier linkage")
    assert run(["link", "--identities", f"b={file}", "-o", str(tmp_path / "out")]) == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {
        *("bands.csv", "documents-b.parquet", "linkage.json", "linkage_errors.csv", "links.parquet"),
        *("integration-link.json", "made.json", "stages.csv", "weights.csv"),
    }
    said = console.readouterr().err
    assert "60 records" in said
    assert "by agreeing keys alone" in said, "too few to learn from"


@pytest.mark.parametrize("sources", [("a",), ("a", "b")])
def test_without_links_every_record_is_a_person(
    sources: tuple[str, ...], tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDMXMIG_SECRET_LINKAGE", KEY)
    words = []
    for name in sources:
        (tmp_path / f"{name}.csv").write_text(f"record,sex\n{name}1,F\n{name}2,M\n", encoding="utf-8")
        words += ["--identities", f"{name}={tmp_path / name}.csv"]
    assert run(["link", *words, "-o", str(tmp_path / "out")]) == 0
    assert f"{2 * len(sources)} persons in {2 * len(sources)} records" in console.readouterr().err
    for name, columns in (("linkage_errors", LINKAGE_ERRORS), ("bands", BANDS_TABLE)):
        table = pl.read_csv(tmp_path / "out" / f"{name}.csv")
        assert table.columns == [column.name for column in columns.columns]


CROSSINGS = "person,date,direction\nB1,2020-03-01,ENTRY\nB2,2020-06-01,EXIT\nB2,2020-06-20,ENTRY\n"
DOCUMENTS = "document,person\nB1,P\nB2,P\n"
ERRORS = """to_source,kind,measure,value,low,high,basis,pairs,judged
b,between,precision,0.991,0.98,1.0,clerical sample,90,40
b,between,recall,0.97,,,model,90,0
b,between,missed_links,3,,,model,90,0
"""


def test_figures_include_linkage_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = {"movements": CROSSINGS, "documents": DOCUMENTS, "linkage": ERRORS}
    assert derive(tmp_path, options) == 0
    row = pl.read_csv(tmp_path / "out" / "DF_IMM.csv", infer_schema=False).row(0, named=True)
    assert row["INTEG_METHOD"] == "PROB"
    assert "b between sources precision 0.991 (0.98 to 1.0) by clerical sample" in row["COMMENT_DSET"]
    assert "recall 0.97 by model" in row["COMMENT_DSET"]
    del options["documents"]
    assert derive(tmp_path, options) != 0
    assert "Linkage errors need" in capsys.readouterr().err
