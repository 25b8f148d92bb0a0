"""A worker process that takes turns at a company and kills itself, as `kill -9` would, in the middle of an import.

Arguments: connection, the length of a page, and a piece of SQL: it dies before the statement with it is
done for the second time, so with the first page stored and the second one not.
"""

import os
import signal
import sys
from typing import Any
from uuid import UUID

import django

django.setup()

from django.db import connection as database

from integrations.governor.pace import Unpaced
from integrations.inbound import pages
from integrations.serving import serve

MOST_TURNS = 20


def main(company: str, page: str, fatal: str) -> None:
    pages.LENGTH, pages.OVERLAP = int(page), 2
    met = 0

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal met
        met += fatal in sql
        if met == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    with database.execute_wrapper(watch):
        for _ in range(MOST_TURNS):
            serve(UUID(company), pace=Unpaced())


main(*sys.argv[1:])
