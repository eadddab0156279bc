"""All settings: for each the name, kind, default, what is allowed beside its kind, and a help line.

A new setting gets its row here, and the same help and default in README.md and `.env.example`;
settings.py and gunicorn.py read it as an attribute. `repr=False` marks what no message may quote.
"""
# ruff: noqa: E501 -- each help is a line, as in those files

import importlib.util
from decimal import Decimal
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from site_config.setting_types.addresses import (
    AdminPath,
    HostNames,
    Hosts,
    ListenAddress,
    Networks,
    Origins,
    ProxyPath,
    SitePath,
    WebUrl,
)
from site_config.setting_types.kinds import (
    Folder,
    ModelTokens,
    Names,
    Options,
    PicturePrices,
    SecretKey,
    Sender,
    StorageClass,
    TimeZone,
    TokenPrices,
)
from site_config.setting_types.service_urls import DatabaseUrl, MailUrl, RedisUrl


class SettingTable(BaseModel):
    """Values of the settings; defaults are written, and read, as in the environment."""

    model_config = ConfigDict(
        validate_default=True, frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )

    # The site.

    SECRET_KEY: SecretKey = Field(..., min_length=1, repr=False)
    """Signs sessions and forms; required, at least 50 random characters, and never changed without need."""
    SECRET_KEY_FALLBACKS: Names = Field("", repr=False)
    """Earlier keys, separated by commas: what they encrypted can still be read, and is encrypted anew within a day."""
    DEBUG: bool = Field(False)
    """Show error details and the debug toolbar; only for development on your own machine."""
    ALLOWED_HOSTS: Hosts = Field("localhost,127.0.0.1,[::1]")
    """Host names that Parlor answers to, separated by commas."""
    CSRF_TRUSTED_ORIGINS: Origins = Field("")
    """Origins, as https://chat.example, that may post forms besides the site's own."""
    HTTPS: bool = Field(False)
    """The site is served over HTTPS only, by a proxy that sets X-Forwarded-Proto."""
    TRUSTED_PROXIES: int = Field(0, ge=0, le=10)
    """How many proxies in front of Parlor add to X-Forwarded-For; 0 takes the connection's address."""
    FORCE_SCRIPT_NAME: SitePath = Field("")
    """The path below which the site is, as /parlor; the proxy passes it on. Empty for most."""
    ADMIN_PATH: AdminPath = Field("admin/")
    """Where the admin is, below the site's address."""
    REGISTRATION_OPEN: bool = Field(True)
    """Whether visitors may make accounts themselves."""
    STAFF_TWO_STEPS: Literal["auto", "always", "never"] = Field("auto")
    """Whether staff need two-step log-in to use the admin; auto: once one of the staff has it."""
    REGISTRATION_NEEDS: Literal["nothing", "email", "invitation"] = Field("nothing")
    """What a visitor needs to make an account: nothing, email (an address, confirmed by a link) or invitation (a link that staff make in the admin, or manage.py invite)."""
    TIME_ZONE: TimeZone = Field("UTC")
    """The time zone of the log, of exported times, of people who have chosen none, and of the days and months of all limits."""
    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field("INFO")
    """The least that is logged: DEBUG, INFO, WARNING, ERROR or CRITICAL."""
    LOG_FORMAT: Literal["text", "json"] = Field("text")
    """How the log is written: text, or json with one object a line."""
    METRICS_TOKEN: str = Field("", repr=False)
    """What Prometheus has to send as its bearer token to read /metrics/; empty lets no token do."""
    METRICS_ADDRESSES: Networks = Field("")
    """Addresses and networks that may read /metrics/ without a token, as 127.0.0.1,10.0.0.0/8; with both empty there is no such page."""
    SENTRY_DSN: WebUrl = Field("", repr=False)
    """Where Sentry, or a server like it, gets errors; needs requirements/sentry.txt."""

    # The server.

    HOST: ListenAddress = Field("127.0.0.1")
    """The address that the server listens on; 0.0.0.0 is every IPv4 address of this machine."""
    PORT: int = Field(8000, ge=1, le=65_535)
    """The port that the server listens on."""
    HEADER_SECONDS: float = Field(20, gt=0)
    """How many seconds the headers of a connection's first request may take."""
    WEB_CONCURRENCY: int = Field(1, ge=1, le=256)
    """Processes that serve; more than one needs REDIS_URL to show replies without delay."""
    KEEP_TO_ONE_PROCESSOR: bool = Field(True)
    """Whether each of these keeps to one processor, which saves work; false where others keep it busy."""
    CHAT_ENGINE: Literal["threads", "celery"] = Field("threads")
    """What writes replies: threads of the processes that serve, or celery's workers, by way of REDIS_URL."""

    # Data.

    DATABASE_URL: DatabaseUrl = Field("sqlite:///db.sqlite3", repr=False)
    """The database: sqlite:////path/to/file or postgresql://user:password@host/name."""
    DATABASE_POOL: int = Field(40, ge=2, le=1000)
    """The most PostgreSQL connections that one process opens."""
    REDIS_URL: RedisUrl = Field("", repr=False)
    """Redis, as redis://host:6379/0, between several processes."""
    MEDIA_ROOT: Folder = Field("media")
    """The folder of the pictures and files that people upload."""
    MEDIA_STORAGE: StorageClass = Field("django.core.files.storage.FileSystemStorage")
    """What keeps those files: storages.backends.s3.S3Storage, with django-storages installed, puts them into S3."""
    MEDIA_STORAGE_OPTIONS: Options = Field("{}", repr=False)
    """Its options as JSON, for example {"bucket_name": "parlor"}."""
    ACCEL_REDIRECT: ProxyPath = Field("")
    """The address below which nginx itself sends the files of MEDIA_ROOT; empty lets Parlor send them."""
    STORAGE_PER_PERSON: int = Field(1_000_000_000, ge=0)
    """The most that one person's attached files and pictures may take together, in bytes; 0 sets no limit. What is shared counts once; exports, and thumbnails of attachments, do not."""
    TEXT_PER_PERSON: int = Field(100_000_000, ge=0)
    """The most that one person's messages, texts of files and drafts may take together, in bytes; 0 sets no limit."""
    UPLOAD_MAX_BYTES: int = Field(50_000_000, ge=1)
    """The most that one request may have, with all files in it, in bytes."""
    STATIC_ROOT: Folder = Field("static_root")
    """The folder that static files are collected in."""
    EMAIL_URL: MailUrl = Field("consolemail://", repr=False)
    """How e-mail is sent: smtp+tls://user:password@host:587, or consolemail:// for the terminal."""
    DEFAULT_FROM_EMAIL: Sender = Field("Parlor <parlor@localhost>")
    """Who e-mail comes from."""

    # The AI service.

    OPENAI_API_KEY: str = Field("", repr=False)
    """The key for OpenAI, or for the server at OPENAI_BASE_URL; some need none."""
    OPENAI_BASE_URL: WebUrl = Field("", repr=False)
    """Another server that speaks the OpenAI API, as http://127.0.0.1:11434/v1."""
    DEMO_MODEL: bool = Field(False)
    """Say on the page that the demo model answers; scripts/serve sets it."""
    OPENAI_FIRST_BYTE_SECONDS: float = Field(90, gt=0)
    """Seconds that the service may take to begin an answer."""
    OPENAI_TIMEOUT: float = Field(60, gt=0)
    """Seconds that the service may be silent in the middle of a reply."""
    OPENAI_TOTAL_SECONDS: float = Field(600, gt=0)
    """Seconds that a whole reply may take."""

    # The chat.

    CHAT_MODELS: Names = Field("")
    """Models to choose from, separated by commas; empty offers what the service lists and can chat."""
    CHAT_DEFAULT_MODEL: str = Field("")
    """The model of a new conversation; empty takes the first of CHAT_MODELS, or else the newest general one that the service lists."""
    CHAT_SYSTEM_PROMPT: str = Field("")
    """What the model is told before every conversation."""
    CHAT_MAX_OUTPUT_TOKENS: int = Field(0, ge=0)
    """The longest reply, in tokens; 0 leaves it to the model."""
    CHAT_CONTEXT_TOKENS: int = Field(32_000, ge=500)
    """How much of a conversation the model sees, in tokens."""
    CHAT_MODEL_CONTEXT: ModelTokens = Field("")
    """The context of single models, in tokens, as one-model=128000,another=8192; all others have the above. A smaller one that an error of the service names is learnt by itself."""
    CHAT_TITLE_MODEL: str = Field("")
    """The model that gives new conversations their titles; empty takes the first words."""
    CHAT_THREADS: int = Field(64, ge=1, le=10_000)
    """Replies written at once in one process."""
    CHAT_QUEUE_LIMIT: int = Field(256, ge=1)
    """Replies that may wait for their turn in one process."""
    CHAT_DRAIN_SECONDS: float = Field(20, ge=0, le=30)
    """Seconds that running replies get when the server stops; at most 30."""
    CHAT_MESSAGES_PER_MINUTE: int = Field(30, ge=0)
    """Messages that one person may send in a minute, with new versions, pictures, summaries and copies; 0 sets no limit."""
    CHAT_REPLIES_AT_ONCE: int = Field(4, ge=0)
    """Replies and pictures that one person may have made at once; 0 sets no limit."""
    CHAT_TOKENS_PER_DAY: int = Field(0, ge=0)
    """Tokens that one person may use in a day; 0 sets no limit."""
    CHAT_VISION_MODELS: Names = Field("*")
    """Models that pictures are sent to, as patterns separated by commas."""
    CHAT_ATTACHMENTS: int = Field(10, ge=0)
    """Files that one message may have."""
    ATTACHMENT_MAX_BYTES: int = Field(10_000_000, ge=1)
    """The largest file that may be attached, in bytes; pictures have a limit of their own."""
    ATTACHMENT_MAX_CHARS: int = Field(60_000, ge=1)
    """Characters of a document that the model is given."""
    CHAT_COST_PER_MONTH: Decimal = Field(0, ge=0)
    """What one person may spend in a month, by the price tables; 0 sets no limit."""
    SITE_TOKENS_PER_DAY: int = Field(0, ge=0)
    """Tokens that all people together may use in a day of TIME_ZONE; 0 sets no limit. At 80 % staff are warned."""
    SITE_TOKENS_PER_MONTH: int = Field(0, ge=0)
    """Tokens that all people together may use in a month; 0 sets no limit."""
    SITE_COST_PER_DAY: Decimal = Field(0, ge=0)
    """What all people together may spend in a day, by the price tables; 0 sets no limit."""
    SITE_COST_PER_MONTH: Decimal = Field(0, ge=0)
    """What all people together may spend in a month; 0 sets no limit."""
    LIMITS_SPARE_STAFF: bool = Field(True)
    """Whether the limits leave staff alone."""
    TRASH_DAYS: int = Field(30, ge=0)
    """Days for which a deleted conversation or picture can be restored."""

    # Taking away and bringing along.

    SHARING: bool = Field(True)
    """Whether people may make links with which anybody can see a conversation or a picture."""
    IMPORT_MAX_BYTES: int = Field(200_000_000, ge=1)
    """The largest file that may be imported, in bytes."""

    # Pictures.

    IMAGE_MODEL: str = Field("")
    """The model that makes and converts pictures; empty takes the newest that the service lists."""
    IMAGE_MAX_BYTES: int = Field(10_000_000, ge=1)
    """The largest picture that may be uploaded, in bytes."""
    IMAGE_MAX_PIXELS: int = Field(25_000_000, ge=1)
    """The most pixels that an uploaded picture may have."""
    IMAGES_PER_DAY: int = Field(50, ge=0)
    """Pictures that one person may make in a day; 0 sets no limit."""
    IMAGE_URL_HOSTS: HostNames = Field("")
    """Other hosts that the AI service may keep pictures on, as files.example.com; empty for most."""

    # Costs.

    CHAT_PRICES: TokenPrices = Field("")
    """Prices per million tokens sent and written, as one-model=2.50/10.00,another=0.15/0.60; *=5/20 is for all others. Where money is limited, a model without a price is refused."""
    IMAGE_PRICES: PicturePrices = Field("")
    """Prices per picture, as one-model=0.04; *=0.10 is for all others."""
    CURRENCY: str = Field("", max_length=8)
    """The sign before prices; empty means $."""
    USAGE_RETENTION_DAYS: int = Field(400, ge=31)
    """Days that the account of calls is kept; at least 31, for the month's budget."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.CHAT_ENGINE == "celery" and not self.REDIS_URL:
            raise ValueError("CHAT_ENGINE=celery needs REDIS_URL: workers get their work there.")
        if self.CHAT_ENGINE == "celery" and importlib.util.find_spec("celery") is None:
            raise ValueError("CHAT_ENGINE=celery needs Celery: install requirements/celery.txt.")
        return self
