"""LMSs, their deployments and our keys for the people who run the service. No private key is ever shown (SEC-18)."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from lti import addresses, audit, health, keys, keysets, registrations
from lti.courses import roster
from lti.grades import advice, scores
from lti.models import Context, Deployment, Institution, LineItem, Registration, Score, ToolKey
from lti.staff_admin import Audited, OfInstitution


class LookOnly:
    """Takes part in front of an admin class: nothing can be added, changed or deleted by hand."""

    def has_add_permission(self, *_args: Any) -> bool:
        return False

    def has_change_permission(self, *_args: Any) -> bool:
        return False

    def has_delete_permission(self, *_args: Any) -> bool:
        return False


class RegistrationForm(forms.ModelForm):  # type: ignore[type-arg]  # no [] at run time
    """Checks addresses and algorithms as `register_platform` does."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in ("signing_algorithms", "frame_origins", "trusted_audiences"):
            value = cleaned.get(name) or []
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                self.add_error(name, _('A list of texts, as in ["one", "two"].'))
            cleaned[name] = value
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # fills the instance
        if not self.errors:
            try:
                registrations.check(self.instance)
            except ValidationError as problems:
                self.add_error(None, problems)


class DeploymentInline(OfInstitution, admin.TabularInline):  # type: ignore[type-arg]  # no [] at run time
    institution_path = "institution"
    model = Deployment
    fields = ("deployment_id", "institution", "status")
    extra = 0
    # What was learned there hangs on it: switch it off instead.
    can_delete = False


@admin.register(Institution)
class InstitutionAdmin(Audited, OfInstitution, admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    institution_path = "pk"
    list_display = ("name", "slug", "support_url", "support_email")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Registration)
