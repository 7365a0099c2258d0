"""Spec -> Lock, and Closure -> files: one folder for each tool that can do it. Nobody else knows a tool's flags, words
or cache.

Public: `protocols` (Resolver, Installer, Request), `local_folders.LocalSources`, `uv`."""
