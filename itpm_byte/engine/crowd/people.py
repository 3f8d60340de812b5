"""Names of nobody."""

import random

FIRST = (
    *("Ama", "Ana", "Aisha", "Björn", "Camille", "Chen", "Chloé", "Daan", "Elif", "Emma", "Fatima", "Gabriel", "Hana"),
    *("Hugo", "Ines", "Ivan", "Jamal", "Jana", "João", "Kofi", "Lars", "Leila", "Liam", "Lucía", "Maja", "Marek"),
    *("Mei", "Mohamed", "Nadia", "Noah", "Nora", "Olga", "Omar", "Paulo", "Priya", "Quinn", "Rania", "Ravi", "Sana"),
    *("Siobhán", "Sofia", "Tariq", "Thị", "Uma", "Viktor", "Wanjiru", "Xavier", "Yara", "Yusuf", "Zoë"),
)
LAST = (
    *(
        "Abbas",
        "Andersson",
        "Bakker",
        "Baptiste",
        "Çelik",
        "Costa",
        "Dubois",
        "Dupont",
        "El-Sayed",
        "Fischer",
        "García",
    ),
    *("Gupta", "Haddad", "Ito", "Ivanova", "Jansen", "Johnson", "Kamau", "Kaya", "Khan", "Kim", "Kowalski", "Lambert"),
    *("Li", "Lopez", "Mensah", "Moreau", "Müller", "Nguyễn", "Novák", "O’Brien", "Okafor", "Olsen", "Owusu", "Park"),
    *("Patel", "Petrov", "Reyes", "Roy", "Sato", "Schmidt", "Silva", "Singh", "Smith", "Tanaka", "Tremblay", "Wang"),
)


def name(rng: random.Random) -> str:
    return f"{rng.choice(FIRST)} {rng.choice(LAST)}"
