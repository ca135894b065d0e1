"""From collected public vulnerability records to the compact facts that ship."""
