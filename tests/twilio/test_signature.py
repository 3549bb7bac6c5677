"""Only what the provider signed is let in."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from multidict import MultiDict

from bot.twilio.signature import Posted, Signatures, sign

PUBLIC = "https://chat.example.org"
PATH = "/webhooks/twilio/sms"
TOKEN = "0123456789abcdef0123456789abcdef"
OLD = "fedcba9876543210fedcba9876543210"
FORM = {"MessageSid": "SM1", "From": "+15550100142", "Body": "hello"}


def _by_hand(text: str, token: str = TOKEN) -> str:
    """The signature of what is signed, written out: address, then names and values in the order of the names."""
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def _good(
    posted: Posted, header: str, path: str = PATH, public: str = PUBLIC, tokens: tuple[str, ...] = (TOKEN,)
) -> bool:
    return Signatures(tokens, public).are_good(path, posted, header)


def test_the_address_and_the_sorted_names_and_values_are_signed() -> None:
    signed = "https://chat.example.org/webhooks/twilio/smsBodyhelloFrom+15550100142MessageSidSM1"
    assert _good(FORM, _by_hand(signed))
    assert sign(f"{PUBLIC}{PATH}", FORM, TOKEN) == _by_hand(signed)


def test_capitals_come_before_small_letters() -> None:
    assert _good({"b": "1", "Z": "2", "a": "3"}, _by_hand(f"{PUBLIC}{PATH}Z2a3b1"))


def test_spaces_line_ends_and_empty_values_count() -> None:
    form = {"Body": "  help \n", "MediaUrl0": ""}
    assert _good(form, _by_hand(f"{PUBLIC}{PATH}Body  help \nMediaUrl0"))
    assert not _good({**form, "Body": "help"}, _by_hand(f"{PUBLIC}{PATH}Body  help \nMediaUrl0"))


def test_letters_of_other_scripts_are_signed_as_utf_8() -> None:
    assert _good({"Body": "no puedo respirar ñ 😭"}, _by_hand(f"{PUBLIC}{PATH}Bodyno puedo respirar ñ 😭"))


def test_a_name_that_is_there_twice_counts_with_each_value_in_order() -> None:
    form = MultiDict([("To", "b"), ("To", "a"), ("To", "b")])
    assert _good(form, _by_hand(f"{PUBLIC}{PATH}ToaTob"))


def test_a_parameter_that_nobody_knew_of_yet_is_signed_like_the_others() -> None:
    assert _good(
        {**FORM, "NewIn2031": "x"}, _by_hand(f"{PUBLIC}{PATH}BodyhelloFrom+15550100142MessageSidSM1NewIn2031x")
    )


def test_the_query_is_signed_as_it_was_written() -> None:
    path = f"{PATH}?turn=2&name=a%20b%2Bc"
    assert _good({}, _by_hand(f"{PUBLIC}{path}"), path)
    assert not _good({}, _by_hand(f"{PUBLIC}{path}"), f"{PATH}?turn=2&name=a b+c")


@pytest.mark.parametrize(
    ("public", "signed"),
    [
        ("https://chat.example.org", "https://chat.example.org:443"),
        ("https://chat.example.org:443", "https://chat.example.org"),
        ("http://127.0.0.1", "http://127.0.0.1:80"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080", "http://127.0.0.1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://chat.example.org/", "https://chat.example.org"),
    ],
)
def test_the_port_may_be_signed_or_left_out(public: str, signed: str) -> None:
    assert _good(FORM, sign(f"{signed}{PATH}", FORM, TOKEN), public=public)


@pytest.mark.parametrize(
    "public", ["http://chat.example.org", "https://other.example.org", "https://chat.example.org.example.net"]
)
def test_another_address_is_not_ours(public: str) -> None:
    assert not _good(FORM, sign(f"{PUBLIC}{PATH}", FORM, TOKEN), public=public)


@pytest.mark.parametrize("token", [TOKEN, OLD])
def test_while_a_token_is_replaced_both_are_good(token: str) -> None:
    assert _good(FORM, sign(f"{PUBLIC}{PATH}", FORM, token), tokens=(TOKEN, OLD))


@pytest.mark.parametrize(
    "header", ["", "=", "é", "wrong", _by_hand(f"{PUBLIC}{PATH}", OLD), _by_hand(f"{PUBLIC}{PATH}")]
)
def test_what_is_missing_or_wrong_is_refused(header: str) -> None:
    assert not _good(FORM, header)


def test_one_value_that_was_changed_is_refused() -> None:
    header = sign(f"{PUBLIC}{PATH}", FORM, TOKEN)
    assert not _good({**FORM, "Body": "hello!"}, header)
    assert not _good({**FORM, "More": ""}, header)


def test_without_a_token_nothing_is_good() -> None:
    assert not _good({}, _by_hand(f"{PUBLIC}{PATH}", ""), tokens=())


def test_a_json_body_is_good_with_its_hash_in_the_signed_query() -> None:
    body = '{"To": "+15550100142", "note": "ñ"}'.encode()
    path = f"{PATH}?bodySHA256={hashlib.sha256(body).hexdigest()}"
    header = _by_hand(f"{PUBLIC}{path}")
    assert _good(body, header, path)
    assert not _good(body + b" ", header, path)


@pytest.mark.parametrize("path", [PATH, f"{PATH}?bodySHA256=", f"{PATH}?bodySHA256=%C3%A9"])
def test_a_json_body_without_its_hash_is_not_signed_at_all(path: str) -> None:
    assert not _good(b"{}", _by_hand(f"{PUBLIC}{path}"), path)
