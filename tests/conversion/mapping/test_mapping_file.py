"""The mapping file: every key is checked before a table is touched."""

from __future__ import annotations

import pytest
from case_tables import cases_from, text_from
from shipped import CATALOGUE

from sdmxmig.conversion.mapping import load
from sdmxmig.primitives.errors import DeclarationError, InputError
from sdmxmig.sdmx.model.data import ComponentMap, Flow, PeriodFormat, Skip
from sdmxmig.sdmx.model.sources import Source

MAPPING = text_from("conversion/cases/mapping_file_mapping.toml")


def test_mapping_is_loaded_with_all_keys_of_its_block(population_flow: Flow) -> None:
    mapping = load("m.toml", MAPPING.encode(), {"DF_TEST": population_flow})
    (block,) = mapping.blocks
    assert (mapping.id, mapping.flow, mapping.file, str(mapping.name)) == (
        *("MAP_TEST", "DF_TEST", "office.xlsx", "Population"),
    )
    assert (block.sheet, block.anchors, block.cell, block.until) == ("Table 1", ("Year",), "", ("Source*",))
    assert (block.header_rows, block.header_columns, block.sections) == (2, 1, ())
    assert block.fixed == (("FREQ", "A"), ("REF_AREA", "GE"), ("AGE", "_T"))
    assert block.components == (
        ComponentMap(
            "TIME_PERIOD",
            Source("column", 1),
            codes=(),
            periods=PeriodFormat(("yyyy",)),
            key="block[1].components.TIME_PERIOD",
        ),
        ComponentMap("SEX", Source("header", 2), codes=(("Men", "M"), ("Women", "F")), key="block[1].components.SEX"),
    )
    assert block.skip_rows == (Skip("of which*", "parts"),)
    assert block.skip_columns == (Skip("*%*", "recomputed", headers=(2,)),)
    values = block.values
    assert (values.thousands, values.decimal, values.missing) == (" ", ".", (("–", (("OBS_STATUS", "O"),)),))
    assert values.marks == (("*", (("OBS_STATUS", "P"),)),)


@cases_from("conversion/cases/a_mistake_is_named_at_its_key_with_what_to_write.csv")
def test_mistake_is_reported_at_its_key_with_a_remedy(
    old: str, new: str, key: str, hint: str, population_flow: Flow
) -> None:
    assert old in MAPPING
    with pytest.raises(DeclarationError) as caught:
        load("m.toml", MAPPING.replace(old, new, 1).encode(), {"DF_TEST": population_flow})
    assert caught.value.place.file == "m.toml"
    assert caught.value.place.key == key
    assert hint in str(caught.value)


DROPPED = '[[drop]]\ncomponent = "{}"\ncode = "{}"\nreason = "not asked for"\n'
DERIVED = '[[derived]]\ncomponent = "SEX"\ncode = "{}"\nformula = "{}"\n'
FOOTNOTES = "[block.footnotes]\nmarks = '\\d\\)'\n{}\n"
ADDED = {
    "a code that is dropped": (DROPPED, ("SEX", "F"), ("SEX", "FF"), "drop[1].code", "_T, M, F, _U"),
    "a dropped code of another dimension": (DROPPED, ("AGE", "_T"), ("AGE", "F"), "drop[1].code", ""),
    "a dimension whose code is dropped": (DROPPED, ("SEX", "F"), ("SEXE", "F"), "drop[1].component", "“SEX”"),
    "an attribute is no dimension": (DROPPED, ("SEX", "F"), ("OBS_STATUS", "A"), "drop[1].component", ""),
    "the code of a formula": (DERIVED, ("F", "_T - M"), ("FF", "_T - M"), "derived[1].code", "M, F"),
    "the last code in a formula": (DERIVED, ("F", "_T - M"), ("F", "_T - MM"), "derived[1].formula", " M?"),
    "an attribute for footnotes": (
        FOOTNOTES,
        ('component = "COMMENT_OBS"',),
        ("",),
        "block[1].footnotes",
        'component = "COMMENT_OBS"',
    ),
    "a dimension for footnotes": (
        FOOTNOTES,
        ('component = "OBS_STATUS"',),
        ('component = "SEX"',),
        "block[1].footnotes.component",
        "",
    ),
}


@pytest.mark.parametrize("case", ADDED)
def test_codes_in_skips_sums_and_notes_must_exist_in_the_flow(case: str, population_flow: Flow) -> None:
    text, right, wrong, key, hint = ADDED[case]
    flows = {"DF_TEST": population_flow}
    assert load("m.toml", (MAPPING + text.format(*right)).encode(), flows).id == "MAP_TEST"
    with pytest.raises(DeclarationError) as caught:
        load("m.toml", (MAPPING + text.format(*wrong)).encode(), flows)
    assert caught.value.place.key.startswith(key)
    assert hint in str(caught.value)


