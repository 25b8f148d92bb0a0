"""What the entities do. Importing the modules registers their kinds."""

import importlib
import pkgutil


def load() -> None:
    """Register every entity, in the order of the module names."""
    for found in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        importlib.import_module(f"{__name__}.{found.name}")
