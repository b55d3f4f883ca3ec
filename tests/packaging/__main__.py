"""Proves what `make package` made, outside CI: it takes a network, minutes, and root for roots.

    python -m tests.packaging wheels                      with the newest and oldest dependencies
    python -m tests.packaging roots [bookworm trixie]     the Debian package, in fresh roots
    python -m tests.packaging tarball                     from a folder, with this computer's Python
    python -m tests.packaging again                       a second build is the same bytes

Roots are made with debootstrap in `build/roots`, and kept there as they were before anything was
installed; each run works in a copy.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.debian import DebianRoot

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
DIST = ROOT / "dist"
ROOTS = ROOT / "build/roots"
TOOLS = ROOT / "build/tools/bin/python"
"""A Python with what builds packages; `make package` makes it."""

SESSION = ("xvfb-run", "-a", "dbus-run-session", "--")
FURNITURE = (
    "xvfb xauth dbus gnome-keyring lintian appstream desktop-file-utils systemd python3-venv "
    "man-db gtk-update-icon-cache hicolor-icon-theme"
)
"""What a session, a keyring and a check take that oO does not bring along; what keeps caches."""

OLDER = "0.0.9-1"
PLANTED = "usr/lib/oo-desktop/lib/site-packages/oo_desktop/planted.py"
"""A module that the version before has, and this one has not."""

MAX_INSTALLED_MB = 160
"""As `du -sm` counts, with the bytecode made at installation. What pip installs takes 312."""

OF_OO = re.compile(r"oo[-_]desktop")
NOT_COMPARED = ("/proc", "/sys", "/dev", "/run", "/tmp", "/home/ada", "/var/cache/apt/archives")


def main() -> None:
    """Do what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.packaging")
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("wheels")
    roots = what.add_parser("roots")
    roots.add_argument("releases", nargs="*", default=["bookworm", "trixie"])
    what.add_parser("tarball")
    what.add_parser("again")
    asked = parser.parse_args()
    match asked.what:
        case "wheels":
            wheels()
        case "tarball":
            tarball()
        case "roots":
            for release in asked.releases:
                in_root(release)
        case _:
            again()


def wheels() -> None:
    """Install the wheel into two empty environments, and go through a day in each."""
    [wheel] = DIST.glob("*.whl")
    with tempfile.TemporaryDirectory() as folder:
        oldest = Path(folder, "oldest.txt")
        oldest.write_text("\n".join(lower_bounds()))
        for name, constraints in (("newest", []), ("oldest", ["--constraint", str(oldest)])):
            venv = Path(folder, name)
            run(sys.executable, "-m", "venv", venv)
            pip: list[str | Path] = [
                venv / "bin/pip",
                "install",
                "-qq",
                "--disable-pip-version-check",
            ]
            run(*pip, *constraints, f"{wheel}[sandbox]")
            run(venv / "bin/pip", "check")
            oo = venv / "bin/oo-desktop"
            say(f"{name} dependencies", journey(oo))


