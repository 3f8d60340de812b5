"""Everything that the one page shows, put together from the launch and the learner's desk. No queries of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from itpm_byte.content.document import FeedbackSection, QuestionSection
from itpm_byte.content.models import Byte
from itpm_byte.learning.desk import Desk
from itpm_byte.learning.outcomes import Outcome
from itpm_byte.learning.scoring import in_words
from itpm_byte.learning.sheets import Sheet
from itpm_byte.player import access
from itpm_byte.player.grade import GradeView, grade_view
from itpm_byte.player.parts import Part, parts_of
from itpm_byte.player.quiz import QuestionView, Stand, preview_stand, question_view, stand_of, untouched_view
from itpm_byte.player.voices import PointView, RatingView, SupportView, UnclearView, Words
from lti.addresses import path_in_session
from lti.models import Launch

THANKS: Mapping[str, Promise] = {
    "feedback": gettext_lazy("Thank you. You can change your answer at any time."),
    "support": gettext_lazy("Your request was sent. A person will get back to you."),
    "unclear": gettext_lazy("Thank you for telling us. You can go on with the Byte."),
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What the last form got back: thanks, or an error with what was typed.

    `form` is answer, feedback, unclear or support.
    """

    form: str = ""
    thanks: Words = ""
    error: Words = ""
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def answered(self) -> str:
        """The question that was just answered."""
        return self.typed("question") if self.form == "answer" and not self.error else ""

    def typed(self, name: str) -> str:
        return next(iter(self.fields.get(name, ())), "")


@dataclass(frozen=True, slots=True)
class Who:
    """As whom the page is read."""

    name: str
    course: str
    is_anonymous: bool
    is_test_user: bool


@dataclass(frozen=True, slots=True)
class AttemptView:
    number: int
    when: datetime
    chosen: str
    points: str


