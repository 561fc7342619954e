"""The files of the repository, for the conformance tests."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROOMS = ("schemas", "policy", "adapters", "gateway")
NOT_OURS = re.compile(r"(^|/)(\.git|build[^/]*|node_modules|__pycache__)(/|$)")


def files(*tops, root=ROOT):
    """Paths, relative to the root, of all files below `tops` (default: everything)."""
    found = []
    for top in tops or ("",):
        for path in sorted((root / top).rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.is_file() and not NOT_OURS.search(name):
                found.append(name)
    return found


def sources(*tops, root=ROOT):
    return [name for name in files(*tops, root=root) if name.endswith((".h", ".cc"))]


def read(name, root=ROOT):
    return (root / name).read_text(encoding="utf-8")


def rows(name):
    """`key: words` lines of a data file beside the tests, in order."""
    lines = (pathlib.Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    pairs = [line.split(":", 1) for line in lines if line.strip() and not line.startswith("#")]
    return {key.strip(): words.split() for key, words in pairs}


def below(name, folder):
    return name == folder or name.startswith(folder + "/")


# Comments, and literals, whose insides must not be taken for code. Line ends stay, so that line numbers hold.
_NOT_CODE = re.compile(
    r'R"(?P<tag>\w*)\((?:.*?)\)(?P=tag)"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])\'',
    re.S)


def code(text, keep_literals=False):
    """`text` without comments, and unless `keep_literals` with empty literals."""
    def blank(match):
        whole = match.group(0)
        if whole[0] == "/":
            return "\n" * whole.count("\n")
        return whole if keep_literals else '""' + "\n" * whole.count("\n")
    return _NOT_CODE.sub(blank, text)
