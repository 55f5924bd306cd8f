#!/usr/bin/env python3
"""Which labels does a classifier confuse on a folder of names?

    python scripts/confusion_report.py [--model FILE] --data DIR [--unseen] [--out DIR]

The older name of `python -m charnn.report`.
"""

import sys

from charnn.cli import run
from charnn.report import main

if __name__ == "__main__":
    sys.exit(run(main))
