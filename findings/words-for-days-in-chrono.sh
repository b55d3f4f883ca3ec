#!/bin/sh
# chrono-node 2.10.3 (npm): the day after tomorrow is tomorrow in French, Spanish and Portuguese, and in
# a German breakfast there is a Friday.
#
# Typed on Monday, 30 November 2026, at 10:17, each with the language's own parser.
#   guess: each says 2 December; "Frühstück" is no day; "am 24.12. um 9" is 24 December at 9, or nothing
#   seen:  après-demain, pasado mañana, depois de amanhã, and English without "the", are 1 December, as only
#          the last word of them is looked at (Italian, Russian, Ukrainian are right); in "Frühstück" and
#          "morgen früh" there is "Fr", with "ü" a boundary of words for it: Friday, 27 November, or with
#          `forwardDate` 4 December; of "am 24.12. um 9" the date is passed over and today at 9 is left
# Who meets it: who types tasks into an editor or a to-do program in JavaScript that has its dates from it, in
# another language than English.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund chrono-node@2.10.3 >/dev/null 2>&1

cat >show.mjs <<'JS'
import * as chrono from "chrono-node";

const now = new Date(2026, 10, 30, 10, 17);
const typed = {
  en: ["the day after tomorrow", "day after tomorrow"], fr: ["après-demain"], es: ["pasado mañana"],
  pt: ["depois de amanhã"], it: ["dopodomani"], ru: ["послезавтра"], uk: ["післязавтра"],
  de: ["übermorgen", "Frühstück", "morgen früh", "am 24.12. um 9", "am 24.12.2026 um 9"],
};
for (const [language, texts] of Object.entries(typed))
  for (const text of texts) {
    const found = chrono[language].parse(text, now).map(({ text, start }) => {
      const known = (name, size = 2) => String(start.get(name)).padStart(size, "0");
      const time = start.isCertain("hour") ? ` ${known("hour")}:${known("minute")}` : "";
      return `${known("month")}-${known("day")}${time} (${text})`;
    });
    console.log(`${language} ${text}: ${found.join(", ") || "nothing"}`);
  }
JS
seen=$(TZ=Europe/Berlin node show.mjs)
expected="en the day after tomorrow: 12-02 (the day after tomorrow)
en day after tomorrow: 12-01 (tomorrow)
fr après-demain: 12-01 (demain)
es pasado mañana: 12-01 (mañana)
pt depois de amanhã: 12-01 (amanhã)
it dopodomani: 12-02 (dopodomani)
ru послезавтра: 12-02 (послезавтра)
uk післязавтра: 12-02 (післязавтра)
de übermorgen: 12-02 (übermorgen)
de Frühstück: 11-27 (Fr)
de morgen früh: 12-01 (morgen), 11-27 (fr)
de am 24.12. um 9: 11-30 09:00 (um 9)
de am 24.12.2026 um 9: 12-24 09:00 (24.12.2026 um 9)"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
