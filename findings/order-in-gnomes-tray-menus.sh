#!/bin/sh
# gnome-shell-extension-appindicator 46-1 (Debian 12): rows of a tray menu are drawn in another order.
#
# A program removes a row of its menu, and adds one further down, in one change of the layout.
#   guess: rows are drawn in the order of the layout
#   seen:  1 2 3, then 2 4 3: drawn 4 2 3. A new row is put where it belongs while those that have
#          gone are still there, and what moves up meanwhile is not moved.
#          1 2 3, then 3 1 2: drawn 1 2 3. No row is ever moved: `child-moved` is emitted with (old
#          place, new place, row), and `_onRootChildMoved` takes (row, old place, new place).
# Who meets it: users of GNOME, with each program whose tray menu changes. A program that hides what
# goes, removes it when nothing comes, and makes a row that moves anew is drawn right. (60-1 of Debian
# 13 emits and takes `child-moved` in the same two orders.)
# The extension's own code runs under Node.js, with stand-ins for GNOME Shell. Needs node and Debian 12's apt.
set -eu
for program in node apt-get dpkg-deb; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
package=gnome-shell-extension-appindicator
apt-get download -qq "$package=46-1" 2>/dev/null
dpkg-deb -x ./*.deb extension

cat >draw.js <<'JS'
const fs = require("fs");

const anything = new Proxy(function () {}, {
  get: (_, key) => (key === Symbol.toPrimitive ? () => "" : anything),
  has: () => true,
  apply: () => anything,
  construct: () => anything,
});
const signals = {
  addSignalMethods(prototype) {
    prototype.connect = function (name, handler) {
      ((this.handlers ??= {})[name] ??= []).push(handler);
    };
    prototype.emit = function (name, ...values) {
      for (const handler of this.handlers?.[name] ?? []) handler(this, ...values);
    };
  },
};
const util = {
  Logger: anything,
  connectSmart: (source, name, target, handler) => source.connect(name, handler.bind(target)),
};
const extension = { imports: { interfaces: anything, promiseUtils: anything, util } };
const imports = {
  gi: anything,
  ui: anything,
  signals,
  misc: { extensionUtils: { getCurrentExtension: () => extension } },
};
const path = "extension/usr/share/gnome-shell/extensions/ubuntu-appindicators@ubuntu.com";
const source = fs.readFileSync(`${path}/dbusMenu.js`, "utf8");
const parts = "{DBusClient, DbusMenuItem, Client, MenuItemFactory}";
const { DBusClient, DbusMenuItem, Client, MenuItemFactory } = new Function(
  "imports",
  `${source}\nreturn ${parts};`,
)(imports);

/** As GNOME Shell's PopupMenu does it (popupMenu.js of 43), without submenus. */
class Menu {
  rows = [];
  box = {
    remove_child: (row) => this.rows.splice(this.rows.indexOf(row), 1),
    insert_child_below: (row, sibling) => this.rows.splice(this.rows.indexOf(sibling), 0, row),
    add: (row) => this.rows.push(row),
  };
  connect() {}
  removeAll() {}
  _getMenuItems() {
    return [...this.rows];
  }
  addMenuItem(row, position = this.rows.length) {
    this.rows.splice(position, 0, row);
  }
}

function drawn(...layouts) {
  const client = Object.create(DBusClient.prototype);
  client._items = new Map();
  client._proxy = anything;
  client._requestProperties = async () => {};
  const layout = (numbers) => [0, {}, numbers.map((id) => ({ deep_unpack: () => [id, {}, []] }))];
  client._doLayoutUpdate(layout(layouts.shift()));
  const menu = new Menu();
  MenuItemFactory.createItem = (_, item) => {
    const row = { _dbusItem: item, destroy: () => menu.box.remove_child(row) };
    return row;
  };
  const host = Object.create(Client.prototype);
  host._client = client;
  client.getRoot = () => client._items.get(0);
  host.attachToMenu(menu);
  for (const each of layouts) client._doLayoutUpdate(layout(each));
  return menu.rows.map((row) => row._dbusItem._id).join(" ");
}

for (const after of [[2, 4, 3], [3, 1, 2], [2, 3], [1, 4, 2, 3]])
  console.log(`1 2 3, then ${after.join(" ")}: drawn ${drawn([1, 2, 3], after)}`);
JS
node draw.js | tee seen
cat >expected <<'TEXT'
1 2 3, then 2 4 3: drawn 4 2 3
1 2 3, then 3 1 2: drawn 1 2 3
1 2 3, then 2 3: drawn 2 3
1 2 3, then 1 4 2 3: drawn 1 4 2 3
TEXT
cmp -s seen expected || { echo "This has changed."; exit 1; }
