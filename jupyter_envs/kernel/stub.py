"""Where `pip_stub.py` was in 0.1.0: the `pip` of a kernel that it started names this file as long as it runs."""

import os
import runpy

if __name__ == "__main__":
    runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pip_stub.py"), run_name="__main__")
