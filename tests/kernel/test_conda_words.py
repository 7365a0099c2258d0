"""What people type after `conda install`: in pip's words, or refused with what can be typed instead; never guessed."""

from __future__ import annotations

import shlex

import pytest

from jupyter_envs.kernel.conda_names import RENAMED, SAME, name_in_index, normalized
from jupyter_envs.kernel.orders import Refused
from jupyter_envs.kernel.pip_words import parse


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("install -y six", ["six"]),
        ("install --yes -c conda-forge numpy=1.26 six", ["numpy==1.26.*", "six"]),
        ("install -cconda-forge numpy=1.26.*", ["numpy==1.26.*"]),
        ("install -yqc conda-forge numpy=1.26.*", ["numpy==1.26.*"]),
        ("-qy install -- six", ["six"]),
        ("install --channel=conda-forge --override-channels 'numpy 1.26'", ["numpy==1.26.*"]),
        ("install scipy==1.10", ["scipy==1.10"]),
        ("install 'pandas>=2,<3' 'numpy<2'", ["pandas>=2,<3", "numpy<2"]),
        ("install conda-forge::pandas pytorch::torchvision", ["pandas", "torchvision"]),
        ("install typing_extensions ruamel.yaml", ["typing-extensions", "ruamel-yaml"]),
        ("install -q --solver libmamba --no-update-deps six", ["six"]),
        ("remove -y pytorch demo", ["torch", "demo"]),
        ("update pandas", ["pandas"]),
        ("update --all -y", []),
    ],
)
@pytest.mark.parametrize("program", ["conda", "mamba", "micromamba"])
def test_what_both_call_the_same_is_installed(program: str, line: str, arguments: list[str]) -> None:
    assert parse(program, shlex.split(line)).arguments == arguments


@pytest.mark.parametrize(
    ("line", "names", "hint"),
    [
        ("install -y -c bioconda bwa", "bwa", "If you mean the package index's bwa: %pip install bwa"),
        ("install ffmpeg", "ffmpeg", "If you mean the package index's ffmpeg: %pip install ffmpeg"),
        ("install boost geos make", "boost, geos, make were asked for from conda", "If you mean"),
        ("install gdal -c conda-forge", "gdal", "If you mean"),
        ("install graphviz", "graphviz", "If you mean"),
        ("install r-base", "r-base", "If you mean"),
        ("install boost six", "boost", "From the package index: %pip install six"),
        ("install pytorch", "What conda calls pytorch is torch", "From the package index: %pip install torch"),
        ("install pytorch=2.1", "torch", "From the package index: %pip install 'torch==2.1.*'"),
        (
            "install pytorch torchvision torchaudio pytorch-cuda=12.1 -c pytorch -c nvidia", "pytorch-cuda",
            "From the package index: %pip install torch torchvision torchaudio",
        ),
        ("install python=3.10", "chooses its Python", "To change the Python, in a terminal: jupyter envs python NOTEBOOK 3.10"),
        ("install python=3.10 pandas", "chooses its Python", "To change the Python, in a terminal: jupyter envs python NOTEBOOK 3.10  From"),
        ("install 'pytorch=2.1=*cuda*'", "what is asked of pytorch", "If you mean the package index's torch: %pip install torch"),
        ("install numpy=1.26=py311h64a7726_0", "what is asked of numpy", "If you mean the package index's numpy"),
        ("install 'numpy=1.25|1.26'", "what is asked of numpy", "If you mean"),
        ("install \"numpy[version='>=1']\"", "what is asked of numpy", "If you mean"),
        ("install -c mylab pandas", "the conda channel mylab", "If you mean the package index's pandas"),
        ("install mylab::pandas", "the conda channel mylab", "If you mean the package index's pandas"),
        ("install -c https://conda.example.org/x pandas", "the conda channel https://conda.example.org/x", "If you mean"),
        ("install --file requirements.txt", "requirements.txt", "If all of them are in the package index: %pip install -r requirements.txt"),
        ("install conda", "conda is not part of a notebook's environment", ""),
        ("update boost", "boost", "If you mean"),
    ],
)  # fmt: skip
def test_what_only_conda_has_is_refused_with_what_can_be_typed(line: str, names: str, hint: str) -> None:
    with pytest.raises(Refused) as refused:
        parse("conda", shlex.split(line))
    assert refused.value.code == "needs-conda"
    assert names in refused.value.sentence and refused.value.sentence.endswith(".")
    assert refused.value.hint.startswith(hint) and bool(hint) == bool(refused.value.hint)


@pytest.mark.parametrize(
    "line", ["install", "remove --all", "install --dry-run six", "install --revision 3", "create -n x"]
)
def test_other_lines_are_refused_too(line: str) -> None:
    with pytest.raises(Refused) as refused:
        parse("conda", shlex.split(line))
    assert refused.value.sentence.endswith(".")


def test_no_name_stands_for_two_things() -> None:
    assert not SAME & set(RENAMED)
    assert all(name == normalized(name) for name in [*SAME, *RENAMED, *RENAMED.values()])
    assert not {"bwa", "boost", "geos", "proj", "ffmpeg", "make", "blast", "graphviz", "redis", "gdal", "xxhash"} & SAME
    assert name_in_index("scikit_learn") == "scikit-learn" and name_in_index("tiny") is None
