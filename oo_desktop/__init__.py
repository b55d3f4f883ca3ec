"""Shows what needs you now in the system tray: oO desktop."""

__version__ = "0.1.0"
