"""Which passwords are good enough: long, not among the first that are tried, not about the account."""

from __future__ import annotations

import unicodedata

SHORTEST = 12
LONGEST = 200
_FEWEST_DIFFERENT = 6
# What is long enough and tried first all the same, in small letters, without spaces and signs.
_COMMON = frozenset(
    """
    password1234 password12345 password123456 passwordpassword passw0rd1234 mypassword123 thisisapassword
    123456789012 1234567890123 012345678901 987654321098 112233445566 123123123123 123456123456 121212121212
    qwertyuiop12 qwertyuiop123 qwertyuiopas qwertyuiopasdfgh qwertyqwerty qwerty123456 qwerty1234567 1qaz2wsx3edc
    asdfghjkl123 zxcvbnm12345 abcdefghijkl abcdefghijklm abcdefgh1234 abcd12345678 abc123abc123 a1b2c3d4e5f6
    iloveyou1234 iloveyou12345 iloveyouforever letmein12345 letmeinplease welcome12345 welcome123456 welcomehome12
    changeme1234 changeme12345 changemenow12 administrator administrator1 admin1234567 admin12345678 rootrootroot
    superman1234 dragon123456 monkey123456 sunshine1234 princess1234 football1234 baseball1234 trustno1trustno1
    correcthorsebatterystaple opensesame123 secretsecret secret123456 summer202512 winter202512 spring202612
    hospital1234 hospital12345 nurse1234567 doctor123456 clinic123456 clinicclinic ketamine1234 ketamine12345
    ketamineclinic medicine1234 healthcare12 patientcare1 riverbend123 riverbendclinic
    """.split()
)


def normalised(password: str) -> str:
    """The same password however a keyboard writes it."""
    return unicodedata.normalize("NFKC", password)


def weakness(password: str, user_name: str = "") -> str | None:
    """What is wrong with a password, as a sentence that says what to do; None for a good one."""
    password = normalised(password)
    if len(password) < SHORTEST:
        return f"Use {SHORTEST} characters or more; four words that do not belong together are easy to keep."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    plain = "".join(c for c in password.casefold() if c.isalnum())
    if plain in _COMMON or len(set(password.casefold())) < _FEWEST_DIFFERENT:
        return "This is one of the first that would be tried. Choose something that is yours alone."
    own = user_name.partition("@")[0]
    if len(own) >= 3 and own.casefold() in password.casefold():
        return "Leave your user name out of the password."
    return None
