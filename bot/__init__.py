"""The assistant of a ketamine clinic: everything around Rasa that must not fail."""

import os

__version__ = "0.1.0"

# onnxruntime gives each user's account an id of its own and reports its use, unless
# this is set before it is imported. Nothing leaves a clinic's machine unasked.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
