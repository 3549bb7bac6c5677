"""Spoken commands, and what only sounds like one."""

from __future__ import annotations

import pytest

from bot.domain.phone_tree.model import Command
from bot.domain.phone_tree.numbers import is_withheld
from bot.domain.phone_tree.words import command_of


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("Operator.", Command.PERSON),
        ("um, person please", Command.PERSON),
        ("Hablar con una persona, por favor.", Command.PERSON),
        ("Repeat that, please", Command.REPEAT),
        ("¿Cómo?", Command.REPEAT),
        ("MAIN MENU", Command.MENU),
        ("Español", Command.LANGUAGE),
        ("That\u2019s all, thanks.", Command.GOODBYE),
        ("No, gracias.", Command.NO),
        ("Text me", Command.TEXT),
        ("leave a voicemail", Command.MESSAGE),
    ],
)
def test_a_whole_utterance_is_a_command(said: str, command: Command) -> None:
    assert command_of(said) is command


@pytest.mark.parametrize(
    "said",
    [
        "",
        "please",
        "tell my wife goodbye",
        "I want no more of this",
        "that's all I can take",
        "a person is lying on the floor",
        "what happens after the infusion",
        "stop",
        "help",
        "I can't go back",
        "no I can't breathe",
    ],
)
def test_a_word_in_a_sentence_commands_nothing(said: str) -> None:
    assert command_of(said) is None


@pytest.mark.parametrize(
    "number",
    ["", " ", "anonymous", "Anonymous", "+266696687", "266696687", "+86282452253", "+7378742833", "Restricted"],
)
def test_a_number_that_is_not_shown_is_none(number: str) -> None:
    assert is_withheld(number)


@pytest.mark.parametrize("number", ["+15550100142", "5550100142", "+442071838750"])
def test_a_number_that_is_shown_is_one(number: str) -> None:
    assert not is_withheld(number)
