"""The Flatpak manifest: what it may do is what oO does."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MANIFEST = (ROOT / "packaging/flatpak/org.oo_desktop.Oo.yml").read_text()

SERVICES = (
    r"ScreenSaver|Xfconf|swaync\.cc|kwalletd\d|Notifications|secrets|StatusNotifierWatcher|login1"
    r"|timedate1"
)
"""How the names on the bus end of which the code asks something; the rest are interfaces."""


def test_the_services_on_the_bus_that_may_be_asked_are_those_the_code_asks() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "oo_desktop").rglob("*.py"))
    asked = set(re.findall(rf'"(org\.[\w.]+\.(?:{SERVICES}))"', code))
    assert len(asked) > 8
    allowed = set(re.findall(r"--(?:system-)?talk-name=(\S+)", MANIFEST))
    assert allowed == asked | {"org.gnome.evolution.dataserver.*"}


def test_permissions_are_argued_in_the_lines_above_them() -> None:
    block = MANIFEST.partition("finish-args:\n")[2].partition("\nmodules:")[0]
    lines = block.splitlines()
    assert lines[0].startswith("  # ")
    assert all(line.startswith(("  # ", "  - --")) for line in lines)


def test_it_owns_one_name_and_gets_neither_the_home_folder_nor_the_whole_bus() -> None:
    assert "--own-name=org.oo_desktop.Oo1\n" in MANIFEST
    assert "--filesystem=home" not in MANIFEST
    assert "--socket=session-bus" not in MANIFEST


def test_its_source_is_the_tarball_that_is_built() -> None:
    assert 'path: "{tarball}"' in MANIFEST
    assert 'sha256: "{sha256}"' in MANIFEST
