"""Lists oO's own settings that a person changes by the window or `oo-desktop set`, as values. Pure.

Those of a service are listed by its connector. The values are in config.toml, where all else can be
set as well: addresses, ports and clients are for people who edit that file.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from oo_desktop.errors import ConfigError
from oo_desktop.language import LANGUAGES, plural, translated, untranslated, untranslated_forms
from oo_desktop.model.icon_style import IconStyle
from oo_desktop.model.preferences import Language, time_of_day
from oo_desktop.model.signals import MAX_REMINDER_MINUTES

Value = bool | int | float | str
"""What a setting can be."""


class Kind(StrEnum):
    """Names what a setting is, and so how it is chosen."""

    SWITCH = "switch"
    NUMBER = "number"
    WHOLE = "whole"
    TIME = "time"
    """A time of day, `22:30`."""
    TEXT = "text"
    CHOICE = "choice"
    """One of a few words."""
    ACCOUNT = "account"
    """A provider, `provider:user_id`, or empty."""
    LIST = "list"
    """The id of a list of that account, or empty."""


class Setting(Struct, frozen=True, kw_only=True):
    """Describes one setting.

    label, meaning, heading, unit, least_words: in English; marked for the catalogue.
    name: `section.key`, or a key, of config.toml.
    label: what the window calls it. meaning: a sentence for the command line.
    heading: of a service's: what it stands under, beside those of other services.
    least, most: of numbers; of a text, its characters. unit: what is counted, one and
        several of it. least_words: what the least of a number comes to; empty: just that.
    choices: of a choice: each word, and what the window calls it.
    """

    name: str
    kind: Kind
    default: Value
    label: str
    meaning: str
    least: int = 0
    most: int = 0
    unit: tuple[str, str] | None = None
    least_words: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    heading: str = ""


SETTINGS = (
    Setting(
        name="show.all_day",
        kind=Kind.SWITCH,
        default=True,
        label=untranslated("Events of whole days"),
        meaning=untranslated("Whether events of whole days are listed."),
    ),
    Setting(
        name="show.tentative",
        kind=Kind.SWITCH,
        default=True,
        label=untranslated("Events that are not certain"),
        meaning=untranslated(
            "Whether events are listed that are tentative, or that you may go to."
        ),
    ),
    Setting(
        name="show.unanswered",
        kind=Kind.SWITCH,
        default=True,
        label=untranslated("Invitations without an answer"),
        meaning=untranslated("Whether invitations are listed that you have not answered."),
    ),
    Setting(
        name="notifications.events",
        kind=Kind.SWITCH,
        default=True,
        label=untranslated("Remind of events"),
        meaning=untranslated("Whether you are reminded of events."),
    ),
    Setting(
        name="notifications.tasks",
        kind=Kind.SWITCH,
        default=True,
        label=untranslated("Remind of tasks"),
        meaning=untranslated("Whether you are reminded of tasks."),
    ),
    Setting(
        name="reminder_minutes",
        kind=Kind.WHOLE,
        default=10,
        label=untranslated("Before an event that names no time of its own"),
        meaning=untranslated(
            "How long before an event you are reminded where its calendar says nothing. 0: not "
            "at all."
        ),
        most=MAX_REMINDER_MINUTES,
        least_words=untranslated("never"),
        unit=untranslated_forms("minute", "minutes"),
    ),
    Setting(
        name="notifications.clicks",
        kind=Kind.SWITCH,
        default=True,
        label=untranslated("Tell what became of a click, with Undo"),
        meaning=untranslated("Whether a notification tells what became of a click."),
    ),
    Setting(
        name="notifications.in_meetings",
        kind=Kind.SWITCH,
        default=True,
        label=untranslated("Interrupt during meetings"),
        meaning=untranslated("Whether notifications come while a meeting runs."),
    ),
    Setting(
        name="notifications.quiet_from",
        kind=Kind.TIME,
        default="00:00",
        label=untranslated("Quiet from"),
        meaning=untranslated("When the quiet hours begin; the same as their end: never."),
    ),
    Setting(
        name="notifications.quiet_until",
        kind=Kind.TIME,
        default="00:00",
        label=untranslated("Quiet until"),
        meaning=untranslated("When the quiet hours end; on the next day where that is earlier."),
    ),
    Setting(
        name="hide_titles",
        kind=Kind.SWITCH,
        default=False,
        label=untranslated("Hide titles, to share the screen"),
        meaning=untranslated("Whether the screen leaves out what tasks and events are called."),
    ),
    Setting(
        name="icon",
        kind=Kind.CHOICE,
        default=IconStyle.AUTO.value,
        label=untranslated("Icon in the tray"),
        meaning=untranslated(
            "How the tray icon is drawn: auto, seen on every panel; light; dark; symbolic, in the "
            "panel’s own colour, where oO’s icons are installed and the panel colours them."
        ),
        choices=(
            (IconStyle.AUTO, untranslated("Seen on every panel")),
            (IconStyle.LIGHT, untranslated("Light, for a dark panel")),
            (IconStyle.DARK, untranslated("Dark, for a light panel")),
            (IconStyle.SYMBOLIC, untranslated("In the panel’s own colour")),
        ),
    ),
    Setting(
        name="language",
        kind=Kind.CHOICE,
        default=Language.AUTO.value,
        label=untranslated("Language"),
        meaning=untranslated(
            "The language of oO’s menu, windows and notifications: auto, that of your session; or "
            "its code, such as de."
        ),
        choices=(
            (Language.AUTO, untranslated("That of your session")),
            *((each, LANGUAGES[each]) for each in Language if each is not Language.AUTO),
        ),
    ),
    Setting(
        name="poll_interval",
        kind=Kind.NUMBER,
        default=120,
        label=untranslated("Ask the services every"),
        meaning=untranslated("How often services are asked."),
        least=5,
        most=86_400,
        unit=untranslated_forms("second", "seconds"),
    ),
    Setting(
        name="undo_seconds",
        kind=Kind.NUMBER,
        default=5,
        label=untranslated("Wait before a click is sent"),
        meaning=untranslated(
            "How long a click waits before it is sent, so that undo costs nothing."
        ),
        most=60,
        unit=untranslated_forms("second", "seconds"),
    ),
    Setting(
        name="quick_add.account",
        kind=Kind.ACCOUNT,
        default="",
        label=untranslated("New tasks go to"),
        meaning=untranslated(
            "Where new tasks go: an account, as provider:user_id, or a provider. Empty: the "
            "first account that takes tasks."
        ),
        most=512,
    ),
    Setting(
        name="quick_add.list",
        kind=Kind.LIST,
        default="",
        label=untranslated("List for new tasks"),
        meaning=untranslated(
            "The id of the list there that new tasks go to. Empty: the service’s own choice."
        ),
        most=512,
    ),
)
"""In the order in which `oo-desktop settings` lists them."""


class CurrentSetting(NamedTuple):
    """Holds a setting and the value that counts."""

    setting: Setting
    value: Value


DEFAULT = "default"
"""The word that takes a value out of config.toml."""

_WORDS = {
    "on": True,
    "yes": True,
    "true": True,
    "1": True,
    "off": False,
    "no": False,
    "false": False,
    "0": False,
}

_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,3})?")


def setting_named(name: str, settings: Iterable[Setting] = SETTINGS) -> Setting:
    """Return the one of `settings` of this name. Raises ConfigError."""
    for setting in settings:
        if setting.name == name:
            return setting
    raise ConfigError(
        translated("There is no setting “{name}”. See: oo-desktop settings", name=name[:40])
    )


def value_from_words(setting: Setting, words: str) -> Value | None:
    """Return what a person means by `words`; None: the default. Raises ConfigError."""
    said = words.strip()
    if said.lower() == DEFAULT:
        return None
    match setting.kind:
        case Kind.SWITCH:
            if said.lower() not in _WORDS:
                raise _wrong(setting, untranslated("{setting} must be on or off."))
            return _WORDS[said.lower()]
        case Kind.NUMBER | Kind.WHOLE:
            return _number(setting, said)
        case Kind.TIME:
            try:
                time_of_day(said)
            except ValueError:
                raise _wrong(
                    setting, untranslated("{setting} must be a time of day, such as 22:30.")
                ) from None
        case Kind.CHOICE:
            return _choice(setting, said.lower())
        case Kind.TEXT | Kind.ACCOUNT | Kind.LIST:
            if not setting.least <= len(said) <= setting.most or not said.isprintable():
                why = plural(
                    "{setting} must be text of at most {count} character.",
                    "{setting} must be text of at most {count} characters.",
                    setting.most,
                    setting=setting.name,
                )
                raise ConfigError(why, key=setting.name)
    return said


def _choice(setting: Setting, word: str) -> str:
    named = [value for value, _ in setting.choices]
    if word not in named:
        raise _wrong(
            setting,
            untranslated("{setting} must be one of these: {words}."),
            words=", ".join(named),
        )
    return word


def _number(setting: Setting, said: str) -> int | float:
    if not _NUMBER.fullmatch(said):
        raise _wrong(setting, untranslated("{setting} must be a number."))
    number = float(said)
    if setting.kind is Kind.WHOLE and number != int(number):
        raise _wrong(setting, untranslated("{setting} must be a whole number."))
    if not setting.least <= number <= setting.most:
        raise _wrong(
            setting,
            untranslated("{setting} must be from {least} to {most}."),
            least=setting.least,
            most=setting.most,
        )
    return int(number) if number == int(number) else number


def words_from_value(value: Value) -> str:
    """Return a value as a person says it, so that `value_from_words` understands it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _wrong(setting: Setting, why: str, **values: object) -> ConfigError:
    """why: marked for the catalogue, with `{setting}` and the names of `values` in it."""
    return ConfigError(translated(why, setting=setting.name, **values), key=setting.name)
