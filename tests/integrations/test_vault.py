import ast
import logging
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, strategies
from msgspec.structs import replace

from oo_desktop.errors import StoreError, VaultError
from oo_desktop.integrations.keyring import KeyringPort, MemoryKeyring
from oo_desktop.integrations.vault import (
    MAX_ENTRY_CHARACTERS,
    Tokens,
    TokenVault,
    _tokens_from,
    _value_from,
)
from oo_desktop.model.integrations import SentRefresh
from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.model.state import TokenStatus
from oo_desktop.store.database import Database
from oo_desktop.store.integrations import IntegrationStore
from oo_desktop.testing import FakeClock
from tests.integrations.rotating import KEY, START, KeyringLocked, MoodyKeyring, integration

TOKENS = Tokens(
    access="planted-access",
    refresh="planted-refresh",
    expires_at=START + timedelta(hours=1),
)
SERVICE = "oo-desktop:todoist:2671355"


@dataclass
class Setting:
    database: Database
    keyring: MoodyKeyring
    store: IntegrationStore
    vault: TokenVault

    def another_vault(self, keyring: MemoryKeyring | None = None) -> TokenVault:
        """The vault of another process, or of the next run."""
        backend = keyring or self.keyring
        return TokenVault(
            integrations=self.store,
            keyring=KeyringPort(choose=lambda: backend),
            clock=FakeClock(START),
        )


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    database = Database(tmp_path / "oo.db")
    keyring = MoodyKeyring()
    store = IntegrationStore(database)
    vault = TokenVault(
        integrations=store, keyring=KeyringPort(choose=lambda: keyring), clock=FakeClock(START)
    )
    yield Setting(database, keyring, store, vault)
    database.close()


async def test_a_connected_account_has_a_row_and_an_entry_of_its_own(setting: Setting) -> None:
    await setting.vault.connect(integration(), TOKENS)
    assert [row.key for row in setting.vault.integrations()] == [KEY]
    assert list(setting.keyring.entries) == [(SERVICE, "2671355")]
    assert await setting.another_vault().tokens(KEY) == TOKENS


async def test_two_accounts_of_a_provider_do_not_share_an_entry(setting: Setting) -> None:
    second = AccountKey(ProviderId("todoist"), UserId("2"))
    await setting.vault.connect(integration(), TOKENS)
    await setting.vault.connect(integration(second), replace(TOKENS, access="planted-second"))
    other = setting.another_vault()
    assert (await other.tokens(KEY), await other.tokens(second)) == (
        TOKENS,
        replace(TOKENS, access="planted-second"),
    )


async def test_tokens_are_read_from_the_keyring_once(setting: Setting) -> None:
    await setting.vault.connect(integration(), TOKENS)
    vault = setting.another_vault()
    setting.keyring.calls.clear()
    for _ in range(3):
        await vault.tokens(KEY)
    assert setting.keyring.calls == ["get"]


async def test_a_fresh_read_sees_what_another_process_stored(setting: Setting) -> None:
    await setting.vault.connect(integration(), TOKENS)
    newer = replace(TOKENS, access="planted-newer", generation=1)
    await setting.another_vault().store_tokens(KEY, newer)
    assert await setting.vault.tokens(KEY) == TOKENS
    assert await setting.vault.tokens(KEY, fresh=True) == newer
    assert await setting.vault.tokens(KEY) == newer


async def test_an_entry_that_is_not_there_means_no_tokens(setting: Setting) -> None:
    assert await setting.vault.tokens(KEY) is None


@pytest.mark.parametrize("value", ["", "planted-nonsense", "[]", '{"access":7}', '{"a":1}'])
async def test_an_entry_somebody_else_wrote_means_no_tokens(setting: Setting, value: str) -> None:
    setting.keyring.entries[SERVICE, "2671355"] = value
    assert await setting.vault.tokens(KEY) is None


