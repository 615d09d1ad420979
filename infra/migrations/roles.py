"""The roles that the product signs in with. Neither owns a table, and neither may pass by a row policy."""

from typing import Final

APP: Final = "srecopilot_app"
SYSTEM: Final = "srecopilot_system"
