"""The tool with two plain pages behind its gate, to test the gate alone: `running_tool(DJANGO_SETTINGS_MODULE=…)`."""

from itpm_byte.settings import *  # noqa: F403

ROOT_URLCONF = "tests.lti.doors"
LTI_LAUNCH_HOOK = "tests.lti.doors.open_launch"
