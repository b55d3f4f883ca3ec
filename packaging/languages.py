"""Keeps the catalogues of `resources/languages` (GNU gettext) in step with the code.

    python packaging/languages.py update     collect what the code marks into every .po file
    python packaging/languages.py compile    make the .mo files that are read, where one is old

The second is a step of every build as well (hatchling's build hooks), so a package and an editable
installation have them, and none is kept in the repository.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parents[1]
CATALOGUES = ROOT / "resources" / "languages"
DOMAIN = "oo-desktop"
KEYWORDS: dict[str, Any] = {
    "translated": None,
    "untranslated": None,
    "plural": (1, 2),
    "untranslated_forms": (1, 2),
    "in_context": ((1, "c"), 2),
}
"""The functions of `oo_desktop/language.py`, and which of their arguments are texts."""

NOT_KEPT = (
    b'"POT-Creation-Date',
    b'"PO-Revision-Date',
    b'"Generated-By',
    b'"Report-Msgid-Bugs-To',
    b'"Last-Translator',
    b'"Language-Team',
)
"""Lines of a header that say nothing the repository does not know better."""

UNMARKED = ("sandbox", "testing")
"""Folders of the package that a person who uses oO never sees a sentence of."""


def marked() -> Catalog:
    """Return every text that the code marks."""
    texts = Catalog(project=DOMAIN, charset="utf-8")
    found = extract_from_dir(
        ROOT / "oo_desktop",
        method_map=[("**.py", "python")],
        keywords=KEYWORDS,
        comment_tags=("Translators:",),
        strip_comment_tags=True,
        directory_filter=lambda folder: Path(folder).name not in UNMARKED,
    )
    for name, _, text, comments, context in found:
        place = [(f"oo_desktop/{name}", None)]
        # babel writes a place without its line, and says that it does not.
        texts.add(text, None, place, auto_comments=comments, context=context)  # type: ignore[arg-type]
    return texts


def files(folder: Path = CATALOGUES) -> Iterator[Path]:
    """Return the .po file of each language in `folder`."""
    return folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po")


def read(file: Path) -> Catalog:
    """Return what is in a .po file."""
    with file.open("rb") as content:
        return read_po(content, locale=file.parents[1].name, domain=DOMAIN)


def updated(catalogue: Catalog) -> Catalog:
    """Return `catalogue` with the texts the code marks now; what went is not kept.

    What is new has no translation yet: none is guessed.
    """
    catalogue.update(marked(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def text_of(catalogue: Catalog) -> bytes:
    """Return the .po file of `catalogue`: sorted by where the texts are, without dates."""
    content = BytesIO()
    write_po(content, catalogue, width=100, sort_by_file=True, omit_header=False)
    kept = (
        line
        for line in content.getvalue().splitlines(keepends=True)
        if not line.startswith(NOT_KEPT)
    )
    return b"".join(kept)


def update() -> None:
    """Write every .po file anew."""
    for file in files():
        file.write_bytes(text_of(updated(read(file))))


def compile_all(folder: Path = CATALOGUES) -> None:
    """Write every .mo file of `folder` that is missing or older than what it is made of."""
    for file in files(folder):
        made = file.with_suffix(".mo")
        if not made.exists() or made.stat().st_mtime < file.stat().st_mtime:
            catalogue = read(file)
            # The files have no date, and babel would give them that of now: another at each build.
            catalogue.creation_date = datetime(1970, 1, 1, tzinfo=UTC)
            with made.open("wb") as content:
                write_mo(content, catalogue)


class Languages(BuildHookInterface[Any]):
    """Makes the .mo files before anything is packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Do so; which build it is makes no difference."""
        compile_all()


if __name__ == "__main__":
    {"update": update, "compile": compile_all}[sys.argv[1]]()
