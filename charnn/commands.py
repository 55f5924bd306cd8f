"""The commands of `charnn`, in the order in which `charnn help` lists them.

Each is the file of its name. Knows only their names, so that `charnn help` imports none of them.
"""

COMMANDS = {
    "train": "train a classifier or a generator",
    "predict": "print the most probable labels of names",
    "generate": "generate names or text",
    "evaluate": "measure a model on names or on a text",
    "runs": "list trainings with their figures, the best first",
    "compare": "draw the curves of two trainings and say which differences are beyond chance",
    "check": "report problems in a data folder",
    "look": "show what happens inside a network",
    "report": "write a classifier's confusion matrix as PNG, CSV and HTML",
    "serve": "serve a page for people and a JSON API for programs",
    "export": "write a model as one file that needs no charnn: ONNX, or a web page",
    "completion": "print a script with which the Tab key completes commands and options",
}
