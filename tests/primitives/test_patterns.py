"""Regular expressions from untrusted sources: same meaning as in Python, in time linear in the text."""

from __future__ import annotations

import random
import re
import time
import warnings
from pathlib import Path

import pytest
from case_tables import cases_from
from declared import DRAFT, FILES, write
from folders import write_files
from small_office import COUNTRY, POPULATION

from sdmxmig.catalogue import load
from sdmxmig.cli import run
from sdmxmig.conversion.mapping.grid import find_tables, is_match
from sdmxmig.conversion.mapping.meanings import extract_relevant_part
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import DeclarationError, InputError
from sdmxmig.primitives.patterns import ExpressionError, pattern
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.correspondences import Correspondence

SECONDS = 10.0
"""Each case takes Python's own engine longer than anyone would wait; here about a second of processor time."""
HOSTILE = [
    ("(a+)+$", "a" * 40 + "b"),
    (r"([^,]*,)*[^,]*$\d", "a," * 1000),
    ("(?:.?){60}(?:x){60}", "a" * 200),
]


def used() -> float:
    return time.process_time()


@pytest.mark.parametrize(("written", "text"), HOSTILE, ids=[written for written, _ in HOSTILE])
def test_expressions_run_in_bounded_time(written: str, text: str) -> None:
    begin = used()
    assert pattern(written).search(text) is None or written.endswith("$")
    assert pattern(written).fullmatch(text) is None
    assert not pattern(written).ends(text) or written.endswith("$")
    assert used() - begin < SECONDS


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (r"(a)\1", "a group is referred to again"),
        ("a++", "bad repetition operator"),
        ("(?<=a)b", "looks ahead or behind"),
        (r"\bfoo\b", "a word boundary"),
        (r"[\W.]", r"\\W inside \[ \]"),
        ("(a{1000}){1000}", "invalid repetition size"),
        ("a" * 30_000, "the limit is 20,000"),
        ("x{99999999999999}", "too large"),
        ("(?P<y>a)(?P<y>b)", "two groups have the name y"),
        ("[", "missing ]"),
        ("\ud800", "surrogates not allowed"),
    ],
)
def test_pattern_without_time_bound_is_refused_when_declared(written: str, why: str) -> None:
    begin = used()
    with pytest.raises(ExpressionError, match=why):
        pattern(written)
    assert used() - begin < SECONDS


def test_text_exceeding_time_limit_is_refused_with_pattern() -> None:
    begin = used()
    with pytest.raises(InputError, match="takes too long on a text of 60,000 characters") as raised:
        pattern("(x?x?x?x?){900}y").search("x" * 60_000)
    assert len(str(raised.value)) < 500
    assert used() - begin < SECONDS


def test_text_with_lone_surrogates_is_matched() -> None:
    found = pattern(r"(\d+)").search("\ud800é12")
    assert (found[1], found.start()) == ("12", 2)


@pytest.mark.parametrize(
    ("written", "text", "expected"),
    [
        (r"x?\d{,2}(.)", "x12!", "!"),
        (r"[[a]b", "[b", "[b"),
        (r"(?s)a.b", "a\nb", "a\nb"),
        (r"(?m)^b", "a\nb", "b"),
        (r"(?P<y>\d{4})-(?P<m>\d\d)", "2020-05", "2020"),
        ("|".join(str(number) for number in range(3000)), "2999", "2"),
        (r"[¹²³]|\d\)", "x 2)", "2)"),
    ],
)
def test_harmless_expressions_find_equal_groups_as_in_python(written: str, text: str, expected: str) -> None:
    match = pattern(written).search(text)
    assert (next((group for group in match.groups() if group is not None), match[0])) == expected
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        judge = re.search(written, text)
    spans = [match.span(group) for group in range(len(match.groups()) + 1)]
    assert (tuple(spans), match.groupdict()) == (judge.regs, judge.groupdict())


ATOMS = [*"abc1xé", "ab", ".", "[ab]", "[^a]", *(rf"\{letter}" for letter in "dDwWsS"), "^", "$", "", "[a-c1]", "I"]
ATOMS += [r"[^\d]", r"[^\W\d_]", r"[^\W_]", r"[\w.]", r"[a[]", r"[\dx]", r"\u00e9", r"\A", r"\Z"]


def expression(random_: random.Random, depth: int) -> str:
    """Some regular expression."""

    def inner() -> str:
        return expression(random_, depth - 1)

    kind = random_.random()
    if not depth or kind < 0.3:
        return random_.choice(ATOMS)
    if kind < 0.5:
        return inner() + inner()
    if kind < 0.72:
        return f"({'?:' if kind < 0.62 else ''}{inner()}|{inner()})"
    if kind < 0.79:
        return f"(?i:{inner()})"
    return f"(?:{inner()}){random_.choice(['*', '+', '?', '{2}', '{1,3}', '{0,2}', '{2,}'])}{random_.choice(['', '?'])}"


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 4))])
def test_expressions_match_as_in_python(seed: int) -> None:
    random_ = random.Random(seed)
    compared = 0
    for _ in range(1200):
        written = expression(random_, 3)
        ours, judge = pattern(written), re.compile(written)
        for _ in range(3):
            text = "".join(random_.choice("aabbc1 xIé²_") for _ in range(random_.randint(0, 7)))
            for how in ("search", "match", "fullmatch"):
                match, expected = getattr(ours, how)(text), getattr(judge, how)(text)
                assert (match and match.span()) == (expected and expected.span()), (how, written, text)
                compared += match is not None
            assert ours.ends(text) == (re.compile(rf"(?:{written})\Z").search(text) is not None), (written, text)
    assert compared > 1000


