-- One row per source: its files by what became of them.
SELECT source, file_count, loaded_count, quarantined_count, retired_count, article_count
FROM ledger_balance
ORDER BY source
