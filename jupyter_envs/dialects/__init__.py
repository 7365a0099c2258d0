"""Foreign formats, one module each: what people type after `pip install`, and files that other tools write.

Public: `pip_arguments.parse`, `sources.is_path`, `sources.is_address`, `requirements_txt.read`."""
