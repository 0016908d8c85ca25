"""Container, compose file and settings: what can be held to without a Docker engine."""

from __future__ import annotations

import contextlib
import fnmatch
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import tomllib
import urllib.request
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from crm_core import listening
from crm_core.cli import cli
from crm_core.launch import choose_port
from crm_core.ui import import_drafts
from tests.conftest import ROOT

STEPS = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text("utf-8")).splitlines()
FINAL = STEPS[max(n for n, step in enumerate(STEPS) if step.startswith("FROM ")) :]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
EXAMPLE = (ROOT / ".env.example").read_text("utf-8")
SETTINGS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))


def steps(word: str, of: list[str] = FINAL) -> list[str]:
    return [step.removeprefix(word).strip() for step in of if step.startswith(f"{word} ")]


def copied() -> list[tuple[list[str], str]]:
    """Return what the final image takes from this folder: sources, and where they go."""
    words = [shlex.split(step) for step in steps("COPY") if not step.startswith("--from")]
    return [(line[:-1], line[-1]) for line in words]


def let_through(path: str) -> bool:
    """Return whether ``.dockerignore`` leaves a path in."""
    inside = False
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        keeps, wanted = pattern.startswith("!"), pattern.lstrip("!")
        names = [wanted, f"{wanted}/*", wanted.removeprefix("**/")]
        base = Path(path).name if wanted.startswith("**/") else path
        if any(fnmatch.fnmatch(path, name) or fnmatch.fnmatch(base, name) for name in names):
            inside = keeps
    return inside


def test_the_image_takes_only_what_is_there_and_let_through() -> None:
    for sources, _ in copied():
        for source in sources:
            assert (ROOT / source).exists(), source
            assert let_through(source), source
    for private in (
        ".env",
        "docker/passwords",
        "data/regulars.sqlite",
        ".git/config",
        "tests/x.py",
        "copies/regulars.backup",
        "inbox/sales.csv",
    ):
        assert not let_through(private), private
    assert not let_through(".streamlit/secrets.toml")
    assert not let_through("crm_core/x.pyc")


@pytest.mark.slow
def test_the_program_stands_on_what_the_image_takes_alone(tmp_path: Path) -> None:
    program, data = tmp_path / "srv", tmp_path / "data"
    data.mkdir()
    for sources, to in copied():
        for source in sources:
            place = program / (f"{to}/{source}" if to == "./" else to)
            place.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, place)
    variables = {**os.environ, **image_variables(), "HOME": str(data)}
    variables["XDG_CACHE_HOME"] = str(data / "cache")
    variables["DATABASE_URL"] = f"sqlite:///{(data / 'a.db').as_posix()}"
    variables["STREAMLIT_SERVER_SCRIPT_HEALTH_CHECK_ENABLED"] = "true"

    def run(*words: str) -> str:
        command = [sys.executable, *words]
        done = subprocess.run(
            command, cwd=program, env=variables, capture_output=True, text=True, check=True
        )
        return done.stdout

    for line in steps("RUN")[-1].split("&&")[:2]:
        words = shlex.split(line)
        run(*words[words.index("python") + 1 :])
    before = files_in(program)
    assert shows_a_page(program, variables)
    assert "read back and whole" in run("-m", "crm_core", "backup", str(data / "kept"))
    assert files_in(program) == before, "the container's program is read-only"


def image_variables() -> dict[str, str]:
    """Return the variables of the image, but for its path."""
    words = [word.partition("=") for step in steps("ENV") for word in shlex.split(step)]
    return {name: value for name, _, value in words if name != "PATH"}


def files_in(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def shows_a_page(program: Path, variables: dict[str, str]) -> bool:
    """Serve it as the image does, and return whether its first page is drawn without error."""
    port = choose_port()
    words = [sys.executable, "-m", "crm_core", "serve", "--port", str(port)]
    server = subprocess.Popen(words, cwd=program, env=variables, stdout=subprocess.DEVNULL)
    try:
        return bool(asked(f"http://127.0.0.1:{port}/_stcore/script-health-check") == 200)
    finally:
        server.terminate()
        server.wait(timeout=300)


def asked(url: str) -> int | None:
    """Return the status of an address that may not answer yet; None where it never does."""
    for _ in range(3_000):
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=300) as answer:
            return int(answer.status)
        time.sleep(0.2)
    return None


