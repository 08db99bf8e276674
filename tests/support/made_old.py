"""Data messages of SDMX-ML 2.0 and of SDMX-JSON 1.0 in all their layouts, written by hand: we only read them.

They hold the three observations of the small dataset in `made`, without its texts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

OLD = "http://www.SDMX.org/resources/SDMXML/schemas/v2_0"
OWN = "urn:sdmx:org.sdmx.infomodel.keyfamily.KeyFamily=SDMXMIG:DSD_STOCK"
ENGLISH = ' xml:lang="en"'
Values = Mapping[str, str]

MEN = {"FREQ": "A", "REF_AREA": "GE", "SEX": "M", "CTZ": "FC"}
WOMEN = {**MEN, "SEX": "F"}
PERSONS = {"UNIT": "PS"}
RULE = {"RES_RULE": "M12"}
OBSERVED = (("M", "2023", "01", "A"), ("M", "2024", "NaN", "O"), ("F", "2023", "1076792.50", "P"))
"""Sex, period, value and status of each observation."""


def observed(sex: str) -> list[Values]:
    """The observations of one series."""
    return [
        {"TIME_PERIOD": period, "OBS_VALUE": value, "OBS_STATUS": status}
        for one, period, value, status in OBSERVED
        if one == sex
    ]


def attributes(values: Values) -> str:
    """Values as attributes of XML."""
    return "".join(f' {name}="{value}"' for name, value in values.items())


def listed(values: Values) -> str:
    """Values as elements of generic data."""
    return "".join(f'<g:Value concept="{name}" value="{value}"/>' for name, value in values.items())


def called(values: Values) -> str:
    """Values as elements that are called like their components."""
    return "".join(f"<d:{name}>{value}</d:{name}>" for name, value in values.items())


def header(named: str = "<KeyFamilyRef>DSD_STOCK</KeyFamilyRef>", language: str = ENGLISH) -> str:
    """A header; `named` is the structure of the data."""
    return (
        f"<Header><ID>OLD_1</ID><Test>false</Test><Truncated>false</Truncated><Name{language}>Stocks</Name>"
        f'<Prepared>2026-01-31T12:00:00</Prepared><Sender id="GE1"><Name{language}>Office</Name></Sender>{named}'
        f"<DataSetAction>Append</DataSetAction></Header>"
    )


def compact(own: str = f"{OWN}:compact", language: str = ENGLISH) -> bytes:
    """Compact data, in the namespace of their structure."""
    series = [
        f"<d:Series{attributes(key)}{attributes(PERSONS)}>"
        + "".join(f"\n  <d:Obs{attributes(one)}/>" for one in observed(key["SEX"]))
        + "</d:Series>"
        for key in (MEN, WOMEN)
    ]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<CompactData xmlns="{OLD}/message" xmlns:c="{OLD}/compact" xmlns:d="{own}">
{header(language=language)}
<d:DataSet{attributes(RULE)}>
{"".join(series)}
</d:DataSet>
</CompactData>
""".encode()


def generic(language: str = ENGLISH) -> bytes:
    """Generic data."""

    def observation(values: Values) -> str:
        status = listed({"OBS_STATUS": values["OBS_STATUS"]})
        return (
            f"\n  <g:Obs><g:Time>{values['TIME_PERIOD']}</g:Time><g:ObsValue value='{values['OBS_VALUE']}'/>"
            f"<g:Attributes>{status}</g:Attributes></g:Obs>"
        )

    series = [
        f"<g:Series><g:SeriesKey>{listed(key)}</g:SeriesKey><g:Attributes>{listed(PERSONS)}</g:Attributes>"
        + "".join(map(observation, observed(key["SEX"])))
        + "</g:Series>"
        for key in (MEN, WOMEN)
    ]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<GenericData xmlns="{OLD}/message" xmlns:g="{OLD}/generic">
{header("", language)}
<DataSet>
<g:KeyFamilyRef>DSD_STOCK</g:KeyFamilyRef>
<g:Attributes>{listed(RULE)}</g:Attributes>
{"".join(series)}
</DataSet>
</GenericData>
""".encode()


def utility() -> bytes:
    """Utility data of 2.0."""
    series = [
        f"<d:Series{attributes(PERSONS)}><d:Key>{called(key)}</d:Key>"
        + "".join(f"\n  <d:Obs>{called(one)}</d:Obs>" for one in observed(key["SEX"]))
        + "</d:Series>"
        for key in (MEN, WOMEN)
    ]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<UtilityData xmlns="{OLD}/message" xmlns:u="{OLD}/utility" xmlns:d="{OWN}:utility">
{header()}
<d:DataSet{attributes(RULE)}>
{"".join(series)}
</d:DataSet>
</UtilityData>
""".encode()


def cross() -> bytes:
    """Cross-sectional data of 2.0."""
    groups = [
        f'<d:Group FREQ="A" REF_AREA="GE" TIME_PERIOD="{year}"><d:Section CTZ="FC"{attributes(PERSONS)}>'
        + "".join(
            f'\n  <d:OBS_VALUE SEX="{sex}" value="{value}" OBS_STATUS="{status}"/>'
            for sex, period, value, status in OBSERVED
            if period == year
        )
        + "</d:Section></d:Group>"
        for year in ("2023", "2024")
    ]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<CrossSectionalData xmlns="{OLD}/message" xmlns:x="{OLD}/cross" xmlns:d="{OWN}:cross">
{header()}
<d:DataSet{attributes(RULE)}>
{"".join(groups)}
</d:DataSet>
</CrossSectionalData>
""".encode()


def json_1_0() -> bytes:
    """Data of SDMX-JSON 1.0, in series."""

    def component(own: str, *codes: str, **more: object) -> dict[str, object]:
        return {"id": own, "name": own, "values": [{"id": code, "name": code} for code in codes], **more}

    series = [component(name, *dict.fromkeys((MEN[name], WOMEN[name]))) for name in MEN]
    flow = {"rel": "dataflow", "urn": "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=SDMXMIG:DF_POP(1.0.0)"}
    structure = {
        "name": "Stocks",
        "links": [flow],
        "dimensions": {
            "series": [{**one, "keyPosition": place} for place, one in enumerate(series)],
            "observation": [component("TIME_PERIOD", "2023", "2024", keyPosition=4, role="time")],
        },
        "attributes": {
            "dataSet": [component("RES_RULE", "M12", relationship={"none": {}})],
            "series": [component("UNIT", "PS", relationship={"dimensions": list(MEN)})],
            "observation": [component("OBS_STATUS", "A", "O", "P", relationship={"primaryMeasure": "OBS_VALUE"})],
        },
    }
    data = {
        "0:0:0:0": {"attributes": [0], "observations": {"0": [1, 0], "1": [None, 1]}},
        "0:0:1:0": {"attributes": [0], "observations": {"0": [1076792.5, 2]}},
    }
    message = {
        "meta": {"id": "OLD_1", "prepared": "2026-01-31T12:00:00Z", "test": False, "sender": {"id": "GE1"}},
        "data": {
            "structure": structure,
            "dataSets": [{"action": "Information", "links": [flow], "attributes": [0], "series": data}],
        },
    }
    return json.dumps(message, indent=1).encode()


MESSAGES = {
    "compact 2.0": compact(),
    "compact 2.0 without languages": compact(language=""),
    "generic 2.0": generic(),
    "generic 2.0 without languages": generic(language=""),
    "utility 2.0": utility(),
    "cross-sectional 2.0": cross(),
    "JSON 1.0": json_1_0(),
}
"""All of them by name."""
