"""Who may do what: one table, role by permission."""

from collections.abc import Mapping
from typing import Final

from shared.access.errors import RoleTooHigh
from shared.kernel.values import Actor, Permission, Role

_READ: Final = frozenset(
    {
        Permission.TENANT_READ,
        Permission.PROJECT_READ,
        Permission.MEMBER_READ,
        Permission.INCIDENT_READ,
        Permission.HYPOTHESIS_READ,
        Permission.INTEGRATION_READ,
        Permission.MAINTENANCE_READ,
        Permission.NOTIFICATION_READ,
        Permission.CHANGE_READ,
        Permission.SERVICE_READ,
    }
)
_ACT: Final = _READ | {
    Permission.INCIDENT_TRANSITION,
    Permission.INCIDENT_WRITE,
    Permission.HYPOTHESIS_WRITE,
    Permission.MAINTENANCE_WRITE,
}
_CONFIGURE: Final = _ACT | {
    Permission.COMMENT_MODERATE,
    Permission.PROJECT_WRITE,
    Permission.MEMBER_WRITE,
    Permission.INTEGRATION_WRITE,
    Permission.NOTIFICATION_WRITE,
    Permission.SERVICE_WRITE,
    Permission.API_KEY_READ,
    Permission.API_KEY_WRITE,
    Permission.AUDIT_READ,
}

GRANTED: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.VIEWER: _READ,
    Role.ENGINEER: _ACT,
    Role.ADMIN: _CONFIGURE,
    Role.OWNER: _CONFIGURE,
}

# Granted beside the role in a project, to whoever owns the tenant.
TENANT_OWNER: Final = frozenset({Permission.TENANT_WRITE})
INTEGRATION: Final = frozenset({Permission.ALERT_INGEST})


def covers(granter: Role, granted: Role) -> bool:
    """Whether someone of role `granter` may give a credential of role `granted`: never more than they have."""
    return GRANTED[granted] <= GRANTED[granter] and (granted is not Role.OWNER or granter is Role.OWNER)


def check_may_give(actor: Actor, role: Role) -> None:
    """Raises `RoleTooHigh` where the role is above the actor's own; also where it is to be taken away."""
    if actor.role is None or not covers(actor.role, role):
        raise RoleTooHigh(role=role.value)
