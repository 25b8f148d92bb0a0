"""Every name the product reads from the environment is explained in .env.example."""

import re

from regentra.paths import BASE

READ = re.compile(
    r"""(?:env\.\w+|secret|os\.environ\.get)\(\s*"([A-Z][A-Z_]+)"|database\("([A-Z_]+)\""""
)
CODE = ("regentra", "tenants", "billing", "integrations", "webhooks")
# Set by Django's own starters, not by an operator.
OURS_ALONE = {"DJANGO_SETTINGS_MODULE", "PATH"}


def test_every_setting_read_is_explained() -> None:
    explained = set(
        re.findall(r"^(?:# )?([A-Z_]+)=", (BASE / ".env.example").read_text(), re.MULTILINE)
    )
    assert _names_read() - OURS_ALONE <= explained


def test_every_setting_explained_is_read() -> None:
    explained = set(
        re.findall(r"^(?:# )?([A-Z_]+)=", (BASE / ".env.example").read_text(), re.MULTILINE)
    )
    assert explained - _names_read() <= {"SANDBOX_PORT"}  # read by the demo


def _names_read() -> set[str]:
    files = [path for app in CODE for path in (BASE / app).rglob("*.py")]
    found = (match for path in files for match in READ.findall(path.read_text()))
    return {name for pair in found for name in pair if name}
