"""Settings: environment and `clinic.yml`, checked whole, all problems named at once."""

from __future__ import annotations

import contextlib
import difflib
import functools
import ipaddress
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import jsonschema
import phonenumbers
import yaml
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import ArgumentError

from bot import log_lines
from bot.console_settings import read_canned_replies, read_console, read_provider, read_proxies
from bot.domain.canned import CannedReply
from bot.domain.clinic import Clinic, OwnAnswer, OwnTopic
from bot.domain.errors import ConfigurationError
from bot.domain.on_call import OnCall
from bot.domain.proxies import Network
from bot.domain.retention import Retention
from bot.domain.staff import Provider, SignInRules
from bot.domain.telephone import Telephone
from bot.kept_keys import kept, new_data_key, parse_data_keys
from bot.on_call_settings.notes import Notes
from bot.on_call_settings.section import Roster, read_on_call
from bot.own_topics import topic_problems
from bot.retention_settings import read_retention
from bot.telephone_settings import address_problems, is_loopback, read_account, read_telephone
from bot.widget_settings import WidgetSettings, read_widget

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent.parent
# Parts of clinic.yml that are read by modules of their own.
_SECTIONS = ("on_call", "telephone", "widget", "console", "retention")


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable, as `docs/settings.md` lists it."""

    name: str
    default: str
    help: str
    is_secret: bool = False


SETTINGS = (
    Setting("HOST", "127.0.0.1", "Address that the gateway listens on."),
    Setting("PORT", "8080", "Port that the gateway listens on."),
    Setting("RASA_PORT", "5005", "Port of the Rasa server, on the loopback address."),
    Setting("ACTIONS_PORT", "5055", "Port of the action server, on the loopback address."),
    Setting(
        "RASA_URLS", "", "Addresses of Rasa servers that run elsewhere, with commas between; empty means the one that "
        "`make run` starts on RASA_PORT. A conversation stays with one of them while that is up."
    ),
    Setting(
        "REDIS_URL", "", "Where several gateways agree whose turn it is, such as redis://host:6379/0; empty means that "
        "there is one gateway. Also REDIS_URL_FILE.", is_secret=True,
    ),
    Setting(
        "INTERNAL_HOST", "127.0.0.1", "Address that Rasa and the action server listen on. They have no sign-in beyond "
        "a secret made from SECRET_KEY: any address but loopback needs ALLOW_INTERNAL_NETWORK=yes."
    ),
    Setting(
        "ALLOW_INTERNAL_NETWORK", "no", "yes: INTERNAL_HOST is a private network that only our own processes reach."
    ),
    Setting(
        "ACTIONS_URL", "", "Where Rasa and the health check find the action server; empty means the one that "
        "`make run` starts on ACTIONS_PORT."
    ),
    Setting("DATA_DIR", "var", "Folder for the embedded database, the spool and the key."),
    Setting("MODELS_DIR", "models", "Folder of trained models."),
    Setting("CLINIC_FILE", "clinic.yml", "The clinic's own file."),
    Setting("DATABASE_URL", "", "SQLAlchemy URL; empty means SQLite in DATA_DIR. Also DATABASE_URL_FILE.", is_secret=True),
    Setting(
        "SECRET_KEY", "", "Signs conversation ids, 32 characters or more; made and kept in DATA_DIR if empty. "
        "Also SECRET_KEY_FILE.", is_secret=True,
    ),
    Setting(
        "DATA_KEYS", "", "Keys that encrypt what patients write and their numbers, by commas or lines: the first "
        "encrypts, all decrypt. `python -m bot keys new` makes one. Made and kept in DATA_DIR if empty. "
        "Also DATA_KEYS_FILE.", is_secret=True,
    ),
    Setting(
        "PUBLIC_URL", "", "Where staff and patients reach the gateway from outside; empty means http://HOST:PORT. "
        "Links in pages start with it."
    ),
    Setting(
        "HANDOFF_KEY", "", "Signs calls that another phone tree hands over to text (docs/phone.md), 32 characters or more; "
        "while it is replaced the new one, a comma, the old one. Empty means that none are taken. Also HANDOFF_KEY_FILE.",
        is_secret=True,
    ),
    Setting("MAX_CHARACTERS", "4000", "Longest message that is accepted, in characters."),
    Setting("DIALOGUE_TIMEOUT", "8", "Seconds that Rasa has for an answer before the degraded reply."),
    Setting(
        "CANARY_HOURS", "24", "Hours between drills: a synthetic report that goes the whole way and wakes nobody. "
        "0 switches them off."
    ),
    Setting(
        "TWILIO_ACCOUNT_SID", "", "Account of the telephone provider, Twilio or one that speaks the same; empty means no "
        "texts and no calls. Goes with `telephone` in clinic.yml."
    ),
    Setting(
        "TWILIO_AUTH_TOKENS", "", "The account's auth token; while it is replaced the new one, a comma, the old one. "
        "Also TWILIO_AUTH_TOKENS_FILE.", is_secret=True
    ),
    Setting("TWILIO_API_URL", "", "Where the provider's REST API is; empty means Twilio's own."),
    Setting(
        "CLOCK_FILE", "", "For the demonstration (`make demo`) alone: a file with the seconds by which the clock is ahead. "
        "Refused unless PUBLIC_URL is an address of this machine."
    ),
    Setting("STREAMS", "2000", "Talks that may be followed live at once; each is an open connection."),
    Setting("STREAMS_PER_ADDRESS", "40", "The same for one address: a household, a clinic's own network."),
    Setting(
        "TRUSTED_PROXIES", "", "Addresses or networks of proxies in front, with commas: what they write in "
        "X-Forwarded-For is believed. Such as 127.0.0.1,10.0.0.0/8."
    ),
    Setting(
        "OIDC_ISSUER", "", "The clinic's own sign-in service (OpenID Connect) for staff; empty means passwords alone. "
        "Its redirect address is PUBLIC_URL/staff/sign-in/provider/back."
    ),
    Setting("OIDC_CLIENT_ID", "", "What that service calls this console."),
    Setting("OIDC_CLIENT_SECRET", "", "The secret that goes with it. Also OIDC_CLIENT_SECRET_FILE.", is_secret=True),
    Setting("OIDC_NAME", "your organisation", "What the button says: Sign in with …"),
    Setting("LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR. DEBUG also shows all that a training prints."),
    Setting("LOG_FORMAT", "text", "text, or json: one object a line, for a collector of logs."),
    Setting(
        "METRICS_TOKEN", "", "What Prometheus shows as a bearer token to read /metrics, 16 characters or more; empty "
        "means that only this machine itself may read it. Also METRICS_TOKEN_FILE.", is_secret=True,
    ),
)  # fmt: skip
_DEFAULTS = {setting.name: setting.default for setting in SETTINGS}

_NUMBER = {"type": "string", "pattern": r"^[+0-9][0-9 ()./-]{1,24}(?!\n)$"}
# Braces would be filled by Rasa, a blank line would split the answer.
_TEXT = {"type": "string", "minLength": 1, "maxLength": 700, "pattern": r"^(?![\s\S]*(?:[{}]|\n\s*\n))"}
_SHORT = {**_TEXT, "maxLength": 250}
_QUESTION = {"type": "string", "minLength": 2, "maxLength": 200, "pattern": r"^[^/{}()\[\]\n][^{}()\[\]\n]*$"}
_ANSWER = {
    "anyOf": [
        _SHORT,
        {
            "type": "object",
            "required": ["text", "short"],
            "additionalProperties": False,
            "properties": {"text": _TEXT, "short": _SHORT},
        },
    ]
}
CLINIC_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["name", "phone"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 80, "description": "What patients call the clinic."},
        "phone": {**_NUMBER, "description": "The number that patients are told to call."},
        "emergency_number": {**_NUMBER, "description": "Emergency services. Default 911."},
        "crisis_number": {**_NUMBER, "description": "Suicide and crisis line, called or texted. Default 988."},
        "poison_number": {**_NUMBER, "description": "Poison control. Default 1-800-222-1222."},
        "animal_poison_number": {**_NUMBER, "description": "Poison control for animals. Default 1-888-426-4435."},
        "answer_minutes": {
            "type": "integer",
            "minimum": 1,
            "maximum": 60,
            "description": (
                "Minutes to answer when the assistant asks whether something is happening right now; "
                "after that the staff are told. Default 5."
            ),
        },
        "time_zone": {"type": "string", "description": "IANA name of the clinic's time zone. Default UTC."},
        "country": {
            "type": "string",
            "description": "Two letters, in quotes: where telephone numbers without a country code belong. Default US.",
        },
        "on_call": {"description": "Who is paged, how, and when: see below."},
        "telephone": {"description": "Numbers for texts and calls, the desk, the phone menu: see below."},
        "widget": {"description": "The chat on the clinic's own site: see below."},
        "console": {"description": "How the staff sign in to the console: see below."},
        "retention": {"description": "How many days each kind of data is kept: see below."},
        "answers": {
            "type": ["object", "null"],
            "additionalProperties": _ANSWER,
            "description": "The clinic's own answer by topic: a text, or `text` and `short`.",
        },
        "topics": {
            "type": ["array", "null"],
            "description": "Topics that the clinic adds: `id`, `title`, `questions` (8 or more), `text`, `short`.",
            "items": {
                "type": "object",
                "required": ["id", "title", "questions", "text"],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "string", "pattern": "^[a-z][a-z0-9_]{1,40}$"},
                    "title": {"type": "string", "minLength": 1, "maxLength": 40},
                    "questions": {"type": "array", "minItems": 8, "items": _QUESTION, "uniqueItems": True},
                    "text": _TEXT,
                    "short": _SHORT,
                },
            },
        },
    },
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that an operator can set. Times in seconds, paths absolute."""

    host: str
    port: int
    rasa_port: int
    actions_port: int
    data_dir: Path
    models_dir: Path
    clinic_file: Path
    database_url: str = field(repr=False)
    secret_key: bytes = field(repr=False)
    data_keys: tuple[str, ...] = field(repr=False)
    # Where they are, unless the environment holds them: what is changed there counts at once.
    data_keys_file: Path | None
    public_url: str
    max_characters: int
    dialogue_timeout: float
    # Where the Rasa servers are, one or more.
    rasa_urls: tuple[str, ...]
    actions_url: str
    # Where Rasa and the action server of this machine listen.
    internal_host: str
    redis_url: str = field(repr=False)
    canary_hours: float
    clock_file: Path | None
    streams: int
    streams_per_address: int
    log_level: str
    log_format: str
    metrics_token: str = field(repr=False)
    clinic: Clinic
    telephone: Telephone
    handoff_keys: tuple[str, ...] = field(repr=False)
    on_call: OnCall
    sign_in: SignInRules
    canned_replies: tuple[CannedReply, ...]
    provider: Provider | None
    trusted_proxies: tuple[Network, ...]
    # The Apprise URL of each variable that a contact names.
    page_urls: Mapping[str, str] = field(repr=False)
    widget: WidgetSettings
    retention: Retention

    @property
    def reviewed_file(self) -> Path:
        """Borderline messages that staff have decided about, from which the screen learns."""
        return self.data_dir / "reviewed.jsonl"

    @property
    def own_url(self) -> str:
        """Where the gateway is for this machine itself."""
        return _own_url(self.host, str(self.port))

    @property
    def rasa_url(self) -> str:
        """Where the Rasa server is."""
        return f"http://127.0.0.1:{self.rasa_port}"


