"""Lays out the folder that a package installs: a private environment for the system's own Python.

It is a virtual environment whose interpreter is `/usr/bin/python3`, whichever of `PYTHONS` that is:
of a wheel that is compiled for one Python, the modules of each stand side by side, told apart by
their names (PEP 3149). So one package serves every release of a distribution, `sys.executable`
starts children as in a checkout, and Python, OpenSSL and SQLite get their security updates from the
distribution. Of Qt there is what the code imports, the plug-ins of `QT_PLUGINS`, and the libraries
that those need.
"""

import re
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""What the tree runs on. The first is the one whose wheels the tree is laid out with."""

SITE = Path("lib/site-packages")
"""Where the modules are; `lib/python3.X`, for each, has a link to it."""

QT_PLUGINS = (
    "iconengines/libqsvgicon.so",
    "imageformats/libqsvg.so",
    "platforminputcontexts/libcomposeplatforminputcontextplugin.so",
    "platforminputcontexts/libibusplatforminputcontextplugin.so",
    "platforms/libqoffscreen.so",
    "platforms/libqwayland.so",
    "platforms/libqxcb.so",
    "platformthemes/libqgtk3.so",
    "platformthemes/libqxdgdesktopportal.so",
    "wayland-decoration-client/libadwaita.so",
    "wayland-decoration-client/libbradient.so",
    "wayland-graphics-integration-client/libqt-plugin-wayland-egl.so",
    "wayland-shell-integration/libxdg-shell.so",
    "xcbglintegrations/libqxcb-egl-integration.so",
    "xcbglintegrations/libqxcb-glx-integration.so",
)
"""Those that a tray on X11 or Wayland loads; what else Qt brings is left out."""

OPTIONAL_PLUGINS = {"libqgtk3.so"}
"""Those that Qt does without where their libraries are not installed."""

NOT_ON_LINUX = {"QtNetwork"}
"""Modules of Qt that the code imports on other systems alone (`app/ports.py`)."""

LANGUAGES = "oo_desktop/resources/languages"
"""Where oO's own are, by their codes. Qt's buttons and dialogs are shipped in the same ones."""

_NEEDED = re.compile(r"\(NEEDED\).*\[(.+)\]")
_FOR_ONE_PYTHON = re.compile(r"\.cpython-(\d)(\d+)-[\w-]+\.so$")
_NOT_FOR_RUNNING = re.compile(r"(\.pyi|\.pyx|\.pxd|\.c|\.h|/RECORD|/WHEEL|/top_level\.txt)$")
_OF_OTHERS = re.compile(r"(?!oo_desktop/)[^/]+/(.+/)?(tests|testing|test)/")
"""What packages test themselves with; oO's own `testing` is for authors of connectors."""

_OTHER_DATABASES = re.compile(r"sqlalchemy/dialects/(mssql|mysql|oracle|postgresql)/")


class TreeError(Exception):
    """Says what a tree cannot be made of."""


def lay_out(tree: Path, wheels: Iterable[Path], own_wheel: Path, source: Path) -> None:
    """Make `tree`, which is not there yet.

    wheels: of every dependency, for every Python. own_wheel: oO's. source: its package, which tells
    what it imports of Qt. Raises TreeError.
    """
    site = tree / SITE
    site.mkdir(parents=True)
    records: dict[str, set[str]] = {}
    for wheel in [*sorted(wheels), own_wheel]:
        written = _unpack(wheel, site)
        folder = next(name.partition("/")[0] for name in written if ".dist-info/" in name)
        records.setdefault(folder, set()).update(written)
    _keep_used_qt(site, qt_modules(source) - NOT_ON_LINUX)
    for path in sorted(site.rglob("*")):
        if path.is_file():
            _make_plain(path)
    for folder, names in records.items():
        _write_record(site, folder, names)
    for version in PYTHONS:
        (tree / "lib" / f"python{version}").mkdir()
        (tree / "lib" / f"python{version}/site-packages").symlink_to("../site-packages")
    (tree / "bin").mkdir()
    (tree / "bin/python3").symlink_to("/usr/bin/python3")
    (tree / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")


def qt_modules(source: Path) -> set[str]:
    """Return which modules of PySide6 the code imports."""
    found: set[str] = set()
    for path in source.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r"PySide6\.(Qt\w+)", text))
        for names in re.findall(r"from PySide6 import (.+)", text):
            found |= set(re.findall(r"\bQt\w+", names))
    return found


