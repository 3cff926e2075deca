"""All faulty stores, by importing the files they stand in."""

from __future__ import annotations

from mutants.stores import (
    faults_of_arrays,
    faults_of_caches,
    faults_of_calls,
    faults_of_columns,
    faults_of_connections,
    faults_of_copies,
    faults_of_databases,
    faults_of_documents,
    faults_of_files,
    faults_of_ids,
    faults_of_items,
    faults_of_keys,
    faults_of_logs,
    faults_of_owners,
    faults_of_pages,
    faults_of_requests,
    faults_of_sqlite,
    faults_of_threads,
    faults_of_time,
    faults_of_upserts,
    faults_of_values,
)
from mutants.stores.fault import FAULTS

__all__ = [
    "FAULTS",
    "faults_of_arrays",
    "faults_of_caches",
    "faults_of_calls",
    "faults_of_columns",
    "faults_of_connections",
    "faults_of_copies",
    "faults_of_databases",
    "faults_of_documents",
    "faults_of_files",
    "faults_of_ids",
    "faults_of_items",
    "faults_of_keys",
    "faults_of_logs",
    "faults_of_owners",
    "faults_of_pages",
    "faults_of_requests",
    "faults_of_sqlite",
    "faults_of_threads",
    "faults_of_time",
    "faults_of_upserts",
    "faults_of_values",
]
