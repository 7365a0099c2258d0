"""papermill's engine `jupyter-envs`: the notebook object itself says in which environment it runs."""

from __future__ import annotations

from typing import Any

from papermill.engines import NBClientEngine  # type: ignore[import-untyped]  # papermill has no types
from papermill.exceptions import PapermillException  # type: ignore[import-untyped]

from .environments.use_cases import Environments
from .errors import EnvsError
from .launch import headless
from .model.block import KEY, Block
from .model.kernelspec import NAME
from .notebook import block_of
from .settings import Settings
from .store import Environment
from .system.leases import Lease
from .system.os_errors import explain_os_error

APPROVE = "If you trust it: jupyter envs build NOTEBOOK --accept{more}, or set JUPYTER_ENVS_CONSENT={digest}"


class NotebookEnvEngine(NBClientEngine):  # type: ignore[misc]
    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> Any:
        """Builds what is missing, after consent (JUPYTER_ENVS_CONSENT), then does what papermill's own engine does.
        Raises PapermillException with the sentence and the hint of our error."""
        metadata = nb_man.nb.metadata
        try:
            block, environment, lease = _built(nb_man.nb)
        except (EnvsError, OSError) as problem:
            error = problem if isinstance(problem, EnvsError) else explain_os_error(problem)
            more = " --fetch-python" if error.data.get("fetch") else ""
            hint = APPROVE.format(more=more, **error.data) if error.code == "consent-needed" else error.hint
            raise PapermillException(f"error[{error.code}]: {error.sentence} {hint}".rstrip()) from problem
        made = headless.stamp_outputs(block, environment)
        if made is not None:
            metadata[KEY] = made.to_dict()
        with lease, headless.private_notebook(metadata) as notebook, headless.telling(notebook) as manager:
            kwargs["kernel_manager_class"] = manager
            try:
                return super().execute_managed_notebook(nb_man, NAME, **kwargs)
            finally:
                changed = headless.stamp_outputs(headless.take_change(Settings.load(), notebook, made), environment)
                if changed is not None:
                    metadata[KEY] = changed.to_dict()

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        return NAME

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        return language or "python"


def _built(nb: Any) -> tuple[Block | None, Environment, Lease]:
    block = block_of(nb)
    environments = Environments(Settings.load())
    return block, *headless.build_and_hold(environments, lambda: environments.build(block))