@dataclass(frozen=True)
class Page:
    """`preview` holds the outcomes of a preview's answers by question key: they are shown and forgotten.

    `is_rehearsal`: a preview with attempts, dates and reveal as learners have them; its desk is one of `rehearsal`.
    """

    launch: Launch
    desk: Desk
    wants_again: bool = False
    reply: Reply = Reply()
    preview: Mapping[str, Outcome] = field(default_factory=dict)
    is_rehearsal: bool = False

    @property
    def byte(self) -> Byte:
        return self.desk.byte

    @cached_property
    def base(self) -> str:
        """The page's own address; those of its forms begin with it."""
        return path_in_session("player:page", self.launch.pk)

    @cached_property
    def status_url(self) -> str:
        return path_in_session("api:own-progress", self.launch.pk)

    @property
    def session_url(self) -> str:
        return path_in_session("lti:session", self.launch.pk)

    @property
    def session_seconds(self) -> int:
        """How long the session lasts if nothing happens, so that the page can warn in time (CK-26)."""
        return int((self.launch.expires_at - self.desk.now).total_seconds())

    @property
    def owner(self) -> str:
        """Names the outbox in the browser: one person at one placement, also after a new launch."""
        return f"{self.desk.placement.uuid}:{self.launch.user_id}"

    @cached_property
    def is_preview(self) -> bool:
        return not access.is_recorded(self.launch)

    @cached_property
    def who(self) -> Who:
        membership = self.launch.membership
        course = str(membership.context) if membership else ""
        user = self.launch.user
        return Who(user.display_name, course, user.is_anonymous, self.launch.is_test_user)

    # --- Reading

    @cached_property
    def all_parts(self) -> tuple[Part, ...]:
        return parts_of(self.byte)

    @property
    def opening(self) -> SafeString:
        return self.all_parts[0].html

    @property
    def parts(self) -> tuple[Part, ...]:
        return self.all_parts[1:]

    @cached_property
    def seen(self) -> frozenset[str]:
        return frozenset(self.desk.seen_sections)

    @cached_property
    def seen_count(self) -> int:
        return sum(part.id in self.seen for part in self.all_parts)

    @cached_property
    def resume(self) -> Part | None:
        """The part after the last one that was seen, if the learner has begun and not finished."""
        places = [place for place, part in enumerate(self.all_parts) if part.id in self.seen]
        following = places[-1] + 1 if places else 0
        return self.all_parts[following] if 0 < following < len(self.all_parts) else None

    # --- Answering

    @cached_property
    def stand(self) -> Stand:
        if self.is_preview and not self.is_rehearsal:
            return preview_stand()
        return stand_of(self.desk, wants_again=self.wants_again)

    @property
    def _goes_by_rules(self) -> bool:
        return self.is_rehearsal or not self.is_preview

    @property
    def is_exempt(self) -> bool:
        return self.desk.terms.is_exempt and not self.is_preview

    @property
    def due_at(self) -> datetime | None:
        """Due, else closing, for this learner. Shown while there is still time."""
        due_at = self.desk.terms.due_at or self.desk.terms.closes_at
        return due_at if due_at and due_at > self.desk.now and self._goes_by_rules else None

    @cached_property
    def outcomes(self) -> Mapping[str, Outcome]:
        if not self._goes_by_rules:
            return self.preview
        return self.desk.outcomes(self.stand.sheet) if self.stand.sheet else {}

    @cached_property
    def questions(self) -> Mapping[str, QuestionView]:
        """By the id of their part."""
        return {
            part.id: self._question(part, part.section)
            for part in self.all_parts
            if isinstance(part.section, QuestionSection)
        }

    @cached_property
    def last_question_part(self) -> str:
        """Where the results stand."""
        return next(reversed(list(self.questions)), "")

    @cached_property
    def attempts(self) -> Sequence[AttemptView]:
        """What was submitted; what a teacher has reset is there, too, and says so."""
        return [self._attempt(sheet) for sheet in self.desk.sheets if sheet.is_submitted or sheet.is_voided]

    @property
    def again_url(self) -> str:
        if self.is_rehearsal:
            return f"{self.base}?as=learner#{self.last_question_part}" if self.stand.may_try_again else ""
        if self.is_preview and self.preview:
            return f"{self.base}#{self.last_question_part}"
        return f"{self.base}?again=1#{self.last_question_part}" if self.stand.may_try_again else ""

    @cached_property
    def grade(self) -> GradeView | None:
        return None if self.is_preview else grade_view(self.desk)

    def _question(self, part: Part, section: QuestionSection) -> QuestionView:
        key = section.question_key
        outcome = self.outcomes.get(key)
        is_replied = self.reply.form == "answer" and self.reply.typed("question") == key
        if outcome is None and not is_replied:
            return untouched_view(part)
        return question_view(
            section,
            outcome,
            error=str(self.reply.error) if is_replied else "",
            chosen=self.reply.fields.get("choice", ()) if is_replied else (),
        )

    def _attempt(self, sheet: Sheet) -> AttemptView:
        attempt, sections = sheet.attempt, (part.section for part in parts_of(sheet.attempt.byte))
        chosen = [
            card.title
            for section in sections
            if isinstance(section, QuestionSection)
            for card in section.options
            if card.key in sheet.answers.get(section.question_key, ())
        ]
        worth = {"points": in_words(attempt.points or Decimal(0)), "possible": attempt.points_possible}
        points = _("Reset by your teacher") if sheet.is_voided else _("%(points)s of %(possible)s") % worth
        return AttemptView(attempt.number, attempt.submitted_at or attempt.started_at, ", ".join(chosen), points)

    # --- Saying something

    @cached_property
    def rating(self) -> RatingView | None:
        section = next((part.section for part in self.all_parts if isinstance(part.section, FeedbackSection)), None)
        if section is None:
            return None
        reply, given = self._reply_to("feedback"), self.desk.feedback
        rating, comment = (str(given.rating), given.comment) if given else ("", "")
        if reply.error:
            rating, comment = reply.typed("rating"), reply.typed("comment")
        points = tuple(
            PointView(value, label, str(value) == rating) for value, label in enumerate(section.scale, start=1)
        )
        thanks = THANKS["feedback"] if given and not reply.error else reply.thanks
        return RatingView(section, points, comment, given is not None, thanks, reply.error)

    def unclear(self, question_key: str) -> UnclearView:
        reply = self._reply_to("unclear")
        if reply.typed("question") != question_key:
            reply = Reply()
        return UnclearView(question_key, reply.typed("reason"), reply.thanks, reply.error)

    @cached_property
    def support(self) -> SupportView:
        reply = self._reply_to("support")
        return SupportView(self.launch.deployment.institution, reply.typed("message"), reply.thanks, reply.error)

    def _reply_to(self, form: str) -> Reply:
        return self.reply if self.reply.form == form else Reply()
