"""The commands as a person or a script meets them: words in; exit code, stdout and stderr out."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oo_desktop.cli.commands import _COMMANDS
from tests.cli.conftest import end

Starting = Callable[[], "subprocess.Popen[bytes]"]

URL = "https://todoist.example/authorize?state=abc"
NOTE = "oO is waiting for your keyring."


def appears(file: Path) -> None:
    """Wait for `file`; the test's own time-out ends a wait in vain."""
    while not file.exists():
        time.sleep(0.01)


def line(process: "subprocess.Popen[bytes]") -> str:
    assert process.stdout
    return process.stdout.readline().decode().strip()


@pytest.mark.parametrize("command", ["status", "signals", "integrations", "refresh", "outbox"])
def test_json_says_exactly_what_the_instance_said_before_or_after_the_command(
    calm: Any, command: str
) -> None:
    after = calm.say(command, "--json")
    before = calm.say("--json", command)
    assert after == before
    assert after.code == 0
    assert after.err == ""
    answer = json.loads(after.out)
    if command in {"signals", "outbox"}:
        assert answer[0]["title"] == "Pay\x1b[31m rent – ☕"
    else:
        assert "ada@example.com" in after.out


def test_a_calendar_is_shown_or_hidden_by_its_id(calm: Any) -> None:
    shown = calm.say("calendars", "--show", "a/b#c", "--json")
    assert shown.code == 0
    assert json.loads(shown.out)["asked"] == {"calendar": "a/b#c", "shown": True}
    hidden = calm.say("calendars", "--user", "ada", "--hide", "a/b#c")
    assert (hidden.code, hidden.out) == (0, "Hidden: Team\n")
    assert calm.say("calendars").out == "shown  Team  a/b#c\n"


def test_a_refresh_that_did_not_reach_an_account_is_done_and_says_so_on_stderr(
    running: Any,
) -> None:
    (running.folder / "offline").touch()
    said = running.say("refresh")
    assert said.code == 0
    assert said.err == "Not refreshed: ada@example.com (todoist). Todoist cannot be reached.\n"
    assert "offline" in said.out
    assert "cannot be reached" not in said.out
    in_json = running.say("refresh", "--json")
    assert (in_json.code, in_json.err) == (0, "")
    assert json.loads(in_json.out)["failed"][0]["reason"] == "Todoist cannot be reached."


def test_titles_cannot_steer_the_terminal(calm: Any) -> None:
    said = calm.say("signals")
    assert said.code == 0
    assert "\x1b" not in said.out
    for part in ("overdue", "p1", "rent – ☕", "Home", "8Jx2"):
        assert part in said.out


def test_reasons_cannot_steer_the_terminal(calm: Any) -> None:
    said = calm.say("connect", "notion")
    assert said.code == 1
    assert said.out == ""
    assert "notion" in said.err
    assert "\x1b" not in said.err


def test_status_names_version_and_accounts(calm: Any) -> None:
    said = calm.say("status")
    assert "oO 9.9 is running." in said.out
    assert "ada@example.com" in said.out
    assert "connected" in said.out


def test_done_says_what_was_done_and_how_to_take_it_back(calm: Any) -> None:
    said = calm.say("done", "8Jx2")
    assert said.code == 0
    assert said.out.startswith("Done: Pay rent\n")
    assert "oo-desktop undo" in said.out
    assert json.loads(calm.say("done", "8Jx2", "--json").out)["undo"] == 1


def test_add_says_what_was_added_where_that_it_waits_and_how_to_take_it_back(calm: Any) -> None:
    said = calm.say("add", "Buy milk", "tomorrow", "p1", "#Home")
    assert (said.code, said.err) == (0, "")
    assert "\x1b" not in said.out
    what, when, where, waits, back = said.out.splitlines()
    assert (what, when) == ("Added: Buy\ufffd[31m milk", "Due tomorrow, priority 1, in Home.")
    assert where == "Account: ada@example.com (Todoist)."
    assert waits == "It is kept, and sent when Todoist can be reached."
    assert "oo-desktop undo" in back


def test_add_hands_the_whole_text_over_and_where_it_is_to_go(calm: Any) -> None:
    words = ("add", "Buy", "milk", "--account", "caldav", "--list", "My list", "p1", "--json")
    told = json.loads(calm.say(*words).out)
    assert told["asked"] == {"text": "Buy milk p1", "account": "caldav", "list": "My list"}
    assert json.loads(calm.say("add", "--json", "Tea").out)["asked"] == {"text": "Tea"}
    assert told["undo"] == 4


