"""Talk to the running oO over a local socket, and make sure that only one runs.

`instance.py` holds the folder, the lock and the addresses; `protocol.py` what is said; `client.py`
asks (synchronous and small: a command of the command line must answer at once); `server.py`
answers on the app's loop. The server is not imported here, because asyncio alone takes three times
as long to import as everything a command needs.

The conversation, one JSON object per line:

    → {"protocol": 1, "command": "connect", "args": {"provider": "todoist"}}
    ← {"progress": {"url": "https://…"}}                        (any number of these)
    ← {"ok": true, "result": {…}}                               (exactly one of these two)
    ← {"ok": false, "error": "One sentence.", "code": 1 or 2}

One request per connection. Whoever hangs up while `connect` waits cancels that sign-in; every other
command is carried out to its end.
"""
