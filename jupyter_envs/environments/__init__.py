"""The use cases (install, remove, upgrade, undo, lock, build, choose a Python, clean), and the only room that puts the
others together.

Public: `use_cases.Environments`, `here.Here`, `sight.status_of`, `change.Change`, `cleaning.clean`, `jobs.Jobs`,
`doctor.examined`."""