def test_undo_takes_a_task_or_lists_what_can_be_undone(calm: Any) -> None:
    assert calm.say("undo", "8Jx2").out.startswith("Taken back: Pay")
    listed = calm.say("undo", "--list")
    assert listed.code == 0
    assert "8Jx2" in listed.out
    assert json.loads(calm.say("undo", "--list", "--json").out)[0]["id"] == "8Jx2"


def test_the_outbox_tells_what_was_refused_and_why(calm: Any) -> None:
    said = calm.say("outbox")
    assert said.code == 0
    assert "\x1b" not in said.out
    for part in ("tomorrow", "rent – ☕", "Mon 23 Nov", "refused", "It is read-only.", "8Jx2"):
        assert part in said.out


def test_a_refused_click_can_be_tried_again_or_forgotten(calm: Any) -> None:
    assert calm.say("retry", "8Jx2").out.startswith("Trying again: Pay")
    assert calm.say("retry", "--all").out.count("Trying again: ") == 2
    assert calm.say("discard", "8Jx2").out.startswith("Forgotten: Pay")


@pytest.mark.parametrize("words", [("done", "nope"), ("undo",), ("undo", "--json")])
def test_what_cannot_be_done_is_said_on_stderr_with_code_1(
    calm: Any, words: tuple[str, ...]
) -> None:
    said = calm.say(*words)
    assert said.code == 1
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert not said.err[0].islower()


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("signals", "--json"),
        ("done", "8Jx2"),
        ("undo",),
        ("undo", "--list"),
        ("act", "8Jx2", "next", "week"),
        ("outbox", "--json"),
        ("retry", "--all"),
        ("discard", "8Jx2"),
        ("refresh",),
        ("integrations",),
        ("calendars",),
        ("calendars", "--hide", "a"),
        ("connect", "todoist"),
        ("connect", "todoist", "--token"),
        ("connect", "caldav", "--username", "ada@dav.example"),
        ("disconnect", "todoist"),
        ("quit",),
    ],
)
def test_without_an_instance_every_command_is_code_3(here: Any, words: tuple[str, ...]) -> None:
    said = here.say(*words)
    assert said == (3, "", "oO is not running. Start it with: oo-desktop\n")
    assert list(here.folder.iterdir()) == []


def test_no_browser_prints_the_address_at_once_and_alone_then_who_was_connected(
    running: Any,
) -> None:
    with running.begin("connect", "todoist", "--no-browser") as process:
        assert line(process) == URL
        (running.folder / "agreed").touch()
        out, _ = process.communicate()
    assert process.returncode == 0
    assert out.decode() == "Connected as ada@example.com.\n"
    assert (running.folder / "browser").read_text() == "False"


def test_no_browser_in_json_is_one_line_for_the_address_and_one_for_the_account(
    running: Any,
) -> None:
    with running.begin("connect", "todoist", "--no-browser", "--json") as process:
        assert json.loads(line(process)) == {"url": URL}
        (running.folder / "agreed").touch()
        out, _ = process.communicate()
    assert json.loads(out)["user_id"] == "1"


def test_the_account_to_reconnect_can_be_named(running: Any) -> None:
    said = running.say("connect", "todoist", "--token", "--user", "1", stdin="0123456789abcdef")
    assert said.out == "Reconnected as ada@example.com.\n"
    assert (running.folder / "user").read_text() == "1"


def test_with_a_browser_stdout_holds_the_result_alone(running: Any) -> None:
    (running.folder / "agreed").touch()
    said = running.say("connect", "Todoist", "--json")
    assert json.loads(said.out)["label"] == "ada@example.com"
    assert URL in said.err
    assert (running.folder / "browser").read_text() == "True"


def test_ctrl_c_cancels_the_sign_in_it_started(running: Any) -> None:
    with running.begin("connect", "todoist", "--no-browser") as process:
        assert line(process) == URL
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert process.returncode == 130
    assert b"Traceback" not in err
    appears(running.folder / "cancelled")


def test_a_token_is_read_from_standard_input_and_never_shown(running: Any) -> None:
    said = running.say("connect", "todoist", "--token", stdin="  0123456789abcdef\r\nrest")
    assert said == (0, "Connected as ada@example.com.\n", "")
    assert (running.folder / "token").read_text() == "0123456789abcdef"


def test_who_connects_is_told_at_once_and_once_that_the_keyring_is_waited_for(
    running: Any,
) -> None:
    said = running.say("connect", "todoist", "--token", "--json", stdin="waits")
    assert json.loads(said.out)["label"] == "ada@example.com"
    assert said.err == f"{NOTE} (Ctrl-C cancels.)\n"


