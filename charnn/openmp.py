"""How torch's threads wait for each other, which OpenMP reads once: when torch is loaded.

A thread that waits in a loop takes the processor from the thread that it waits for, where another
program holds one of the cores: then two threads are many times slower than one. Knows no torch.
"""

import os
import sys

VARIABLES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")


def wait_asleep() -> bool:
    """Lets threads sleep while they wait, unless torch is loaded or the user has chosen.

    Returns whether it is known how they wait: as asked here, or as the user asked.
    """
    if "torch" not in sys.modules and not any(name in os.environ for name in VARIABLES):
        os.environ.update(OMP_WAIT_POLICY="PASSIVE", KMP_BLOCKTIME="0")  # KMP: LLVM's and Intel's
    return any(name in os.environ for name in VARIABLES)


KNOWN = wait_asleep()
PROCESS = os.getpid()  # a fork of it has none of the threads that OpenMP takes for waiting
