"""The addresses of the product, read from the URLconf itself."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

BELOW = "o/<slug:organization>/"


def patterns(
    resolver: URLResolver, prefix: str = "", space: str = ""
) -> Iterator[tuple[str, str, Any]]:
    """Every address with its route, its full name and its view."""
    for each in resolver.url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            yield route, f"{space}{each.name}", each.callback
        else:
            deeper = f"{space}{each.namespace}:" if each.namespace else space
            yield from patterns(each, route, deeper)


def of_an_organization() -> dict[str, tuple[str, Any]]:
    """Name → (route, view) of every address below an organization."""
    return {
        name: (route, view)
        for route, name, view in patterns(get_resolver())
        if route.startswith(BELOW)
    }
