"""Says how far ahead a calendar's events are shown: a key that calendars of every kind have."""

from oo_desktop.config import MAX_DAYS_AHEAD
from oo_desktop.errors import ConfigError
from oo_desktop.language import translated, untranslated, untranslated_forms
from oo_desktop.model.settings import Kind, Setting


def days_ahead_setting(section: str, *, label: str, meaning: str) -> Setting:
    """Return `days_ahead` of a section of config.toml, as a person changes it.

    label, meaning: of which calendars it is, in the words of the settings.
    """
    return Setting(
        name=f"{section}.days_ahead",
        kind=Kind.WHOLE,
        default=1,
        heading=untranslated("Events, this far ahead"),
        label=label,
        meaning=meaning,
        most=MAX_DAYS_AHEAD,
        unit=untranslated_forms("day", "days"),
        least_words=untranslated("today only"),
    )


def check_days_ahead(days: int, section: str) -> None:
    """Raise ConfigError, naming the key, for days that no list shows."""
    if not 0 <= days <= MAX_DAYS_AHEAD:
        key = f"{section}.days_ahead"
        raise ConfigError(
            translated("{key} must be from 0 to {most}.", key=key, most=MAX_DAYS_AHEAD), key=key
        )
