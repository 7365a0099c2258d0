"""Which kernel a notebook gets, and how it starts: its own, the base environment's, or the stand-in.

Public: `decision.decide`, `launch.Launch`, `provisioner.NotebookEnvProvisioner`."""
