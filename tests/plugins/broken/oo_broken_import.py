"""A plug-in whose own needs are not met."""

import a_package_that_nobody_has  # type: ignore[import-not-found]  # noqa: F401  # it is the point
