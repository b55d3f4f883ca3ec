"""Stands in for services: their real wire formats over real HTTP, for the demo and the tests.

Written from the services' documentation, not from what oO asks of them, and importing nothing of
oO: a misunderstanding cannot hide by being on both sides. Where the documentation is silent, the
docstrings say which choice was made. Only `process` and `visitor` are for use from outside; both
need nothing but the standard library.
"""
