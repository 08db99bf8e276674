"""Every screen is for everybody: without barriers in English and Arabic, on a phone, in the dark, and by keyboard."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browsed import PREFIX, address, page_of, serve_page
from browsing import AXE, needs_axe, needs_browser
from case_tables import text_from
from proxies import SECRET
from small_validation import NOW, SOUND, workspace

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.cli import run
from sdmxmig.web.application import SCREENS
from sdmxmig.web.workbench import Workbench

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = needs_browser

PEOPLE = "Population by sex on 1 January\nYear,Total,Men,Women\n2020,1000,600,400\n2021,1010,600,410\n"
ARABIC = "السنة,المجموع,الذكور,الإناث\n2020,1000,600,400\n"
FAULTY = {
    "home": "/",
    "a file beside another": "/data?file=people.csv&against=office.csv",
    "an Arabic file": "/data?file=arabic.csv",
    "tables to map": "/mapping",
    "a cell": "/mapping?file=people.csv&flow=DF_POP&cell=D2",
    "findings": "/findings",
    "small cells": "/accounts?view=small",
    "profile": "/profile",
    "a module": "/profile?module=C",
    "an indicator": "/profile?module=L",
    "products": "/profile?module=P",
    "sign-off": "/profile?module=sign-off",
    "region": "/region?mirror=yes",
    "start": "/start",
    "trouble": "/data?file=nothing.csv",
}
SOUND_PAGES = {
    "nothing found": "/findings",
    "protected cells": "/accounts?view=small",
    "accounts": "/accounts?identity=A23&trace=office.csv!B4",
    "a report": "/report?shown=brief-draft.en.html",
    "a submission": "/submission",
    "a delivery": "/settings",
    "another delivery": "/settings?transport=sftp",
    "catalogue": "/catalogue",
    "a rule": "/catalogue?q=MIG-1-101",
}
EMPTY_SCREENS = {
    f"bare {screen.name}": screen.path for screen in SCREENS if screen.of_workspace and screen.name != "catalogue"
}
"""The screens of a workspace without any table."""
OUTSIDE = {"no workspace": "/start", "no region": "/region", "no page": "/nowhere"}
PAGES = {
    **{name: ("faulty", path) for name, path in FAULTY.items()},
    **{name: ("sound", path) for name, path in SOUND_PAGES.items()},
    **{name: ("bare", path) for name, path in EMPTY_SCREENS.items()},
    **{name: ("outside", path) for name, path in OUTSIDE.items()},
    "door": ("stranger", "/"),
}
LOOKS = [
    ("en", 1250, "light"),
    ("ar", 390, "dark"),
    *(
        pytest.param(*look, marks=pytest.mark.long)
        for look in (("en", 390, "dark"), ("ar", 1250, "light"), ("ru", 390, "light"))
    ),
]
"""Languages, widths and colours; the last three belong to the long tests."""


@pytest.fixture(scope="module")
def benches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Workbench]]:
    """A workspace with errors, a sound one with all results, one without a table, and a folder without workspaces."""
    base, nothing = tmp_path_factory.mktemp("base"), tmp_path_factory.mktemp("nothing")
    with ExitStack() as stack:
        folders = {"faulty": workspace(base / "faulty"), "sound": workspace(base / "sound", SOUND)}
        (folders["faulty"] / "tables" / "people.csv").write_text(PEOPLE, encoding="utf-8")
        (folders["faulty"] / "tables" / "arabic.csv").write_text(ARABIC, encoding="utf-8")
        with_deliveries(folders["sound"])
        for folder in folders.values():
            shutil.copy(find_shipped_folder("templates") / "workspace" / "profile.toml", folder)
            run(["validate", str(folder), "--now", NOW])
        run(["profile", "answer", str(folders["faulty"]), "items.C01.answer=0", "items.C03.answer=2", "--now", NOW])
        for command in (
            ["package"],
            ["send"],
            ["accounts"],
            ["protect"],
            ["assess"],
            ["report", "--document", "brief"],
        ):
            run([command[0], str(folders["sound"]), *command[1:], "--now", NOW])
        folders["bare"] = base / "bare"
        folders["bare"].mkdir()
        shutil.copy(folders["sound"] / "country.toml", folders["bare"])
        workbenches = {name: stack.enter_context(serve_page(folder)) for name, folder in folders.items()}
        yield {**workbenches, "outside": stack.enter_context(serve_page(nothing, at_start=True))}


def with_deliveries(folder: Path) -> None:
    """Let a workspace have an earlier release of other figures, and a receiver that fetches from a folder."""
    with (folder / "country.toml").open("a", encoding="utf-8") as file:
        file.write('[receiver.delivery]\ntransport = "folder"\naddress = "outbox"\n')
    run(["convert", str(folder), "--now", NOW, "--quiet"])
    data = (folder / "out" / "data" / "DF_POP.csv").read_text(encoding="utf-8")
    (folder / "accepted").mkdir()
    (folder / "accepted" / "earlier.csv").write_text(data.replace("1010", "1012").replace(",2023,", ",2019,"))


def addresses(benches: dict[str, Workbench]) -> dict[str, str]:
    """Where each page is; a stranger comes by a name with which no cookie is sent."""
    workbenches = {name: address(workbench) for name, workbench in benches.items()}
    workbenches["stranger"] = workbenches["bare"].replace("127.0.0.1", "localhost")
    return {name: workbenches[bench] + path for name, (bench, path) in PAGES.items()}


EVERY_RULE = """async () => {
  const rules = { "target-size": { enabled: true }, "label-content-name-mismatch": { enabled: true } };
  const { violations } = await axe.run({ iframes: false, rules });
  return violations.map((each) => `${each.id} ${each.nodes[0].html}`);
}"""
"""The rules of axe, and those for 2.5.8 and 2.5.3, which it leaves out by itself."""
SAME_NAME = text_from("web/cases/everybody_same_name.js")
"""Fields of one group that nobody can tell apart who only hears them."""


SQUEEZED = """() => [...document.querySelectorAll("input[type=radio]")].filter((each) => {
  const first = document.querySelector(`input[type=radio][name="${CSS.escape(each.name)}"]`);
  return Math.abs(each.getBoundingClientRect().width - first.getBoundingClientRect().width) > 1;
}).map((each) => `squeezed: ${each.outerHTML.slice(0, 80)}`)"""
"""Buttons of one group that long labels make smaller than the others."""


def barriers(page: Page) -> list[str]:
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    page.evaluate(AXE.read_text(encoding="utf-8"))  # type: ignore[union-attr]
    faults: list[str] = page.evaluate(EVERY_RULE) + page.evaluate(SAME_NAME) + page.evaluate(SQUEEZED)
    return faults


@needs_axe
@pytest.mark.every_day
@pytest.mark.parametrize(("language", "width", "colours"), LOOKS)
def test_pages_have_no_accessibility_faults(
    browser: Browser,
    benches: dict[str, Workbench],
    language: str,
    width: int,
    colours: Any,
    pytestconfig: pytest.Config,
) -> None:
    """Each page is looked at every third day."""
    options = {"viewport": {"width": width, "height": 900}, "locale": language, "color_scheme": colours}
    page = page_of(browser, *benches.values(), **options, bypass_csp=True)
    direction, faults = "rtl" if language == "ar" else "ltr", {}
    day = date.fromisoformat(pytestconfig.option.sample_day).toordinal()
    for number, (name, url) in enumerate(addresses(benches).items()):
        if (number + day) % 3 and not pytestconfig.option.every_case:
            continue
        page.goto(url)
        root = page.evaluate("(({lang, dir, scrollWidth}) => [lang, dir, scrollWidth])(document.documentElement)")
        heads = page.locator("h1").count()
        if root[:2] != [language, direction] or root[2] > width or heads != 1 or not page.title():
            faults[name] = [str(root), f"{heads} headings", page.title()]
        faults[name] = faults.get(name, []) + barriers(page)
    assert {name: each for name, each in faults.items() if each} == {}


WARNING = "/findings?severity=warning"
REASON_FIELD = "input[name=text]"


@needs_axe
@pytest.mark.parametrize(
    ("language", "width"), [("ar", 390), pytest.param("en", 1250, marks=pytest.mark.long)], ids=["ar", "en"]
)
def test_pages_of_shared_work_have_no_accessibility_faults(
    browser: Browser, benches: dict[str, Workbench], tmp_path: Path, language: str, width: int
) -> None:
    folder, secret = Path(shutil.copytree(benches["sound"].folder, tmp_path / "ws")), tmp_path / "secret"
    (folder / "people.toml").write_text('[people]\nstatistician = ["answers"]\ncolleague = ["answers"]\n')
    secret.write_text(SECRET)
    secret.chmod(0o600)
    with serve_page(folder, secret=secret) as workbench:
        headers = {"X-Remote-User": "statistician", "X-Sdmxmig-Secret": SECRET}
        look: dict[str, Any] = {"viewport": {"width": width, "height": 900}, "locale": language}
        page = page_of(browser, **look, extra_http_headers=headers, bypass_csp=True)
        faults = {}
        for path in ("/submission", "/settings", WARNING):
            page.goto(address(workbench) + PREFIX + path)
            faults[path] = barriers(page)
        page.locator(REASON_FIELD).first.fill("It is so.")
        finding = page.locator("input[name=fingerprint]").first.get_attribute("value")
        assert run(["justify", str(finding), str(folder), "--text", "Another reason.", "--by", "colleague"]) == 0
        page.locator(REASON_FIELD).first.press("Enter")
        page.locator(".lead[role=alert]").wait_for()
        faults["conflict"] = barriers(page)
        assert page.get_by_text("Another reason.").count()
        assert page.get_by_text("It is so.").count()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert {name: each for name, each in faults.items() if each} == {}


FOCUS = text_from("web/cases/everybody_focus.js")
REACHABLE = text_from("web/cases/everybody_reachable.js")
"""So many places the Tab key comes by; of answers to choose from, to one."""


@pytest.mark.parametrize("name", ["home", "a cell", "findings", "a module", "start", "an Arabic file"])
def test_keyboard_reaches_all_controls_visibly(browser: Browser, benches: dict[str, Workbench], name: str) -> None:
    page = page_of(browser, *benches.values(), viewport={"width": 1250, "height": 900}, locale="en")
    page.goto(addresses(benches)[name])
    reached_places, faults = 0, []
    for _ in range(400):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus is None or (reached_places and "skip" in focus["html"]):
            break
        reached_places += 1
        if not focus["seen"] or not focus["free"]:
            faults.append(focus)
    assert faults == []
    assert reached_places == page.evaluate(REACHABLE)


PLACE = "[document.activeElement.closest('tr').rowIndex, document.activeElement.closest('td').cellIndex]"


def tab_to(page: Page, selector: str) -> None:
    """Press the Tab key until an element has the focus."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached")


