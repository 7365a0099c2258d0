"""The messages: what goes over REST, the events, the comm and the journal of a job. Each is one type, and its fields
are listed nowhere else: `docs/wire.py` writes the schemas of `server/rest-api.yml`, `wire.schema.json`,
`server/change.yaml` and the front end's `wire.ts` from these types. The sentence below a field describes it there.

Public: one module for each subject. This file imports none of them: only the server needs them all, and a kernel's
start and `jupyter envs status` need none."""
