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

TWICE = (SIZE[0] * 2, SIZE[1] * 2)

TOP = Box(0, 0, SIZE[0], 34)

Command = tuple[str, ...]

OPENBOX = (("openbox", "--sm-disable"),)
SETTINGS_OF_XFCE = ("org.xfce.Xfconf.service",)


class Screen(Enum):
    """Names who owns the screen a host draws on."""

    X11 = "x11"
    SWAY = "sway"
    NESTED = "nested"
    """The host is itself a compositor of Wayland, or runs in one: in a window of its own."""
    HEADLESS = "headless"
    """GNOME's shell, on a screen that nobody sees."""


@dataclass(frozen=True)
class TrayHost:
    """Is one host with one look.

    packages: Debian's; the first is the one whose version is told.
    command: the host, which is killed and started again. before: what it needs to be there.
    size: of the screen, in pixels. scale: pixels of the screen for one of the desktop's.
    strip: where on the screen its icons are.
    embeds: icons are windows in it (XEmbed), and menus are the program's own.
    menu_button: the one that opens our menu: 1 is the left one.
    manages: it manages windows itself, and `before` has no program that does.
    extension: of the GNOME shell; instead of the host it is ended and started.
    settles: seconds in which nothing changes on its screen once it is there.
    rebuilds: seconds within which an open menu gets the rows that changed while it was closed.
    hides: it is not seen while it has no icons.
    home: the folder of `homes/` it starts with. files: more of those, by their path.
    desktop: XDG_CURRENT_DESKTOP.
    """

    name: str
    packages: tuple[str, ...]
    command: Command
    before: tuple[Command, ...] = OPENBOX
    size: tuple[int, int] = SIZE
    scale: float = 1
    strip: Box = TOP
    screen: Screen = Screen.X11
    embeds: bool = False
    menu_button: int = 3
    manages: bool = False
    extension: str = ""
    settles: float = 0.4
    rebuilds: float = 0.4
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


def _lxqt(theme: str, look: str = "", *, scale: int = 1) -> TrayHost:
    size = (SIZE[0] * scale, SIZE[1] * scale)
    return TrayHost(
        f"lxqt-panel, {theme}{look}",
        ("lxqt-panel", "lxqt-themes", "lxqt-qtplugin", "openbox"),
        ("lxqt-panel",),
        settles=2,
        size=size,
        scale=scale,
        strip=Box(0, 0, size[0], 34 * scale),
        env={} if scale == 1 else {"QT_SCALE_FACTOR": str(scale)},
        home="lxqt-panel",
        desktop="LXQt",
        files={".config/lxqt/lxqt.conf": f"[General]\ntheme={theme}\n"},
    )


def _plasma(
    look: str,
    style: str = "default",
    *,
    size: tuple[int, int] = SIZE,
    scale: float = 1,
    wayland: bool = False,
) -> TrayHost:
    width, height = size
    compositor = (
        *("kwin_wayland", "--x11-display", "$DISPLAY", "--socket", "$WAYLAND_DISPLAY"),
        *("--width", str(width), "--height", str(height), "--no-lockscreen"),
    )
    # kded6 takes its watcher's name at once, and brings the watcher into sessions of Plasma 6 only.
    daemon = "command -v kded6 && KDE_SESSION_VERSION=6 exec kded6; exec kded5"
    shell: Command = ("plasmashell", "--no-respawn")
    kwin = "kwin-wayland" if wayland else "kwin-x11"
    scaler = ("libkscreen-bin",) if wayland and scale != 1 else ()
    if wayland:
        there = "until [ -S $XDG_RUNTIME_DIR/$WAYLAND_DISPLAY ]; do sleep 0.1; done"
        scaled = f"kscreen-doctor output.1.scale.{scale}" if scaler else "true"
        daemon = f"{there}; {scaled}; {daemon}"
        shell = ("sh", "-c", f"{there}; exec {' '.join(shell)}")
    of_x11 = {} if scale == 1 else {"QT_SCALE_FACTOR": str(scale)}
    return TrayHost(
        f"plasma{look}",
        ("plasma-workspace", "plasma-desktop", "breeze", kwin, *scaler),
        shell,
        before=(
            ("sh", "-c", f"exec {' '.join(compositor)}") if wayland else ("kwin_x11",),
            ("sh", "-c", daemon),
        ),
        size=size,
        scale=scale,
        strip=Box(0, 0, width, round(34 * scale)),
        screen=Screen.NESTED if wayland else Screen.X11,
        settles=4,
        home="plasma",
        desktop="KDE",
        services=("org.kde.ActivityManager.service",),
        files={".config/plasmarc": f"[Theme]\nname={style}\n"},
        env={**_KDE, **({"WAYLAND_DISPLAY": "wayland-9"} if wayland else of_x11)},
    )


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


