"""What to do about a cause in one LMS, in the words of its own pages. By products.family and cause."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

BY_PRODUCT: dict[tuple[str, str], str | Promise] = {
    ("moodle", "token_html"): _(
        "Moodle answers so when it can't read our keys. Site administration → General → Security → HTTP security: our "
        "host must not be among the blocked ones, and our port among the allowed ones (80 and 443 are). Moodle must "
        "be able to open %(keyset_url)s."
    ),
    ("moodle", "token_client_refused"): _(
        "Site administration → Plugins → External tool → Manage tools: the tool must be active, its client ID "
        "%(client_id)s, its public keyset %(keyset_url)s."
    ),
    ("moodle", "token_scope_refused"): _(
        "Manage tools → this tool → Services: “Use this service for grade sync and column management”, and to retrieve "
        "members' information."
    ),
    ("moodle", "token_not_granted"): _(
        "Manage tools → this tool → Services: “Use this service for grade sync and column management”, and to retrieve "
        "members' information."
    ),
    ("moodle", "scores_not_offered"): _(
        "Manage tools → this tool → Services: switch grade sync on; in the activity choose “Allow … to add grades”."
    ),
    ("moodle", "clock_ahead"): _(
        "Moodle takes no request from the future, not by a second, and its launches live for a minute: let this "
        "machine take its time from a time server (timedatectl shows it)."
    ),
    ("moodle", "roster_forbidden"): _(
        "Manage tools → this tool → Services → IMS LTI Names and Role Provisioning: “Use this service to retrieve "
        "members' information”."
    ),
    ("moodle", "roster_not_offered"): _(
        "Manage tools → this tool → Services → IMS LTI Names and Role Provisioning: “Use this service to retrieve "
        "members' information”, then open the activity once."
    ),
    ("canvas", "token_client_refused"): _(
        "Admin → Developer Keys: the LTI key %(client_id)s must be ON, with the public JWK URL %(keyset_url)s."
    ),
    ("canvas", "token_audience"): _(
        "Canvas wants its token address as audience, to the letter and without a slash at the end: compare the access "
        "token URL here."
    ),
    ("canvas", "token_scope_refused"): _(
        "Admin → Developer Keys → the LTI key → LTI Advantage Services: switch this permission on."
    ),
    ("canvas", "scores_not_offered"): _(
        "Admin → Developer Keys → the LTI key → LTI Advantage Services: allow scores. Only assignments are graded."
    ),
    ("canvas", "roster_forbidden"): _(
        "Admin → Developer Keys → the LTI key → LTI Advantage Services: “Can retrieve user data associated with the "
        "context the tool is installed in”."
    ),
    ("canvas", "their_key_missing"): _(
        "Canvas has one key set for each of its environments (production, beta, test): the public keyset URL here must "
        "be of the same one as the issuer."
    ),
    ("blackboard", "token_client_refused"): _(
        "The client ID is the application ID of the developer portal. Administrator Panel → LTI Tool Providers: "
        "the tool must be approved there."
    ),
    ("blackboard", "token_scope_refused"): _(
        "Administrator Panel → LTI Tool Providers → the tool → Institution Policies: allow grade service access and "
        "membership service access."
    ),
    ("blackboard", "roster_forbidden"): _(
        "Administrator Panel → LTI Tool Providers → the tool → Institution Policies: allow membership service access."
    ),
    ("brightspace", "token_audience"): _(
        "Brightspace wants the audience https://api.brightspace.com/auth/token: enter it here, and nothing beside it."
    ),
    ("brightspace", "token_client_refused"): _(
        "Admin Tools → Manage Extensibility → LTI Advantage: the tool must be enabled, with the client ID "
        "%(client_id)s and the keyset %(keyset_url)s. Here the audience must be https://api.brightspace.com/auth/token."
    ),
    ("brightspace", "token_scope_refused"): _(
        "Admin Tools → Manage Extensibility → LTI Advantage → the tool → Extensions: add the Assignment and Grade "
        "Services and Names and Role Provisioning, and to its deployment too."
    ),
    ("sakai", "token_client_refused"): _(
        "Administration Workspace → External Tools: compare the client ID and the keyset URL (%(keyset_url)s) of "
        "the tool."
    ),
    ("sakai", "token_scope_refused"): _(
        "Administration Workspace → External Tools → the tool: allow it to send grades, to make grade columns and to "
        "read the roster."
    ),
    ("openedx", "token_client_refused"): _(
        "In Studio the LTI block has a tool public key or keyset URL: it must be %(keyset_url)s. The client ID "
        "is that of the block."
    ),
    ("openedx", "token_scope_refused"): _(
        "In Studio set the LTI block's Assignment and Grades Service to “programmatic”; the roster (NRPS) is "
        "switched on for the whole site by its administrator."
    ),
    ("openedx", "roster_not_offered"): _(
        "The roster is switched on for the whole site, by its administrator: names and roles provisioning (NRPS)."
    ),
}
