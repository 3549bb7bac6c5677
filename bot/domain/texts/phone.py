"""What there must be a spoken text for, in every language that callers can choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PhoneTexts:
    """What callers and on-call staff hear, in one language.

    Placeholders: {clinic}, {emergency}, {crisis}, {phone} are known before a call; {reference},
    {number}, {who}, {tier}, {key}, {title}, {document} are filled when they are. Numbers and
    references are spelled out when they are spoken.
    """

    # BCP-47, for the voice and for speech recognition.
    code: str
    greeting: str
    # In the other language: how to change to it. Key 9.
    change_language: str
    ask: str
    menu: str
    menu_item: str
    menu_end: str
    anything_else: str
    # Before that, after an answer that can be texted.
    text_this: str
    unheard: str
    not_understood: str
    # Why a text is offered: `unheard`, `too_long`, `asked`, `closed`, `nobody`, `slow`, `language`, `enough`.
    why: Mapping[str, str]
    # The words that a caller agrees to; recorded with the consent.
    offer_text: str
    offer_callback: str
    offer_message: str
    text_is_coming: str
    text_refused: str
    will_call_back: str
    will_call_number: str
    ask_number: str
    check_number: str
    wrong_number: str
    no_number: str
    connecting_desk: str
    connecting_person: str
    connecting_next: str
    desk_done: str
    staff_done: str
    # While a severe report is open: stored, paged, seen by somebody; then the keys.
    stored: str
    paged: str
    seen: str
    somebody: str
    hold_keys: str
    # Beside them, where the number is withheld.
    hold_number: str
    hold_end: str
    yes_or_no: str
    no_answer: str
    choice: str
    one_moment: str
    record: str
    say_message: str
    message_kept: str
    passed_on: str
    with_staff: str
    source: str
    goodbye: str
    # The database or this program has failed; with and without somebody to be put through to.
    technical: str
    technical_connecting: str
    technical_ask: str
    # To the on-call person whose phone rings.
    whisper: str
    whisper_again: str
    whisper_taken: str
    whisper_other: str
    whisper_gone: str
    whisper_not_stored: str
    whisper_left: str
    tiers: Mapping[str, str]
    # What another phone tree says to the caller whom it hands over: see docs/phone.md.
    handoff_texted: str
    handoff_called: str
    # The first text after a call: nothing was asked yet; {menu} is where the caller was.
    text_opening: str
    text_about: str
    # Beside the clinic's name, what the recogniser should expect.
    hints: tuple[str, ...]
