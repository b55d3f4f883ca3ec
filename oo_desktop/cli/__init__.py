"""Starts the one running oO from the command line, or asks it something.

A command has to answer in the blink of an eye, so nothing that takes time is imported before it is
clear that this process becomes the tray.
"""

from oo_desktop.cli.start import main

__all__ = ["main"]
