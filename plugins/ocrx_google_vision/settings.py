"""The options of the page reader."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class GoogleVisionOptions:
    """What is asked of the service, and how.

    - `languages`: hints, as tags with commas between them: "de,en". Without them the service finds
      out by itself, which Google recommends.
    - `feature`: "document" is for dense text, "scene" for signs and labels in photographs.
    - `model`: "builtin/stable", "builtin/latest"; "" leaves it to the service.
    - `encoding` of what is sent: "png" loses nothing, "jpeg" is smaller. "auto" is png, and jpeg
      for pictures that would be too large.
    - `tries` is how often a picture is sent if the service is busy, `wait` the seconds before the
      second time; each further wait is twice as long. `timeout` is in seconds, for each request.
    - `endpoint`: another server, such as "eu-vision.googleapis.com". `parent` names the project and
      place that go with it: "projects/PROJECT/locations/eu".
    - `insecure` connects to `endpoint` without encryption and credentials, for a server of one's
      own.
    - `price` in US dollars for a thousand pictures, of which a large run tells.
    """

    languages: str = ""
    feature: Literal["document", "scene"] = "document"
    model: str = ""
    encoding: Literal["auto", "png", "jpeg"] = "auto"
    tries: int = 5
    wait: float = 1.0
    timeout: float = 60.0
    endpoint: str = ""
    parent: str = ""
    insecure: bool = False
    price: float = 1.5

    def __post_init__(self) -> None:
        for tag in self.hints:
            if not re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]+)*", tag):
                raise ValueError(f"option 'languages': {tag!r} is not a tag such as de or zh-Hans")
        if self.insecure and not self.endpoint:
            raise ValueError("option 'insecure': name the server, with the option endpoint")
        for name, least in (("tries", 1), ("wait", 0), ("timeout", 0.001), ("price", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"option {name!r} must be at least {least}")

    @property
    def hints(self) -> list[str]:
        """The languages, each on its own."""
        return [tag.strip() for tag in self.languages.split(",") if tag.strip()]