def test_the_image_runs_as_nobody_much_and_says_whether_it_is_well() -> None:
    assert steps("USER") == ["10001:10001"]
    assert steps("VOLUME") == ["/data"]
    assert "urllib.request" in "".join(steps("HEALTHCHECK") + FINAL)
    assert "curl" not in "\n".join(FINAL)
    assert "requirements-dev" not in "\n".join(STEPS)
    bases = {base.split()[0] for base in steps("FROM", STEPS)}
    assert len(bases) == 1
    version = re.fullmatch(r"python:(3\.\d+)-slim-trixie", bases.pop())
    assert version
    assert set(re.findall(r"python(3\.\d+)", "\n".join(STEPS))) == {version[1]}
    server = SERVICES["db"]["image"].removeprefix("postgres:")
    assert f"postgresql-client-{server}" in "\n".join(STEPS)
    assert not re.search(r"(?i)(secret|password|token)[A-Z_]*=", "\n".join(STEPS))
    assert steps("ENTRYPOINT") == ['["python", "-m", "crm_core"]']
    serve = yaml.safe_load(steps("CMD")[-1])
    owned = re.findall(r"chown ([^&\n]+)", "\n".join(FINAL))
    assert owned == ["10001:10001 /data /backups /inbox"], "the program stays root's"
    assert serve[0] == "serve"
    assert set(serve) >= {"--address", "0.0.0.0"}


def test_compose_shows_only_nginx_and_keeps_the_database_inside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert SERVICES["nginx"]["ports"] == ["80:80", "443:443"]
    assert SERVICES["db"]["networks"] == ["within"]
    assert COMPOSE["networks"]["within"] == {"internal": True}
    assert SERVICES["db"]["image"] == "postgres:17"
    assert [name for name, service in SERVICES.items() if "build" in service] == ["app"]
    for name in ("app", "backup", "watch"):
        service = SERVICES[name]
        assert service["pull_policy"] == "never", "nobody else's image of that name"
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"] is True
        assert service["depends_on"]["db"] == {"condition": "service_healthy"}
    assert all(s["security_opt"] == ["no-new-privileges:true"] for s in SERVICES.values())
    named = {
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
    }
    assert {name for name in named if not name.startswith(".")} == set(COMPOSE["volumes"])
    mounted = {name for name in named if name.startswith("./")} - {"./inbox"}
    assert all((ROOT / name).exists() for name in mounted)


def test_only_nginx_may_say_who_somebody_is() -> None:
    address = SERVICES["nginx"]["networks"]["front"]["ipv4_address"]
    variables = SERVICES["app"]["environment"]
    assert variables["REGULARS_PROXY_ADDRESS"] == address
    (network,) = listening.proxy_networks(variables)
    assert network.prefixlen == 32
    (pool,) = COMPOSE["networks"]["front"]["ipam"]["config"]
    assert ip_address(address) in ip_network(pool["subnet"])
    assert ip_address(address) not in ip_network(pool["ip_range"]), "the app is started first"
    passed = (ROOT / "docker" / "pass.conf").read_text("utf-8")
    assert f"proxy_set_header {variables['REGULARS_PROXY_HEADER']} $email;" in passed


