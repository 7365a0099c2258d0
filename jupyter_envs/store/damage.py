"""What people are told about a damaged environment."""

DAMAGE = {
    "env-stale-python": "The Python that this environment was made with has been removed or upgraded.",
    "env-drift": "Files of this environment were changed after it was made.",
}
"""By the code that `Store.health` returns."""
BUILT_AGAIN = "It is built again from its lock."
