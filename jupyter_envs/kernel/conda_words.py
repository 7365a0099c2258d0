"""`conda install` in a notebook: what it asks of conda, in pip's words where the package index has the same.

Nothing is guessed: the index may have another project under a name of conda's, and no channel or build of conda's can
be had from it. What it cannot have is refused, with what can be typed instead."""

from __future__ import annotations

import re
from typing import Iterator, NoReturn, Sequence, Tuple

from .amounts import named
from .conda_names import name_in_index, normalized
from .foreign import quoted
from .pip_options import Table, accepted, read
from .refused import Refused

CODE = "needs-conda"
CHANNELS = {"conda-forge", "defaults", "anaconda", "main", "pkgs/main", "bioconda", "pytorch", "nvidia", "intel"}
"""Where the packages of `conda_names` may come from: these are the same projects there."""
# What says how conda works, and nothing about what it installs.
FLAGS = {
    "-y", "--yes", "-q", "--quiet", "-v", "--verbose", "--override-channels", "--json", "-S", "-k",
    "--satisfied-skip-solve", "--strict-channel-priority", "--no-channel-priority", "--update-deps", "--no-update-deps",
    "--freeze-installed", "--no-update-dependencies", "-C", "--use-index-cache", "--insecure", "--copy", "--no-pin",
    "--show-channel-urls", "--update-specs", "--no-banner", "--all", "-a", "--offline",
}  # fmt: skip
KEPT = {"-q": "-q", "--quiet": "-q", "-v": "-v", "--verbose": "-v", "--offline": "--offline"}
VALUED = {"-c", "--channel", "--solver", "--repodata-fn", "--experimental-solver", "--file"}
ROWS = (
    *(accepted(form, "it is about how conda works") for form in sorted(FLAGS)),
    *(accepted(form, "it is about conda", "VALUE") for form in sorted(VALUED)),
)
CUDA = ("pytorch-cuda", "cudatoolkit", "cuda-toolkit", "cudnn", "cpuonly", "pytorch-mutex", "cuda-version")
SPEC = re.compile(r"(?:(?P<channel>[\w./:-]+?)::)?(?P<name>[A-Za-z0-9_][\w.-]*)\s*(?P<rest>.*)", re.DOTALL)
LIMITS = re.compile(r"(?:[<>=!~]=?|==)\s*[0-9][\w.!+]*(?:\.\*)?(?:\s*,\s*(?:[<>!~=]=|[<>])\s*[0-9][\w.!+]*(?:\.\*)?)*")
TOOLS = ("conda", "mamba", "micromamba", "anaconda")
UNKNOWN = "unknown"
MOST = 5
Asked = Tuple[str, str]


def pip_words(verb: str, words: Sequence[str]) -> list[str]:
    """pip's words for those after `conda install`, `remove` or `update`. Raises Refused."""
    kept: list[str] = []
    channels: list[str] = []
    specs: list[str] = []
    everything = False
    for option, value in _options(words):
        if not option:
            specs.append(value)
        elif option in ("-c", "--channel"):
            channels.append(value)
        elif option == "--file":
            raise Refused(
                f"{value} may list packages of conda, which jupyter-envs cannot install yet.",
                f"If all of them are in the package index: %pip install -r {quoted(value)}", CODE,
            )  # fmt: skip
        elif option in KEPT:
            kept.append(KEPT[option])
        elif option in FLAGS:
            everything = everything or option in ("--all", "-a")
        elif option not in VALUED:
            raise Refused(f"The option {option} of conda is not supported here.", "%pip install has pip's options.")
    if verb == "remove":
        if everything:
            raise Refused("No package was named.", "For example: %env-remove pandas")
        return [*kept, *(_removable(spec) for spec in specs)]
    if not specs:
        if verb == "upgrade" and everything:
            return kept
        raise Refused("No package was named.", f"For example: %env-{verb} pandas")
    return [*kept, *_all_in_index(specs, channels)]


def _options(words: Sequence[str]) -> Iterator[Asked]:
    return ((word.form, word.value or "") for word in read(words, Table(ROWS)))


