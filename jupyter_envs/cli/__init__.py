"""`jupyter envs VERB …`: one file a verb, each parses, calls one use case and renders.

Public: `main.main`, and one module for each verb."""
