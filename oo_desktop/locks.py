"""Locks a file among the processes of one user, as each system does it.

Both ways are given back by the system when their owner dies, however it dies. On Windows it was
never run.
"""

import sys


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Lock an open file, and return whether nobody else has it; waits for nobody.

    shared: only to look. Windows has no such lock: there it shuts out others who look.

    The lock lasts until `descriptor` is closed. Raises OSError where there can be none.
    """
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:  # what it says where another process has it
            return False
    else:
        import fcntl

        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
