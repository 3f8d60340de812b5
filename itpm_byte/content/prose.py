"""Counts words and sentences of plain text, in any script that puts spaces between words."""

import re

# Reading on a phone, at fourteen or in a second language, is slower than the 240 words a minute of practised adults.
WORDS_PER_MINUTE = 180
# Time to weigh the answers of one question, on top of reading them.
SECONDS_PER_QUESTION = 40

_WORD = re.compile(r"\w+(?:['’\-.,]\w+)*")
_SENTENCE_END = re.compile(r"[.!?…؟۔。！？]+[\"'”’»)\]]*(?=\s|$)")


def words(text: str) -> int:
    return len(_WORD.findall(text))


def sentences(text: str) -> list[str]:
    """Every line is one block: it ends its last sentence even without a full stop."""
    found = []
    for line in text.splitlines():
        start = 0
        for end in _SENTENCE_END.finditer(line):
            found.append(line[start : end.end()].strip())
            start = end.end()
        found.append(line[start:].strip())
    return [sentence for sentence in found if words(sentence)]
