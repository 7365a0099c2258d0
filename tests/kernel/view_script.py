# ruff: noqa: E402, PTH100, PTH103, PTH118, PTH120
# It runs in Python 3.8 too, and speaks of paths as sys.path holds them: as text.
"""Runs in a Python of its own, whose view it moves: `view_script.py FOLDER SCENARIO` prints what it sees as JSON."""

import importlib
import importlib.util
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from folders import environment

del sys.path[0]


def seen(view, moved, old, new):
    import importlib.metadata

    from one import lazy

    names = {new["prefix"]: "new", old["prefix"]: "old"}
    return {
        "moved": moved,
        "restart": view.restart,
        "prefix": names.get(sys.prefix, sys.prefix),
        "executable": "new" if sys.executable == new["python"] else "other",
        "path": [
            {new["site"][0]: "new", old["site"][0]: "old"}.get(entry, "folder")
            for entry in sys.path
            if "site-packages" in entry and (old["prefix"] in entry or new["prefix"] in entry)
        ],
        "bin": [names.get(os.path.dirname(e), "") for e in os.environ["PATH"].split(os.pathsep)][:1],
        "VIRTUAL_ENV": names.get(os.environ["VIRTUAL_ENV"]),
        "one": importlib.metadata.version("one"),
        "lazy": lazy.version,
        "two": importlib.util.find_spec("two") is not None,
        "ran": os.environ.get("PTH_RAN", ""),
    }


def kernel_module(name):
    """As the launcher loads it: by path, under the private name."""
    folder = os.path.join(os.path.dirname(os.path.dirname(HERE)), "jupyter_envs", "kernel")
    spec = importlib.util.spec_from_file_location(
        "_jupyter_envs_kernel", os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    return importlib.import_module(spec.name + "." + name)


def main(folder, scenario):
    import multiprocessing.spawn

    view = kernel_module("view")
    ran = "import os; os.environ['PTH_RAN'] = os.environ.get('PTH_RAN', '') + '%s'\n"
    old = environment(folder, "old", {"one": "1.0", "three": "1.0"}, {"a.pth": ran % "a", "b.pth": "sub\n"})
    os.makedirs(os.path.join(old["site"][0], "sub"))
    packages = {"one": "1.0", "two": "1.0"}
    version = old["version"]
    if scenario == "loaded-changes":
        packages["one"] = "2.0"
    elif scenario == "loaded-vanishes":
        del packages["one"]
    elif scenario == "python":
        version = "3.12.1"
    new = environment(
        folder, "new", packages, {"a.pth": ran % "a", "b.pth": "sub\n", "c.pth": ran % "c"}, version=version
    )
    os.makedirs(os.path.join(new["site"][0], "sub"))
    sys.path += [old["site"][0], os.path.join(old["site"][0], "sub")]
    sys.prefix = sys.exec_prefix = old["prefix"]
    os.environ.update(PATH=os.pathsep.join([old["bin"], os.environ["PATH"]]), VIRTUAL_ENV=old["prefix"], PTH_RAN="a")
    importlib.import_module("one")
    seeing = view.View(old)
    moved = seeing.move(new, ["two"]) is None
    report = seen(seeing, moved, old, new)
    report["spawn"] = os.fsdecode(multiprocessing.spawn.get_executable()) == new["python"]
    if scenario == "loaded-changes":
        third = environment(folder, "third", {"one": "1.0", "two": "2.0"})
        report["back"] = seeing.move(third)
        report["back-two"] = importlib.import_module("two").version
    if scenario == "install":
        third = environment(folder, "third", dict(packages, four="1.0"))
        report["second"] = seeing.move(third)
        importlib.import_module("two")
        report["late"] = seeing.move(environment(folder, "fourth", dict(packages, one="2.0")))
        report["late-too"] = seeing.move(environment(folder, "fifth", {"one": "1.0", "two": "2.0"}))
        report["fits"] = seeing.move(environment(folder, "sixth", packages))
    print(json.dumps(report))


main(*sys.argv[1:])
