"""docs/phone.md: its examples run, and what it says is what is there."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.channels import handoff, phone
from bot.channels.handoff import PATH
from bot.domain.phone_tree.scene import EVERYWHERE
from bot.domain.phone_tree.tree import LAST_TURN, LEAST_CONFIDENCE
from bot.services.handed_over import Why
from bot.settings import ROOT
from tests.channels.phone_fixtures import OpenLine, company, line, open_line
from tests.harness.phone_line import ANA, PhoneLine
from tools.telephone_company.twiml import read_voice

__all__ = ["company", "line", "open_line"]

PAGE = (ROOT / "docs" / "phone.md").read_text(encoding="utf-8")
PROSE = " ".join(PAGE.split())
KEY = "k" * 32
NEEDS = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "jq", "openssl", "curl"))), reason="no jq, openssl or curl"
)


def example(language: str, holding: str) -> str:
    """The code block of a language that holds a text."""
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    (found,) = [block for block in blocks if holding in block]
    return str(found)


@pytest.fixture
async def tree(open_line: OpenLine) -> PhoneLine:
    """A clinic that takes calls over."""
    return await open_line(HANDOFF_KEY=KEY)


def address(tree: PhoneLine) -> str:
    """Where its gateway is on this machine."""
    return str(tree.gateway.client.make_url(PATH))


async def run(*command: str, stdin: str = "", **environment: str) -> str:
    """What a program prints; it must end well."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "no_proxy": "127.0.0.1", **environment},
    )
    out, errors = await process.communicate(stdin.encode())
    assert process.returncode == 0, errors.decode()
    return out.decode()


def script(folder: Path, name: str, text: str) -> Path:
    """A program of the page, in a file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o700)
    return path


# -- handing over --------------------------------------------------------------------


@pytest.fixture
def shell(tree: PhoneLine, tmp_path: Path) -> dict[str, str]:
    """What handoff.sh needs of its machine."""
    key = script(tmp_path, "handoff.key", KEY)
    return {"HANDOFF_URL": address(tree), "HANDOFF_KEY_FILE": str(key)}


@NEEDS
async def test_the_shell_script_hands_over(tree: PhoneLine, shell: dict[str, str], tmp_path: Path) -> None:
    path = script(tmp_path, "handoff.sh", example("bash", "# handoff.sh ID"))
    said = await run("bash", str(path), "CA00000001", ANA, 'Appointments > "It\'s" $HOME', "en", "", "Press 1", **shell)
    assert json.loads(said)["result"] == "texted"
    assert tree.texts()[-1].body.startswith('You called us about: Appointments > "It\'s" $HOME.')


@NEEDS
async def test_the_asterisk_script_hands_over(tree: PhoneLine, shell: dict[str, str], tmp_path: Path) -> None:
    inner = script(tmp_path, "handoff.sh", example("bash", "# handoff.sh ID"))
    path = script(tmp_path, "handoff-agi.sh", example("bash", "# AGI: handoff-agi.sh"))
    asterisk = (
        f"agi_uniqueid: 1770000000.17\nagi_callerid: {ANA}\nagi_calleridname: $(reboot)\n\n" + "200 result=1\n" * 3
    )
    said = await run(
        "bash", str(path), "Appointments", "en", "Press 1", stdin=asterisk, HANDOFF_SCRIPT=str(inner), **shell
    )
    assert said.splitlines()[:2] == ['SET VARIABLE HANDOFF_RESULT "texted"', 'SET VARIABLE HANDOFF_URGENT "false"']
    assert said.splitlines()[2].startswith('SET VARIABLE HANDOFF_SAY "We are sending you a text message now.')


@NEEDS
async def test_the_asterisk_script_says_when_it_failed(tmp_path: Path) -> None:
    path = script(tmp_path, "handoff-agi.sh", example("bash", "# AGI: handoff-agi.sh"))
    said = await run(
        "bash", str(path), "Menu", "en", "", stdin="agi_uniqueid: 1\n\n200 result=1\n", HANDOFF_SCRIPT="false"
    )
    assert said == 'SET VARIABLE HANDOFF_RESULT "failed"\n'


async def test_the_lambda_function_hands_over(tree: PhoneLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOFF_URL", address(tree))
    monkeypatch.setenv("HANDOFF_KEY", KEY)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    module: dict[str, Any] = {}
    exec(example("python", "def handler"), module)  # noqa: S102 - the page's own example
    contact = {"ContactId": "0a1b2c3d-0000-4000-8000-000000000001", "CustomerEndpoint": {"Address": ANA}}
    event = {"Details": {"ContactData": contact, "Parameters": {"reason": "I can't breathe"}}}
    answer = await asyncio.to_thread(module["handler"], event, None)
    assert (answer["result"], answer["why"], answer["urgent"]) == ("call_back", "no_consent", "true")
    assert all(isinstance(value, str) for value in answer.values())


@pytest.mark.skipif(shutil.which("node") is None, reason="no node")
async def test_the_twilio_function_hands_over(tree: PhoneLine, tmp_path: Path) -> None:
    script(tmp_path, "handoff.js", example("javascript", "exports.handler"))
    calling = (
        "require('./handoff.js').handler(process.env, "
        f"{json.dumps({'id': 'CA00000002', 'number': ANA, 'consent_words': 'Press 1'})}, "
        "(error, answer) => { if (error) throw error; console.log(JSON.stringify(answer)); });"
    )
    path = script(tmp_path, "run.js", calling)
    said = await run("node", str(path), HANDOFF_URL=address(tree), HANDOFF_KEY=KEY)
    assert json.loads(said)["result"] == "texted"


# -- what it says ----------------------------------------------------------------------


def test_the_fallback_is_twiml_that_says_the_numbers_and_dials() -> None:
    verbs = read_voice(example("xml", "<Response>"))
    assert [verb.name for verb in verbs] == ["Say", "Say", "Dial", "Say"]
    assert "9 1 1" in verbs[0].text


def test_every_address_that_is_to_be_set_exists() -> None:
    named = set(re.findall(r"`https://YOUR-PUBLIC-URL(/[^`]*)`", PAGE))
    assert named <= {route.path for route in phone.routes()}
    assert f"`POST {PATH}`" in PAGE


def test_limits_and_reasons_are_those_of_the_code() -> None:
    assert f"confidence under {LEAST_CONFIDENCE}" in PROSE
    assert f"more than {LAST_TURN} turns" in PROSE
    assert all(f"`{why}`" in PAGE for why in Why)
    assert all(f"| `{key}` |" in PAGE for key in EVERYWHERE)
    assert f"{handoff.WINDOW.seconds // 60} minutes off" in PAGE
