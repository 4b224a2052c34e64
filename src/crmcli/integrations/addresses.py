"""Where the name of a host leads, and whether that is the public internet.

An address that carries another one inside (mapped, translated, tunnelled) is judged by both: the standard library calls
2002:7f00:1:: and 64:ff9b::7f00:1 global, though they lead to this very machine.
"""

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
_COMPATIBLE = IPv6Network("::/96")  # RFC 4291, 2.5.5.1
_TRANSLATED = IPv6Network("64:ff9b::/96")  # RFC 6052, 2.1
_TRANSLATED_HERE = IPv6Network("64:ff9b:1::/48")  # RFC 8215: only within one's own net
_LAST_32_BITS = 0xFFFFFFFF


def resolve(host: str, port: int, limit_s: float) -> list[tuple[Any, ...]]:
    """Return the socket addresses of a host; OSError, TimeoutError among them, when there are none in time."""
    from threading import Thread

    found: list[tuple[Any, ...]] = []
    failed: list[OSError] = []

    def look_up() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(address for *_, address in answers))
        except (OSError, UnicodeError) as error:
            failed.append(error if isinstance(error, OSError) else OSError(str(error)))

    thread = Thread(target=look_up, daemon=True)  # a resolver may hang, and takes no time limit
    thread.start()
    thread.join(max(limit_s, 0))
    if failed:
        raise failed[0]
    if not found:
        raise TimeoutError("the name was not resolved in time")
    return found


def is_public(text: str) -> bool:
    """Say whether a numeric address, and every one that it carries inside, is on the public internet."""
    try:
        address = ip_address(text.partition("%")[0])  # a zone marks an address of this link
    except ValueError:
        return False
    if "%" in text or address in _TRANSLATED_HERE:
        return False
    return all(one.is_global and not one.is_multicast for one in _unwrapped(address))


def _unwrapped(address: Address) -> Iterator[Address]:
    """Yield the addresses at which a packet may end; an IPv4 address inside takes the place of its wrapping."""
    if isinstance(address, IPv4Address):
        yield address
        return
    inside: list[IPv4Address] = []
    if address.ipv4_mapped:
        inside.append(address.ipv4_mapped)
    if address.sixtofour:
        inside.append(address.sixtofour)
    if address.teredo:
        inside += address.teredo
    if address in _TRANSLATED or address in _COMPATIBLE:
        inside.append(IPv4Address(int(address) & _LAST_32_BITS))
    yield from inside or (address,)
