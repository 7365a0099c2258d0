"""One tree of errors, and the table of their codes."""

from .tree import *