def test_arrow_keys_move_between_cells_of_a_sheet(browser: Browser, benches: dict[str, Workbench]) -> None:
    page = page_of(browser, *benches.values(), locale="en")
    page.goto(address(benches["faulty"]) + "/data?file=office.csv")
    tab_to(page, ".cells a")
    row, column = page.evaluate(PLACE)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(PLACE) == [row + 1, column + 1]
    chosen = page.evaluate("document.activeElement.innerText")
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.matches('.cells a')")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**cell=*")
    assert page.locator(".cells .it").inner_text() == chosen


def test_correction_and_undo_need_only_the_keyboard(browser: Browser, benches: dict[str, Workbench]) -> None:
    table = benches["faulty"].folder / "tables" / "office.csv"
    before = table.read_bytes()
    page = page_of(browser, *benches.values(), locale="en")
    page.goto(address(benches["faulty"]))
    tab_to(page, ".rail a[href='/findings']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/findings")
    tab_to(page, "input[name=to]")
    page.keyboard.press("Control+A")
    page.keyboard.type("1027")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=**")
    assert table.read_bytes() != before
    tab_to(page, ".rail a[href='/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    tab_to(page, "button[name=step]")
    page.keyboard.press("Space")
    page.wait_for_url("**done=**")
    assert table.read_bytes() == before


def test_progress_of_a_command_keeps_the_focus(browser: Browser, benches: dict[str, Workbench]) -> None:
    page = page_of(browser, *benches.values(), locale="en")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/job?" in request.url else None)
    page.goto(address(benches["sound"]))
    page.locator("button[name=command][value=convert]").click()
    page.locator("#stop").focus()
    for _ in range(100):
        if asked:  # once how far it is
            break
        page.wait_for_timeout(100)
    ended: type[Exception] = pytest.importorskip("playwright.sync_api").Error
    with suppress(ended):  # the command may end meanwhile, and its page opens
        assert page.evaluate("document.activeElement.id") == "stop", "the button stays the same one"
    page.get_by_role("status").get_by_text("Done.").wait_for()
    count = len(asked)
    page.wait_for_timeout(1500)
    assert len(asked) == count, "nobody asks any more how far it is"
