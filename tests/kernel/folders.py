"""Environments that are only folders, for a Python (3.8 or newer) that pretends to run in them."""

# ruff: noqa: PTH103, PTH118, PTH120, PTH123, UP031

import os


def environment(folder, name, packages, pth=None, version="3.11.7", python=None):
    """As Environment.to_dict(); each package is a folder with `__init__.py` and `lazy.py`, which know their version."""
    prefix = os.path.join(folder, name)
    site = os.path.join(prefix, "lib", "site-packages")
    os.makedirs(site)
    os.makedirs(os.path.join(prefix, "bin"))
    for package, number in packages.items():
        _install(site, package, number)
    for file, text in (pth or {}).items():
        with open(os.path.join(site, file), "w") as out:
            out.write(text)
    return {
        "id": name, "prefix": prefix, "python": python or os.path.join(prefix, "bin", "python"), "version": version,
        "site": [site], "bin": os.path.join(prefix, "bin"), "packages": packages,
    }  # fmt: skip


def _install(site, package, number):
    info = "%s-%s.dist-info" % (package, number)
    files = {
        package + "/__init__.py": "version = %r\n" % number,
        package + "/lazy.py": "version = %r\n" % number,
        info + "/METADATA": "Metadata-Version: 2.1\nName: %s\nVersion: %s\nSummary: For tests\n" % (package, number),
    }
    files[info + "/RECORD"] = "".join("%s,,\n" % file for file in [*files, info + "/RECORD"])
    for file, text in files.items():
        os.makedirs(os.path.dirname(os.path.join(site, file)), exist_ok=True)
        with open(os.path.join(site, file), "w") as out:
            out.write(text)
