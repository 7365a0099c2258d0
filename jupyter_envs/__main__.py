"""`python …/jupyter_envs/__main__.py VERB …`: the command line, started by path so that no folder can get in
between."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def make_importable() -> None:
    """Started by path, Python puts this folder first on sys.path, where our `lock` or `process` would be everybody's;
    started with -m, it puts the current folder there, where a notebook's neighbours are."""
    del sys.path[0]
    try:
        import jupyter_envs
    except ImportError:
        sys.path.append(str(HERE.parent))
        return
    if Path(jupyter_envs.__file__).resolve().parent != HERE:
        del sys.modules["jupyter_envs"]  # another copy of ours; the one that was named is meant
        sys.path.insert(0, str(HERE.parent))


if __name__ == "__main__":
    if not getattr(sys.flags, "safe_path", False):
        make_importable()
    try:
        from jupyter_envs.cli.main import main
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(main())
