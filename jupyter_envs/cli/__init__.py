"""`jupyter envs VERB …`: one file for each verb; each parses, calls one use case and renders the result.

Public: `main.main`, and one module for each verb."""
