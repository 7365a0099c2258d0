"""What a block may ask for, and no engine here can give yet. An environment without it would be a different one, so
there is none: it is not locked, built, run or called ready."""

from __future__ import annotations

from ..errors import InputError
from .lock import Lock
from .spec import Spec

NAMED = 3


def check_supported(spec: Spec, lock: Lock | None) -> None:
    """Raises InputError `needs-conda` or `needs-project`."""
    conda = spec.conda
    asked = list(conda.dependencies) if conda else []
    asked = asked or [f"{row.name} {row.version}" for row in (lock.conda if lock else ())]
    asked = asked or [f"the channel {name}" for name in (conda.channels if conda else ())]
    if asked:
        more = f" and {len(asked) - NAMED} more" if len(asked) > NAMED else ""
        raise InputError(
            "needs-conda",
            f"This notebook asks conda for {', '.join(asked[:NAMED])}{more}, and jupyter-envs cannot install anything "
            "from conda yet.",
            data={"conda": asked},
        )
    if spec.project:
        raise InputError(
            "needs-project",
            f"This notebook takes its packages from the project {spec.project}, and jupyter-envs cannot do that yet.",
        )
