"""Defines what the stores ask of the tables, each statement under the name it has in `sql.py`.

A value that is given with a statement when it runs has the name of its column, or that in `given`.
"""

from sqlalchemy import (
    ColumnElement,
    Insert,
    Table,
    Update,
    and_,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy import bindparam as given
from sqlalchemy.dialects import sqlite

from oo_desktop.store.schema import (
    integration_tokens,
    moments,
    oauth_clients,
    outbox,
    reminders,
    signals,
    snapshots,
)


def _this(table: Table) -> ColumnElement[bool]:
    """The row with the given primary key."""
    return and_(*(column == given(column.name) for column in table.primary_key))


def _of_account(table: Table) -> ColumnElement[bool]:
    """The rows of the given account."""
    return and_(table.c.provider == given("provider"), table.c.user_id == given("user_id"))


def _replace(table: Table) -> Insert:
    """A row with all columns, in the place of one with the same key."""
    return insert(table).prefix_with("OR REPLACE")


def _set(table: Table, *names: str) -> Update:
    """Change these columns of one row."""
    return update(table).where(_this(table)).values(dict.fromkeys(names))


# integration_tokens

INTEGRATIONS = select(integration_tokens).order_by(
    integration_tokens.c.connected_at, *integration_tokens.primary_key
)
INTEGRATION = select(integration_tokens).where(_this(integration_tokens))

_OF_A_SIGN_IN = (
    "token_status",
    "label",
    "scopes",
    "client_id",
    "keyring",
    "expires_at",
    "updated_at",
    "refresh_generation",
    "refresh_sent_at",
    "notified_at",
    "reason",
)
_signed_in = sqlite.insert(integration_tokens).values(
    dict.fromkeys(("provider", "user_id", "connected_at", *_OF_A_SIGN_IN))
)
SAVE_INTEGRATION = _signed_in.on_conflict_do_update(
    index_elements=list(integration_tokens.primary_key),
    set_={name: _signed_in.excluded[name] for name in _OF_A_SIGN_IN},
)
SET_STATUS = (
    _set(integration_tokens, "reason", "updated_at")
    .values(token_status=given("status"))
    .where(integration_tokens.c.token_status != given("status"))
)
SET_CALENDARS = _set(integration_tokens, "calendars")
SET_REFRESH_SENT = _set(integration_tokens, "refresh_generation", "refresh_sent_at")
SET_RENEWED = _set(
    integration_tokens,
    "expires_at",
    "keyring",
    "updated_at",
    "refresh_generation",
    "refresh_sent_at",
)
SET_NOTIFIED = _set(integration_tokens, "notified_at")
DELETE_INTEGRATION = delete(integration_tokens).where(_this(integration_tokens))

# oauth_clients

OAUTH_CLIENT = select(oauth_clients).where(_this(oauth_clients))
REPLACE_OAUTH_CLIENT = _replace(oauth_clients)
DELETE_OAUTH_CLIENT = delete(oauth_clients).where(_this(oauth_clients))

# snapshots, and their signals

SNAPSHOTS = select(snapshots)
REPLACE_SNAPSHOT = _replace(snapshots)
DELETE_SNAPSHOT = delete(snapshots).where(_this(snapshots))

SIGNALS_OF_ACCOUNT = (
    select(signals.c.id, signals.c.position, signals.c.body)
    .where(_of_account(signals))
    .order_by(signals.c.position)
)
REPLACE_SIGNAL = _replace(signals)
DELETE_SIGNAL = delete(signals).where(_this(signals))
DELETE_SIGNALS_OF_ACCOUNT = delete(signals).where(_of_account(signals))

# outbox

_OF_A_NEW_CLICK = (
    "provider",
    "user_id",
    "signal_id",
    "kind",
    "uuid",
    "signal",
    "state",
    "clicked_at",
    "send_at",
    "due",
    "undoes",
    "may_be_done",
    "added",
)
_WHAT_BECAME_OF_A_CLICK = (
    "state",
    "sent_at",
    "attempts",
    "may_be_done",
    "reason",
    "signal_id",
)

CLICKS = select(outbox).order_by(outbox.c.number)
ADD_CLICK = insert(outbox).values(dict.fromkeys(_OF_A_NEW_CLICK)).returning(outbox)
UPDATE_CLICK = _set(outbox, "signal", "due", "send_at", "insists", *_WHAT_BECAME_OF_A_CLICK)
RECORD_CLICK = _set(outbox, *_WHAT_BECAME_OF_A_CLICK).values(
    signal=func.coalesce(given("named"), outbox.c.signal)
)
DELETE_CLICK = delete(outbox).where(_this(outbox))
DELETE_CLICKS_OF_ACCOUNT = delete(outbox).where(_of_account(outbox))

# reminders

REMINDERS = select(reminders).order_by(reminders.c.told_at)
REPLACE_REMINDER = _replace(reminders)
DELETE_REMINDER = delete(reminders).where(_this(reminders))
DELETE_REMINDERS_OF_ACCOUNT = delete(reminders).where(_of_account(reminders))

# moments

MOMENT = select(moments.c.at).where(_this(moments))
REPLACE_MOMENT = _replace(moments)
DELETE_MOMENT = delete(moments).where(_this(moments))
