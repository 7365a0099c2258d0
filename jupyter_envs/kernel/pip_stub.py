"""`pip`, `uv` and others in a child of the kernel, run by the server's Python: `pip_stub.py CONTEXT PROGRAM words…`."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from typing import Any, Dict, Iterator

HERE = os.path.dirname(os.path.abspath(__file__))
Json = Dict[str, Any]
SILENT = 2.0
"""Seconds that it waits without a word."""
WAITING = "Waiting for another installation in this notebook to end …"


def main(path: str, program: str, words: list[str]) -> int:
    """Exit code as pip's: 0 done, 1 failed, 2 usage, 130 interrupted."""
    from jupyter_envs.kernel import elsewhere
    from jupyter_envs.kernel.context import Context
    from jupyter_envs.kernel.orders import HELP, LOOKING, Refused
    from jupyter_envs.kernel.pip_words import parse
    from jupyter_envs.kernel.screen import complain, tell

    program = "pip" if program.rstrip(".0123456789") == "pip" else program
    context = Context.load(path)
    if not elsewhere.is_for_notebook(program, words):
        return real(program, words, context)
    try:
        words, place = elsewhere.sort_out(program, words, [context.environment or {}], os.environ)
        if place:
            return go(program, words, place, context)
        order = parse(program, words)
    except Refused as refused:
        complain({"sentence": refused.sentence, "hint": refused.hint})
        return 2
    if order.verb in HELP:
        tell(HELP[order.verb])
        return 0
    if order.verb in LOOKING:
        return look(context, order)
    with alone(path):
        return change(Context.load(path), order)


def look(context: Any, order: Any) -> int:
    from jupyter_envs.kernel import child, listing, newer, stub_folder
    from jupyter_envs.kernel.foreign import visible
    from jupyter_envs.kernel.screen import tell, tell_error

    environment, restart = stub_folder.seen_by_children(context)
    said = newer.Newer()
    if order.asks_indexes:
        folders = [context.beside(stub_folder.SUFFIX), (environment or {}).get("bin") or ""]
        command = [*context.cli, *newer.question(order, environment)]
        done = subprocess.run(command, env=child.environment(os.environ, folders), stdout=subprocess.PIPE, text=True)
        if done.returncode:
            return 1
        said = newer.reading(order, done.stdout)
    answer = listing.answer(order, environment, context.block, restart, said)
    for line in answer.lines:
        tell(line)
    for line in answer.complaints:
        tell_error(visible(line))
    return answer.code


def change(context: Any, order: Any) -> int:
    from jupyter_envs.kernel import asking, child, stub_folder
    from jupyter_envs.kernel.screen import Screen, complain

    folders = [context.beside(stub_folder.SUFFIX), (context.environment or {}).get("bin") or ""]
    screen = Screen(order.asked, (context.environment or {}).get("packages"), order.quiet)
    before = context.block
    words = child.command(order.verb, order.arguments, context.notebook)
    last = child.run(context.cli, words, before, screen.event, child.environment(os.environ, folders))
    if last["event"] != "done":
        error = last.get("error") or {"sentence": "Stopped. The environment has not changed."}
        hint = asking.hint(error, order.verb, order.names, context.notebook)
        complain(error, hint, order.verbose, asking.ways(error, context.notebook))
        return 130 if last["event"] == "cancelled" else 1
    result = last["result"]
    screen.result(result, order.does)
    seen = context.environment
    context.adopt(block=result.get("block"), environment=result.get("environment") or context.environment)
    line = json.dumps({"before": before, "result": result, "asked": order.asked, "quiet": order.quiet})
    stub_folder.leave(context, line)
    with contextlib.suppress(OSError):  # then from the next cell on
        stub_folder.add_new_programs(context, seen, context.environment)
    return 0


@contextlib.contextmanager
def alone(path: str) -> Iterator[None]:
    """Two children that install at the same time do so one after the other, however long each takes, if files can be
    locked here."""
    from jupyter_envs.kernel import leases
    from jupyter_envs.kernel.reading import private
    from jupyter_envs.kernel.screen import tell_error

    with open(os.path.splitext(path)[0] + ".lock", "a", opener=private) as file:
        since, told = time.monotonic(), False
        while leases.lock(file.fileno(), exclusive=True) is False:
            if not told and time.monotonic() - since > SILENT:
                tell_error(WAITING)
                told = True
            time.sleep(0.02)
        yield


def go(program: str, words: list[str], place: Any, context: Any) -> int:
    """What names another environment goes there, and one line says so. Raises Refused."""
    from jupyter_envs.kernel import child, elsewhere, stub_folder
    from jupyter_envs.kernel.screen import tell_error

    if program in stub_folder.CONDA and not found(program, context):
        raise elsewhere.no_conda(program, place)
    if program == "pip":
        python = str((context.environment or {}).get("python") or sys.executable)
        env = child.environment(os.environ, [context.beside(stub_folder.SUFFIX)])
        command = [*context.cli, "elsewhere", "--", *elsewhere.uv_words(words, place, python)]
        code = subprocess.call(command, env=env)
    else:
        if program == "uv":
            words = elsewhere.for_python(words, place, str((context.environment or {}).get("python") or sys.executable))
        code = real(program, words, context)
    if elsewhere.changes_aloud(program, words):
        tell_error(
            f"{place.option} {place.value} names another environment than this notebook's, which has not changed."
        )
    return code


def real(program: str, words: list[str], context: Any) -> int:
    """The program with that name that comes after our stub on PATH, or is beside our command line. It does not see this
    notebook's environment as the active one, which it would change."""
    from jupyter_envs.kernel import elsewhere
    from jupyter_envs.kernel.screen import tell_error

    path = found(program, context)
    if not path:
        tell_error(f"{program}: not found")
        return 127
    own = (context.environment or {}).get("bin") or ""
    env = elsewhere.outside(os.environ, own)
    return subprocess.call([path, *words], env=env)


def found(program: str, context: Any) -> str | None:
    from jupyter_envs.kernel import elsewhere

    return shutil.which(program, path=elsewhere.outside(os.environ)["PATH"]) or elsewhere.beside_server(
        program, context.cli
    )


if __name__ == "__main__":
    # -I keeps the notebook's folder and the script's own off sys.path; the package is found beside this folder.
    sys.path.append(os.path.dirname(os.path.dirname(HERE)))
    try:
        sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
    except KeyboardInterrupt:
        sys.exit(130)
