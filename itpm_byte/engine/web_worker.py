"""What each process of the web server runs: the service, for as long as the server itself lives.

A server that was killed leaves its processes behind, and they would hold its port: the next one could not start.
"""

import os

from itpm_byte.engine.leash import when_orphaned
from itpm_byte.wsgi import application as application

when_orphaned(lambda: os._exit(1))
