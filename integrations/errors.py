"""Everything a call to the other side can end in, named by what happens next.

Adapters translate into these once, at the edge; nobody above asks for status codes. A class's docstring is the sentence
staff read when nothing more precise is known.
"""


class SyncError(Exception):
    """The other side did not do what we asked."""

    # ``words`` is what staff read, ``hint`` what they can do, ``detail`` the other side's own text,
    # ``reference`` the vendor's id of the call, for their support.
    def __init__(
        self,
        words: str = "",
        *,
        code: str = "",
        reference: str = "",
        hint: str = "",
        detail: str = "",
    ) -> None:
        super().__init__(words or self.__doc__ or "")
        self.words = words or (self.__doc__ or "")
        self.code = code
        self.reference = reference
        self.hint = hint
        self.detail = detail


class Temporary(SyncError):
    """The other side is busy or away; we try again by ourselves."""

    # ``answered`` says that it did look at the write, and so may tell the same again under the same key.
    def __init__(
        self,
        words: str = "",
        *,
        retry_after_seconds: float | None = None,
        throttled: bool = False,
        answered: bool = False,
        code: str = "",
        reference: str = "",
        hint: str = "",
        detail: str = "",
    ) -> None:
        super().__init__(words, code=code, reference=reference, hint=hint, detail=detail)
        self.retry_after_seconds = retry_after_seconds
        self.throttled = throttled
        self.answered = answered


class Waiting(SyncError):
    """Something must be done by a person before this can go on."""


class NeedsConsent(Waiting):
    """The authorisation has ended; an admin has to reconnect."""


class AppRefused(Waiting):
    """The vendor does not accept the app that we speak to it through; that is about no document."""


class Refused(SyncError):
    """The other side refused this document; it stays here until it is changed."""


class KeepsOther(Refused):
    """The other side keeps something else than we sent, also when told again; compare the two."""


class NotUnderstood(Refused):
    """Their document has a form that we cannot read."""


class Locked(Refused):
    """The other side lets nobody change or void this document any more, as once it is deposited."""


class AlreadyThere(Refused):
    """This number or name is already taken over there."""


class PeriodClosed(Refused):
    """The books are closed for this date; it goes on once they are open."""


class Stale(SyncError):
    """The document was changed over there since we last saw it."""


class Vanished(SyncError):
    """The document no longer exists over there."""


class OutcomeUnknown(SyncError):
    """No answer came back, so it is not known whether the document was written."""


class TokenRejected(SyncError):
    """The access token was not accepted; it is renewed and the call repeated once."""


class Broken(SyncError):
    """Regentra itself failed on this document; nothing else is held up, and the failure is in our log."""
