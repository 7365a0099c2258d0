"""Everything that knows uv: its command line, its messages, its cache, its Pythons.

Public: `engine.UvEngine` and, for what no other engine does, `tool.Engine`, `cache`, `pythons`,
`fetch_python`, `refresh`; docs/contributing/rooms.md says who uses these."""
