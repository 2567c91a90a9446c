"""The demonstration: a simulated market, two parent orders, and the report of what they cost."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "OUT"
COMMAND = Path(sys.executable).with_name("exec-nt")


def say(*words: str) -> None:
    """Run one verb of the command, showing it first."""
    shown = [
        str(Path(word).relative_to(HERE.parent)) if word.startswith(str(HERE.parent)) else word
        for word in words
    ]
    sys.stdout.write(f"\n$ exec-nt {' '.join(shown)}\n")
    sys.stdout.flush()
    subprocess.run([COMMAND, *words], check=True, cwd=HERE.parent)


def main() -> None:
    """Make the market, the volume profile of its earlier days, run both parents, write the page."""
    began = time.monotonic()
    catalog, run, page = OUT / "demo-catalog", OUT / "demo", OUT / "demo-report.html"
    for old in (catalog, run):
        shutil.rmtree(old, ignore_errors=True)
    OUT.mkdir(exist_ok=True)
    say("catalog", "demo", "--into", str(catalog), "--days", "6")
    profile = catalog / "profiles" / "demo.json"
    say("profile", "build", str(catalog), "--days", "5", "--until", "2025-06-13", "--out", str(profile))
    say("backtest", str(HERE / "demo.toml"), "--out", str(OUT))
    say("tca", str(run), "--volume", "consolidated", "--html", str(page))
    sys.stdout.write(f"\n{time.monotonic() - began:.0f} s without the install. The report: {page}\n")


if __name__ == "__main__":
    main()
