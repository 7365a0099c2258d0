"""Keeps a process of a notebook in the environment that the notebook has now.

An install makes another environment, and the kernel moves to it. Two kinds of processes would not notice: the kernel
itself while a cell is still running, if a child of it has installed something; and other processes in the environment,
such as the workers of a pool. Both look before each import, which takes about a microsecond.

The shim attaches this to the kernel. In its children, a `.pth` file of the environment calls `attach_child`: the
start of each waits for that, so nothing is imported here that Python has not loaded by then."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Tuple

VARIABLE = "JUPYTER_ENVS_KERNEL"
"""Folder of programs for the children of a kernel."""
POINTER = ".view"
"""In that folder, once something was installed: the prefix of the environment that these processes should see, as
`ascii` writes it; on the second line {now, known} as JSON, where `known` are the environments of this kernel."""
KERNEL = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGE = __name__.rpartition(".dash_m.")[0] or "_jupyter_envs_child"
"""Under which name the modules of that folder are loaded."""
REPLACED = "ensurepip"
"""Python's own would write pip into the environment, which other notebooks use, too; root may."""


class Follower:
    """A finder that finds nothing but our `ensurepip`. `collect`: in the process that has made this, it is called if
    the file `changes` exists. A process that this one has forked follows the pointer, as all others do."""

    def __init__(self, pointer: str, changes: str = "", collect: "Optional[Callable[[], None]]" = None) -> None:
        self._pointer = pointer
        self._changes = changes
        self._collect = collect
        self._process = os.getpid()
        self._sign: Optional[Tuple[int, int]] = None
        self._view: Any = None
        self._looking = False
        self.starting = False
        """While `site` runs, it goes through the folders that would change. What it imports last is `sitecustomize`."""

    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "Any":
        if not self.starting or name == "sitecustomize":
            self.starting = False
            self.look()
        if name == REPLACED:
            from importlib.machinery import PathFinder

            return PathFinder.find_spec(name, [os.path.dirname(os.path.abspath(__file__))])
        return None

    def find_distributions(self, context: "Any" = None) -> "Tuple[()]":
        """importlib.metadata asks each finder."""
        self.look()
        return ()

    def look(self) -> None:
        if self._looking or self.starting:
            return
        self._looking = True
        try:
            if self._collect is None or os.getpid() != self._process:
                self._follow()
            elif os.access(self._changes, os.F_OK):
                self._collect()
        except Exception as error:
            _say("jupyter-envs could not look for new packages: " + repr(error))
        finally:
            self._looking = False

    def _follow(self) -> None:
        try:
            about = os.stat(self._pointer)
        except OSError:
            return
        sign = about.st_mtime_ns, about.st_ino
        if sign == self._sign:
            return
        self._sign = sign
        with open(self._pointer, encoding="ascii") as file:
            if file.readline().rstrip("\n") == ascii(sys.prefix):
                return
            told = file.read()
        self._view, sentence = _module("staying").follow(self._view, told)
        if sentence:
            _say(sentence)


def attach_child() -> None:
    folder = os.environ.get(VARIABLE)
    if folder and not any(type(finder).__name__ == "Follower" for finder in sys.meta_path):
        follower: Any = Follower(os.path.join(folder, POINTER))
        follower.starting = True
        sys.meta_path.insert(0, follower)


def _module(name: str) -> "Any":
    if PACKAGE not in sys.modules:
        package: Any = type(sys)(PACKAGE)
        package.__path__ = [KERNEL]
        sys.modules[PACKAGE] = package
    __import__(PACKAGE + "." + name)
    return sys.modules[PACKAGE + "." + name]


def _say(sentence: str) -> None:
    if sys.stderr is not None:
        print(sentence, file=sys.stderr, flush=True)
