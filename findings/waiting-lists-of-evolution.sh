#!/bin/sh
# evolution-data-server 3.46.4 (Debian 12), 3.56.2 (Debian 13): a list without its password looks empty.
#
# A task list on a CalDAV server that wants a password, of which the keyring has none.
#   guess: reading it fails, with "authentication required" (e_client_error 5)
#   seen:  it is open and online, and is read without an error: nothing is in it. Only the
#          ConnectionStatus of its source, another object of another service, tells
# Who meets it: a program that shows its owner a list of tasks with nothing to do.
set -eu
for program in dbus-run-session dpkg-query; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
[ -e /usr/libexec/evolution-calendar-factory ] || { echo "install evolution-data-server first"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet jeepney==0.9.0 2>/dev/null

cat >show.py <<'PY'
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection

EDS, PATH = "org.gnome.evolution.dataserver", "/org/gnome/evolution/dataserver"
bus = open_dbus_connection()


def call(path, name, interface, member, signature=None, *body):
    address = DBusAddress(path, bus_name=name, interface=f"{EDS}.{interface}")
    return bus.send_and_get_reply(new_method_call(address, member, signature, body)).body


def opened(member, uid):
    factory = (f"{PATH}/CalendarFactory", f"{EDS}.Calendar8", "CalendarFactory")
    path, name = call(*factory, member, "s", uid)
    call(path, name, "Calendar", "Open")
    return path, name, "Calendar"


class WantsPassword(BaseHTTPRequestHandler):
    def do_any(self):
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="lists"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_PROPFIND = do_OPTIONS = do_REPORT = do_any

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), WantsPassword)
threading.Thread(target=server.serve_forever, daemon=True).start()
source = f"""[Data Source]
DisplayName=Far
Enabled=true
Parent=caldav-stub
[Task List]
BackendName=caldav
[Authentication]
Host=127.0.0.1
Port={server.server_port}
Method=plain/password
User=ada
ProxyUid=system-proxy
[WebDAV Backend]
ResourcePath=/ada/tasks/
[Security]
Method=none
"""
registry = f"{PATH}/SourceManager", f"{EDS}.Sources5"


def status():
    address = DBusAddress(*registry, interface="org.freedesktop.DBus.ObjectManager")
    objects = bus.send_and_get_reply(new_method_call(address, "GetManagedObjects")).body[0]
    (found,) = (o[f"{EDS}.Source"] for o in objects.values() if o[f"{EDS}.Source"]["UID"][1] == "far")
    return found["ConnectionStatus"][1]


call(*registry, "SourceManager", "CreateSources", "a{ss}", {"far": source})
time.sleep(1)
path, name, interface = opened("OpenTaskList", "far")
for _ in range(100):
    if status() == "awaiting-credentials":
        break
    time.sleep(0.1)
properties = DBusAddress(path, bus_name=name, interface="org.freedesktop.DBus.Properties")
values = bus.send_and_get_reply(new_method_call(properties, "GetAll", "s", (f"{EDS}.Calendar",))).body[0]
print("online:", values["Online"][1])
answer = bus.send_and_get_reply(
    new_method_call(DBusAddress(path, name, f"{EDS}.Calendar"), "GetObjectList", "s", ("#t",))
)
print("read:", answer.header.message_type.name, answer.body[0])
print("its source:", status())
PY
export HOME="$folder/home" XDG_RUNTIME_DIR="$folder/run" TZ=UTC GSETTINGS_BACKEND=memory
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME
mkdir -m 700 "$HOME" "$XDG_RUNTIME_DIR"
seen=$(timeout 60 dbus-run-session -- venv/bin/python show.py 2>/dev/null)
expected="online: True
read: method_return []
its source: awaiting-credentials"
dpkg-query -W -f 'evolution-data-server ${Version}\n' evolution-data-server
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
