"""The ladder of versions for a bare notebook: the first rung that can be locked is taken, as an import is; or the first
in which the notebook runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import ConsentNeeded, EnvsError, InstallError, PythonError, ResolveError
from ..infer.ladder import Rung
from ..infer.learning import is_curable, lesson, with_lesson
from ..infer.names import Names
from ..model.block import Block
from ..model.options import Options
from ..model.progress import Report
from .outcome import Outcome
from .use_cases import Environments

GO_ON = (ResolveError, PythonError, InstallError)
"""What another rung may mend."""
CODE = ("needs-build",)
"""Questions that another rung may spare the user."""
LESSONS = 4
"""How often a rung is tried again with what its failure has taught."""
Works = Callable[[Outcome], "EnvsError | None"]


@dataclass(frozen=True)
class Step:
    """What became of a rung; `error`: why it was not taken; `outcome`: where it could be built."""

    rung: Rung
    error: EnvsError | None = None
    outcome: Outcome | None = None

    @property
    def line(self) -> str:
        return f"{self.rung.why}: {self.error.sentence if self.error else 'taken'}"

    @property
    def reached(self) -> int:
        """The cell that failed."""
        cell = self.error.data.get("cell") if self.error else None
        return cell if isinstance(cell, int) else 0


@dataclass
class Climb:
    """`works`: what is wrong with an environment, None for nothing; `names`: for what a run misses."""

    environments: Environments
    block: Block | None
    options: Options
    report: Report
    groups: Sequence[str] = ()
    works: Works | None = None
    names: Names = field(default_factory=Names)

    def first(self, rungs: Sequence[Rung]) -> tuple[Outcome, list[Step]]:
        """Raises what the first rung raised if none can be locked, and ConsentNeeded as soon as the user has to be
        asked. If it runs in none to the end, the one in which it ran furthest counts."""
        steps = list[Step]()
        for rung in rungs:
            for step in self._tried(rung):
                steps.append(step)
                if step.error is None and step.outcome:
                    return _told(step.outcome, steps), steps
                self.report.note(step.line)
            if steps[-1].outcome and steps[-1].error and not is_curable(steps[-1].error.data):
                break
        ran = max((step for step in steps if step.outcome), key=lambda step: step.reached, default=None)
        if ran and ran.outcome:
            steps.append(
                Step(
                    replace(
                        ran.rung,
                        why=f"The notebook ran to the end with none of them; it came furthest with these: "
                        f"{ran.rung.why}",
                    )
                )
            )
            return _told(ran.outcome, steps), steps
        assert steps[0].error
        raise steps[0].error

    def _tried(self, rung: Rung) -> Iterator[Step]:
        for _ in range(LESSONS):
            try:
                outcome = self.environments.take(
                    self.block, [rung.found], groups=self.groups, options=self.options, report=self.report
                )
            except GO_ON as error:
                yield Step(rung, error)
                return
            except ConsentNeeded as question:
                if question.code not in CODE:
                    raise
                yield Step(rung, question)
                return
            failure = self.works(outcome) if self.works else None
            yield Step(rung, failure, outcome)
            learned = lesson(_data(failure), rung.found, self.names) if failure else None
            if learned is None:
                return
            rung = replace(rung, why=f"{rung.why}, with {learned.text}", found=with_lesson(rung.found, learned))


def _data(error: EnvsError) -> Mapping[str, Any]:
    return error.data


def _told(outcome: Outcome, steps: Sequence[Step]) -> Outcome:
    return replace(outcome, notes=(*outcome.notes, *(step.line for step in steps)))
