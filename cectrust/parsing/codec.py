"""Values to JSON and back along type hints: nothing a worker answers can become code or another type."""

from __future__ import annotations

import base64
import dataclasses
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

_PLAIN = (bool, int, float, str)


def encode(value: Any) -> Any:
    """Turn a value into what JSON can hold. Raises `TypeError` for anything but plain values."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, _PLAIN):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    return _encode_composite(value)


def _encode_composite(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Sequence):
        return [encode(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    raise TypeError(f"{type(value).__name__} can't cross to a worker")


def decode(hint: Any, data: Any) -> Any:
    """Build a value of the hinted type. Raises `ValueError` when `data` is anything else."""
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return _decode_optional(typing.get_args(hint), data)
    if origin in (tuple, list):
        return _decode_items(origin, typing.get_args(hint), data)
    if dataclasses.is_dataclass(hint):
        return _decode_dataclass(hint, data)
    return _decode_scalar(hint, data)


def _decode_optional(hints: tuple[Any, ...], data: Any) -> Any:
    if data is None and type(None) in hints:
        return None
    (hint,) = [one for one in hints if one is not type(None)]
    return decode(hint, data)


def _decode_items(origin: Any, hints: tuple[Any, ...], data: Any) -> Any:
    if not isinstance(data, list):
        raise ValueError("a list was expected")
    if origin is tuple and not (len(hints) == 2 and hints[1] is ...):
        return tuple(decode(hint, item) for hint, item in zip(hints, data, strict=True))
    return origin(decode(hints[0], item) for item in data)


def _decode_dataclass(hint: Any, data: Any) -> Any:
    fields = {field.name for field in dataclasses.fields(hint)}
    if not isinstance(data, dict) or set(data) != fields:
        raise ValueError(f"the fields of {hint.__name__} were expected")
    hints = typing.get_type_hints(hint)
    return hint(**{name: decode(hints[name], data[name]) for name in fields})


def _decode_scalar(hint: Any, data: Any) -> Any:
    if hint is type(None) and data is None:
        return None
    if hint in _PLAIN:
        if type(data) is hint or (hint is float and type(data) is int):
            return data
        raise ValueError(f"{hint.__name__} was expected")
    if not isinstance(data, str):
        raise ValueError("a string was expected")
    if hint is bytes:
        return base64.b64decode(data, validate=True)
    if hint is datetime:
        return datetime.fromisoformat(data)
    if isinstance(hint, type) and issubclass(hint, (Path, Enum)):
        return hint(data)
    raise ValueError(f"no values of type {hint}")
