"""Builds a Debian package of a tree, with what a desktop wants to know of an application.

The package is for every release of Debian and Ubuntu with one of the Pythons of the tree: nothing
in it depends on which. Two builds of the same tree are the same bytes.
"""

import gzip
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

from private_tree import PYTHONS

NAME = "oo-desktop"
FOLDER = Path("usr/lib/oo-desktop")
"""Where the tree is."""

FILES = Path(__file__).parent / "debian"

MAINTAINER = "The oO desktop authors <maintainers@oo-desktop.org>"

LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libc.so.6": "libc6 (>= 2.34)",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgcc_s.so.1": "libgcc-s1",
    # From Debian 13 on they are called otherwise, and still provide these names.
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libstdc++.so.6": "libstdc++6 (>= 11)",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
"""Which package has a library, by the name that is asked for."""

PART_OF_LIBC = {
    "ld-linux-x86-64.so.2",
    "libdl.so.2",
    "libm.so.6",
    "libpthread.so.0",
    "libresolv.so.2",
}

PLACES = {
    "desktop/oo-desktop.desktop": "usr/share/applications/oo-desktop.desktop",
    "desktop/oo-desktop.search-provider.ini": (
        "usr/share/gnome-shell/search-providers/oo-desktop.search-provider.ini"
    ),
    "desktop/oo-desktop.krunner.desktop": "usr/share/krunner/dbusplugins/oo-desktop.desktop",
    "desktop/org.oo_desktop.Oo1.service": "usr/share/dbus-1/services/org.oo_desktop.Oo1.service",
    "desktop/org.oo_desktop.Oo.metainfo.xml": "usr/share/metainfo/org.oo_desktop.Oo.metainfo.xml",
    "desktop/oo-desktop.service": "usr/lib/systemd/user/oo-desktop.service",
    "icons/oo-desktop.svg": "usr/share/icons/hicolor/scalable/apps/oo-desktop.svg",
    "icons/oo-desktop-symbolic.svg": (
        "usr/share/icons/hicolor/symbolic/apps/oo-desktop-symbolic.svg"
    ),
}
"""Where the desktop looks for which file of `resources/`."""

COMPLETIONS = {
    "bash": "usr/share/bash-completion/completions/oo-desktop",
    "zsh": "usr/share/zsh/vendor-completions/_oo-desktop",
    "fish": "usr/share/fish/vendor_completions.d/oo-desktop.fish",
}

MANUAL = "usr/share/man/man1/oo-desktop.1"


class DebianError(Exception):
    """Says what the package cannot be made of."""


def debian_version(version: str) -> str:
    """Return what Debian calls a version: one before a release sorts before it.

    (PEP 440; Debian Policy 5.6.12)
    """
    return re.sub(r"[._-]?(a|b|rc|\.dev)(\d+)", r"~\1\2", version).replace("~.", "~") + "-1"


def lay_out_system(
    root: Path, tree: Path, resources: Path, *, texts: Mapping[str, str], launcher: str
) -> None:
    """Make `root`, as it is laid over that of a computer.

    texts: files by their path, beside those of `resources`. launcher: what starts oO.
    Raises DebianError where `resources` has a file for the desktop that has no place.
    """
    shutil.copytree(tree, root / FOLDER, symlinks=True)
    python = root / FOLDER / "bin/python3"
    python.unlink()
    python.symlink_to("../../../bin/python3")  # Debian Policy 10.5: relative, below /usr
    for path in sorted((resources / "desktop").iterdir()):
        if f"desktop/{path.name}" not in PLACES:
            raise DebianError(f"{path} has no place in PLACES.")
    for name, place in PLACES.items():
        if (resources / name).exists():
            _write(root / place, (resources / name).read_bytes())
    for place, text in texts.items():
        _write(root / place, text.encode())
    _write(root / FOLDER / "bin/oo-desktop", launcher.encode(), mode=0o755)
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/oo-desktop").symlink_to("../lib/oo-desktop/bin/oo-desktop")


def build(root: Path, to: Path, *, version: str, needed: Iterable[str], when: datetime) -> Path:
    """Make the package of `root` in the folder `to`, and return its path.

    needed: the libraries it needs. when: of the changelog. Raises DebianError.
    """
    doc = root / "usr/share/doc" / NAME
    full = debian_version(version)
    _write(doc / "changelog.Debian.gz", _packed(_changelog(full, when)))
    _write(root / "usr/share/lintian/overrides" / NAME, (FILES / "lintian-overrides").read_bytes())
    _write(root / f"usr/share/python3/runtime.d/{NAME}.rtupdate", _script("rtupdate"), mode=0o755)
    control = root / "DEBIAN"
    size = sum(_size(path) for path in root.rglob("*")) // 1024
    _write(control / "control", _control(full, packages_of(needed), size).encode())
    for name in ("postinst", "prerm", "postrm"):
        _write(control / name, _script(name), mode=0o755)
    _write(control / "md5sums", _sums(root).encode())
    for folder in (root, *(path for path in root.rglob("*") if path.is_dir())):
        if not folder.is_symlink():
            folder.chmod(0o755)
    package = to / f"{NAME}_{full}_amd64.deb"
    command = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z6", "--threads-max=1", "--build"]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(int(when.timestamp()))}
    subprocess.run(
        [*command, root, package], check=True, env=environment, stdout=subprocess.DEVNULL
    )
    return package


def packages_of(libraries: Iterable[str]) -> list[str]:
    """Return the packages that have these libraries. Raises DebianError."""
    names = set(libraries) - PART_OF_LIBC
    unknown = sorted(names - LIBRARIES.keys())
    if unknown:
        raise DebianError(f"no package is known for {', '.join(unknown)}.")
    return sorted({LIBRARIES[name] for name in names})


def _control(version: str, libraries: Iterable[str], size: int) -> str:
    after_last = f"3.{int(PYTHONS[-1].partition('.')[2]) + 1}"
    pythons = [f"python3 (>= {PYTHONS[0]}~)", f"python3 (<< {after_last}~)"]
    text = (FILES / "control").read_text(encoding="utf-8")
    return text.format(
        version=version,
        maintainer=MAINTAINER,
        size=size,
        depends=", ".join([*pythons, *libraries]),
    )


def _changelog(version: str, when: datetime) -> str:
    return (
        f"{NAME} ({version}) unstable; urgency=medium\n\n"
        f"  * What is new stands in /usr/share/doc/{NAME}/changelog.gz.\n\n"
        f" -- {MAINTAINER}  {format_datetime(when)}\n"
    )


def _script(name: str) -> bytes:
    return (FILES / name).read_bytes()


def _packed(text: str) -> bytes:
    """As `gzip -9n` does: without a name and a time."""
    return gzip.compress(text.encode(), 9, mtime=0)


def write_packed(path: Path, text: str) -> None:
    """Write a file as Debian packs manuals and changelogs."""
    _write(path.with_name(path.name + ".gz"), _packed(text))


def _write(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)


def _size(path: Path) -> int:
    """Bytes on a disk of blocks of 1 KiB, as `Installed-Size` counts (Debian Policy 5.6.20)."""
    if path.is_symlink() or path.is_dir():
        return 1024
    return -(-path.stat().st_size // 1024) * 1024


def _sums(root: Path) -> str:
    lines = []
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if path.is_file() and not path.is_symlink() and name.parts[0] != "DEBIAN":
            # The one kind of sum that dpkg knows; it guards against accidents, not people.
            digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
            lines.append(f"{digest}  {name}\n")
    return "".join(lines)
