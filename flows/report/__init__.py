"""The report: one page on a period, for a newsroom's morning meeting."""
