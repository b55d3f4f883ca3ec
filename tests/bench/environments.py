"""Make an environment that has a checkout of oO installed."""

import subprocess
import sys
from pathlib import Path


def environment(place: Path, paths: str) -> Path:
    """Make a virtual environment at `place`, and return its `oo-desktop`.

    paths: lines of a `.pth` file (documented at Python's `site`), with the folder oO is in.
    """
    subprocess.run((sys.executable, "-m", "venv", "--without-pip", str(place)), check=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (place / "lib" / version / "site-packages/oo_desktop.pth").write_text(paths)
    command = place / "bin/oo-desktop"
    command.write_text(
        f"#!{place}/bin/python\n"
        "import sys\n"
        "from oo_desktop.__main__ import main\n"
        "sys.exit(main())\n"
    )
    command.chmod(0o755)
    return command
