"""The programs of node/, which lean on packages that are not ours."""
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent / "node"


def installed():
    """A folder with the programs of node/ and their packages, made anew when one of them changed."""
    build = os.environ.get("SCHOTVRIJ_BUILD")
    folder = pathlib.Path(build) / "node" if build else pathlib.Path(tempfile.gettempdir()) / f"schotvrij-node-{os.getuid()}"
    folder.mkdir(parents=True, exist_ok=True)
    lock, done = HERE / "package-lock.json", folder / "installed.json"
    with open(folder / "in_use", "w", encoding="utf-8") as in_use:
        fcntl.flock(in_use, fcntl.LOCK_EX)  # another test may be at it
        if not done.exists() or done.read_bytes() != lock.read_bytes():
            for name in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(HERE / name, folder)
            subprocess.run(["npm", "ci", "--no-progress"], cwd=folder, check=True, capture_output=True, timeout=300)
            shutil.copy(lock, done)
        for program in HERE.glob("*.mjs"):
            shutil.copy(program, folder)
    return folder


def play(program, *arguments, given=None):
    """What the program tells, as JSON; `given` goes to its standard input, as JSON."""
    done = subprocess.run(["node", program, *map(str, arguments)], cwd=installed(), input=json.dumps(given), capture_output=True,
                          text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def in_xml(resources):
    """FHIR resources as FHIR XML, by a converter that is not ours."""
    return play("fhir_xml.mjs", given=[{"to": "xml", "text": json.dumps(resource)} for resource in resources])


def from_xml(texts):
    """The resources that are written in these texts, by a converter that is not ours."""
    return [json.loads(text) for text in play("fhir_xml.mjs", given=[{"to": "json", "text": text} for text in texts])]
