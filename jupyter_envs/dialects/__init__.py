"""Foreign formats, one module each: what people type after `pip install`, and what other tools write.

Public: `pip_arguments.parse`, `requirements_txt.read`."""
