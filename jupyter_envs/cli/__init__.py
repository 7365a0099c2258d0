"""`jupyter envs VERB …`: one file a verb, each parses, calls one use case and renders."""
