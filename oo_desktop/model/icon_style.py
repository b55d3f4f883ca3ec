"""Names how the tray icon may be drawn. Apart from other preferences: the icon comes first."""

from enum import StrEnum


class IconStyle(StrEnum):
    """Names how the tray icon is drawn."""

    AUTO = "auto"
    """In two tones, which is seen on every panel."""
    LIGHT = "light"
    DARK = "dark"
    SYMBOLIC = "symbolic"
    """By its name in the icon theme, for hosts that give such icons their own colour."""
