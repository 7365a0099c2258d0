"""Every notebook carries its own isolated, locked and reproducible Python environment."""

__version__ = "0.1.0"


def _jupyter_server_extension_points() -> list[dict[str, object]]:
    from .server.app import JupyterEnvs  # only a server needs it, and it is slow to import

    return [{"module": "jupyter_envs.server.app", "app": JupyterEnvs}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-envs"}]