def _budgie(look: str, *, embeds: bool = False) -> TrayHost:
    """embeds: as its tray did before 10.9 (Debian 12)."""
    return TrayHost(
        f"budgie-panel{look}",
        ("budgie-core", "gir1.2-budgie-1.0", "openbox"),
        ("budgie-panel",),
        before=(*OPENBOX, ("budgie-daemon",)),
        embeds=embeds,
        settles=2,
        home="budgie-panel",
        desktop="Budgie:GNOME",
    )


def _gnome(look: str, *, size: tuple[int, int] = SIZE, scale: float = 1) -> TrayHost:
    """scale: other than 1, the shell has no window, and Debian 13's is needed."""
    width, height = size
    how: Command = ("--nested",)
    if scale != 1:
        how = ("--headless", "--no-x11", "--unsafe-mode", f"--virtual-monitor={width}x{height}")
    return TrayHost(
        f"gnome-shell{look}",
        ("gnome-shell", "gnome-shell-extension-appindicator", "python3-dbusmock"),
        ("gnome-shell", "--wayland", "--wayland-display=wayland-9", *how),
        before=_SYSTEM_BUS,
        size=size,
        scale=scale,
        strip=Box(width * 2 // 3, 0, width // 3, round(34 * scale)),
        screen=Screen.NESTED if scale == 1 else Screen.HEADLESS,
        settles=3,
        rebuilds=1.5,
        extension="ubuntu-appindicators@ubuntu.com",
        home="gnome-shell",
        desktop="GNOME",
        env={
            "MUTTER_DEBUG_DUMMY_MODE_SPECS": f"{width}x{height}",
            "WAYLAND_DISPLAY": "wayland-9",
        },
    )


HOSTS = (
    _xfce(""),
    _xfce(", dark", GTK_THEME="Adwaita:dark"),
    TrayHost(
        "xfce4-panel, scale 2",
        ("xfce4-panel", "openbox", "xfconf", "xfce4-settings"),
        ("xfce4-panel", "--disable-wm-check"),
        before=(*OPENBOX, ("xfsettingsd", "--no-daemon", "--disable-wm-check")),
        size=TWICE,
        scale=2,
        strip=Box(0, 0, TWICE[0], 68),
        home="xfce4-panel",
        desktop="XFCE",
        services=SETTINGS_OF_XFCE,
        files={
            ".config/xfce4/xfconf/xfce-perchannel-xml/xsettings.xml": (
                '<channel name="xsettings" version="1.0"><property name="Gdk" type="empty">'
                '<property name="WindowScalingFactor" type="int" value="2"/></property></channel>'
            )
        },
    ),
    _lxqt("debian"),
    _lxqt("frost"),
    _lxqt("frost", ", scale 2", scale=2),
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
        "swaybar",
        ("sway",),
        ("sh", "-c", "SWAYSOCK=$(echo ${WAYLAND_DISPLAY%/*}/sway-ipc.*) exec swaybar -b bar-0"),
        before=(),
        strip=Box(0, 0, SIZE[0], 26),
        screen=Screen.SWAY,
        home="swaybar",
        desktop="sway",
    ),
    TrayHost(
        "polybar",
        ("polybar", "openbox"),
        ("polybar", "top"),
        embeds=True,
        home="polybar",
        desktop="openbox",
    ),
    _budgie(""),
    _budgie(", before 10.9", embeds=True),
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
    _plasma(", scale 2", size=TWICE, scale=2),
    _plasma(", Wayland", wayland=True),
    _plasma(", Wayland, breeze-dark", "breeze-dark", wayland=True),
    _plasma(", Wayland, scale 1.5", size=(1920, 1080), scale=1.5, wayland=True),
    _gnome(""),
    _gnome(", scale 1.25", scale=1.25, size=(1920, 1080)),
    _gnome(", scale 1.5", scale=1.5, size=(1920, 1080)),
    _gnome(", scale 2", scale=2, size=TWICE),
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