async def test_an_entry_of_a_newer_oo_still_works(setting: Setting) -> None:
    setting.keyring.entries[SERVICE, "2671355"] = '{"access":"planted","colour":"blue"}'
    assert await setting.vault.tokens(KEY) == Tokens(access="planted")


async def test_a_locked_keyring_is_an_error_and_never_no_tokens(setting: Setting) -> None:
    await setting.vault.connect(integration(), TOKENS)
    setting.keyring.error = KeyringLocked()
    with pytest.raises(VaultError):
        await setting.another_vault().tokens(KEY)


async def test_an_entry_kept_in_another_keyring_is_not_a_sign_out(setting: Setting) -> None:
    await setting.vault.connect(integration(), TOKENS)
    with pytest.raises(VaultError, match=r"kept in tests\.integrations\.rotating\.MoodyKeyring"):
        await setting.another_vault(MemoryKeyring()).tokens(KEY)


# Connect


async def test_a_keyring_that_refuses_leaves_no_row(setting: Setting) -> None:
    setting.keyring.error = KeyringLocked()
    with pytest.raises(VaultError):
        await setting.vault.connect(integration(), TOKENS)
    assert setting.vault.integrations() == ()


async def test_a_row_that_cannot_be_written_leaves_no_account_without_token(
    setting: Setting,
) -> None:
    with setting.database.transaction() as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON integration_tokens"
            " BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    with pytest.raises(StoreError):
        await setting.vault.connect(integration(), TOKENS)
    assert setting.vault.integrations() == ()
    with setting.database.transaction() as connection:
        connection.execute("DROP TRIGGER full")
    await setting.vault.connect(integration(), replace(TOKENS, access="planted-second"))
    tokens = await setting.another_vault().tokens(KEY)
    assert tokens is not None
    assert tokens.access == "planted-second"


async def test_a_reconnect_makes_the_account_active_again(setting: Setting) -> None:
    await setting.vault.connect(integration(), TOKENS)
    assert setting.vault.set_status(KEY, TokenStatus.NEEDS_RECONNECT)
    assert not setting.vault.set_status(KEY, TokenStatus.NEEDS_RECONNECT)
    newer = replace(TOKENS, access="planted-newer")
    await setting.vault.connect(integration(), newer)
    row = setting.vault.integration(KEY)
    assert row is not None
    assert row.token_status is TokenStatus.ACTIVE
    assert await setting.vault.tokens(KEY) == newer


async def test_a_lost_renewal_of_the_old_sign_in_is_not_taken_for_the_new(setting: Setting) -> None:
    await setting.vault.connect(integration(), TOKENS)
    setting.vault.set_refresh_sent(KEY, SentRefresh(0, START))
    await setting.vault.connect(integration(), TOKENS)
    tokens = await setting.vault.tokens(KEY)
    assert tokens is not None
    assert tokens.generation == 1
    assert setting.vault.refresh_sent(KEY) is None


# Renewed


async def test_a_renewal_that_is_stored_is_no_longer_on_its_way(setting: Setting) -> None:
    await setting.vault.connect(integration(), TOKENS)
    setting.vault.set_refresh_sent(KEY, SentRefresh(0, START))
    later = START + timedelta(hours=2)
    newer = Tokens(access="planted-newer", expires_at=later, generation=1)
    assert await setting.vault.store_tokens(KEY, newer, replaces=TOKENS)
    row = setting.vault.integration(KEY)
    assert row is not None
    assert row.expires_at == later
    assert setting.vault.refresh_sent(KEY) is None


async def test_a_renewal_of_tokens_that_were_replaced_is_dropped(setting: Setting) -> None:
    await setting.vault.connect(integration(), TOKENS)
    reconnected = replace(TOKENS, refresh="planted-reconnected")
    await setting.vault.connect(integration(), reconnected)
    late = replace(TOKENS, refresh="planted-late", generation=1)
    assert not await setting.vault.store_tokens(KEY, late, replaces=TOKENS)
    assert await setting.vault.tokens(KEY, fresh=True) == reconnected


