"""Builds everything in `dist/`: sdist, wheel, Debian package, tarball, bill of materials.

    build/tools/bin/python packaging/package.py

`make package` does so, with the tools that `tools-lock.txt` pins. The same commit makes the same
bytes: the only time in what is made is that of the commit, or `SOURCE_DATE_EPOCH`.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import components
import debian_package
import private_tree

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
BUILD = ROOT / "build"
RUNTIME_LOCK = ROOT / "packaging/runtime-lock.txt"

FLATPAK = "org.oo_desktop.Oo.yml"

PLATFORMS = ("manylinux_2_34_x86_64", "manylinux_2_28_x86_64", "manylinux2014_x86_64")
"""What the wheels of dependencies may ask of the system: glibc 2.34, which Debian 12 has."""

LAUNCHER = """\
#!/{folder}/bin/python3 -I
import sys

from oo_desktop.__main__ import main

sys.exit(main())
"""

PORTABLE_LAUNCHER = """\
#!/bin/sh
# Starts oO from wherever this folder is, with the Python of this computer.
here=$(dirname "$(readlink -f "$0")")
# As if this file were the program, by whose name commands and the start at login call it.
main='
import sys
del sys.argv[0]
from oo_desktop.__main__ import main
sys.exit(main())'
for version in {versions}; do
    if [ "$(readlink -f /usr/bin/python3)" = "/usr/bin/python$version" ]; then
        exec "$here/bin/python3" -I -c "$main" "$here/oo-desktop" "$@"
    fi
