"""Pictures of what happens inside a network, before it and after it: one file each, as typed.

    from charnn import load, views
    views.gates(load(), "Satoshi")  # as python -m charnn.look gates Satoshi

Each is a function that returns a matplotlib Figure; `print_line=print` prints a text version too.
Never writes a file, and never changes the model that it looks at.
"""

from charnn.variants import variants

# Each name is the function: these lines rebind what Python calls the module of the same name.
from charnn.views.batches import batches
from charnn.views.beliefs import beliefs
from charnn.views.gates import gates
from charnn.views.gradients import gradients
from charnn.views.letters import letters
from charnn.views.neurons import neurons
from charnn.views.recall import recall
from charnn.views.splits import splits
from charnn.views.summary import summary
from charnn.views.temperature import temperature
from charnn.views.why import why

__all__ = [
    "batches",
    "beliefs",
    "gates",
    "gradients",
    "letters",
    "neurons",
    "recall",
    "splits",
    "summary",
    "temperature",
    "variants",
    "why",
]
