"""The WSGI application that a web server runs."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from itpm_byte.engine.turns import Turns

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itpm_byte.settings")

application = Turns(get_wsgi_application())

# Django loads addresses and views with the first request; here nobody waits for it.
get_resolver().url_patterns  # noqa: B018
# What is loaded by now stays for as long as the process. The collector then need not walk through it again and again,
# which on a busy server is a tenth of the work.
gc.collect()
gc.freeze()
