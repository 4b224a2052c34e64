"""The keyring of the desktop: only back ends that encrypt what they keep, and never a wait of more than three seconds.

The library picks a back end by itself, which may be one that writes plain text or loses what it is given; so what it
picked is looked at before it is used. All of it runs in a thread of its own, since a keyring may wait for a dialog that
nobody sees. Where else a secret may be is the business of ``secrets``.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

LIMIT_S = 3.0
ALLOWED = {
    "keyring.backends.SecretService": "Secret Service",
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.Windows": "Windows Credential Locker",
}
_CHAIN = "keyring.backends.chainer"
T = TypeVar("T")


class UnavailableError(Exception):
    """A keyring cannot be used now; the message says why. ``hint`` is how to get one."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.hint = hint


class MissingError(UnavailableError):
    """There is no keyring that may be used, so that nothing is kept in one."""


class Kept(NamedTuple):
    """A secret and the name of the keyring that keeps it."""

    secret: str
    keyring: str

    def __repr__(self) -> str:
        return f"Kept({self.keyring})"


def find(service: str, name: str, limit_s: float = LIMIT_S) -> Kept | None:
    """Return what is kept under a name, None when nothing is; UnavailableError tells why nobody can know."""

    def look() -> Kept | None:
        for backend in _backends():
            secret = backend.get_password(service, name)
            if secret:
                return Kept(secret, _label(backend))
        return None

    return _within(limit_s, look)


def put(service: str, name: str, secret: str, limit_s: float = LIMIT_S) -> str:
    """Keep a secret and return the name of the keyring; UnavailableError when none will."""

    def keep() -> str:
        backend = _backends()[0]
        backend.set_password(service, name, secret)
        if backend.get_password(service, name) != secret:
            raise UnavailableError("the keyring does not give back what it was given")
        return _label(backend)

    return _within(limit_s, keep)


def remove(service: str, name: str, limit_s: float = LIMIT_S) -> bool:
    """Forget a secret and return whether there was one; UnavailableError when no keyring answers."""

    def drop() -> bool:
        found = [backend for backend in _backends() if backend.get_password(service, name)]
        for backend in found:
            backend.delete_password(service, name)
        return bool(found)

    return _within(limit_s, drop)


def _backends() -> "list[KeyringBackend]":
    """Return the back ends that may be used, the preferred one first; UnavailableError when there is none."""
    try:
        import keyring
    except ImportError:
        raise MissingError("the keyring library is not installed", "pip install 'crmcli[mail]', or ") from None
    picked = keyring.get_keyring()
    members = list(getattr(picked, "backends", ())) if type(picked).__module__ == _CHAIN else [picked]
    usable = [backend for backend in members if type(backend).__module__ in ALLOWED]
    if usable:
        return usable
    names = ", ".join(type(backend).__module__ for backend in members)
    if names in ("", "keyring.backends.fail"):
        raise MissingError("there is no keyring here")
    raise MissingError(f"the keyring {names} is not one that is safe")


def _label(backend: "KeyringBackend") -> str:
    return ALLOWED[type(backend).__module__]


def _within(limit_s: float, work: Callable[[], T]) -> T:
    """Return what work returns if it ends in time; whatever a keyring raises becomes UnavailableError."""
    from queue import Empty, SimpleQueue
    from threading import Thread

    answers: SimpleQueue[T | UnavailableError] = SimpleQueue()

    def answer() -> None:
        try:
            answers.put(work())
        except UnavailableError as error:
            answers.put(error)
        except Exception as error:  # back ends raise what they like, and its text may hold what they were given
            answers.put(UnavailableError(f"the keyring failed: {type(error).__name__}"))

    Thread(target=answer, daemon=True).start()
    try:
        found = answers.get(timeout=limit_s)
    except Empty:
        raise UnavailableError(f"the keyring does not answer within {limit_s:g} seconds") from None
    if isinstance(found, UnavailableError):
        raise found
    return found
