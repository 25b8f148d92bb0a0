"""``manage.py doctor``: what is misconfigured, and how to put it right."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from regentra.doctor.engines import examine_engines
from regentra.doctor.environment import examine_environment
from regentra.doctor.findings import Finding, report
from regentra.doctor.secrets import examine_sealed, examine_secrets
from regentra.doctor.vendors import examine_vendors


class Command(BaseCommand):
    help = "Examines settings, database roles, migrations, Redis and keys; ends with 1 if something is wrong."
    requires_system_checks = ()  # they ask the database, which may be what is wrong

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--vendors", action="store_true", help="also try to reach the vendors")

    def handle(self, **options: Any) -> None:
        findings = [
            *examine_environment(os.environ),
            *examine_secrets(),
            *examine_engines(),
            *(examine_vendors() if options["vendors"] else []),
        ]
        # What is stored can be looked at only where the keys can be read and the tables are there.
        if not _is_wrong(findings):
            findings += examine_sealed()
        if findings:
            self.stdout.write(report(findings))
        if _is_wrong(findings):
            raise CommandError("Something is wrong; see above.")
        self.stdout.write("All is well.")


def _is_wrong(findings: list[Finding]) -> bool:
    return any(finding.is_problem for finding in findings)