def test_every_variable_of_compose_is_explained_and_known() -> None:
    text = (ROOT / "compose.yaml").read_text("utf-8")
    asked = set(re.findall(r"\$\{([A-Z_]+)", text))
    explained = set(re.findall(r"^([A-Z_]+)=", EXAMPLE, re.MULTILINE))
    assert asked == explained
    program = "\n".join(path.read_text("utf-8") for path in (ROOT / "crm_core").rglob("*.py"))
    for name in SERVICES["app"]["environment"]:
        if name.startswith("REGULARS_"):
            assert f'"{name}"' in program, name
    needed = {"REGULARS_HOST", "REGULARS_OWNER", "POSTGRES_PASSWORD"}
    assert set(re.findall(r"\$\{([A-Z_]+):\?", text)) == needed
    assert set(re.findall(r"\$\{([A-Z_]+)(?!:\?)[^A-Z_]", text)) & needed == set()
    for name in ("POSTGRES_PASSWORD", "REGULARS_OIDC_CLIENT_SECRET", "REGULARS_COOKIE_SECRET"):
        assert re.search(rf"^{name}=$", EXAMPLE, re.MULTILINE), (
            "no secret to be copied by everybody"
        )


def test_the_commands_of_the_containers_exist_with_their_options() -> None:
    script = (ROOT / "docker" / "backup.sh").read_text("utf-8").replace("\\\n", " ")
    asked = re.findall(r"crm_core (backup [^&\n]*)", script)
    lines = [*(line.split() for line in asked), steps_of_watch()]
    for words in lines:
        command = cli.commands[words[0]]
        known = {option for given in command.params for option in given.opts}
        assert {word for word in words if word.startswith("--")} <= known
        assert isinstance(command, click.Command)


def steps_of_watch() -> list[str]:
    return list(SERVICES["watch"]["command"])


def test_the_upload_limit_is_the_same_wherever_it_is_said() -> None:
    most = SETTINGS["server"]["maxUploadSize"]
    conf = (ROOT / "docker" / "nginx.conf").read_text("utf-8")
    assert f"client_max_body_size {most}m;" in conf
    assert most == import_drafts.MOST_MEGABYTES


def test_the_settings_are_safe_as_they_come() -> None:
    server, client = SETTINGS["server"], SETTINGS["client"]
    assert server["address"] == "127.0.0.1"
    assert server["enableXsrfProtection"]
    assert server["enableCORS"]
    assert not server["enableStaticServing"]
    assert not server["enableAgentApi"]
    assert client["showErrorDetails"] == "none"
    assert not client["showErrorLinks"]
    assert client["toolbarMode"] == "minimal"
    assert client["disableDataExport"]
    assert SETTINGS["browser"]["gatherUsageStats"] is False


@pytest.mark.skipif(os.name == "nt", reason="a script of the container")
def test_the_backup_loop_makes_one_at_once_and_tells_when_the_last_worked(tmp_path: Path) -> None:
    script, tools = str(ROOT / "docker" / "backup.sh"), tmp_path / "tools"
    tools.mkdir()
    python = tools / "python"
    python.write_text('#!/bin/sh\necho "$@" >> "$BACKUP_FOLDER/calls"\nexit "${FAILS:-0}"\n')
    python.chmod(0o755)
    variables = {**os.environ, "BACKUP_FOLDER": str(tmp_path)}
    variables["PATH"] = f"{tools}{os.pathsep}{os.environ['PATH']}"

    def run(word: str, **more: str) -> int:
        return subprocess.run(["sh", script, word], env=variables | more, check=False).returncode

    assert run("recent") == 1
    assert run("once", FAILS="1") == 0
    assert run("recent") == 1, "a failed backup is none"
    assert run("once") == 0
    assert run("recent") == 0
    assert "backup" in (tmp_path / "calls").read_text()
    calls = (tmp_path / "calls").read_text().count("\n")
    assert run("once") == 0
    assert (tmp_path / "calls").read_text().count("\n") == calls, "one a day is enough"
    os.utime(tmp_path / ".last", (0, 0))
    assert run("recent") == 1


