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
RIGHT = Box(SIZE[0] * 2 // 3, 0, SIZE[0] // 3, 34)
"""Of the top: a clock is in the middle of it."""

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
    menu_button: the one that opens our menu: 1 is the left one.
    manages: it manages windows itself, and `before` has no program that does.
    extension: of the GNOME shell; instead of the host it is ended and started.
    settles: seconds in which nothing changes on its screen once it is there.
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
    menu_button: int = 3
    manages: bool = False
    extension: str = ""
    settles: float = 0.4
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
        settles=2,
        home="lxqt-panel",
        desktop="LXQt",
        files={".config/lxqt/lxqt.conf": f"[General]\ntheme={theme}\n"},
    )


def _plasma(look: str, style: str = "default") -> TrayHost:
    return TrayHost(
        f"plasma{look}",
        ("plasma-workspace", "plasma-desktop", "kwin-x11", "breeze"),
        ("plasmashell", "--no-respawn"),
        before=(_first_of("kwin_x11"), _first_of("kded6", "kded5")),
        settles=4,
        home="plasma",
        desktop="KDE",
        services=("org.kde.ActivityManager.service",),
        files={".config/plasmarc": f"[Theme]\nname={style}\n"},
        env=_KDE,
    )


def _first_of(*programs: str) -> Command:
    """Return what runs the first of these that is installed: names change with a release."""
    found = " || ".join(f"command -v {each}" for each in programs)
    return ("sh", "-c", f'exec "$({found})"')


_KDE = MappingProxyType({"KDE_FULL_SESSION": "true", "KDE_SESSION_VERSION": "5"})

# gnome-shell asks logind on the system's bus; this one is a stand-in.
_SYSTEM_BUS = (
    (
        *("sh", "-c"),
        "exec dbus-daemon --session --nofork --nopidfile --address=$DBUS_SYSTEM_BUS_ADDRESS",
    ),
    (
        *("sh", "-c"),
        "until [ -S $XDG_RUNTIME_DIR/no-system-bus ]; do sleep 0.1; done;"
        " exec env DBUS_SESSION_BUS_ADDRESS=$DBUS_SYSTEM_BUS_ADDRESS"
        " python3 -m dbusmock --system --template logind",
    ),
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
    _plasma(""),
    _plasma(", breeze-dark", "breeze-dark"),
    TrayHost(
        "gnome-shell",
        ("gnome-shell", "gnome-shell-extension-appindicator", "python3-dbusmock"),
        ("gnome-shell", "--nested", "--wayland", "--wayland-display=wayland-9"),
        before=_SYSTEM_BUS,
        strip=RIGHT,
        screen=Screen.NESTED,
        settles=3,
        extension="ubuntu-appindicators@ubuntu.com",
        home="gnome-shell",
        desktop="GNOME",
        env={
            "MUTTER_DEBUG_DUMMY_MODE_SPECS": "x".join(map(str, SIZE)),
            "WAYLAND_DISPLAY": "wayland-9",
        },
    ),
    TrayHost(
        "cinnamon",
        ("cinnamon", "xapp-sn-watcher", "python3-dbusmock"),
        ("cinnamon",),
        before=_SYSTEM_BUS,
        manages=True,
        settles=3,
        home="cinnamon",
        desktop="X-Cinnamon",
    ),
    TrayHost(
        "i3bar",
        ("i3-wm",),
        ("i3bar", "--bar_id=bar-0"),
        before=(("i3",),),
        strip=Box(0, 0, SIZE[0], 22),
        embeds=True,
        home="i3bar",
        desktop="i3",
    ),
    TrayHost(
        "mate-indicator-applet, ayatana",
        ("mate-indicator-applet", "mate-panel", "ayatana-indicator-application", "openbox"),
        ("mate-panel",),
        before=(
            *OPENBOX,
            ("/usr/libexec/ayatana-indicator-application/ayatana-indicator-application-service",),
        ),
        menu_button=1,
        home="ayatana",
        desktop="MATE",
        services=("org.mate.panel.applet.IndicatorAppletCompleteFactory.service",),
    ),
)
