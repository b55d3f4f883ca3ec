"""Holds what SQLite is asked, as SQL: all of `statements.py`, and what makes the tables.

Written by `python -m oo_desktop.store.compile`; changed there, in `schema.py` and `statements.py`.
"""

from collections.abc import Mapping

CREATE_TABLES: tuple[str, ...] = (
    """\
CREATE TABLE IF NOT EXISTS integration_tokens (
    provider TEXT NOT NULL,
    user_id TEXT NOT NULL,
    token_status TEXT NOT NULL,
    label TEXT NOT NULL,
    scopes TEXT DEFAULT '' NOT NULL,
    client_id TEXT DEFAULT '' NOT NULL,
    keyring TEXT DEFAULT '' NOT NULL,
    expires_at FLOAT,
    connected_at FLOAT NOT NULL,
    updated_at FLOAT NOT NULL,
    refresh_generation INTEGER,
    refresh_sent_at FLOAT,
    notified_at FLOAT,
    calendars TEXT DEFAULT '{}' NOT NULL,
    reason TEXT,
    PRIMARY KEY (provider, user_id)
)""",
    """\
CREATE TABLE IF NOT EXISTS oauth_clients (
    provider TEXT NOT NULL,
    client_id TEXT NOT NULL,
    register_url TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    registered_at FLOAT NOT NULL,
    PRIMARY KEY (provider)
)""",
    """\
CREATE TABLE IF NOT EXISTS snapshots (
    provider TEXT NOT NULL,
    user_id TEXT NOT NULL,
    fetched_at FLOAT NOT NULL,
    zone TEXT,
    unread INTEGER DEFAULT '0' NOT NULL,
    lists TEXT,
    PRIMARY KEY (provider, user_id)
)""",
    """\
CREATE TABLE IF NOT EXISTS signals (
    provider TEXT NOT NULL,
    user_id TEXT NOT NULL,
    id TEXT NOT NULL,
    position INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (provider, user_id, id)
)""",
    """\
CREATE TABLE IF NOT EXISTS outbox (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    provider TEXT NOT NULL,
    user_id TEXT NOT NULL,
    signal_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    uuid TEXT NOT NULL,
    signal TEXT NOT NULL,
    state TEXT NOT NULL,
    clicked_at FLOAT NOT NULL,
    send_at FLOAT NOT NULL,
    sent_at FLOAT,
    attempts INTEGER DEFAULT '0' NOT NULL,
    reason TEXT,
    due TEXT,
    undoes INTEGER,
    may_be_done INTEGER DEFAULT '0' NOT NULL,
    insists INTEGER DEFAULT '0' NOT NULL,
    added TEXT,
    UNIQUE (uuid)
)""",
    """\
CREATE INDEX IF NOT EXISTS outbox_by_account ON outbox (provider, user_id, number)""",
    """\
CREATE TABLE IF NOT EXISTS reminders (
    provider TEXT NOT NULL,
    user_id TEXT NOT NULL,
    signal_id TEXT NOT NULL,
    start FLOAT NOT NULL,
    minutes INTEGER NOT NULL,
    ends FLOAT NOT NULL,
    told_at FLOAT NOT NULL,
    twin TEXT,
    snoozed_until FLOAT,
    PRIMARY KEY (provider, user_id, signal_id, start, minutes)
)""",
    """\
CREATE TABLE IF NOT EXISTS moments (
    name TEXT NOT NULL,
    at FLOAT NOT NULL,
    PRIMARY KEY (name)
)""",
)

ALL_COLUMNS: Mapping[str, str] = {
    "integration_tokens": """\
SELECT integration_tokens.provider, integration_tokens.user_id, integration_tokens.token_status,
    integration_tokens.label, integration_tokens.scopes, integration_tokens.client_id,
    integration_tokens.keyring, integration_tokens.expires_at, integration_tokens.connected_at,
    integration_tokens.updated_at, integration_tokens.refresh_generation,
    integration_tokens.refresh_sent_at, integration_tokens.notified_at,
    integration_tokens.calendars, integration_tokens.reason
FROM integration_tokens""",
    "oauth_clients": """\
SELECT oauth_clients.provider, oauth_clients.client_id, oauth_clients.register_url,
    oauth_clients.redirect_uris, oauth_clients.registered_at
FROM oauth_clients""",
    "snapshots": """\
SELECT snapshots.provider, snapshots.user_id, snapshots.fetched_at, snapshots.zone,
    snapshots.unread, snapshots.lists
FROM snapshots""",
    "signals": """\
SELECT signals.provider, signals.user_id, signals.id, signals.position, signals.body
FROM signals""",
    "outbox": """\
SELECT outbox.number, outbox.provider, outbox.user_id, outbox.signal_id, outbox.kind,
    outbox.uuid, outbox.signal, outbox.state, outbox.clicked_at, outbox.send_at, outbox.sent_at,
    outbox.attempts, outbox.reason, outbox.due, outbox.undoes, outbox.may_be_done,
    outbox.insists, outbox.added
FROM outbox""",
    "reminders": """\
SELECT reminders.provider, reminders.user_id, reminders.signal_id, reminders.start,
    reminders.minutes, reminders.ends, reminders.told_at, reminders.twin,
    reminders.snoozed_until
FROM reminders""",
    "moments": """\
SELECT moments.name, moments.at
FROM moments""",
}
"""What reads every column of each table."""

