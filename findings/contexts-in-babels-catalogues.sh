#!/bin/sh
# Babel 2.19.0 (PyPI): a text with a context makes the C library miss it in the .mo file, and others beside it.
#
# GNU gettext's manual, "The Format of GNU MO Files": the texts are sorted, and a context stands before its
# text (`menu`, EOT, `Open`). `pybabel compile` sorts by the text alone, and writes no table of hashes.
#   guess: Python's gettext finds everything, for it reads the whole file; the C library, which searches a
#          sorted table, misses the text with the context
#   seen:  so it is; and it misses two plain texts, too, at which the search met the other on its way.
#          Of the same .po file compiled by GNU msgfmt it misses none
# Who meets it: programs whose .mo files Babel made and whose windows the C library translates, such as
# those of GTK's Builder: some labels stay English, and others do after any text was added.
# Needs a locale C.UTF-8 of glibc, and msgfmt.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet babel==2.19.0 2>/dev/null

mkdir -p babel/de/LC_MESSAGES gnu/de/LC_MESSAGES
cat >write.py <<'PY'
texts = {(None, f"text {number}"): f"Text {number}" for number in range(10, 50)}
texts["a time", "to"] = "bis"
texts[None, "zebra"] = "Zebra"
print('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nLanguage: de\\n"\n')
for (context, text), said in texts.items():
    print(f'msgctxt "{context}"' if context else "", f'msgid "{text}"', f'msgstr "{said}"', sep="\n")
PY
python3 write.py >de.po
venv/bin/pybabel --quiet compile -l de -i de.po -o babel/de/LC_MESSAGES/x.mo 2>/dev/null
msgfmt --no-hash de.po -o gnu/de/LC_MESSAGES/x.mo

cat >read.py <<'PY'
import gettext
import locale

locale.setlocale(locale.LC_ALL, "")
keys = [*(f"text {number}" for number in range(10, 50)), "a time\x04to", "zebra"]
for maker in ("babel", "gnu"):
    locale.bindtextdomain("x", maker)
    locale.bind_textdomain_codeset("x", "UTF-8")
    missed = [key for key in keys if locale.dgettext("x", key) == key]
    python = gettext.translation("x", maker, ["de"])
    print(f"{maker}: {missed}, by Python's own:", [k for k in keys if python.gettext(k) == k])
PY
seen=$(LC_ALL=C.UTF-8 LANGUAGE=de python3 read.py)
echo "$seen"
expected="babel: ['text 48', 'text 49', 'a time\\x04to'], by Python's own: []
gnu: [], by Python's own: []"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
