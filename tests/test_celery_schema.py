"""The checked-in facts about Celery against the installed Celery, and the API over them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from celerylint.celery_schema import (
    SUPPORTED,
    Version,
    _decode,
    dead_settings,
    schema_for,
    versions_with_setting,
)

ROOT = Path(__file__).resolve().parent.parent
GENERATOR = ROOT / "tools" / "generate_celery_schema.py"
INSTALLED = Version.parse(importlib.metadata.version("celery"))


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_celery_schema", GENERATOR)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def data(generator: ModuleType) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(generator.DATA.read_text(encoding="utf-8"))
    return loaded


def facts_in(data: dict[str, Any], table: str, version: Version) -> dict[str, Any]:
    """One table of data.json as the probe of `version` would have to report it."""
    facts = {}
    for name, spans in data[table].items():
        for span in spans:
            bounds = {"since": str(SUPPORTED[0]), "until": str(SUPPORTED[-1]), **span}
            since, until = Version.parse(bounds["since"]), Version.parse(bounds["until"])
            if since <= version <= until:
                facts[name] = {k: v for k, v in span.items() if k not in ("since", "until")}
    return facts


class TestTheDataIsTrue:
    def test_the_installed_celery_says_the_same(
        self, generator: ModuleType, data: dict[str, Any]
    ) -> None:
        """Whoever changes, Celery or the data: run tools/generate_celery_schema.py."""
        assert INSTALLED in SUPPORTED, "a new Celery version: add it to RELEASES and SUPPORTED"
        # A process of its own: bound task classes of other tests would hide the deprecations.
        done = subprocess.run(
            [sys.executable, GENERATOR, "--probe"], capture_output=True, text=True, check=True
        )
        probed = json.loads(done.stdout)
        for table in generator.TABLES:
            assert facts_in(data, table, INSTALLED) == probed[table], table

    def test_the_file_is_as_the_generator_writes_it(
        self, generator: ModuleType, data: dict[str, Any]
    ) -> None:
        assert generator.DATA.read_text(encoding="utf-8") == generator.render(data)

    def test_generator_data_and_api_know_the_same_versions(
        self, generator: ModuleType, data: dict[str, Any]
    ) -> None:
        assert [str(version) for version in SUPPORTED] == list(generator.RELEASES)
        assert {v: found["celery"] for v, found in data["packages"].items()} == generator.RELEASES

    def test_every_celery_default_survives_the_encoding(self) -> None:
        from celery.app.defaults import DEFAULTS

        settings = schema_for(INSTALLED).settings
        assert {name: setting.default for name, setting in settings.items()} == DEFAULTS
        assert all(type(settings[name].default) is type(DEFAULTS[name]) for name in DEFAULTS)

    def test_every_old_name_leads_to_its_setting(self) -> None:
        from celery.app.defaults import _TO_NEW_KEY

        assert schema_for(INSTALLED).old_to_new == _TO_NEW_KEY

    def test_apply_async_takes_every_call_option_and_none_of_those_celery_fills_in(
        self, generator: ModuleType
    ) -> None:
        """Nothing is told of a wrong option: only a name that is passed twice is a TypeError."""
        from celery import Celery

        app = Celery("shop", broker="memory://", set_as_current=False)
        task = app.task(name="shop.pay")(pay)
        values: dict[str, object] = {"router": app.amqp.router, "stamped_headers": [], "args": ()}

        def publishes(option: str) -> bool:
            try:
                # With a queue, because the router drops options that are None from others.
                task.apply_async(**{"queue": "celery", option: values.get(option)})
            except TypeError as error:
                assert "got multiple values" in str(error)
                return False
            return True

        schema = schema_for(INSTALLED)
        assert {name for name in schema.call_options if not publishes(name)} == set()
        # application_headers clashes in the AMQP transport, not in the one of this test.
        filled = generator.FILLED_BY_CELERY - {"application_headers"}
        assert {name for name in filled if publishes(name)} == set()
        assert not publishes("result_cls")
        app.send_task("shop.pay", result_cls=None)

    def test_shared_task_leaves_the_options_of_app_task_alone(self) -> None:
        from celery import Celery, shared_task

        app = Celery("shop", set_as_current=False)
        options = schema_for(INSTALLED).task_options
        names = {name for name, option in options.items() if option.kind == "app.task"}
        assert names == {"shared", "filter", "lazy"}
        shared_task(name="shop.shared", **dict.fromkeys(names, "seen"))(pay)
        app.finalize()
        assert {name: getattr(app.tasks["shop.shared"], name) for name in names} == dict.fromkeys(
            names, "seen"
        )


def pay() -> None:
    """A task body."""


class TestSpotFacts:
    @pytest.mark.parametrize("option", ["time_limit", "soft_time_limit"])
    def test_limits_are_copied_from_the_settings_from_5_7_on(self, option: str) -> None:
        copied = {v: schema_for(v).task_options[option].setting for v in SUPPORTED}
        assert copied == {
            Version(5, 4): None,
            Version(5, 5): None,
            Version(5, 6): None,
            Version(5, 7): f"task_{option}",
        }
        assert versions_with_setting(f"task_{option}") == SUPPORTED

    def test_fifteen_attributes_have_a_setting_in_5_7_and_ten_before(self) -> None:
        def with_setting(version: Version) -> set[str]:
            options = schema_for(version).task_options
            return {name for name, option in options.items() if option.setting}

        new = {
            "acks_on_failure",
            "acks_on_timeout",
            "retry_on_worker_lost",
            "soft_time_limit",
            "time_limit",
        }
        assert with_setting(Version(5, 7)) - with_setting(Version(5, 6)) == new
        assert [len(with_setting(version)) for version in SUPPORTED] == [10, 10, 10, 15]

    def test_settings_whose_option_has_another_name(self) -> None:
        options = schema_for(Version(5, 4)).task_options
        assert options["rate_limit"].setting == "task_default_rate_limit"
        assert options["priority"].setting == "task_default_priority"
        assert options["max_retries"].setting is None

    @pytest.mark.parametrize("name", ["retry_on_worker_lost", "acks_on_failure", "acks_on_timeout"])
    def test_new_in_5_7(self, name: str) -> None:
        assert versions_with_setting(f"task_{name}") == (Version(5, 7),)
        assert schema_for(None).settings[f"task_{name}"].since == Version(5, 7)
        assert [name in schema_for(version).task_options for version in SUPPORTED] == [
            False,
            False,
            False,
            True,
        ]

    def test_a_default_that_changed(self) -> None:
        exclusive = [
            schema_for(version).settings["event_queue_exclusive"].default
            for version in (Version(5, 6), Version(5, 7))
        ]
        assert exclusive == [False, True]
        assert schema_for(None).settings["event_queue_exclusive"].since == Version(5, 6)

    def test_an_old_name(self) -> None:
        for version in SUPPORTED:
            assert schema_for(version).old_to_new["CELERY_ACKS_LATE"] == "task_acks_late"
            assert "CELERY_TASK_ACKS_LATE" not in schema_for(version).old_to_new

    def test_a_name_of_both_styles(self) -> None:
        schema = schema_for(None)
        assert schema.old_to_new["CELERY_RESULT_BACKEND"] == "result_backend"
        assert schema.settings["result_backend"].old_names == ("CELERY_RESULT_BACKEND",)

    def test_defaults_that_json_has_no_form_for(self) -> None:
        settings = schema_for(None).settings
        assert settings["result_expires"].default == timedelta(days=1)
        assert settings["result_backend_max_retries"].default == float("inf")
        assert settings["accept_content"].default == ("json",)
        assert settings["task_publish_retry_policy"].default["interval_step"] == 0.2

    def test_deprecations(self) -> None:
        name = "task_acks_on_failure_or_timeout"
        assert schema_for(Version(5, 6)).settings[name].deprecated is None
        deprecated = schema_for(Version(5, 7)).settings[name].deprecated
        assert deprecated is not None and deprecated.removal == "7.0"
        assert "task_routes" in schema_for(Version(5, 7)).task_options["queue"].deprecated
        assert not schema_for(Version(5, 6)).task_options["queue"].deprecated

    def test_the_twelve_options_that_travel_with_the_message(self) -> None:
        expected = (
            "queue routing_key exchange priority expires serializer delivery_mode compression "
            "time_limit soft_time_limit immediate mandatory"
        )
        assert all(schema_for(v).exec_options == set(expected.split()) for v in SUPPORTED)

    def test_decorator_and_autoretry_options(self) -> None:
        assert schema_for(Version(5, 4)).decorator_options == {
            *("name", "base", "bind", "shared", "lazy", "filter")
        }
        assert schema_for(None).decorator_options - schema_for(Version(5, 4)).decorator_options == {
            "pydantic",
            "pydantic_strict",
            "pydantic_context",
            "pydantic_dump_kwargs",
        }
        assert schema_for(None).autoretry_options == {
            *("autoretry_for", "dont_autoretry_for", "retry_kwargs"),
            *("retry_backoff", "retry_backoff_max", "retry_jitter"),
        }

    def test_class_level_defaults(self) -> None:
        options = schema_for(None).task_options
        defaults = {
            "max_retries": 3,
            "default_retry_delay": 180,
            "acks_late": None,
            "retry_backoff_max": 600,
            "retry_jitter": True,
            "autoretry_for": (),
            "bind": False,
            "throws": (),
        }
        assert {name: options[name].default for name in defaults} == defaults

    def test_members_are_not_options(self) -> None:
        schema = schema_for(None)
        assert {"retry", "delay", "run", "on_failure", "request"} <= schema.task_members
        assert not schema.task_members & schema.task_options.keys()

    def test_options_of_single_calls(self) -> None:
        schema = schema_for(None)
        assert schema.retry_options - schema.call_options == {"exc", "throw", "max_retries"}
        assert schema.send_task_options - schema.call_options == {
            *("name", "result_cls", "task_type")
        }
        assert "immutable" in schema.signature_options - schema.call_options
        assert {"countdown", "queue", "MessageGroupId", "user_id"} <= schema.call_options
        assert not {"max_retries", "acks_late", "rate_limit"} & schema.call_options

    @pytest.mark.parametrize(
        ("name", "source"),
        [
            ("CELERY_DB_REUSE_MAX", "celery/fixups/django.py"),
            ("TIME_ZONE", "celery/app/utils.py"),
            ("beat_dburi", "celery-sqlalchemy-scheduler"),
            ("cassandra_secure_bundle_path", "celery/backends/cassandra.py"),
            ("deprecated_settings", "celery/app/utils.py"),
            ("override_backends", "celery/loaders/base.py"),
            ("redbeat_redis_url", "celery-redbeat"),
            ("redis_client_name", "celery/backends/redis.py"),
            ("worker_logfile", "celery/bin/base.py"),
        ],
    )
    def test_settings_that_are_read_but_not_listed(self, name: str, source: str) -> None:
        schema = schema_for(None)
        assert schema.extra_settings[name].startswith(source)
        assert name not in schema.settings

    def test_unlisted_settings_have_versions_too(self) -> None:
        assert "redis_client_name" not in schema_for(Version(5, 5)).extra_settings


class TestDeadSettings:
    def test_no_supported_celery_reads_one(self) -> None:
        for version in SUPPORTED:
            schema = schema_for(version)
            alive = {*schema.settings, *schema.old_to_new, *schema.extra_settings}
            assert not alive & dead_settings().keys()

    def test_what_replaces_one_exists(self) -> None:
        newest = schema_for(None)
        for name, dead in dead_settings().items():
            assert not (dead.setting and dead.instead), name
            if dead.setting:
                assert dead.setting in {*newest.settings, *newest.extra_settings}, name

    def test_the_ones_people_write(self) -> None:
        dead = dead_settings()
        assert dead["task_default_retry_delay"].kind == "invented"
        assert "default_retry_delay" in dead["task_default_retry_delay"].instead
        assert dead["CELERY_CHORD_PROPAGATES"].kind == "removed"
        assert dead["BROKER_BACKEND"].setting == "broker_transport"


class TestVersions:
    @pytest.mark.parametrize(
        ("text", "version"),
        [
            ("5.6", (5, 6)),
            ("5.6.3", (5, 6)),
            (" 5.7.0rc1\n", (5, 7)),
            ("5.5b1", (5, 5)),
            ("5.10.1", (5, 10)),
        ],
    )
    def test_parse(self, text: str, version: tuple[int, int]) -> None:
        assert Version.parse(text) == version

    @pytest.mark.parametrize("text", ["", "5", "five", ">=5.4", "5.x", "-5.4"])
    def test_parse_refuses(self, text: str) -> None:
        with pytest.raises(ValueError, match="write it like"):
            Version.parse(text)

    def test_order_and_text(self) -> None:
        assert Version(5, 9) < Version(5, 10) < Version(6, 0)
        assert str(Version(5, 10)) == "5.10"
        assert list(SUPPORTED) == sorted(SUPPORTED)

    @pytest.mark.parametrize(
        ("asked", "given"),
        [
            (None, SUPPORTED[-1]),
            (Version(5, 6), Version(5, 6)),
            (Version(4, 4), SUPPORTED[0]),
            (Version(5, 3), SUPPORTED[0]),
            (Version(5, 99), SUPPORTED[-1]),
            (Version(6, 0), SUPPORTED[-1]),
        ],
    )
    def test_the_nearest_supported_version_answers(
        self, asked: Version | None, given: Version
    ) -> None:
        assert schema_for(asked).version == given

    def test_asking_twice_builds_once(self) -> None:
        assert schema_for(None) is schema_for(SUPPORTED[-1])


class TestGenerator:
    def test_equal_facts_make_one_span_and_a_gap_makes_two(self, generator: ModuleType) -> None:
        assert list(generator._spans([{"a": 1}] * 4)) == [{"a": 1}]
        assert list(generator._spans([None, {"a": 1}, {"a": 1}, {"a": 2}])) == [
            {"a": 1, "since": "5.5", "until": "5.6"},
            {"a": 2, "since": "5.7"},
        ]
        assert list(generator._spans([{}, None, None, {}])) == [{"until": "5.4"}, {"since": "5.7"}]

    @pytest.mark.parametrize(
        "value",
        [
            None,
            True,
            0,
            1.5,
            "text",
            float("inf"),
            timedelta(hours=1, microseconds=5),
            ("json", ("nested",)),
            {"yaml", "json"},
            [1, (2,)],
            {"tuple": [1], "other": {"deep": ()}},
        ],
    )
    def test_decoding_inverts_encoding(self, generator: ModuleType, value: object) -> None:
        decoded = _decode(json.loads(json.dumps(generator.encode(value))))
        assert decoded == value
        assert type(decoded) is type(value)

    def test_a_default_without_an_encoding_is_refused(self, generator: ModuleType) -> None:
        with pytest.raises(TypeError, match="no JSON encoding"):
            generator.encode(object())


def test_loading_the_schema_imports_neither_celery_nor_kombu() -> None:
    program = (
        "import sys; from celerylint.celery_schema import dead_settings, schema_for;"
        "schema_for(None); dead_settings();"
        "print([name for name in ('celery', 'kombu', 'libcst') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"
