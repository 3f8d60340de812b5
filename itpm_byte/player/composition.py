"""The page and its pieces as HTML. What two learners see alike is rendered once (lti.stencil), the rest each time."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from itpm_byte.content.document import FeedbackSection, QuestionSection
from itpm_byte.player.languages import marks_for
from itpm_byte.player.page import Page
from itpm_byte.player.parts import Part
from itpm_byte.player.quiz import QuestionView
from lti.csrf import form_token
from lti.framing import origin_of
from lti.sessions import return_url
from lti.stencil import fill, in_a_row


class Composition:
    """One page for one request. `whole` is the page; the others are the pieces that a form changes, by form."""

    def __init__(self, request: HttpRequest, page: Page) -> None:
        self._page, self._request = page, request
        self._lang = marks_for(page.byte.language)
        self._form = {"base": page.base, "csrf_token": form_token(request)}

    def whole(self) -> SafeString:
        page = self._page
        holes = {
            "owner": page.owner,
            "session_seconds": str(page.session_seconds),
            "session_url": page.session_url,
            "who": self._who(),
            "meter": self._meter(),
            "opening": page.opening,
            "parts": in_a_row(map(self._part, page.parts)),
        }
        byte, resume = page.byte, page.resume
        return fill(
            "player/byte.html", holes, byte=byte, content_hash=byte.content_hash, resume=resume, lang=self._lang
        )

    def answer(self) -> SafeString:
        questions = map(self._question, self._page.questions.values())
        return in_a_row((*questions, self._results()))

    def feedback(self) -> SafeString:
        rating = self._page.rating
        if rating is None:
            return SafeString("")
        return fill(
            "player/rating.html",
            {**self._form, "comment": rating.comment},
            section=rating.section,
            points=rating.points,
            is_given=rating.is_given,
            thanks=str(rating.thanks),
            error=str(rating.error),
            limit=rating.limit,
            lang=self._lang,
        )

    def support(self) -> SafeString:
        support = self._page.support
        return fill(
            "player/support.html",
            {**self._form, "typed": support.typed},
            support_url=support.institution.support_url,
            support_email=support.institution.support_email,
            thanks=str(support.thanks),
            error=str(support.error),
            limit=support.limit,
            lang=self._lang,
        )

    def unclear(self) -> SafeString:
        """About the question that the form was about; empty when there is none by that key."""
        asked = self._page.reply.typed("question")
        keys = [question.key for question in self._page.questions.values()]
        return self._unclear(asked) if asked in keys else SafeString("")

    def grade(self) -> SafeString:
        """Empty as long as nothing counts."""
        page = self._page
        if page.grade is None:
            return SafeString("")
        own = {"grade": page.grade, "status_url": page.status_url, "lang": self._lang}
        return render_to_string("player/grade.html", {**own, **self._form})

    def _who(self) -> SafeString:
        page = self._page
        who, back_url = page.who, return_url(self._request, page.launch)
        # In a frame the course page is around us anyway; elsewhere there is no other way back (OTH-01).
        target, lms_origin = page.launch.document_target, origin_of(back_url)
        return fill(
            "player/who.html",
            {"name": who.name, "course": who.course, "back_url": back_url, "lms_origin": lms_origin, "base": page.base},
            has_course=bool(who.course),
            has_back=bool(back_url) and target != "iframe",
            is_framed=bool(lms_origin) and target in {"", "iframe"},
            is_anonymous=who.is_anonymous,
            is_test_user=who.is_test_user,
            is_preview=page.is_preview,
            is_rehearsal=page.is_rehearsal,
            is_exempt=page.is_exempt,
            may_author=page.launch.may_author,
            is_staff=page.launch.is_staff,
        )

    def _meter(self) -> SafeString:
        page = self._page
        ids = tuple(part.id for part in page.all_parts)
        return fill("player/meter.html", self._form, ids=ids, seen=page.seen, count=page.seen_count,
                    is_preview=page.is_preview)  # fmt: skip

    def _part(self, part: Part) -> SafeString:
        if part.html:
            return part.html
        body = self._live(part)
        return fill("player/sections/live.html", {"body": body}, part=part)

    def _live(self, part: Part) -> SafeString:
        """Where the learner does something."""
        if isinstance(part.section, QuestionSection):
            view = self._page.questions[part.id]
            results = self._results() if part.id == self._page.last_question_part else SafeString("")
            return in_a_row([self._question(view), results, self._unclear(view.key)])
        return self.feedback() if isinstance(part.section, FeedbackSection) else self.support()

    def _question(self, question: QuestionView) -> SafeString:
        page, stand = self._page, self._page.stand
        return fill(
            "player/question.html",
            self._form,
            question=question,
            number=stand.number,
            version=page.byte.version,
            attempts_words=stand.attempts_words,
            is_last_attempt=stand.is_last_attempt,
            takes_answers=stand.takes_answers,
            due_at=page.due_at,
            is_preview=page.is_preview,
            is_rehearsal=page.is_rehearsal,
            is_opened_again=page.wants_again and not page.reply.error,
            is_news=question.key == page.reply.answered,
            lang=self._lang,
        )

    def _unclear(self, question_key: str) -> SafeString:
        view = self._page.unclear(question_key)
        return fill(
            "player/unclear.html",
            {**self._form, "typed": view.typed},
            key=view.key,
            thanks=str(view.thanks),
            error=str(view.error),
            limit=view.limit,
            lang=self._lang,
        )

    def _results(self) -> SafeString:
        page, stand = self._page, self._page.stand
        holes = {"again_url": page.again_url}
        same = {
            "has_again": bool(page.again_url),
            "closed_words": stand.closed_words,
            "closed_until": stand.closed_until,
            "attempts_words": stand.attempts_words,
            "is_last_attempt": stand.is_last_attempt,
            "lang": self._lang,
        }
        if page.grade is None and not page.attempts:
            return fill("player/results.html", holes, **same)
        # Moments of this one learner: not worth remembering.
        own = {"attempts": page.attempts, "grade": page.grade, "status_url": page.status_url}
        return render_to_string("player/results.html", {**holes, **same, **own, **self._form})
