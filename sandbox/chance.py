"""Everything random: drawn from a seed and a counter, so runs can be repeated."""

import hashlib
import uuid


class Chance:
    """The n-th draw of a seed is always the same; `draws` is kept over a restart."""

    def __init__(self, seed: str, draws: int = 0) -> None:
        self.seed = seed
        self.draws = draws

    def block(self) -> bytes:
        self.draws += 1
        return hashlib.sha256(f"{self.seed}:{self.draws}".encode()).digest()

    def hex(self, length: int) -> str:
        text = ""
        while len(text) < length:
            text += self.block().hex()
        return text[:length]

    def number(self, below: int) -> int:
        return int.from_bytes(self.block()[:12], "big") % below

    def happens(self, fraction: float) -> bool:
        """True in `fraction` of the draws."""
        return self.number(1_000_000) < fraction * 1_000_000

    def uuid(self) -> str:
        return str(uuid.UUID(bytes=self.block()[:16], version=4))

    def shuffled(self, values: list) -> list:
        rest, out = list(values), []
        while rest:
            out.append(rest.pop(self.number(len(rest))))
        return out
