"""Which kernel a notebook gets, and how it starts: in its own environment, in the base environment, or as the stand-in.

Public: `decision.decide`, `launch.Launch`, `provisioner.NotebookEnvProvisioner`."""
