"""What people are told of a damaged environment."""

DAMAGE = {
    "env-stale-python": "The Python that this environment was made with has been removed or upgraded.",
    "env-drift": "Files of this environment were changed after it was made.",
}
"""By what `Store.health` says."""
AGAIN = "It is built again from its lock."
