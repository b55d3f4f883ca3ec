"""Of what is typed, date, time, priority and list are read; the rest is the title."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from gettext import NullTranslations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop import language
from oo_desktop.model.quick_add import Understood, due_words, typed_text, understood
from oo_desktop.model.signals import MAX_NEW_TASK, Adding, Day, Due, Fixed, Floating, TaskList

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 11, tzinfo=UTC)
"""A Sunday, at noon in Berlin."""

INBOX = TaskList(id="in", name="Inbox")
GROCERIES = TaskList(id="g", name="Groceries")
WORK = TaskList(id="w", name="My Work")
MY = TaskList(id="m", name="My")
LISTS = Adding(lists=(INBOX, GROCERIES, WORK, MY), floats=True)
ALL_MARKS = Adding(lists=LISTS.lists, floats=True, marks=True)


def read(text: str, adding: Adding = LISTS) -> Understood:
    return understood(text, now=NOW, zone=BERLIN, adding=adding)


@contextmanager
def spoken(code: str) -> Iterator[None]:
    """The language in which is typed; what is said stays English."""
    language.use_catalogue(code, NullTranslations())
    try:
        yield
    finally:
        language.use_catalogue(language.ENGLISH, NullTranslations())


def day(text: str) -> Day:
    return Day(date.fromisoformat(text))


def at(text: str) -> Floating:
    return Floating(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("words", "due"),
    [
        ("today", day("2026-11-22")),
        ("tomorrow", day("2026-11-23")),
        ("Tomorrow", day("2026-11-23")),
        ("day after tomorrow", day("2026-11-24")),
        ("friday", day("2026-11-27")),
        ("on fri", day("2026-11-27")),
        ("fri", day("2026-11-27")),
        ("by Monday", day("2026-11-23")),
        ("sunday", day("2026-11-29")),
        ("this sunday", day("2026-11-22")),
        ("next monday", day("2026-11-23")),
        ("next sunday", day("2026-11-29")),
        ("next week", day("2026-11-23")),
        ("next month", day("2026-12-01")),
        ("next year", day("2027-01-01")),
        ("this weekend", day("2026-11-28")),
        ("24 Dec", day("2026-12-24")),
        ("24. December", day("2026-12-24")),
        ("Dec 24th", day("2026-12-24")),
        ("December 24, 2027", day("2027-12-24")),
        ("3rd of January", day("2027-01-03")),
        ("29 feb", day("2028-02-29")),
        ("2026-12-24", day("2026-12-24")),
        ("2026/12/24", day("2026-12-24")),
        ("24.12.2026", day("2026-12-24")),
        ("24.12.", day("2026-12-24")),
        ("1.2.", day("2027-02-01")),
        ("24/12/2026", day("2026-12-24")),
        ("12/24/2026", day("2026-12-24")),
        ("5/5/2027", day("2027-05-05")),
        ("in 3 days", day("2026-11-25")),
        ("in a week", day("2026-11-29")),
        ("in two weeks", day("2026-12-06")),
        ("in 3 months", day("2027-02-22")),
        ("in 1 year", day("2027-11-22")),
        ("in 2 hours", at("2026-11-22T14:00")),
        ("in 45 min", at("2026-11-22T12:45")),
        ("18:00", at("2026-11-22T18:00")),
        ("at 18:00", at("2026-11-22T18:00")),
        ("9:00", at("2026-11-23T09:00")),
        ("at 9", at("2026-11-23T09:00")),
        ("9am", at("2026-11-23T09:00")),
        ("9:30 pm", at("2026-11-22T21:30")),
        ("12 pm", at("2026-11-23T12:00")),
        ("12am", at("2026-11-23T00:00")),
        ("at noon", at("2026-11-23T12:00")),
        ("tomorrow 18:00", at("2026-11-23T18:00")),
        ("18:00 tomorrow", at("2026-11-23T18:00")),
        ("friday at 9", at("2026-11-27T09:00")),
        ("24 Dec, 18:30", at("2026-12-24T18:30")),
        ("tonight", day("2026-11-22")),
        ("tonight at 8", at("2026-11-22T20:00")),
        ("at 8:30 tonight", at("2026-11-22T20:30")),
        ("9pm tonight", at("2026-11-22T21:00")),
        ("tonight 20:15", at("2026-11-22T20:15")),
        ("tonight at 12", at("2026-11-23T00:00")),
        ("tonight at 1", at("2026-11-23T01:00")),
        ("tonight at 0:30", at("2026-11-23T00:30")),
        ("tonight at 5", at("2026-11-22T17:00")),
        ("5:30pm tonight", at("2026-11-22T17:30")),
        ("4pm tonight", at("2026-11-22T16:00")),
        ("this evening at 8", at("2026-11-22T20:00")),
        ("at 5 this afternoon", at("2026-11-22T17:00")),
        ("tomorrow evening at 8", at("2026-11-23T20:00")),
        ("tomorrow morning at 8", at("2026-11-23T08:00")),
        ("friday afternoon at 3:15", at("2026-11-27T15:15")),
        ("friday night at 11", at("2026-11-27T23:00")),
        ("at 3 in the afternoon", at("2026-11-22T15:00")),
        ("8 in the morning", at("2026-11-23T08:00")),
        ("tomorrow at 8 in the evening", at("2026-11-23T20:00")),
        ("at 11:30 at night", at("2026-11-22T23:30")),
        ("tomorrow evening at 20:00", at("2026-11-23T20:00")),
    ],
)
def test_a_date_and_a_time_are_read(words: str, due: Due) -> None:
    found = read(f"Mend the kite {words}")
    assert (found.title, found.due) == ("Mend the kite", due)


@pytest.mark.parametrize(
    ("text", "title", "due"),
    [
        ("Quiz night at 8", "Quiz night", at("2026-11-22T20:00")),
        ("Opera evening at 7:30 with Ada", "Opera evening with Ada", at("2026-11-22T19:30")),
        ("Dinner tomorrow evening at 8 with Ada", "Dinner with Ada", at("2026-11-23T20:00")),
        ("Good morning at 9 Main Street", "Good morning at 9 Main Street", None),
        ("A table for 8 tonight", "A table for 8", day("2026-11-22")),
    ],
)
def test_a_part_of_the_day_says_whether_an_hour_is_before_noon(
    text: str, title: str, due: Due | None
) -> None:
    found = read(text)
    assert (found.title, found.due) == (title, due)


@pytest.mark.parametrize(
    "text",
    [
        "Meet at 9 Main Street",
        "Sun cream",
        "Buy 11/12/2026 calendar",
        "24/7 support",
        "Train 18:00-19:00",
        "Fill in form 31 Feb",
        "Ask Tom about April",
        "Chapter 24.12 of the book",
        "Version 2026-13-01",
        "In 5000 days",
        "Issue #12 of #Nothing",
        "Read “Tomorrow”",
        'Watch "Friday at 9"',
        "p5 and p1x",
        "mailto:ada@example.org // not a note",
        "Water the plants every friday",
        "Water the plants every friday evening at 8",
        "@home alone",
        "25:00",
        "todays news",
    ],
)
def test_what_is_not_understood_stays_in_the_title(text: str) -> None:
    found = read(text)
    assert (found.title, found.due, found.priority, found.list) == (text, None, 4, INBOX)


def test_everything_at_once() -> None:
    found = read("Buy milk tomorrow 18:00 p1 #Groceries")
    assert found.title == "Buy milk"
    assert found.due == at("2026-11-23T18:00")
    assert (found.priority, found.list) == (1, GROCERIES)
    assert found.sentence == "Due tomorrow at 18:00, priority 1, in Groceries"


def test_in_any_order_and_in_the_middle() -> None:
    found = read("p2 Call #my\\ work friday the bank")
    assert (found.title, found.priority, found.list) == ("Call the bank", 2, WORK)
    assert found.due == day("2026-11-27")


def test_the_longest_name_of_a_list_counts() -> None:
    assert read("x #My Work").list == WORK
    assert read("x #My day").list == MY


def test_the_last_of_a_kind_counts_and_the_others_are_words() -> None:
    found = read("Plan friday party p1 tomorrow p2")
    assert (found.title, found.due, found.priority) == (
        "Plan friday party p1",
        day("2026-11-23"),
        2,
    )


@pytest.mark.parametrize("text", ["tomorrow", "p1 #Groceries", "  24 Dec  "])
def test_a_task_always_has_a_name(text: str) -> None:
    found = read(text)
    assert (found.title, found.due, found.priority) == (text.strip(), None, 4)
    assert found.spans == ()


def test_a_blank_text_has_no_title() -> None:
    assert read(" \t ").title == ""


def test_a_time_is_an_instant_where_the_account_has_no_zone() -> None:
    found = read("x tomorrow 18:00", Adding())
    assert found.due == Fixed(datetime(2026, 11, 23, 17, tzinfo=UTC), "Europe/Berlin")
    assert found.sentence == "Due tomorrow at 18:00"


def test_today_is_that_of_the_account() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    found = understood("x today", now=late, zone=BERLIN)
    assert found.due == day("2026-11-23")


def test_it_goes_where_the_text_says_else_where_it_is_meant_to_else_to_the_first() -> None:
    def where(text: str, into: TaskList | None) -> TaskList | None:
        return understood(text, now=NOW, zone=BERLIN, adding=LISTS, into=into).list

    assert where("x #Groceries", WORK) == GROCERIES
    assert where("x", WORK) == WORK
    assert where("x", None) == INBOX
    assert understood("x", now=NOW, zone=BERLIN).list is None


# In other languages


TODAY, TOMORROW, DAY_AFTER = day("2026-11-22"), day("2026-11-23"), day("2026-11-24")
FRIDAY, CHRISTMAS_EVE = day("2026-11-27"), day("2026-12-24")


@pytest.mark.parametrize(
    ("code", "words", "due"),
    [
        ("de", "heute", TODAY),
        ("de", "morgen", TOMORROW),
        ("de", "bis morgen", TOMORROW),
        ("de", "übermorgen", DAY_AFTER),
        ("de", "Freitag", FRIDAY),
        ("de", "am Freitag", FRIDAY),
        ("de", "bis Fr.", FRIDAY),
        ("de", "fr", FRIDAY),
        ("de", "am So", day("2026-11-29")),
        ("de", "diesen Sonntag", TODAY),
        ("de", "nächsten Sonntag", day("2026-11-29")),
        ("de", "kommenden Sonnabend", day("2026-11-28")),
        ("de", "nächste Woche", day("2026-11-23")),
        ("de", "nächsten Monat", day("2026-12-01")),
        ("de", "nächstes Jahr", day("2027-01-01")),
        ("de", "am Wochenende", day("2026-11-28")),
        ("de", "24. Dezember", CHRISTMAS_EVE),
        ("de", "am 24. Dez.", CHRISTMAS_EVE),
        ("de", "1. März 2027", day("2027-03-01")),
        ("de", "24.12.", CHRISTMAS_EVE),
        ("de", "am 24.12", CHRISTMAS_EVE),
        ("de", "am 24/12", CHRISTMAS_EVE),
        ("de", "bis zum 24.12.", CHRISTMAS_EVE),
        ("de", "am 24. 12. 2026", CHRISTMAS_EVE),
        ("de", "3/4/2027", day("2027-04-03")),
        ("de", "in 3 Tagen", day("2026-11-25")),
        ("de", "in einer Woche", day("2026-11-29")),
        ("de", "in zwei Monaten", day("2027-01-22")),
        ("de", "in 1 Jahr", day("2027-11-22")),
        ("de", "in 2 Stunden", at("2026-11-22T14:00")),
        ("de", "in 45 Minuten", at("2026-11-22T12:45")),
        ("de", "um 18 Uhr", at("2026-11-22T18:00")),
        ("de", "18 Uhr", at("2026-11-22T18:00")),
        ("de", "um 18:00 Uhr", at("2026-11-22T18:00")),
        ("de", "um 18.30 Uhr", at("2026-11-22T18:30")),
        ("de", "18 Uhr 30", at("2026-11-22T18:30")),
        ("de", "um 18", at("2026-11-22T18:00")),
        ("de", "um 6 Uhr abends", at("2026-11-22T18:00")),
        ("de", "morgen 18:00", at("2026-11-23T18:00")),
        ("de", "am Freitag um 9 Uhr morgens", at("2026-11-27T09:00")),
        ("de", "Montag mittag", at("2026-11-23T12:00")),
        ("de", "heute Abend um 8", at("2026-11-22T20:00")),
        ("de", "um 1 Uhr mittags", at("2026-11-22T13:00")),
        ("de", "um 11 Uhr nachts", at("2026-11-22T23:00")),
        ("es", "hoy", TODAY),
        ("es", "mañana", TOMORROW),
        ("es", "para mañana", TOMORROW),
        ("es", "pasado mañana", DAY_AFTER),
        ("es", "viernes", FRIDAY),
        ("es", "el viernes", FRIDAY),
        ("es", "vie", FRIDAY),
        ("es", "el vie.", FRIDAY),
        ("es", "el miércoles", day("2026-11-25")),
        ("es", "miercoles", day("2026-11-25")),
        ("es", "este domingo", TODAY),
        ("es", "el próximo domingo", day("2026-11-29")),
        ("es", "el viernes que viene", FRIDAY),
        ("es", "la semana que viene", TOMORROW),
        ("es", "la próxima semana", TOMORROW),
        ("es", "el próximo mes", day("2026-12-01")),
        ("es", "el año que viene", day("2027-01-01")),
        ("es", "el fin de semana", day("2026-11-28")),
        ("es", "24 de diciembre", CHRISTMAS_EVE),
        ("es", "el 24 de diciembre de 2027", day("2027-12-24")),
        ("es", "24 dic", CHRISTMAS_EVE),
        ("es", "el 24/12", CHRISTMAS_EVE),
        ("es", "24/12", CHRISTMAS_EVE),
        ("es", "3/4/2027", day("2027-04-03")),
        ("es", "en 3 días", day("2026-11-25")),
        ("es", "dentro de dos semanas", day("2026-12-06")),
        ("es", "en un mes", day("2026-12-22")),
        ("es", "dentro de 2 horas", at("2026-11-22T14:00")),
        ("es", "a las 18:00", at("2026-11-22T18:00")),
        ("es", "a las 18h", at("2026-11-22T18:00")),
        ("es", "a las 18", at("2026-11-22T18:00")),
        ("es", "a la 1 de la tarde", at("2026-11-22T13:00")),
        ("es", "a las 9 de la noche", at("2026-11-22T21:00")),
        ("es", "a las 6:30 p. m.", at("2026-11-22T18:30")),
        ("es", "mañana a las 9 de la mañana", at("2026-11-23T09:00")),
        ("es", "mañana 18h30", at("2026-11-23T18:30")),
        ("es", "mañana al mediodía", at("2026-11-23T12:00")),
        ("es", "mañana por la tarde a las 6", at("2026-11-23T18:00")),
        ("fr", "aujourd’hui", TODAY),
        ("fr", "aujourd'hui", TODAY),
        ("fr", "demain", TOMORROW),
        ("fr", "pour demain", TOMORROW),
        ("fr", "après-demain", DAY_AFTER),
        ("fr", "vendredi", FRIDAY),
        ("fr", "ven.", FRIDAY),
        ("fr", "pour vendredi", FRIDAY),
        ("fr", "ce dimanche", TODAY),
        ("fr", "dimanche prochain", day("2026-11-29")),
        ("fr", "la semaine prochaine", TOMORROW),
        ("fr", "le mois prochain", day("2026-12-01")),
        ("fr", "l’année prochaine", day("2027-01-01")),
        ("fr", "ce week-end", day("2026-11-28")),
        ("fr", "24 décembre", CHRISTMAS_EVE),
        ("fr", "le 24 déc.", CHRISTMAS_EVE),
        ("fr", "le 1er février 2027", day("2027-02-01")),
        ("fr", "le 24/12", CHRISTMAS_EVE),
        ("fr", "24/12", CHRISTMAS_EVE),
        ("fr", "3/4/2027", day("2027-04-03")),
        ("fr", "dans 3 jours", day("2026-11-25")),
        ("fr", "dans une semaine", day("2026-11-29")),
        ("fr", "dans deux ans", day("2028-11-22")),
        ("fr", "dans 2 heures", at("2026-11-22T14:00")),
        ("fr", "à 18h", at("2026-11-22T18:00")),
        ("fr", "à 18 h 30", at("2026-11-22T18:30")),
        ("fr", "à 18h30", at("2026-11-22T18:30")),
        ("fr", "à 18:00", at("2026-11-22T18:00")),
        ("fr", "à 6 heures du soir", at("2026-11-22T18:00")),
        ("fr", "demain 18h", at("2026-11-23T18:00")),
        ("fr", "demain à 18h", at("2026-11-23T18:00")),
        ("fr", "demain à midi", at("2026-11-23T12:00")),
        ("fr", "ce soir à 8h", at("2026-11-22T20:00")),
        ("ar", "اليوم", TODAY),
        ("ar", "غدًا", TOMORROW),
        ("ar", "غداً", TOMORROW),
        ("ar", "غدا", TOMORROW),
        ("ar", "بعد غد", DAY_AFTER),
        ("ar", "الجمعة", FRIDAY),
        ("ar", "يوم الجمعة", FRIDAY),
        ("ar", "الجمعة القادمة", FRIDAY),
        ("ar", "يوم الاثنين", TOMORROW),
        ("ar", "الأسبوع القادم", TOMORROW),
        ("ar", "الشهر المقبل", day("2026-12-01")),
        ("ar", "24 ديسمبر", CHRISTMAS_EVE),
        ("ar", "٢٤ ديسمبر ٢٠٢٦", CHRISTMAS_EVE),
        ("ar", "24 كانون الأول", CHRISTMAS_EVE),
        ("ar", "يوم 24/12", CHRISTMAS_EVE),
        ("ar", "٢٤/١٢", CHRISTMAS_EVE),
        ("ar", "3/4/2027", day("2027-04-03")),
        ("ar", "بعد 3 أيام", day("2026-11-25")),
        ("ar", "بعد ثلاثة أيام", day("2026-11-25")),
        ("ar", "بعد يومين", day("2026-11-24")),
        ("ar", "بعد أسبوع", day("2026-11-29")),
        ("ar", "بعد شهرين", day("2027-01-22")),
        ("ar", "بعد ساعتين", at("2026-11-22T14:00")),
        ("ar", "الساعة 18:00", at("2026-11-22T18:00")),
        ("ar", "الساعة ١٨:٠٠", at("2026-11-22T18:00")),
        ("ar", "الساعة 6 مساءً", at("2026-11-22T18:00")),
        ("ar", "6:30 م", at("2026-11-22T18:30")),
        ("ar", "الساعة 18", at("2026-11-22T18:00")),
        ("ar", "غدًا الساعة 18:00", at("2026-11-23T18:00")),
        ("ar", "اليوم الساعة 18:00", at("2026-11-22T18:00")),
        ("ar", "غدًا، الساعة 9", at("2026-11-23T09:00")),
    ],
)
def test_the_words_of_the_language_spoken_are_read(code: str, words: str, due: Due) -> None:
    with spoken(code):
        found = read(f"Mend the kite {words}")
    assert (found.title, found.due) == ("Mend the kite", due)


MONTHS = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto setiembre octubre noviembre diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
}
WEEKDAYS = {
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "ar": "الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
}


@pytest.mark.parametrize("code", MONTHS)
def test_every_month_and_weekday_is_known(code: str) -> None:
    with spoken(code):
        months = [read(f"x 5 {month} 2027").due for month in MONTHS[code].split()]
        weekdays = [read(f"x {weekday}").due for weekday in WEEKDAYS[code].split()]
    assert months == [Day(date(2027, month, 5)) for month in range(1, 13)]
    assert weekdays == [Day(date(2026, 11, number)) for number in range(23, 30)]


@pytest.mark.parametrize("code", ["de", "es", "fr", "ar"])
def test_english_is_read_whatever_is_spoken(code: str) -> None:
    with spoken(code):
        found = read("Buy milk next monday at 9 p1 #Groceries")
    assert (found.title, found.due) == ("Buy milk", at("2026-11-23T09:00"))
    assert (found.priority, found.list) == (1, GROCERIES)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "Milch kaufen morgen"),
        ("de", "comprar leche mañana"),
        ("de", "Guten Morgen sagen"),
        ("de", "Spaziergang am Morgen"),
        ("de", "Zeitung vom Freitag"),
        ("de", "Bericht von letztem Freitag"),
        ("de", "Mach es so"),
        ("de", "Anruf nach Freitag"),
        ("de", "Liste to do"),
        ("de", "Um 9 Ecken denken"),
        ("de", "Um 18 Uhr 30 Gäste begrüßen"),
        ("de", "Kapitel 24.12 lesen"),
        ("de", "Blumen jeden Freitag"),
        ("de", "Blumen jeden zweiten Freitag"),
        ("de", "Blumen täglich um 9 Uhr"),
        ("de", "Lies „Morgen“"),
        ("de", "31. Februar"),
        ("de", "morgens laufen"),
        ("de", "Teil 10/12 lesen"),
        ("es", "Correr por la mañana"),
        ("es", "Café de la mañana"),
        ("es", "Leer las noticias de hoy"),
        ("es", "Tecnología hoy en día"),
        ("es", "Informe del viernes"),
        ("es", "Informe de viernes pasado"),
        ("es", "Vacaciones de lunes a viernes"),
        ("es", "Fútbol los viernes"),
        ("es", "Fútbol todos los viernes y lunes a las 9"),
        ("es", "Ir al mar"),
        ("es", "Soporte 24/7"),
        ("es", "Harina 1/2"),
        ("es", "Dormir 8h"),
        ("es", "Comprar 1 set de platos"),
        ("fr", "Vacances à la mer"),
        ("fr", "Acheter un jeu"),
        ("fr", "Appeler Sam"),
        ("fr", "Piano le vendredi"),
        ("fr", "Piano les vendredis et lundis"),
        ("fr", "Piano un vendredi sur deux"),
        ("fr", "Bureau du lundi au vendredi"),
        ("fr", "Journal de vendredi dernier"),
        ("fr", "Dormir 8h"),
        ("fr", "Support 24/7"),
        ("fr", "Journal d’aujourd’hui"),
        ("ar", "حضور صلاة الجمعة"),
        ("ar", "اليوم العالمي للكتاب"),
        ("ar", "تقرير الجمعة الماضية"),
        ("ar", "قماش 9 م"),
        ("ar", "اتصال بعد يوم الجمعة"),
        ("ar", "اتصل كل يوم جمعة"),
        ("ar", "اتصل كل يوم الساعة ٩"),
        ("fr", "Voyage dans le Midi"),
        ("de", "Blumen jeden Tag um 6 Uhr abends"),
        ("ar", "اتصل كل يوم الجمعة"),
        ("ar", "بعد شهر رمضان نسافر"),
    ],
)
def test_a_word_that_may_mean_something_else_stays_in_the_title(code: str, text: str) -> None:
    with spoken(code):
        found = read(text)
    assert (found.title, found.due) == (text, None)


def test_a_label_keeps_its_digits() -> None:
    with spoken("ar"):
        assert read("x @غرفة٩ غدًا", ALL_MARKS).labels == ("غرفة٩",)


def test_a_date_is_read_in_the_middle_in_any_language() -> None:
    with spoken("de"):
        found = read("p2 Milch #Groceries morgen um 18 Uhr kaufen")
    assert (found.title, found.due) == ("Milch kaufen", at("2026-11-23T18:00"))
    assert (found.priority, found.list) == (2, GROCERIES)


@pytest.mark.parametrize(
    ("code", "words", "rule"),
    [
        ("de", "jeden Tag", "every day"),
        ("de", "jede Woche", "every week"),
        ("de", "jeden Freitag um 9:00", "every friday at 9:00"),
        ("de", "jeden Montag, Dienstag und Freitag um 9", "every monday, tuesday, friday at 9:00"),
        ("de", "täglich 8:00", "daily at 8:00"),
        ("es", "todos los días", "every day"),
        ("es", "cada semana", "every week"),
        ("es", "todos los viernes a las 9", "every friday at 9:00"),
        ("es", "cada lunes y jueves", "every monday, thursday"),
        ("fr", "tous les jours", "every day"),
        ("fr", "chaque mois", "every month"),
        ("fr", "chaque vendredi à 18h30", "every friday at 18:30"),
        ("fr", "tous les lundis et jeudis", "every monday, thursday"),
        ("ar", "كل يوم", "every day"),
        ("ar", "كل يوم جمعة الساعة 9", "every friday at 9:00"),
        ("ar", "يوميًا", "daily"),
        ("ar", "كل يوم الساعة ٩", "every day at 9:00"),
        ("de", "jeden Freitag um 6 Uhr abends", "every friday at 18:00"),
        ("de", "every other week", "every other week"),
    ],
)
def test_a_simple_repetition_is_said_in_english_for_the_service(
    code: str, words: str, rule: str
) -> None:
    with spoken(code):
        found = read(f"Water the plants {words} p3", ALL_MARKS)
    assert (found.title, found.repeats, found.due) == ("Water the plants", rule, None)


def test_a_repetition_that_is_not_simple_stays_in_the_title() -> None:
    with spoken("de"):
        found = read("Blumen jeden zweiten Freitag", ALL_MARKS)
    assert (found.title, found.repeats, found.due) == ("Blumen jeden zweiten Freitag", "", None)


# For services that understand more


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("every friday at 9:00", "every friday at 9:00"),
        ("every  day", "every day"),
        ("every! 3 days", "every! 3 days"),
        ("every other week", "every other week"),
        ("every mon, wed and fri at 9", "every mon, wed and fri at 9"),
        ("every friday evening at 8", "every friday at 20:00"),
        ("every day at 8:30 in the evening", "every day at 20:30"),
        ("daily at 7 in the morning", "daily at 7:00"),
        ("every 15th", "every 15th"),
        ("every 24 Dec", "every 24 Dec"),
        ("daily 8:00", "daily 8:00"),
    ],
)
def test_how_it_repeats_is_left_in_words(words: str, rule: str) -> None:
    found = read(f"Water the plants {words} p3", ALL_MARKS)
    assert (found.title, found.repeats, found.due) == ("Water the plants", rule, None)
    assert found.sentence == f"Repeats {rule}, priority 3, in Inbox"


def test_labels_and_a_note() -> None:
    found = read("Call Ana @phone @home tomorrow // about the // offer p1", ALL_MARKS)
    assert (found.title, found.labels) == ("Call Ana", ("phone", "home"))
    assert found.description == "about the // offer p1"
    assert found.priority == 4
    assert found.due == day("2026-11-23")


def test_addresses_are_no_notes_and_no_labels() -> None:
    found = read("Mail ada@example.org about https://example.org//a", ALL_MARKS)
    assert found.title == "Mail ada@example.org about https://example.org//a"
    assert (found.labels, found.description) == ((), "")


# The sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x", "No date, in Inbox"),
        ("x p1", "No date, priority 1, in Inbox"),
        ("x today", "Due today, in Inbox"),
        ("x today p1", "Due today, priority 1, in Inbox"),
        ("x yesterday", "No date, in Inbox"),
        ("x 2027-12-24", "Due 24 Dec 2027, in Inbox"),
    ],
)
def test_it_is_told_in_one_sentence(text: str, sentence: str) -> None:
    assert read(text).sentence == sentence


def test_where_there_are_no_lists_none_is_told() -> None:
    assert read("x", Adding()).sentence == "No date"
    assert read("x p1", Adding()).sentence == "No date, priority 1"


def test_a_date_in_words_is_that_of_the_account() -> None:
    late = Fixed(datetime(2026, 11, 22, 23, 30, tzinfo=UTC), "UTC")
    assert due_words(late, NOW, BERLIN) == "tomorrow at 00:30"


def test_what_was_understood_becomes_a_task() -> None:
    text = "Buy milk tomorrow p1 #Groceries @shop // the blue one"
    task = read(text, ALL_MARKS).task(text, uuid="u-1", typed_at=NOW)
    assert (task.uuid, task.text, task.typed_at) == ("u-1", text, NOW)
    assert (task.title, task.due, task.priority, task.list) == (
        "Buy milk",
        day("2026-11-23"),
        1,
        "g",
    )
    assert (task.labels, task.description, task.repeats) == (("shop",), "the blue one", "")


def test_what_cannot_be_sent_is_not_in_it() -> None:
    assert typed_text("a\x0bb\ud800c\n") == "a b\ufffdc "


# Whatever is typed

WORDS = st.sampled_from(
    [
        *("tomorrow", "fri", "at", "9", "18:00", "p1", "#Groceries", "#My", "Work", "24", "Dec"),
        *("every", "day", "in", "3", "days", "//", "@home", '"', "“", "”", "next", "week", "on"),
        *("2026-12-24", "24.12.", ",", "9am", "31", "the", "Feb", "9999-12-31", "months"),
        *("morgen", "Freitag", "jeden", "um", "Uhr", "nächsten", "Tagen", "Dezember", "24/12"),
        *("mañana", "viernes", "cada", "a", "las", "que", "viene", "de", "la", "dentro", "semana"),
        *("demain", "vendredi", "chaque", "à", "18h", "prochain", "dans", "jours", "le", "déc."),
        *("غدًا", "يوم", "الجمعة", "كل", "الساعة", "القادمة", "بعد", "أيام", "٢٤", "م", "،"),
    ]
)
TYPED = st.one_of(
    st.text(max_size=80),
    st.lists(WORDS, max_size=12).map(" ".join),
    st.text('p1#@/"9 :.,', max_size=40),
)


def solid(text: str) -> str:
    return re.sub(r"\s+", "", text)


SPOKEN = st.sampled_from(sorted(language.LANGUAGES))


@given(SPOKEN, TYPED, st.booleans(), st.dates(date(1, 1, 2), date(9999, 12, 30)), st.times())
def test_nothing_is_lost_that_was_not_understood(
    code: str, text: str, marks: bool, today: date, clock: time
) -> None:
    adding = ALL_MARKS if marks else LISTS
    now = datetime.combine(today, clock, UTC)
    with spoken(code):
        found = understood(text, now=now, zone=BERLIN, adding=adding)
    typed = typed_text(text)
    left, before = [], 0
    for begin, end in found.spans:
        assert before <= begin < end <= len(typed)
        left.append(typed[before:begin])
        before = end
    left.append(typed[before:])
    assert solid(found.title) == solid("".join(left))
    assert found.title == found.title.strip()
    assert bool(found.title) == bool(typed.strip())


@given(SPOKEN, TYPED)
def test_what_is_in_quotation_marks_is_a_title(code: str, text: str) -> None:
    inner = text.replace('"', "")
    with spoken(code):
        found = read(f'x "{inner}" tomorrow', ALL_MARKS)
    assert solid(f'x"{typed_text(inner)}"') == solid(found.title)
    assert found.due == day("2026-11-23")


@pytest.mark.parametrize("code", language.LANGUAGES)
@pytest.mark.parametrize(
    "text",
    [
        *("every " * 200, "#My " * 300, "at 9 " * 200, "// " * 400, "a" * 9999, "24 " * 300),
        *("jeden Montag, " * 70, "cada lunes y " * 70, "بعد " * 200, "le lundi " * 100),
    ],
    ids=lambda text: text[:12],
)
def test_a_long_text_is_cut(code: str, text: str) -> None:
    with spoken(code):
        assert len(read(text, ALL_MARKS).title) <= MAX_NEW_TASK


@given(SPOKEN, st.integers(0, 60 * 24 - 1))
def test_a_time_alone_is_the_next_one(code: str, minutes: int) -> None:
    said = time(minutes // 60, minutes % 60)
    with spoken(code):
        found = read(f"x {said:%H:%M}").due
    assert isinstance(found, Floating)
    ahead = found.at - at("2026-11-22T12:00").at
    assert timedelta() < ahead <= timedelta(days=1)
    assert found.at.time() == said
