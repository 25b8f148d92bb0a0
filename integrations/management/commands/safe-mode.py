"""Has everything looked up in QuickBooks before it is first sent, as after a restore."""  # noqa: N999

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from integrations.models import SyncDue
from integrations.outbound import restored, safe_mode


class Command(BaseCommand):
    """`manage.py safe-mode on | off | status`: for all companies of the installation."""

    help = (
        "Looks each document up in QuickBooks before its first send, until all has been compared."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("wish", choices=["on", "off", "status"])

    def handle(self, *, wish: str, **options: Any) -> None:
        match wish:
            case "on":
                count = restored.declare()
                self.stdout.write(
                    f"{_companies(count)} in safe mode; each leaves it by itself. A company that is new here and "
                    f"connected within {safe_mode.FORGOTTEN_WITHIN.days} days begins in it."
                )
            case "off":
                count = safe_mode.leave_all()
                self.stdout.write(f"{_companies(count)} taken out of safe mode without comparing.")
            case _:
                self._status()

    def _status(self) -> None:
        rows = safe_mode.companies().select_related("organization").order_by("organization__slug")
        for row in rows:
            self.stdout.write(f"{row.organization.slug}: since {row.safe_since:%Y-%m-%d %H:%M} UTC")
        self.stdout.write(f"{rows.count()} of {_companies(SyncDue.objects.count())} in safe mode.")


def _companies(count: int) -> str:
    return f"{count} compan{'y' if count == 1 else 'ies'}"
