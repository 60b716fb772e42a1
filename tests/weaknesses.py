"""Whether what is installed has known weaknesses: `python -m tests.weaknesses`.

Where the advisories cannot be reached it says that nothing was looked at, and fails nothing.
"""

import json
import subprocess
import sys
from pathlib import Path

COMMAND = ["pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner=off", "--timeout=10", "--format=json"]


def main():
    lock = Path(__file__).resolve().parent.parent / "requirements" / "app.lock"
    try:
        command = [sys.executable, "-m", *COMMAND, "-r", str(lock)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        packages = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        sys.exit(print("not looked at: the advisories cannot be reached from here"))
    weak = {one["name"]: [hit["id"] for hit in one["vulns"]] for one in packages if one.get("vulns")}
    looked_at = [one for one in packages if "skip_reason" not in one]
    for name, advisories in weak.items():
        print(name, *advisories)
    if not looked_at:
        print("not looked at: the advisories know none of our packages, so they are not what they should be")
    else:
        print(f"{len(looked_at)} of {len(packages)} packages were looked at")
    sys.exit(bool(weak))


if __name__ == "__main__":
    main()