@pytest.mark.parametrize(
    "stdin",
    [
        b"",
        b"\n",
        b"   \n",
        b"two words\n",
        b"\xff\xfe\n",
        b"a\x00b\n",
        b"x" * 5000,
        "tökén".encode(),
    ],
)
def test_what_cannot_be_a_token_is_refused_unshown(calm: Any, stdin: bytes) -> None:
    said = calm.say("connect", "todoist", "--token", stdin=stdin)
    assert said.code == 2
    assert "standard input" in said.err
    assert "two" not in said.err
    assert not (calm.folder / "token").exists()


def test_a_calendar_link_may_have_letters_of_any_script(running: Any) -> None:
    link = "webcal:https://calendar.example/Prüfung/日程.ics"
    said = running.say("connect", "ics", stdin=f"{link}\n")
    assert said == (0, "Connected as ada@example.com.\n", "")
    assert (running.folder / "token").read_text() == link


@pytest.mark.parametrize(
    "stdin", [b"https://example.com/s3cr\xe9t\n", b"https://a b\n", b"\x1b[2J\n"]
)
def test_what_cannot_be_a_calendar_link_is_refused_unshown(calm: Any, stdin: bytes) -> None:
    said = calm.say("connect", "ics", stdin=stdin)
    assert (said.code, said.err) == (2, "What is on standard input is not a valid calendar link.\n")
    assert not (calm.folder / "token").exists()


def test_a_password_is_read_from_standard_input_and_goes_with_its_server_and_user(
    running: Any,
) -> None:
    said = running.say(
        *("connect", "caldav", "--server", "icloud", "--username", "ada"),
        stdin=" pass wörd\r\nrest",
    )
    assert said == (0, "Connected as ada@example.com.\n", "")
    assert json.loads((running.folder / "token").read_text()) == {
        "server": "icloud",
        "user_name": "ada",
        "password": " pass wörd",
    }


def test_on_a_reconnect_only_the_password_is_given(running: Any) -> None:
    said = running.say("connect", "caldav", "--user", "ada@dav.example/", stdin="app-pass-word\n")
    assert said.out == "Reconnected as ada@example.com.\n"
    assert (running.folder / "user").read_text() == "ada@dav.example/"
    given = json.loads((running.folder / "token").read_text())
    assert given == {"server": "", "user_name": "", "password": "app-pass-word"}


def test_a_password_is_typed_unseen(running: Any) -> None:
    ours, theirs = os.openpty()
    words = running.command("connect", "caldav", "--username", "ada@dav.example")
    with subprocess.Popen(
        words,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=running.environment,
        start_new_session=True,  # or getpass would ask the terminal of whoever runs the tests
    ) as process:
        os.close(theirs)
        seen = b""
        while b"Password: " not in seen:
            seen += os.read(ours, 1000)
        os.write(ours, b"app-pass-word\n")
        out, _ = process.communicate()
    assert out == b"Connected as ada@example.com.\n"
    assert b"app-pass-word" not in seen + os.read(ours, 1000)
    os.close(ours)


@pytest.mark.parametrize("stdin", [b"", b"\n", b"\xff\n", b"a\x00b\n", b"x" * 5000], ids=[*"abcde"])
def test_what_cannot_be_a_password_is_refused_unshown(calm: Any, stdin: bytes) -> None:
    said = calm.say("connect", "caldav", "--username", "ada@dav.example", stdin=stdin)
    assert (said.code, said.out) == (2, "")
    assert "password" in said.err
    assert not (calm.folder / "token").exists()


def test_a_refused_password_is_code_1_and_in_json_names_its_field(running: Any) -> None:
    words = ("connect", "caldav", "--username", "ada@dav.example")
    assert running.say(*words, stdin="wrong") == (1, "", "The password is not accepted.\n")
    said = running.say(*words, "--json", stdin="wrong")
    assert (said.code, said.err) == (1, "The password is not accepted.\n")
    assert json.loads(said.out) == {"error": "The password is not accepted.", "field": "password"}


def test_a_nextcloud_is_signed_in_to_with_the_browser(running: Any) -> None:
    (running.folder / "agreed").touch()
    said = running.say(
        "connect", "caldav", "--nextcloud", "--server", "cloud.example", "--no-browser"
    )
    assert said.out == f"{URL}\nConnected as ada@example.com.\n"
    asked = json.loads((running.folder / "asked").read_text())
    assert asked == {"provider": "caldav", "browser": False, "server": "cloud.example"}


