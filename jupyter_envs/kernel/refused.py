"""What cannot be done for what was typed: known before anything starts."""

from __future__ import annotations


class Refused(Exception):
    """One sentence and a hint for what is not possible here."""

    def __init__(self, sentence: str, hint: str = "", code: str = "usage") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint
        self.code = code