async def test_a_renewal_of_an_account_that_is_gone_is_dropped(setting: Setting) -> None:
    assert not await setting.vault.store_tokens(KEY, TOKENS)
    assert setting.keyring.entries == {}


async def test_a_full_disk_does_not_undo_a_renewal_in_the_keyring(setting: Setting) -> None:
    await setting.vault.connect(integration(), TOKENS)
    with setting.database.transaction() as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON integration_tokens"
            " BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    newer = replace(TOKENS, access="planted-newer", generation=1)
    assert await setting.vault.store_tokens(KEY, newer, replaces=TOKENS)
    assert await setting.another_vault().tokens(KEY) == newer


# Disconnect


async def test_a_disconnect_leaves_neither_row_nor_entry(setting: Setting) -> None:
    await setting.vault.connect(integration(), TOKENS)
    await setting.vault.disconnect(KEY)
    assert (setting.vault.integrations(), setting.keyring.entries) == ((), {})
    assert await setting.vault.tokens(KEY) is None


async def test_a_disconnect_while_the_keyring_is_locked_forgets_nothing(setting: Setting) -> None:
    await setting.vault.connect(integration(), TOKENS)
    setting.keyring.error = KeyringLocked()
    with pytest.raises(VaultError):
        await setting.vault.disconnect(KEY)
    assert setting.vault.integration(KEY) is not None
    setting.keyring.error = None
    assert await setting.vault.tokens(KEY) == TOKENS


async def test_a_disconnect_of_an_entry_that_is_gone_succeeds(setting: Setting) -> None:
    await setting.vault.connect(integration(), TOKENS)
    setting.keyring.entries.clear()
    await setting.vault.disconnect(KEY)
    assert setting.vault.integrations() == ()


# What an entry may hold

TEXT = strategies.text(strategies.characters(min_codepoint=33, max_codepoint=126))


@given(
    access=TEXT,
    refresh=strategies.none() | TEXT,
    expires_at=strategies.none() | strategies.datetimes(timezones=strategies.timezones()),
    generation=strategies.integers(0, 2**31),
)
def test_every_entry_is_read_as_it_was_written(
    access: str, refresh: str | None, expires_at: object, generation: int
) -> None:
    when = START if expires_at else None
    tokens = Tokens(access=access, refresh=refresh, expires_at=when, generation=generation)
    assert _tokens_from(_value_from(tokens)) == tokens


@given(access=strategies.integers(0, 2048), refresh=strategies.integers(0, 512))
def test_no_entry_is_longer_than_windows_takes(access: int, refresh: int) -> None:
    tokens = Tokens(access="a" * access, refresh="r" * refresh, expires_at=START)
    assert len(_value_from(tokens)) <= MAX_ENTRY_CHARACTERS


async def test_a_token_too_long_for_the_keyring_is_kept_in_memory_only(setting: Setting) -> None:
    long = replace(TOKENS, access="a" * 2048)
    await setting.vault.connect(integration(), long)
    assert await setting.vault.tokens(KEY) == long
    assert await setting.vault.tokens(KEY, fresh=True) == long
    assert await setting.another_vault().tokens(KEY) == replace(long, access="")


async def test_a_token_that_is_too_long_and_all_there_is_is_refused(setting: Setting) -> None:
    with pytest.raises(VaultError, match="too long"):
        await setting.vault.connect(integration(), Tokens(access="a" * 2048))
    assert (setting.keyring.entries, setting.vault.integrations()) == ({}, ())


# Secrets


