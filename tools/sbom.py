"""Lists what is installed to run, in CycloneDX JSON, from requirements.lock.

    python -m tools.sbom [FILE]

Writes reports/sbom.json, or FILE. Names, versions and hashes are those of the lock file; nothing is looked up
anywhere, and the same lock file gives the same list.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bot.settings import ROOT

DEFAULT = ROOT / "reports" / "sbom.json"


def write(target: Path, lock: Path = ROOT / "requirements.lock") -> None:
    """Write the list to `target`. Raises CalledProcessError where the lock file cannot be read."""
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--short-PURLs", "--output-reproducible"]
    command += ["--pyproject", str(ROOT / "pyproject.toml"), "--output-format", "JSON", "--output-file", str(target)]
    subprocess.run([*command, str(lock)], check=True)


def main(arguments: list[str]) -> int:
    """The command."""
    target = Path(arguments[0]) if arguments else DEFAULT
    write(target)
    print(f"assistant: {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
