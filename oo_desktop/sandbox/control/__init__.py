"""Lets a person or a test look at the sandbox, and make it misbehave."""
