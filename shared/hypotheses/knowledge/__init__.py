"""What operators know, as data: how alerts speak, what causes mean, how to refute them, which label names culprits."""
