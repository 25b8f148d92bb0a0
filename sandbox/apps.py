"""Apps of the developer portal: keys, redirect addresses, webhook endpoint."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class App:
    """One Intuit app. `redirect_uris` must be matched to the letter."""

    client_id: str
    client_secret: str
    name: str = "Your app"
    redirect_uris: list[str] = field(default_factory=list)
    webhook_url: str = ""
    verifier: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def from_text(text: str) -> App:
    """`client_id,client_secret,redirect_uri,webhook_url,verifier`; also with ":" where no
    address holds one, or as JSON. Raises ValueError."""
    from sandbox import jsontext

    if text.lstrip().startswith("{"):
        return from_json(jsontext.loads(text))
    parts = text.split(",") if "," in text else split_addresses(text)
    parts += [""] * (5 - len(parts))
    if not parts[0] or not parts[1]:
        raise ValueError("an app needs client_id and client_secret")
    return App(parts[0], parts[1], redirect_uris=[u for u in [parts[2]] if u], webhook_url=parts[3],
               verifier=parts[4])  # fmt: skip


def split_addresses(text: str) -> list[str]:
    """Split at ":" but keep `http://host:port/path` together."""
    import re

    pattern = r"(https?://[^/:]+(?::\d+)?(?:/[^:]*)?|[^:]*)(?::|$)"
    return [m.group(1) for m in re.finditer(pattern, text)][: text.count(":") + 1][:5]


def from_json(wish: Any) -> App:
    known = {k: v for k, v in wish.items() if k in App.__dataclass_fields__}
    if "redirect_uri" in wish:
        known["redirect_uris"] = [*known.get("redirect_uris", []), wish["redirect_uri"]]
    return App(**known)