@cases_from("primitives/cases/a_map_writes_what_its_groups_hold.csv")
def test_map_target_contains_the_matched_groups(sources: str, targets: str, value: str, made: str) -> None:
    assert Correspondence(lines={}, reasons=(), expressions=(((sources,), (targets,)),)).get((value,)) == (made,)


def test_expensive_pattern_in_a_map_runs_in_bounded_time() -> None:
    begin = used()
    assert Correspondence(lines={}, reasons=(), expressions=((("(a+)+",), ("X",)),)).get(("a" * 50 + "b",)) is None
    assert used() - begin < SECONDS


def test_expensive_glob_runs_in_bounded_time() -> None:
    begin = used()
    assert not is_match("a" * 5000, "*a" * 30 + "b")
    assert extract_relevant_part("a" * 60 + "b", "(a+)+$") == "a" * 60 + "b"
    assert used() - begin < SECONDS


MAPPING = f"""
id = "MAP_POP"
flow = "DF_POP"
file = "office.csv"
[[ignore]]
sheet = "*"
cells = "A1:A1"
reason = "x"
[[block]]
sheet = "*"
anchor = "Year"
{POPULATION}
"""
LONG = "a" * 60 + "!"
TABLE = f"{LONG}\nSays\nYear,Men,Women\n2020,1,2\n2021,4,5{LONG}\n{LONG},6,7\n\nSource\n1) {LONG}\n{LONG}\n"
HANGS = "'/^(a|a)+$/'"
BLOCK = {
    "anchor": f"anchor = [{HANGS}, 'Year']",
    "says": f"anchor = 'Year'\nsays = [{HANGS}, 'Says']",
    "until": f"anchor = 'Year'\nuntil = [{HANGS}, 'Source*']",
    "skip_rows": f"anchor = 'Year'\nskip_rows = [{{ match = {HANGS}, reason = 'x' }}]",
    "sections": f"anchor = 'Year'\nsections = [{{ match = {HANGS} }}]",
}
PLACES = {name: ('anchor = "Year"', new) for name, new in BLOCK.items()} | {
    "take": ('from = "column 1"', "from = \"column 1\"\ntake = '^(a|a)+$'"),
    "footnotes": ("[block.fixed]", "[block.footnotes]\nmarks = '(a|a)+1'\ncomponent = \"COMMENT_OBS\"\n[block.fixed]"),
}


def converted(folder: Path, mapping: str, name: str = "office.csv") -> int:
    """The exit code of `convert` for a mapping and the table above, one value of which is no number."""
    write_files(folder, {"country.toml": COUNTRY, "mappings/pop.toml": mapping, f"tables/{name}": TABLE})
    return run(["convert", str(folder)])


@pytest.mark.parametrize("place", PLACES)
def test_mapping_pattern_runs_in_bounded_time(place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = PLACES[place]
    assert old in MAPPING
    begin = used()
    assert converted(tmp_path, MAPPING.replace(old, new, 1)) == (2 if place == "says" else 1), capsys.readouterr().err
    assert used() - begin < SECONDS


def test_expensive_sheet_pattern_runs_in_bounded_time(tmp_path: Path) -> None:
    tables = read("a.html", f"<table><caption>{LONG}</caption><tr><td>x</td></tr></table>".encode())
    begin = used()
    with pytest.raises(DeclarationError, match="There is no sheet"):
        find_tables(tables, "/^(a|a)+$/", Place("a.toml"))
    assert used() - begin < SECONDS


def test_refused_pattern_in_a_mapping_has_a_hint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notes = "\n[block.footnotes]\nmarks = '(?P<m>\\d)\\1'\ncomponent = \"COMMENT_OBS\"\n"
    assert converted(tmp_path, MAPPING + notes) == 2
    messages = capsys.readouterr().err
    assert "is not a regular expression that can be used: a group is referred to again" in messages
    assert "footnotes" in messages


def test_marks_pattern_may_have_inline_flags(tmp_path: Path) -> None:
    notes = "\n[block.footnotes]\nmarks = '(?i)[A-Z1]\\)'\ncomponent = \"COMMENT_OBS\"\n"
    assert converted(tmp_path, MAPPING + notes) == 1


def test_invalid_pattern_in_a_map_is_refused_with_its_place(tmp_path: Path) -> None:
    map_ = f"structures/maps/SDMXMIG/RM_TRY.{DRAFT}.csv"
    write(tmp_path)
    write(tmp_path, {map_: FILES[map_].replace("NB,NAT,,,,,,,\n", '"(.)\\1",NAT,,,,,,yes,\n')})
    with pytest.raises(DeclarationError, match="cannot be used as a pattern: a group is referred to") as raised:
        load(tmp_path)
    assert raised.value.place.line == 4
