"""Runs GNOME's shell without a screen, at any scale: in a window of X it knows scale 1 alone.

Its pictures, its pointer and its keys are asked of the shell itself, which obeys scripts in its
unsafe mode. https://gitlab.gnome.org/GNOME/gnome-shell, js/ui/shellDBus.js (Eval).
"""

import time
from typing import Any

from PySide6.QtGui import QImage

from tests.desktops.hosts import Screen
from tests.desktops.picture import Picture
from tests.desktops.stage import HostSession

SHELL, SHELL_PATH = "org.gnome.Shell", "/org/gnome/Shell"
DISPLAYS, DISPLAYS_PATH = "org.gnome.Mutter.DisplayConfig", "/org/gnome/Mutter/DisplayConfig"

TEMPORARY = 1
"""Method of ApplyMonitorsConfig: nothing is written down, and nobody asked."""

PAUSE = 0.3
"""Seconds between two pictures, for the shell to do what else it has to."""

DEVICES = """
const {Clutter} = imports.gi;
if (!global.hand) {
    const seat = global.stage.context.get_backend().get_default_seat();
    global.hand = seat.create_virtual_device(Clutter.InputDeviceType.POINTER_DEVICE);
    global.keys = seat.create_virtual_device(Clutter.InputDeviceType.KEYBOARD_DEVICE);
}
const now = () => global.get_current_time() * 1000;
const {PRESSED, RELEASED} = {PRESSED: 1, RELEASED: 0};
"""


class HeadlessGnome(HostSession):
    """Is a session of a host whose `screen` is `Screen.HEADLESS`."""

    def start_host(self) -> None:
        first = self._program is None
        super().start_host()
        if first:
            self._set_scale()
            self.look_still(within=20, still=self.host.settles)
            self.press_key("Escape")  # it begins with an overview of windows

    def _set_scale(self) -> None:
        state = self.bus.call(DISPLAYS, DISPLAYS_PATH, DISPLAYS, "GetCurrentState")
        (connector, *_), modes, _ = state[1][0]
        scales = modes[0][5]
        scale = min(scales, key=lambda each: abs(each - self.host.scale))
        options: dict[str, tuple[str, Any]] = {}
        monitor = (0, 0, scale, 0, True, [(connector, modes[0][0], options)])
        self.bus.call(
            DISPLAYS,
            DISPLAYS_PATH,
            DISPLAYS,
            "ApplyMonitorsConfig",
            "uua(iiduba(ssa{sv}))a{sv}",
            *(state[0], TEMPORARY, [monitor], options),
        )

    def look(self) -> Picture:
        time.sleep(PAUSE)
        file = self.folder / "screen.png"
        method = f"{SHELL}.Screenshot"
        path = f"{SHELL_PATH}/Screenshot"
        self.bus.call(SHELL, path, method, "Screenshot", "bbs", False, False, str(file))
        image = QImage(str(file)).convertToFormat(QImage.Format.Format_RGB888)
        size, row = (image.width(), image.height()), image.width() * 3
        data, step = bytes(image.constBits()), image.bytesPerLine()
        pixels = b"".join(data[y * step : y * step + row] for y in range(size[1]))
        return Picture(size, pixels)

    def point(self, x: int, y: int) -> None:
        for near in (3, 0):
            self._do(f"global.hand.notify_absolute_motion(now(), {x - near}/S, {y}/S)")

    def press(self, x: int, y: int, button: int) -> None:
        self.point(x, y)
        for state in ("PRESSED", "RELEASED"):
            self._do(f"global.hand.notify_button(now(), {button}, {state})")

    def press_key(self, key: str) -> None:
        for state in ("PRESSED", "RELEASED"):
            self._do(f"global.keys.notify_keyval(now(), Clutter.KEY_{key}, {state})")

    def _do(self, script: str) -> Any:
        code = f"{{{DEVICES} const S = {self.host.scale}; {script}; }}"
        good, answer = self.bus.call(SHELL, SHELL_PATH, SHELL, "Eval", "s", code)
        assert good, f"the shell says {answer}"
        return answer


def session_class(screen: Screen) -> type[HostSession]:
    """Return the kind of session for a host with `screen`."""
    return HeadlessGnome if screen is Screen.HEADLESS else HostSession