def test_a_clients_file_and_the_wish_to_write_go_to_the_instance(running: Any) -> None:
    file = running.folder / "client_secret_x.json"
    file.write_text('{"installed": "s3cret"}')
    (running.folder / "agreed").touch()
    said = running.say("connect", "todoist", "--client", str(file), "--write", "--no-browser")
    assert said.code == 0
    asked = json.loads((running.folder / "asked").read_text())
    assert asked == {
        "provider": "todoist",
        "browser": False,
        "write": True,
        "client": '{"installed": "s3cret"}',
    }
    assert "s3cret" not in said.out + said.err


@pytest.mark.parametrize("size", [None, 0, 16 * 1024 + 1])
def test_a_clients_file_that_cannot_be_one_is_named_and_not_sent(
    running: Any, size: int | None
) -> None:
    file = running.folder / "client_secret_x.json"
    if size is not None:
        file.write_bytes(b"s" * size)
    said = running.say("connect", "todoist", "--client", str(file))
    assert (said.code, said.out) == (1, "")
    assert str(file) in said.err
    assert not (running.folder / "asked").exists()


def test_disconnect_is_honest_about_what_is_lost_and_what_stays(calm: Any) -> None:
    said = calm.say("disconnect", "todoist", "--user", "1")
    assert said.code == 0
    assert "2 clicks were still waiting" in said.out
    assert "https://todoist.example/apps" in said.out


def test_quit_returns_when_the_instance_is_really_gone(running: Any) -> None:
    assert running.say("quit") == (0, "oO has quit.\n", "")
    assert (running.folder / "ended").exists()
    assert running.say("quit").code == 3


def test_a_second_start_wakes_the_first(running: Any) -> None:
    assert running.say() == (0, "oO is already running.\n", "")
    assert (running.folder / "woken").exists()


def test_a_start_with_a_screen_takes_the_place_of_one_without(
    here: Any, starting: Starting
) -> None:
    (here.folder / "headless").touch()
    assert line(starting()) == "ready"
    here.environment["DISPLAY"] = ""
    here.environment["WAYLAND_DISPLAY"] = ""
    assert line(starting()) == "oO is already running."
    here.environment["DISPLAY"] = ":0"
    assert line(starting()) == "ready"
    assert (here.folder / "ended").exists()


def test_a_second_start_can_ask_for_a_new_task(running: Any) -> None:
    assert running.say("--add") == (0, "oO is already running.\n", "")
    assert (running.folder / "adding").exists()
    assert not (running.folder / "woken").exists()


def test_the_first_start_can_ask_for_a_new_task(here: Any) -> None:
    process = here.start("--add")
    appears(here.folder / "adding")
    end(process)


def test_of_starts_at_the_same_moment_exactly_one_becomes_the_tray(
    here: Any, starting: Starting
) -> None:
    said = [(line(process), process) for process in [starting() for _ in range(6)]]
    woken = [process for words, process in said if words == "oO is already running."]
    assert len(woken) == 5
    assert [process.wait() for process in woken] == [0] * 5
    assert [words for words, process in said if process not in woken] == ["ready"]


def test_a_start_while_the_last_one_is_ending_waits_for_its_end(
    here: Any, starting: Starting
) -> None:
    first = starting()
    assert line(first) == "ready"
    with here.begin("quit") as quitting:
        appears(here.folder / "run" / "oo-desktop.lock")
        while (here.folder / "run" / "oo-desktop.sock").exists():
            time.sleep(0.005)
        second = starting()
        assert line(second) == "ready"
        quitting.communicate()
    assert quitting.returncode == 0
    assert (here.folder / "ended").exists()


def test_after_kill_9_it_starts_again(here: Any, starting: Starting) -> None:
    first = starting()
    assert line(first) == "ready"
    first.kill()
    first.wait()
    assert here.say("status").code == 3
    assert line(starting()) == "ready"
    assert here.say("status").code == 0


def test_a_home_with_a_very_long_path_works(tmp_path: Path, here: Any, starting: Starting) -> None:
    here.environment["OO_DESKTOP_HOME"] = str(tmp_path.joinpath(*["long" * 20] * 5))
    assert line(starting()) == "ready"
    assert here.say("status").code == 0


def test_an_instance_in_an_unsafe_folder_is_not_talked_to(running: Any) -> None:
    (running.folder / "run").chmod(0o777)
    said = running.say("connect", "todoist", "--token", stdin="s3cret")
    assert said.code == 1
    assert "other users may write" in said.err