def lower_bounds() -> Iterator[str]:
    """Yield the oldest release of each dependency that `pyproject.toml` allows here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for line in project["dependencies"] + project["optional-dependencies"]["sandbox"]:
        requirement, _, marker = line.partition(";")
        newer = sys.version_info >= (3, 12)
        if "win32" in marker or ("python_version" in marker and (">=" in marker) != newer):
            continue
        name, bound = re.match(r"([\w-]+)>=([\d.]+)", requirement).groups()  # type: ignore[union-attr]  # else it fails
        yield f"{name}=={bound}"


def again() -> None:
    """Build a second time, in another folder, and compare."""
    before = (DIST / "SHA256SUMS").read_text().splitlines()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "another-place")
        run("git", "clone", "-q", ROOT, copy)
        (copy / "build").mkdir()
        (copy / "build/wheels").symlink_to(ROOT / "build/wheels")
        run(TOOLS, copy / "packaging/package.py")
        after = (copy / "dist/SHA256SUMS").read_text().splitlines()
    differs = sorted(set(before) ^ set(after))
    if differs:
        sys.exit("These differ:\n" + "\n".join(differs))
    say("built twice", f"{len(after)} files, the same bytes")


def tarball() -> None:
    """Unpack the tarball into a folder with a space in its name, and go through a day."""
    [packed] = DIST.glob("*.tar.xz")
    with tempfile.TemporaryDirectory(prefix="any folder") as folder:
        run("tar", "-xf", packed, "-C", folder)
        [tree] = Path(folder).iterdir()
        say("tarball", journey(tree / "oo-desktop"))


def in_root(release: str) -> None:
    """Install, use, upgrade, remove and purge the package in a fresh root of a release."""
    [package] = DIST.glob("*.deb")
    inside = fresh_root(release)
    root = inside.folder
    inside.run("apt-get update -qq && apt-get install -qqy --no-install-recommends " + FURNITURE)
    inside.run("useradd --create-home ada")
    before = files_in(root)
    older = root / "tmp/older.deb"
    make_older(package, older)
    shutil.copy(package, root / "tmp/newer.deb")
    shutil.copytree(HERE, root / "tmp/tests", ignore=shutil.ignore_patterns("__pycache__"))
    inside.run("apt-get install -qqy --no-install-recommends /tmp/older.deb")
    inside.run("mandb -q 2>/dev/null; dpkg --verify oo-desktop")
    size = int(inside.run("du -sm /usr/lib/oo-desktop").split()[0])
    check(size <= MAX_INSTALLED_MB, f"it takes {size} MB")
    say(f"{release}: installed", f"{size} MB; {inside.journey()}")
    inside.run("apt-get install -qqy --no-install-recommends /tmp/newer.deb")
    planted = sorted((root / PLANTED).parent.rglob("planted*"))
    check(not planted, f"the version before leaves {planted}")
    say(f"{release}: upgraded", inside.journey())
    say(f"{release}: finds", inside.as_ada(f"{PRIVATE} /tmp/tests/finds.py"))
    add_plug_in(root)
    say(f"{release}: a person", inside.as_ada("python3 /tmp/tests/person.py"))
    say(f"{release}: beside pip’s", beside_pip(inside))
    say(f"{release}: systemd", by_systemd(inside))
    say(f"{release}: lintian", lint(inside))
    inside.run("apt-get remove -qqy oo-desktop")
    check(not (root / "usr/lib/oo-desktop").exists(), "removing leaves its folder")
    check((root / "home/ada/.local/share/oo-desktop").exists(), "a person's data are gone")
    inside.run("dpkg --purge oo-desktop && apt-get autoremove -qqy --purge")
    others = sorted(files_in(root) - before)
    left = [path for path in others if OF_OO.search(path)]
    check(not left, f"purging leaves {left}")
    say(f"{release}: purged", f"nothing left; {len(others)} files of others are new: {others}")


PRIVATE = "/usr/lib/oo-desktop/bin/python3 -I"


class Inside(DebianRoot):
    """Runs commands in a root."""

    def run(self, command: str) -> str:
        """Run a command of the shell as root; return what it says."""
        given = {"HOME": "/root", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        return run(*self.apart(("sh", "-c", command), given))

    def as_ada(self, command: str) -> str:
        """Run a command as a person in a session with a screen and a bus."""
        told = self.run(f"su - ada -c '{' '.join(SESSION)} {command}'").splitlines()
        return "\n".join(line for line in told if not line.startswith("dbus-daemon"))

    def journey(self) -> str:
        """Go through a day."""
        return self.as_ada("python3 /tmp/tests/journey.py")


def fresh_root(release: str) -> Inside:
    """Return a copy of a root with nothing but the base of a release."""
    base, root = ROOTS / f"{release}.base", ROOTS / release
    ROOTS.mkdir(parents=True, exist_ok=True)
    DebianRoot(base).make(release)
    if root.exists():
        run("rm", "-rf", "--one-file-system", root)
    run("cp", "-a", base, root)
    return Inside(root)


def make_older(package: Path, older: Path) -> None:
    """Make the same package with a lower version, and a module more."""
    with tempfile.TemporaryDirectory() as folder:
        run("dpkg-deb", "-R", package, folder)
        control = Path(folder, "DEBIAN/control")
        control.write_text(re.sub(r"(?m)^Version: .*$", f"Version: {OLDER}", control.read_text()))
        Path(folder, PLANTED).write_text("PLANTED = True\n")
        run("dpkg-deb", "-Zgzip", "-z1", "--root-owner-group", "--build", folder, older)


def add_plug_in(root: Path) -> None:
    """Add the example to what a person has."""
    with tempfile.TemporaryDirectory() as folder:
        example = Path(folder, "example")
        shutil.copytree(ROOT / "tests/plugins/example", example)
        home = root / "home/ada"
        target = home / ".local/share/oo-desktop/plugins"
        run(TOOLS, "-m", "pip", "install", "-qq", "--no-index", "--no-deps",
            "--no-build-isolation", "--target", target, example)  # fmt: skip
        owner = home.stat()
        for path in (home / ".local", *(home / ".local").rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid)


def beside_pip(inside: Inside) -> str:
    """Install the wheel as pip does, and start both."""
    [wheel] = DIST.glob("*.whl")
    shutil.copytree(ROOT / "build/wheels", inside.folder / "tmp/wheels")
    shutil.copy(wheel, inside.folder / "tmp/wheels")
    pip = "/tmp/pip/bin/pip install -qq --no-index --find-links /tmp/wheels oo-desktop"
    inside.run(f"python3 -m venv /tmp/pip && {pip}")
    return inside.as_ada("python3 /tmp/tests/person.py /tmp/pip/bin/oo-desktop")


def by_systemd(inside: Inside) -> str:
    """Have systemd check oO's unit, and make one of its own of the entry that starts at login."""
    unit = "/usr/lib/systemd/user/oo-desktop.service"
    inside.run(f"XDG_RUNTIME_DIR=/run systemd-analyze --user verify {unit}")
    made = inside.folder / "tmp/made/app-oo\\x2ddesktop@autostart.service"
    generator = "/usr/lib/systemd/user-generators/systemd-xdg-autostart-generator"
    log_in = "rm -rf /tmp/made; mkdir /tmp/made; cd /tmp/made; XDG_CURRENT_DESKTOP=GNOME"
    log_in = f'su - ada -c "{log_in} {generator} . . ."'
    inside.run('su - ada -c "oo-desktop autostart on"')
    inside.run(log_in)
    check("/usr/bin/oo-desktop" in made.read_text(), "systemd does not start the entry")
    inside.run("mv /usr/bin/oo-desktop /usr/bin/oo-gone")
    inside.run(log_in)
    check(not made.exists(), "systemd starts what is gone")
    inside.run("mv /usr/bin/oo-gone /usr/bin/oo-desktop")
    inside.run('su - ada -c "oo-desktop autostart off"')
    return "its unit is valid; it makes one of the entry, and none once oO is gone"