class _Reader:
    """Reads variables and collects what is wrong with them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def file(self, name: str) -> Path | None:
        path = self._environment.get(f"{name}_FILE")
        return Path(path) if path else None

    def text(self, name: str) -> str:
        if path := self._environment.get(f"{name}_FILE"):
            try:
                return Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                self.problems.append(f"{name}_FILE: cannot read {path}: {getattr(error, 'strerror', 'not UTF-8 text')}")
                return ""
        return self._environment.get(name) or _DEFAULTS.get(name, "")

    def variable(self, name: str) -> str | None:
        """One that `clinic.yml` names; None if its file cannot be read."""
        count = len(self.problems)
        text = self.text(name)
        return text if len(self.problems) == count else None

    def number(self, name: str, low: float, high: float, convert: Callable[[str], T]) -> T:
        text = self.text(name)
        try:
            value = convert(text)
            if not low <= float(text) <= high:
                raise ValueError
        except ValueError:
            self.problems.append(f"{name} is {text!r}: give a number from {low:g} to {high:g}")
            return convert(_DEFAULTS[name])
        return value

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name).upper()
        if value not in allowed:
            self.problems.append(f"{name} is {value!r}: choose one of {', '.join(allowed)}")
        return value

    def path(self, name: str) -> Path:
        return (ROOT / self.text(name)).resolve()


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read and check everything. Raises ConfigurationError with all problems."""
    read = _Reader(os.environ if environment is None else environment)
    data_dir = read.path("DATA_DIR")
    clinic_file = read.path("CLINIC_FILE")
    data = _read_yaml(clinic_file, read.problems)
    clinic = _load_clinic(clinic_file, data, read.problems)
    roster = _load_on_call(clinic_file, data, read)
    telephone = _load_telephone(clinic_file, data, read)
    settings = Settings(
        host=read.text("HOST"),
        port=read.number("PORT", 1, 65535, int),
        rasa_port=read.number("RASA_PORT", 1, 65535, int),
        actions_port=read.number("ACTIONS_PORT", 1, 65535, int),
        data_dir=data_dir,
        models_dir=read.path("MODELS_DIR"),
        clinic_file=clinic_file,
        database_url=read.text("DATABASE_URL") or f"sqlite:///{data_dir / 'assistant.db'}",
        secret_key=_secret_key(read, data_dir),
        data_keys=_data_keys(read, data_dir),
        data_keys_file=_data_keys_file(read, data_dir),
        public_url=_public_url(read),
        max_characters=read.number("MAX_CHARACTERS", 100, 20000, int),
        dialogue_timeout=read.number("DIALOGUE_TIMEOUT", 1, 60, float),
        rasa_urls=_urls(read, "RASA_URLS") or (_own_url("127.0.0.1", read.text("RASA_PORT")),),
        actions_url=(*_urls(read, "ACTIONS_URL", most=1), _own_url("127.0.0.1", read.text("ACTIONS_PORT")))[0],
        internal_host=_internal_host(read),
        redis_url=_redis_url(read),
        canary_hours=read.number("CANARY_HOURS", 0, 744, float),
        clock_file=_clock_file(read),
        streams=read.number("STREAMS", 1, 100_000, int),
        streams_per_address=read.number("STREAMS_PER_ADDRESS", 1, 100_000, int),
        log_level=read.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR")),
        log_format=read.choice("LOG_FORMAT", (log_lines.TEXT, log_lines.JSON)),
        metrics_token=_metrics_token(read),
        clinic=clinic,
        telephone=telephone,
        handoff_keys=_handoff_keys(read),
        on_call=roster.on_call,
        sign_in=_load_console(clinic_file, data, read.problems),
        canned_replies=_load_canned_replies(clinic_file, data, read.problems),
        provider=_load_provider(read),
        trusted_proxies=read_proxies(read.text("TRUSTED_PROXIES"), read.problems),
        page_urls=roster.urls,
        widget=_load_widget(clinic_file, data, read.problems),
        retention=_load_retention(clinic_file, data, read.problems),
    )
    _check_database_url(settings.database_url, read.problems)
    read.problems += address_problems(telephone, settings.public_url)
    ports = [settings.port, settings.rasa_port, settings.actions_port]
    if len(set(ports)) < len(ports):
        read.problems.append("PORT, RASA_PORT and ACTIONS_PORT must be three different ports")
    if read.problems:
        raise ConfigurationError(read.problems)
    with contextlib.suppress(OSError):  # whoever needs it says what is wrong with it
        data_dir.mkdir(parents=True, exist_ok=True)
    return settings


