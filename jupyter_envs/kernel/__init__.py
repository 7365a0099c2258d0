"""Everything that runs INSIDE the user's environment: standard library, IPython and ipykernel only, CPython >= 3.8.

`launcher.py` loads this folder by path under the private name `_jupyter_envs_kernel`; jupyter_envs itself is not
installed there. The stand-in and the pip stubs, which run on the server's Python, share the plain modules.

Public: the plain modules that docs/contributing/rooms.md lists."""
