"""On a process's PYTHONPATH: once the file that JUPYTER_ENVS_HIDE names is there, it sees no Python but fetched
ones."""

import os

if os.environ.get("JUPYTER_ENVS_HIDE"):
    from jupyter_envs.machine.interpreters import candidates, fetched

    _everything = candidates._all

    def _left(settings):
        if not os.path.exists(os.environ["JUPYTER_ENVS_HIDE"]):  # noqa: PTH110  # every Python start waits for this
            return _everything(settings)
        return ((path, "uv") for prefix in fetched.prefixes(settings) for path in candidates.in_prefix(prefix))

    candidates._all = _left