def _urls(read: _Reader, name: str, most: int = 64) -> tuple[str, ...]:
    urls = tuple(url.strip().rstrip("/") for url in read.text(name).split(",") if url.strip())
    for url in urls:
        if not re.fullmatch(r"https?://[^/\s?#]+", url):
            read.problems.append(f"{name} holds {url!r}: give scheme, host and port, such as http://rasa-1:5005")
    if len(set(urls)) < len(urls):
        read.problems.append(f"{name} names a server twice: leave one out")
    if len(urls) > most:
        read.problems.append(f"{name} takes one address: put a service name before several servers")
    return urls


def _internal_host(read: _Reader) -> str:
    host = read.text("INTERNAL_HOST")
    allowed = read.choice("ALLOW_INTERNAL_NETWORK", ("YES", "NO")) == "YES"
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if not loopback and not allowed:
        read.problems.append(
            f"INTERNAL_HOST is {host!r}, which others can reach: keep 127.0.0.1, or set ALLOW_INTERNAL_NETWORK=yes "
            "where a private network lies between our processes alone"
        )
    return host


def _redis_url(read: _Reader) -> str:
    url = read.text("REDIS_URL")
    if url and not re.match(r"(rediss?|unix)://", url):
        read.problems.append("REDIS_URL is no address of a Redis server: give one such as redis://host:6379/0")
    return url


