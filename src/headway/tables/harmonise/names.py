"""Which model a source's name stands for, and which models are new.

The registry decides; a source's own way of writing names is undone first. A model that nobody
registered is admitted only if it came out after the release was cut (a board follows a launch by
weeks, so 92 days are taken off) and the source states its day and its access: what was already out
was left out of the release for a reason.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from headway.sources.declare import ModelClaim
from headway.tables.harmonise.curated import curated
from headway.tables.harmonise.dates import parse
from headway.tables.registry import Registry, Resolved
from headway.tables.store import Release

__all__ = ["Names", "NewModel", "slug"]

#: Boards list a model up to so long after its launch.
_LATE = timedelta(days=92)
#: Endings that name a setting of one model.
_SETTING = re.compile(r"^(.+?)_(minimal|low|medium|high|xhigh|max|none|\d+[kK])$")
_SHOWN_SETTING = re.compile(r"^(.+?) \((minimal|low|medium|high|xhigh|max|none|\d+[kK])\)$")
_OPEN = ("open weights", "open source")
_CLOSED = {
    "no open weights": "api",
    "not open source": "api",
    "api access": "api",
    "hosted access (no api)": "hosted",
    "unreleased": "unreleased",
}


def slug(text: str) -> str:
    """A name as an id: lower case, dashes for everything that is not a letter, digit, dot or plus.

    Examples
    --------
    >>> slug("Kimi K3 (Thinking)")
    'kimi-k3-thinking'
    """
    return re.sub(r"[^a-z0-9.+]+", "-", text.lower()).strip("-.")


def _loose(name: str) -> str:
    return re.sub(r"[\s_\-.]+", "-", name.strip().casefold())


def _open(access: str) -> bool | None:
    told = access.strip().casefold()
    if told.startswith(_OPEN):
        return True
    return False if told in _CLOSED else None


def _sound(total: float | None, active: float | None) -> bool:
    if any(size is not None and not 0 < size < math.inf for size in (total, active)):
        return False
    return total is None or active is None or active <= total


@dataclass(frozen=True, slots=True)
class NewModel:
    """A model that a source states and the registry does not know."""

    model_version: str
    name: str
    lab: str | None
    developer: str | None
    released: date
    precision: str
    is_open: bool
    access: str
    licence: str | None
    total_params_b: float | None
    active_params_b: float | None
    url: str

    def version_row(self) -> dict[str, Any]:
        """Its row in ``model_versions``."""
        sized = self.total_params_b is not None or self.active_params_b is not None
        return {
            "model_version": self.model_version,
            "name": self.name,
            "lab": self.lab,
            "developer": self.developer,
            "released": self.released,
            "released_precision": self.precision,
            "released_source": self.url,
            "open_weight": self.is_open,
            "open_weight_basis": "stated",
            "open_weight_source": self.url,
            "licence": self.licence,
            "total_params_b": self.total_params_b,
            "active_params_b": self.active_params_b,
            "params_source": self.url if sized else None,
        }

    def access_row(self) -> dict[str, Any]:
        """Its row in ``access``: from the launch, as the source states it."""
        return {
            "model_version": self.model_version,
            "access": self.access,
            "from": self.released,
            "to": None,
            "basis": "stated",
            "precision": self.precision,
            "source": self.url,
        }


class Names:
    """Names of models, of a release and of the sources that update it.

    Parameters
    ----------
    release : Release
    stated : iterable of (source, address, claims)
        What the sources state about models.
    today : date
        Nothing that comes later is admitted.
    """

    def __init__(
        self,
        release: Release,
        stated: Iterable[tuple[str, str, Sequence[ModelClaim]]],
        today: date,
    ) -> None:
        self._registry = Registry(release.model_versions, release.model_aliases)
        self._loose: dict[str, set[Resolved]] = {}
        for version, name in release.model_versions.select("model_version", "name").iter_rows():
            for text in (version, name):
                self._loose.setdefault(_loose(text), set()).add(Resolved(version, None))
        columns = ("alias", "model_version", "effort")
        for alias, version, effort in release.model_aliases.select(columns).iter_rows():
            self._loose.setdefault(_loose(alias), set()).add(Resolved(version, effort))
        self._told = {(r["source"], r["name"]): r for r in curated("live_names.csv")}
        self._as_named: dict[tuple[str, str], set[str]] = {}
        names = ("panel", "model_as_named", "model_version")
        for panel, name, version in release.scores.select(names).iter_rows():
            self._as_named.setdefault((panel, name), set()).add(version)
        self._released = dict(
            release.model_versions.select("model_version", "released").iter_rows()
        )
        self._labs = {
            _loose(developer): lab
            for developer, lab in release.model_versions.select("developer", "lab").iter_rows()
            if developer and lab
        }
        labs = set(self._labs.values())
        self._labs |= {_loose(lab): lab for lab in labs}
        self._shown: dict[tuple[str, str], str] = {}
        self.new: dict[str, NewModel] = {}
        self._admitted: dict[str, str] = {}
        after = release.data_through - _LATE
        told = [(source, url, list(claims)) for source, url, claims in stated]
        for source, _, claims in told:
            self._shown |= {(source, c.model): c.name for c in claims if c.name}
        for source, url, claims in told:
            for claim in claims:
                self._admit(source, url, claim, after, today)

    def resolve(self, source: str, name: str, panel: str) -> Resolved | None:
        """Model version and setting that a source's name stands for; ``None`` if nobody can tell.

        A committed line comes first, then what the release's rows of this panel mean by the name
        (boards use one name for different builds), then the registry, then the new models.
        """
        told = self._told.get((source, name))
        if told is not None and not told["model_version"]:
            return None  # listed as a name that cannot be told
        known = self._known(source, name)
        if told is None:
            for text in self._forms(source, name):
                versions = self._as_named.get((panel, text), set())
                if len(versions) == 1:
                    version = next(iter(versions))
                    same = known is not None and known.model_version == version
                    return known if same else Resolved(version, None)
        if known is not None:
            return known
        for text in self._forms(source, name):
            setting = _SETTING.match(text)
            if setting and _loose(setting[1]) in self._admitted:
                return Resolved(self._admitted[_loose(setting[1])], setting[2].lower())
            if _loose(text) in self._admitted:
                return Resolved(self._admitted[_loose(text)], None)
        return None

    def _known(self, source: str, name: str) -> Resolved | None:
        told = self._told.get((source, name))
        if told is not None and told["model_version"]:
            return Resolved(told["model_version"], told["effort"] or None)
        for text in self._forms(source, name):
            found = self._registered(text)
            if found is not None:
                return found
            setting = _SETTING.match(text)
            base = self._registered(setting[1]) if setting else None
            if base is not None and setting is not None:
                return Resolved(base.model_version, base.effort or setting[2].lower())
        return None

    def _registered(self, text: str) -> Resolved | None:
        found = self._registry.find(text)
        if found is not None:
            return found
        hits = self._loose.get(_loose(text), set())  # the looser reading may still be unique
        if len({hit.model_version for hit in hits}) != 1:
            return None
        return (
            next(iter(hits)) if len(hits) == 1 else Resolved(next(iter(hits)).model_version, None)
        )

    def _forms(self, source: str, name: str) -> Iterator[str]:
        """The name and what it is without the source's own dressing."""
        yield name
        if source == "models-dev" and name.count("/") == 1:
            yield name.partition("/")[2]
        if source == "metr":
            yield name.removesuffix("_inspect")
        if source == "sec-bench" and " + " in name:  # agent + model
            yield name.rpartition(" + ")[2]
        shown = self._shown.get((source, name))
        if shown:
            yield shown

    def _admit(self, source: str, url: str, claim: ModelClaim, after: date, today: date) -> None:
        try:
            released, precision = parse(claim.released)
        except (ValueError, KeyError):
            return
        is_open = None if claim.access is None else _open(claim.access)
        if released is None or precision is None or is_open is None:
            return
        if not after < released <= today or self._known(source, claim.model) is not None:
            return
        *_, plain = self._forms(source, claim.model)
        setting = _SETTING.match(plain) or _SHOWN_SETTING.match(plain)
        plain = setting[1] if setting else plain
        version = slug(plain)
        if not re.fullmatch(r"[a-z0-9][a-z0-9._+\-]*", version) or self._resembles(plain, released):
            return
        forms = {*self._forms(source, claim.model), plain, version}
        earlier = next(
            (self._admitted[_loose(f)] for f in forms if _loose(f) in self._admitted), None
        )
        version = version if earlier is None else earlier
        self._admitted |= {_loose(form): version for form in forms}
        if version in self.new:
            return  # the first source to state it is the one that is cited
        developer = claim.developer
        total, active = claim.total_params_b, claim.active_params_b
        if not _sound(total, active):
            total = active = None  # one of them is wrong, and nobody says which
        self.new[version] = NewModel(
            model_version=version,
            name=plain,
            lab=self._labs.get(_loose(developer)) if developer else None,
            developer=developer,
            released=released,
            precision=precision,
            is_open=is_open,
            access="open_weight" if is_open else _CLOSED[(claim.access or "").strip().casefold()],
            licence=claim.licence,
            total_params_b=total,
            active_params_b=active,
            url=claim.source_url or url,
        )

    def _resembles(self, name: str, released: date) -> bool:
        """Whether it looks like another spelling of a model that came out within a week of it."""
        near = difflib.get_close_matches(_loose(name), list(self._loose), n=3, cutoff=0.9)
        for text in near:
            for hit in self._loose[text]:
                day = self._released.get(hit.model_version)
                if day is not None and abs((day - released).days) <= 7:
                    return True
        return False
