"""Calls to addresses that people configure, guarded against server-side request forgery.

A name is resolved once, every address it has is checked, and the connection goes to one of those, so that a second
answer of its name server changes nothing. Redirects and proxies are not followed.
"""

import asyncio
import re
import socket
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from shared.kernel.errors import Invalid, Unavailable
from shared.platform.settings import Settings

type Address = IPv4Address | IPv6Address
type Resolve = Callable[[str, int], Sequence[Address]]

DEADLINE: Final = 5.0  # seconds, for resolving, connecting and reading together
_MAX_LOOKUPS: Final = 20
MAX_REPLY: Final = 1_024 * 1_024
_PUBLIC_PORTS: Final = frozenset({443, 3000, 8443, 9090, 9093})  # HTTPS; Grafana, Prometheus and AlertManager by habit
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_FAMILY: Final = {4: socket.AF_INET, 6: socket.AF_INET6}
# One grammar that every parser reads alike: no user, no escapes or blanks in the host, no other alphabets, no zone.
_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?:\[(?P<v6>[0-9A-Fa-f:.]{2,45})\]|(?P<name>[A-Za-z0-9._-]{1,253}))"
    r"(?::(?P<port>[0-9]{1,5}))?(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?",
    re.ASCII,
)

_GLOBAL_UNICAST: Final = ip_network("2000::/3")  # mapped, compatible, NAT64, site-local and multicast lie outside of it
_NEVER: Final = tuple(
    map(
        ip_network,
        (
            "168.63.129.16/32",  # Azure's own services on each machine
            "192.0.0.0/24",  # protocol assignments, of which Python calls some global
            "192.88.99.0/24",  # 6to4 relays
            "224.0.0.0/4",  # multicast
            "2001::/23",  # Teredo, ORCHID and other protocol assignments
            "2002::/16",  # 6to4: an IPv4 address in disguise
            "3fff::/20",  # documentation
        ),
    )
)
_PRIVATE: Final = tuple(
    map(ip_network, ("10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"))
)
_METADATA: Final = ip_address("fd00:ec2::254")  # a cloud's instance metadata inside the private range


class AddressRefused(Invalid):
    """One text for all reasons, so that nobody learns which names and addresses exist inside."""

    title = "This address cannot be called."


class NoAnswer(Unavailable):
    """Called, without success. The detail is one of ours, and never what the other side said."""

    title = "The configured address is not responding."


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered, whatever the status. The names of headers may be asked for in any case."""

    status: int
    content: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads. `host` is a name, or an address without brackets."""

    scheme: str
    host: str
    port: int


def target_of(url: str) -> Target:
    """Return where an HTTP URL leads. Raises `ValueError` for whatever is not plainly one."""
    found = _URL.fullmatch(url)
    if found is None:
        raise ValueError("must be an http or https URL in plain ASCII, without user, password or fragment")
    scheme = found["scheme"]
    port = int(found["port"] or _DEFAULT_PORTS[scheme])
    if not 0 < port < 1 << 16:
        raise ValueError("must have a port between 1 and 65535")
    return Target(scheme, found["v6"] or found["name"], port)


def is_callable(address: Address, *, private: bool) -> bool:
    """Whether an address may be connected to; `private` admits private and loopback ones as well."""
    if private and any(address in network for network in _PRIVATE):
        return address != _METADATA
    in_range = isinstance(address, IPv4Address) or address in _GLOBAL_UNICAST
    return in_range and address.is_global and not any(address in network for network in _NEVER)


def resolve(host: str, port: int) -> Sequence[Address]:
    """Return every address of a host, as the system knows it; none when it knows nothing. Blocks."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return [ip_address(sockaddr[0]) for *_, sockaddr in found]


class Outbound:
    """Makes guarded calls. Only with `OUTBOUND_ALLOW_PRIVATE` may they be plain HTTP, private, or of any port."""

    def __init__(self, settings: Settings, *, resolve: Resolve = resolve, deadline: float = DEADLINE) -> None:
        self._private = settings.outbound_allow_private
        self._resolve = resolve
        self._deadline = deadline
        # A lookup cannot be given up. Slow ones of configured names must not hold the loop's own few threads, which the
        # database's driver needs to connect.
        self._lookups = ThreadPoolExecutor(_MAX_LOOKUPS, thread_name_prefix="lookup")

    async def get(self, url: str, *, headers: Mapping[str, str], most: int = MAX_REPLY) -> Reply:
        """Call a URL once, within the deadline and `most` bytes. Raises `AddressRefused` and `NoAnswer`."""
        return await self._call("GET", url, headers, None, most)

    async def post(self, url: str, *, headers: Mapping[str, str], content: bytes) -> Reply:
        """Send content to a URL once, as `get` does. Whoever gets `NoAnswer` cannot know whether it arrived."""
        return await self._call("POST", url, headers, content, MAX_REPLY)

    def close(self) -> None:
        self._lookups.shutdown(wait=False, cancel_futures=True)

    async def _call(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None, most: int) -> Reply:
        try:
            async with asyncio.timeout(self._deadline):
                return await _fetch(method, url, headers, content, most, await self._checked(url))
        except TimeoutError:
            raise NoAnswer(f"did not answer within {self._deadline:g} seconds") from None

    async def _checked(self, url: str) -> Sequence[Address]:
        """Return the addresses behind a URL when all of them may be called. Raises `AddressRefused`."""
        try:
            target = target_of(url)
        except ValueError:
            raise AddressRefused from None
        if not self._private and (target.scheme != "https" or target.port not in _PUBLIC_PORTS):
            raise AddressRefused
        loop = asyncio.get_running_loop()
        addresses = await loop.run_in_executor(self._lookups, self._resolve, target.host, target.port)
        if not addresses or not all(is_callable(address, private=self._private) for address in addresses):
            raise AddressRefused
        return addresses


async def _fetch(
    method: str, url: str, headers: Mapping[str, str], sent: bytes | None, most: int, addresses: Sequence[Address]
) -> Reply:
    """Call a URL on addresses that were checked; its name still goes into `Host` and the TLS handshake."""
    import aiohttp  # noqa: PLC0415 - 0.3 s of imports, not needed to start
    from aiohttp.abc import AbstractResolver, ResolveResult  # noqa: PLC0415 - as above

    class Pinned(AbstractResolver):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
        ) -> list[ResolveResult]:
            found = [(_FAMILY[address.version], str(address)) for address in addresses]
            return [
                ResolveResult(hostname=host, host=address, port=port, family=own, proto=0, flags=socket.AI_NUMERICHOST)
                for own, address in found
                if family in {socket.AF_UNSPEC, own}
            ]

        async def close(self) -> None:
            return

    try:
        async with (
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=Pinned(), use_dns_cache=False, force_close=True),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            ) as http,
            http.request(
                method, url, headers={"Accept-Encoding": "identity", **headers}, data=sent, allow_redirects=False
            ) as response,
        ):
            content = bytearray()
            async for chunk in response.content.iter_any():
                content += chunk
                if len(content) > most:
                    raise NoAnswer(f"answered with more than {most >> 20} MiB")
            return Reply(response.status, bytes(content), response.headers)
    except aiohttp.ClientConnectorCertificateError:
        raise NoAnswer("has no certificate that can be trusted") from None
    except (aiohttp.ClientError, OSError):
        raise NoAnswer("could not be reached") from None
