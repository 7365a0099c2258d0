"""Every notebook carries its own isolated, locked and reproducible Python environment."""

__version__ = "0.1.0"
