"""Who approved what. Only what passed `gate.approve` is downloaded, built or run.

Public: `gate.approve`, `gate.review`, `gate.Approved`, `consents.Consents`, `policy.Policy`, `facts.facts`,
`ownership.say_of`, `python.agree`, `questions`."""
