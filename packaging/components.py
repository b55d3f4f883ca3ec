"""Says what a tree is made of, under which licences: as a bill of materials, and as Debian asks.

What Python packages say of themselves stands in their metadata. What they bring as libraries says
nothing there; `NATIVE` does, and `licences/` has the texts: Debian's of the same sources.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path
from typing import Any

from private_tree import SITE

LICENCES = Path(__file__).parent / "licences"

COMMON = {"LGPL-3.0-only": "LGPL-3", "GPL-3.0-only": "GPL-3", "Apache-2.0": "Apache-2.0"}
"""SPDX names of licences whose texts every Debian has, and the names of the files."""

CLASSIFIERS = {
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
}
"""For packages that name their licence nowhere else."""

APACHE = "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION"
"""Stands in the Apache License, whose text Debian wants named and not repeated."""

SHARED_FOLDERS = ("backports", "jaraco")
"""Folders that several packages put modules into."""

DUAL = {
    # All three may be chosen; the libraries are files of their own, which anybody can exchange.
    "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only": "LGPL-3.0-only",
    "Dual License": "BSD-3-Clause",
    "Apache-2.0 OR BSD-3-Clause": "BSD-3-Clause",
}
"""Where there is a choice, and what was chosen."""


@dataclass(frozen=True, kw_only=True)
class Component:
    """Describes one thing that is shipped.

    licence: its SPDX name. texts: its licence, and whose it is. files: where it is, in the tree.
    """

    name: str
    version: str
    licence: str
    texts: tuple[str, ...]
    files: str
    purl: str
    inside: str = ""


@dataclass(frozen=True)
class Native:
    """Describes a library inside the wheel of `package`.

    version: the first group of a pattern that its file has; None: that of the package.
    """

    name: str
    package: str
    licence: str
    texts: tuple[str, ...]
    file: str
    version: bytes | None = None


NATIVE = (
    Native("qtbase", "pyside6_essentials", "LGPL-3.0-only", ("qtbase.txt",), "PySide6/Qt/*"),
    Native("qtsvg", "pyside6_essentials", "LGPL-3.0-only", ("qtsvg.txt",), "*/libQt6Svg.so.6"),
    Native(
        "qtwayland", "pyside6_essentials", "LGPL-3.0-only", ("qtwayland.txt",), "*/libQt6Wayland*"
    ),
    Native(
        "icu",
        "pyside6_essentials",
        "Unicode-3.0",
        ("icu.txt",),
        "PySide6/Qt/lib/libicu*",
        rb"icudt(\d+)",
    ),
    Native(
        "pcre2",
        "pyside6_essentials",
        "BSD-3-Clause",
        (),  # it stands in that of qtbase
        "PySide6/Qt/lib/libQt6Core.so.6",
        rb"\0(10\.\d+) \d{4}-\d\d-\d\d\0",
    ),
    Native(
        "openssl",
        "cryptography",
        "Apache-2.0",
        (),
        "cryptography/hazmat/bindings/_rust.abi3.so",
        rb"OpenSSL (\d+\.\d+\.\d+) \d+ [A-Z][a-z]+ \d{4}",
    ),
)


def components(tree: Path) -> list[Component]:
    """Return all that is in the tree, sorted by name; oO itself is among them."""
    found = list(_python_packages(tree / SITE))
    by_name = {each.name.replace("-", "_").lower(): each for each in found}
    found += (_native(each, by_name[each.package], tree / SITE) for each in NATIVE)
    return sorted(found, key=lambda each: each.name.lower())


def bill_of_materials(parts: Sequence[Component], *, name: str, made: str) -> str:
    """Return a CycloneDX 1.6 document (https://cyclonedx.org/docs/1.6/json/).

    made: a moment, as ISO 8601 has it. It has no serial number: that would be another each time.
    """
    own = next(each for each in parts if each.name == name)
    rest = [each for each in parts if each is not own]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"timestamp": made, "component": _described(own, "application")},
        "components": [_described(each, "library") for each in rest],
        "dependencies": [
            {"ref": own.purl, "dependsOn": [each.purl for each in rest if not each.inside]},
            *(
                {"ref": outer.purl, "dependsOn": inner}
                for outer in rest
                if (inner := [each.purl for each in rest if each.inside == outer.name])
            ),
        ],
    }
    return json.dumps(document, indent=1) + "\n"


def copyright_file(parts: Sequence[Component], *, name: str, folder: str) -> str:
    """Return Debian's machine-readable copyright file of all that is shipped.

    folder: where the tree is, without a slash before it.
    (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/)
    """
    own = next(each for each in parts if each.name == name)
    lines = [
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/",
        "Upstream-Name: oO desktop",
        "Comment: oO comes with the packages of Python it needs, and with the parts of Qt it uses.",
        " Qt, PySide and Shiboken are used under the GNU Lesser General Public License, version 3:",
        " their libraries are files of their own, and a modified one in their place is used. Their",
        " sources are those of the same version at https://download.qt.io/official_releases/.",
        "",
        *_paragraph(own, "*"),
    ]
    for part in parts:
        if part is not own:
            lines += _paragraph(
                part, "\n       ".join(f"{folder}/{SITE}/{each}" for each in part.files.split())
            )
    return "\n".join(lines)


def _paragraph(part: Component, files: str) -> Iterator[str]:
    yield f"Files: {files}"
    yield f"Comment: {part.name} {part.version}"
    holders = _holders(part.texts) or [f"the authors of {part.name}"]
    yield "Copyright: " + "\n           ".join(holders)
    # Each has a text of its own, with its own names in it.
    yield f"License: {part.licence}-as-in-{part.name}"
    common = COMMON.get(part.licence)
    if common:
        yield f" On Debian, the text is in /usr/share/common-licenses/{common}."
    for text in part.texts:
        if APACHE not in text:
            yield from (f" {line.rstrip() or '.'}" for line in text.strip().splitlines())
    yield ""


def _holders(texts: Sequence[str]) -> list[str]:
    found = dict.fromkeys(
        " ".join(line.split())
        for text in texts
        for line in text.splitlines()
        if re.match(r"\W*(copyright\b.{0,9}\d{4}|\(c\) ?\d{4}|© ?\d{4})", line, re.IGNORECASE)
    )
    return [line for line in found if len(line) < 200 and not re.search(r"<copyright|\[name", line)]


def _python_packages(site: Path) -> Iterator[Component]:
    for folder in sorted(site.glob("*.dist-info")):
        package = PathDistribution(folder)
        name, version = package.name, package.version
        texts = tuple(
            path.read_text(encoding="utf-8")
            for path in sorted(folder.rglob("*"))
            if re.match(r"(?i)licen[cs]e|copying|notice|authors", path.name) and path.is_file()
        )
        yield Component(
            name=name,
            version=version,
            licence=_licence(package),
            texts=texts,
            files=_where(package),
            purl=f"pkg:pypi/{re.sub(r'[-_.]+', '-', name).lower()}@{version}",
        )


def _where(package: Distribution) -> str:
    """The folders and modules of a package, as the patterns of a copyright file."""
    top: dict[str, None] = {}
    for file in package.files or ():
        first = file.parts[0]
        if first.endswith(".dist-info"):
            continue
        depth = 2 if first in SHARED_FOLDERS else 1
        parts = file.parts[:depth]
        top["/".join(parts) + ("/*" if len(file.parts) > depth else "")] = None
    return " ".join(top)


def _licence(package: Distribution) -> str:
    meta = package.metadata.json
    named = str(meta.get("license_expression") or meta.get("license") or "")
    for classifier in meta.get("classifier", ()):
        named = named or CLASSIFIERS.get(classifier, "")
    named = DUAL.get(named, named)
    if not re.fullmatch(r"[A-Za-z0-9.-]+", named):
        raise ValueError(f"{package.name} names no licence that is known: {named[:60]!r}.")
    return named


def _native(native: Native, holder: Component, site: Path) -> Component:
    version = holder.version
    if native.version is not None:
        files = site.glob(native.file)
        found = (re.search(native.version, path.read_bytes()) for path in sorted(files))
        version = next(match[1].decode() for match in found if match)
    return Component(
        name=native.name,
        version=version,
        licence=native.licence,
        texts=tuple((LICENCES / name).read_text(encoding="utf-8") for name in native.texts),
        files=native.file,
        purl=f"pkg:generic/{native.name}@{version}",
        inside=holder.name,
    )


def _described(part: Component, kind: str) -> dict[str, Any]:
    return {
        "type": kind,
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "licenses": [{"license": {"id": part.licence}}],
        "purl": part.purl,
    }