class RegistrationAdmin(Audited, OfInstitution, admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Switching off blocks launches and keeps the data; nothing is deleted here."""

    institution_path = "institution"

    form = RegistrationForm
    list_display = ("name", "issuer", "client_id", "product", "status", "is_default", "jwks_fetched_at", "troubles")
    list_filter = ("status", "product")
    search_fields = ("name", "issuer", "client_id")
    readonly_fields = ("for_the_lms", "jwks_fetched_at", "jwks_failed_at", "troubles", "doctor")
    inlines = (DeploymentInline,)
    fieldsets = (
        (None, {"fields": ("name", "institution", "status", "issuer", "client_id")}),
        (_("Addresses of the LMS"), {"fields": ("auth_login_url", "auth_token_url", "jwks_url", "audience")}),
        (_("Enter this at the LMS"), {"fields": ("for_the_lms",)}),
        (
            _("Manners and rules"),
            {
                "fields": (
                    "product",
                    "is_default",
                    "deployment_policy",
                    "overwrites_changes",
                    "allows_anonymous",
                    "is_azp_strict",
                    "signing_algorithms",
                    "trusted_audiences",
                    "frame_origins",
                )
            },
        ),
        (_("How it fares"), {"fields": ("doctor", "jwks_fetched_at", "jwks_failed_at", "troubles")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Registration | None = None) -> bool:
        return False

    @admin.display(description=_("Addresses and values"))
    def for_the_lms(self, registration: Registration) -> SafeString | str:
        if registration._state.adding:
            return str(_("Shown when the registration is saved."))
        rows = format_html_join("", "<dt>{}</dt><dd><code>{}</code></dd>", addresses.for_lms(registration))
        return format_html("<dl>{}</dl>", rows)

    @admin.display(description=_("Connection doctor"))
    def doctor(self, registration: Registration) -> SafeString | str:
        if registration._state.adding:
            return str(_("Shown when the registration is saved."))
        page = reverse("lti:doctor", args=[registration.uuid])
        return format_html('<a href="{}">{}</a>', page, _("What is wrong with this connection?"))

    @admin.display(description=_("Grade services"))
    def troubles(self, registration: Registration) -> str:
        if not registration.services_failures:
            return ""
        return str(advice.for_teacher(registration.services_error, product=registration.product))

    def save_model(self, request: HttpRequest, obj: Registration, form: Any, change: bool) -> None:
        if "jwks_url" in form.changed_data:
            keysets.forget(obj)
        super().save_model(request, obj, form, change)
        keys.ensure(now=timezone.now())
        # Whatever was wrong may be right now: waiting grades needn't wait for the end of a pause.
        health.lift(obj, now=timezone.now())


@admin.register(ToolKey)
class ToolKeyAdmin(LookOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """For looking at; `manage.py rotate_key` makes new ones."""

    list_display = ("kid", "algorithm", "activates_at", "retires_at")
    fields = ("kid", "algorithm", "public_jwk", "created_at", "activates_at", "retires_at")


@admin.register(LineItem)
class LineItemAdmin(Audited, OfInstitution, admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Grade columns: what each should say, and whether grades may go over those that were changed in the LMS."""

    institution_path = "deployment__institution"

    list_display = ("id", "resource_link", "overwrites", "tell_at", "tell_error")
    list_filter = ("overwrites", "tell_error", ("deployment__registration", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("resource_link",)
    fields = ("resource_link", "deployment", "overwrites", "wishes", "tell_at", "tell_tries", "tell_error")
    readonly_fields = ("resource_link", "deployment", "wishes", "tell_at", "tell_tries", "tell_error")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LineItem | None = None) -> bool:
        return False


@admin.register(Context)
class ContextAdmin(OfInstitution, LookOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Courses, and how fresh their lists of people are."""

    institution_path = "deployment__institution"

    list_display = ("__str__", "deployment", "roster_synced_at", "roster_trouble")
    list_filter = (("deployment__registration", admin.RelatedOnlyFieldListFilter), "roster_error")
    list_select_related = ("deployment",)
    search_fields = ("title", "label", "context_id")
    fields = ("deployment", "context_id", "title", "label", "roster_synced_at", "roster_trouble")
    readonly_fields = ("roster_trouble",)
    actions = ("fetch_roster",)

    @admin.display(description=_("Why it is no newer"))
    def roster_trouble(self, context: Context) -> str:
        return roster.freshness_of(context).advice

    @admin.action(description=_("Fetch the list of people"), permissions=["view"])
    def fetch_roster(self, request: HttpRequest, chosen: QuerySet[Context]) -> None:
        now = timezone.now()
        asked = sum(roster.ask(context, now=now, at_most_every=roster.BY_HAND) for context in chosen)
        told = _("Lists asked for: %(number)s. Those fetched a moment ago were left out.") % {"number": asked}
        self.message_user(request, told, messages.SUCCESS)


@admin.register(Score)
class ScoreAdmin(OfInstitution, LookOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Grades on their way: which could not be sent, and why. People appear by number only."""

    institution_path = "line_item__deployment__institution"

    list_display = ("id", "line_item", "user", "score_given", "score_maximum", "state", "why", "tries", "next_try_at")
    list_filter = ("state", "last_error", ("line_item__deployment__registration", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("line_item__deployment__registration", "user")
    fields = (
        *("line_item", "user", "score_given", "score_maximum", "activity_progress", "grading_progress", "state"),
        *("why", "last_status", "tries", "timestamp", "next_try_at", "sent_at", "sent_given", "observed", "overwrites"),
    )
    readonly_fields = ("why",)
    actions = ("send_again", "overwrite")

    @admin.display(description=_("Why"))
    def why(self, score: Score) -> str:
        if not score.last_error:
            return ""
        return str(advice.for_teacher(score.last_error, product=score.line_item.deployment.registration.product))

    @admin.action(description=_("Send again"), permissions=["view"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Score]) -> None:
        _resend(chosen, by=request.user)
        self.message_user(request, _("They are on their way."), messages.SUCCESS)

    def has_overwrite_permission(self, request: HttpRequest) -> bool:
        """Going over a teacher's grade is more than looking."""
        return request.user.has_perm("lti.change_score")

    @admin.action(description=_("Send over what was changed in the LMS"), permissions=["overwrite"])
    def overwrite(self, request: HttpRequest, chosen: QuerySet[Score]) -> None:
        _resend(chosen, by=request.user, overwrites=True)
        self.message_user(request, _("They are on their way, over what the gradebook shows now."), messages.SUCCESS)


def _resend(chosen: QuerySet[Score], *, by: Any, overwrites: bool = False) -> None:
    """Each with its record."""
    now = timezone.now()
    for score in chosen.select_related(
        "user", "line_item__resource_link__context", "line_item__deployment__institution"
    ):
        with transaction.atomic():
            scores.resend(score, now=now, overwrites=overwrites)
            audit.record(
                "grade.sent_over" if overwrites else "grade.resent",
                by=by,
                now=now,
                on=score,
                context=score.line_item.resource_link.context,
                institution=score.line_item.deployment.institution,
                subject=score.user,
            )
