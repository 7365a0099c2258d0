"""Why a request failed, and the ways out of it: from what the indexes say about the packages, not from a tool's words.

`causes` and what it imports are pure: a failure and facts make a diagnosis. `explaining` gets the facts, and tries
which of the ways would work."""
