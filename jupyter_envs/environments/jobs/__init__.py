"""A use case as a separate process, with a journal of JSON lines that outlives both it and its starter.

`<home>/jobs/<id>/` holds `request.json`, `block.json` (the process's stdin), `journal.jsonl` (its stdout),
`stderr.txt` and `process.json` (pid and start time: a pid alone may be somebody else's by now); and `unseen`, until a
page has shown how it ended; and `notebook.ipynb`, for one that looks into its notebook.
"""

from .jobs import Jobs
from .request import Job, JobRequest, Line, State

__all__ = ["Job", "JobRequest", "Jobs", "Line", "State"]
