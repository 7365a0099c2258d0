"""The place of `pip_stub.py` in 0.1.0: the `pip` of a kernel that it started uses this file for as long as the kernel
runs."""

import os
import runpy

if __name__ == "__main__":
    runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pip_stub.py"), run_name="__main__")
