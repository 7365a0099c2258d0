"""Spec -> Lock, and Closure -> files: one folder for each tool that can do it. Nobody else knows a tool's flags, words
or cache.

Public: `choice` (which engine), `protocols` (PackageEngine, Resolver, Installer, Cache, Request), `installed`,
`record`, `local_folders.LocalSources`, `uv`."""
