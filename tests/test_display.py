"""Whether there is a screen."""

from oo_desktop.display import has_display


def test_a_display_is_what_the_session_names() -> None:
    assert has_display({"DISPLAY": ":0"})
    assert has_display({"WAYLAND_DISPLAY": "wayland-0"})
    assert not has_display({"DISPLAY": ""})
