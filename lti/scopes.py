"""The names of what an LMS may allow us (AGS, NRPS, course groups, notices)."""

_AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"

LINEITEM = _AGS + "lineitem"
LINEITEM_READ = _AGS + "lineitem.readonly"
RESULT_READ = _AGS + "result.readonly"
SCORE = _AGS + "score"
ROSTER_READ = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
GROUPS_READ = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
NOTICE_HANDLERS = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
