"""What an environment says of itself, as JSON; run by its own Python (3.8 and newer), by path.

python -I probe.py metadata           of every distribution: version, entry points, files and whether they are there
python -I probe.py modules            distribution -> modules to import
python -I probe.py imports NAME…      module -> [type of the error or "", the places it is imported from]
"""

import importlib.machinery
import json
import os
import sys
from importlib import metadata
from pathlib import Path

SUFFIXES = tuple(importlib.machinery.all_suffixes())


def described(found):
    points = sorted((p.group, p.name, p.value) for p in found.entry_points)
    files = sorted((str(file), Path(str(found.locate_file(file))).exists()) for file in found.files or ())
    return {"version": found.version, "requires": sorted(found.requires or ()), "points": points, "files": files}


def name_of(found):
    return found.metadata["Name"].lower().replace("_", "-")


def modules():
    """A folder that is not only one distribution's counts as a namespace: what is in it is imported."""
    owners = {}
    held = {name_of(found): [str(file) for file in found.files or ()] for found in metadata.distributions()}
    for name, files in held.items():
        for file in files:
            parts = file.split("/")
            for depth in range(1, len(parts)):
                owners.setdefault("/".join(parts[:depth]), set()).add(name)
    return {
        name: sorted(filter(None, {module_of(file, files, owners) for file in files})) for name, files in held.items()
    }


def module_of(file, files, owners):
    """The module to import for a file: the outermost package that is its distribution's alone, or the file's own."""
    parts = file.split("/")
    if file.startswith("../") or not file.endswith(SUFFIXES) or not all(part.isidentifier() for part in parts[:-1]):
        return None
    for depth in range(1, len(parts)):
        folder = "/".join(parts[:depth])
        if folder + "/__init__.py" in files and len(owners[folder]) == 1:
            return ".".join(parts[:depth])
    stem = parts[-1].split(".")[0]
    return ".".join(parts[:-1] + [stem] * (stem != "__init__")) if stem.isidentifier() else None


def imported(name):
    try:
        module = importlib.import_module(name)
    except BaseException as error:  # also SystemExit: what it is, is the answer
        return [type(error).__name__, []]
    places = [module.__file__] if getattr(module, "__file__", None) else sorted(getattr(module, "__path__", ()))
    return ["", [os.path.relpath(place, sys.prefix) for place in places]]


def main(word, *names):
    if word == "metadata":
        answer = {name_of(found): described(found) for found in metadata.distributions()}
    elif word == "modules":
        answer = modules()
    else:
        answer = {name: imported(name) for name in names}
    sys.stdout.write("\n" + json.dumps(answer) + "\n")
    sys.stdout.flush()
    os._exit(0)  # threads of what was imported are no matter of ours


if __name__ == "__main__":
    main(*sys.argv[1:])
