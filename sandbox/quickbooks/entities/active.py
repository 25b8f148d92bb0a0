"""Inactivation: the name gets the suffix " (deleted)", re-activation takes it off again."""

from sandbox.quickbooks.kinds import Draft

SUFFIX = " (deleted)"


def rename(draft: Draft, name_field: str) -> None:
    """Make the name fit the Active flag of the draft."""
    body = draft.body
    name = body[name_field]
    if body.get("Active", True):
        body[name_field] = name.removesuffix(SUFFIX)
    elif not name.endswith(SUFFIX):
        body[name_field] = name + SUFFIX
