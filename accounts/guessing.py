"""Guessing passwords, codes and links: how often it may fail, and that a stranger's failures lock nobody out.

Whoever tries from a browser that knows the account (accounts/devices.py), or is signed in to it, answers for that
browser alone. All others share what the account, their address, and the two together may fail. An account that does
not exist is counted like one that does. An office sits behind one address: what is counted by address is wide.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest

from accounts import devices
from audit.actions import client_address, record
from romagent.base.limits import Limit

IPV6_PREFIX = 64  # what one customer of a provider has at least


@dataclass(frozen=True)
class Kind:
    """What is guessed at (or asked for), and how often in vain: in a known browser; and for all others by account and
    address, by address, by account."""

    device: Limit
    pair: Limit
    address: Limit
    account: Limit


PASSWORD = Kind(
    device=Limit("senha.aparelho", 10, 300),
    pair=Limit("senha.conta-endereco", 10, 300),
    address=Limit("senha.endereco", 60, 60),
    account=Limit("senha.conta", 60, 3600),
)
# Of a million codes three are right at a time: ten an hour are found out in four years, by who knows the password.
CODE = Kind(
    device=Limit("codigo.aparelho", 10, 3600),
    pair=Limit("codigo.conta-endereco", 10, 3600),
    address=Limit("codigo.endereco", 60, 60),
    account=Limit("codigo.conta", 10, 3600),
)
# Links to choose a new password, by mail: each one that is asked for counts.
LINK = Kind(
    device=Limit("link.aparelho", 5, 3600),
    pair=Limit("link.conta-endereco", 5, 3600),
    address=Limit("link.endereco", 60, 3600),
    account=Limit("link.conta", 10, 3600),
)


def network(request: HttpRequest) -> str:
    """The address that a limit counts by: of IPv6 the network, since everybody has millions of addresses in it."""
    address = client_address(request) or "?"
    if address != "?" and isinstance(ip_address(address), IPv6Address):
        return str(ip_network(f"{address}/{IPV6_PREFIX}", strict=False))
    return address


def seconds_to_wait(request: HttpRequest, email: str, kind: Kind) -> int:
    """How long whoever asks has to wait before the next guess at this account; 0: not at all."""
    return max(limit.wait(*who) for limit, *who in _counted(request, email, kind))


def failed(request: HttpRequest, email: str, kind: Kind) -> None:
    """Counts a wrong guess; the one that fills a limit is a lock-out, which is one row in the audit log.

    Guesses that are checked at the same moment are all looked at before the first is counted: a process lets through
    at most as many more as it has threads.
    """
    for limit, *who in _counted(request, email, kind):
        limit.hit(*who)
        if limit.wait(*who) and cache.add(f"bloqueio:{limit.action}:{':'.join(who)}", True, timeout=limit.seconds):
            user = request.user if request.user.is_authenticated else None
            record("entrar.bloqueado", user=user, request=request, email=email[:255], new={"limit": limit.action})


def succeeded(request: HttpRequest, email: str, kind: Kind) -> None:
    """Who got in starts anew; what others failed from her address or at her account stays counted."""
    for limit, *who in _counted(request, email, kind):
        if limit in {kind.device, kind.pair}:
            limit.forget(*who)


def _counted(request: HttpRequest, email: str, kind: Kind) -> list[tuple[Any, ...]]:
    """The limits that hold for who asks, each with whom it is counted for."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated and user.email == email.strip().lower():
        return [(kind.device, str(user.pk))]
    if name := devices.known(request, email):
        return [(kind.device, name)]
    account, address = devices.account_tag(email), network(request)
    return [(kind.pair, account, address), (kind.address, address), (kind.account, account)]
