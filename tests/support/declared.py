"""One small declaration of every kind, as files of a workspace."""

from __future__ import annotations

from pathlib import Path

DRAFT = "1.0.0-draft"
HEAD = """agency = "SDMXMIG"
version = "1.0.0-draft"
name.en = "A name"
name.fr = "Un nom"
status = "candidate"
source = "here"
"""

FILES = {
    f"codelists/SDMXMIG/CL_TRY.{DRAFT}.csv": """
id,parent,name_en,name_fr,status,source,@PASSAGE,valid_from,valid_to,@ALIAS,@ALIAS_fr
,,Try,Essai,candidate,here,,2020-01-01,2030-12-31,,
_T,,Total,Total,verified,here,page 1: total,,,all,tous
FB,_T,Foreign-born,,verified,here,page 2: born abroad,,,,
FB_NC,FB,Foreign-born citizens,,candidate,here,,2001-01-01,,,
FB_FC,FB,Foreign-born foreign citizens,,candidate,here,,,,,
NB,_T,Native-born,,candidate,here,,,,,
""",
    f"codelists/SDMXMIG/H_TRY.{DRAFT}.csv": """
id,parent,code,level,codelist,name_en,name_fr,status,source,valid_from,valid_to,@PASSAGE
,,,TOTAL > PART > LEAF,SDMXMIG:CL_TRY(1.0.0-draft),Populations,Populations,candidate,here,,,
T,,_T,TOTAL,,,,,,,,
FB,T,,PART,,,,verified,there,,,page 2: a group of all
FB_NC,FB,SDMXMIG:CL_TRY(1.0.0-draft).FB_NC,LEAF,,,,,,2001-01-01,,
FB_FC,FB,,LEAF,,,,,,,,
NB,T,,PART,,,,,,,,
""",
    f"codelists/SDMXMIG/CAT_TRY.{DRAFT}.csv": """
id,parent,name_en,status,source
,,Categories,candidate,here
STOCKS,,Stocks,candidate,here
BIRTH,STOCKS,By birth,candidate,here
FLOWS,,Flows,candidate,here
BIRTH,FLOWS,By birth,candidate,here
""",
    "codelists/SDMXMIG/DATA_PROVIDERS.1.0.csv": """
id,name_en,status,source
,Data providers,candidate,here
GE1,Statistics office,candidate,here
""",
    f"codelists/SDMXMIG/CS_TRY.{DRAFT}.csv": """
id,parent,name_en,status,source,codelist,type
,,Concepts,candidate,here,,
POPULATION,,Population,candidate,here,SDMXMIG:CL_TRY(1.0.0-draft),
TIME_PERIOD,,Time,candidate,here,,ObservationalTimePeriod
OBS_VALUE,,Value,candidate,here,,Decimal
FREQ,,Frequency,candidate,here,SDMX:CL_FREQ(2.1),
NOTE,,Note,candidate,here,,String
CONTACT,,Contact,candidate,here,,String
EMAIL,,Address,candidate,here,,String
""",
    "codelists/ESTAT/CL_FAR.1.0.csv": """
id,name_en,status,source,external
,A list elsewhere,candidate,Eurostat,https://example.org/CL_FAR
""",
    "structures/dsd/DSD_TRY.toml": f"""
id = "DSD_TRY"
{HEAD}
concepts = "SDMXMIG:CS_TRY(1.0.0-draft)"
[[note]]
type = "HOW"
text.en = "Like this"
[[dimension]]
id = "FREQ"
[[dimension]]
id = "POPULATION"
[time]
id = "TIME_PERIOD"
[[measure]]
id = "OBS_VALUE"
[[attribute]]
id = "NOTE"
attachment = "dimensions"
dimensions = ["POPULATION"]
[[attribute]]
id = "CONTACT"
attachment = "group"
group = "Sibling"
[[group]]
id = "Sibling"
dimensions = ["POPULATION"]
""",
    "structures/dsd/DSD_FAR.toml": """
id = "DSD_FAR"
agency = "ESTAT"
version = "1.0"
name.en = "Elsewhere"
status = "candidate"
source = "Eurostat"
external = "https://example.org/DSD_FAR"
""",
    "structures/dataflows/DF_TRY.toml": f"""
id = "DF_TRY"
{HEAD}
structure = "SDMXMIG:DSD_TRY(1.0.0-draft)"
categories = ["CAT_TRY.STOCKS.BIRTH", "SDMXMIG:CAT_TRY(1.0.0-draft).FLOWS"]
valid_from = "2008-01-01"
valid_to = "2027-12-31"
[[note]]
type = "AGENCY_TABLE"
title = "migr_try"
[constraint]
POPULATION = ["FB", "NB"]
TIME_PERIOD = {{ start = "2008" }}
""",
    "structures/msd/MSD_TRY.toml": f"""
id = "MSD_TRY"
{HEAD}
concepts = "SDMXMIG:CS_TRY(1.0.0-draft)"
[[attribute]]
id = "CONTACT"
presentational = true
[[attribute]]
id = "EMAIL"
parent = "CONTACT"
min = 1
max = "unbounded"
facets = {{ maxLength = 350 }}
[[attribute]]
id = "POPULATION"
""",
    "structures/metadataflows/MDF_TRY.toml": f"""
id = "MDF_TRY"
{HEAD}
structure = "SDMXMIG:MSD_TRY(1.0.0-draft)"
targets = ["urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=SDMXMIG:*(*)"]
""",
    "structures/agreements/PA_TRY.toml": f"""
id = "PA_TRY"
{HEAD}
flow = "SDMXMIG:DF_TRY(1.0.0-draft)"
provider = "SDMXMIG:DATA_PROVIDERS(1.0).GE1"
""",
    "structures/constraints/CN_TRY.toml": f"""
id = "CN_TRY"
{HEAD}
attached = ["SDMXMIG:DSD_TRY(1.0.0-draft)"]
[[region]]
include = false
[region.values]
POPULATION = ["_T"]
[region.time]
end = "1999"
""",
    f"structures/maps/SDMXMIG/RM_TRY.{DRAFT}.csv": """
source,target,source_list,target_list,name_en,status,source_note,regex,@PASSAGE
,,SDMXMIG:CL_TRY(1.0.0-draft),ESTAT:CL_FAR(1.0),Populations,candidate,here,,
FB,FOR,,,,verified,there,,page 3: foreigners
NB,NAT,,,,,,,
""",
    "structures/maps/SM_TRY.toml": f"""
id = "SM_TRY"
{HEAD}
from = "SDMXMIG:DSD_TRY(1.0.0-draft)"
to = "ESTAT:DSD_FAR(1.0)"
[[component]]
source = ["POPULATION"]
target = ["citizen"]
map = "RM_TRY"
[[fixed]]
component = "unit"
value = "NR"
[[time]]
source = ["TIME_PERIOD"]
target = ["time"]
pattern = "yyyy"
frequency = "A"
""",
}


def write(folder: Path, files: dict[str, str] | None = None) -> Path:
    """Write these files (all of `FILES` if none are given) into a folder."""
    for name, text in (FILES if files is None else files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip(), encoding="utf-8")
    return folder