INTEGRATIONS = """\
SELECT integration_tokens.provider, integration_tokens.user_id, integration_tokens.token_status,
    integration_tokens.label, integration_tokens.scopes, integration_tokens.client_id,
    integration_tokens.keyring, integration_tokens.expires_at, integration_tokens.connected_at,
    integration_tokens.updated_at, integration_tokens.refresh_generation,
    integration_tokens.refresh_sent_at, integration_tokens.notified_at,
    integration_tokens.calendars, integration_tokens.reason
FROM integration_tokens
ORDER BY integration_tokens.connected_at, integration_tokens.provider,
    integration_tokens.user_id"""

INTEGRATION = """\
SELECT integration_tokens.provider, integration_tokens.user_id, integration_tokens.token_status,
    integration_tokens.label, integration_tokens.scopes, integration_tokens.client_id,
    integration_tokens.keyring, integration_tokens.expires_at, integration_tokens.connected_at,
    integration_tokens.updated_at, integration_tokens.refresh_generation,
    integration_tokens.refresh_sent_at, integration_tokens.notified_at,
    integration_tokens.calendars, integration_tokens.reason
FROM integration_tokens
WHERE integration_tokens.provider = :provider AND integration_tokens.user_id = :user_id"""

SAVE_INTEGRATION = """\
INSERT INTO integration_tokens (provider, user_id, token_status, label, scopes, client_id,
    keyring, expires_at, connected_at, updated_at, refresh_generation, refresh_sent_at,
    notified_at, reason)
VALUES (:provider, :user_id, :token_status, :label, :scopes, :client_id, :keyring, :expires_at,
    :connected_at, :updated_at, :refresh_generation, :refresh_sent_at, :notified_at, :reason)
ON CONFLICT (provider, user_id) DO UPDATE SET token_status = excluded.token_status, label =
    excluded.label, scopes = excluded.scopes, client_id = excluded.client_id, keyring =
    excluded.keyring, expires_at = excluded.expires_at, updated_at = excluded.updated_at,
    refresh_generation = excluded.refresh_generation, refresh_sent_at =
    excluded.refresh_sent_at, notified_at = excluded.notified_at, reason = excluded.reason"""

SET_STATUS = """\
UPDATE integration_tokens SET token_status=:status, updated_at=:updated_at, reason=:reason
WHERE integration_tokens.provider = :provider AND integration_tokens.user_id = :user_id AND
    integration_tokens.token_status != :status"""

SET_CALENDARS = """\
UPDATE integration_tokens SET calendars=:calendars
WHERE integration_tokens.provider = :provider AND integration_tokens.user_id = :user_id"""

SET_REFRESH_SENT = """\
UPDATE integration_tokens SET refresh_generation=:refresh_generation,
    refresh_sent_at=:refresh_sent_at
WHERE integration_tokens.provider = :provider AND integration_tokens.user_id = :user_id"""

SET_RENEWED = """\
UPDATE integration_tokens SET keyring=:keyring, expires_at=:expires_at, updated_at=:updated_at,
    refresh_generation=:refresh_generation, refresh_sent_at=:refresh_sent_at
WHERE integration_tokens.provider = :provider AND integration_tokens.user_id = :user_id"""

SET_NOTIFIED = """\
UPDATE integration_tokens SET notified_at=:notified_at
WHERE integration_tokens.provider = :provider AND integration_tokens.user_id = :user_id"""

DELETE_INTEGRATION = """\
DELETE FROM integration_tokens
WHERE integration_tokens.provider = :provider AND integration_tokens.user_id = :user_id"""

OAUTH_CLIENT = """\
SELECT oauth_clients.provider, oauth_clients.client_id, oauth_clients.register_url,
    oauth_clients.redirect_uris, oauth_clients.registered_at
FROM oauth_clients
WHERE oauth_clients.provider = :provider"""

REPLACE_OAUTH_CLIENT = """\
INSERT OR REPLACE INTO oauth_clients (provider, client_id, register_url, redirect_uris,
    registered_at)
VALUES (:provider, :client_id, :register_url, :redirect_uris, :registered_at)"""