def _metrics_token(read: _Reader) -> str:
    token = read.text("METRICS_TOKEN")
    if token and not re.fullmatch(r"[!-~]{16,}", token):
        read.problems.append(
            "METRICS_TOKEN is too short or has spaces: give 16 characters or more, such as `openssl rand -hex 32` makes"
        )
    return token


def _public_url(read: _Reader) -> str:
    given = read.text("PUBLIC_URL")
    if given and not re.fullmatch(r"https?://[^/\s?#]+", given.rstrip("/")):
        read.problems.append(f"PUBLIC_URL is {given!r}: give scheme and host alone, such as https://chat.example.org")
    return given.rstrip("/") or _own_url(read.text("HOST"), read.text("PORT"))


def _clock_file(read: _Reader) -> Path | None:
    given = read.text("CLOCK_FILE")
    if given and not is_loopback(read.text("PUBLIC_URL") or _own_url(read.text("HOST"), read.text("PORT"))):
        read.problems.append(
            "CLOCK_FILE is set, and PUBLIC_URL is not an address of this machine: a clock that can be moved is for the "
            "demonstration alone. Unset it"
        )
        return None
    return Path(given) if given else None


def _own_url(host: str, port: str) -> str:
    reached = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://{reached}:{port}"


def _check_database_url(url: str, problems: list[str]) -> None:
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError:
        problems.append("DATABASE_URL is not a URL such as sqlite:////path/to/file.db or postgresql://user@host/name")
        return
    if backend not in ("sqlite", "postgresql"):
        problems.append(f"DATABASE_URL names {backend}; sqlite and postgresql are supported")


