"""How a refusal of billing reaches the form that asked."""

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms
from django.db import transaction

from billing.errors import BillingError


@contextmanager
def refusals_on(form: forms.BaseForm) -> Iterator[None]:
    """Undoes what the block wrote when billing refuses, and shows its sentence at the form."""
    try:
        with transaction.atomic():
            yield
    except BillingError as refusal:
        # A form that asks for nothing may come with an empty body, and Django takes that for a form not sent.
        form.is_bound = True
        form.full_clean()
        form.add_error(None, str(refusal))
