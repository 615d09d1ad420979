"""What a connection may do with groups: roles of its token, and permissions granted and revoked since."""

import re
from collections.abc import Collection
from enum import StrEnum
from functools import lru_cache

MAX_ASTERISKS = 5
DENIAL = "!"  # marks a role taken away although a wider one would still give it

_PATTERN_TOKEN = re.compile(r"\\(?P<escaped>[*?\\])|(?P<wildcard>\*+|\?)|(?P<literal>[^\\*?])", re.DOTALL)
_WILDCARDS = {"?": "[^.]", "*": "[^.]*"}


class Permission(StrEnum):
    JOIN_LEAVE_GROUP = "joinLeaveGroup"
    SEND_TO_GROUP = "sendToGroup"


def allows(roles: Collection[str], permission: Permission, group: str | None) -> bool:
    """Whether `roles` give `permission` on `group`; None asks for every group."""
    if DENIAL + _role(permission, group) in roles:
        return False
    if _role(permission, None) in roles or _role(permission, group) in roles:
        return True
    prefix = f"webpubsub.{permission}s."
    patterns = (role.removeprefix(prefix) for role in roles if role.startswith(prefix))
    return group is not None and any(_matches(pattern, group) for pattern in patterns)


def grant(roles: Collection[str], permission: Permission, group: str | None) -> frozenset[str]:
    kept = _without(roles, permission, denials_only=True) if group is None else frozenset(roles)
    return kept - {DENIAL + _role(permission, group)} | {_role(permission, group)}


def revoke(roles: Collection[str], permission: Permission, group: str | None) -> frozenset[str]:
    if group is None:
        return _without(roles, permission, denials_only=False)
    kept = frozenset(roles) - {_role(permission, group)}
    return kept | {DENIAL + _role(permission, group)} if allows(kept, permission, group) else kept


def _role(permission: Permission, group: str | None) -> str:
    return f"webpubsub.{permission}" if group is None else f"webpubsub.{permission}.{group}"


def _without(roles: Collection[str], permission: Permission, *, denials_only: bool) -> frozenset[str]:
    base = _role(permission, None)
    prefixes = (DENIAL + base,) if denials_only else (DENIAL + base, base)
    return frozenset(role for role in roles if not role.startswith(prefixes))


def _matches(pattern: str, group: str) -> bool:
    compiled = _compile(pattern)
    return compiled is not None and compiled.fullmatch(group) is not None


@lru_cache(maxsize=1024)
def _compile(pattern: str) -> re.Pattern[str] | None:
    """The pattern as an expression; None for one the service refuses, which gives nothing."""
    expression, end, asterisks = "", 0, 0
    for token in _PATTERN_TOKEN.finditer(pattern):
        if token.start() != end:
            return None
        end = token.end()
        if wildcard := token["wildcard"]:
            asterisks += wildcard.count("*")
            expression += _WILDCARDS.get(wildcard, ".*")
        else:
            expression += re.escape(token["escaped"] or token["literal"])
    if end != len(pattern) or not pattern or asterisks > MAX_ASTERISKS:
        return None
    return re.compile(expression, re.DOTALL)
