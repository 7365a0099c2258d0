"""A Python that a notebook needs and this machine lacks: what uv can fetch, who said yes to it, and the fetch."""