# What stdout can be


def test_a_reader_that_has_seen_enough_is_no_failure(calm: Any) -> None:
    read, write = os.pipe()
    os.close(read)
    with subprocess.Popen(
        calm.command("signals"), stdout=write, stderr=subprocess.PIPE, env=calm.environment
    ) as process:
        os.close(write)
        _, err = process.communicate()
    assert (process.returncode, err) == (0, b"")


def test_a_full_disk_behind_stdout_is_said(calm: Any) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            calm.command("signals"),
            stdout=full,
            stderr=subprocess.PIPE,
            env=calm.environment,
            check=False,
        )
    assert ended.returncode == 1
    assert b"cannot write" in ended.stderr
    assert ended.stderr.count(b"\n") == 1


def test_closed_streams_are_no_failure(calm: Any) -> None:
    ended = subprocess.run(
        ["sh", "-c", 'exec "$@" >&- 2>&- <&-', "sh", *calm.command("signals")],
        env=calm.environment,
        check=False,
    )
    assert ended.returncode == 0


def test_a_terminal_that_knows_ascii_only_gets_what_it_can_show(calm: Any) -> None:
    said = calm.say("signals", PYTHONUTF8="0", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert said.code == 0
    assert "rent ? ?" in said.out
    assert calm.say("--help", PYTHONUTF8="0", PYTHONIOENCODING="ascii").code == 0


# Following the list


def test_each_list_is_a_line_as_soon_as_it_is_there_until_oo_ends(running: Any) -> None:
    following = running.begin("watch")
    assert json.loads(line(following))[0]["id"] == "8Jx2"
    assert json.loads(line(following)) == []
    assert running.say("quit").code == 0
    _, err = following.communicate()
    assert (following.returncode, err.decode().strip()) == (1, "oO is ending.")


def test_a_follower_whose_reader_has_seen_enough_ends_without_a_word(running: Any) -> None:
    ended = subprocess.run(
        ["sh", "-c", '"$@" | head -n 1', "sh", *running.command("watch")],
        env=running.environment,
        capture_output=True,
        check=True,
    )
    assert json.loads(ended.stdout)[0]["id"] == "8Jx2"
    assert ended.stderr == b""


def test_ctrl_c_ends_it(running: Any) -> None:
    following = running.begin("watch")
    line(following)
    following.send_signal(signal.SIGINT)
    following.communicate()
    assert following.returncode == 130


def test_nothing_can_be_followed_where_no_instance_runs(here: Any) -> None:
    assert here.say("watch").code == 3


# Reports and completions


def test_a_report_is_lines_of_text_that_steer_no_terminal(calm: Any) -> None:
    said = calm.say("report")
    assert said.out.splitlines() == [
        "version: 9.9",
        "keyring: \ufffd[31mKWallet",
        "",
        "account 1",
        "  signals: 3",
    ]
    assert json.loads(calm.say("report", "--json").out)["version"] == "9.9"


def test_completions_need_no_instance(here: Any) -> None:
    said = here.say("completions", "bash")
    assert said.code == 0
    assert "complete " in said.out
    assert here.say("completions", "csh").code == 2


def test_bash_completes_commands_their_options_and_what_they_take(
    here: Any, tmp_path: Path
) -> None:
    script = tmp_path / "completions"
    script.write_text(here.say("completions", "bash").out)
    for words, wanted in (
        ("cal", {"calendars"}),
        ("calendars --s", {"--show"}),
        ("connect to", {"todoist"}),
        ("disconnect cal", {"caldav"}),
        ("act 7 la", {"later_today"}),
        ("set todoist.f", {"todoist.filter"}),
        ("set hide", {"hide_titles"}),
    ):
        line_of = f"oo-desktop {words}"
        asked = (
            f"source {script}; COMP_LINE={line_of!r}; COMP_WORDS=({line_of}); "
            "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_POINT=${#COMP_LINE}; "
            "_shtab_oo_desktop oo-desktop ${COMP_WORDS[COMP_CWORD]}; "
            "printf '%s\\n' ${COMPREPLY[@]}"
        )
        said = subprocess.run(
            ["bash", "-c", asked], capture_output=True, text=True, check=True, timeout=20
        )
        assert set(said.stdout.split()) == wanted


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_command_is_completed_in_every_shell(here: Any, shell: str) -> None:
    script = here.say("completions", shell).out
    lacking = {command for command in _COMMANDS if command not in script}
    assert lacking == set()