def _secret_key(read: _Reader, data_dir: Path) -> bytes:
    """The given key, or one that is made at the first start and kept."""
    given = read.text("SECRET_KEY")
    if given:
        if len(given.encode()) < 32:
            read.problems.append("SECRET_KEY is too short: give 32 characters or more")
        return given.encode()
    return _kept(read, data_dir / "secret.key", lambda: secrets.token_hex(32)) or b""


def _data_keys(read: _Reader, data_dir: Path) -> tuple[str, ...]:
    """The given keys, or one that is made at the first start and kept."""
    source = "DATA_KEYS_FILE" if read.file("DATA_KEYS") else "DATA_KEYS"
    text = read.variable("DATA_KEYS")
    if text == "" and source == "DATA_KEYS":
        source = str(data_dir / "data.keys")
        content = _kept(read, data_dir / "data.keys", new_data_key)
        text = None if content is None else content.decode("utf-8", "replace")
    if text is None:  # said already
        return ()
    try:
        return parse_data_keys(text)
    except ValueError as error:
        read.problems.append(
            f"{source}: {error}; `python -m bot keys new` makes keys. What is stored needs those of before"
        )
        return ()


def _handoff_keys(read: _Reader) -> tuple[str, ...]:
    keys = tuple(key for key in re.split(r"[,\s]+", read.text("HANDOFF_KEY")) if key)
    if any(len(key) < 32 for key in keys):
        read.problems.append(
            "HANDOFF_KEY is too short: give 32 characters or more, such as `openssl rand -hex 32` prints"
        )
    return keys


