"""Texts of others, where only one line has its place."""


def one_line(text: str) -> str:
    """Return a text as one line of what can be printed."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
