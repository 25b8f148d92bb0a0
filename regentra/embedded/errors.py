"""What can go wrong with the embedded engines."""


class EngineFailed(Exception):
    """An embedded engine cannot be started or stopped. The message says why and what to do."""
