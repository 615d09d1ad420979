"""Which event goes where: the nervous system on one screen."""

from collections.abc import Mapping
from typing import Final

from shared.access.events import (
    ApiKeyCreated,
    ApiKeyRevoked,
    InvitationAccepted,
    InvitationCreated,
    InvitationRevoked,
    MemberChanged,
    MemberRemoved,
    PasswordChanged,
    PasswordReset,
    PasswordResetRequested,
    ProjectCreated,
    ProjectUpdated,
    RefreshTokenReplayed,
    SessionsEnded,
    TenantRegistered,
    TenantUpdated,
    UserUpdated,
)
from shared.alerts.events import (
    HoldsDue,
    MaintenanceWindowCancelled,
    MaintenanceWindowCreated,
    MaintenanceWindowUpdated,
    PoliciesChanged,
)
from shared.changes.events import ChangeRecorded
from shared.hypotheses.events import (
    AnalysisDue,
    BudgetChanged,
    BudgetReached,
    EvidenceAdded,
    HypothesesRequested,
    HypothesisChecked,
    HypothesisGenerated,
    HypothesisJudged,
)
from shared.incidents.events import (
    AlertFired,
    AlertHeld,
    AlertRepeated,
    AlertResolved,
    AlertsMoved,
    IncidentCreated,
    IncidentPurged,
    IncidentQuiet,
    IncidentRefired,
    IncidentUpdated,
    PostmortemPublished,
    PostmortemSaved,
    SavedViewCreated,
    SavedViewRemoved,
    SavedViewUpdated,
)
from shared.integrations.events import IntegrationCreated, IntegrationRevoked, IntegrationUpdated, TokenRotated
from shared.kernel.events import Event
from shared.notifications.events import ChannelCreated, ChannelDeleted, ChannelUpdated
from shared.platform.queues import Queue
from shared.platform.realtime import Channel
from shared.platform.relay import Routes
from shared.services.events import (
    DependencyAdded,
    DependencyRemoved,
    ServiceCreated,
    ServiceRemoved,
    ServiceUpdated,
)

SUBSCRIPTIONS: Final[Mapping[type[Event], tuple[Queue | Channel, ...]]] = {
    IncidentCreated: (Queue.HYPOTHESES, Queue.TRANSITIONS, Queue.NOTIFICATIONS, Channel.INCIDENTS),
    IncidentUpdated: (Queue.NOTIFICATIONS, Channel.INCIDENTS),
    IncidentRefired: (Queue.TRANSITIONS,),
    IncidentQuiet: (Queue.TRANSITIONS,),
    AlertsMoved: (Queue.TRANSITIONS,),
    AlertFired: (Channel.ALERTS,),
    AlertHeld: (Channel.ALERTS,),
    AlertRepeated: (Queue.TRANSITIONS,),
    HoldsDue: (Queue.TRANSITIONS,),
    PoliciesChanged: (Queue.TRANSITIONS,),
    AlertResolved: (Queue.TRANSITIONS, Channel.ALERTS),
    PostmortemPublished: (Queue.NOTIFICATIONS,),
    HypothesisGenerated: (Queue.NOTIFICATIONS, Channel.HYPOTHESES),
    EvidenceAdded: (Queue.HYPOTHESES,),
    HypothesesRequested: (Queue.HYPOTHESES,),
    AnalysisDue: (Queue.HYPOTHESES,),
    ChangeRecorded: (),
    BudgetReached: (Queue.NOTIFICATIONS,),
    InvitationCreated: (Queue.NOTIFICATIONS,),
    PasswordResetRequested: (Queue.NOTIFICATIONS,),
    # Recorded for the timeline and the audit alone:
    HypothesisChecked: (),
    HypothesisJudged: (),
    IncidentPurged: (),
    TenantRegistered: (),
    TenantUpdated: (),
    ProjectCreated: (),
    ProjectUpdated: (),
    MaintenanceWindowCreated: (),
    MaintenanceWindowUpdated: (),
    MaintenanceWindowCancelled: (),
    MemberChanged: (),
    MemberRemoved: (),
    InvitationRevoked: (),
    InvitationAccepted: (),
    UserUpdated: (),
    PasswordChanged: (),
    PasswordReset: (),
    SessionsEnded: (),
    RefreshTokenReplayed: (),
    ApiKeyCreated: (),
    ApiKeyRevoked: (),
    IntegrationCreated: (),
    IntegrationUpdated: (),
    TokenRotated: (),
    IntegrationRevoked: (),
    PostmortemSaved: (),
    ChannelCreated: (),
    ChannelUpdated: (),
    ChannelDeleted: (),
    SavedViewCreated: (),
    SavedViewUpdated: (),
    SavedViewRemoved: (),
    BudgetChanged: (),
    ServiceCreated: (),
    ServiceUpdated: (),
    ServiceRemoved: (),
    DependencyAdded: (),
    DependencyRemoved: (),
}

ROUTES: Final = Routes(
    queues={
        event.type: tuple(place for place in places if isinstance(place, Queue))
        for event, places in SUBSCRIPTIONS.items()
        if any(isinstance(place, Queue) for place in places)
    },
    live={
        event.type: place for event, places in SUBSCRIPTIONS.items() for place in places if isinstance(place, Channel)
    },
    one_each=frozenset({Queue.HYPOTHESES, Queue.NOTIFICATIONS}),
)
