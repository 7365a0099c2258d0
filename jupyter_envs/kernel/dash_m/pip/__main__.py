import os
import subprocess
import sys

folder = os.environ.get("JUPYTER_ENVS_KERNEL", "")
stub = os.path.join(folder, "pip.bat" if os.name == "nt" else "pip")
if not folder or not os.path.exists(stub):
    sys.exit(
        "An environment of jupyter-envs never changes; each install gives the notebook a new one.\n"
        "hint: %env-install in the notebook, or in a terminal: jupyter envs install NOTEBOOK PACKAGE"
    )
sys.exit(subprocess.call([stub, *sys.argv[1:]]))
