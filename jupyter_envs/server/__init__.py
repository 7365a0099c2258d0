"""The door for browsers: REST under `/jupyter-envs/api/v1/`, described in rest-api.yml, and events as hints to look
again.

Public: `app.JupyterEnvs`, which Jupyter Server loads."""
