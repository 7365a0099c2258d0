"""Everything that knows uv: its command line, its messages, its cache, its Pythons.

Public: `tool.Engine`, `resolver.UvResolver`, `installer.UvInstaller`, `cache`, `pythons`, `fetch_python`."""