def _data_keys_file(read: _Reader, data_dir: Path) -> Path | None:
    if path := read.file("DATA_KEYS"):
        return path
    return None if read.text("DATA_KEYS") else data_dir / "data.keys"


def _kept(read: _Reader, path: Path, make: Callable[[], str]) -> bytes | None:
    try:
        return kept(path, make)
    except OSError as error:
        problem = f"cannot keep a key in DATA_DIR ({path.parent}): {error.strerror}"
        if problem not in read.problems:
            read.problems.append(problem)
        return None


def _load_on_call(path: Path, data: Any, read: _Reader) -> Roster:
    """The section `on_call`; with a zone or country that is wrong itself it is read as if there was none."""
    notes = _notes(path, data, read.problems, "on_call")
    data = data if isinstance(data, dict) else {}
    zone = _zone(data.get("time_zone")) or ZoneInfo("UTC")
    return read_on_call(data.get("on_call"), notes, zone, _country(data), read.variable)


def _load_telephone(path: Path, data: Any, read: _Reader) -> Telephone:
    """The section `telephone`, with the account of the environment."""
    values = [read.variable(name) for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKENS", "TWILIO_API_URL")]
    sid, tokens, api_url = (value or "" for value in values)
    # A file that cannot be read was reported as that, and is not taken for a variable that nobody set.
    account = None if None in values else read_account(sid, tokens, api_url, read.problems)
    has_account = any(value != "" for value in values[:2])
    notes = _notes(path, data, read.problems, "telephone")
    data = data if isinstance(data, dict) else {}
    topics = {**known_topics(), **_own_topic_names(data.get("topics"))}
    telephone = read_telephone(data.get("telephone"), has_account, notes, _country(data), topics)
    return replace(telephone, account=account)


def _own_topic_names(topics: Any) -> dict[str, str]:
    """Those of a list that is as it should be; the rest is reported with the topics."""
    entries = topics if isinstance(topics, list) else []
    return {
        str(entry["id"]): f"faq/clinic_{entry['id']}" for entry in entries if isinstance(entry, dict) and "id" in entry
    }


def _notes(path: Path, data: Any, problems: list[str], section: str) -> Notes:
    # A file that is no mapping at all is reported as that.
    return Notes(problems if isinstance(data, dict) else [], f"{path.name}: {section}: ")


def _country(data: dict[str, Any]) -> str:
    country = data.get("country")
    return country if isinstance(country, str) and _is_country(country) else "US"


def _load_widget(path: Path, data: Any, problems: list[str]) -> WidgetSettings:
    section = data.get("widget") if isinstance(data, dict) else None
    return read_widget(section, Notes(problems, f"{path.name}: widget: "))


def _load_retention(path: Path, data: Any, problems: list[str]) -> Retention:
    section = data.get("retention") if isinstance(data, dict) else None
    return read_retention(section, Notes(problems, f"{path.name}: retention: "))


def _load_console(path: Path, data: Any, problems: list[str]) -> SignInRules:
    """The section `console`."""
    if not isinstance(data, dict):
        return SignInRules()  # reported as that
    return read_console(data.get("console"), Notes(problems, f"{path.name}: console: "))


def _load_canned_replies(path: Path, data: Any, problems: list[str]) -> tuple[CannedReply, ...]:
    section = data.get("console") if isinstance(data, dict) else None
    return read_canned_replies(section, Notes(problems, f"{path.name}: console: "))


def _load_provider(read: _Reader) -> Provider | None:
    issuer, client_id, secret = (read.text(f"OIDC_{name}") for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET"))
    return read_provider(issuer, client_id, secret, read.text("OIDC_NAME"), read.problems)


def _is_country(code: str) -> bool:
    return code in phonenumbers.SUPPORTED_REGIONS


def _zone(name: Any) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if isinstance(name, str) else None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, such as "America"
        return None


def _load_clinic(path: Path, data: Any, problems: list[str]) -> Clinic:
    if data is None:
        return Clinic(name="", phone="")
    errors = list(jsonschema.Draft202012Validator(CLINIC_SCHEMA).iter_errors(data))
    found = [f"{path.name}: {_where(error)}{error.message}" for error in errors]
    if isinstance(data, dict) and isinstance(zone := data.get("time_zone", "UTC"), str) and _zone(zone) is None:
        found.append(f"{path.name}: time_zone: {zone!r} is not an IANA name such as America/Chicago")
    if isinstance(data, dict) and isinstance(country := data.get("country", "US"), str) and not _is_country(country):
        found.append(f'{path.name}: country: {country!r} is not a country: give two capital letters, such as "US"')
    if isinstance(data, dict) and isinstance(answers := data.get("answers"), dict):
        known = known_topics()
        for topic in sorted(map(str, set(answers) - known.keys())):
            near = difflib.get_close_matches(topic, known, n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else "`topics` adds one of your own"
            found.append(f"{path.name}: answers: there is no topic {topic!r}; {hint}")
    if isinstance(data, dict) and not any("topics" in list(error.absolute_path)[:1] for error in errors):
        found += [f"{path.name}: topics: {problem}" for problem in topic_problems(data.get("topics") or [])]
    problems += found
    return Clinic(name="", phone="") if found else _clinic(data)


def _clinic(data: dict[str, Any]) -> Clinic:
    known = known_topics()
    answers = {known[topic]: _own_answer(answer) for topic, answer in (data.get("answers") or {}).items()}
    topics = tuple(
        OwnTopic(t["id"], t["title"], tuple(t["questions"]), OwnAnswer(t["text"], t.get("short")))
        for t in data.get("topics") or ()
    )
    own = {key: value for key, value in data.items() if key not in _SECTIONS}
    return Clinic(**{**own, "answers": answers, "topics": topics})


def _own_answer(answer: str | dict[str, str]) -> OwnAnswer:
    return OwnAnswer(answer) if isinstance(answer, str) else OwnAnswer(answer["text"], answer["short"])


@functools.cache
def known_topics() -> Mapping[str, str]:
    """Short name → full name of every topic that a clinic can answer itself."""
    topics = {path.stem: f"faq/{path.stem}" for path in (ROOT / "data/nlu/faq").glob("*.yml")}
    staff = (ROOT / "data/nlu/staff.yml").read_text(encoding="utf-8")
    return topics | {name: f"ask_staff/{name}" for name in re.findall(r"^- intent: ask_staff/(\w+)", staff, re.M)}


class _Loader(yaml.SafeLoader):
    """Remembers keys that are there twice, of which YAML would silently keep the last."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.twice: list[tuple[int, str]] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        names = [key.value for key in keys]
        self.twice += [(k.start_mark.line + 1, k.value) for n, k in enumerate(keys) if k.value in names[:n]]
        return super().construct_mapping(node, deep)


def _read_yaml(path: Path, problems: list[str]) -> Any:
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        data = loader.get_single_data() or {}
        problems += [
            f"{path.name}: line {line}: {key!r} is there twice: take one out, or give it another name"
            for line, key in loader.twice
        ]
        return data
    except OSError as error:
        problems.append(f"{path}: cannot be read: {error.strerror}. CLINIC_FILE says where it is")
    except UnicodeDecodeError:
        problems.append(f"{path.name}: is not UTF-8 text")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        problems.append(f"{path.name}: line {line} is not YAML: {error.problem}")
    except (yaml.YAMLError, ValueError):  # ValueError: what looks like a date and is none
        problems.append(f"{path.name}: holds characters or values that YAML does not allow")
    return None


def _where(error: jsonschema.ValidationError) -> str:
    return "".join(f"{part}: " for part in error.absolute_path)