done
echo "oO needs Python {first} to {last} as /usr/bin/python3." >&2
exit 1
"""


def main() -> None:
    """Build all, and say what was made."""
    os.umask(0o022)  # what is packed has the rights it has here
    when = commit_time()
    os.environ["SOURCE_DATE_EPOCH"] = str(int(when.timestamp()))
    for folder in (DIST, BUILD / "package"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    wheel = build_distributions()
    version = wheel.name.split("-")[1]
    tree = BUILD / "package/tree"
    private_tree.lay_out(tree, download(), wheel, ROOT / "oo_desktop")
    private_tree.check_complete(tree)
    parts = components.components(tree)
    bill = components.bill_of_materials(parts, name="oo-desktop", made=when.isoformat())
    check_bill(bill)
    (DIST / f"oo-desktop-{version}.cdx.json").write_text(bill)
    root = BUILD / "package/root"
    lay_out_root(root, tree, parts, bill)
    tarball = make_tarball(root, version, when)
    manifest = (ROOT / f"packaging/flatpak/{FLATPAK}").read_text(encoding="utf-8")
    filled = manifest.replace("{tarball}", tarball.name).replace("{sha256}", sha256(tarball))
    (DIST / FLATPAK).write_text(filled, encoding="utf-8")
    debian_package.build(
        root, DIST, version=version, needed=private_tree.libraries_from_outside(tree), when=when
    )
    sums = [f"{sha256(path)}  {path.name}\n" for path in sorted(DIST.iterdir())]
    (DIST / "SHA256SUMS").write_text("".join(sums))
    for path in sorted(DIST.iterdir()):
        print(f"{path.stat().st_size / 1e6:7.1f} MB  dist/{path.name}")


def commit_time() -> datetime:
    """Return the moment that everything is dated with."""
    told = os.environ.get("SOURCE_DATE_EPOCH") or output(
        "git", "-C", str(ROOT), "log", "-1", "--format=%ct"
    )
    return datetime.fromtimestamp(int(told), UTC)


def build_distributions() -> Path:
    """Build the sdist, and the wheel of it; check both, and return the wheel's path.

    The wheel of the checkout has to be the same: else the sdist lacks something.
    """
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", DIST, ROOT)
    [wheel] = DIST.glob("*.whl")
    [sdist] = DIST.glob("*.tar.gz")
    with tempfile.TemporaryDirectory() as other:
        run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", other, ROOT)
        if wheel.read_bytes() != (Path(other) / wheel.name).read_bytes():
            sys.exit("The sdist makes another wheel than the checkout.")
    run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist)
    run(sys.executable, "-m", "check_wheel_contents", wheel)
    return wheel


def check_bill(bill: str) -> None:
    """End where the bill of materials is not as the schema of CycloneDX has it."""
    # By name: these tools are not where the code is checked.
    version = import_module("cyclonedx.schema").SchemaVersion.V1_6
    strict = import_module("cyclonedx.validation.json").JsonStrictValidator(version)
    error = strict.validate_str(bill)
    if error is not None:
        sys.exit(f"The bill of materials is not valid: {error}")


def download() -> Sequence[Path]:
    """Return the wheels of all dependencies, for each Python, as the lock pins and hashes them."""
    folder = BUILD / "wheels"
    platforms = [word for each in PLATFORMS for word in ("--platform", each)]
    for version in private_tree.PYTHONS:
        run(
            sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "--require-hashes",
            "--only-binary=:all:", "--implementation", "cp", "--python-version", version,
            *platforms, "--dest", folder, "--requirement", RUNTIME_LOCK,
        )  # fmt: skip
    return sorted(folder.glob("*.whl"))


def lay_out_root(root: Path, tree: Path, parts: Sequence[components.Component], bill: str) -> None:
    """Lay out what the Debian package and the tarball have in common."""
    oo = [str(tree / "bin/python3"), "-I", "-B", "-m", "oo_desktop"]
    texts = {
        place: output(*oo, "completions", shell)
        for shell, place in debian_package.COMPLETIONS.items()
    }
    doc = f"usr/share/doc/{debian_package.NAME}"
    folder = str(debian_package.FOLDER)
    texts[f"{doc}/copyright"] = components.copyright_file(parts, name="oo-desktop", folder=folder)
    texts[f"{doc}/oo-desktop.cdx.json"] = bill
    debian_package.lay_out_system(
        root, tree, ROOT / "resources", texts=texts, launcher=LAUNCHER.format(folder=folder)
    )
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    debian_package.write_packed(root / doc / "changelog", changes)
    manual = output(*oo[:-1], "oo_desktop.cli.manual")
    debian_package.write_packed(root / debian_package.MANUAL, manual)


def make_tarball(root: Path, version: str, when: datetime) -> Path:
    """Pack the same tree so that it runs from any folder."""
    name = f"oo-desktop-{version}-linux-x86_64"
    folder = BUILD / "package" / name
    shutil.copytree(root / debian_package.FOLDER, folder, symlinks=True)
    (folder / "bin/oo-desktop").unlink()
    (folder / "bin/python3").unlink()
    (folder / "bin/python3").symlink_to("/usr/bin/python3")
    shutil.copytree(root / "usr/share", folder / "share")
    launcher = folder / "oo-desktop"
    launcher.write_text(
        PORTABLE_LAUNCHER.format(
            versions=" ".join(private_tree.PYTHONS),
            first=private_tree.PYTHONS[0],
            last=private_tree.PYTHONS[-1],
        )
    )
    launcher.chmod(0o755)
    shutil.copytree(components.LICENCES, folder / "share/doc/oo-desktop/licences")

    def plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.uid = info.gid = 0
        info.uname = info.gname = "root"
        info.mtime = int(when.timestamp())
        info.mode = 0o755 if info.isdir() or info.mode & 0o100 else 0o644
        return info

    with tarfile.open(DIST / f"{name}.tar.xz", "w:xz", preset=6) as archive:
        archive.add(folder, name, filter=plain)  # sorted, as tarfile does
    return DIST / f"{name}.tar.xz"


def sha256(path: Path) -> str:
    """Return the checksum of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run(*command: str | Path) -> None:
    """Run a command, quietly; end with what it said where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\n{' '.join(map(str, command))} failed.")


def output(*command: str) -> str:
    """Return what a command says."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main()
