"""Spec -> Lock, and Closure -> files: one folder for each tool that can do this. No other room knows the options,
messages or cache of such a tool.

Public: `choice` (which engine), `protocols` (PackageEngine, Resolver, Installer, Cache, ResolveRequest), `installed`,
`record`, `local_folders.LocalSources`, `uv`."""
