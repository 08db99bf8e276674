"""Settings screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import DeclarationError, SdmxmigError
from sdmxmig.sdmx.model.delivery import RetryPolicy, Route
from sdmxmig.transmission.transports import TRANSPORTS
from sdmxmig.web.guidance import LANGUAGES
from sdmxmig.web.screens import Redirect, Screen, ScreenContent, Visit, describe_error
from sdmxmig.workspace.folder import COUNTRY_FILE, PEOPLE_FILE, PREVIOUS, parse_workspace
from sdmxmig.workspace.tasks.approvals import MANAGES, ROLES, find_people_file, read_people
from sdmxmig.workspace.tasks.codelists import find_flow_name
from sdmxmig.workspace.tasks.history import record_changes
from sdmxmig.workspace.tasks.settings import (
    BY_FLOW,
    DELIVERY,
    FAILED,
    LIST,
    SETTINGS,
    TEXTS,
    TRANSPORT,
    Setting,
    SettingsConflict,
    belongs_to,
    change_person,
    change_settings,
    has_secret,
    keep_secret,
    list_secret_names,
    read_settings,
    try_connection,
)

TEXT, SEEN = "text:", "seen:"
SUBMISSION, SENDING, FOLDER = "submission", "sending", "folder"
"""The screen to which saved delivery settings lead back if the person came from it."""
SUGGESTED_SETTINGS = {"folder": {"receiver.delivery.address": "outbox"}}
OFFICE, RECEIVER = ("country", "report"), ("message", "receiver")


def show(visit: Visit) -> ScreenContent:
    return show_settings(visit, transport=visit.asked.get("transport"), back=visit.asked.get("back", ""))


def show_settings(
    visit: Visit,
    *,
    transport: str | None = None,
    typed: Mapping[str, str] | None = None,
    error: SdmxmigError | None = None,
    connection: Mapping[str, Any] | None = None,
    back: str = "",
) -> ScreenContent:
    folder = visit.workbench.folder
    content = read_bytes(folder / COUNTRY_FILE)
    saved = read_settings(content)
    values = {**saved, **(typed or {})}
    transport = values.get(TRANSPORT, "") if transport is None else transport
    values = {**SUGGESTED_SETTINGS.get(transport, {}), **values}
    fields = [facts for setting in SETTINGS for facts in list_fields(setting, visit, saved, values)]
    delivery = [each for each in fields if each["group"] == DELIVERY[1] and belongs_to(each["name"], transport)]
    facts: dict[str, Any] = {
        "office": [each for each in fields if each["group"] in OFFICE],
        "receiver": [each for each in fields if each["group"] in RECEIVER],
        "delivery": delivery if transport else [],
        "transport": transport,
        "back": back,
        "saved_transport": saved.get(TRANSPORT, ""),
        "transports": list(TRANSPORTS),
        "secrets": [{"name": name, "is_there": has_secret(name)} for name in list_known_secrets(visit, content)],
        "connection": connection,
        "people": describe_people(visit),
        "error": describe_error(error) if error else None,
        "wrong": error.place.key if error and error.place else "",
        "theirs": error.theirs if isinstance(error, SettingsConflict) else {},
    }
    status = 200 if error is None else 409 if isinstance(error, SettingsConflict) else 422
    asked = {"transport": transport} if transport != facts["saved_transport"] else {}
    return ScreenContent(facts, status=status, asked=asked)


def list_fields(
    setting: Setting, visit: Visit, saved: Mapping[str, str], values: Mapping[str, str]
) -> list[dict[str, Any]]:
    group = DELIVERY[1] if setting.path[:2] == DELIVERY else setting.path[0]
    keys = [""]
    written = [name.rpartition(".")[2] for name in values if name.startswith(f"{setting.name}.")]
    if setting.kind == TEXTS:
        keys = list(dict.fromkeys([*written, visit.language, *LANGUAGES]))
    elif setting.kind == BY_FLOW:
        keys = sorted({*written, *list_mapped_flows(visit)})
    fields = []
    for key in keys:
        name, language = f"{setting.name}.{key}" if key else setting.name, key if setting.kind == TEXTS else ""
        value = values.get(name, "")
        fields.append(
            {
                "name": name,
                "setting": setting.name,
                "group": group,
                "kind": setting.kind,
                "language": language,
                "flow": key if setting.kind == BY_FLOW else "",
                "flow_name": name_flow(visit, key) if setting.kind == BY_FLOW else "",
                "is_rare": language not in ("", "en", visit.language),
                "value": value,
                "seen": saved.get(name, ""),
                "choices": list_choices(setting, visit, value),
                "default": str(getattr(RetryPolicy(), setting.path[-1], "")) if group == DELIVERY[1] else "",
            }
        )
    return fields


def list_choices(setting: Setting, visit: Visit, value: str) -> list[dict[str, str]]:
    names = dict.fromkeys(setting.choices, "")
    if setting.name == "country.language":
        names = dict(LANGUAGES)
    elif setting.name == "message.receiver":
        agencies = visit.workbench.catalogue(visit.workbench.folder).agencies
        names = {each.id: each.name.in_language(visit.language) for each in agencies.values()}
    elif setting.kind == LIST:
        catalogue = visit.workbench.catalogue(visit.workbench.folder)
        owners = sorted({ref.agency for ref in catalogue.artefacts} | {*value.split(", ")} - {""})
        names = {each.id: each.name.in_language(visit.language) for each in catalogue.agencies.values()}
        return [{"code": owner, "name": names.get(owner, "")} for owner in owners]
    elif setting.name == "report.previous":
        names = {"": "", **{path.name: "" for path in sorted((visit.workbench.folder / PREVIOUS).glob("*.json"))}}
    if names and value and value not in names:
        names[value] = ""
    return [{"code": code, "name": name} for code, name in names.items()]


def name_flow(visit: Visit, flow: str) -> str:
    flows = visit.workbench.catalogue(visit.workbench.folder).flows
    return find_flow_name(flows[flow], visit.language) if flow in flows else ""


def list_mapped_flows(visit: Visit) -> set[str]:
    try:
        mappings = visit.workbench.mappings(visit.workbench.session())[0]
        return {flow for mapping in mappings for flow in (mapping.flow, *mapping.also)}
    except SdmxmigError:
        return set()


def read_transport(visit: Visit, content: bytes) -> Route | None:
    try:
        return parse_workspace(visit.workbench.folder, content).way
    except SdmxmigError:
        return None


def list_known_secrets(visit: Visit, content: bytes) -> tuple[str, ...]:
    way = read_transport(visit, content)
    return list_secret_names(way) if way else ()


def describe_people(visit: Visit) -> dict[str, Any]:
    folder = visit.workbench.folder
    people = read_people(folder)
    return {
        "listed": [
            {"name": name, "roles": [role for role in ROLES if role in roles]}
            for name, roles in (people.roles.items() if people else ())
        ],
        "is_shared": find_people_file(folder).parent != folder.resolve(),
        "has_manager": people is None or any(MANAGES in roles for roles in people.roles.values()),
        "roles": list(ROLES),
    }


def save(visit: Visit) -> Redirect | ScreenContent:
    typed, seen = (
        {
            name.removeprefix(prefix): text.replace("\n", ", ")
            for name, text in visit.form.items()
            if name.startswith(prefix)
        }
        for prefix in (TEXT, SEEN)
    )
    typed |= {name: "" for name in seen if name not in typed}  # browsers omit unticked boxes
    workbench, back = visit.workbench, visit.form.get("back", "")
    step = record_changes(workbench.folder, workbench.intent("settings", "", visit.by))
    try:
        is_changed = change_settings(workbench.folder, typed, seen, step, is_remote=bool(visit.by))
    except (DeclarationError, SettingsConflict) as error:
        changed = {name: text for name, text in typed.items() if text != seen.get(name, "")}
        return show_settings(visit, transport=changed.get(TRANSPORT), typed=changed, error=error, back=back)
    done = "The settings are saved." if is_changed else "No changes to save."
    has_secrets = all(map(has_secret, list_known_secrets(visit, read_bytes(workbench.folder / COUNTRY_FILE))))
    if back not in (SUBMISSION, SENDING) or not has_secrets:
        return Redirect(f"/settings#{visit.form.get('section', '')}", done)
    way = workbench.session().workspace.way
    if way and way.transport == FOLDER and (test := try_connection(workbench.session())).result == FAILED:
        return show_settings(visit, transport=FOLDER, connection=asdict(test), back=back)
    return Redirect(f"/{back}" if way else "/submission", done)


def try_delivery(visit: Visit) -> ScreenContent:
    return show_settings(visit, connection=asdict(try_connection(visit.workbench.session())))


def save_secret(visit: Visit) -> Redirect:
    name = visit.word("name")
    if name not in list_known_secrets(visit, read_bytes(visit.workbench.folder / COUNTRY_FILE)):
        raise SdmxmigError(f"No receiver needs the secret “{name}”.", hint="Save the delivery settings first.")
    keep_secret(name, visit.form.get("secret", "").strip())
    return Redirect("/settings#delivery", "The secret is saved.")


def save_person(visit: Visit) -> Redirect:
    set_person(visit, {role for role in ROLES if f"role:{role}" in visit.form})
    return Redirect("/settings#people", "The roles are saved.")


def remove_person(visit: Visit) -> Redirect:
    set_person(visit, None)
    return Redirect("/settings#people", "The person is removed.")


def remove_people_file(visit: Visit) -> Redirect:
    workbench = visit.workbench
    with record_changes(workbench.folder, workbench.intent("people", "", visit.by)):
        (workbench.folder / PEOPLE_FILE).unlink(missing_ok=True)
    return Redirect("/settings#people", "The list of people is removed.")


def set_person(visit: Visit, roles: set[str] | None) -> None:
    workbench, seen = visit.workbench, visit.form.get("seen-roles")
    step = record_changes(workbench.folder, workbench.intent("people", "", visit.by))
    change_person(workbench.folder, visit.word("name"), roles, None if seen is None else seen.split(), step)


SCREEN = Screen(
    name="settings",
    title="Settings",
    show=show,
    actions={
        "save": save,
        "test": try_delivery,
        "secret": save_secret,
        "person": save_person,
        "remove-person": remove_person,
        "forget-people": remove_people_file,
    },
)
