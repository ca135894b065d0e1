"""Where snapshots are: the user's own folder, another folder, or below a URL."""

from __future__ import annotations

from headway.snapshots.remote import RemoteStore
from headway.snapshots.store import Snapshots, SnapshotStore
from headway.stores.address import chosen_address

__all__ = ["snapshots_at"]


def snapshots_at(store: str | None = None, *, offline: bool = False) -> Snapshots:
    """The snapshots of a store.

    Parameters
    ----------
    store : str, optional
        A folder, or a URL such as ``s3://bucket/headway``; ``HEADWAY_STORE`` or else the user's
        own data folder by default. Snapshots lie in ``snapshots`` below it.
    offline : bool
        Open no connection: of a store that is elsewhere, read the local copy.

    Raises
    ------
    BadOption
        Not such an address.
    """
    address = chosen_address(store)
    if address is None:
        return SnapshotStore()
    if address.folder is not None:
        return SnapshotStore(address.folder / "snapshots")
    return RemoteStore(address / "snapshots", offline=offline)
