"""Index names -> URLs and credentials, only from the user's and the system's configuration: uv.toml, pip.conf and
environment variables. Never from a file near a notebook. Credentials are passed in the environment, never in argv."""

from .load import load
from .values import Index, Indexes, plain_url

__all__ = ["Index", "Indexes", "load", "plain_url"]
