"""Why a demo does not start."""


class CannotStart(Exception):
    """The demo cannot start; the message says why and what to do."""
