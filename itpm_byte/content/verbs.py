"""Does an objective begin with a verb? Told by word lists for English and by endings for French.

A list misses rare verbs, so this is only ever a warning; for other languages nobody is warned.
"""

import re

_ENGLISH = """
adapt add advise analyse analyze answer apply arrange argue ask assemble assess avoid balance begin break bring
build calculate call categorise categorize change check choose cite clarify classify close collect combine
communicate compare complete compose compute conclude configure connect construct consider contrast control
convert convince coordinate correct count create criticise criticize debate decide define demonstrate derive
describe design detect determine develop diagnose differentiate discover discuss distinguish divide draft draw
edit employ estimate evaluate examine execute explain explore express extend find fix follow form formulate
gather generate give group guess guide handle help identify illustrate implement improve infer inspect install
integrate interpret invent investigate judge justify keep label lead learn link list listen locate make manage
map mark match measure mix modify name negotiate observe open operate order organise organize outline paraphrase
perform pick place plan practise practice predict prepare present prevent prioritise prioritize produce propose
protect prove provide quote rank rate read recall recognise recognize recommend record reduce relate remember
repair repeat rephrase replace report reproduce rewrite schedule select separate set share show simplify sketch
solve sort speak specify spot start state structure suggest summarise summarize support take teach tell test
trace track transform translate try understand update use validate verify visualise visualize weigh work write
"""
ENGLISH = frozenset(_ENGLISH.split())


def begins_with_verb(text: str, language: str) -> bool:
    """`language` is a BCP 47 tag. True where we can't tell."""
    found = re.match(r"\W*(\w+)", text)
    first = found[1].lower() if found else ""
    match language.partition("-")[0].lower():
        case "en":
            return first in ENGLISH
        case "fr":
            return first in {"se", "s"} or first.endswith(("er", "ir", "re"))
        case _:
            return bool(first)
