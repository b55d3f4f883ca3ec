"""Ask services over HTTP.

httpx imports its command line along, and with it click, rich and pygments where these happen to be
installed (by Debian's package always): 4 MB. Here it is told that there is none.
"""

import sys

# None stands for a module that cannot be imported (importlib's reference, `sys.modules`).
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # typeshed knows modules only
