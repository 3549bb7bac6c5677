"""The trained model that is measured."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from bot.domain.errors import ConfigurationError
from bot.safety.joined import MODEL_VARIABLE
from bot.settings import load_settings
from bot.supervise.training import screen_model_path, train_screen


def trained() -> Path:
    """The one that SCREEN_MODEL names, else that of the present corpus, trained if need be.

    Raises ConfigurationError when the named one is not there, and TrainingFailed.
    """
    if named := os.environ.get(MODEL_VARIABLE):
        if not Path(named).is_dir():
            raise ConfigurationError([f"{MODEL_VARIABLE} is {named!r}: no trained model is there; leave it out"])
        return Path(named)
    settings = load_settings()
    model = screen_model_path(settings)
    if not model.exists():
        asyncio.run(train_screen(settings))
    return model
