"""What the other live tests stand on."""

from __future__ import annotations

import kombu
import pytest

from live import servers


@pytest.mark.live
def test_redis_answers(redis: servers.Redis) -> None:
    assert servers.client(redis.new_database()).ping()


@pytest.mark.live
def test_rabbitmq_answers(rabbitmq: servers.RabbitMq) -> None:
    with kombu.Connection(rabbitmq.new_virtual_host()) as connection:
        connection.ensure_connection(max_retries=3, timeout=5)