def libraries_from_outside(tree: Path) -> set[str]:
    """Return the names of the libraries that the tree needs and does not have."""
    files = [path for path in tree.rglob("*.so*") if path.is_file()]
    own = {path.name for path in files}
    needed: set[str] = set()
    for path in files:
        if path.name not in OPTIONAL_PLUGINS:
            needed.update(needed_by(path))
    return needed - own


def needed_by(path: Path) -> list[str]:
    """Return the names of the libraries that an ELF file asks for."""
    return _NEEDED.findall(_told("-d", path))


def _told(about: str, path: Path) -> str:
    """What `readelf` says of a file."""
    command = ["readelf", "--wide", about, str(path)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _unpack(wheel: Path, site: Path) -> list[str]:
    """Returns the names of what it wrote.

    Raises TreeError where two wheels bring the same file with another content.
    """
    written = []
    with ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            if name.endswith("/") or _is_left_out(name):
                continue
            target = site / name
            if not target.resolve().is_relative_to(site.resolve()) or ".data/" in name:
                raise TreeError(f"{wheel.name} puts {name} elsewhere.")
            content = archive.read(name)
            if target.exists() and target.read_bytes() != content:
                raise TreeError(f"{wheel.name} brings another {name}.")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            written.append(name)
    return written


def _is_left_out(name: str) -> bool:
    """What is never run; of PySide6, all that is for developers: tools, QML, headers, types."""
    if _NOT_FOR_RUNNING.search(name) or _OF_OTHERS.match(name) or _OTHER_DATABASES.match(name):
        return True
    first, _, rest = name.partition("/")
    if first == "shiboken6":
        return rest.startswith("lib/")
    if first != "PySide6" or "/" not in rest:
        return first == "PySide6" and "." not in rest  # the programs: designer, lupdate …
    return not rest.startswith(("Qt/lib/", "Qt/plugins/", "Qt/translations/", "support/"))


def _keep_used_qt(site: Path, modules: set[str]) -> None:
    """Raises TreeError where something is named that this release of Qt does not have."""
    pyside = site / "PySide6"
    plugins = {pyside / "Qt/plugins" / name for name in QT_PLUGINS}
    extensions = {pyside / f"{name}.abi3.so" for name in modules}
    missing = sorted(path.name for path in plugins | extensions if not path.exists())
    if missing:
        raise TreeError(f"PySide6 has no {', '.join(missing)}.")
    kept = plugins | extensions
    places = {path.name: path for path in site.rglob("*.so*")}
    waiting = [*kept, *(site / "shiboken6").glob("*.so")]
    while waiting:
        for name in needed_by(waiting.pop()):
            path = places.get(name)
            if path is not None and path not in kept:
                kept.add(path)
                waiting.append(path)
    languages = (path.name for path in (site / LANGUAGES).iterdir() if path.is_dir())
    kept |= {pyside / f"Qt/translations/qtbase_{code}.qm" for code in languages}
    for path in sorted(pyside.rglob("*")):
        if path.is_file() and path.suffix != ".py" and path not in kept:
            path.unlink()
    for folder in sorted((p for p in pyside.rglob("*") if p.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def _make_plain(path: Path) -> None:
    """A module needs neither the right to be started nor the names for a debugger."""
    path.chmod(0o644)
    if ".so" in path.suffixes and ".symtab" in _told("-S", path):
        subprocess.run(["strip", "--strip-unneeded", path], check=True)


def _write_record(site: Path, folder: str, names: Iterable[str]) -> None:
    """Write which files of a package there are (PyPA, "Recording installed projects")."""
    lines = [f"{folder}/RECORD,,"]
    for name in sorted(name for name in names if (site / name).exists()):
        content = (site / name).read_bytes()
        digest = urlsafe_b64encode(sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(content)}")
    (site / folder / "RECORD").write_text("\n".join([*lines, ""]))


def pythons_of(tree: Path) -> Mapping[str, set[str]]:
    """Return for each compiled module, by its name without a tag, which Pythons it is for."""
    found: dict[str, set[str]] = {}
    for path in (tree / SITE).rglob("*.so"):
        tag = _FOR_ONE_PYTHON.search(path.name)
        if tag:
            module = str(path.relative_to(tree / SITE))[: -len(tag[0])]
            found.setdefault(module, set()).add(f"{tag[1]}.{tag[2]}")
    return found


def check_complete(tree: Path) -> None:
    """Raise TreeError where a module is compiled for some Pythons only."""
    for module, versions in sorted(pythons_of(tree).items()):
        if versions != set(PYTHONS):
            raise TreeError(f"{module} is only there for Python {', '.join(sorted(versions))}.")
