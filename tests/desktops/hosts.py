"""Names the tray hosts of Debian, how each is started, and where on the screen it shows icons.

A folder of `homes/` holds the settings with which one starts: a panel that shows icons and as
little else as it can, so that what changes on it is ours. No panel has a clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from tests.desktops.picture import Box

SIZE = (1366, 768)
"""Of the screen: what most small laptops have, and the lowest that a menu has to fit."""

TOP = Box(0, 0, SIZE[0], 34)
BOTTOM = Box(0, SIZE[1] - 48, SIZE[0], 48)

Command = tuple[str, ...]

OPENBOX = (("openbox", "--sm-disable"),)
SETTINGS_OF_XFCE = ("org.xfce.Xfconf.service",)


class Screen(Enum):
    """Names who owns the screen a host draws on."""

    X11 = "x11"
    SWAY = "sway"
    NESTED = "nested"
    """The host is itself a compositor of Wayland, in a window of its own."""


@dataclass(frozen=True)
class TrayHost:
    """Is one host with one look.

    packages: Debian's; the first is the one whose version is told.
    command: the host, which is killed and started again. before: what it needs to be there.
    strip: where on the screen its icons are.
    embeds: icons are windows in it (XEmbed), and menus are the program's own.
    hides: it is not seen while it has no icons.
    home: the folder of `homes/` it starts with. files: more of those, by their path.
    desktop: XDG_CURRENT_DESKTOP.
    """

    name: str
    packages: tuple[str, ...]
    command: Command
    before: tuple[Command, ...] = OPENBOX
    strip: Box = TOP
    screen: Screen = Screen.X11
    embeds: bool = False
    hides: bool = False
    home: str = ""
    desktop: str = ""
    services: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def _xfce(look: str, **env: str) -> TrayHost:
    return TrayHost(
        f"xfce4-panel{look}",
        ("xfce4-panel", "openbox", "xfconf"),
        ("xfce4-panel", "--disable-wm-check"),
        home="xfce4-panel",
        desktop="XFCE",
        services=SETTINGS_OF_XFCE,
        env=env,
    )


def _lxqt(theme: str) -> TrayHost:
    return TrayHost(
        f"lxqt-panel, {theme}",
        ("lxqt-panel", "lxqt-themes", "lxqt-qtplugin", "openbox"),
        ("lxqt-panel",),
        home="lxqt-panel",
        desktop="LXQt",
        files={".config/lxqt/lxqt.conf": f"[General]\ntheme={theme}\n"},
    )


HOSTS = (
    _xfce(""),
    _xfce(", dark", GTK_THEME="Adwaita:dark"),
    _lxqt("debian"),
    _lxqt("frost"),
    TrayHost(
        "mate-panel",
        ("mate-panel", "openbox"),
        ("mate-panel",),
        home="mate-panel",
        desktop="MATE",
        services=("org.mate.panel.applet.NotificationAreaAppletFactory.service",),
    ),
    TrayHost(
        "waybar",
        ("waybar", "sway"),
        ("waybar",),
        before=(),
        screen=Screen.SWAY,
        home="waybar",
        desktop="sway",
    ),
    TrayHost(
        "tint2", ("tint2", "openbox"), ("tint2",), embeds=True, home="tint2", desktop="openbox"
    ),
    TrayHost(
        "trayer",
        ("trayer", "openbox"),
        ("trayer", "--edge", "top", "--align", "right", "--height", "32"),
        embeds=True,
        hides=True,
        desktop="openbox",
    ),
)
