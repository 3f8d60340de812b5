"""What staff type about an LMS. Forms check the shape; `lti.registrations` and `lti.presets` know the meaning."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from lti import registrations, tenancy
from lti.models import Institution, Registration
from lti.registering import openid_configuration, presets
from lti.registering.presets import Derived, PresetUnfit
from lti.registrations import PlatformDetails

DAYS = [(1, _("one day")), (7, _("one week")), (30, _("30 days"))]
POLICIES = [
    (Registration.DeploymentPolicy.PENDING, _("wait until somebody here approves it")),
    (Registration.DeploymentPolicy.AUTO, _("accept it")),
    (Registration.DeploymentPolicy.REJECT, _("refuse it")),
]


class OurForm(forms.Form):
    """Labels are words, no colons."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class OwnerFields(OurForm):
    """To whom the LMS belongs: an institution that is known here, or, for operators, a new one by name."""

    name = forms.CharField(max_length=200, label=_("What you call this learning platform"))
    institution = forms.ModelChoiceField(
        Institution.objects.order_by("name"), required=False, label=_("Institution"), empty_label=_("a new one:")
    )
    new_institution = forms.CharField(
        max_length=200, required=False, label=_("Name of the new institution"), help_text=_("Empty: like the platform.")
    )

    def __init__(self, *args: Any, account: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["institution"]
        owner.queryset = tenancy.institutions_of(account).order_by("name")
        if not tenancy.sees_all(account):
            owner.required, owner.empty_label = True, None
            del self.fields["new_institution"]

    def owner(self) -> Institution:
        """Made if it is new. Only after `is_valid()`."""
        told = self.cleaned_data
        return told["institution"] or registrations.institution_named(told.get("new_institution") or told["name"])


class LinkForm(OwnerFields):
    """A registration link."""

    days = forms.TypedChoiceField(choices=DAYS, coerce=int, initial=7, label=_("How long it works"))
    is_preapproved = forms.BooleanField(
        required=False, label=_("Active at once, without an approval here"), initial=False
    )
    deployment_policy = forms.ChoiceField(
        choices=POLICIES,
        label=_("When a deployment arrives that nobody entered here"),
        help_text=_("Canvas and Blackboard make deployments after the registration."),
    )
    host = forms.CharField(
        max_length=255,
        required=False,
        label=_("Only for the learning platform on this host"),
        help_text=_("For example moodle.example.edu. Empty: any."),
    )
    issuer = forms.CharField(
        max_length=255,
        required=False,
        label=_("Accept this issuer although it is on another host"),
        help_text=_(
            "Only for a Canvas of your own that calls itself https://canvas.instructure.com; together with the host."
        ),
    )

    def clean_host(self) -> str:
        host = str(self.cleaned_data["host"]).strip().lower()
        if host and ("/" in host or "@" in host or not host.isascii()):
            raise ValidationError(_("A host alone, as in moodle.example.edu."))
        return host

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if told.get("issuer") and not told.get("host"):
            self.add_error("host", _("Say which host may use this issuer."))
        return told


class PresetForm(OurForm):
    """Which LMS, and where: enough to know its addresses."""

    preset = forms.ChoiceField(
        choices=lambda: [(each.key, each.name) for each in presets.PRESETS.values()], label=_("Learning platform")
    )
    lms_url = forms.CharField(
        max_length=500, label=_("Its address"), help_text=_("As it stands in the browser: https://moodle.example.edu")
    )

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                told["derived"] = presets.derive(told["preset"], told["lms_url"])
            except PresetUnfit as unfit:
                self.add_error("lms_url", str(unfit))
        return told


class ByHandForm(OwnerFields):
    """What the LMS's administrator tells us after the tool was entered there."""

    issuer = forms.CharField(max_length=255, label=_("Issuer, platform ID"), help_text=_("Letter for letter."))
    client_id = forms.CharField(max_length=255, label=_("Client ID"))
    deployment_ids = forms.CharField(
        required=False, max_length=2000, label=_("Deployment ID"), help_text=_("Several with spaces between them.")
    )
    own_id = forms.CharField(max_length=255, required=False)
    auth_login_url = forms.URLField(
        max_length=500, assume_scheme="https", label=_("Authentication request URL, OIDC auth URL")
    )
    auth_token_url = forms.URLField(max_length=500, assume_scheme="https", required=False, label=_("Access token URL"))
    jwks_url = forms.URLField(max_length=500, assume_scheme="https", required=False, label=_("Public keyset URL"))
    audience = forms.CharField(
        max_length=500, required=False, label=_("Audience of access tokens"), help_text=_("Only if the LMS names one.")
    )
    deployment_policy = forms.ChoiceField(
        choices=POLICIES, label=_("When a deployment arrives that nobody entered here")
    )

    def __init__(self, *args: Any, account: Any, preset: str = "", lms_url: str = "", **kwargs: Any) -> None:
        super().__init__(*args, account=account, **kwargs)
        self.preset, self.lms_url = preset, lms_url
        label = presets.PRESETS[preset].own_id_label if preset else ""
        if label:
            self.fields["own_id"].label = str(label)
        else:
            del self.fields["own_id"]

    @staticmethod
    def starting_values(preset: str, derived: Derived) -> dict[str, Any]:
        return {
            "issuer": derived.issuer,
            "auth_login_url": derived.auth_login_url,
            "auth_token_url": derived.auth_token_url,
            "jwks_url": derived.jwks_url,
            "audience": derived.audience,
            "deployment_policy": presets.PRESETS[preset].deployment_policy,
        }

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        derived = self._derived(told)
        for name in ("auth_token_url", "jwks_url"):
            told[name] = told.get(name) or (getattr(derived, name) if derived else "")
            if not told[name] and name not in self.errors:
                self.add_error(name, _("The learning platform shows this address, or the id that belongs into it."))
        known = Registration.objects.filter(issuer=told.get("issuer", ""), client_id=told.get("client_id", ""))
        if known.exists():
            self.add_error("client_id", _("This issuer and client ID are connected already."))
        return told

    def _derived(self, told: Mapping[str, Any]) -> Derived | None:
        if not self.preset:
            return None
        try:
            return presets.derive(
                self.preset, self.lms_url, client_id=told.get("client_id", ""), own_id=told.get("own_id", "")
            )
        except PresetUnfit:
            return None

    def details(self, **optional: Any) -> PlatformDetails:
        """Raises nothing; what the fields can't know `registrations.enter` says."""
        told = self.cleaned_data
        derived = self._derived(told)
        more = presets.fields(self.preset, derived) if derived else {}
        return PlatformDetails(
            name=told["name"],
            issuer=told["issuer"].strip(),
            client_id=told["client_id"].strip(),
            auth_login_url=told["auth_login_url"],
            auth_token_url=told["auth_token_url"],
            jwks_url=told["jwks_url"],
            deployment_ids=tuple(told["deployment_ids"].split()),
            institution=self.owner(),
            optional=more
            | {"audience": told["audience"] or None, "deployment_policy": told["deployment_policy"]}
            | optional,
        )


class DeploymentForm(OurForm):
    """A deployment of an LMS that many institutions share: whose is it (REG-22)?"""

    deployment_id = forms.CharField(max_length=255, label=_("Deployment ID"))
    institution = forms.ModelChoiceField(Institution.objects.none(), label=_("Institution"), empty_label=None)

    def __init__(self, *args: Any, account: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["institution"]
        owner.queryset = tenancy.institutions_of(account).order_by("name")


def accepted_hosts() -> list[tuple[str, str]]:
    """Issuers that stand for many hosts, for people to see: issuer and the hosts that may name it (REG-04)."""
    return [(issuer, ", ".join(hosts)) for issuer, hosts in openid_configuration.SHARED_ISSUERS.items()]
