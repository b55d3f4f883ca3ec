"""Opening the system browser, with real commands in its place."""

import asyncio
import os
import threading
from pathlib import Path

import pytest

from oo_desktop.integrations.browser import (
    child_environment,
    commands_for,
    is_safe,
    open_browser,
)

OPENERS = ["xdg-open", "gio", "x-www-browser"]
"""The system's own, where there is a display."""

URL = "https://app.todoist.com/oauth/authorize?client_id=x&scope=data%3Aread_write&state=a%20b"


def script(folder: Path, body: str, name: str = "my browser") -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o700)
    return path


def with_browser(browser: str, **more: str) -> dict[str, str]:
    return {"PATH": os.defpath, "BROWSER": browser, **more}


def gated(folder: Path) -> tuple[Path, Path]:
    """A browser that stays until its gate is opened, then writes down what it was given."""
    gate = folder / "gate"
    os.mkfifo(gate)
    body = f'read line < "{gate}"; echo "$1" > "{folder}/seen"'
    return script(folder, body, "gated"), gate


async def all_reaped() -> None:
    """Return once every thread that waits for a browser has ended."""
    for thread in threading.enumerate():
        if thread.name == "browser":
            await asyncio.to_thread(thread.join)


async def test_the_command_in_browser_is_given_the_url_as_it_is(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    path = script(tmp_path, f'printf "%s|" "$@" > "{seen}"')
    assert await open_browser(URL, environment=with_browser(f"'{path}' --new"), platform="linux")
    assert seen.read_text() == f"--new|{URL}|"


async def test_nothing_in_a_url_is_run(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    url = f"https://app.todoist.com/$(touch${{IFS}}{marker})`id`;touch&'\""
    path = script(tmp_path, f'printf "%s" "$1" > "{tmp_path}/seen"')
    assert await open_browser(url, environment=with_browser(f"'{path}'"), platform="linux")
    assert (tmp_path / "seen").read_text() == url
    assert not marker.exists()


async def test_where_one_command_fails_the_next_is_tried(tmp_path: Path) -> None:
    good = script(tmp_path, f'echo "$1" > "{tmp_path}/seen"', "good")
    bad = script(tmp_path, "exit 3", "bad")
    script(tmp_path, "exit 0", "no-program").chmod(0o600)
    browser = f"/nonexistent/browser:{tmp_path}/no-program:{bad}:'open quote:{good} %s"
    assert await open_browser(URL, environment=with_browser(browser), platform="linux")
    assert (tmp_path / "seen").read_text() == f"{URL}\n"


@pytest.mark.parametrize("body", ["exit 1", "kill -9 $$"])
async def test_where_every_command_fails_it_says_so(tmp_path: Path, body: str) -> None:
    bad = script(tmp_path, body, "bad")
    assert not await open_browser(URL, environment=with_browser(str(bad)), platform="linux")


async def test_a_browser_that_stays_counts_as_opened_and_stalls_nothing(tmp_path: Path) -> None:
    path, gate = gated(tmp_path)
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0)
            beats += 1

    heart = asyncio.create_task(beat())
    opened = await open_browser(
        URL, environment=with_browser(str(path)), platform="linux", patience=0.05
    )
    heart.cancel()
    assert opened
    assert beats > 1
    gate.write_text("open\n")
    await all_reaped()


async def test_a_browser_that_ended_is_no_zombie(tmp_path: Path) -> None:
    path = script(tmp_path, f'echo $$ > "{tmp_path}/pid"; sleep 0.1', "brief")
    environment = with_browser(str(path))
    assert await open_browser(URL, environment=environment, platform="linux", patience=0.02)
    await all_reaped()
    pid = int((tmp_path / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_the_browser_has_a_session_of_its_own_and_nothing_on_its_streams(
    tmp_path: Path,
) -> None:
    report = "ps -o sid= -p $$; readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2"
    path = script(tmp_path, f'({report}) > "{tmp_path}/seen" 2>&1', "streams")
    assert await open_browser(URL, environment=with_browser(str(path)), platform="linux")
    session, *streams = (tmp_path / "seen").read_text().split()
    assert int(session) != os.getsid(0)
    assert streams == ["/dev/null"] * 3


async def test_who_gives_up_waiting_disturbs_nothing(tmp_path: Path) -> None:
    path, gate = gated(tmp_path)
    opening = asyncio.create_task(
        open_browser(URL, environment=with_browser(str(path)), platform="linux")
    )
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    gate.write_text("open\n")
    await all_reaped()
    assert (tmp_path / "seen").exists()


def test_a_loop_that_ended_meanwhile_disturbs_nothing(tmp_path: Path) -> None:
    path, gate = gated(tmp_path)

    async def give_up() -> None:
        opening = open_browser(URL, environment=with_browser(str(path)), platform="linux")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(opening, 0.02)

    asyncio.run(give_up())
    gate.write_text("open\n")
    asyncio.run(all_reaped())
    assert (tmp_path / "seen").exists()


async def test_a_headless_machine_has_no_browser() -> None:
    assert not await open_browser(URL, environment={"PATH": os.defpath}, platform="linux")


@pytest.mark.parametrize(
    "url",
    [
        "http://app.todoist.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "todoist://task",
        "--new-window",
        "https:///nowhere",
        "https://[::1",
        "https://a.example/two words",
        "https://a.example/\n",
        "https://a.example/\x00",
        "https://ä.example/",
        "http://localhost.evil.example/",
        "",
    ],
)
async def test_only_https_and_this_machine_are_opened(tmp_path: Path, url: str) -> None:
    path = script(tmp_path, f'touch "{tmp_path}/seen"', "never")
    assert not await open_browser(url, environment=with_browser(str(path)), platform="linux")
    assert not (tmp_path / "seen").exists()


@pytest.mark.parametrize(
    "url", [URL, "http://localhost:8000/x", "http://127.0.0.1/", "http://[::1]:1/"]
)
def test_https_and_this_machine_are_safe(url: str) -> None:
    assert is_safe(url)


@pytest.mark.parametrize(
    ("environment", "programs"),
    [
        ({}, []),
        ({"BROWSER": ""}, []),
        ({"BROWSER": "firefox"}, ["firefox"]),
        ({"DISPLAY": ":0"}, OPENERS),
        ({"WAYLAND_DISPLAY": "wayland-0"}, OPENERS),
        ({"BROWSER": "a:b", "DISPLAY": ":0"}, ["a", "b", *OPENERS]),
        ({"WSL_DISTRO_NAME": "Debian"}, ["wslview", "rundll32.exe"]),
        (
            {"WSL_INTEROP": "/run/x", "DISPLAY": ":0", "BROWSER": "a"},
            ["a", "wslview", "rundll32.exe", *OPENERS],
        ),
    ],
)
def test_what_is_tried_on_linux_follows_the_environment(
    environment: dict[str, str], programs: list[str]
) -> None:
    commands = commands_for(URL, environment, "linux")
    assert [command[0] for command in commands] == programs
    assert all(command.count(URL) == 1 for command in commands)


@pytest.mark.parametrize(
    ("platform", "program"), [("darwin", "/usr/bin/open"), ("win32", "rundll32.exe")]
)
def test_other_systems_have_their_own_opener(platform: str, program: str) -> None:
    assert [command[0] for command in commands_for(URL, {"BROWSER": "x"}, platform)] == [program]


def test_a_percent_s_is_where_the_url_goes() -> None:
    commands = commands_for(URL, {"BROWSER": "firefox --url=%s --new:w3m '%s'"}, "linux")
    assert commands == [["firefox", f"--url={URL}", "--new"], ["w3m", URL]]


@pytest.mark.parametrize("display", [{"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "wayland-0"}])
@pytest.mark.parametrize(
    "browser",
    [
        "w3m",
        "lynx -accept_all_cookies %s",
        "/usr/bin/links",
        "links2",
        "elinks %s &",
        "www-browser",
    ],
)
def test_a_text_browser_is_passed_over_where_there_is_a_display(
    browser: str, display: dict[str, str]
) -> None:
    commands = commands_for(URL, {"BROWSER": f"{browser}:firefox", **display}, "linux")
    assert [command[0] for command in commands] == ["firefox", *OPENERS]


def test_a_text_browser_in_a_terminal_of_its_own_is_a_choice() -> None:
    environment = {"BROWSER": "xterm -e w3m %s", "DISPLAY": ":0"}
    assert commands_for(URL, environment, "linux")[0] == ["xterm", "-e", "w3m", URL]


async def test_where_a_text_browser_is_the_choice_the_desktops_own_comes_up(tmp_path: Path) -> None:
    script(tmp_path, "exit 0", "w3m")
    script(tmp_path, f'echo "$1" > "{tmp_path}/seen"', "xdg-open")
    environment = with_browser("w3m", DISPLAY=":0", PATH=f"{tmp_path}:{os.defpath}")
    assert await open_browser(URL, environment=environment, platform="linux")
    assert (tmp_path / "seen").read_text() == f"{URL}\n"


@pytest.mark.parametrize(
    ("browser", "words"),
    [
        ("firefox %s &", ["firefox", URL]),
        ("firefox %s&", ["firefox", URL]),
        ("firefox &  ", ["firefox", URL]),
        ("firefox '&'", ["firefox", "&", URL]),
        ("firefox \\&", ["firefox", "&", URL]),
    ],
)
def test_an_ampersand_at_the_end_is_no_argument(browser: str, words: list[str]) -> None:
    assert commands_for(URL, {"BROWSER": browser}, "linux") == [words]


@pytest.mark.parametrize(
    ("browser", "words"),
    [
        ("firefox --zoom=80%% %s", ["firefox", "--zoom=80%", URL]),
        ("firefox --name=%%s", ["firefox", "--name=%s", URL]),
        ("firefox %%%s%%", ["firefox", f"%{URL}%"]),
        ("firefox 100%", ["firefox", "100%", URL]),
    ],
)
def test_a_doubled_percent_sign_is_one(browser: str, words: list[str]) -> None:
    assert commands_for(URL, {"BROWSER": browser}, "linux") == [words]


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize("earlier", ["absent", "failing"])
async def test_where_xdg_open_is_of_no_use_another_of_the_system_is_asked(
    tmp_path: Path, opener: str, earlier: str
) -> None:
    for name in OPENERS[: OPENERS.index(opener)] if earlier == "failing" else []:
        script(tmp_path, "exit 3", name)
    script(tmp_path, f'printf "%s|" "$@" > "{tmp_path}/seen"', opener)
    environment = {"PATH": str(tmp_path), "DISPLAY": ":0"}
    assert await open_browser(URL, environment=environment, platform="linux")
    assert (tmp_path / "seen").read_text() == ("open|" if opener == "gio" else "") + f"{URL}|"


def test_a_browser_gets_no_secret_of_the_environment() -> None:
    plain = {"HOME": "/home/ada", "DISPLAY": ":0", "XDG_ACTIVATION_TOKEN": "focus"}
    secret = {"TODOIST_API_TOKEN": "x", "AWS_SECRET_ACCESS_KEY": "x", "Db_Password": "x"}
    assert child_environment(plain | secret) == plain


@pytest.mark.parametrize(
    ("environment", "child"),
    [
        ({"LD_LIBRARY_PATH": "/ours", "LD_LIBRARY_PATH_ORIG": "/u"}, {"LD_LIBRARY_PATH": "/u"}),
        ({"LD_LIBRARY_PATH": "/ours"}, {}),
        ({}, {}),
    ],
)
def test_a_frozen_oo_gives_the_browser_the_users_own_libraries(
    environment: dict[str, str], child: dict[str, str]
) -> None:
    assert child_environment(environment, is_frozen=True) == child


def test_otherwise_the_library_path_is_the_users_own() -> None:
    environment = {"LD_LIBRARY_PATH": "/opt/theirs"}
    assert child_environment(environment, is_frozen=False) == environment
