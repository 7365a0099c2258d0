"""Foreign formats, one module each: what people type after `pip install`, and files that other tools write.

Public: `pip_arguments.parse`, `pip_arguments.is_path`, `pip_arguments.is_address`, `requirements_txt.read`."""
