"""What an examination finds."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be, and what to do about it."""

    what: str
    fix: str
    is_problem: bool = True


def note(what: str, fix: str) -> Finding:
    """Something that works, but that an operator may want to know."""
    return Finding(what, fix, is_problem=False)


def report(findings: Iterable[Finding]) -> str:
    """The findings as an operator reads them, problems first."""
    ordered = sorted(findings, key=lambda finding: not finding.is_problem)
    return "\n".join(
        f"{'PROBLEM' if finding.is_problem else 'note   '}  {finding.what}\n         → {finding.fix}"
        for finding in ordered
    )
