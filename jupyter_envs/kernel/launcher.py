"""Starts ipykernel in the notebook's environment: `<environment>/bin/python /…/launcher.py -f CONNECTION_FILE`.

All that the start needs is imported before the notebook's folder and those of PYTHONPATH come on `sys.path`: a
`random.py` that lies there runs in no process of ours. Afterwards `sys.path` is what `python -m ipykernel_launcher`
leaves."""

from __future__ import annotations

import gc
import importlib.util
import os
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
PRIVATE = "_jupyter_envs_kernel"


def main() -> None:
    if sys.path and os.path.abspath(sys.path[0] or os.curdir) in (HERE, os.getcwd()):
        del sys.path[0]
    context = os.environ.pop("JUPYTER_ENVS_CONTEXT", "")
    path = os.environ.pop("JUPYTER_ENVS_PYTHONPATH", "")
    gc.disable()
    try:
        take_lease(context)
        app = initialized(context, path)
    except BaseException:
        mark(context, ".died", traceback.format_exc()[-4000:])
        raise
    mark(context, ".started", "")
    # What a start makes, stays: to look through it for garbage, again and again, would take a tenth of the time. Now it
    # is old at once, and looked through as seldom as anything old.
    gc.freeze()
    gc.unfreeze()
    gc.enable()
    app.start()


def initialized(context: str, path: str):  # type: ignore[no-untyped-def]  # of a class that exists in here only
    from ipykernel.kernelapp import IPKernelApp

    class NotebookKernelApp(IPKernelApp):  # type: ignore[misc,unused-ignore]
        def init_path(self) -> None:
            """Later, see init_extensions."""

        def init_extensions(self) -> None:
            """The shell exists, and no code of the user has run yet."""
            load_shim(self, context)
            if path:
                ours("users_path").add(self.shell, path, context)
            IPKernelApp.init_path(self)  # type: ignore[no-untyped-call,unused-ignore]
            super().init_extensions()  # type: ignore[no-untyped-call,unused-ignore]

    app = NotebookKernelApp.instance()
    app.initialize(sys.argv[1:])  # type: ignore[no-untyped-call,unused-ignore]
    return app


def load_shim(app, context: str) -> None:  # type: ignore[no-untyped-def]
    """Never prevents the kernel from starting."""
    try:
        ours("shim").load(app.shell, context)
    except Exception:
        app.log.exception("jupyter-envs could not be loaded into this kernel")


def take_lease(context: str) -> None:
    """Before the environment is used, and only by this process: no child inherits the descriptor."""
    ours("context").take_lease(context)


def ours(module: str):  # type: ignore[no-untyped-def]
    """A module in this folder, under a private name, so that no import of the user finds it."""
    if PRIVATE not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            PRIVATE, os.path.join(HERE, "__init__.py"), submodule_search_locations=[HERE]
        )
        assert spec and spec.loader
        package = importlib.util.module_from_spec(spec)
        sys.modules[PRIVATE] = package
        spec.loader.exec_module(package)
    return importlib.import_module(PRIVATE + "." + module)


def mark(context: str, suffix: str, text: str) -> None:
    """Tells the provisioner how far this start has come."""
    if context:
        try:
            with open(os.path.splitext(context)[0] + suffix, "w", encoding="utf-8") as file:
                file.write(text)
        except OSError:
            pass


if __name__ == "__main__":
    main()