DELETE_OAUTH_CLIENT = """\
DELETE FROM oauth_clients
WHERE oauth_clients.provider = :provider"""

SNAPSHOTS = """\
SELECT snapshots.provider, snapshots.user_id, snapshots.fetched_at, snapshots.zone,
    snapshots.unread, snapshots.lists
FROM snapshots"""

REPLACE_SNAPSHOT = """\
INSERT OR REPLACE INTO snapshots (provider, user_id, fetched_at, zone, unread, lists)
VALUES (:provider, :user_id, :fetched_at, :zone, :unread, :lists)"""

DELETE_SNAPSHOT = """\
DELETE FROM snapshots
WHERE snapshots.provider = :provider AND snapshots.user_id = :user_id"""

SIGNALS_OF_ACCOUNT = """\
SELECT signals.id, signals.position, signals.body
FROM signals
WHERE signals.provider = :provider AND signals.user_id = :user_id
ORDER BY signals.position"""

REPLACE_SIGNAL = """\
INSERT OR REPLACE INTO signals (provider, user_id, id, position, body)
VALUES (:provider, :user_id, :id, :position, :body)"""

DELETE_SIGNAL = """\
DELETE FROM signals
WHERE signals.provider = :provider AND signals.user_id = :user_id AND signals.id = :id"""

DELETE_SIGNALS_OF_ACCOUNT = """\
DELETE FROM signals
WHERE signals.provider = :provider AND signals.user_id = :user_id"""

CLICKS = """\
SELECT outbox.number, outbox.provider, outbox.user_id, outbox.signal_id, outbox.kind,
    outbox.uuid, outbox.signal, outbox.state, outbox.clicked_at, outbox.send_at, outbox.sent_at,
    outbox.attempts, outbox.reason, outbox.due, outbox.undoes, outbox.may_be_done,
    outbox.insists, outbox.added
FROM outbox
ORDER BY outbox.number"""

ADD_CLICK = """\
INSERT INTO outbox (provider, user_id, signal_id, kind, uuid, signal, state, clicked_at,
    send_at, due, undoes, may_be_done, added)
VALUES (:provider, :user_id, :signal_id, :kind, :uuid, :signal, :state, :clicked_at, :send_at,
    :due, :undoes, :may_be_done, :added)
RETURNING number, provider, user_id, signal_id, kind, uuid, signal, state, clicked_at, send_at,
    sent_at, attempts, reason, due, undoes, may_be_done, insists, added"""

UPDATE_CLICK = """\
UPDATE outbox SET signal_id=:signal_id, signal=:signal, state=:state, send_at=:send_at,
    sent_at=:sent_at, attempts=:attempts, reason=:reason, due=:due, may_be_done=:may_be_done,
    insists=:insists
WHERE outbox.number = :number"""

RECORD_CLICK = """\
UPDATE outbox SET signal_id=:signal_id, signal=coalesce(:named, outbox.signal), state=:state,
    sent_at=:sent_at, attempts=:attempts, reason=:reason, may_be_done=:may_be_done
WHERE outbox.number = :number"""

DELETE_CLICK = """\
DELETE FROM outbox
WHERE outbox.number = :number"""

DELETE_CLICKS_OF_ACCOUNT = """\
DELETE FROM outbox
WHERE outbox.provider = :provider AND outbox.user_id = :user_id"""

REMINDERS = """\
SELECT reminders.provider, reminders.user_id, reminders.signal_id, reminders.start,
    reminders.minutes, reminders.ends, reminders.told_at, reminders.twin,
    reminders.snoozed_until
FROM reminders
ORDER BY reminders.told_at"""

REPLACE_REMINDER = """\
INSERT OR REPLACE INTO reminders (provider, user_id, signal_id, start, minutes, ends, told_at,
    twin, snoozed_until)
VALUES (:provider, :user_id, :signal_id, :start, :minutes, :ends, :told_at, :twin,
    :snoozed_until)"""

DELETE_REMINDER = """\
DELETE FROM reminders
WHERE reminders.provider = :provider AND reminders.user_id = :user_id AND reminders.signal_id =
    :signal_id AND reminders.start = :start AND reminders.minutes = :minutes"""

DELETE_REMINDERS_OF_ACCOUNT = """\
DELETE FROM reminders
WHERE reminders.provider = :provider AND reminders.user_id = :user_id"""

MOMENT = """\
SELECT moments.at
FROM moments
WHERE moments.name = :name"""

REPLACE_MOMENT = """\
INSERT OR REPLACE INTO moments (name, at)
VALUES (:name, :at)"""

DELETE_MOMENT = """\
DELETE FROM moments
WHERE moments.name = :name"""
