"""The use cases (install, remove, upgrade, undo, lock, build, choose a Python, clean). It is the only room that
combines the others.

Public: `use_cases.Environments`, `here.Here`, `sight.status_of`, `outcome.Outcome`, `cleaning.clean`, `jobs.Jobs`,
`doctor.examine`."""
