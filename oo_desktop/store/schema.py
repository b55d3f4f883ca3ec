"""Defines the tables, and how a database of an earlier oO becomes one of today.

`PRAGMA user_version` counts schema versions. Version N became N+1 through `MIGRATIONS[N]`; released
entries are never edited. Alembic would cost 25 MB and a tenth of a second at every start to do
nothing, which is why it is not used.

All of a migration is one transaction: cut short, it has not happened. So no copy is made before it:
one would hold private titles that nobody ever deletes, and clicks that were carried out since.

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

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    # 1 to 2: reschedules, undo that survives a restart, reminders, and why one has to reconnect.
    (
        "ALTER TABLE outbox ADD COLUMN due TEXT",
        "ALTER TABLE outbox ADD COLUMN undoes INTEGER",
        "ALTER TABLE outbox ADD COLUMN may_be_done INTEGER NOT NULL DEFAULT '0'",
        "ALTER TABLE outbox ADD COLUMN insists INTEGER NOT NULL DEFAULT '0'",
        "UPDATE outbox SET may_be_done = 1 WHERE attempts > 0",
        # The only second action of version 1 took back the newest first one before it.
        "UPDATE outbox SET undoes = (SELECT max(done.number) FROM outbox AS done"
        " WHERE done.kind = 'done' AND done.number < outbox.number"
        " AND done.provider = outbox.provider AND done.user_id = outbox.user_id"
        " AND done.signal_id = outbox.signal_id) WHERE kind = 'reopen'",
        "ALTER TABLE integration_tokens ADD COLUMN calendars TEXT NOT NULL DEFAULT '{}'",
        "ALTER TABLE integration_tokens ADD COLUMN reason TEXT",
        "CREATE TABLE reminders (provider TEXT NOT NULL, user_id TEXT NOT NULL,"
        " signal_id TEXT NOT NULL, start FLOAT NOT NULL, minutes INTEGER NOT NULL,"
        " ends FLOAT NOT NULL, told_at FLOAT NOT NULL, twin TEXT, snoozed_until FLOAT,"
        " PRIMARY KEY (provider, user_id, signal_id, start, minutes))",
    ),
    # 2 to 3: how many signals a list lacks.
    ("ALTER TABLE snapshots ADD COLUMN unread INTEGER NOT NULL DEFAULT '0'",),
    # 3 to 4: new tasks, and where they can go; single instants, such as the end of a pause.
    (
        "ALTER TABLE outbox ADD COLUMN added TEXT",
        "ALTER TABLE snapshots ADD COLUMN lists TEXT",
        "CREATE TABLE moments (name TEXT NOT NULL, at FLOAT NOT NULL, PRIMARY KEY (name))",
    ),
)
"""`MIGRATIONS[n]` are the statements that turn schema version n + 1 into n + 2."""

VERSION = 1 + len(MIGRATIONS)
