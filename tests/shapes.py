"""What secrets look like, whatever they were made for; no random text meets one of these shapes by chance."""

import re

# A JWT, and what Django signs: its head is a JSON object, and more follows behind a point or a colon.
SIGNED = re.compile(r"eyJ[\w-]{8,}[.:][\w-]{4,}")
SEALED = re.compile(r"gAAAA[\w-]{16,}")
PRIVATE_KEY = re.compile(r"PRIVATE KEY|\bMII[A-Za-z0-9+/]{40,}")
