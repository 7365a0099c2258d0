"""Who approved what. Nothing is fetched, built or run that did not pass `gate.approve`.

Public: `gate.approve`, `gate.Approved`, `consents.Consents`, `policy.Policy`, `facts.facts`, `ownership.say_of`,
`python.agree`, `questions`."""
