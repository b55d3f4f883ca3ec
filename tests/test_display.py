"""Whether there is a screen, and what oO is called there."""

from oo_desktop.display import desktop_name, has_display


def test_a_display_is_what_the_session_names() -> None:
    assert has_display({"DISPLAY": ":0"})
    assert has_display({"WAYLAND_DISPLAY": "wayland-0"})
    assert not has_display({"DISPLAY": ""})


def test_in_a_flatpak_a_desktop_knows_oo_by_its_id() -> None:
    assert desktop_name({}) == desktop_name({"FLATPAK_ID": ""}) == "oo-desktop"
    assert desktop_name({"FLATPAK_ID": "org.oo_desktop.Oo"}) == "org.oo_desktop.Oo"
