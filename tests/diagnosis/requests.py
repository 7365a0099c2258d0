"""Requests that people report: what was typed, the true cause, and words that the sentence has to say. `ways`: codes of the
ways out, in their order."""

from __future__ import annotations

from dataclasses import dataclass

from .scene import HERE, ago


@dataclass(frozen=True)
class Case:
    typed: str
    cause: str
    says: tuple[str, ...] = ()
    ways: tuple[str, ...] | None = None
    code: str = ""


OLD = f"{ago(5)} to {ago(2)}"
BUILD = ("python", "version", "build")
CASES = (
    # misspelled
    Case("panads", "typo", ('no package called "panads"', "Did you mean pandas?"), ("name",), "no-such-package"),
    Case("nunpy", "typo", ("numpy",), ("name",)),
    Case("requets", "typo", ("requests",), ("name",)),
    Case("matplotlb", "typo", ("matplotlib",), ("name",)),
    Case("scikit_lern", "typo", ("scikit-learn",), ("name",)),
    Case("seabron", "typo", ("seaborn",), ("name",)),
    Case("pandas beautifulsop4", "typo", ("beautifulsoup4",), ("name",)),
    Case("scikitlearn", "typo", ("scikit-learn",), ("name",)),
    Case("zzz-of-nobody", "no-package", ('no package called "zzz-of-nobody"',), ()),
    Case("needs-typo", "no-package", ("needs-typo needs sixx-of-nobody",), ()),
    # the name that is imported, or that conda has
    Case("cv2", "module-name", ("opencv-python",), ("name",), "no-such-package"),
    Case("sklearn", "module-name", ("scikit-learn",), ("name",), "other-name"),
    Case("skimage", "module-name", ("scikit-image",), ("name",), "other-name"),
    Case("docx", "module-name", ("python-docx",), ("name",), "other-name"),
    Case("PIL", "module-name", ("PIL is what you import", "pillow"), ("name",)),
    Case("yaml requests", "module-name", ("pyyaml",), ("name",)),
    Case("bs4", "module-name", ("beautifulsoup4",), ("name",)),
    Case("dotenv", "module-name", ("python-dotenv",), ("name",)),
    Case("dateutil", "module-name", ("python-dateutil",), ("name",)),
    Case("pytorch", "other-system", ("torch",), ("name",), "other-name"),
    Case("opencv", "other-system", ("opencv-python",), ("name",)),
    Case("tensorflow-gpu==2.10", "other-system", ("tensorflow",), ("name",)),
    Case("ffmpeg", "program", ("is a program, not a Python package",), (), "other-name"),
    Case("cudatoolkit six", "program", ("is a program",), ("without",)),
    Case("asyncio", "standard-library", ("part of Python itself",), ()),
    Case("tkinter six", "standard-library", ("part of Python itself",), ("without",)),
    Case("python==3.9", "python-itself", ("Python itself is not a package",), ("python",)),
    Case(f"python=={ago(1)}.*", "python-itself", ("a notebook chooses its version",), ("python",)),
    # a version that is not there
    Case("boto3==1.30.0", "no-version", ("no version 1.30.0", "1.29.165 and 1.31.0"), ("version", "version")),
    Case("boto3==1.29", "no-version", ("the oldest is 1.29.164",), ("version",)),
    Case("boto3>=2", "no-version", ("newest version of boto3", "1.34.0"), ("version",)),
    Case("numpy==1.26.5 pandas", "no-version", ("1.26.4 and 2.2.0",), ("version", "version")),
    Case("numpy>=3", "no-version", ("2.2.0",), ("version",)),
    Case("torch==1.13.1", "no-version", ("the oldest is 2.1.0",), ("version",)),
    Case("ipykernel<5", "no-version", ("cannot run without ipykernel",), ("version",)),
    Case("openai==0.27.*", "no-version", ("oldest version of openai",), ("version",)),
    Case("six===1.99", "arbitrary", ("six===1.99",), None),
    Case("six>=2,<1", "contradiction", ("exclude each other",), ("version",)),
    Case("torch==2.1.0+cu118", "local-build", ("no build +cu118", "2.1.0 without it"), ("version",)),
    Case("torch==2.5.1+cpu", "local-build", ("no build +cpu",), ("version",)),
    Case("torch==1.8.0+cu111", "local-build", ("no build +cu111", "no 1.8.0"), ("version",)),
    Case("half-soon<2,>1", "no-version", ("within <2,>1", "1.0 and 2.1a1"), ("version", "version")),
    Case("boto3<1.31,>1.29.165", "no-version", ("1.29.165 and 1.31.0",), ("version", "version")),
    Case("gone-for-good", "yanked", ("yanked", "Contains a backdoor"), (), "yanked"),
    Case("half-gone>=2", "yanked", ("within >=2 was yanked",), ("version",), "yanked"),
    # two needs that exclude each other
    Case("numpy<1.20 pandas>=2.2", "conflict", ("needs numpy>=1.23.2", "you ask for numpy<1.20"), ("limit",), "conflict"),
    Case("numba numpy>=2.1", "conflict", ("numba needs numpy<2.1", "numpy>=2.1"), ("limit", "without")),
    Case("boto3 urllib3>=2", "conflict", ("botocore, which boto3 needs,", "urllib3<1.27"), ("limit", "without")),
    Case("langchain fastapi-next", "conflict", ("langchain needs pydantic<2", "fastapi-next needs"), ("without", "without")),
    Case("flask-old jinja2>=3.1", "conflict", ("flask-old needs jinja2<3.1",), ("without",)),
    Case("langchain pydantic==2.8.0", "conflict", ("you ask for pydantic==2.8.0",), ("limit", "without")),
    Case("numpy==1.19.5 numba", "conflict", ("numba needs numpy", "numpy==1.19.5"), None),
    # no file for this Python or this system
    Case("numpy==1.19.5", "no-wheel-for-python", (f"wheels for Python {OLD}", f"uses Python {HERE}"), BUILD, "no-wheel-here"),
    Case("pandas==1.1.5", "no-wheel-for-python", (OLD,), BUILD),
    Case("scipy==1.5.4", "no-wheel-for-python", (OLD,), BUILD),
    Case("numpy<1.20", "no-wheel-for-python", ("numpy 1.19.5",), BUILD),
    Case("tensorflow==2.10", "no-wheel-for-python", (f"{ago(4)} to {ago(1)}",), ("python", "version"), "no-wheel-here"),
    Case("tensorflow<2.11", "no-wheel-for-python", ("tensorflow 2.10.1",), ("python", "version")),
    Case("futurelib", "no-wheel-for-python", (f"{ago(-1)} to {ago(-2)}",), ("python",)),
    Case("moved-on==2.0", "no-wheel-for-python", ("moved-on 2.0",), ("python", "version")),
    Case("numpy==1.19.5 pandas==1.1.5", "no-wheel-for-python", ("numpy 1.19.5",), ("python", "build")),
    Case("modern-only", "python-version", (f"is for Python >={ago(-1)}",), ("python",)),
    Case("ipython-like>=9", "python-version", ("ipython-like 9.0",), ("python", "version")),
    Case("legacy-sdist", "python-version", (f"is for Python <{HERE}",), ("build",)),
    Case("pywin32", "no-wheel-for-platform", ("wheels for Windows only",), ("condition",)),
    Case("winsound-plus", "no-wheel-for-platform", ("wheels for Windows only",), ("condition", "build")),
    Case("kernelmon", "no-wheel-for-platform", ("kernelmon needs pywin32",), ()),
)  # fmt: skip
