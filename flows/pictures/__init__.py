"""Pictures: answers and the report as pages that open from a disk, and charts in the terminal."""