async def test_no_token_is_in_a_repr_a_log_or_the_database(
    setting: Setting, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await setting.vault.connect(integration(), TOKENS)
    setting.keyring.error = UnicodeEncodeError("ascii", "planted-in-error", 0, 1, "planted-reason")
    with pytest.raises(VaultError) as raised:
        await setting.vault.store_tokens(KEY, TOKENS)
    setting.keyring.error = None
    setting.keyring.entries[SERVICE, "2671355"] = "planted-nonsense"
    await setting.another_vault().tokens(KEY)
    written = everything_in(tmp_path)
    said = [repr(TOKENS), str(TOKENS), repr(setting.keyring), repr(TOKENS.__rich_repr__())]
    assert raised.value.__context__ is None
    assert "planted" not in " ".join([*said, str(raised.value), caplog.text])
    assert b"SQLite format 3" in written
    assert b"planted" not in written


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


# The one door

ROOT = Path(__file__).parents[2] / "oo_desktop"
VAULT = "integrations/vault.py"
BUILDS_THE_VAULT = "engine.py Engine.__init__"
CHOOSES_THE_KEYRING = (
    "app/shell.py Shell._keyring",
    "app/shell.py Shell.__init__",
    "app/late_imports.py",
    "app/diagnostics.py facts_of",
    "cli/reset.py",
    "cli/reset.py _forget_accounts",
)
"""The demo's keeps nothing; what they make goes to the engine and from there into the vault. The
shell holds it to have it asked again; the diagnostics say the word alone. A reset has no shell."""


def names_used(tree: ast.AST, scope: str = "") -> Iterator[tuple[str, str]]:
    """Yield each name that is used or renamed, and the class and function around it."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.ClassDef(name=inner) | ast.FunctionDef(name=inner):
                yield from names_used(node, f"{scope}.{inner}".lstrip("."))
                continue
            case ast.AsyncFunctionDef(name=inner):
                yield from names_used(node, f"{scope}.{inner}".lstrip("."))
                continue
            case ast.Name(id=used) | ast.Attribute(attr=used) | ast.Constant(value=str(used)):
                yield used, scope
            case ast.alias(name=used, asname=str()):
                yield used, scope
        yield from names_used(node, scope)


def scopes_that_name(name: str, tree: ast.AST) -> list[str]:
    return [scope for used, scope in names_used(tree) if used == name]


@cache
def users() -> dict[str, set[tuple[str, str]]]:
    """For each name the places of the product that use it: modules and scopes."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for path in ROOT.rglob("*.py"):
        for used, scope in names_used(ast.parse(path.read_text())):
            found[used].add((path.relative_to(ROOT).as_posix(), scope))
    return found


def users_of(name: str, *, outside: str) -> set[str]:
    """The places of the product that use `name`: `module scope`, for each outside a folder."""
    return {
        f"{module} {scope}".rstrip()
        for module, scope in users().get(name, ())
        if not module.startswith(outside)
    }


def test_nobody_but_the_vault_has_the_accounts_in_the_store() -> None:
    users = users_of("IntegrationStore", outside="store/")
    assert users == {f"{VAULT} TokenVault.__init__", BUILDS_THE_VAULT}


def test_nobody_but_the_store_reads_the_table_of_the_accounts() -> None:
    assert users_of("integration_tokens", outside="store/") == set()


@pytest.mark.parametrize("name", ["Keyring", "KeyringPort", "MemoryKeyring", "KeyringBackend"])
def test_nobody_but_the_vault_has_the_keyring(name: str) -> None:
    allowed = {f"{VAULT} TokenVault.__init__", BUILDS_THE_VAULT, *CHOOSES_THE_KEYRING}
    assert users_of(name, outside="integrations/keyring") <= allowed


def test_a_vault_with_a_second_door_is_noticed() -> None:
    """What the three tests above stand on."""
    planted = "class Notices:\n    async def told(self):\n        return self.IntegrationStore()"
    assert scopes_that_name("IntegrationStore", ast.parse(planted)) == ["Notices.told"]
    annotated = "class Notices:\n    def __init__(self, store: 'IntegrationStore') -> None: ..."
    assert scopes_that_name("IntegrationStore", ast.parse(annotated)) == ["Notices.__init__"]
    renamed = "from oo_desktop.store.integrations import IntegrationStore as Shelf"
    assert scopes_that_name("IntegrationStore", ast.parse(renamed)) == [""]
