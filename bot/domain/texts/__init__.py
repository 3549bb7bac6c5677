"""The fixed texts by language; `bot.domain.wording` puts them together."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.language import Language
from bot.domain.texts.english import ENGLISH
from bot.domain.texts.spanish import SPANISH
from bot.domain.texts.texts import SmsTexts, Texts

TEXTS: Mapping[Language, Texts] = {Language.ENGLISH: ENGLISH, Language.SPANISH: SPANISH}

__all__ = ["TEXTS", "SmsTexts", "Texts"]