@pytest.mark.slow
def test_lines_of_the_clouds_secrets_are_variables_before_the_program_looks(tmp_path: Path) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text('REGULARS_SIGN_IN = "oidc"\n[auth]\n')
    (tmp_path / "app.py").write_text(
        "import os, pathlib\n"
        "pathlib.Path('seen').write_text(os.environ.get('REGULARS_SIGN_IN', 'nothing'))\n"
    )
    port = choose_port()
    options = {"port": port, "headless": True, "scriptHealthCheckEnabled": True}
    words = [f"--server.{name}={str(value).lower()}" for name, value in options.items()]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", *words],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        asked(f"http://127.0.0.1:{port}/_stcore/script-health-check")
    finally:
        server.terminate()
        server.wait(timeout=300)
    assert (tmp_path / "seen").read_text() == "oidc"


@pytest.mark.skipif(os.name == "nt", reason="scripts of the containers")
@pytest.mark.parametrize("name", ["backup.sh", "front.sh", "certificate.sh"])
def test_the_scripts_of_the_containers_parse(name: str) -> None:
    file = ROOT / "docker" / name
    assert os.access(file, os.X_OK)
    subprocess.run(["sh", "-n", str(file)], check=True)


def front(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run what starts nginx, in folders of the test's own, with an nginx that only says so."""
    tools, etc = folder / "tools", folder / "etc"
    for place in (tools, etc / "nginx"):
        place.mkdir(parents=True, exist_ok=True)
    for name, words in {"nginx": 'echo "nginx $*"', "sleep": "exit 1"}.items():
        (tools / name).write_text(f"#!/bin/sh\n{words}\n")
        (tools / name).chmod(0o755)
    shutil.copytree(ROOT / "docker", etc / "nginx" / "regulars", dirs_exist_ok=True)
    script = (ROOT / "docker" / "front.sh").read_text("utf-8")
    (folder / "front.sh").write_text(
        script.replace("/etc/", f"{etc}/").replace("-o root -g nginx", "")
    )
    given = {**os.environ, "REGULARS_HOST": "regulars.example.com", **variables}
    given["PATH"] = f"{tools}{os.pathsep}{os.environ['PATH']}"
    command = ["sh", str(folder / "front.sh")]
    return subprocess.run(command, env=given, capture_output=True, text=True, check=False)


@pytest.mark.skipif(os.name == "nt", reason="a script of the container")
def test_nginx_starts_with_passwords_and_a_certificate_or_says_what_is_missing(
    tmp_path: Path,
) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on this machine (Debian: apt install openssl)")
    nginx = tmp_path / "etc" / "nginx"
    (nginx / "regulars").mkdir(parents=True)
    (nginx / "regulars" / "passwords").write_text("")
    assert "docker/passwords" in front(tmp_path).stderr
    (nginx / "regulars" / "passwords").write_text("owner@example.com:x\n")
    for wrong in ({"REGULARS_HOST": "https://a.example"}, {"REGULARS_SIGN_IN": "odic"}):
        refused = front(tmp_path, **wrong)
        assert refused.returncode == 1
        assert next(iter(wrong)) in refused.stderr
    started = front(tmp_path)
    assert (started.returncode, started.stdout) == (0, "nginx -g daemon off;\n"), started.stderr
    assert (nginx / "passwords").read_text() == "owner@example.com:x\n"
    assert (nginx / "passwords").stat().st_mode & 0o007 == 0
    assert (nginx / "certificate").stat().st_mode & 0o077 == 0
    assert "auth_basic_user_file" in (nginx / "sign_in.conf").read_text()
    certificate = nginx / "certificate" / "fullchain.pem"
    made = certificate.read_text()
    assert "BEGIN CERTIFICATE" in made
    real = tmp_path / "etc" / "letsencrypt" / "live" / "regulars.example.com"
    real.mkdir(parents=True)
    for name in ("fullchain.pem", "privkey.pem"):
        (real / name).write_text("from Let's Encrypt")
    assert front(tmp_path, REGULARS_SIGN_IN="oidc").returncode == 0
    assert certificate.read_text() == "from Let's Encrypt"
    assert "auth_basic_user_file" not in (nginx / "sign_in.conf").read_text()
