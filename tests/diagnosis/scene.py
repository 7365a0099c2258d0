"""Small indexes in which the packages that people ask for in vain look as they do in the real one, seen from the Python
that runs the tests: `ago(2)` is the minor version two before it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from packaging.tags import sys_tags

from ..wheels import Dist, sdist, wheel

MINOR = sys.version_info[1]
HERE = f"3.{MINOR}"
PLATFORM = next(sys_tags()).platform
ELSEWHERE = "win_amd64"


def ago(minors: int) -> str:
    return f"3.{MINOR - minors}"


def binary(name: str, version: str, pythons: range, *, platform: str = PLATFORM, requires: tuple[str, ...] = (),
           requires_python: str | None = None, source: bool = False) -> Iterator[Dist]:  # fmt: skip
    """A wheel for each of these Pythons, as minors before ours (a negative one is after it), and perhaps its source."""
    for back in pythons:
        tag = f"cp3{MINOR - back}"
        abi = tag + ("m" if MINOR - back < 8 else "")
        yield wheel(name, version, tag=f"{tag}-{abi}-{platform}", requires=requires, requires_python=requires_python)
    if source:
        # What it needs is known only after running its code, as it was with most sources of that time.
        yield sdist(name, version, requires=requires, requires_python=requires_python, static=False)


NOW, OLD, NEWER = range(-1, 3), range(2, 6), range(-2, 0)


def packages() -> Iterator[Dist]:
    """A kernel that needs nothing: here nothing is ever built."""
    yield wheel("ipykernel", "6.29.5")
    yield wheel("ipykernel", "7.1.0")
    yield from binaries()
    yield from pure()
    yield from strangers()


def binaries() -> Iterator[Dist]:
    yield from binary("numpy", "1.19.5", OLD, source=True, requires_python=">=3.6")
    yield from binary("numpy", "1.26.4", NOW, source=True, requires_python=">=3.8")
    yield from binary("numpy", "2.2.0", NOW, source=True, requires_python=f">={ago(2)}")
    yield from binary("pandas", "1.1.5", OLD, requires=("numpy>=1.15.4",), source=True)
    yield from binary("pandas", "2.2.3", NOW, requires=("numpy>=1.23.2",), source=True)
    yield from binary("tensorflow", "2.10.0", range(1, 5))
    yield from binary("tensorflow", "2.10.1", range(1, 5))
    yield from binary("tensorflow", "2.21.0", range(-1, 2), requires=("numpy>=1.26.0",))
    yield from binary("scipy", "1.5.4", OLD, requires=("numpy>=1.14.5",), source=True)
    yield from binary("scipy", "1.14.0", NOW, requires=("numpy<2.3,>=1.23.5",), source=True)
    yield from binary("torch", "2.1.0", NOW)
    yield from binary("torch", "2.5.1", NOW)
    yield from binary("numba", "0.60.0", NOW, requires=("numpy<2.1,>=1.22",))
    yield from binary("futurelib", "1.0", NEWER)
    yield from binary("moved-on", "1.0", NOW)
    yield from binary("moved-on", "2.0", NEWER)
    yield from binary("pywin32", "306", NOW, platform=ELSEWHERE)
    yield from binary("winsound-plus", "1.0", NOW, platform=ELSEWHERE, source=True)


def pure() -> Iterator[Dist]:
    yield wheel("kernelmon", "1.0", requires=("pywin32",))
    for version in ("1.29.164", "1.29.165", "1.31.0", "1.34.0"):
        yield wheel("boto3", version, requires=("botocore<2,>=1.29",))
    yield wheel("botocore", "1.31.0", requires=("urllib3<1.27",))
    for name, versions in {
        "urllib3": ("1.26.18", "2.2.0"), "requests": ("2.31.0",), "six": ("1.16.0", "1.17.0"), "attrs": ("23.2.0",),
        "opencv-python": ("4.10.0",), "scikit-learn": ("1.5.0",), "python-docx": ("1.1.0",), "pillow": ("10.0.0",), "pyyaml": ("6.0.1",),
        "beautifulsoup4": ("4.12.0",), "python-dateutil": ("2.9.0",), "python-dotenv": ("1.0.0",),
        "scikit-image": ("0.24.0",), "matplotlib": ("3.9.0",), "seaborn": ("0.13.0",), "flask": ("3.0.0",),
        "dash": ("2.17.0",), "typing-extensions": ("4.12.0",), "protobuf": ("3.20.3", "5.27.0"), "jinja2": ("3.1.4",),
        "pytorch-lightning": ("2.3.0",), "django": ("4.2.0", "5.0.0"), "openai": ("0.28.1", "1.40.0"),
        "pydantic": ("1.10.17", "2.8.0"), "sqlalchemy": ("1.4.52", "2.0.31"), "ipywidgets": ("8.1.0",),
        "transformers": ("4.42.0",), "tqdm": ("4.66.0",), "xgboost": ("2.1.0",), "plotly": ("5.22.0",),
    }.items():  # fmt: skip
        for version in versions:
            yield wheel(name, version)
    yield wheel("langchain", "0.0.350", requires=("pydantic<2",))
    yield wheel("fastapi-next", "1.0", requires=("pydantic>=2.5",))
    yield wheel("needs-typo", "1.0", requires=("sixx-of-nobody>=1",))
    yield wheel("flask-old", "1.0", requires=("jinja2<3.1",))
    yield wheel("modern-only", "2.0", requires_python=f">={ago(-1)}")
    yield wheel("ipython-like", "9.0", requires_python=f">={ago(-1)}")
    yield wheel("ipython-like", "8.0", requires_python=f">={ago(3)}")
    yield wheel("soon", "2.0rc1")
    yield wheel("soon", "2.0b3")
    yield wheel("half-soon", "1.0")
    yield wheel("half-soon", "2.1a1")
    yield wheel("needs-soon", "1.0", requires=("half-soon>=2",))


def strangers() -> Iterator[Dist]:
    """What has no wheel, and what is called as something else."""
    for name, version in {"docopt": "0.6.2", "langdetect": "1.0.9", "pyaudio": "0.2.14", "sklearn": "0.0.post12",
                          "pytorch": "1.0.2", "ffmpeg": "1.4", "skimage": "0.0", "docx": "0.2.4"}.items():  # fmt: skip
        yield sdist(name, version, static=False)
    yield sdist("legacy-sdist", "1.0", requires_python=f"<{HERE}", static=False)
    yield wheel("needs-docopt", "1.0", requires=("docopt>=0.6",))


YANKED = {"attrs": (["21.1.0"], "Missing dependency metadata"), "gone-for-good": (["1.0", "1.1"], "Contains a backdoor"),
          "half-gone": (["2.0"], "")}  # fmt: skip
