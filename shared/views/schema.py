"""Every mapped table, for whoever looks through all of them."""

from typing import Final

import shared.access.tables
import shared.alerts.tables
import shared.analytics.tables
import shared.audit.tables
import shared.changes.tables
import shared.hypotheses.ai_tables
import shared.hypotheses.tables
import shared.incidents.tables
import shared.integrations.tables
import shared.notifications.tables
import shared.platform.tables
import shared.services.tables

METADATA: Final = shared.platform.tables.Base.metadata
