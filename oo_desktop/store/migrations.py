"""Turns a database of an earlier oO into one of today.

`PRAGMA user_version` counts schema versions. Version N became N+1 through `MIGRATIONS[N - 1]`;
released entries are never edited, and are text for that: what they did does not change with
`schema.py`. Alembic would be imported at every start to do nothing, and SQLAlchemy with it, which
is why it is not used.

All of a migration is one transaction: cut short, it has not happened. So no copy is made before it:
one would hold private titles that nobody ever deletes, and clicks that were carried out since.
"""

from itertools import chain

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


def migrations_from(version: int) -> tuple[str, ...]:
    """Return what turns a database of `version` into one of today; nothing for a new one (0)."""
    return tuple(chain.from_iterable(MIGRATIONS[version - 1 :])) if version else ()
