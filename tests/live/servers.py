"""The brokers: redis-server and rabbitmq-server as Debian packages them, on ports of their own."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from live.leash import Leash
from live.processes import Process, environment, free_port
from live.waiting import eventually

DATABASES = 512
"""Databases of the Redis, and virtual hosts of RabbitMQ below: each project gets one of its own."""

VIRTUAL_HOSTS = 24

HALF_AN_HOUR = 1800
"""Seconds that RabbitMQ waits for an acknowledgement, as it comes, before it closes the channel."""


def find_redis() -> str | None:
    return shutil.which("redis-server")


def find_rabbitmq() -> str | None:
    """Not the one in /usr/sbin: that changes to a user of its own, whose folders are elsewhere."""
    return shutil.which("rabbitmq-server", path="/usr/lib/rabbitmq/bin")


class Redis:
    """A redis-server without persistence."""

    def __init__(self, program: str, leash: Leash, folder: Path) -> None:
        self.port = free_port()
        options = {
            "port": self.port,
            "bind": "127.0.0.1",
            "databases": DATABASES,
            "save": "",
            "dir": folder,
        }
        command = [program, *(f"{text}" for pair in options.items() for text in _option(*pair))]
        self._process = Process(leash, command, folder, environment(), folder / "redis.log")
        self._process.wait_for("Ready to accept connections")
        self._used = 0

    def new_database(self) -> str:
        """The URL of an empty database."""
        self._used += 1
        assert self._used <= DATABASES
        return f"redis://127.0.0.1:{self.port}/{self._used - 1}"

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


def _option(name: str, value: object) -> tuple[str, str]:
    return f"--{name}", str(value)


class RabbitMq:
    """A RabbitMQ node for whoever runs the tests, root included, that needs no service manager."""

    def __init__(self, program: str, leash: Leash, folder: Path) -> None:
        self.port = free_port()
        names_port = free_port()
        names = environment(ERL_EPMD_PORT=str(names_port), ERL_EPMD_ADDRESS="127.0.0.1")
        self._configure(folder)
        # Else the node would start one as a daemon, which outlives it.
        self._names = Process(leash, ["epmd"], folder, names, folder / "epmd.log")
        eventually(lambda: _answers(names_port), "epmd listens")
        node = "celerylint@localhost"
        variables = {
            "HOME": folder,  # for the Erlang cookie
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": folder / "rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": folder / "advanced.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": folder / "enabled_plugins",
            "RABBITMQ_MNESIA_BASE": folder / "mnesia",
            "RABBITMQ_LOG_BASE": folder / "log",
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": folder / "pid",
            "RABBITMQ_NODENAME": node,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": self.port,
            "RABBITMQ_DIST_PORT": free_port(),
        }
        self._variables = names | {name: str(value) for name, value in variables.items()}
        self._process = Process(leash, [program], folder, self._variables, folder / "rabbitmq.log")
        self._control = [str(Path(program).with_name("rabbitmqctl")), "-n", node]
        self._process.wait_for("Server startup complete")
        self._used = 0

    def new_virtual_host(self) -> str:
        """The URL of an empty virtual host."""
        self._used += 1
        assert self._used <= VIRTUAL_HOSTS
        return f"amqp://guest:guest@127.0.0.1:{self.port}/v{self._used - 1}"

    @contextmanager
    def waiting_only(self, seconds: float) -> Iterator[None]:
        """Whoever connects meanwhile has only so long to acknowledge a message."""
        self._set_consumer_timeout(seconds)
        yield
        self._set_consumer_timeout(HALF_AN_HOUR)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._names.kill()

    def _set_consumer_timeout(self, seconds: float) -> None:
        code = f"application:set_env(rabbit, consumer_timeout, {seconds * 1000:.0f})."
        command = [*self._control, "eval", code]
        done = subprocess.run(command, env=self._variables, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    @staticmethod
    def _configure(folder: Path) -> None:
        hosts = [f"v{number}" for number in range(VIRTUAL_HOSTS)]
        everything = {"user": "guest", "configure": ".*", "write": ".*", "read": ".*"}
        definitions = {
            "users": [{"name": "guest", "password": "guest", "tags": "administrator"}],
            "vhosts": [{"name": host} for host in hosts],
            "permissions": [{**everything, "vhost": host} for host in hosts],
        }
        (folder / "definitions.json").write_text(json.dumps(definitions))
        (folder / "enabled_plugins").write_text("[].")
        (folder / "rabbitmq.conf").write_text(f"load_definitions = {folder}/definitions.json\n")
        # How often the timeout is looked at, which would be once a minute.
        (folder / "advanced.config").write_text("[{rabbit, [{channel_tick_interval, 500}]}].")


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def client(url: str) -> redis.Redis:
    """What looks into a database of a Redis, as text."""
    return redis.Redis.from_url(url, decode_responses=True)
