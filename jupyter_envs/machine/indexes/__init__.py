"""Index names -> URLs and credentials, from the user's and the system's configuration only: uv.toml, pip.conf and
environment variables. Never from a file near a notebook. Credentials travel in the environment, never in argv."""

from .load import load
from .values import Index, Indexes

__all__ = ["Index", "Indexes", "load"]
