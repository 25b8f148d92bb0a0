"""Which database this is, as it knew itself last."""

from django.db import models


class KnownDatabase(models.Model):
    """One row. When what PostgreSQL says of itself differs from it, the rows here are those of an earlier moment.

    ``safe_since`` is when all companies entered safe mode last; empty when that never was, or was called off.
    """

    id = models.PositiveSmallIntegerField(primary_key=True)
    identity = models.CharField(max_length=100)
    noticed_at = models.DateTimeField()
    safe_since = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.identity
