"""Which package brings a module: what is imported often has another name than what is installed.

From a table of the most downloaded packages (`modules.txt`), which `tools/module_table.py` makes; nobody is asked. What
several packages bring is said to be of the one that most people download. Of namespaces (`google`, `azure`) a part is
known by its full name only. Names that many projects have for files of their own (`utils`) are nobody's."""

from __future__ import annotations

import os
from bisect import bisect_left

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "modules.txt")
NAMESPACE = "."
"""The second column of a name that many packages have in common."""
_GENERIC = """
api app apps assets base benchmark benchmarks bin build build_tools classes cli client common conf config configs
conftest constants core cpp data dataset datasets demo demos dist doc docs evaluation example examples extensions
extras features functions helper helpers images img include inference lib libs loader main metrics misc model models
module modules my_functions my_utils mylib mymodule node_modules notebooks pipeline plot plots plotting plugins
preprocess preprocessing project py python requirements resources run sample samples script scripts server settings
setup src static templates test testing tests third_party tmp tool tools train training tutorial tutorials types_ util
utilities utility utils version visualization viz wheelhouse
"""
GENERIC = frozenset(_GENERIC.split())
OVERRIDES = {
    "Xlib": "python-xlib",
    "airflow": "apache-airflow",
    "allel": "scikit-allel",
    "bson": "pymongo",
    "community": "python-louvain",
    "consul": "python-consul",
    "docx": "python-docx",
    "ffmpeg": "ffmpeg-python",
    "fitz": "pymupdf",
    "gi": "pygobject",
    "google.protobuf": "protobuf",
    "gridfs": "pymongo",
    "memcache": "python-memcached",
    "mpl_finance": "mpl-finance",
    "mplfinance": "mplfinance",
    "mpl_toolkits": "matplotlib",
    "mpl_toolkits.basemap": "basemap",
    "nmap": "python-nmap",
    "osgeo": "gdal",
    "pkg_resources": "setuptools",
    "pl_bolts": "lightning-bolts",
    "pylab": "matplotlib",
    "pythoncom": "pywin32",
    "pyximport": "cython",
    "serial": "pyserial",
    "shapefile": "pyshp",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "snowflake.connector": "snowflake-connector-python",
    "whisper": "openai-whisper",
    "win32api": "pywin32",
    "win32com": "pywin32",
}
"""Where the most downloaded is not meant, or nothing in the files shows it."""


class Table:
    """Lines `module<TAB>package`, or `module` alone where the package has its name; sorted as bytes are, and comments
    sort first."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    @classmethod
    def load(cls, path: str = TABLE) -> Table:
        """Empty if there is no file."""
        try:
            with open(path, encoding="ascii") as file:
                return cls(file.read().split("\n"))
        except (OSError, ValueError):
            return cls([])

    def package(self, module: str) -> str | None:
        """Its canonical name; NAMESPACE if many packages have this name in common; None if nobody knows."""
        at = bisect_left(self.lines, module)
        # What sorts between `yaml` and `yaml<TAB>` does not exist: no name has a character before the tab.
        line = self.lines[at] if at < len(self.lines) else ""
        if line == module:
            return canonical(module)
        return line[len(module) + 1 :] if line.startswith(module + "\t") else None


def package_of(module: str, table: Table) -> tuple[str, str] | None:
    """The module of which it is known (`skimage` of `skimage.io`), and the package; None if nobody knows."""
    parts = module.split(".")
    heads = [".".join(parts[:number]) for number in range(len(parts), 0, -1)]
    for head in heads:
        if head in OVERRIDES:
            return head, OVERRIDES[head]
    top = parts[0]
    if top in GENERIC:
        return None
    package = table.package(top)
    if package != NAMESPACE:
        return (top, package) if package else None
    for head in heads[:-1]:
        own = table.package(head.replace("_", "."))
        if own and own != NAMESPACE:
            return head, own
    return None


def canonical(name: str) -> str:
    """As packaging has it, for names of modules."""
    return name.replace("_", "-").replace(".", "-").lower()
