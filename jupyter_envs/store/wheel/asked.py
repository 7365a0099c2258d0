"""What the start of Python and of a kernel asks for, whether or not it is there: a wheel that brings it runs before any
cell.

Measured with CPython 3.8 to 3.13, ipykernel 5 to 7 and IPython 7 to 9, and read from the imports of all that such a
start loads; `tests/kernel/test_asked.py` measures again. Names in small letters, as some disks know no others."""

from __future__ import annotations

import sys

HOOKS = ("sitecustomize", "usercustomize")
"""Python's own, imported at each start: https://docs.python.org/3/library/site.html."""
_TRIED = """
    __builtin__ __pypy__ _bootlocale _distutils_system_mod _manylinux _pydevd_bundle_ext _pypy_wait _subprocess _typeshed _winreg
    annotationlib apport_python_hook cpickle distutils imp java netbios ntsecuritycon org pydev_pysrc repr storemagic stringio
    thread uu vms_lib zoneinfo
"""
"""Names of packages that do not exist, or of the standard library of another Python."""
_BUILT = """
    _blake2 _bz2 _crypt _ctypes _curses _curses_panel _dbm _decimal _gdbm _hashlib _lsprof _lzma _sha256 _sha512 _sqlite3 _ssl
    _tkinter _uuid _wmi _winapi _zoneinfo msvcrt nt readline winreg zlib
"""
"""Names of the standard library that are missing if a Python was built without what they need, or for another
system."""
_POSIX = "_posixsubprocess fcntl grp posix pwd resource termios"
_OPTIONAL = """
    argcomplete astroid colorama curio django docrepr ipyparallel msgpack netifaces numpydoc orjson pathlib2 pep517 pickleshare
    pyczmq trio
"""
"""Names of packages that are used if they are installed."""
_NEEDED = """
    appnope asttokens backcall comm debugpy decorator exceptiongroup executing importlib_metadata importlib_resources ipykernel
    ipython ipython_genutils ipython_pygments_lexers jedi jupyter_client jupyter_core matplotlib_inline more_itertools
    nest_asyncio nest_asyncio2 packaging parso pexpect platformdirs prompt_toolkit psutil ptyprocess pure_eval pydevd pygments
    setuptools six stack_data tornado traitlets typing_extensions wcwidth zipp
"""
"""Names of ipykernel and what it needs, in one version or another."""
_DEBUGGER = """
    _pydev_bundle _pydev_runfiles _pydevd_bundle _pydevd_frame_eval _pydevd_sys_monitoring pydev_ipython pydevconsole pydevd
    pydevd_file_utils pydevd_plugins pydevd_tracing
"""
"""Names that debugpy has in a folder of its own."""

OWNERS: dict[str, tuple[str, ...]] = {
    **{name: (name.replace("_", "-"),) for name in [*_OPTIONAL.split(), *_NEEDED.split()]},
    **dict.fromkeys(_DEBUGGER.split(), ("debugpy", "pydevd")),
    **dict.fromkeys(("win32api", "win32evtlog", "win32evtlogutil", "win32security", "win32wnet"), ("pywin32",)),
    "_distutils_hack": ("setuptools",),
    "clr": ("pythonnet",),
    "ctags": ("python-ctags", "python-ctags3"),
    "dateutil": ("python-dateutil",),
    "pkg_resources": ("setuptools",),
    "pysqlite2": ("pysqlite",),
    "zmq": ("pyzmq",),
}
"""Modules that are asked for -> the packages that may bring them."""
ASKED = frozenset([*OWNERS, *_TRIED.split(), *_BUILT.split(), *(_POSIX.split() if sys.platform == "win32" else ())])
"""Modules at the top of `sys.path`; no package may bring one without an owner unless the user is asked."""
PROGRAMS = frozenset(["arp", "ifconfig", "ip", "ipconfig", "lanscan", "netstat", "uname"])
"""Programs that are started by name: the environment's own come first on the kernel's PATH."""
CONFIGURATION = ("etc", "ipython")
"""The folder below the prefix from which IPython reads configuration and code
(IPython.core.application.ENV_CONFIG_DIRS)."""
NOT_ASKED = frozenset(
    ["benchmarks", "build", "conftest", "docs", "examples", "jupyter", "scripts", "test", "tests", "tools"]
)
"""Names that many packages put at the top by mistake, and that no start asks for."""
