"""Starts a program as its environment's Python would, and tells what the start asked for:
`python -I -S asking.py OUT PROGRAM WORDS…` writes names of modules, where they were found, files and programs to
OUT."""

from __future__ import annotations

import atexit
import json
import pathlib
import runpy
import site
import sys

asked = {}
opened = set()
programs = set()


class Listening:
    @staticmethod
    def find_spec(name, path=None, target=None):  # type: ignore[no-untyped-def]
        if path is None:
            asked.setdefault(name, None)


def hear(event, args):  # type: ignore[no-untyped-def]
    if event == "open" and isinstance(args[0], str):
        opened.add(args[0])
    elif event in ("os.listdir", "os.scandir"):
        opened.add(str(args[0]))
    elif event == "subprocess.Popen":
        programs.add(str(args[0]))


def tell(out):  # type: ignore[no-untyped-def]
    for name in asked:
        module = sys.modules.get(name)
        found = getattr(module, "__spec__", None)
        asked[name] = (getattr(found, "origin", None) or str(getattr(module, "__path__", ""))) if module else None
    pathlib.Path(out).write_text(
        json.dumps({"asked": asked, "opened": sorted(opened), "programs": sorted(programs)}), "utf-8"
    )


if __name__ == "__main__":
    out, program = sys.argv[1:3]
    sys.meta_path.insert(0, Listening)  # type: ignore[arg-type]
    sys.addaudithook(hear)
    atexit.register(tell, out)
    site.main()
    sys.argv[:] = sys.argv[2:]
    runpy.run_path(program, run_name="__main__")
