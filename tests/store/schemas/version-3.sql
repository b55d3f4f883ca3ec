-- Schema version 3, as oO wrote it before tasks could be added. Never edited.
PRAGMA application_id = 1867474004;
PRAGMA user_version = 3;
BEGIN TRANSACTION;
CREATE TABLE integration_tokens (
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
	notified_at FLOAT, calendars TEXT NOT NULL DEFAULT '{}', reason TEXT, 
	PRIMARY KEY (provider, user_id)
);
INSERT INTO "integration_tokens" VALUES('todoist','2671355','active','ada@example.com','data:read_write','tdd_1','keyring.backends.SecretService.Keyring',1795170600.0,1794907800.0,1795167000.0,4,1795170540.0,NULL,'{}',NULL);
INSERT INTO "integration_tokens" VALUES('todoist','2671362','needs_reconnect','Bob’s “other” account','','','',NULL,1794994200.0,1795167000.0,NULL,NULL,1795167000.0,'{}',NULL);
CREATE TABLE oauth_clients (
	provider TEXT NOT NULL, 
	client_id TEXT NOT NULL, 
	register_url TEXT NOT NULL, 
	redirect_uris TEXT NOT NULL, 
	registered_at FLOAT NOT NULL, 
	PRIMARY KEY (provider)
);
INSERT INTO "oauth_clients" VALUES('todoist','tdd_1','https://api.todoist.com/oauth/register','http://localhost:8765/api/integrations/todoist/callback http://localhost:8766/api/integrations/todoist/callback',1794907800.0);
CREATE TABLE outbox (
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
	reason TEXT, due TEXT, undoes INTEGER, may_be_done INTEGER NOT NULL DEFAULT '0', insists INTEGER NOT NULL DEFAULT '0', 
	UNIQUE (uuid)
);
INSERT INTO "outbox" VALUES(2,'todoist','2671355','6X7rM8997g3RQmvh','done','00000000-0000-4000-8000-000000000001','{"type":"task","id":"6X7rM8997g3RQmvh","source":"todoist","user_id":"2671355","title":"Water the plants","url":"https://app.todoist.com/app/task/6X7rM8997g3RQmvh","container":{"name":"Inbox","color":"#dc4c3e"},"actions":["done"],"undo":"{\"due\":{\"date\":\"2026-11-20\",\"string\":\"every day\",\"lang\":\"en\",\"is_recurring\":true}}","due":{"type":"day","day":"2026-11-20"},"by_deadline":false,"recurring":true,"priority":4}','sent',1795167060.0,1795167065.0,1795167120.0,1,NULL,NULL,NULL,1,0);
INSERT INTO "outbox" VALUES(3,'todoist','2671355','6X7rfFVPjhvv84XG','done','00000000-0000-4000-8000-000000000002','{"type":"task","id":"6X7rfFVPjhvv84XG","source":"todoist","user_id":"2671355","title":"Take back the library books – today’s the day","url":"https://app.todoist.com/app/task/6X7rfFVPjhvv84XG","container":{"name":"Inbox","color":"#dc4c3e"},"actions":["done"],"undo":null,"due":{"type":"floating","at":"2026-11-20T17:00:00"},"by_deadline":false,"recurring":false,"priority":1}','queued',1795167120.0,1795167125.0,NULL,3,'Todoist cannot be reached.',NULL,NULL,1,0);
INSERT INTO "outbox" VALUES(4,'todoist','2671355','6X7rfFVPjhvv84XG','reopen','00000000-0000-4000-8000-000000000003','{"type":"task","id":"6X7rfFVPjhvv84XG","source":"todoist","user_id":"2671355","title":"Take back the library books – today’s the day","url":"https://app.todoist.com/app/task/6X7rfFVPjhvv84XG","container":{"name":"Inbox","color":"#dc4c3e"},"actions":["done"],"undo":null,"due":{"type":"floating","at":"2026-11-20T17:00:00"},"by_deadline":false,"recurring":false,"priority":1}','queued',1795167180.0,1795167185.0,NULL,0,NULL,NULL,3,0,0);
INSERT INTO "outbox" VALUES(5,'todoist','2671355','6XQ2','done','00000000-0000-4000-8000-000000000004','{"type":"task","id":"6XQ2","source":"todoist","user_id":"2671355","title":"It''s a \"quoted\" 🦆 title; DROP TABLE outbox; --","url":"https://app.todoist.com/app/task/6XQ2","container":{"name":"Inbox","color":"#dc4c3e"},"actions":["done"],"undo":null,"due":null,"by_deadline":false,"recurring":false,"priority":4}','refused',1795167240.0,1795167245.0,NULL,1,'Todoist does not allow oO to do this.',NULL,NULL,1,0);
INSERT INTO "outbox" VALUES(6,'todoist','2671355','6X7rfEVP8hvv25ZQ','done','00000000-0000-4000-8000-000000000005','{"type":"task","id":"6X7rfEVP8hvv25ZQ","source":"todoist","user_id":"2671355","title":"Call Zürich","url":"https://app.todoist.com/app/task/6X7rfEVP8hvv25ZQ","container":{"name":"Inbox","color":"#dc4c3e"},"actions":["done"],"undo":null,"due":{"type":"fixed","at":"2026-11-20T15:00:00Z","zone":"Europe/Zurich"},"by_deadline":false,"recurring":false,"priority":4}','queued',1795167300.0,1795167305.0,NULL,0,NULL,NULL,NULL,0,0);
INSERT INTO "outbox" VALUES(7,'todoist','2671362','6XB1','done','00000000-0000-4000-8000-000000000006','{"type":"task","id":"6XB1","source":"todoist","user_id":"2671362","title":"Bob’s task","url":"https://app.todoist.com/app/task/6XB1","container":{"name":"Inbox","color":"#dc4c3e"},"actions":["done"],"undo":null,"due":{"type":"day","day":"2026-11-19"},"by_deadline":false,"recurring":false,"priority":4}','queued',1795167360.0,1795167365.0,NULL,1,'Waits until you reconnect this account.',NULL,NULL,1,0);
INSERT INTO "outbox" VALUES(8,'todoist','2671362','6XB1','reopen','00000000-0000-4000-8000-000000000007','{"type":"task","id":"6XB1","source":"todoist","user_id":"2671362","title":"Bob’s task","url":"https://app.todoist.com/app/task/6XB1","container":{"name":"Inbox","color":"#dc4c3e"},"actions":["done"],"undo":null,"due":{"type":"day","day":"2026-11-19"},"by_deadline":false,"recurring":false,"priority":4}','queued',1795167420.0,1795167425.0,NULL,0,NULL,NULL,7,0,0);
INSERT INTO "outbox" VALUES(9,'todoist','2671355','6XZ9','reopen','00000000-0000-4000-8000-000000000008','{"type":"task","id":"6XZ9","source":"todoist","user_id":"2671355","title":"Done and confirmed before it was undone","url":"https://app.todoist.com/app/task/6XZ9","container":{"name":"Inbox","color":"#dc4c3e"},"actions":["done"],"undo":null,"due":null,"by_deadline":false,"recurring":false,"priority":4}','queued',1795167480.0,1795167485.0,NULL,2,'Todoist is busy.',NULL,NULL,1,0);
CREATE TABLE reminders (provider TEXT NOT NULL, user_id TEXT NOT NULL, signal_id TEXT NOT NULL, start FLOAT NOT NULL, minutes INTEGER NOT NULL, ends FLOAT NOT NULL, told_at FLOAT NOT NULL, twin TEXT, snoozed_until FLOAT, PRIMARY KEY (provider, user_id, signal_id, start, minutes));
INSERT INTO "reminders" VALUES('todoist','2671355','ev1',1795168800.0,10,1795170600.0,1795168200.0,'meeting 20261122T140000Z',NULL);
CREATE TABLE signals (
	provider TEXT NOT NULL, 
	user_id TEXT NOT NULL, 
	id TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (provider, user_id, id)
);
INSERT INTO "signals" VALUES('todoist','2671355','6X7rM8997g3RQmvh',0,'{"type":"task","id":"6X7rM8997g3RQmvh","source":"todoist","user_id":"2671355","title":"Water the plants","url":"https://app.todoist.com/app/task/6X7rM8997g3RQmvh","container":{"name":"Inbox","color":"#dc4c3e"},"actions":["done"],"undo":"{\"due\":{\"date\":\"2026-11-20\",\"string\":\"every day\",\"lang\":\"en\",\"is_recurring\":true}}","due":{"type":"day","day":"2026-11-20"},"by_deadline":false,"recurring":true,"priority":4}');
INSERT INTO "signals" VALUES('todoist','2671355','6X7rfFVPjhvv84XG',1,'{"type":"task","id":"6X7rfFVPjhvv84XG","source":"todoist","user_id":"2671355","title":"Take back the library books – today’s the day","url":"https://app.todoist.com/app/task/6X7rfFVPjhvv84XG","container":{"name":"Inbox","color":"#dc4c3e"},"actions":["done"],"undo":null,"due":{"type":"floating","at":"2026-11-20T17:00:00"},"by_deadline":false,"recurring":false,"priority":1}');
INSERT INTO "signals" VALUES('todoist','2671355','6X7rfEVP8hvv25ZQ',2,'{"type":"task","id":"6X7rfEVP8hvv25ZQ","source":"todoist","user_id":"2671355","title":"Call Zürich","url":"https://app.todoist.com/app/task/6X7rfEVP8hvv25ZQ","container":{"name":"Inbox","color":"#dc4c3e"},"actions":["done"],"undo":null,"due":{"type":"fixed","at":"2026-11-20T15:00:00Z","zone":"Europe/Zurich"},"by_deadline":false,"recurring":false,"priority":4}');
INSERT INTO "signals" VALUES('todoist','2671355','6XQ2',3,'{"type":"task","id":"6XQ2","source":"todoist","user_id":"2671355","title":"It''s a \"quoted\" 🦆 title; DROP TABLE outbox; --","url":"https://app.todoist.com/app/task/6XQ2","container":{"name":"Inbox","color":"#dc4c3e"},"actions":["done"],"undo":null,"due":null,"by_deadline":false,"recurring":false,"priority":4}');
INSERT INTO "signals" VALUES('todoist','2671355','ev1',4,'{"type":"event","id":"ev1","source":"todoist","user_id":"2671355","title":"Stand-up","url":null,"container":null,"actions":[],"undo":null,"start":{"type":"fixed","at":"2026-11-20T08:00:00Z","zone":"Europe/Zurich"},"end":{"type":"fixed","at":"2026-11-20T08:15:00Z","zone":"Europe/Zurich"},"join_url":"https://meet.example.com/x"}');
INSERT INTO "signals" VALUES('todoist','2671362','6XB1',0,'{"type":"task","id":"6XB1","source":"todoist","user_id":"2671362","title":"Bob’s task","url":"https://app.todoist.com/app/task/6XB1","container":{"name":"Inbox","color":"#dc4c3e"},"actions":["done"],"undo":null,"due":{"type":"day","day":"2026-11-19"},"by_deadline":false,"recurring":false,"priority":4}');
CREATE TABLE snapshots (
	provider TEXT NOT NULL, 
	user_id TEXT NOT NULL, 
	fetched_at FLOAT NOT NULL, 
	zone TEXT, unread INTEGER NOT NULL DEFAULT '0', 
	PRIMARY KEY (provider, user_id)
);
INSERT INTO "snapshots" VALUES('todoist','2671355',1795167000.0,'Europe/Zurich',2);
INSERT INTO "snapshots" VALUES('todoist','2671362',1795080600.0,NULL,0);
CREATE INDEX outbox_by_account ON outbox (provider, user_id, number);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('outbox',10);
COMMIT;
