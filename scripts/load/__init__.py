"""A load of AlertManager notifications: their bodies, who posts them, and what that costs whom."""