def lint(inside: Inside) -> str:
    """Return what lintian warns of; end where it finds an error."""
    found = inside.run("lintian --fail-on none /tmp/newer.deb 2>/dev/null").splitlines()
    errors = [line for line in found if line.startswith("E:")]
    check(not errors, "\n".join(errors))
    inside.run("desktop-file-validate /usr/share/applications/oo-desktop.desktop")
    data = "/usr/share/metainfo/org.oo_desktop.Oo.metainfo.xml"
    told = inside.run(f"appstreamcli validate --no-net {data} || true").splitlines()
    # oO has no home page yet, which newer releases warn of.
    faults = [line for line in told if re.match(r"\s*[EW]:", line) and "url-homepage" not in line]
    check(not faults, "\n".join(faults))
    return f"0 errors, {len(found)} warnings {found}; desktop entry and AppStream data are valid"


def files_in(root: Path) -> set[str]:
    """Return every path of a root that a package may leave something at."""
    found = set()
    for folder, names, files in os.walk(root):
        here = "/" + str(Path(folder).relative_to(root)).removeprefix(".")
        if here.startswith(NOT_COMPARED):
            names.clear()
            continue
        found |= {f"{here}/{each}".replace("//", "/") for each in [*names, *files]}
    return found


def journey(command: Path) -> str:
    """Go through a day in a session of its own; return what the day says of itself."""
    told = run(*SESSION, "python3", HERE / "journey.py", command).splitlines()
    return next(line for line in told if line.startswith("oo-desktop "))  # others are the bus's


def run(*command: str | Path) -> str:
    """Run a command and return what it says; end with that where it fails."""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{done.stdout}\n{' '.join(map(str, command))} failed.")
    return done.stdout.strip()


def check(holds: object, what: str) -> None:
    """End where something does not hold."""
    if not holds:
        sys.exit(what)


def say(what: str, told: str | Sequence[str]) -> None:
    """Tell of a step that went well."""
    print(f"{what}: {told}", flush=True)


if __name__ == "__main__":
    main()
