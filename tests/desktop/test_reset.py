"""`oo-desktop reset` with the desktop's own keyring: locked, and open."""

from tests.desktop.running_oo import RunningOo
from tests.desktop.session import DesktopSession


def oo_entries(desktop: DesktopSession) -> list[str]:
    entries = [each.attributes.get("service", "") for each in desktop.keyring.entries()]
    return [service for service in entries if service.startswith("oo-desktop:")]


def test_a_locked_keyring_keeps_the_account_and_an_open_one_lets_all_of_it_go(
    desktop: DesktopSession, connected: RunningOo
) -> None:
    (before,) = oo_entries(desktop)
    desktop.keyring.lock()
    said = connected.say("reset", "--yes", within=90)
    assert said.ended() == 1
    assert "your keyring did not let oO delete its token" in said.printed
    assert connected.program.ended(within=10) == 0
    assert (connected.home / "oo.db").exists()
    desktop.keyring.unlock()
    assert oo_entries(desktop) == [before]
    said = connected.say("reset", "--yes", within=90)
    assert said.ended() == 0, said.printed
    assert oo_entries(desktop) == []
    left = {path.name for path in connected.home.rglob("*") if path.is_file()}
    assert left == {"config.toml", "oo-desktop.lock"}
