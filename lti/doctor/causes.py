"""Each cause that the connection doctor can name: what it found, and what to do in any LMS."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True)
class Cause:
    """Both are formatted with the finding's facts (`words`)."""

    what: Words
    todo: Words = ""


_ASK_NETWORK = _("Try the address from this machine, and ask the network's people whether a firewall stands between.")
_ASK_LMS = _("If it lasts, tell the administrator of the learning platform.")
_SAME_CERTIFICATE = _("Its administrator must install a certificate that browsers accept, with its whole chain.")
_ALLOW = _("The administrator of the learning platform must allow this service for the tool.")

CAUSES: dict[str, Cause] = {
    "fine": Cause(_("Fine.")),
    "late": Cause(_("There was no time left for it."), _("Mend what is broken above, then look again.")),
    "no_token": Cause(_("The permission for it is missing (see above)."), _("Mend that first.")),
    "no_link_yet": Cause(_("Nobody has opened an activity yet."), _("Open an activity once, then look again.")),
    "doctor_stumbled": Cause(
        _("This check itself failed."), _("The log of this service has the details: look for lti.doctor_stumbled.")
    ),
    "from_another_version": Cause(_("Another version of this service found this."), _("Look again.")),
    "rate_limited": Cause(_("It answers that we ask too often."), _("Wait a few minutes, then look again.")),
    # Whether it is switched on
    "switched_on": Cause(_("Launches are accepted and grades are sent.")),
    "switched_off": Cause(
        _("The connection is switched off here: every launch is refused, and grades wait."),
        _("Switch it on at its page, if it should be used."),
    ),
    "waits_for_approval": Cause(
        _("The connection waits for approval here: every launch is refused."),
        _("Approve it at its page, if the issuer is the one you expect."),
    ),
    # Our keys
    "our_keys_seen": Cause(_("Our key set answers at %(host)s and holds the key that we sign with.")),
    "no_signing_key": Cause(_("There is no key to sign with."), _("Run: manage.py rotate_key")),
    "signing_key_unreadable": Cause(
        _("FIELD_ENCRYPTION_KEYS doesn't open our signing key."),
        _("Put the old encryption key back behind the new one, or run: manage.py rotate_key --now"),
    ),
    "our_keys_elsewhere": Cause(
        _("%(host)s answers with something else than our key set (status %(status)s): PUBLIC_URL is wrong."),
        _("Set PUBLIC_URL to the address at which learning platforms reach this service."),
    ),
    "our_keys_moved": Cause(
        _("%(host)s, our own PUBLIC_URL, sends callers elsewhere: learning platforms won't follow."),
        _("Set PUBLIC_URL to the address it ends at: mostly https instead of http, or another host name."),
    ),
    "our_keys_others": Cause(
        _("%(host)s shows a key set without the key that we sign with: another installation answers at PUBLIC_URL."),
        _("Set PUBLIC_URL to this installation's own address, or let both use the same database."),
    ),
    "our_keys_silence": Cause(
        _("Nothing answers at %(host)s, our own PUBLIC_URL (%(why)s)."),
        _("See that the web server runs, that PUBLIC_URL is right, and that its proxy is up."),
    ),
    "our_keys_name": Cause(
        _("The name %(host)s in PUBLIC_URL isn't known."), _("Correct PUBLIC_URL, or the name in the DNS.")
    ),
    "our_keys_tls": Cause(
        _("The certificate of %(host)s, our own PUBLIC_URL, isn't accepted."),
        _("Install a certificate that learning platforms accept, with its whole chain."),
    ),
    "our_keys_address": Cause(
        _("From here, %(host)s leads into a private network."),
        _("Learning platforms on the internet can't go there. If yours is in the same network, this is all right."),
    ),
    # Their keys
    "their_keys_seen": Cause(_("The key set at %(host)s is readable; keys that we can use: %(count)s.")),
    "their_keys_silence": Cause(_("%(host)s doesn't answer (%(why)s), so its keys can't be read."), _ASK_NETWORK),
    "their_keys_name": Cause(
        _("The name %(host)s in the address of its key set isn't known."), _("Correct the public keyset URL here.")
    ),
    "their_keys_tls": Cause(
        _("The certificate of %(host)s isn't accepted, so its keys can't be read."), _SAME_CERTIFICATE
    ),
    "their_keys_address": Cause(
        _("The address of its key set leads to %(host)s, where this service must not go."),
        _("Correct the public keyset URL here: https, the standard port, a public address."),
    ),
    "their_keys_status": Cause(
        _("There is no key set at its address: %(host)s answers with status %(status)s."),
        _("Compare the public keyset URL here with the one that the learning platform shows, letter for letter."),
    ),
    "their_keys_moved": Cause(
        _("The address of its key set sends us elsewhere (status %(status)s); redirects aren't followed."),
        _("Open the address in a browser, and enter here the one that it ends at."),
    ),
    "their_keys_nonsense": Cause(
        _("What %(host)s answers is no key set."),
        _("Compare the public keyset URL here with the one that the learning platform shows, letter for letter."),
    ),
    "their_keys_empty": Cause(_("The key set at %(host)s is empty."), _ASK_LMS),
    "their_keys_unusable": Cause(
        _("None of the %(count)s keys at %(host)s can be used: without a name (kid), too short, or of another kind."),
        _ASK_LMS,
    ),
    "their_keys_other_algorithm": Cause(
        _("Its keys are for %(needed)s; this connection accepts %(accepted)s only, so every launch is refused."),
        _("Enter the algorithm that the learning platform names among the signing algorithms here."),
    ),
    "their_keys_are_ours": Cause(
        _("The address of the learning platform's key set is our own."),
        _("Enter the learning platform's keyset URL here. Ours, %(keyset_url)s, belongs into its settings."),
    ),
    "their_key_missing": Cause(
        _("%(at)s ago a launch was signed with the key %(kid)s, which isn't in the key set at %(host)s."),
        _("The public keyset URL here may be that of another site (test instead of production): compare them."),
    ),
    # Where launches begin
    "login_page_seen": Cause(_("%(host)s answers.")),
    "login_page_silence": Cause(
        _("From here, %(host)s doesn't answer (%(why)s). Browsers are sent there at the beginning of each launch."),
        _("Compare the authentication request URL here with the learning platform's, and open it in a browser."),
    ),
    "login_page_name": Cause(
        _("The name %(host)s isn't known. Browsers are sent there at the beginning of each launch."),
        _("Correct the authentication request URL here."),
    ),
    "login_page_tls": Cause(
        _("The certificate of %(host)s isn't accepted, neither here nor by browsers."), _SAME_CERTIFICATE
    ),
    "login_page_address": Cause(
        _("%(host)s leads into a private network: people elsewhere can't begin a launch there."),
        _("If everybody is in that network, this is all right. Else correct the authentication request URL here."),
    ),
    # Clocks
    "clock_agrees": Cause(_("They agree (%(seconds)s s apart).")),
    "clock_unknown": Cause(_("No answer told the time.")),
    "clock_ahead": Cause(
        _("Our clock is %(seconds)s seconds ahead of the learning platform's: its launches look expired."),
        _("Let this machine take its time from a time server (timedatectl shows it). If ours is right, theirs isn't."),
    ),
    "clock_behind": Cause(
        _("Our clock is %(seconds)s seconds behind the learning platform's: launches look as if made in the future."),
        _("Let this machine take its time from a time server (timedatectl shows it). If ours is right, theirs isn't."),
    ),
    # Access tokens
    "token_granted": Cause(_("Granted.")),
    "scores_not_offered": Cause(
        _("The learning platform doesn't offer it at the activity that was opened last, so no grades arrive."),
        _("Allow grades in the activity and grade services for the tool, then open the activity once."),
    ),
    "token_silence": Cause(_("%(host)s doesn't answer when asked for access (%(why)s)."), _ASK_NETWORK),
    "token_name": Cause(
        _("The name %(host)s in the token address isn't known."), _("Correct the access token URL here.")
    ),
    "token_tls": Cause(_("The certificate of %(host)s isn't accepted, so nothing is asked there."), _SAME_CERTIFICATE),
    "token_address": Cause(
        _("The token address leads to %(host)s, where this service must not go."),
        _("Correct the access token URL here: https, the standard port, a public address."),
    ),
    "token_html": Cause(
        _("Asked for access, %(host)s shows a web page (status %(status)s) instead of an answer."),
        _(
            "Compare the access token URL here with the learning platform's. If it is right, the platform may "
            "not be able to read our keys at %(keyset_url)s."
        ),
    ),
    "token_moved": Cause(
        _("The token address sends us elsewhere (status %(status)s); redirects aren't followed."),
        _("Enter here the access token URL that the learning platform shows, letter for letter."),
    ),
    "token_nonsense": Cause(
        _("Asked for access, %(host)s gives an answer that makes no sense (status %(status)s)."),
        _("Compare the access token URL here with the one that the learning platform shows, letter for letter."),
    ),
    "token_client_refused": Cause(
        _("The learning platform doesn't know us: %(error)s."),
        _(
            "Compare the client ID (%(client_id)s) on both sides, see that the tool is switched on there, and "
            "that it has our keyset URL: %(keyset_url)s"
        ),
    ),
    "token_audience": Cause(
        _("The learning platform refuses the audience of our request (%(error)s)."),
        _("Enter its audience here if it names one; else the access token URL must be the platform's to the letter."),
    ),
    "token_clock": Cause(
        _("Refused, most likely because the clocks disagree (%(error)s)."), _("Set the clocks right, then look again.")
    ),
    "token_scope_refused": Cause(_("The learning platform refuses this permission (%(error)s)."), _ALLOW),
    "token_not_granted": Cause(_("The learning platform lets us in, but leaves this permission out."), _ALLOW),
    "token_refused": Cause(
        _("The learning platform refuses (status %(status)s, %(error)s)."),
        _("Compare client ID, access token URL and keyset URL on both sides."),
    ),
    # Column and roster
    "column_read": Cause(_("It is there and can be read.")),
    "column_to_come": Cause(_("There is none yet; it is looked for or made when the first grade is sent.")),
    "no_column": Cause(
        _("The activity that was opened last has no grade column, and the tool may not make one."),
        _("If it should be graded: allow grading in its settings, then open it once."),
    ),
    "column_not_readable": Cause(_("The learning platform doesn't let us read columns, only send grades.")),
    "column_gone": Cause(
        _("The column is gone (status %(status)s): the activity, or its grade, was deleted there."),
        _("If the activity is still used, give it a grade again there and open it once."),
    ),
    "column_forbidden": Cause(
        _("The column can't be read (status %(status)s): the course may be closed, or the tool not allowed in it."),
        _ALLOW,
    ),
    "column_nonsense": Cause(_("Asked for the column, it answers with something else (status %(status)s)."), _ASK_LMS),
    "column_of_another_link": Cause(
        _("The column belongs to another activity."), _("Open the activity once; if it stays so, make it anew there.")
    ),
    "roster_read": Cause(_("It can be read.")),
    "roster_not_offered": Cause(
        _("The learning platform doesn't offer it: learners who haven't started stay unknown here."),
        _("If you want to see who hasn't started, allow names and roles (NRPS) for the tool there."),
    ),
    "roster_forbidden": Cause(_("The roster can't be read (status %(status)s)."), _ALLOW),
    "roster_gone": Cause(
        _("There is no roster any more (status %(status)s): the course may have been deleted."),
        _("Open an activity in a course that is in use, then look again."),
    ),
    "roster_nonsense": Cause(_("Asked for the roster, it answers with something else (status %(status)s)."), _ASK_LMS),
    "service_silence": Cause(_("%(host)s doesn't answer (%(why)s)."), _ASK_NETWORK),
    "service_name": Cause(_("The name %(host)s isn't known."), _ASK_LMS),
    "service_tls": Cause(_("The certificate of %(host)s isn't accepted."), _SAME_CERTIFICATE),
    "service_address": Cause(
        _("The service's address leads to %(host)s, where this service must not go."),
        _("Open the activity once; if it stays so, compare the addresses of the learning platform here."),
    ),
    # Our records
    "deployments_seen": Cause(_("%(active)s switched on.")),
    "deployments_wait": Cause(
        _("%(pending)s waiting for approval: launches from there are refused."),
        _("Approve them at the connection's page, each with its institution."),
    ),
    "deployments_off": Cause(_("All are switched off: every launch is refused."), _("Switch on those in use.")),
    "deployments_refused": Cause(
        _("None is known, and unknown ones are refused: no launch can succeed."),
        _("Enter the deployment ID that the learning platform shows for the tool."),
    ),
    "deployments_none": Cause(_("None yet. The first one arrives with the first launch."), _("Open an activity once.")),
    "launched": Cause(_("The last one was %(at)s ago.")),
    "never_launched": Cause(_("None yet."), _("Open an activity in the learning platform.")),
    "logins_without_launch": Cause(
        _("%(count)s set out and never arrived, the last one %(at)s ago: the learning platform didn't send them back."),
        _(
            "Enter %(launch_url)s as the redirect URI there, letter for letter, and compare the client ID "
            "(%(client_id)s). A single one may just have closed the page."
        ),
    ),
    "no_grades_yet": Cause(_("None was to be sent yet.")),
    "grades_flow": Cause(
        _("The last one arrived %(sent_at)s ago. Waiting: %(waiting)s, could not be sent: %(failed)s.")
    ),
    "grades_begun": Cause(_("None has arrived yet. Waiting: %(waiting)s, could not be sent: %(failed)s.")),
    "grades_wait": Cause(
        _("%(waiting)s wait, the oldest for %(oldest)s. %(advice)s"),
        _("Mend what is broken above; they go out by themselves."),
    ),
    "worker_silent": Cause(
        _("%(untouched)s should have been sent minutes ago, and nobody tried: no worker seems to run."),
        _("Start it: manage.py serve, or manage.py worker beside a web server of its own."),
    ),
    "grades_failed": Cause(_("%(count)s: %(advice)s"), _("Then send them again, from the list of scores.")),
    "grades_changed": Cause(_("%(count)s show a teacher's grade instead of ours, which stays until you send over it.")),
}
