"""Each kind of deployment file: which commands are in it, and where each word stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest
from deployments import commands, started, text_at, write
from hypothesis import given, settings
from hypothesis import strategies as st

from celerylint.deploy.processes import Process, processes
from celerylint.deploy.read import LARGEST, read
from celerylint.deploy.repository import Repository


class Sample(NamedTuple):
    """Files, and the commands in them: name and words."""

    title: str
    files: dict[str, str]
    expected: list[tuple[str, str]]


WORKER = "-A tasks worker -Q files,email"

SAMPLES = [
    Sample(
        "procfile",
        {"Procfile": f"web: gunicorn shop\nworker: PORT=1 celery {WORKER}\n# celery beat\n"},
        [("worker", WORKER)],
    ),
    Sample(
        "compose: a string, a list and a folded string",
        {
            "compose.yaml": """
            x-base: &base
              image: shop
            services:
              one:
                <<: *base
                command: celery -A tasks worker -Q "files,email"
              two:
                <<: *base
                command: [celery, -A, tasks, worker, '-Q', "files,email"]
              three:
                <<: *base
                command: >
                  celery -A tasks worker
                    -Q files,email
              four:
                <<: *base
                entrypoint: ["celery", "-A", "tasks"]
                command: worker -Q files,email
            """
        },
        [("one", WORKER), ("two", WORKER), ("three", WORKER), ("four", WORKER)],
    ),
    Sample(
        "compose: variables of the environment",
        {
            "compose.yaml": """
            services:
              worker:
                image: shop
                command: celery -A tasks worker -c ${C:-4} -Q $QUEUES -n "w$$1"
            """
        },
        [("worker", "-A tasks worker -c 4 -Q ?$QUEUES -n w$1")],
    ),
    Sample(
        "compose: a service that extends another",
        {
            "compose.yaml": """
            services:
              worker:
                extends: {file: base.yaml, service: base}
                command: celery -A tasks worker -Q files,email
            """,
            "base.yaml": "services:\n  base:\n    image: shop\n    stop_grace_period: 1m\n",
        },
        [("worker", WORKER)],
    ),
    Sample(
        "kubernetes",
        {
            "worker.yaml": """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: worker}
            spec:
              replicas: 2
              template:
                spec:
                  containers:
                  - name: main
                    image: shop
                    command: [celery, -A, tasks]
                    args:
                    - worker
                    - -Q
                    - $(QUEUES)
                    env:
                    - {name: QUEUES, value: "files,email"}
            ---
            apiVersion: batch/v1
            kind: CronJob
            metadata: {name: nightly}
            spec:
              jobTemplate:
                spec:
                  template:
                    spec:
                      containers:
                      - name: nightly
                        command: ["sh", "-c", "exec celery -A tasks worker -Q files,email"]
            """
        },
        [("worker", WORKER), ("nightly", WORKER)],
    ),
    Sample(
        "helm",
        {
            "worker.yaml": """
            {{- if .Values.enabled }}
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: {{ include "shop.name" . }}-worker
            spec:
              replicas: {{ .Values.replicas }}
              template:
                spec:
                  containers:
                  - name: worker
                    image: "{{ .Values.image }}"
                    command: ["celery", "-A", "tasks", "worker", "-c", "{{ .Values.c }}"]
            {{- end }}
            """
        },
        [("worker", "-A tasks worker -c ?" + "\N{OBJECT REPLACEMENT CHARACTER}" * 15)],
    ),
    Sample(
        "dockerfile: brackets, and what a stage takes over",
        {
            "Dockerfile": """
            ARG TAG=3.13
            FROM python:${TAG} AS base
            CMD ["celery", "-A", "tasks", \\
                 "worker", "-Q", "files,email"]
            FROM base AS last
            USER shop
            """
        },
        [("DIR", WORKER)],
    ),
    Sample(
        "dockerfile: without brackets, over lines with a comment",
        {
            "docker/Dockerfile.worker": """
            FROM python:3.13
            ENTRYPOINT exec celery -A tasks \\
              # which queues
              worker -Q files,email
            """
        },
        [("worker", WORKER)],
    ),
    Sample(
        "systemd",
        {
            "shop@.service": """
            [Service]
            Environment="QUEUES=files,email" APP=tasks
            ExecStartPre=/bin/true
            ExecStart=-/opt/shop/bin/celery -A ${APP} worker \\
                -Q $QUEUES
            TimeoutStopSec=5min 20s
            """
        },
        [("shop", WORKER)],
    ),
    Sample(
        "supervisor",
        {
            "supervisord.conf": """
            [supervisord]
            nodaemon=true

            [program:files]
            command=/srv/bin/celery -A tasks worker
                -Q "files,email" -n %(program_name)s@%%h ; the rest is a comment
            numprocs=2
            environment=A="1",B='2'
            """
        },
        [("files", WORKER + " -n files@%h")],
    ),
    Sample(
        "a script of s6, which may be run in two ways",
        {
            "svc-worker/run": """
            #!/command/with-contenv bash
            cd /srv
            if [ -n "$ROOTLESS" ]; then
              exec celery -A tasks worker -Q files,email
            else
              exec s6-setuidgid shop celery -A tasks worker -Q files,email
            fi
            """
        },
        [("svc-worker", WORKER)],
    ),
    Sample(
        "makefile",
        {
            "Makefile": """
            QUEUES ?= files,email
            CELERY = celery -A tasks

            .PHONY: worker
            worker: check
            \t@echo starting
            \t$(CELERY) worker -Q $(QUEUES)
            """
        },
        [("worker", WORKER)],
    ),
    Sample(
        "pyproject",
        {
            "pyproject.toml": f"""
            [tool.poe.tasks]
            worker.cmd = "celery {WORKER}"
            [tool.pdm.scripts]
            files = {{ shell = 'exec celery {WORKER}' }}
            """
        },
        [("worker", WORKER), ("files", WORKER)],
    ),
    Sample(
        "tox and package.json",
        {
            "tox.ini": f"[testenv:worker]\ncommands =\n    celery {WORKER}\n",
            "package.json": json.dumps({"scripts": {"queue": f"cd api && celery {WORKER}"}}),
        },
        [("queue", WORKER), ("worker", WORKER)],
    ),
    Sample(
        "wrappers",
        {
            "Procfile": "\n".join(
                f"p{number}: {wrapper} celery {WORKER}"
                for number, wrapper in enumerate(
                    [
                        "newrelic-admin run-program",
                        "poetry run",
                        "uv run --no-sync --with x",
                        "env -u HOME A=1 nice -n 5",
                        "gosu shop:shop tini -g --",
                        "timeout --signal TERM 3600",
                        "wait-for-it.sh db:5432 -t 30 --",
                        "dockerize -wait tcp://db:5432 -timeout 20s",
                        "python -X dev -m",
                        "opentelemetry-instrument --traces_exporter console",
                        "watchmedo auto-restart -d . -p '*.py' --",
                        "/cnb/lifecycle/launcher --",
                        'bash -lc \'exec "$0" "$@"\'',
                    ]
                )
            )
        },
        [(f"p{number}", WORKER) for number in range(13)],
    ),
    Sample(
        "a command in one word",
        {
            "Procfile": f"a: watchfiles --filter python 'celery {WORKER}' src\n"
            f"b: sh -c 'cd src && exec celery {WORKER}'\nc: su -c 'celery {WORKER}' shop\n",
        },
        [("a", WORKER), ("b", WORKER), ("c", WORKER)],
    ),
    Sample(
        "what starts nothing",
        {
            "run.sh": """
            #!/bin/sh
            pip install celery
            pkill -f 'celery worker'
            celery -A tasks inspect ping
            celery -A tasks control shutdown
            docker compose exec worker celery -A tasks worker
            echo celery -A tasks worker
            cat <<END
            celery -A tasks worker
            END
            # celery -A tasks worker
            """,
            "compose.yaml": "services:\n  celery:\n    image: celery\n    command: web worker\n",
        },
        [],
    ),
]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.title)
def test_commands(sample: Sample, tmp_path: Path) -> None:
    found = started(tmp_path, sample.files)
    names = [process.name.replace(tmp_path.name, "DIR") for process in found]
    expected = sorted(sample.expected)
    assert sorted(zip(names, commands(found), strict=True)) == expected


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.title)
def test_every_known_word_stands_where_its_place_says(sample: Sample, tmp_path: Path) -> None:
    for process in started(tmp_path, sample.files):
        for argv in process.argvs:
            for word in argv:
                place = word.place
                if word.known is None or place.line != place.end_line:
                    continue
                lines = (tmp_path / place.path).read_text(encoding="utf-8")
                written = text_at(lines, place)
                # Quotes within a word belong to it, and a variable stands where it is set.
                assert written.replace('"', "").replace("%%", "%") in (
                    word.known,
                    word.known.replace("files@", "%(program_name)s@"),
                    word.known.replace("$", "$$"),
                ), (written, word.known)


class TestWhatIsNextToACommand:
    def one(self, folder: Path, files: dict[str, str]) -> Process:
        [process] = started(folder, files)
        return process

    def test_compose(self, tmp_path: Path) -> None:
        process = self.one(
            tmp_path,
            {
                "compose.yaml": """
                services:
                  worker:
                    image: shop
                    user: shop
                    command: celery -A tasks worker
                    stop_grace_period: 1m30s
                    scale: 2
                    environment:
                      - CELERY_WORKER_CONCURRENCY=3
                """
            },
        )
        assert process.grace.value == 90
        assert process.replicas.value == 2
        assert process.user is not None and process.user.value == "shop"
        assert process.in_container and not process.shells
        assert text_at((tmp_path / "compose.yaml").read_text(), process.unit) == "worker"

    def test_an_autoscaler_decides_how_many(self, tmp_path: Path) -> None:
        process = self.one(
            tmp_path,
            {
                "worker.yaml": """
                kind: Deployment
                metadata: {name: worker}
                spec:
                  template:
                    spec:
                      terminationGracePeriodSeconds: 600
                      containers: [{name: w, command: [celery, -A, tasks, worker]}]
                ---
                kind: ScaledObject
                spec: {scaleTargetRef: {name: worker}, maxReplicaCount: 7}
                """
            },
        )
        assert (process.grace.value, process.replicas.value) == (600, 7)

    def test_systemd(self, tmp_path: Path) -> None:
        process = self.one(
            tmp_path,
            {
                "w.service": """
                [Service]
                User=shop
                ExecStart=celery -A tasks worker
                TimeoutStopSec=5min 20s
                """
            },
        )
        assert process.grace.value == 320
        assert process.by_shell

    @pytest.mark.parametrize(
        ("kind", "text", "grace"),
        [
            ("compose.yaml", "services: {w: {image: x, command: celery -A t worker}}", 10),
            ("s.conf", "[program:w]\ncommand=celery -A t worker", 10),
            ("w.service", "[Service]\nExecStart=celery -A t worker", 90),
            ("Dockerfile", 'FROM x\nCMD ["celery", "-A", "t", "worker"]', 10),
        ],
    )
    def test_platforms_have_defaults(
        self, kind: str, text: str, grace: int, tmp_path: Path
    ) -> None:
        value = self.one(tmp_path, {kind: text}).grace
        assert value.value == grace
        assert value.is_default and value.place is None

    def test_an_image_says_what_the_service_does_not(self, tmp_path: Path) -> None:
        process = self.one(
            tmp_path,
            {
                "compose.yaml": """
                services:
                  web:
                    build: {context: ., dockerfile: docker/app.Dockerfile}
                    image: shop
                    command: gunicorn shop
                  worker:
                    image: shop
                    command: files
                """,
                "docker/app.Dockerfile": """
                FROM python:3.13-slim
                ENV QUEUES=celery
                COPY docker/start.sh /usr/local/bin/
                USER shop
                ENTRYPOINT ["start.sh"]
                """,
                "docker/start.sh": """
                #!/bin/bash
                if [ "$1" = gunicorn ]; then exec "$@"; fi
                if [ "$1" = files ]; then QUEUES=$1; fi
                celery -A tasks worker -Q $QUEUES
                """,
            },
        )
        assert commands([process]) == ["-A tasks worker -Q files"]
        assert process.user is not None and process.user.value == "shop"
        assert [(shell.name, shell.form) for shell in process.shells] == [
            ("bash", "docker/start.sh")
        ]
        assert process.system_shell == "dash"
        assert process.place.path == "docker/start.sh"

    def test_what_a_service_hands_to_a_script_stands_in_the_service(self, tmp_path: Path) -> None:
        process = self.one(
            tmp_path,
            {
                "compose.yaml": """
                services:
                  worker:
                    image: shop
                    entrypoint: ./run.sh
                    command: celery -A tasks worker
                """,
                "run.sh": """
                #!/bin/sh
                ./migrate
                exec "$@"
                """,
            },
        )
        assert (process.place.path, process.shells) == ("compose.yaml", ())

    def test_what_restarts_it_is_for_development(self, tmp_path: Path) -> None:
        found = started(
            tmp_path,
            {
                "Procfile": """
                a: hupper --reload-interval 10 -m celery -A tasks worker
                b: watchmedo auto-restart -- celery -A tasks worker
                c: python -m watchfiles 'celery -A tasks worker'
                """
            },
        )
        assert [one.development for one in found] == [True] * 3

    def test_an_override_of_other_variables_changes_nothing(self, tmp_path: Path) -> None:
        found = started(
            tmp_path,
            {
                "compose.yaml": """
                services: {worker: {image: shop, command: celery -A tasks worker}}
                """,
                "compose.override.yaml": "services: {worker: {environment: {DEBUG: '1'}}}\n",
            },
        )
        assert [one.path for one in found] == ["compose.yaml"]

    def test_an_override_changes_a_service(self, tmp_path: Path) -> None:
        found = started(
            tmp_path,
            {
                "compose.yaml": """
                services:
                  worker: {image: shop, command: celery -A tasks worker -Q a}
                  beat: {image: shop, command: celery -A tasks beat}
                """,
                "compose.production.yaml": """
                services:
                  worker: {command: celery -A tasks worker -Q b, stop_grace_period: 5m}
                """,
            },
        )
        assert [(one.path, one.name, one.development) for one in found] == [
            ("compose.production.yaml", "worker", False),
            ("compose.yaml", "worker", True),
            ("compose.yaml", "beat", False),
        ]

    def test_beside_a_file_for_production_the_plain_one_is_for_development(
        self, tmp_path: Path
    ) -> None:
        service = "services: {worker: {image: shop, command: celery -A tasks worker}}"
        found = started(
            tmp_path, {"docker-compose.yml": service, "docker-compose.prod.yml": service}
        )
        assert [(one.path, one.development) for one in found] == [
            ("docker-compose.prod.yml", False),
            ("docker-compose.yml", True),
        ]


class TestWhatCannotBeRead:
    def problem(self, name: str, data: bytes) -> str:
        [problem] = read(name, data).problems
        return f"{problem.place}: {problem.reason}"

    def test_no_yaml(self) -> None:
        assert self.problem("compose.yaml", b"services:\n  a: b: c\n") == (
            "compose.yaml:2:7: it is no YAML: mapping values are not allowed in this context"
        )

    def test_a_cycle(self) -> None:
        assert "contains itself" in self.problem("a.yml", b"services: &a\n  celery: [*a]\n")

    def test_too_deep(self) -> None:
        assert "nest" in self.problem("a.yml", b"- " * 500 + b"celery")
        assert "nest" in self.problem("a.yml", b"[" * 100_000)

    def test_too_large(self) -> None:
        assert "bytes" in self.problem("run.sh", b"#" * (LARGEST + 1))

    def test_a_bomb_does_nothing(self, tmp_path: Path) -> None:
        levels = "".join(
            f"l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 9)}]\n" for level in range(1, 30)
        )
        text = f"l0: &l0 [celery]\n{levels}services: {{w: {{image: x, command: *l29}}}}\n"
        assert started(tmp_path, {"compose.yaml": text}) == []

    def test_a_template_that_is_no_yaml_is_counted_and_no_more(self) -> None:
        facts = read("compose.yaml", b"{% if x %}\nservices:\n{% endif %}\n  celery: {{ a }}: b\n")
        assert facts.is_template and not facts.problems

    def test_scripts_that_never_end(self, tmp_path: Path) -> None:
        found = started(
            tmp_path,
            {
                "run.sh": """
                #!/bin/sh
                f() { g; g; f; }
                g() { f; f; g; }
                while true; do f; done
                . ./run.sh
                celery -A tasks worker
                """
            },
        )
        assert commands(found) == ["-A tasks worker"]

    def test_scripts_that_run_each_other(self, tmp_path: Path) -> None:
        files = {"a.sh": "#!/bin/sh\n./b.sh celery\n", "b.sh": "#!/bin/sh\n./a.sh celery\n"}
        assert started(tmp_path, files) == []


NAMES = (
    "Procfile",
    "compose.yaml",
    "Dockerfile",
    "run.sh",
    "w.service",
    "supervisord.conf",
    "tox.ini",
    "Makefile",
    "package.json",
    "pyproject.toml",
)
_PIECES = """celery -A tasks worker -Q beat \n \t
    "${X:-4}" "$@" $( ` ' " \\ { } [ ] ( ) && || ; | & > <<E
    if then else fi case in esac ;; for do done while f() services: command: entrypoint: image: - &a
    *a <<: kind: Deployment spec: [program:x] command= [Service] ExecStart= FROM CMD ENTRYPOINT COPY
    : = == $(CELERY) %( )s %% {{ }} {% \0 \xe9 exec bash -c #!/bin/sh export X= +=( multi start"""
PIECES = st.lists(st.sampled_from(_PIECES.split(" "))).map(lambda parts: " ".join(parts).encode())


@settings(max_examples=200, deadline=None)
@given(name=st.sampled_from(NAMES), data=st.binary(max_size=300) | PIECES)
def test_no_bytes_are_too_much(
    name: str, data: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    facts = read(name, data)
    assert facts.path == name
    folder = tmp_path_factory.mktemp("bytes")
    (folder / name).write_bytes(data)
    repository = Repository(str(folder), {str(folder / name): name})
    for process in processes(repository, [], lambda path: False):
        assert process.argvs


def test_write_keeps_tabs(tmp_path: Path) -> None:
    write(tmp_path, {"Makefile": "a:\n\tcelery"})
    assert (tmp_path / "Makefile").read_text() == "a:\n\tcelery"
