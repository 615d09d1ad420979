"""The roles that the product uses. None owns a table, and none may pass by a row policy.

The product signs in as `APP` and `SYSTEM`. `SEARCH` is what the application's role becomes for one query: PostgreSQL
asks no full-text index before a row policy has admitted the row, unless the search is part of that policy.
"""

from typing import Final

APP: Final = "srecopilot_app"
SYSTEM: Final = "srecopilot_system"
SEARCH: Final = "srecopilot_search"
