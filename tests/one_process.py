"""What shares something dear goes to one process of a parallel run: the tests that drive a browser share a demo.

The groups that pytest-xdist 3.8 knows itself are written into a name of the test that pytest 9.2 no longer reads.
"""

from xdist.scheduler import LoadScopeScheduling

TOGETHER = "tests/e2e/"


class Scheduling(LoadScopeScheduling):
    """Every other test goes to whichever process is free."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else nodeid
