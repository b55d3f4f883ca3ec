"""What takes long to import comes after the icon, in two pieces and in threads."""

import subprocess
import sys

HEAVY = "{'httpx', 'sqlite3', 'keyring', 'h11', 'oo_desktop.engine'}"


def missing_or_loaded(imports: str, sets: str) -> str:
    code = f"import sys; import {imports}; print(sorted({sets}))"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_the_shell_and_what_carries_commands_out_load_without_any_of_it() -> None:
    loaded = f"{HEAVY} & set(sys.modules)"
    assert missing_or_loaded("oo_desktop.app.shell, oo_desktop.commands.execute", loaded) == "[]"


def test_one_import_brings_what_the_saved_list_is_read_and_drawn_with() -> None:
    late = "{'h11', 'httpx', 'keyring'}"  # when a service, or the keyring, is first asked
    missing = f"{HEAVY} - {late} - set(sys.modules)"
    assert missing_or_loaded("oo_desktop.app.late_imports", missing) == "[]"


def test_it_brings_nothing_of_what_talks_with_others() -> None:
    talks = "{'httpx', 'httpcore', 'anyio', 'dbus_fast', 'http.cookiejar', 'oo_desktop.ipc.server'}"
    assert missing_or_loaded("oo_desktop.app.late_imports", f"{talks} & set(sys.modules)") == "[]"


def test_the_second_brings_that_but_for_what_services_are_asked_with() -> None:
    missing = "{'dbus_fast.aio', 'oo_desktop.ipc.server', 'oo_desktop.linux.service'}"
    bring = "oo_desktop.app.late_imports, oo_desktop.app.last_imports"
    assert missing_or_loaded(bring, f"{missing} - set(sys.modules)") == "[]"
    assert missing_or_loaded(bring, "{'httpx', 'anyio'} & set(sys.modules)") == "[]"


def test_sqlalchemy_has_done_its_work_before() -> None:
    """It compiles `store/sql.py`; at run time it is for damaged databases."""
    assert (
        missing_or_loaded("oo_desktop.app.late_imports", "{'sqlalchemy'} & set(sys.modules)")
        == "[]"
    )


def test_what_reads_this_computers_lists_is_imported_for_those_who_connect_them() -> None:
    late = {f"oo_desktop.connectors.desktop.{each}" for each in ("actions", "bus", "source")}
    assert missing_or_loaded("oo_desktop.app.late_imports", f"{late} & set(sys.modules)") == "[]"


def test_what_reads_calendar_servers_is_imported_for_those_who_have_an_account_there() -> None:
    needed = ("source", "discovery", "xml", "dns")
    late = {"dns", *(f"oo_desktop.connectors.caldav.{each}" for each in needed)}
    assert missing_or_loaded("oo_desktop.app.late_imports", f"{late} & set(sys.modules)") == "[]"


def test_what_only_a_keyring_a_settings_window_or_a_notification_needs_is_not_there() -> None:
    late = {"cryptography", "secretstorage", "jeepney", "tomlkit", "shtab", "html", "click", "rich"}
    loaded = f"{late} & set(sys.modules)"
    assert missing_or_loaded("oo_desktop.app.late_imports, oo_desktop.app.shell", loaded) == "[]"


def test_what_reads_calendars_is_imported_for_those_who_have_one() -> None:
    late = {
        "oo_desktop.connectors.calendar_link.source",
        "oo_desktop.connectors.icalendar.calendar",
    }
    assert missing_or_loaded("oo_desktop.app.late_imports", f"{late} & set(sys.modules)") == "[]"
