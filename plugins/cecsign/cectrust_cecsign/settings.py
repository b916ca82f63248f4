"""The section ``[plugins.cecsign]`` of the settings; an unknown key is refused by name."""

import re
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from cectrust.sdk.protocols import PluginContext
from cectrust_cecsign.model import Authority, TokenAddress
from cectrust_cecsign.validity import LEGAL_MAXIMUM_YEARS

CA_COMMON_NAME_BYTES = 64
"""CA names are also read with cryptography, which counts a commonName's 64 in UTF-8 bytes."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _absolute(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError("must be an absolute path")
    return path


AbsolutePath = Annotated[Path, AfterValidator(_absolute)]


class CaToken(_Section):
    """A token that holds CA keys: PKCS#11 module, label, and the file (0600) with its PIN."""

    module: AbsolutePath
    label: str
    pin_file: AbsolutePath

    @property
    def address(self) -> TokenAddress:
        return TokenAddress(self.module, self.label)


class CommonNames(_Section):
    """commonName of each authority, responder and time-stamping unit."""

    root: str
    issuing: str
    tsa_root: str
    responder: str
    timestamping: str

    @field_validator("*")
    @classmethod
    def _fits(cls, value: str) -> str:
        if not 0 < len(value.encode()) <= CA_COMMON_NAME_BYTES:
            raise ValueError(f"1 to {CA_COMMON_NAME_BYTES} bytes in UTF-8")
        return value


class CecsignSettings(_Section):
    """What an operator decides about his CA."""

    repository_url: str
    """Where certificates, CRLs and OCSP are fetched from; goes into every certificate. Plain http, because a
    client that checks a certificate can't be asked to check another for the way there (RFC 5280 8)."""
    policy_oid: str
    """Dotted certificate policy OID of the operator's own arc; arcs below 2³², second one at most 39 (47 under 2),
    because widespread decoders read no others."""
    cps_url: str = ""
    """Address of the certification practice statement; the repository page if left out."""
    organisation: str
    common_names: CommonNames
    online_token: CaToken
    """Keys of the issuing CA, the TSA root and the OCSP responder."""
    offline_token: CaToken | None = None
    """Key of the root; left out on a server whose root is kept elsewhere."""
    token_models: tuple[str, ...] = ("SoftHSM v2",)
    """Models that are enrolled on, as the token reports them."""
    root_years: Annotated[int, Field(ge=1, le=30)] = 20
    issuing_years: Annotated[int, Field(ge=1, le=20)] = 10
    timestamping_years: Annotated[int, Field(ge=1, le=11)] = 5
    subscriber_years: Annotated[int, Field(ge=1, le=LEGAL_MAXIMUM_YEARS)] = 2
    responder_days: Annotated[int, Field(ge=7, le=90)] = 30
    crl_days: Annotated[int, Field(ge=1, le=10)] = 7
    root_crl_days: Annotated[int, Field(ge=7, le=366)] = 180
    ocsp_hours: Annotated[int, Field(ge=8, le=240)] = 72

    @field_validator("repository_url")
    @classmethod
    def _plain_http_and_a_full_host(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "http" or "." not in (parts.hostname or "") or parts.query or parts.fragment:
            raise ValueError("http:// with a full host name or an IP address (not localhost: RFC 5280 4.2.1.6)")
        return value.rstrip("/")

    @field_validator("policy_oid")
    @classmethod
    def _readable_by_all(cls, value: str) -> str:
        if not re.fullmatch(r"[0-2](\.(0|[1-9][0-9]{0,9})){2,}", value):
            raise ValueError("a dotted object identifier such as 1.3.6.1.4.1.32473.1.1")
        first, second, *others = map(int, value.split("."))
        if second > (47 if first == 2 else 39) or max(others) >= 1 << 32:
            raise ValueError("an arc that widespread decoders do not read")
        return value

    @model_validator(mode="before")
    @classmethod
    def _cps_is_the_repository_page(cls, values: Any) -> Any:
        if isinstance(values, dict) and not values.get("cps_url") and values.get("repository_url"):
            return {**values, "cps_url": str(values["repository_url"]).rstrip("/") + "/"}
        return values

    @model_validator(mode="after")
    def _issuing_ends_before_root(self) -> Self:
        if self.issuing_years >= self.root_years:
            raise ValueError("issuing_years must be less than root_years")
        return self

    @property
    def ocsp_url(self) -> str:
        return f"{self.repository_url}/ocsp"

    def certificate_url(self, authority: Authority) -> str:
        return f"{self.repository_url}/ca/{authority}.cer"

    def crl_url(self, authority: Authority) -> str:
        return f"{self.repository_url}/crl/{authority}.crl"

    @property
    def repository_host(self) -> str:
        """Host name or address in the repository's URL, without port."""
        return urlsplit(self.repository_url).hostname or ""

    @property
    def revocation_host(self) -> str:
        """``host:port`` of the addresses inside certificates."""
        parts = urlsplit(self.repository_url)
        return f"{parts.hostname}:{parts.port or 80}"

    def ca_token(self, authority: Authority) -> CaToken | None:
        """The token with this authority's key, None if it is not connected to this machine."""
        return self.offline_token if authority is Authority.ROOT else self.online_token


def settings_of(context: PluginContext) -> CecsignSettings:
    """The plugin's own section, typed."""
    settings: CecsignSettings = context.settings
    return settings
