"""Our command line as the kernel knows it: verb, block on stdin, journal on stdout. Its packages are folders.

tiny moves toolz     can be had; `moves` brings tiny 2.0 along
docopt               needs a yes
slow                 takes until somebody stops it, and says in `<folder>/stopped` that it was
dies                 ends without a word
anything else        does not exist"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import uuid
from pathlib import Path
from typing import Any, NoReturn

HERE = Path(__file__).resolve().parent
FOLDER = Path(os.environ["FAKE_FOLDER"])
sys.path.insert(0, str(HERE))
from folders import environment  # noqa: E402


def emit(**event: Any) -> None:
    print(json.dumps(event), flush=True)


def fail(code: str, sentence: str, hint: str, **data: Any) -> NoReturn:
    emit(
        event="failed",
        error={"code": code, "sentence": sentence, "hint": hint, "details": "raw text", "data": data},
    )
    sys.exit(1)


def main() -> None:
    # As the real one does: an idle kernel ignores SIGINT, and its children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.argv[1:] == ["--wait"]:
        sys.argv[1:] = wait()
    verb, *words = sys.argv[1:]
    block = json.load(sys.stdin) or {"version": 1}
    with (FOLDER / "calls").open("a") as calls:
        unwanted = [k for k in os.environ if k.startswith("PYTHON") or k in ("FORCE_COLOR", "VIRTUAL_ENV")]
        calls.write(json.dumps([verb, words, unwanted, os.environ["PATH"], os.getpid()]) + "\n")
    names = [
        word for word in words if word in ("tiny", "moves", "toolz", "docopt", "slow", "dies") or word.startswith("no")
    ]
    if verb == "export":
        export(words[-1], block)
        return
    if "--allow-build=docopt" in words:
        names = ["docopt"]
    emit(event="phase", phase="resolve", text=f"Resolving {' '.join(names)}")
    refuse(verb, names, words)
    done(verb, block, names)


def export(form: str, block: dict[str, Any]) -> None:
    if form == "nosuch":
        fail("unknown-format", f"There is no format called {form}.", "")
    text = "".join(f"{name}\n" for name in block["dependencies"])
    emit(event="done", result={"format": form, "text": text, "notes": ["It has no lock."]})


def wait() -> list[str]:
    with (FOLDER / "waiting").open("a") as waiting:
        waiting.write(f"{os.getpid()}\n")
    line = sys.stdin.buffer.readline()
    if not line:
        with (FOLDER / "left").open("a") as left:
            left.write(f"{os.getpid()}\n")
        sys.exit(75)
    words: list[str] = json.loads(line)
    return words


def refuse(verb: str, names: list[str], words: list[str]) -> None:
    if "dies" in names:
        sys.exit("Segmentation fault")
    if "slow" in names:
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            (FOLDER / "stopped").touch()
            emit(event="cancelled")
            sys.exit(130)
    if verb == "build" and not any(word.startswith("--accept=") for word in words):
        fail("consent-needed", "It needs a yes.", "", digest="sha256:0", packages=[])
    if "docopt" in names and "--allow-build=docopt" not in words:
        fail(
            "needs-build",
            "docopt has no wheel that fits: building docopt runs its code.",
            "--allow-build docopt",
            packages=["docopt"],
        )
    unknown = [name for name in names if name.startswith("no")]
    if unknown:
        fail(
            "no-such-package",
            f'There is no package called "{unknown[0]}" in the index pypi.',
            "Is it spelled so?",
        )


def done(verb: str, block: dict[str, Any], names: list[str]) -> None:
    before = {row["name"]: row["version"] for row in (block.get("lock") or {}).get("packages", [])}
    after = {k: v for k, v in before.items() if verb != "remove" or k not in names}
    if verb == "install":
        after |= {name: before.get(name, "1.0") for name in names} | ({"tiny": "2.0"} if "moves" in names else {})
    changed = {n: [before.get(n), after.get(n)] for n in {*before, *after} if before.get(n) != after.get(n)}
    emit(event="plan", changed=changed)
    emit(event="progress", phase="install", done=1, total=1, text="Installing")
    declared = [d for d in block.get("dependencies", []) if d in after] + [n for n in names if n not in before]
    rows = [{"name": n, "version": v, "wheels": {f"{n}.whl": {"sha256": "0" * 64}}} for n, v in after.items()]
    result = {
        "block": {**block, "dependencies": [d for d in declared if d in after], "lock": {"packages": rows}},
        "changed": changed,
        "environment": built(after),
        "notes": [],
        "satisfied": not changed,
        "seconds": 0.31,
    }
    emit(event="done", result=result)


def built(packages: dict[str, str]) -> dict[str, Any]:
    """What the kernel's own Python has stays in sight, by a `.pth` file."""
    pth = {"base.pth": os.environ["FAKE_SITE"] + "\n", "stub.pth": os.environ["FAKE_DASH_M"] + "\n"}
    name = f"e-{uuid.uuid4().hex[:8]}"
    return environment(str(FOLDER), name, packages, pth, os.environ["FAKE_VERSION"], os.environ["FAKE_PYTHON"])


main()
