"""What the audit can hold."""

from __future__ import annotations

import enum


class Action(enum.StrEnum):
    """What somebody did, as the audit names it: the thing, and what came of it."""

    SIGN_IN = "sign_in.done"
    SIGN_IN_FAILED = "sign_in.failed"
    SIGN_OUT = "session.signed_out"
    SESSION_OVER = "session.over"
    SESSIONS_ENDED = "session.all_ended"
    PROVED = "session.password_given_again"
    ACCOUNT_ADDED = "account.added"
    ACCOUNT_DISABLED = "account.disabled"
    ACCOUNT_ENABLED = "account.enabled"
    ROLE_CHANGED = "account.role_changed"
    PASSWORD_CHANGED = "account.password_changed"  # noqa: S105 - names, no passwords
    PASSWORD_RESET = "account.password_reset"  # noqa: S105
    SECOND_FACTOR_SET = "account.second_factor_set"
    SECOND_FACTOR_RESET = "account.second_factor_reset"
    RECOVERY_CODES_MADE = "account.recovery_codes_made"
    RECOVERY_CODE_USED = "account.recovery_code_used"
    EMERGENCY_ACCESS = "account.emergency_access"
    AUDIT_BEGUN = "audit.begun"
    AUDIT_READ = "audit.read"
    AUDIT_VERIFIED = "audit.verified"
    TALK_READ = "talk.read"
    QUESTIONS_READ = "questions.read"
    BORDERLINE_READ = "borderline.read"
    QUESTION_ANSWERED = "question.answered"
    QUESTION_PUT_ASIDE = "question.put_aside"
    QUESTION_DRAFTED = "question.drafted"
    BORDERLINE_DECIDED = "borderline.decided"
    CASE_ACKNOWLEDGED = "escalation.acknowledged"
    CASE_TAKEN_OVER = "escalation.taken_over"
    CASE_TAKEN_FROM = "escalation.taken_from"
    CASE_WROTE = "escalation.wrote"
    CASE_NOTED = "escalation.noted"
    CASE_TIER_CHANGED = "escalation.tier_changed"
    CASE_HANDED_BACK = "escalation.handed_back"
    CASE_RESOLVED = "escalation.resolved"
    CASE_REOPENED = "escalation.reopened"
    PURGED = "retention.purged"
    PACKET_MADE = "escalation.packet_made"
