from django.apps import AppConfig


class RegentraConfig(AppConfig):
    name = "regentra"

    def ready(self) -> None:
        """Whoever sets Django up can send tasks: without this they would go to Celery's default broker."""
        from regentra import celery  # noqa: F401
