"""The messages: what goes over REST, the events, the comm and the journal of a job. Each is one type, and nothing else
says what is in it. `docs/wire.py` writes the schemas of `server/rest-api.yml`, `wire.schema.json`, `server/change.yaml`
and the front end's `wire.ts` from these types; the sentence below a field is its description there.

Public: one module for each subject; nothing is imported here, since a kernel's start needs few of them."""
