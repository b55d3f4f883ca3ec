"""Defines the tables of today.

SQLAlchemy knows them from here. It is not in memory while oO runs: `compile.py` has written what it
makes of them into `sql.py`, and only a damaged database needs more (`recovery/salvage.py`).

No column ever holds a token, refresh token, code or secret: those live in the keyring.
"""

from sqlalchemy import (
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

integration_tokens = Table(
    "integration_tokens",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("token_status", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("scopes", Text, nullable=False, server_default=""),
    Column("client_id", Text, nullable=False, server_default=""),
    # The keyring back end that holds the tokens: one that answers in its place has none of them.
    Column("keyring", Text, nullable=False, server_default=""),
    # Unix seconds; NULL: the token does not expire.
    Column("expires_at", Float),
    Column("connected_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    # A refresh that was sent and not yet answered: which rotation it was, and when it was sent.
    Column("refresh_generation", Integer),
    Column("refresh_sent_at", Float),
    # When the user was last asked to reconnect, so that it happens at most daily.
    Column("notified_at", Float),
    # Which of its calendars the user chose to see or not to see: JSON, {id: true or false}.
    Column("calendars", Text, nullable=False, server_default="{}"),
    # Why its token was refused: a sentence of oO's, never what a service said.
    Column("reason", Text),
)

oauth_clients = Table(
    "oauth_clients",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("register_url", Text, nullable=False),
    Column("redirect_uris", Text, nullable=False),
    Column("registered_at", Float, nullable=False),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("fetched_at", Float, nullable=False),
    Column("zone", Text),
    # How many signals are missing because they could not be read.
    Column("unread", Integer, nullable=False, server_default="0"),
    # The lists that new tasks can go to, as JSON; NULL: not known.
    Column("lists", Text),
)

signals = Table(
    "signals",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("body", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    # The order of the clicks; AUTOINCREMENT, so that a number is never used twice.
    Column("number", Integer, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("signal_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("uuid", Text, nullable=False),
    # The signal as it was when clicked, as JSON.
    Column("signal", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("clicked_at", Float, nullable=False),
    Column("send_at", Float, nullable=False),
    Column("sent_at", Float),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("reason", Text),
    # Where a reschedule moves the signal, as JSON; NULL: no date.
    Column("due", Text),
    # The number of the click that this one takes back.
    Column("undoes", Integer),
    # 1 from before an attempt begins, until it is certain that it never reached the service.
    Column("may_be_done", Integer, nullable=False, server_default="0"),
    # 1 when the user tried again after a refusal.
    Column("insists", Integer, nullable=False, server_default="0"),
    # The new task that this adds, or takes back, as JSON.
    Column("added", Text),
    UniqueConstraint("uuid"),
    Index("outbox_by_account", "provider", "user_id", "number"),
    sqlite_autoincrement=True,
)

reminders = Table(
    "reminders",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("signal_id", Text, primary_key=True),
    # Of the event, as it was: one that has moved is reminded of anew.
    Column("start", Float, primary_key=True),
    # How long before it this reminder was for.
    Column("minutes", Integer, primary_key=True),
    Column("ends", Float, nullable=False),
    Column("told_at", Float, nullable=False),
    # What the meeting has in common on all calendars it stands on.
    Column("twin", Text),
    Column("snoozed_until", Float),
)

moments = Table(
    "moments",
    metadata,
    Column("name", Text, primary_key=True),
    # Unix seconds.
    Column("at", Float, nullable=False),
)