def _all_in_index(specs: Sequence[str], channels: Sequence[str]) -> list[str]:
    """Raises Refused if there is one that the index does not have under the same name, or not for sure."""
    found = [_Spec(spec, channels) for spec in specs]
    strange = [spec for spec in found if spec.strange]
    possible = [spec.requirement for spec in found if spec.requirement]
    if strange:
        _refuse(strange, possible)
    return possible


def _refuse(strange: Sequence[_Spec], possible: Sequence[str]) -> NoReturn:
    unknown = [spec.name for spec in strange if spec.strange == UNKNOWN]
    said = [spec.strange for spec in strange if spec.strange != UNKNOWN]
    if unknown:
        was, names = ("was", "that name") if len(unknown) == 1 else ("were", "these names")
        said.insert(
            0,
            f"{named(unknown, MOST)} {was} asked for from conda, which jupyter-envs cannot use yet. In the package "
            f"index, {names} may belong to something else.",
        )
    sentence = " ".join([*dict.fromkeys(said), "Nothing was installed."])
    python = next((spec for spec in strange if spec.name == "python"), None)
    hint = ""
    if possible:
        hint = "From the package index: %pip install {}".format(" ".join(map(quoted, possible)))
    elif python is None and strange[0].name not in TOOLS:
        name = strange[0].known or strange[0].name
        hint = f"If you mean the package index's {name}: %pip install {name}"
    if python is not None:
        version = python.version or "VERSION"
        hint = f"To change the Python, in a terminal: jupyter envs python NOTEBOOK {version}" + (
            f"  {hint}" if hint else ""
        )
    raise Refused(sentence, hint, CODE)


class _Spec:
    """One word after `conda install`. `strange`: why the index cannot stand in for conda, in a sentence, or "";
    `requirement`: the same for pip, or "" where nobody knows what that would be."""

    def __init__(self, text: str, channels: Sequence[str]) -> None:
        found = SPEC.fullmatch(text.strip())
        self.name = normalized(found.group("name")) if found else text
        rest = found.group("rest").strip() if found else ""
        given = found.group("channel") if found else None
        self.version = next(iter(re.findall(r"\d+(?:\.\d+)*", rest)), "")
        limits = _limits(rest)
        known = name_in_index(self.name)
        other = [channel for channel in ([given] if given else channels) if channel not in CHANNELS]
        self.requirement = f"{known}{limits}" if known and limits is not None and not other else ""
        self.known = known
        self.strange = self._strange(known, limits, other)

    def _strange(self, known: str | None, limits: str | None, other: Sequence[str]) -> str:
        name = self.name
        if name == "python":
            return "With conda, `python` is a package; a notebook chooses its Python in another way."
        if name in CUDA or name.startswith("cuda-"):
            return (
                f"{name} chooses between builds that only conda has; wheels of the package index bring their own CUDA."
            )
        if name in TOOLS:
            return f"{name} is not part of a notebook's environment."
        if other:
            return f"{name} was asked for from the conda channel {other[0]}, and jupyter-envs cannot use it yet."
        if known is None:
            return UNKNOWN
        if limits is None:
            return f"jupyter-envs cannot install from conda yet, and what is asked of {name} can only be had there."
        if known != name:
            return f"What conda calls {name} is {known} in the package index."
        return ""


def _limits(text: str) -> str | None:
    """`=1.26` -> `==1.26.*`, `>=2,<3` as it is; None for builds, alternatives and what else only conda knows."""
    if not text:
        return ""
    one = re.fullmatch(r"=?\s*([0-9][\w.!+]*?)(?:\.?\*)?", text)
    if one:
        return f"=={one.group(1)}.*"
    exact = re.fullmatch(r"==\s*([0-9][\w.!+]*)(\.\*)?", text)
    if exact:
        return "=={}{}".format(*exact.groups(""))
    return re.sub(r"\s+", "", text) if LIMITS.fullmatch(text) else None


def _removable(spec: str) -> str:
    found = SPEC.fullmatch(spec.strip())
    name = found.group("name") if found else spec
    return name_in_index(name) or name
