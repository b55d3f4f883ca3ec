import asyncio
import json
import subprocess
import sys
from pathlib import Path

from oo_desktop.clock import SystemClock
from oo_desktop.integrations.keyring import KeyringPort
from oo_desktop.integrations.vault import Tokens, TokenVault
from oo_desktop.store.database import Database
from oo_desktop.store.integrations import IntegrationStore
from tests.integrations.one_process import FileKeyring
from tests.integrations.rotating import integration, until

ROOT = Path(__file__).parents[2]


async def test_two_processes_with_one_account_make_one_renewal(tmp_path: Path) -> None:
    (tmp_path / "keyring.json").write_text("{}")
    (tmp_path / "service.json").write_text('{"renewals": 0}')
    keyring = FileKeyring(tmp_path / "keyring.json")
    database = Database(tmp_path / "oo.db")
    vault = TokenVault(
        integrations=IntegrationStore(database),
        keyring=KeyringPort(choose=lambda: keyring),
        clock=SystemClock(),
    )
    await vault.connect(integration(), Tokens(access="access-0", refresh="refresh-0"))
    database.close()

    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.integrations.one_process", str(tmp_path)),
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    await until(
        lambda: (
            len(list(tmp_path.glob("ready-*"))) == len(processes)
            or any(process.returncode is not None for process in processes)
        )
    )
    (tmp_path / "go").touch()
    printed = await asyncio.gather(*(process.communicate() for process in processes))
    assert [out for out, _ in printed] == [b"access-1\n", b"access-1\n"]
    assert json.loads((tmp_path / "service.json").read_text()) == {"renewals": 1}