def test_all_omitted_dimensions_are_named_together(population_flow: Flow) -> None:
    with pytest.raises(DeclarationError, match="The dimensions FREQ, AGE of DF_TEST are neither fixed nor read"):
        load(
            "m.toml", MAPPING.replace('AGE = "_T"', "").replace('FREQ = "A"', "").encode(), {"DF_TEST": population_flow}
        )


def test_removed_age_code_is_refused_with_current_code() -> None:
    flow = CATALOGUE.flow("DF_POP")
    former = MAPPING.replace('"DF_TEST"', '"DF_POP"').replace('AGE = "_T"', 'AGE = "Y_LT15"')
    with pytest.raises(DeclarationError, match=r"“Y_LT15” is not a code of AGE") as caught:
        load("m.toml", former.encode(), {"DF_POP": flow})
    assert caught.value.hint == "Did you mean Y0T14 (0 to 14 years)?"
    assert str(caught.value.place) == "m.toml › block[1].fixed.AGE"


@cases_from("conversion/mapping/cases/country_is_suggested_by_its_name.csv")
def test_country_is_suggested_by_its_name(area: str, hint: str) -> None:
    flow = CATALOGUE.flow("DF_POP")
    strange = MAPPING.replace('"DF_TEST"', '"DF_POP"').replace('"GE"', f'"{area}"')
    with pytest.raises(DeclarationError, match="is not a code of REF_AREA") as caught:
        load("m.toml", strange.encode(), {"DF_POP": flow})
    assert caught.value.hint == hint


def test_comma_is_decimal_if_point_separates_thousands(population_flow: Flow) -> None:
    text = MAPPING.replace('thousands = " "', 'thousands = "."')
    values = load("m.toml", text.encode(), {"DF_TEST": population_flow}).blocks[0].values
    assert (values.thousands, values.decimal) == (".", ",")


@pytest.mark.parametrize("place", ["column Source", "beside Flag"])
def test_table_without_headers_has_no_named_column(place: str, population_flow: Flow) -> None:
    named = MAPPING.replace('"header 2"', f'"{place}"').replace('anchor = "Year"', 'cell = "A5"')
    bare = "".join(line for line in named.splitlines(keepends=True) if "skip_columns" not in line)
    with pytest.raises(DeclarationError, match="without header rows") as caught:
        load("m.toml", bare.replace("header_rows = 2", "header_rows = 0").encode(), {"DF_TEST": population_flow})
    assert caught.value.place.key == "block[1].components.SEX.from"


def test_invalid_toml_is_refused_with_line_and_column(population_flow: Flow) -> None:
    with pytest.raises(DeclarationError) as caught:
        load("m.toml", b'id = "M"\nflow = DF_TEST\n', {"DF_TEST": population_flow})
    assert str(caught.value.place) == "m.toml:2:8"
    with pytest.raises(InputError, match="UTF-8"):
        load("m.toml", 'id = "é"'.encode("latin-1"), {"DF_TEST": population_flow})


def test_mapping_without_a_block_is_refused(population_flow: Flow) -> None:
    with pytest.raises(DeclarationError, match="no block"):
        load("m.toml", MAPPING[: MAPPING.index("[[block]]")].encode(), {"DF_TEST": population_flow})


def test_code_names_in_any_language_need_no_listing() -> None:
    from sdmxmig.catalogue import load as catalogue

    flows = catalogue().flows
    listed = dict.fromkeys(flows["DF_IMM"].structure.key, "_T") | {"FREQ": "A", "REF_AREA": "DE", "DIRECTION": "I"}
    del listed["C_CITIZEN"]
    fixed = "\n".join(f'{name} = "{code}"' for name, code in listed.items() if name != "TIME_PERIOD")
    text = f"""
id = "M"
flow = "DF_IMM"
file = "m.xlsx"
[[block]]
sheet = "*"
anchor = "Year"
[block.fixed]
{fixed}
[block.components.TIME_PERIOD]
from = "column 1"
[block.components.C_CITIZEN]
from = "header 1"
names = true
codes = {{ "Ukraine" = "_O", "Deutschland" = "DE" }}
"""
    codes = dict(load("m.toml", text.encode(), flows).blocks[0].components[1].codes)
    assert (codes["Sweden"], codes["Deutschland"], codes["Ukraine"]) == ("SE", "DE", "_O")
