"""Every way of a wheel to run code before any cell does is seen in its files, and nothing else is. Nothing is built
here: `test_startup.py` builds, `kernel/test_asked.py` starts a kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from jupyter_envs.environments.use_cases import Environments
from jupyter_envs.store.wheel.asked import ASKED, HOOKS, OWNERS
from jupyter_envs.store.wheel.startup import LONGEST_FILE, at_start
from jupyter_envs.store.wheel.wheels import Facts, Wheel

from ..local_index import LocalIndex

Files = Mapping[str, str | bytes]
Unpack = Callable[..., Wheel]


@pytest.fixture
def unpack(tmp_path: Path) -> Unpack:
    def unpacked(name: str, files: Files = {}, elsewhere: Files = {}, needs: Iterable[str] = ()) -> Wheel:  # noqa: B006
        folder, info = tmp_path / name, f"{name.replace('-', '_')}-1.0.dist-info"
        metadata = (
            "Metadata-Version: 2.1\n"
            + "".join(f"Requires-Dist: {line}\n" for line in needs)
            + "\nRequires-Dist: words\n"
        )
        inside: dict[str, str | bytes] = {f"l/{path}": text for path, text in files.items()}
        inside |= {f"p/{path}": text for path, text in elsewhere.items()} | {f"l/{info}/METADATA": metadata}
        for path, text in inside.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(text.encode() if isinstance(text, str) else text)
        return Wheel(name, folder, Facts(name, "", name, "1.0", info, "", "", 0, {}))

    return unpacked


ALONE: dict[str, tuple[Files, Files, str]] = {
    "a line of code": ({"x.pth": "import os\n"}, {}, "x.pth"),
    "with a tab": ({"x.pth": "import\tos\n"}, {}, "x.pth"),
    "a folder": ({"x.pth": "folder\n"}, {}, "x.pth"),
    "behind comments": ({"x.pth": "# a\n\n# b\r\nimport os"}, {}, "x.pth"),
    "behind an old end of line": ({"x.pth": "# a\rimport os"}, {}, "x.pth"),
    "behind a form feed, which is an end of line since 3.13": ({"x.pth": "# a\fimport os\n"}, {}, "x.pth"),
    "behind a separator of lines": ({"x.pth": "# a\u2028import os\n"}, {}, "x.pth"),
    "behind one of Latin-1": ({"x.pth": b"# a\x85import os\n"}, {}, "x.pth"),
    "a folder with a vertical tab, which was none before": ({"x.pth": "\v#x\n"}, {}, "x.pth"),
    "an indented comment, which is a folder": ({"x.pth": " #x\n"}, {}, "x.pth"),
    "a byte order mark, which is the name of a folder before 3.13": ({"x.pth": b"\xef\xbb\xbf#x\n"}, {}, "x.pth"),
    "UTF-16": ({"x.pth": "import os\n".encode("utf-16")}, {}, "x.pth"),
    "a long one": ({"x.pth": "#\n" * LONGEST_FILE}, {}, "x.pth"),
    "a hidden one": ({".x.pth": "import os\n"}, {}, ".x.pth"),
    "in capital letters": ({"x.PTH": "import os\n"}, {}, "x.PTH"),
    "PEP 829": ({"x.start": "pkg.mod:main\n"}, {}, "x.start"),
    "a module": ({"sitecustomize.py": ""}, {}, "sitecustomize.py"),
    "for the user": ({"usercustomize.py": ""}, {}, "usercustomize.py"),
    "a package": ({"sitecustomize/__init__.py": ""}, {}, "sitecustomize"),
    "a namespace": ({"usercustomize/x/y.txt": ""}, {}, "usercustomize"),
    "a library": ({"sitecustomize.cpython-311-x86_64-linux-gnu.so": ""}, {}, "sitecustomize.cpython-311-x86_64-linux-gnu.so"),
    "bytecode": ({"sitecustomize.pyc": ""}, {}, "sitecustomize.pyc"),
    "IPython's configuration": ({}, {"etc/ipython/ipython_config.py": ""}, "etc/ipython/ipython_config.py"),
    "as JSON": ({}, {"etc/ipython/ipython_kernel_config.json": ""}, "etc/ipython/ipython_kernel_config.json"),
    "IPython's start": ({}, {"etc/ipython/startup/00.ipy": ""}, "etc/ipython/startup/00.ipy"),
    "on a disk without capital letters": ({}, {"ETC/IPython/startup/0.py": ""}, "ETC/IPython/startup/0.py"),
    "a program that the kernel starts by name": ({}, {"bin/uname": "#!/bin/sh\n"}, "bin/uname"),
    "elsewhere": ({}, {"Scripts/ipconfig.exe": ""}, "Scripts/ipconfig.exe"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "elsewhere", "told"), ALONE.values(), ids=ALONE)
def test_a_wheel_that_does_it_by_itself(files: Files, elsewhere: Files, told: str, unpack: Unpack) -> None:
    evil = unpack("evil", {"evil.py": "", **files}, elsewhere)
    assert at_start([evil, unpack("six", {"six.py": ""})]) == {"evil": (told,)}


@pytest.mark.parametrize("module", [name for name in sorted(ASKED) if name not in HOOKS])
def test_a_module_that_a_start_asks_for(module: str, unpack: Unpack) -> None:
    """Whoever else is there; by its owner, if it has one, it may be brought."""
    assert at_start([unpack("evil", {f"{module}.py": ""})]) == {"evil": (f"{module}.py",)}
    assert at_start([unpack(name, {f"{module}/__init__.py": ""}) for name in OWNERS.get(module, ())]) == {}
    if module not in OWNERS:  # there is no such package: to be called so is no right
        assert at_start([unpack(canonicalize_name(module), {f"{module}.so": ""})])


OVER: dict[str, tuple[Files, Files]] = {
    "its place": ({"new/__init__.py": ""}, {"new/__init__.py": "evil"}),
    "the other shape": ({"new/__init__.py": ""}, {"new.py": ""}),
    "a package before a module": ({"new.py": ""}, {"new/__init__.py": ""}),
    "a library before a module": ({"new.py": ""}, {"new.abi3.so": ""}),
    "a module that it looks for in itself": ({"new/__init__.py": ""}, {"new/optional/deep.py": ""}),
    "a namespace before nothing": ({"new.py": ""}, {"new/sub.py": ""}),
    "in a namespace": ({"near/new/__init__.py": ""}, {"near/new/x.py": ""}),
    "the namespace itself": ({"near/__init__.py": "extend_path", "near/a.py": ""}, {"near/__init__.py": "evil"}),
    "the libraries that it is linked with": (
        {"new/x.abi3.so": "", "new.libs/libnew.so.1": ""},
        {"new.libs/libstdc++.so.6": ""},
    ),
    "a list of folders": ({"new/__init__.py": "extend_path"}, {"new.pkg": "/tmp"}),
}


@pytest.mark.parametrize(("own", "evil"), OVER.values(), ids=OVER)
@pytest.mark.parametrize("chain", ["kernel", "startup"])
def test_a_module_in_the_place_of_one_that_a_start_loads(own: Files, evil: Files, chain: str, unpack: Unpack) -> None:
    """Of what ipykernel needs, however new that is, and of what code at the start may."""
    if chain == "kernel":
        first = unpack("ipykernel", {"ipykernel/__init__.py": ""}, needs=["Comm.New (>=1)", "x; extra == 'y'"])
    else:
        first = unpack("starter", {"starter.pth": "import starter\n"}, needs=["comm-new; python_version > '3'"])
    found = at_start([first, unpack("comm-new", own, needs=["ipykernel"]), unpack("evil", evil)])
    assert found.pop("starter", ()) == (("starter.pth",) if chain == "startup" else ())
    assert found == {"evil": tuple(evil)}


def test_what_holds_nothing_but_bytecode_is_named_as_well(unpack: Unpack) -> None:
    assert at_start([unpack("evil", {"comm/__pycache__/__init__.cpython-311.pyc": ""})]) == {"evil": ("comm",)}


def test_a_module_of_a_package_that_is_needed_and_not_there(unpack: Unpack) -> None:
    kernel = unpack("ipykernel", {"ipykernel/__init__.py": ""}, needs=["brand-new"])
    assert at_start([kernel, unpack("evil", {"brand_new.py": ""})]) == {"evil": ("brand_new.py",)}


@pytest.mark.parametrize(
    ("name", "files"), [("launcher", {"launcher.py": ""}), ("kernel-libs", {"kernel.libs/x.so": ""})]
)
def test_the_name_of_another_s_module_gives_no_right_to_it(name: str, files: Files, unpack: Unpack) -> None:
    kernel = unpack("ipykernel", {"ipykernel/__init__.py": "", "launcher.py": "x", "kernel.libs/y.so": ""})
    assert at_start([kernel, unpack(name, files)]) == {name: tuple(files)}


def test_being_needed_gives_no_right_to_another_s_place(unpack: Unpack) -> None:
    kernel = unpack("ipykernel", {"ipykernel/__init__.py": ""}, needs=["first", "second"])
    both = unpack("first", {"first.py": ""}), unpack("second", {"second.py": "", "first/__init__.py": ""})
    assert at_start([kernel, *both]) == {"second": ("first/__init__.py",)}


@pytest.mark.parametrize(
    "files",
    [
        {"x.pth": "# import os\n\n   \n#\timport\r\n"},
        {"x.pth/module.py": ""},
        {"deep/x.pth": "import os\n", "deep/sitecustomize.py": ""},
        {"django.txt": "", "comm-notes.md": "", "plain.libs/libzmq.so": ""},
        {"tests/__init__.py": "", "docs/conf.py": ""},
        {"same.py": "x = 1\n"},
        {"near/b.py": "", "near/__init__.py": "extend_path"},
        {"sitecustomize_extra.py": "", "sitecustomize_extra-1.0.dist-info/RECORD": ""},
    ],
    ids=["comments", "a folder", "deeper", "no modules", "by mistake", "the same file", "a namespace", "a longer name"],
)
def test_what_runs_nothing_is_not_asked_about(files: Files, unpack: Unpack) -> None:
    own = {"tests/__init__.py": "x", "same.py": "x = 1\n", "near/a.py": "", "near/__init__.py": "extend_path"}
    kernel = unpack("ipykernel", {"ipykernel/__init__.py": "", **own})
    data = {
        "etc/other/ipython_config.py": "",
        "share/ipython/x.py": "",
        "bin/uname-all": "",
        "lib/python3.11/sitecustomize.py": "",
    }
    assert at_start([kernel, unpack("plain", files, data)]) == {}


def test_others_of_no_start_may_share_what_they_like(unpack: Unpack) -> None:
    assert at_start([unpack("one", {"cv2/__init__.py": "1"}), unpack("two", {"cv2/__init__.py": "2"})]) == {}


def test_the_kernel_and_all_that_it_needs_ask_nothing(environments: Environments, index: LocalIndex) -> None:
    assert environments.build(None)
    wheels = list(environments.here.store.own.wheels.all())
    assert len(wheels) > 20
    assert at_start(wheels) == {}
