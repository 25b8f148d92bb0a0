#!/usr/bin/env python
"""Django's commands, and ours: doctor, demo_data, operator, …"""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from regentra.doctor.environment import examine_environment
from regentra.doctor.findings import report


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regentra.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as failure:
        # Django says the first thing that is missing; say all of them.
        sys.exit(f"{report(examine_environment(os.environ))}\n\nCannot start: {failure}")


if __name__ == "__main__":
    main()
