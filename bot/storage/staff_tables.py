"""The tables of the console: accounts, sessions, the audit; migrations create them."""

from __future__ import annotations

import sqlalchemy as sa

from bot.storage.tables import SealedJson, SealedText, UtcDateTime, metadata

staff = sa.Table(
    "staff",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("user_name", sa.String(64), nullable=False, unique=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    # Of the on-call list; one account each.
    sa.Column("person", sa.String(64), unique=True),
    sa.Column("password_hash", sa.String(255)),
    sa.Column("password_changed_at", UtcDateTime),
    sa.Column("totp_secret", SealedText),
    sa.Column("totp_step", sa.Integer, nullable=False, server_default="0"),
    sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("expires_at", UtcDateTime),
    sa.Column("last_sign_in", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

staff_recovery_codes = sa.Table(
    "staff_recovery_codes",
    metadata,
    sa.Column("staff_id", sa.ForeignKey("staff.id"), primary_key=True),
    sa.Column("code_hash", sa.String(64), primary_key=True),
    sa.Column("used_at", UtcDateTime),
)

# Links with which a password is chosen, once; without an account, the one that makes the first.
staff_links = sa.Table(
    "staff_links",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("staff_id", sa.ForeignKey("staff.id"), index=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("used_at", UtcDateTime),
)

staff_sessions = sa.Table(
    "staff_sessions",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("staff_id", sa.ForeignKey("staff.id"), nullable=False, index=True),
    sa.Column("csrf", sa.String(64), nullable=False),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("agent", sa.String(128), nullable=False),
    sa.Column("offered", SealedText),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("last_seen", UtcDateTime, nullable=False),
    sa.Column("proved_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("end_reason", sa.String(32)),
)

# Tries to sign in since the last one that went well; the key is a keyed hash of who or where from.
sign_in_attempts = sa.Table(
    "sign_in_attempts",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False, index=True),
    sa.Column("locked_until", UtcDateTime),
)

# Links in pages that have acknowledged: each does it once.
used_page_links = sa.Table(
    "used_page_links",
    metadata,
    sa.Column("page_id", sa.ForeignKey("pages.id"), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
)

# What people did. Lines are only ever added, and each holds the hash of the one before.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
    sa.Column("actor", sa.String(64), nullable=False, index=True),
    sa.Column("action", sa.String(64), nullable=False, index=True),
    sa.Column("subject", sa.String(64), nullable=False, index=True),
    sa.Column("detail", SealedJson, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

# One row: the last line of the audit. Whoever appends holds it, last of all that a transaction holds.
audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    # Lines of histories up to this id are from before there was a chain.
    sa.Column("unchained_events", sa.Integer, nullable=False),
)
