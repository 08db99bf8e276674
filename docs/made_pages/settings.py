"""The page of the settings: files of a workspace, of a study and of an office's own report, and the environment."""

from __future__ import annotations

import tempfile
from pathlib import Path

from made_pages.asked_keys import Asked, key_tables, keys_of
from sdmxmig.catalogue.accounting import ItemSource
from sdmxmig.catalogue.agencies import read_agency, read_service
from sdmxmig.reporting.sections.office_templates import read_office_templates
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.statistics.comparison.groups import read_request
from sdmxmig.statistics.demography.closing import parse_variances
from sdmxmig.workspace.folder import open_workspace
from sdmxmig.workspace.tasks.outside_data import read_comparisons

COUNTRY = b"""
[country]
area = "GE"
name.en = "Georgia"
office.en = "Office"
language = "en"
[message]
sender = "GE1"
receiver = "UNSD"
"""
COMPARISON = b"""
[[data]]
file = "survey.csv"
flow = "DF_POP"
domain = "census"
provider = "Census"
source = "Table 1"
read = "2026-01-10"
[[factor]]
area = "MD"
direction = "E"
factor = "1.8"
source = "a study"
"""
REGION = b"""
[region]
name.en = "Study"
workspaces = ["georgia"]
[[peers]]
name.en = "Neighbours"
areas = ["GE", "MD"]
[[step]]
areas = ["GE", "MD"]
name.en = "Count moves alike."
[[finding]]
areas = ["GE"]
name.en = "Georgia gained in 2024."
[[heading]]
section = "compared"
name.en = "One million migrants"
[[translation]]
text = "Encuesta"
name.en = "Survey"
"""
REPORT = b"""
order = []
[logo]
file = "logo.svg"
text.en = "Office"
[colours]
accent = "#7a1f5c"
ink = "#1b2733"
secondary = "#52606d"
"""
VARIANCES = b"""
[[variance]]
item = "FLW_EMI"
relative = "0.1"
source = "survey"
"""
AGENCY = b"""
id = "X"
name.en = "Agency"
status = "candidate"
source = "a test"
formats = ["sdmx-csv-2.0"]
file_name = "{flow}.{suffix}"
[[term]]
months = 12
status = "candidate"
source = "a test"
[[transport]]
kind = "folder"
status = "candidate"
source = "a test"
[[action]]
kind = "merge"
status = "candidate"
source = "a test"
[[demand]]
id = "one-flow"
kind = "ONE-FLOW"
says.en = "One table a file."
status = "candidate"
source = "a test"
"""
SERVICE = b"""
id = "X"
name.en = "Agency"
address = "https://data.example.org/rest"
api = 2
status = "candidate"
source = "a test"
[[data]]
format = "sdmx-csv-2.0"
[[structures]]
format = "sdmx-ml-3.0"
[[limit]]
of = "data"
count = 60
seconds = 3600
status = "candidate"
source = "a test"
[preparation]
state = "https://data.example.org/state/{id}"
answer = "https://data.example.org/answer/{id}"
every = 30
status = "candidate"
source = "a test"
"""
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>'
HEAD = """# Settings

All settings are in readable files or are options of a command. There is no hidden state.

"""
FILES = {
    "country.toml": {
        "country": "`country.toml`: `[country]`",
        "message": "`country.toml`: `[message]`",
        "receiver": "`country.toml`: `[receiver]`",
        "report": "`country.toml`: `[report]`",
    },
    "agencies/*.toml": {
        "": "`structures/agencies/*.toml`",
        "term": "`structures/agencies/*.toml`: `[[term]]`",
        "transport": "`structures/agencies/*.toml`: `[[transport]]`",
        "action": "`structures/agencies/*.toml`: `[[action]]`",
        "demand": "`structures/agencies/*.toml`: `[[demand]]`",
    },
    "services/*.toml": {
        "": "`structures/services/*.toml`, for `sdmxmig get`",
        "data": "`structures/services/*.toml`: `[[data]]`",
        "structures": "`structures/services/*.toml`: `[[structures]]`",
        "limit": "`structures/services/*.toml`: `[[limit]]`",
        "preparation": "`structures/services/*.toml`: `[preparation]`",
    },
    "variances.toml": {"variance": "`variances.toml`: `[[variance]]`, for `sdmxmig accounts`"},
    "comparisons/*.toml": {
        "data": "`comparisons/*.toml`: `[[data]]`",
        "factor": "`comparisons/*.toml`: `[[factor]]`",
    },
    "region.toml": {
        "region": "`region.toml`: `[region]`",
        "peers": "`region.toml`: `[[peers]]`",
        "heading": "`region.toml`: `[[heading]]`",
        "finding": "`region.toml`: `[[finding]]`",
        "step": "`region.toml`: `[[step]]`",
        "translation": "`region.toml`: `[[translation]]`",
    },
    "report.toml": {
        "": "`templates/report/report.toml` of a workspace",
        "colours": "`report.toml`: `[colours]`",
        "logo": "`report.toml`: `[logo]`",
    },
}
ENVIRONMENT = """
## Environment variables

| variable | effect |
| --- | --- |
| `SOURCE_DATE_EPOCH` | the time in headers, as seconds since 1970, unless `--now` is set |
| `NO_COLOR` | turns off colours in the terminal |
| `SDMXMIG_KEY_PASSPHRASE` | the passphrase of the key of `sdmxmig package --key` |

## Exit codes

| code | meaning |
| --- | --- |
| 0 | success |
| 1 | errors in the data; the help of each command lists the cases |
| 2 | invalid request or declaration |
| 3 | bug in sdmxmig; a report is saved |
| 4 | from `check` and `validate`: no problems, but some checks could not run |
"""


def asked() -> dict[str, Asked]:
    """Every key that the readers of these files ask for, by file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "logo.svg").write_bytes(LOGO)

        def report(content: bytes) -> object:
            (folder / "report.toml").write_bytes(content)
            return read_office_templates(folder)

        def comparison(content: bytes) -> object:
            (folder / "survey.csv").touch()
            return read_comparisons(folder / "survey.toml", content, ["census"], ["DF_POP"])

        def country(content: bytes) -> object:
            (folder / "country.toml").write_bytes(content)
            return open_workspace(folder)

        return {
            "country.toml": keys_of(country, {"all": COUNTRY}),
            "agencies/*.toml": keys_of(lambda content: read_agency(Declared.parse("X.toml", content)), {"all": AGENCY}),
            "services/*.toml": keys_of(
                lambda content: read_service(Declared.parse("X.toml", content)), {"all": SERVICE}
            ),
            "variances.toml": keys_of(
                lambda content: parse_variances("variances.toml", content, {"FLW_EMI": ItemSource(item="FLW_EMI")}),
                {"all": VARIANCES},
            ),
            "comparisons/*.toml": keys_of(comparison, {"all": COMPARISON}),
            "region.toml": keys_of(lambda content: read_request("region.toml", content), {"all": REGION}),
            "report.toml": keys_of(report, {"all": REPORT}),
        }


def page() -> str:
    """Every setting."""
    found = asked()
    tables = "\n".join(key_tables(file, found[file], heads) for file, heads in FILES.items())
    return f"{HEAD}{tables}{ENVIRONMENT}"
