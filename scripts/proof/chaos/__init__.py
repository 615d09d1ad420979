"""Faults: the whole local stack under traffic, while its parts are killed, stopped, slowed and cut."""
